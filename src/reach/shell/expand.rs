//! Expansion of words with what is known before the script runs: the assignments in it, those of scripts that it shares its
//! variables with, and the image's environment.

use std::collections::{BTreeMap, BTreeSet};

use super::change::changed;
use super::facts::{Change, Piece, ShellFacts, Word, is_positional};
use crate::reach::hole::{GLOB, HOLE};

/// How many values a word may have (one for each assignment to a variable in it). Where there are more, one stands for the
/// rest that cannot be read.
const MAX_VALUES: usize = 32;

/// How many values of `IFS` are told apart.
const MAX_SEPARATORS: usize = 4;

/// What words are split at unless a script sets `IFS`.
const BLANKS: &str = " \t\n";

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

/// What a variable is set to.
#[derive(Clone, Copy, PartialEq)]
struct Assigned<'a> {
    value: &'a Word,
    /// Each word that the value is split into is one.
    fields: bool,
}

/// The values that the variables of a script may have. Each unreadable part of a value is a [`HOLE`].
pub(in crate::reach) struct Variables<'a> {
    assigned: BTreeMap<&'a str, Vec<Assigned<'a>>>,
    environment: &'a BTreeMap<String, String>,
    outer: &'a Outer,
    /// The paths that the script goes by: its own, and those of links to it.
    script: Vec<String>,
    known: BTreeMap<String, Vec<String>>,
    /// How many more bytes of values are made; then every variable is unknown.
    budget: usize,
    /// Variables being expanded: one that is set from itself has the value of the environment there.
    pending: BTreeSet<String>,
    /// The values that `IFS` may have, once somebody asked.
    separators: Option<Vec<String>>,
}

impl<'a> Variables<'a> {
    /// The variables of a script that goes by the paths `script`; of code in an argument without any.
    pub(in crate::reach) fn new(
        facts: &'a ShellFacts,
        environment: &'a BTreeMap<String, String>,
        outer: &'a Outer,
        script: Vec<String>,
    ) -> Self {
        let mut assigned: BTreeMap<&str, Vec<Assigned<'_>>> = BTreeMap::new();
        let elements = facts.arrays.iter().flat_map(|array| {
            let element = |value| (&*array.name, Assigned { value, fields: Word::is_split(value) });
            array.words.iter().map(element)
        });
        let plain = facts
            .assignments
            .iter()
            .map(|assignment| (&*assignment.name, Assigned { value: &assignment.value, fields: assignment.fields }));
        for (name, value) in plain.chain(elements) {
            let values = assigned.entry(name).or_default();
            // One more than there may be says that there are too many.
            if values.len() <= MAX_VALUES && !values.contains(&value) {
                values.push(value);
            }
        }
        let known = BTreeMap::new();
        Self {
            assigned,
            environment,
            outer,
            script,
            known,
            budget: MAX_BYTES,
            pending: BTreeSet::new(),
            separators: None,
        }
    }

    /// All values of `word`: at least one.
    pub(in crate::reach) fn expand(&mut self, word: &Word) -> Vec<String> {
        let mut values = vec![String::new()];
        for piece in &word.0 {
            let parts = match piece {
                Piece::Text(text) => vec![text.clone()],
                Piece::Script if self.script.is_empty() => vec![HOLE.to_string()],
                Piece::Script => self.script.clone(),
                Piece::ScriptDir => self.script_dirs(),
                Piece::Unknown => vec![HOLE.to_string()],
                Piece::Glob => vec![GLOB.to_owned()],
                Piece::Split => continue,
                Piece::Choice(choices) => choices.iter().map(|choice| choice.to_string()).collect(),
                Piece::Variable { name, default, .. } => self.variable(name, default.as_ref()),
                // It may be called by the name of a link.
                Piece::Changed { name, change: change @ Change::Beginning { .. }, .. } if &**name == "0" => {
                    let names = self.script.iter().map(|script| changed(script, change));
                    distinct(names.chain([HOLE.to_string()]).collect())
                }
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

    fn script_dirs(&self) -> Vec<String> {
        let dir = |path: &String| match path.rsplit_once('/') {
            Some(("", _)) => "/.".to_owned(),
            Some((dir, _)) => dir.to_owned(),
            None => HOLE.to_string(),
        };
        let dirs: Vec<String> = distinct(self.script.iter().map(dir).collect());
        if dirs.is_empty() { vec![HOLE.to_string()] } else { dirs }
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

    /// The elements that `word` is in a list: the words that its values are split into, or its values.
    pub(in crate::reach) fn elements(&mut self, word: &Word) -> Vec<String> {
        let values = self.expand(word);
        if word.is_split() { self.fields(&values) } else { values }
    }

    /// The words that values are split into, by any `IFS`.
    fn fields(&mut self, values: &[String]) -> Vec<String> {
        let separators = self.separators();
        let split =
            |value: &String| separators.iter().flat_map(|separators| split(value, separators)).collect::<Vec<_>>();
        distinct(values.iter().flat_map(split).collect())
    }

    /// The values that `IFS` may have; one that cannot be read is a hole.
    fn separators(&mut self) -> Vec<String> {
        if let Some(known) = &self.separators {
            return known.clone();
        }
        // Where the value of `IFS` is itself made of words, they are split at blanks.
        self.separators = Some(vec![BLANKS.to_owned()]);
        let mut values = self.values("IFS");
        if values.len() > MAX_SEPARATORS {
            values.truncate(MAX_SEPARATORS);
            values.push(HOLE.to_string());
        }
        self.separators = Some(values.clone());
        values
    }

    fn values(&mut self, name: &str) -> Vec<String> {
        let name = if is_positional(name) { "@" } else { name };
        if let Some(values) = self.known.get(name) {
            return values.clone();
        }
        let environment = self.environment.get(name);
        let outside = || {
            let shared = self.outer.shared.get(name).into_iter().flatten();
            let initial = match name {
                "IFS" => vec![BLANKS.to_owned()],
                // Whoever starts the script, or calls the function, sets them, too.
                "@" => vec![HOLE.to_string()],
                "0" => self.script.clone(),
                _ => environment.cloned().into_iter().collect(),
            };
            shared.cloned().chain(initial).collect::<Vec<_>>()
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
        let (shortened, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.shortens(name));
        for Assigned { value, fields } in words {
            let expanded = self.expand(value);
            values.extend(if fields { self.fields(&expanded) } else { expanded });
        }
        self.pending.remove(name);
        let mut values = distinct(values);
        // A loop that takes a list apart: each value that is left may be shortened once more.
        let mut at = 0;
        while let Some(value) = values.get(at).filter(|_| values.len() <= MAX_VALUES && !shortened.is_empty()).cloned()
        {
            at += 1;
            for change in shortened.iter().filter_map(|word| word.value.0.iter().find_map(change_of)) {
                let shorter = changed(&value, change);
                if !values.contains(&shorter) {
                    values.push(shorter);
                }
            }
        }
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
        let is_split = words.iter().any(Word::is_split);
        let separators = if is_split { self.separators() } else { vec![BLANKS.to_owned()] };
        let mut all = Vec::new();
        for i in 0..count {
            for separators in &separators {
                let mut argv = Vec::new();
                for (word, fields) in words.iter().zip(&values) {
                    let Some(field) = fields.get(i.min(fields.len().saturating_sub(1))) else { continue };
                    if word.is_split() {
                        argv.extend(split(field, separators));
                    } else {
                        argv.push(field.clone());
                    }
                }
                if !all.contains(&argv) {
                    all.push(argv);
                }
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

impl Assigned<'_> {
    /// Whether it sets the variable of this name to a part of its own value (`LIST=${LIST#* }`).
    fn shortens(&self, name: &str) -> bool {
        let mut pieces = self.value.0.iter().filter(|piece| **piece != Piece::Text(String::new()));
        let first = pieces.next();
        let own = first.is_some_and(|piece| piece.variable() == Some(name) && change_of(piece).is_some());
        own && pieces.next().is_none()
    }
}

/// What a piece takes off a value.
fn change_of(piece: &Piece) -> Option<&Change> {
    match piece {
        Piece::Changed { change: change @ (Change::Beginning { .. } | Change::End { .. }), .. } => Some(change),
        _ => None,
    }
}

/// The words that a value is split into where `IFS` is this: blanks at its ends, and several of them, count once.
fn split(value: &str, separators: &str) -> Vec<String> {
    if separators.contains(HOLE) {
        return vec![HOLE.to_string()];
    }
    let words = value.split(|c| separators.contains(c));
    // An empty word between separators that are no blanks is one, but never a command or a file.
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
