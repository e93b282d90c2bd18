//! Calls that ask for a codec by a name that is no constant.

use ruff_python_ast::{Expr, ExprCall};

use super::super::facts::{Arg, Call, Value};

/// Functions and methods whose first argument may be the name of a codec (last components).
const BY_NAME: &[&str] = &[
    "decode",
    "encode",
    "getdecoder",
    "getencoder",
    "getincrementaldecoder",
    "getincrementalencoder",
    "getreader",
    "getwriter",
    "iterdecode",
    "iterencode",
    "lookup",
];

/// Keywords that name a codec.
const KEYWORDS: &[&str] = &["charset", "encoding"];

/// Whether a call may look up a codec whose name it computes.
pub(super) fn is_asked_for(call: &ExprCall) -> bool {
    let computed = |value: &Expr| !matches!(value, Expr::StringLiteral(_) | Expr::NoneLiteral(_));
    let last = match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    };
    let arguments = &call.arguments;
    (BY_NAME.contains(&last) && arguments.args.first().is_some_and(computed))
        || (last == "str" && arguments.args.get(1).is_some_and(computed))
        || arguments.keywords.iter().any(|keyword| {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            KEYWORDS.contains(&name) && computed(&keyword.value)
        })
}

/// The lookup of a codec by its name, as a call.
pub(super) fn lookup(name: &str) -> Call {
    let name = Arg { keyword: "".into(), value: Value::Str(name.into()) };
    Call { callee: "codecs.lookup".into(), args: vec![name], line: 1 }
}
