//! What code may do of which only names and strings can be read: byte code.

use super::super::callees::{DASH_M, Meaning, meaning};
use super::super::codec_arguments::is_taken_by;
use super::super::facts::{Arg, Call, HOLE, PythonFacts, Text, Unit, Value};
use super::super::words::Words;
use super::embedded;
use super::literal::{is_identifier, may_name};

/// Arguments that such a call may have.
const ARGUMENTS: usize = 5;

/// Modules whose functions mean something there only.
const HOMES: [&str; 3] = ["subprocess", "os", "sys.path"];

/// Longer strings are no commands.
const MAX_LINE: usize = 4096;

/// Shorter strings are no part of a name that is put together.
const MIN_PART: usize = 3;

/// The facts of code that holds these names and strings, each once. Functions that are known are called, with arguments
/// that cannot be read.
pub(in crate::reach::python) fn of_strings(strings: &[&str]) -> PythonFacts {
    let mut body = Unit { line: 1, ..Unit::default() };
    let mut names = Vec::new();
    let has = |name: &str| strings.binary_search(&name).is_ok();
    for &text in strings {
        body.imports.extend(embedded::imports(text, 0));
        if may_name(text) {
            body.strings.push(Text { value: text.into(), line: 0 });
        }
        if is_identifier(text) {
            names.push(text);
            body.calls.extend(calls(text));
        }
    }
    body.names = Words::of(names);
    if has(DASH_M) {
        body.calls.push(unread(DASH_M.to_owned()));
    }
    if body.calls.iter().any(|call| matches!(meaning(&call.callee), Some(Meaning::Command(_)))) {
        body.calls.extend(strings.iter().filter(|text| may_be_line(text)).map(|text| line(text)));
    }
    // `getattr(x, f"{verb}_archive")`: the parts are strings of their own.
    if has("getattr") {
        for part in strings.iter().filter(|text| text.len() >= MIN_PART && is_identifier(text)) {
            let patterns = [format!("{part}{HOLE}"), format!("{HOLE}{part}")];
            body.patterns.extend(patterns.map(|value| Text { value: value.into(), line: 0 }));
        }
    }
    PythonFacts { units: vec![body], ..PythonFacts::default() }
}

/// The calls that a function's name may stand for.
fn calls(name: &str) -> Vec<Call> {
    let of_home = |home: &&str| {
        let callee = format!("{home}.{name}");
        let known = matches!(
            meaning(&callee),
            Some(Meaning::Command(_) | Meaning::Import | Meaning::Library | Meaning::FindLibrary)
        );
        known.then_some(callee)
    };
    let mut callees: Vec<String> = HOMES.iter().find_map(of_home).into_iter().collect();
    callees.extend(is_taken_by(name).then(|| name.to_owned()));
    callees.into_iter().map(unread).collect()
}

/// Whether a string may be a line that is given to a shell. Sentences begin with a capital letter as a rule.
fn may_be_line(text: &str) -> bool {
    let begins =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '.' | '_' | '(' | '{' | '[');
    let first = text.split_whitespace().next().unwrap_or_default();
    let more = text.trim().contains(char::is_whitespace);
    text.len() <= MAX_LINE && more && (first.starts_with(begins) || first.contains('='))
}

/// Such a line, given to a shell.
fn line(text: &str) -> Call {
    let argument = Arg { keyword: "".into(), value: Value::Str(text.into()) };
    Call { callee: "os.system".into(), args: vec![argument], line: 0 }
}

fn unread(callee: String) -> Call {
    let argument = || Arg { keyword: "".into(), value: Value::Other };
    Call { callee: callee.into(), args: std::iter::repeat_with(argument).take(ARGUMENTS).collect(), line: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_functions_are_called() {
        let facts = of_strings(&["CDLL", "Popen", "decode", "import_module", "other"]);
        let callees: Vec<&str> = facts.units[0].calls.iter().map(|call| &*call.callee).collect();
        assert_eq!(callees, ["subprocess.CDLL", "subprocess.Popen", "Popen", "decode", "subprocess.import_module"]);
        let strings: Vec<&str> = facts.units[0].strings.iter().map(|text| &*text.value).collect();
        assert_eq!(strings, ["CDLL", "Popen", "decode", "import_module", "other"]);
        assert!(facts.units[0].patterns.is_empty());
    }

    #[test]
    fn lines_for_a_shell_count_where_programs_are_started() {
        let lines = |strings: &[&str]| -> Vec<String> {
            let facts = of_strings(strings);
            let strings = facts.units[0].calls.iter().flat_map(|call| call.strings().into_iter().map(str::to_owned));
            strings.collect()
        };
        assert_eq!(lines(&["Says what it does.", "ls -l | sort", "word"]), [] as [&str; 0]);
        let strings = ["LC_ALL=C sort x", "Says what it does.", "ls -l | sort", "system", "word"];
        assert_eq!(lines(&strings), ["LC_ALL=C sort x", "ls -l | sort"]);
    }

    #[test]
    fn parts_of_names_and_code_in_strings() {
        let facts = of_strings(&["-m", "_archive", "getattr", "import dep\ndep.x()"]);
        assert_eq!(facts.units[0].imports[0].module, "dep".into());
        assert!(facts.units[0].calls.iter().any(|call| &*call.callee == DASH_M));
        let archive = format!("{HOLE}_archive");
        assert!(facts.units[0].patterns.iter().any(|text| *text.value == *archive));
    }
}
