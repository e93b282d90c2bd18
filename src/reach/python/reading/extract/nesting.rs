//! How deeply a source can nest, found before it is parsed.
//!
//! A parser, a visitor and the drop of a syntax tree recurse as deeply as the tree does, and a hostile file of one
//! megabyte can nest a million levels. CPython refuses such files too: its parser allows 200 nested parentheses
//! and its compiler some thousand levels of expressions.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer::lex};

/// Sources that may nest more deeply than this are not parsed.
pub(super) const MAX: usize = 20_000;

/// Sources of more tokens than this are not parsed: a tree takes some three hundred bytes a token at worst, and programs have a
/// token for every four bytes.
pub(super) const MAX_TOKENS: usize = 3 << 19;

/// Sources that nest no more deeply than this are handled on the caller's stack, be it a thread pool's (2 MiB).
pub(super) const IN_PLACE: usize = 100;

/// Stack for a source of this depth, in bytes. The system commits only what is touched.
pub(super) fn stack_size(depth: usize) -> usize {
    (1 << 20) + depth.min(MAX) * 16 * 1024
}

/// An upper bound of the depth of the syntax tree of `source`; nothing, if it has more tokens than [`MAX_TOKENS`].
///
/// Every level of a tree needs a token of its own: an opening bracket, an operator, a keyword or an indent. A comma
/// starts over within its brackets, the end of a statement everywhere.
pub(super) fn bound(source: &str) -> Option<usize> {
    let mut lexer = lex(source, Mode::Module);
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    // Tokens since the last comma: within the innermost brackets, and within all of them together.
    let (mut here, mut total) = (0_usize, 0_usize);
    let (mut indents, mut deepest) = (0_usize, 0_usize);
    for _ in 0..=MAX_TOKENS {
        match lexer.next_token() {
            TokenKind::EndOfFile => return Some(deepest),
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                // Within brackets the lexer reports a line's end only when it recovers from an error.
                open.clear();
                (here, total) = (0, 0);
            }
            TokenKind::Comma => {
                total -= here;
                here = 0;
            }
            kind @ (TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace) => {
                total += 1;
                open.push((kind, here + 1));
                here = 0;
            }
            kind @ (TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace) => {
                let opener = match kind {
                    TokenKind::Rpar => TokenKind::Lpar,
                    TokenKind::Rsqb => TokenKind::Lsqb,
                    _ => TokenKind::Lbrace,
                };
                if let Some((_, before)) = open.pop_if(|(kind, _)| *kind == opener) {
                    total -= here;
                    here = before;
                }
            }
            // Operands and trivia add no level.
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::TStringStart
            | TokenKind::TStringMiddle
            | TokenKind::TStringEnd
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline => {}
            _ => {
                here += 1;
                total += 1;
            }
        }
        deepest = deepest.max(total + indents);
    }
    None
}
