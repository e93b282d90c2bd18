//! What code of a language without an analyser says, independent of where it stands.

use serde::{Deserialize, Serialize};

use crate::reach::shell::shebang::Shebang;

/// Facts of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignFacts {
    /// The `#!` line.
    pub shebang: Option<Shebang>,
    /// The language is not one of those that are known.
    pub unknown: bool,
    /// The file is JavaScript: a browser may be what it is for.
    pub script_of_pages: bool,
    /// Strings, in the order of the text.
    pub literals: Vec<Literal>,
    /// Hashes of the names and words in it by `word_hash`, sorted.
    pub words: Vec<u64>,
    /// The line of the first call that starts a program and names none as a string.
    pub computed: Option<u32>,
    /// Part of the text was not read.
    pub unread: bool,
    /// It holds what templates have: `{{`, `<%`, `${`.
    pub template: bool,
}

/// A string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// Its characters, quotes removed; unreadable parts are [`HOLE`](crate::reach::hole::HOLE)s.
    pub text: Box<str>,
    /// 1-based line.
    pub line: u32,
    /// It is a command by its quotes (backticks, `qx`), or an argument of a call that starts programs.
    pub started: bool,
    /// It is the next element of the list that the one before is in.
    pub follows: bool,
    /// It is the value of something that is called a command, a program, a tool.
    pub named: bool,
    /// It is a guess: a line whose quotes do not add up, or one of a language that is not known.
    pub loose: bool,
}
