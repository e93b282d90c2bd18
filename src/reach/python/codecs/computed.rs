//! Which calls look up a codec by a name that they compute.

use super::super::names::last_name;
use super::super::reading::codec_arguments::{self, Certainty, is_caller, is_keyword, is_telling};
use super::super::reading::extract::SETTING;
use super::super::reading::facts::{Arg, Call, Value};

/// How codecs treat errors: who says that after a name has named a codec.
const ERRORS: &[&str] = &[
    "backslashreplace",
    "ignore",
    "namereplace",
    "replace",
    "strict",
    "surrogateescape",
    "surrogatepass",
    "xmlcharrefreplace",
];

/// Parts of names by which a variable says that it holds the name of a codec.
const TELLING: [&str; 4] = ["charset", "codec", "coding", "enc"];

/// Whether a call computes the name of a codec. `given` is how sure it is that a value names one where it may.
pub(super) fn is_computed(call: &Call, given: Certainty) -> bool {
    let positional: Vec<&Value> = call.args.iter().filter(|arg| arg.keyword.is_empty()).map(|arg| &arg.value).collect();
    let sure = given == Certainty::Sure;
    if &*call.callee == SETTING {
        return sure && call.args.iter().any(|arg| computes(&arg.value, given));
    }
    let passed_on = || is_caller(call.function()) && (0..2).any(|at| passes_on(positional.get(at..), given));
    let named = |arg: &Arg| match &*arg.keyword {
        "" => false,
        "**" => sure && codec_arguments::of(&call.callee).is_some() && !matches!(arg.value, Value::List(_)),
        keyword if is_keyword(keyword) => computes(&arg.value, Certainty::Sure),
        keyword => sure && is_telling(keyword) && computes(&arg.value, given),
    };
    by_place(&call.callee, &positional, given) || passed_on() || call.args.iter().any(named)
}

/// Whether a call computes the name of a handler of errors: the keyword, or what follows the name of a codec.
pub(super) fn computes_errors(call: &Call) -> bool {
    let computed = |value: &Value| match value {
        Value::Name(name) => &**name != "None",
        Value::Pattern(_) | Value::Returned(_) | Value::Other => true,
        Value::Str(_) | Value::List(_) | Value::Many | Value::Constant => false,
    };
    let positions = codec_arguments::of(&call.callee).unwrap_or_default();
    let after = |&(index, _): &(usize, Certainty)| call.positional(index + 1).is_some_and(computed);
    let keyword = call.args.iter().any(|arg| &*arg.keyword == "errors" && computed(&arg.value));
    keyword || (takes_errors(&call.callee) && positions.iter().any(after))
}

/// Whether the argument of a function after the name of a codec says how errors are treated.
fn takes_errors(callee: &str) -> bool {
    let errors = ["open", "str", "bytes", "bytearray", "encode", "decode", "read_text", "write_text", "TextIOWrapper"];
    errors.contains(&last_name(callee))
}

/// Whether a function that takes the name of a codec is followed by one that is computed (`partial(open, …)`).
fn passes_on(args: Option<&[&Value]>, given: Certainty) -> bool {
    match args.and_then(<[&Value]>::split_first) {
        Some((Value::Name(function), args)) => by_place(function, args, given),
        _ => false,
    }
}

/// Whether a function is given the computed name of a codec in its place.
fn by_place(callee: &str, args: &[&Value], given: Certainty) -> bool {
    let treats_errors = |value: Option<&&Value>| matches!(value, Some(Value::Str(text)) if ERRORS.contains(&&**text));
    let positions = codec_arguments::of(callee).unwrap_or_default();
    positions.iter().any(|&(index, certainty)| {
        let Some(name) = args.get(index) else { return false };
        match certainty {
            Certainty::Sure => computes(name, certainty),
            // An expression has no name that could tell.
            Certainty::ByItsName => {
                (given == Certainty::Sure || matches!(name, Value::Name(_))) && computes(name, given)
            }
            Certainty::ByErrors if treats_errors(args.get(index + 1)) => computes(name, Certainty::Sure),
            Certainty::ByErrors => computes(name, given),
        }
    })
}

/// Whether a value is the computed name of a codec. Where it is not sure that it names one at all, a name tells.
fn computes(value: &Value, certainty: Certainty) -> bool {
    match value {
        Value::Str(_) | Value::List(_) | Value::Returned(_) | Value::Constant => false,
        // A member of an enumeration of file formats: `serialization.Encoding.PEM`.
        Value::Name(name) if &**name == "None" || name.rsplit('.').nth(1) == Some("Encoding") => false,
        Value::Name(name) => {
            let last = last_name(name).to_lowercase();
            certainty == Certainty::Sure || TELLING.iter().any(|part| last.contains(part)) || last == "cs"
        }
        Value::Pattern(_) | Value::Many | Value::Other => true,
    }
}
