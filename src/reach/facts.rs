//! What a file says, by the form in which it is read. Facts depend on a file's bytes and form alone, so that a cache
//! may keep them.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::command;
use super::elf::{self, ElfFacts};
use super::python::facts::PythonFacts;
use super::python::{bytecode, extract, pickled};
use super::shell::{self, Shebang, ShellFacts};
use super::text::{self, TextFacts};

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Elf,
    Bytecode,
    Pickle,
    Python { own: bool },
    Script,
    Text,
}

impl Form {
    /// What facts of this form are called in a cache.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Elf => "elf",
            Self::Bytecode => "bytecode",
            Self::Pickle => "pickle",
            Self::Python { own: false } => "python",
            Self::Python { own: true } => "own python",
            Self::Script => "script",
            Self::Text => "text",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Facts {
    Elf(Box<ElfFacts>),
    /// What a source says, and the dotted words of the user's own, wherever in it they stand.
    Python(Box<PythonFacts>, Vec<String>),
    /// Names in byte code that has no source.
    Bytecode(Vec<Box<str>>),
    /// Modules that pickled data names.
    Pickle(Vec<String>),
    Script(Box<ShellFacts>),
    Foreign(Shebang),
    Text {
        facts: Box<TextFacts>,
        /// The text itself, which is not part of what is cached.
        #[serde(skip)]
        content: String,
    },
    Nothing,
}

impl Facts {
    /// Reads a whole file. What comes out depends on the two arguments alone.
    pub(super) fn read(form: Form, bytes: &[u8]) -> Self {
        match form {
            Form::Elf => elf::facts(bytes).map_or(Self::Nothing, |facts| Self::Elf(Box::new(facts))),
            Form::Bytecode => Self::Bytecode(bytecode::names(bytes)),
            Form::Pickle => Self::Pickle(pickled::names(bytes)),
            Form::Python { own } => {
                let facts = extract::extract(bytes);
                let mut words = Vec::new();
                if own {
                    words = dotted_words(&String::from_utf8_lossy(bytes));
                    // Of an import that serves constants, the import says more than its words.
                    let imports = facts.units.iter().flat_map(|unit| &unit.imports);
                    let constant = imports.filter(|import| !import.constant_calls.is_empty());
                    let constant: FxHashSet<&str> = constant.map(|import| &*import.module).collect();
                    words.retain(|word| !constant.contains(word.as_str()));
                }
                Self::Python(Box::new(facts), words)
            }
            Form::Script => {
                // Other languages are not read: their interpreter is what the `#!` line reaches.
                let foreign =
                    |shebang: &Shebang| !command::SHELLS.contains(&shell::shebang::base_name(shebang.program()));
                match Shebang::parse(bytes).filter(foreign) {
                    Some(shebang) => Self::Foreign(shebang),
                    None => Self::Script(Box::new(shell::read(bytes))),
                }
            }
            Form::Text => match std::str::from_utf8(bytes) {
                Ok(_) => Self::Text { facts: Box::new(text::read(bytes)), content: String::new() },
                Err(_) => Self::Nothing,
            },
        }
    }
}

/// Words with dots in a text, each once: a program may write them to a configuration file that names modules.
pub(super) fn dotted_words(text: &str) -> Vec<String> {
    let word = |c: char| c == '_' || c == '.' || c.is_alphanumeric();
    let words = text.split(|c| !word(c)).map(|word| word.trim_matches('.')).filter(|word| word.contains('.'));
    let mut words: Vec<String> = words.filter(|word| word.len() < 200).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}
