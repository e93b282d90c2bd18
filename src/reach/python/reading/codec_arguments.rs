//! Which arguments of known functions name a codec.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

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

/// Positions of arguments.
type Positions = &'static [(usize, Certainty)];

use Certainty::{ByErrors, ByItsName, Sure};

/// By dotted name where a function has it to itself, else by its last component; sorted. Those without a position take
/// it by keyword.
#[rustfmt::skip]
const FUNCTIONS: &[(&str, Positions)] = &[
    ("EncodedFile", &[(1, Sure)]),
    ("FileHandler", &[(2, Sure)]),
    ("FileInput", &[]),
    ("Header", &[(1, ByItsName)]),
    ("MIMEText", &[(2, Sure)]),
    ("NamedTemporaryFile", &[(2, Sure)]),
    ("Popen", &[]),
    ("RotatingFileHandler", &[(4, Sure)]),
    ("SpooledTemporaryFile", &[(3, Sure)]),
    ("TemporaryFile", &[(2, Sure)]),
    ("TextIOWrapper", &[(1, Sure)]),
    ("TimedRotatingFileHandler", &[(4, Sure)]),
    ("WatchedFileHandler", &[(2, Sure)]),
    ("ZipFile", &[]),
    ("basicConfig", &[]),
    ("bytearray", &[(1, Sure)]),
    ("bytes", &[(1, Sure)]),
    ("check_output", &[]),
    ("codecs.decode", &[(1, Sure)]),
    ("codecs.encode", &[(1, Sure)]),
    ("codecs.lookup", &[(0, Sure)]),
    ("codecs.open", &[(2, Sure)]),
    ("decode", &[(0, ByErrors)]),
    ("encode", &[(0, ByErrors)]),
    ("fdopen", &[(3, Sure)]),
    ("getdecoder", &[(0, Sure)]),
    ("getencoder", &[(0, Sure)]),
    ("getincrementaldecoder", &[(0, Sure)]),
    ("getincrementalencoder", &[(0, Sure)]),
    ("getreader", &[(0, Sure)]),
    ("getwriter", &[(0, Sure)]),
    ("hook_encoded", &[(0, Sure)]),
    ("importlib.resources.open_text", &[(2, Sure)]),
    ("importlib.resources.read_text", &[(2, Sure)]),
    ("io.open", &[(3, Sure)]),
    ("iterdecode", &[(1, Sure)]),
    ("iterencode", &[(1, Sure)]),
    ("makefile", &[]),
    ("open", &[(2, ByItsName), (3, ByItsName)]),
    ("os.open", &[]),
    ("parse_qs", &[(3, Sure)]),
    ("parse_qsl", &[(3, Sure)]),
    ("quote", &[(2, Sure)]),
    ("quote_plus", &[(2, Sure)]),
    ("read", &[(1, ByItsName)]),
    ("read_text", &[(0, ByItsName), (2, ByItsName)]),
    ("reconfigure", &[]),
    ("set_charset", &[(0, ByItsName)]),
    ("set_payload", &[(1, ByItsName)]),
    ("str", &[(1, Sure)]),
    ("subprocess.check_call", &[]),
    ("subprocess.run", &[]),
    ("tostring", &[(1, ByItsName)]),
    ("tostringlist", &[(1, ByItsName)]),
    ("unquote", &[(1, Sure)]),
    ("unquote_plus", &[(1, Sure)]),
    ("urlencode", &[(3, Sure)]),
    ("write_text", &[(1, ByItsName)]),
];

/// The builtin function: what another one of the name is called on.
const OPEN: (&str, Positions) = ("open", &[(3, Sure)]);

/// Keywords that name a codec, whoever is called.
const KEYWORDS: &[&str] = &["charset", "encoding", "metadata_encoding"];

/// Ends of other words that do.
const ENDINGS: [&str; 3] = ["charset", "codec", "encoding"];

/// Functions that call another one, which is their first argument or the second, with the arguments after it.
const CALLERS: &[&str] = &["partial", "partialmethod", "run_in_executor", "submit", "to_thread"];

fn find(name: &str) -> Option<Positions> {
    FUNCTIONS.binary_search_by(|(known, _)| known.cmp(&name)).ok().map(|at| FUNCTIONS[at].1)
}

/// Whether any function of this bare name may take the name of a codec.
pub(in crate::reach::python) fn is_taken_by(function: &str) -> bool {
    // Asked for every call there is.
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
        FUNCTIONS.iter().flat_map(|&(known, _)| [Some(known), known.rsplit('.').next()]).flatten().collect()
    });
    NAMES.contains(function)
}

/// Which arguments of a function, by its dotted name, may be the name of a codec; none of one that takes no codec.
pub(in crate::reach::python) fn of(callee: &str) -> Option<Positions> {
    if callee == OPEN.0 {
        return Some(OPEN.1);
    }
    find(callee).or_else(|| find(callee.rsplit('.').next().unwrap_or(callee)))
}

/// Whether a keyword names a codec, whoever is called.
pub(in crate::reach::python) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether a word says that it names a codec: a keyword, a setting, an attribute.
pub(in crate::reach::python) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().any(|end| name.ends_with(end))
}

/// Whether functions of this bare name call another one with arguments of theirs.
pub(in crate::reach::python) fn is_caller(function: &str) -> bool {
    CALLERS.contains(&function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_binary_search() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_dotted_name_says_more_than_its_end() {
        assert_eq!(of("codecs.open"), Some(&[(2, Sure)][..]));
        assert_eq!(of("open"), Some(&[(3, Sure)][..]));
        assert_eq!(of("os.open"), Some(&[][..]));
        assert_eq!(of("path.open"), Some(&[(2, ByItsName), (3, ByItsName)][..]));
        assert_eq!((of("codecs.lookup"), of("self.lookup")), (Some(&[(0, Sure)][..]), None));
        assert!(is_taken_by("lookup") && is_taken_by("decode") && !is_taken_by("sorted"));
        assert!(is_telling("OUTPUT_ENCODING") && is_telling("charset") && !is_telling("encode"));
    }
}
