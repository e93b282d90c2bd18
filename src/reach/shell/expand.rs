//! Expansion of words with what is known before the script runs: the assignments in it, those of scripts that it shares its
//! variables with, and the image's environment.

use std::collections::{BTreeMap, BTreeSet};

use super::change::changed;
use super::facts::{Piece, ShellFacts, Word};
use crate::reach::hole::{GLOB, HOLE};

/// How many values a word may have (one for each assignment to a variable in it). Where there are more, one stands for the
/// rest that cannot be read.
const MAX_VALUES: usize = 32;

/// How many bytes a value may have.
const MAX_LEN: usize = 8192;

/// How many bytes all values of a script may have together.
const MAX_BYTES: usize = 32 << 20;

/// Values that variables have from outside a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outer {
    /// Set by scripts that share their variables with it: those that it sources, and that source it.
    pub shared: BTreeMap<String, Vec<String>>,
    /// Set by any other script, which may have started it: for variables that it does not set itself.
    pub others: BTreeMap<String, Vec<String>>,
    /// Elements of arrays that such scripts set.
    pub arrays: BTreeMap<String, Vec<Vec<String>>>,
    /// Functions of such scripts that run their arguments.
    pub runners: BTreeSet<String>,
}

/// The values that the variables of a script may have. Each unreadable part of a value is a [`HOLE`].
pub(in crate::reach) struct Variables<'a> {
    assigned: BTreeMap<&'a str, Vec<&'a Word>>,
    environment: &'a BTreeMap<String, String>,
    outer: &'a Outer,
    script: Option<String>,
    known: BTreeMap<String, Vec<String>>,
    /// How many more bytes of values are made; then every variable is unknown.
    budget: usize,
    /// Variables being expanded: one that is set from itself has the value of the environment there.
    pending: BTreeSet<String>,
}

impl<'a> Variables<'a> {
    /// The variables of a script that stands at the path `script`.
    pub(in crate::reach) fn new(
        facts: &'a ShellFacts,
        environment: &'a BTreeMap<String, String>,
        outer: &'a Outer,
        script: Option<String>,
    ) -> Self {
        let mut assigned: BTreeMap<&str, Vec<&Word>> = BTreeMap::new();
        let elements = facts.arrays.iter().flat_map(|array| array.words.iter().map(|word| (&*array.name, word)));
        let plain = facts.assignments.iter().map(|assignment| (&*assignment.name, &assignment.value));
        for (name, value) in plain.chain(elements) {
            let values = assigned.entry(name).or_default();
            // One more than there may be says that there are too many.
            if values.len() <= MAX_VALUES && !values.contains(&value) {
                values.push(value);
            }
        }
        let known = BTreeMap::new();
        Self { assigned, environment, outer, script, known, budget: MAX_BYTES, pending: BTreeSet::new() }
    }

    /// All values of `word`: at least one.
    pub(in crate::reach) fn expand(&mut self, word: &Word) -> Vec<String> {
        let mut values = vec![String::new()];
        for piece in &word.0 {
            let parts = match piece {
                Piece::Text(text) => vec![text.clone()],
                Piece::Script => vec![self.script.clone().unwrap_or_else(|| HOLE.to_string())],
                Piece::ScriptDir => vec![self.script_dir()],
                Piece::Unknown => vec![HOLE.to_string()],
                Piece::Glob => vec![GLOB.to_owned()],
                Piece::Split => continue,
                Piece::Variable { name, default, .. } => self.variable(name, default.as_ref()),
                Piece::Changed { name, change, .. } => {
                    distinct(self.variable(name, None).iter().map(|value| changed(value, change)).collect())
                }
                Piece::Indirect { name, .. } => {
                    let names = self.variable(name, None);
                    distinct(names.iter().flat_map(|name| self.variable(name, None)).collect())
                }
            };
            if let [part] = parts.as_slice() {
                for value in &mut values {
                    value.push_str(part);
                }
            } else if values.len() < MAX_VALUES {
                let pairs = values.iter().flat_map(|value| parts.iter().map(move |part| format!("{value}{part}")));
                values = distinct(pairs.take(MAX_VALUES + 1).collect());
            } else {
                for (value, part) in values.iter_mut().zip(parts.iter().cycle()) {
                    value.push_str(part);
                }
            }
            if values.iter().any(|value| value.len() > MAX_LEN) {
                return vec![HOLE.to_string()];
            }
        }
        self.budget = self.budget.saturating_sub(values.iter().map(String::len).sum());
        values
    }

    fn script_dir(&self) -> String {
        match self.script.as_deref().and_then(|path| path.rsplit_once('/')) {
            Some(("", _)) => "/.".to_owned(),
            Some((dir, _)) => dir.to_owned(),
            None => HOLE.to_string(),
        }
    }

    fn variable(&mut self, name: &str, default: Option<&Word>) -> Vec<String> {
        if self.budget == 0 {
            return vec![HOLE.to_string()];
        }
        let mut values = self.values(name);
        if let Some(default) = default
            && self.pending.len() < 16
        {
            values.retain(|value| *value != HOLE.to_string());
            // The guard stops a default that holds its own variable.
            let added = self.pending.insert(format!("{name}:default"));
            if added {
                values.extend(self.expand(default));
                self.pending.remove(&format!("{name}:default"));
            }
        }
        if values.is_empty() {
            values.push(HOLE.to_string());
        }
        distinct(values)
    }

    fn values(&mut self, name: &str) -> Vec<String> {
        if let Some(values) = self.known.get(name) {
            return values.clone();
        }
        let environment = self.environment.get(name);
        let outside = || {
            let shared = self.outer.shared.get(name).into_iter().flatten();
            shared.cloned().chain(environment.cloned()).collect::<Vec<_>>()
        };
        let or_unknown = |values: Vec<String>| if values.is_empty() { vec![HOLE.to_string()] } else { values };
        let Some(words) = self.assigned.get(name).cloned() else {
            let mut values = outside();
            if values.is_empty() {
                values.extend(self.outer.others.get(name).into_iter().flatten().cloned());
            }
            return or_unknown(values);
        };
        if self.pending.len() >= 16 || !self.pending.insert(name.to_owned()) {
            return or_unknown(outside());
        }
        let mut values = outside();
        for word in words {
            values.extend(self.expand(word));
        }
        self.pending.remove(name);
        let values = distinct(values);
        self.known.insert(name.to_owned(), values.clone());
        values
    }

    /// The names that are assigned, and the values that can be read.
    pub(in crate::reach) fn readable(&mut self) -> BTreeMap<String, Vec<String>> {
        let names: Vec<&str> = self.assigned.keys().copied().collect();
        let mut all = BTreeMap::new();
        for name in names {
            let values: Vec<String> = self.values(name).into_iter().filter(|value| !value.contains(HOLE)).collect();
            if !values.is_empty() {
                all.insert(name.to_owned(), values);
            }
        }
        all
    }

    /// The argument vectors a command may have: every value of every word is in at least one of them.
    pub(in crate::reach) fn argv(&mut self, words: &[Word]) -> Vec<Vec<String>> {
        let values: Vec<Vec<String>> = words.iter().map(|word| self.expand(word)).collect();
        let count = values.iter().map(Vec::len).max().unwrap_or_default();
        let mut all = Vec::new();
        for i in 0..count {
            let mut argv = Vec::new();
            for (word, fields) in words.iter().zip(&values) {
                let Some(field) = fields.get(i.min(fields.len().saturating_sub(1))) else { continue };
                if is_split(word) {
                    argv.extend(field.split_ascii_whitespace().map(str::to_owned));
                } else {
                    argv.push(field.clone());
                }
            }
            if !all.contains(&argv) {
                all.push(argv);
            }
        }
        all
    }
}

/// Each value once, and not too many of them.
fn distinct(mut values: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    if values.len() > MAX_VALUES {
        values.truncate(MAX_VALUES);
        values.push(HOLE.to_string());
    }
    values
}

/// Whether the values of `word` are split at blanks: it holds an expansion that is not quoted.
fn is_split(word: &Word) -> bool {
    word.0.iter().any(|piece| match piece {
        Piece::Variable { quoted, .. } | Piece::Indirect { quoted, .. } | Piece::Changed { quoted, .. } => !quoted,
        Piece::Split => true,
        _ => false,
    })
}
