//! From bytes to facts.

use super::facts::ForeignFacts;
use super::language::Language;
use super::lexer::{Lexer, MAX_LITERALS};
use crate::reach::shell::shebang::Shebang;

/// How many bytes of a file are read.
const MAX_SIZE: usize = 4 << 20;

/// Reads code of a language. Bytes that are not UTF-8 become U+FFFD; what is past 4 MiB is not read.
pub fn read(bytes: &[u8], language: Language) -> ForeignFacts {
    let text = String::from_utf8_lossy(bytes.get(..MAX_SIZE).unwrap_or(bytes));
    let lexer = Lexer::new(&text, language).read();
    ForeignFacts {
        shebang: Shebang::parse(bytes),
        unknown: language == Language::Unknown,
        script_of_pages: language == Language::JavaScript,
        unread: bytes.len() > MAX_SIZE || lexer.literals.len() >= MAX_LITERALS,
        literals: lexer.literals,
        words: lexer.words.sorted(),
        computed: lexer.computed,
        template: ["{{", "{%", "<%", "${"].iter().any(|mark| text.contains(mark)),
    }
}
