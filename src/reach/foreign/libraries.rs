//! Installed libraries of languages without an analyser. All of their files stay, for a runtime loads them by names that
//! nobody can follow; but what *they* start counts only once code that runs has a word by which the file is called.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxHashMap;

use super::facts::ForeignFacts;
use super::names::word_hash;
use crate::rootfs::{NodeId, Tree};

/// Names of files that stand for the folder which they are in.
const FOLDERS: [&str; 5] = ["index", "main", "init", "mod", "cli"];

/// Folders that hold libraries, whoever put them there.
const LIBRARIES: [&str; 9] = [
    "node_modules",
    "gems",
    "vendor",
    "site_perl",
    "vendor_perl",
    "site_ruby",
    "vendor_ruby",
    "perl5",
    "bower_components",
];

/// Whether a file is a part of a library, as its folders say.
pub(super) fn is_in_library(path: &str) -> bool {
    path.split('/').any(|part| LIBRARIES.contains(&part))
}

/// The hashes of the words by which other code may ask for a file.
fn keys(tree: &Tree, file: NodeId) -> Vec<u64> {
    let path = tree.path(file).to_string();
    let parts: Vec<&str> = path.split('/').collect();
    let Some((name, folders)) = parts.split_last() else { return Vec::new() };
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or(name);
    // Folders of Perl's modules have capitals, those that they are in do not: `/usr/share/perl/5.36.0/Pod/Usage.pm`.
    if name.ends_with(".pm") || name.ends_with(".pl") {
        let capital = |part: &&&str| part.starts_with(char::is_uppercase);
        let mut module: Vec<&str> = folders.iter().rev().take_while(capital).copied().collect();
        module.reverse();
        module.push(stem);
        return vec![word_hash(&module.join("/"))];
    }
    let mut keys = vec![word_hash(stem)];
    if FOLDERS.contains(&stem) {
        keys.extend(folders.last().map(|folder| word_hash(folder)));
    }
    if let Some(at) = folders.iter().rposition(|folder| matches!(*folder, "node_modules" | "nodejs")) {
        let scoped = folders.get(at + 1).is_some_and(|folder| folder.starts_with('@'));
        keys.extend(folders.get(at + 1 + usize::from(scoped)).map(|package| word_hash(package)));
    }
    keys
}

/// Files that wait for someone to ask for them.
#[derive(Debug, Default)]
pub(super) struct Libraries {
    waiting: FxHashMap<NodeId, ForeignFacts>,
    by_key: HashMap<u64, Vec<NodeId>>,
    words: HashSet<u64>,
}

impl Libraries {
    /// A file that waits. Its facts come back if someone has asked for it already.
    pub fn wait(&mut self, tree: &Tree, file: NodeId, facts: ForeignFacts) -> Option<ForeignFacts> {
        let keys = keys(tree, file);
        if keys.iter().any(|key| self.words.contains(key)) {
            return Some(facts);
        }
        for key in keys {
            self.by_key.entry(key).or_default().push(file);
        }
        self.waiting.insert(file, facts);
        None
    }

    /// Takes a file that runs, whoever asks for it.
    pub fn take(&mut self, file: NodeId) -> Option<ForeignFacts> {
        self.waiting.remove(&file)
    }

    /// Words of code that runs. Returns the files that they ask for.
    pub fn ask(&mut self, words: &[u64]) -> Vec<(NodeId, ForeignFacts)> {
        let mut found = Vec::new();
        for &word in words {
            if self.words.insert(word) {
                found.extend(self.by_key.remove(&word).unwrap_or_default());
            }
        }
        found.into_iter().filter_map(|file| Some((file, self.waiting.remove(&file)?))).collect()
    }
}
