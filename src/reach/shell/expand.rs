//! Expansion of words with what is known before the script runs: the assignments in it and the image's environment.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Piece, ShellFacts, Word};
use crate::reach::hole::HOLE;

/// How many values a word may have (one for each assignment to a variable in it).
const MAX_VALUES: usize = 8;

/// How many bytes a value may have.
const MAX_LEN: usize = 8192;

/// How many bytes all values of a script may have together.
const MAX_BYTES: usize = 32 << 20;

/// The values that the variables of a script may have. Each unreadable part of a value is a [`HOLE`].
pub(in crate::reach) struct Variables<'a> {
    assigned: BTreeMap<&'a str, Vec<&'a Word>>,
    environment: &'a BTreeMap<String, String>,
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
        script: Option<String>,
    ) -> Self {
        let mut assigned: BTreeMap<&str, Vec<&Word>> = BTreeMap::new();
        for assignment in &facts.assignments {
            let values = assigned.entry(&assignment.name).or_default();
            if values.len() < MAX_VALUES {
                values.push(&assignment.value);
            }
        }
        Self { assigned, environment, script, known: BTreeMap::new(), budget: MAX_BYTES, pending: BTreeSet::new() }
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
                Piece::Variable { name, default, .. } => self.variable(name, default.as_ref()),
            };
            if let [part] = parts.as_slice() {
                for value in &mut values {
                    value.push_str(part);
                }
            } else if values.len() < MAX_VALUES {
                let pairs = values.iter().flat_map(|value| parts.iter().map(move |part| format!("{value}{part}")));
                values = pairs.take(MAX_VALUES).collect();
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
        let mut seen = BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
        values.truncate(MAX_VALUES);
        values
    }

    fn values(&mut self, name: &str) -> Vec<String> {
        if let Some(values) = self.known.get(name) {
            return values.clone();
        }
        let outer = self.environment.get(name).cloned();
        let outer = outer.map_or_else(|| vec![HOLE.to_string()], |value| vec![value]);
        let Some(words) = self.assigned.get(name).cloned() else { return outer };
        if self.pending.len() >= 16 || !self.pending.insert(name.to_owned()) {
            return outer;
        }
        let mut values = Vec::new();
        for word in words {
            values.extend(self.expand(word));
        }
        self.pending.remove(name);
        if self.environment.contains_key(name) {
            values.extend(outer);
        }
        values.truncate(MAX_VALUES);
        self.known.insert(name.to_owned(), values.clone());
        values
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

/// Whether the values of `word` are split at blanks: it holds an unquoted variable.
fn is_split(word: &Word) -> bool {
    word.0.iter().any(|piece| matches!(piece, Piece::Variable { quoted: false, .. }))
}
