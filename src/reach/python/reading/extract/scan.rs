//! The fallback for sources that do not parse: complete import statements, a line each.

use thin_vec::ThinVec;

use super::super::facts::{Import, ImportNames, PythonFacts, Unit};
use super::super::words::Words;
use super::literal::{is_dotted, is_identifier};

/// Lines of a parenthesised import that are read on, at most.
const MAX_CONTINUATION: usize = 500;
/// Words and imports of one file that count, at most: a dictionary has fewer.
const MAX_WORDS: usize = 1 << 20;
const MAX_IMPORTS: usize = 100_000;
/// So many words are gathered before those that are there more than once are dropped.
const BATCH: usize = 1 << 20;

/// Facts of a source that does not parse: imports, and every word as a name in use.
pub(super) fn facts(text: &str, message: &str) -> PythonFacts {
    let mut unit = Unit { line: 1, ..Unit::default() };
    let mut lines = text.lines().zip(1_u32..);
    while let Some((line, number)) = lines.next().filter(|_| unit.imports.len() < MAX_IMPORTS) {
        let start = line.trim_start();
        if !(start.starts_with("import ") || start.starts_with("from ") || start.starts_with("from.")) {
            continue;
        }
        let mut statement = without_comment(start).to_owned();
        for _ in 0..MAX_CONTINUATION {
            let open = statement.contains('(') && !statement.contains(')');
            let continued = statement.ends_with('\\').then(|| statement.pop()).is_some();
            if !open && !continued {
                break;
            }
            let Some((next, _)) = lines.next() else { break };
            statement.push(' ');
            statement.push_str(without_comment(next.trim()));
        }
        for part in statement.split(';') {
            if !read(part.trim(), number, &mut unit.imports) {
                break;
            }
        }
    }
    let mut bound: Vec<&str> = Vec::new();
    for import in &unit.imports {
        match &import.names {
            ImportNames::Module => bound.extend(import.module.split('.').next()),
            ImportNames::Names(names) => bound.extend(names.iter().map(|name| &**name)),
            ImportNames::Star => {}
        }
    }
    let bound = Words::of(bound);
    let mut words: Vec<&str> = Vec::new();
    let mut known = 0;
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| is_identifier(word)) {
        if words.len() >= known + BATCH {
            words.sort_unstable();
            words.dedup();
            known = words.len();
            if known >= MAX_WORDS {
                break;
            }
        }
        words.push(word);
    }
    words.sort_unstable();
    words.dedup();
    let cut = words.len() > MAX_WORDS || unit.imports.len() >= MAX_IMPORTS;
    words.truncate(MAX_WORDS);
    unit.names = Words::of(words);
    let message = if cut { "it has more words than are read" } else { message };
    let lazy = unit.names.contains("__getattr__");
    PythonFacts { units: vec![unit], bound, lazy, unparsed: Some(message.into()), ..PythonFacts::default() }
}

fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim_end()
}

/// Reads one statement; whether it was an import.
fn read(statement: &str, line: u32, imports: &mut ThinVec<Import>) -> bool {
    let optional = true;
    if let Some(rest) = statement.strip_prefix("import ") {
        let Some(modules) = rest.split(',').map(imported).collect::<Option<Vec<_>>>() else { return false };
        if !modules.iter().all(|module| is_dotted(module)) {
            return false;
        }
        imports.extend(modules.into_iter().map(|module| Import {
            module: module.into(),
            level: 0,
            names: ImportNames::Module,
            line,
            optional,
            constant_calls: Vec::new(),
        }));
        return true;
    }
    let Some((module, names)) = statement
        .strip_prefix("from")
        .filter(|rest| rest.starts_with([' ', '.']))
        .and_then(|rest| rest.split_once(" import").or_else(|| rest.split_once("\timport")))
    else {
        return false;
    };
    let module = module.trim();
    let absolute = module.trim_start_matches('.');
    let level = u32::try_from(module.len() - absolute.len()).unwrap_or(u32::MAX);
    if !(is_dotted(absolute) || absolute.is_empty() && level > 0) {
        return false;
    }
    let names = names.trim().trim_start_matches('(').trim_end_matches(')').trim().trim_end_matches(',');
    let names = if names == "*" {
        ImportNames::Star
    } else {
        let names = names.split(',').map(imported).collect::<Option<Vec<_>>>().unwrap_or_default();
        if names.is_empty() || !names.iter().all(|name| is_identifier(name)) {
            return false;
        }
        ImportNames::Names(names.into_iter().map(Box::from).collect())
    };
    imports.push(Import { module: absolute.into(), level, names, line, optional, constant_calls: Vec::new() });
    true
}

/// The imported name of `a.b` or `a.b as c`.
fn imported(part: &str) -> Option<&str> {
    let mut words = part.split_whitespace();
    let name = words.next()?;
    match (words.next(), words.next(), words.next()) {
        (None, _, _) => Some(name),
        (Some("as"), Some(alias), None) if is_identifier(alias) => Some(name),
        _ => None,
    }
}
