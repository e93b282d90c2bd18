//! What a shell script says about other files, independent of where it stands.

use serde::{Deserialize, Serialize};

use super::shebang::Shebang;

/// Facts of one shell script, or of the code after `sh -c`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShellFacts {
    /// The `#!` line.
    pub shebang: Option<Shebang>,
    /// Every simple command, in the order of the text, whatever function, branch, subshell or substitution it is in.
    pub commands: Vec<Command>,
    /// Every assignment, `for` loops included (one for each word of the list).
    pub assignments: Vec<Assignment>,
    /// Array assignments: `NAME=(WORD…)`; the one called `@` holds the words of `set -- WORD…`.
    pub arrays: Vec<Array>,
    /// Names of functions.
    pub functions: Vec<Box<str>>,
    /// Words outside commands: redirections, `[[ … ]]`, `case` subjects.
    pub words: Vec<(Word, u32)>,
    /// Part of the text was not read, and why (too large, nested too deeply, not closed).
    pub unread: Option<Box<str>>,
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Assignments before the name: `NAME=value program`.
    pub environment: Vec<(Box<str>, Word)>,
    /// The name and its arguments.
    pub words: Vec<Word>,
    /// The text of a here-document or here-string that is its standard input.
    pub input: Option<Box<str>>,
    /// The file that is its standard input.
    pub from: Option<Word>,
    /// Its output goes to the command that follows.
    pub piped: bool,
    /// 1-based line.
    pub line: u32,
}

/// `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The variable.
    pub name: Box<str>,
    /// What it is set to.
    pub value: Word,
    /// Each word that the value is split into is a value by itself: loops over words, and `read`.
    pub fields: bool,
    /// 1-based line.
    pub line: u32,
}

/// `NAME=(WORD…)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Array {
    /// The variable.
    pub name: Box<str>,
    /// Its elements.
    pub words: Vec<Word>,
    /// 1-based line.
    pub line: u32,
}

/// A shell word before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word(pub Vec<Piece>);

/// A part of a [`Word`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Characters, quotes removed.
    Text(String),
    /// `$NAME`, `${NAME}`, `${NAME:-default}`.
    Variable {
        /// The variable; `@` for all positional parameters.
        name: Box<str>,
        /// Inside double quotes, so not split into words.
        quoted: bool,
        /// What stands for it where it is not set.
        default: Option<Word>,
    },
    /// `$0`: the script itself.
    Script,
    /// The directory of the script, as `$(dirname "$0")` and the like give it.
    ScriptDir,
    /// `${!NAME}`: the value of the variable that another names.
    Indirect {
        /// The variable that holds the name.
        name: Box<str>,
        /// As above.
        quoted: bool,
    },
    /// `${NAME%PATTERN}` and the like: the value of a variable, changed.
    Changed {
        /// The variable.
        name: Box<str>,
        /// As above.
        quoted: bool,
        /// What is done to it.
        change: Change,
    },
    /// `{a,b}`: the word stands for several, each with one of these.
    Choice(Vec<Box<str>>),
    /// `*`, `?` and other parts of patterns that stand for files.
    Glob,
    /// The word is split at blanks: a substitution stands here that is not quoted. No text.
    Split,
    /// Anything that is known at run time only: other substitutions, arithmetic.
    Unknown,
}

/// What an expansion does to a value: see `bash(1)`, "Parameter Expansion".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// `${NAME#PATTERN}`, and with two signs: takes the shortest, or the longest, beginning off that fits.
    Beginning {
        /// The pattern as written.
        pattern: Box<str>,
        /// The longest one.
        longest: bool,
    },
    /// `${NAME%PATTERN}`, the same with the end.
    End {
        /// The pattern as written.
        pattern: Box<str>,
        /// The longest one.
        longest: bool,
    },
    /// `${NAME,}`, `${NAME,,}`: lower case.
    Lower,
    /// `${NAME^}`, `${NAME^^}`: upper case.
    Upper,
}

impl Piece {
    /// The variable whose value it is made from; `@` for each of the positional parameters.
    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable { name, .. } | Self::Indirect { name, .. } | Self::Changed { name, .. } => {
                Some(if is_positional(name) { "@" } else { name })
            }
            _ => None,
        }
    }
}

/// Whether a parameter is one of those that `set -- WORD…` sets.
pub(in crate::reach) fn is_positional(name: &str) -> bool {
    name == "@" || (name != "0" && !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()))
}

impl Word {
    /// A word of these characters.
    pub fn text(text: &str) -> Self {
        Self(vec![Piece::Text(text.to_owned())])
    }

    /// Whether its values are split into words: it holds an expansion that is not quoted.
    pub fn is_split(&self) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Variable { quoted, .. } | Piece::Indirect { quoted, .. } | Piece::Changed { quoted, .. } => !quoted,
            Piece::Split => true,
            _ => false,
        })
    }

    /// Its characters, if all of them are known.
    pub fn literal(&self) -> Option<String> {
        let mut out = String::new();
        for piece in &self.0 {
            let Piece::Text(text) = piece else { return None };
            out.push_str(text);
        }
        Some(out)
    }

    /// Adds a character to its end.
    pub(super) fn push_text(&mut self, c: char) {
        if let Some(Piece::Text(text)) = self.0.last_mut() {
            text.push(c);
        } else {
            self.0.push(Piece::Text(c.to_string()));
        }
    }
}
