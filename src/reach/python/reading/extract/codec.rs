//! Calls that ask for a codec by a name that is no constant.

use ruff_python_ast::{Expr, ExprCall};

use super::super::codec_arguments::{self, is_caller, is_keyword, is_taken_by, is_telling};
use super::super::facts::{Arg, Call, Value};
use super::bindings::Bindings;

/// What calls are called that stand for a setting: `{"encoding": …}`, `x.encoding = …`.
pub(in crate::reach::python) const SETTING: &str = "{}";

/// Whether a call may look up a codec whose name it computes.
pub(super) fn is_asked_for(call: &ExprCall, bindings: &Bindings) -> bool {
    let given = &call.arguments;
    let last = last_name(&call.func, bindings);
    let unpacks = || given.keywords.iter().any(|keyword| keyword.arg.is_none() && is_computed(&keyword.value));
    takes_computed(&call.func, &given.args, bindings)
        || (is_taken_by(last) && unpacks())
        || (is_caller(last) && (0..2).any(|at| passes_on(given.args.get(at..), bindings)))
        || given.keywords.iter().any(|keyword| {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            (is_keyword(name) || is_telling(name)) && is_computed(&keyword.value)
        })
}

/// Whether a function that takes the name of a codec is followed by one that is computed (`partial(open, …)`).
fn passes_on(args: Option<&[Expr]>, bindings: &Bindings) -> bool {
    let function = args.and_then(<[Expr]>::split_first);
    function.is_some_and(|(function, args)| takes_computed(function, args, bindings))
}

/// Whether a function is given something computed where it takes the name of a codec.
fn takes_computed(function: &Expr, args: &[Expr], bindings: &Bindings) -> bool {
    if !is_taken_by(last_name(function, bindings)) {
        return false;
    }
    let positions = codec_arguments::of(&bindings.callee(function)).unwrap_or_default();
    positions.iter().any(|&(index, _)| args.get(index).is_some_and(is_computed))
}

/// Whether an expression may be the name of any codec.
pub(super) fn is_computed(value: &Expr) -> bool {
    !matches!(value, Expr::StringLiteral(_) | Expr::NoneLiteral(_) | Expr::NumberLiteral(_))
}

fn last_name<'e>(function: &'e Expr, bindings: &'e Bindings) -> &'e str {
    match function {
        Expr::Name(name) => bindings.resolve(&name.id).rsplit('.').next().unwrap_or_default(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    }
}

/// The lookup of a codec by its name, as a call.
pub(super) fn lookup(name: &str) -> Call {
    let name = Arg { keyword: "".into(), value: Value::Str(name.into()) };
    Call { callee: "codecs.lookup".into(), args: vec![name], line: 1 }
}
