//! From source to a syntax tree.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use ruff_python_ast::Stmt;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use super::{lines, nesting};

/// Files beyond this many bytes are not parsed: a syntax tree takes up to fifty times its source. Nobody writes such files, and
/// what generates them makes a fourth of it.
pub(super) const MAX_SOURCE: usize = 4 << 20;
/// Of sources that are larger than this one is parsed at a time.
const LARGE: usize = 512 << 10;
/// Whoever parses a large source.
static TURN: Mutex<()> = Mutex::new(());

/// What came of a tree, and the parser's first error if the tree is what it made of a source with errors.
pub(super) type Outcome<T> = (T, Option<Cow<'static, str>>);

/// Parses `text` and gives its statements to `work`, or says why that cannot be done.
///
/// Work happens on a stack that fits how deeply the source nests: visiting a tree and dropping it both recurse.
pub(super) fn with_tree<T: Send>(
    text: &str,
    work: impl FnOnce(&[Stmt]) -> T + Send,
) -> Result<Outcome<T>, Cow<'static, str>> {
    if text.len() > MAX_SOURCE {
        return Err("too large to parse".into());
    }
    // No interpreter since 3.12 takes such a source; older ones end the line there.
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err("it has bytes that are zero".into());
    }
    let turn = (text.len() > LARGE).then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner));
    let depth = nesting::bound(text).ok_or("too much in it to parse")?;
    if depth > nesting::MAX {
        return Err("nested too deeply".into());
    }
    let parse = move || {
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let error = parsed.errors().first().map(|error| {
            let line = lines::Lines::new(text).at(error.location.start());
            Cow::Owned(format!("{} (line {line})", error.error))
        });
        let module = parsed.try_into_module().ok_or(Cow::Borrowed("not a module"))?;
        Ok((work(module.suite()), error))
    };
    // Backstop for a bug in the parser: one odd file must not end the run.
    let parse = move || catch_unwind(AssertUnwindSafe(parse)).unwrap_or(Err("the parser failed".into()));
    if depth <= nesting::IN_PLACE {
        let outcome = parse();
        drop(turn);
        return outcome;
    }
    let failed = || Cow::Borrowed("no stack to parse it on");
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(nesting::stack_size(depth));
        let thread = builder.spawn_scoped(scope, parse).map_err(|_| failed())?;
        thread.join().map_err(|_| failed())?
    })
}
