//! Calls that ask for a codec by a name that is no constant.

use ruff_python_ast::{Expr, ExprCall};

use super::super::callees::{CODEC_KEYWORDS, codec_arguments};
use super::super::facts::{Arg, Call, Value};
use super::bindings::Bindings;

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
    codec_arguments(last).iter().any(|&(index, _)| given.args.get(index).is_some_and(computed))
        || given.keywords.iter().any(|keyword| {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            CODEC_KEYWORDS.contains(&name) && computed(&keyword.value)
        })
}

/// The lookup of a codec by its name, as a call.
pub(super) fn lookup(name: &str) -> Call {
    let name = Arg { keyword: "".into(), value: Value::Str(name.into()) };
    Call { callee: "codecs.lookup".into(), args: vec![name], line: 1 }
}
