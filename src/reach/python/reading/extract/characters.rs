//! Characters by name: `"\N{BULLET}"`. The interpreter imports `unicodedata` to compile such a literal, and the
//! regular expressions do for such a pattern.
//! <https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences>

use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::memmem;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextSize};

use super::lines::Lines;
use super::nesting;
use super::parse::MAX_SOURCE;

const ESCAPE: &str = r"\N{";

/// The 1-based line of the first literal that names a character, raw ones (patterns) and documentation included.
pub(super) fn first_named(text: &str) -> Option<u32> {
    let first = memmem::find(text.as_bytes(), ESCAPE.as_bytes())?;
    let line = |at: TextSize| Lines::new(text).at(at);
    // What cannot be cut into tokens counts as it stands.
    let anywhere = || Some(line(TextSize::try_from(first).unwrap_or_default()));
    if text.len() > MAX_SOURCE || nesting::bound(text).is_none_or(|depth| depth > nesting::IN_PLACE) {
        return anywhere();
    }
    let parse = || parse_unchecked(text, ParseOptions::from(Mode::Module));
    let Ok(parsed) = catch_unwind(AssertUnwindSafe(parse)) else { return anywhere() };
    if !parsed.errors().is_empty() {
        return anywhere();
    }
    let literal = |kind| matches!(kind, TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle);
    let mut tokens = parsed.tokens().iter();
    let found = tokens.find(|token| literal(token.kind()) && names_character(&text[token.range()]))?;
    Some(line(found.start()))
}

/// Whether a literal names a character: by an escape, or by an escaped escape, which a pattern may be. Documentation
/// that shows one does neither.
fn names_character(literal: &str) -> bool {
    let long = literal.contains("\"\"\"") || literal.contains("'''");
    memmem::find_iter(literal.as_bytes(), ESCAPE.as_bytes()).any(|at| {
        let before = literal[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
        !long || before % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_count_and_comments_do_not() {
        assert_eq!(first_named("x = 1\ny = '\\N{BULLET}'\n"), Some(2));
        assert_eq!(first_named("y = f'{x} \\N{BULLET}'\n"), Some(1));
        assert_eq!(first_named("re.compile(r'[\\N{DASH}]')\n"), Some(1));
        assert_eq!(first_named("# \\N{DASH}\nx = 'N{'\n"), None);
        assert_eq!(first_named("re.compile('\\\\N{DASH}')\n"), Some(1));
        assert_eq!(first_named("'''Replaces with \\\\N{...}.'''\n"), None);
        assert_eq!(first_named("print 'x' # \\N{DASH}\n"), Some(1));
    }
}
