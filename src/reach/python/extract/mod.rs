//! From a Python file's bytes to [`PythonFacts`]: pure, so it can run in parallel and be cached by content.
//!
//! A file that parses is walked once ([`scope`], [`expression`]). One that does not (Python 2, a template, damage)
//! or that no interpreter would compile ([`nesting`]) is searched line by line for import statements ([`scan`]).

mod bindings;
mod condition;
mod decode;
mod embedded;
mod expression;
mod lines;
mod nesting;
mod pattern;
mod scan;
mod scope;
mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::memmem;
use ruff_python_ast::Stmt;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use super::facts::PythonFacts;

/// Files beyond this many bytes are not parsed: a syntax tree takes up to fifty times its source.
const MAX_SOURCE: usize = 16 << 20;

/// Facts of the Python source file that holds these bytes.
pub fn extract(source: &[u8]) -> PythonFacts {
    let text = decode::decode(source);
    let parsed = with_tree(&text, |body| scope::facts(body, &text));
    parsed.unwrap_or_else(|message| scan::facts(&text, &message))
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

/// Parses `text` and gives its statements to `work`, or says why that cannot be done.
///
/// Work happens on a stack that fits how deeply the source nests: visiting a tree and dropping it both recurse.
fn with_tree<T: Send>(text: &str, work: impl FnOnce(&[Stmt]) -> T + Send) -> Result<T, Cow<'static, str>> {
    if text.len() > MAX_SOURCE {
        return Err("too large to parse".into());
    }
    let depth = nesting::bound(text);
    if depth > nesting::MAX {
        return Err("nested too deeply".into());
    }
    let parse = move || {
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        if let Some(error) = parsed.errors().first() {
            let line = lines::Lines::new(text).at(error.location.start());
            return Err(Cow::Owned(format!("{} (line {line})", error.error)));
        }
        let module = parsed.try_into_module().ok_or(Cow::Borrowed("not a module"))?;
        Ok(work(module.suite()))
    };
    // Backstop for a bug in the parser: one odd file must not end the run.
    let parse = move || catch_unwind(AssertUnwindSafe(parse)).unwrap_or(Err("the parser failed".into()));
    if depth <= nesting::IN_PLACE {
        return parse();
    }
    let failed = || Cow::Borrowed("no stack to parse it on");
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(nesting::stack_size(depth));
        let thread = builder.spawn_scoped(scope, parse).map_err(|_| failed())?;
        thread.join().map_err(|_| failed())?
    })
}
