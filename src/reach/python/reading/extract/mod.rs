//! From a Python file's bytes to [`PythonFacts`]: pure, so it can run in parallel and be cached by content.
//!
//! A file that parses is walked once (`scope`, `expression`). One that does not (Python 2, a template, damage)
//! or that no interpreter would compile (`nesting`) is searched line by line for import statements (`scan`).

mod assigned_calls;
mod bindings;
mod characters;
mod codec;
mod codec_settings;
mod compiled;
mod condition;
mod constants;
mod decode;
mod embedded;
mod exports;
mod expression;
mod imports;
mod lines;
mod literal;
mod names;
mod nesting;
mod parse;
mod pattern;
mod scan;
mod search_path;
mod started;
mod statement;
mod taken;
mod value;
mod walk;

#[cfg(test)]
mod tests;

use memchr::memmem;

pub(in crate::reach::python) use assigned_calls::attribute_setter;
pub(in crate::reach::python) use codec::SETTING;
pub(in crate::reach::python) use compiled::of_strings;

use super::facts::{Import, ImportNames, PythonFacts};

/// Facts of the Python source file that holds these bytes.
pub fn extract(source: &[u8]) -> PythonFacts {
    let text = decode::decode(source);
    let mut facts = match parse::with_tree(&text, |body| statement::facts(body, &text)) {
        Ok((facts, None)) => facts,
        // The parser recovers from errors, its own among them: what it made out counts besides what a scan finds.
        Ok((facts, Some(message))) => joined(facts, scan::facts(&text, &message)),
        Err(message) => scan::facts(&text, &message),
    };
    // The interpreter looks up the codec that the source is written in.
    if let (Some(name), Some(body)) = (decode::cookie(source), facts.units.first_mut()) {
        body.calls.push(codec::lookup(&String::from_utf8_lossy(name)));
    }
    if let (Some(line), Some(body)) = (characters::first_named(&text), facts.units.first_mut()) {
        let module = "unicodedata".into();
        body.imports.push(Import {
            module,
            level: 0,
            names: ImportNames::Module,
            line,
            // No statement: a text may show such a literal without being one that anybody compiles.
            optional: true,
            constant_calls: Vec::new(),
        });
    }
    facts.shrink();
    facts
}

/// The facts of a tree with errors in it, with what a scan of the lines found added to the module body.
fn joined(mut facts: PythonFacts, scanned: PythonFacts) -> PythonFacts {
    let found = scanned.units.into_iter().next().unwrap_or_default();
    let mut known: Vec<(&str, u32, &ImportNames)> =
        found.imports.iter().map(|import| (&*import.module, import.level, &import.names)).collect();
    known.sort_unstable();
    for unit in &mut facts.units {
        unit.imports.retain(|import| {
            let scanned = known.binary_search(&(&*import.module, import.level, &import.names)).is_ok();
            // What is left of a broken statement may be no name.
            !scanned && (literal::is_dotted(&import.module) || (import.module.is_empty() && import.level > 0))
        });
        unit.imports.iter_mut().for_each(|import| import.optional = true);
    }
    let Some(body) = facts.units.first_mut() else { return facts };
    body.imports.splice(0..0, found.imports);
    body.names.add(&found.names);
    facts.bound.add(&scanned.bound);
    facts.lazy |= scanned.lazy;
    facts.unparsed = scanned.unparsed;
    facts
}

/// Whether a text is Python source by what it says: it imports, and it parses. `head` is its beginning, the whole of it
/// unless `more` follows.
pub fn is_python_by_content(head: &[u8], more: bool) -> bool {
    let Ok(text) = std::str::from_utf8(head).or_else(|error| std::str::from_utf8(&head[..error.valid_up_to()])) else {
        return false;
    };
    // A statement that is cut off says nothing: those before it do.
    let starts = |at: &usize| text[at + 1..].starts_with(|c: char| matches!(c, '@' | '_') || c.is_alphabetic());
    let end = if more { text.rmatch_indices('\n').map(|(at, _)| at).find(starts) } else { Some(text.len()) };
    let Some(text) = end.map(|end| &text[..end]).filter(|text| !text.starts_with("#!")) else { return false };
    embedded::has_import_line(text) && matches!(parse::with_tree(text, |body| body.is_empty()), Ok((false, None)))
}

/// Whether a file holds Python source, by its name or by the shebang among its first bytes.
///
/// `.pyi` counts: packages that load their attributes on demand may read their own (`lazy_loader.attach_stub`).
pub fn looks_like_python(name: &[u8], head: &[u8]) -> bool {
    let extension = memchr::memrchr(b'.', name).and_then(|dot| name.get(dot + 1..)).unwrap_or_default();
    if [&b"py"[..], b"pyw", b"pyi"].contains(&extension) {
        return true;
    }
    let Some(rest) = head.strip_prefix(b"#!") else { return false };
    let mut lines = rest.split(|&b| b == b'\n');
    let shebang = lines.next().unwrap_or_default();
    let names_python = |line: &[u8]| {
        line.split(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'"' | b'\''))
            .any(|word| word.starts_with(b"python") || word.starts_with(b"pypy"))
    };
    // Installers write `#!/bin/sh` and `'''exec' /path/python "$0" "$@"` where the path is too long for a shebang.
    names_python(shebang) || lines.next().is_some_and(|l| memmem::find(l, b"'''exec'").is_some() && names_python(l))
}
