//! Which calls look up a codec by a name that they compute.

use super::super::names::last_name;
use super::super::reading::callees::{CODEC_KEYWORDS, Certainty, codec_arguments};
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

/// Whether a call computes the name of a codec. `given` is how sure it is that a variable holds one where it may.
pub(super) fn is_computed(call: &Call, given: Certainty) -> bool {
    let function = call.function();
    let treats_errors = |value: Option<&Value>| matches!(value, Some(Value::Str(text)) if ERRORS.contains(&&**text));
    let by_place = codec_arguments(function).iter().any(|&(index, certainty)| {
        let Some(name) = call.positional(index) else { return false };
        match certainty {
            Certainty::Sure => (function != "lookup" || call.callee.contains("codecs")) && computes(name, certainty),
            Certainty::ByItsName => matches!(name, Value::Name(_)) && computes(name, certainty),
            Certainty::ByErrors if treats_errors(call.positional(index + 1)) => computes(name, Certainty::Sure),
            Certainty::ByErrors => computes(name, given),
        }
    });
    let named = |arg: &Arg| CODEC_KEYWORDS.contains(&&*arg.keyword) && computes(&arg.value, Certainty::Sure);
    by_place || call.args.iter().any(named)
}

/// Whether a value is the computed name of a codec. Where it is not sure that it names one at all, a name tells.
fn computes(value: &Value, certainty: Certainty) -> bool {
    match value {
        Value::Str(_) | Value::List(_) | Value::Returned(_) => false,
        // A member of an enumeration of file formats: `serialization.Encoding.PEM`.
        Value::Name(name) if &**name == "None" || name.rsplit('.').nth(1) == Some("Encoding") => false,
        Value::Name(name) => {
            let last = last_name(name).to_lowercase();
            certainty == Certainty::Sure || TELLING.iter().any(|part| last.contains(part)) || last == "cs"
        }
        Value::Pattern(_) | Value::Other => true,
    }
}
