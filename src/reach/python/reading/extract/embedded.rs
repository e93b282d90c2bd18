//! Import statements in source code that a string holds: for `exec`, `python -c`, templates of generated modules.

use std::borrow::Cow;

use ruff_python_ast::{ExceptHandler, Stmt};

use super::super::facts::{HOLE, Import, ImportNames, MODULE_NAME, PACKAGE_NAME};
use super::imports;
use super::lines::Lines;
use super::literal::is_dotted;
use super::parse::with_tree;
use super::pattern::Pattern;

/// Strings longer than this are not parsed, in bytes.
const MAX_LENGTH: usize = 128 * 1024;

/// What stands for a hole when a pattern is parsed.
const PLACEHOLDER: &str = "__placeholder__";

/// The imports of source code in a string that starts in `line` of its file; none if it is not source code.
/// The string may have holes, or places to fill in.
pub(super) fn imports(text: &str, line: u32) -> Vec<Import> {
    if text.len() > MAX_LENGTH {
        return Vec::new();
    }
    let mut found = called(text, line);
    if has_import_line(text) {
        found.extend(statements(text, line));
    }
    found
}

/// Modules that code in a string imports by calls. It need not parse: Python 2 runs what Python 3 does not.
fn called(text: &str, line: u32) -> Vec<Import> {
    let mut found = Vec::new();
    for callee in ["__import__(", "import_module("] {
        for (at, _) in text.match_indices(callee) {
            let rest = text.get(at + callee.len()..).unwrap_or_default().trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            let Some((module, _)) = rest.get(1..).and_then(|rest| rest.split_once(quote)) else { continue };
            if is_dotted(module) {
                let before = text.get(..at).unwrap_or_default().matches('\n').count();
                let line = line.saturating_add(u32::try_from(before).unwrap_or(u32::MAX));
                let (level, names, optional) = (0, ImportNames::Module, true);
                found.push(Import { module: module.into(), level, names, line, optional, constant_calls: Vec::new() });
            }
        }
    }
    found
}

/// The import statements of code in a string.
fn statements(text: &str, line: u32) -> Vec<Import> {
    let source = dedent(text);
    let read = |source: &str| {
        let tree = with_tree(source, |body| collect(body, source, line)).ok()?;
        tree.1.is_none().then_some(tree.0)
    };
    read(&source).or_else(|| filled(&source).iter().find_map(|source| read(source))).unwrap_or_default()
}

/// Whether a line, or a statement after a semicolon, starts like an import.
pub(super) fn has_import_line(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"import").is_some()
        && text.split(['\n', ';']).any(|line| {
            let mut words = line.split_whitespace();
            matches!(words.next(), Some("import" | "from")) && words.next().is_some()
        })
}

/// `textwrap.dedent`: the first line with text tells how far; `\` after the opening quotes is gone already.
fn dedent(text: &str) -> Cow<'_, str> {
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else { return Cow::Borrowed(text) };
    let Some(margin) = first.get(..first.len() - first.trim_start().len()).filter(|m| !m.is_empty()) else {
        return Cow::Borrowed(text);
    };
    let mut dedented = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            dedented.push('\n');
        }
        dedented.push_str(line.strip_prefix(margin).unwrap_or_else(|| line.trim_start()));
    }
    Cow::Owned(dedented)
}

/// The source with a name in each place to fill in, in the ways it may be meant.
fn filled(source: &str) -> Vec<String> {
    let holes = [HOLE, MODULE_NAME, PACKAGE_NAME];
    if source.contains(holes) {
        return vec![source.replace(holes, PLACEHOLDER)];
    }
    let percent = source.contains('%').then(|| Pattern::of_percent(source, MAX_LENGTH).into_text());
    let format = source.contains('{').then(|| Pattern::of_format(source, MAX_LENGTH).into_text());
    let filled = percent.into_iter().chain(format).filter(|text| text.contains(HOLE));
    filled.map(|text| text.replace(HOLE, PLACEHOLDER)).collect()
}

/// All imports of a tree, wherever they stand.
fn collect(body: &[Stmt], source: &str, line: u32) -> Vec<Import> {
    let lines = Lines::new(source);
    let mut imports = Vec::new();
    let mut open: Vec<&[Stmt]> = vec![body];
    while let Some(body) = open.pop() {
        for statement in body {
            match statement {
                Stmt::Import(_) | Stmt::ImportFrom(_) => imports.extend(imports::imports(statement, &lines)),
                Stmt::FunctionDef(s) => open.push(&s.body),
                Stmt::ClassDef(s) => open.push(&s.body),
                Stmt::For(s) => open.extend([&*s.body, &*s.orelse]),
                Stmt::While(s) => open.extend([&*s.body, &*s.orelse]),
                Stmt::With(s) => open.push(&s.body),
                Stmt::If(s) => {
                    open.push(&s.body);
                    open.extend(s.elif_else_clauses.iter().map(|clause| &*clause.body));
                }
                Stmt::Try(s) => {
                    open.extend([&*s.body, &*s.orelse, &*s.finalbody]);
                    open.extend(s.handlers.iter().map(|ExceptHandler::ExceptHandler(handler)| &*handler.body));
                }
                _ => {}
            }
        }
    }
    for import in &mut imports {
        import.optional = true;
        import.line = import.line.saturating_add(line.saturating_sub(1));
        if let ImportNames::Names(names) = &mut import.names {
            names.retain(|name| !name.contains(PLACEHOLDER));
        }
    }
    imports.retain(|import| !import.module.contains(PLACEHOLDER));
    imports.sort_by_key(|import| import.line);
    imports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_import_count_in_code_that_does_not_parse() {
        let modules = |text: &str| -> Vec<String> {
            imports(text, 1).into_iter().map(|import| format!("{}:{}", import.module, import.line)).collect()
        };
        assert_eq!(modules("print __import__('colorsys').ONE_THIRD"), ["colorsys:1"]);
        assert_eq!(modules("x = 1\nprint(importlib.import_module(\"a.b\"))"), ["a.b:2"]);
        assert_eq!(modules("__import__(name); __import__('not a name'); __import__('x"), Vec::<String>::new());
    }
}
