//! The names in code: a module is called by one of them, whatever the language writes around it.

use std::collections::HashSet;
use std::hash::Hasher;

use rustc_hash::FxHasher;

/// How many different words are kept of one file.
const MAX_WORDS: usize = 50_000;

/// The hash of a word, in which case, `_` and `-` make no difference: `Open3`, `open3`, `file_utils` and `FileUtils`.
pub fn word_hash(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for c in word.chars().filter(|c| !matches!(c, '_' | '-')) {
        for lower in c.to_lowercase() {
            hasher.write_u32(u32::from(lower));
        }
    }
    hasher.finish()
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The hashes of all words of a text, those with `-` between their parts included, sorted.
#[derive(Debug, Default)]
pub(super) struct Words(HashSet<u64>);

impl Words {
    pub fn add(&mut self, text: &str) {
        for whole in text.split(|c: char| !is_word(c) && c != '-').map(|word| word.trim_matches('-')) {
            if self.0.len() >= MAX_WORDS {
                return;
            }
            if whole.len() > 1 && whole.len() < 200 {
                self.0.insert(word_hash(whole));
            }
            if whole.contains('-') {
                self.0.extend(whole.split('-').filter(|part| part.len() > 1).map(word_hash));
            }
        }
    }

    /// A module of Perl's, by the parts of its name.
    pub fn add_module(&mut self, parts: &[&str]) {
        if self.0.len() < MAX_WORDS && parts.iter().all(|part| part.len() < 200) {
            self.0.insert(word_hash(&parts.join("/")));
        }
    }

    /// The modules that a string of Perl's may name: it is a name, or code that asks for some.
    pub fn add_perl(&mut self, text: &str) {
        let mut before = "";
        for word in text.split(|c: char| !(is_word(c) || matches!(c, ':' | '/' | '.'))) {
            let name = word.trim_end_matches(".pm").trim_matches([':', '/', '.']);
            let parts: Vec<&str> = name.split(['/', ':']).filter(|part| !part.is_empty()).collect();
            let asked = matches!(before, "use" | "require" | "no") || name.len() == text.trim_end_matches(".pm").len();
            if parts.len() > 1 || (asked && !name.is_empty()) {
                self.add_module(&parts);
            }
            before = word;
        }
    }

    /// Those of code that stands in other code.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn sorted(self) -> Vec<u64> {
        let mut words: Vec<u64> = self.0.into_iter().collect();
        words.sort_unstable();
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_the_same() {
        assert_eq!(word_hash("FileUtils"), word_hash("file_utils"));
        assert_eq!(word_hash("cross-spawn"), word_hash("crossSpawn"));
        assert_ne!(word_hash("open3"), word_hash("open2"));
    }

    #[test]
    fn words_are_found_between_anything() {
        let mut words = Words::default();
        words.add("require('cross-spawn/lib'); use Pod::Perldoc;");
        let words = words.sorted();
        for word in ["cross-spawn", "spawn", "lib", "Perldoc", "use"] {
            assert!(words.contains(&word_hash(word)), "{word}");
        }
        assert!(!words.contains(&word_hash("perl")));
    }
}
