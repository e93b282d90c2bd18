//! Which variables and arguments a script's commands use.

use std::collections::BTreeSet;

use super::facts::{Command, Piece, ShellFacts, Word, is_positional};
use super::shebang::base_name;
use crate::reach::command::{SHELLS, runs_words};

/// Where the rest of a script starts from.
const PLACES: [&str; 5] = ["cd", "pushd", "export", "local", "declare"];

impl ShellFacts {
    /// Every variable that a word is made from.
    pub(in crate::reach) fn variables(&self) -> BTreeSet<&str> {
        let commands = self
            .commands
            .iter()
            .flat_map(|command| command.words.iter().chain(command.environment.iter().map(|(_, value)| value)));
        let assigned = self.assignments.iter().map(|assignment| &assignment.value);
        let arrays = self.arrays.iter().flat_map(|array| &array.words);
        let words = self.words.iter().map(|(word, _)| word);
        commands.chain(assigned).chain(arrays).chain(words).flat_map(names).collect()
    }

    /// Whether a command is one of the script's, or a function's, own arguments (`"$@"`, `exec "$1"`).
    pub(in crate::reach) fn runs_arguments(&self) -> bool {
        let arguments = self.arguments();
        let argument = |word: &Word| names(word).any(|name| is_positional(name) || arguments.contains(name));
        let runs = |command: &Command| {
            let Some(first) = command.words.first() else { return false };
            argument(first)
                || (first.literal().is_some_and(|name| wraps(&name)) && command.words.iter().skip(1).any(argument))
        };
        self.commands.iter().any(runs)
    }

    /// Whether it reads one of its own, or a function's, arguments as a file of shell code (`. "$1"`, `sh "$1"`).
    pub(in crate::reach) fn sources_arguments(&self) -> bool {
        let arguments = self.arguments();
        let argument = |word: &Word| names(word).any(|name| is_positional(name) || arguments.contains(name));
        let shell = |word: &Word| word.literal().is_some_and(|name| SHELLS.contains(&base_name(&name)));
        self.commands.iter().any(|command| {
            let reads = is_dot(command) || command.words.iter().any(shell);
            reads && command.words.iter().skip(1).any(argument)
        })
    }

    /// Variables that are set to arguments.
    fn arguments(&self) -> BTreeSet<&str> {
        let mut arguments: BTreeSet<&str> = BTreeSet::new();
        for assignment in &self.assignments {
            if names(&assignment.value).any(|name| is_positional(name) || arguments.contains(name)) {
                arguments.insert(&assignment.name);
            }
        }
        for array in &self.arrays {
            if array.words.iter().flat_map(names).any(is_positional) {
                arguments.insert(&array.name);
            }
        }
        arguments
    }

    /// These facts with no more commands and words than depend on variables of these names, run functions of these names, or
    /// cannot be read as they stand.
    pub(in crate::reach) fn depending(&self, names: &BTreeSet<String>, functions: &BTreeSet<String>) -> Self {
        let mut all: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        // Each pass carries a name one assignment further.
        for _ in 0..8 {
            let before = all.len();
            for assignment in &self.assignments {
                if uses(&assignment.value, &all) {
                    all.insert(&assignment.name);
                }
            }
            for array in &self.arrays {
                if array.words.iter().any(|word| uses(word, &all)) {
                    all.insert(&array.name);
                }
            }
            if all.len() == before {
                break;
            }
        }
        let concerned = |command: &&Command| {
            let name = command.words.first().and_then(Word::literal).unwrap_or_default();
            command.words.iter().any(|word| uses(word, &all))
                || PLACES.contains(&name.as_str())
                || functions.contains(&name)
                || is_computed(command)
        };
        Self {
            commands: self.commands.iter().filter(concerned).cloned().collect(),
            words: self.words.iter().filter(|(word, _)| uses(word, &all)).cloned().collect(),
            ..self.clone()
        }
    }
}

/// Whether a command of this name runs its words.
fn wraps(name: &str) -> bool {
    runs_words(base_name(name))
}

/// Whether a command is the builtin that reads a file of code. Elsewhere a dot is a folder.
fn is_dot(command: &Command) -> bool {
    let before = |name: &String| matches!(name.as_str(), "builtin" | "command" | "time") || name.starts_with('-');
    let name = command.words.iter().map_while(Word::literal).find(|name| !before(name));
    name.is_some_and(|name| matches!(name.as_str(), "." | "source"))
}

/// Whether what a command runs is more than characters.
fn is_computed(command: &Command) -> bool {
    let Some(first) = command.words.first() else { return false };
    first.literal().is_none_or(|name| wraps(&name)) && command.words.iter().any(|word| word.literal().is_none())
}

/// The variables of a word, and of what stands for them where they are not set.
fn names(word: &Word) -> impl Iterator<Item = &str> {
    word.0.iter().flat_map(|piece| {
        let default = match piece {
            Piece::Variable { default: Some(default), .. } => default.0.as_slice(),
            _ => &[],
        };
        piece.variable().into_iter().chain(default.iter().filter_map(Piece::variable))
    })
}

fn uses(word: &Word, all: &BTreeSet<&str>) -> bool {
    names(word).any(|name| all.contains(name)) || (word.is_split() && all.contains("IFS"))
}
