//! Calls that ask for a codec by a name that is no constant.

use ruff_python_ast::{Expr, ExprCall};

use super::super::facts::{Arg, Call, Value};
use super::bindings::Bindings;

/// How sure it is that an argument names a codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::python) enum Certainty {
    /// It does.
    Sure,
    /// Other functions of the name take something else: what the argument is called tells.
    ByItsName,
    /// The same, if no argument after it says how errors are treated.
    ByErrors,
}

/// Which arguments of functions and methods of a name (last component) may be the name of a codec.
pub(in crate::reach::python) fn arguments(function: &str) -> &'static [(usize, Certainty)] {
    use Certainty::{ByErrors, ByItsName, Sure};
    match function {
        "decode" | "encode" => &[(0, ByErrors)],
        "getdecoder"
        | "getencoder"
        | "getincrementaldecoder"
        | "getincrementalencoder"
        | "getreader"
        | "getwriter"
        | "lookup" => &[(0, Sure)],
        "EncodedFile" | "TextIOWrapper" | "bytearray" | "bytes" | "iterdecode" | "iterencode" | "str" => &[(1, Sure)],
        // Files are opened with the mode, and perhaps the size of the buffer, before it.
        "open" => &[(2, ByItsName), (3, ByItsName)],
        "read_text" => &[(0, ByItsName), (2, ByItsName)],
        "write_text" => &[(1, ByItsName)],
        _ => &[],
    }
}

/// Keywords that name a codec.
pub(in crate::reach::python) const KEYWORDS: &[&str] = &["charset", "encoding"];

/// Whether a call may look up a codec whose name it computes.
pub(super) fn is_asked_for(call: &ExprCall, bindings: &Bindings) -> bool {
    let computed =
        |value: &Expr| !matches!(value, Expr::StringLiteral(_) | Expr::NoneLiteral(_) | Expr::NumberLiteral(_));
    let last = match &*call.func {
        Expr::Name(name) => bindings.resolve(&name.id).rsplit('.').next().unwrap_or_default(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    };
    let given = &call.arguments;
    arguments(last).iter().any(|&(index, _)| given.args.get(index).is_some_and(computed))
        || given.keywords.iter().any(|keyword| {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            KEYWORDS.contains(&name) && computed(&keyword.value)
        })
}

/// The lookup of a codec by its name, as a call.
pub(super) fn lookup(name: &str) -> Call {
    let name = Arg { keyword: "".into(), value: Value::Str(name.into()) };
    Call { callee: "codecs.lookup".into(), args: vec![name], line: 1 }
}
