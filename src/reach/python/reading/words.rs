//! Lists of words in one allocation each: a large image has millions of names in its scopes, and a string of its own for
//! each would take several times the memory of the letters.

use serde::{Deserialize, Serialize};

/// Ends a word; part of none, for words are names of Python's.
const END: char = '\n';

/// Words in byte order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Each followed by [`END`].
    text: Box<str>,
    count: u32,
}

impl Words {
    /// The words of any list. One with a line end in it is no name, and left out.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: Vec<&str> = words.into_iter().filter(|word| !word.contains(END)).collect();
        words.sort_unstable();
        words.dedup();
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut text = String::with_capacity(words.iter().map(|word| word.len() + 1).sum());
        for word in words {
            text.push_str(word);
            text.push(END);
        }
        Self { text: text.into(), count }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Each word, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.text.split_terminator(END)
    }

    /// Whether it is one of them.
    pub fn contains(&self, word: &str) -> bool {
        let text = self.text.as_bytes();
        let (mut from, mut to) = (0, text.len());
        // Both stand where a word begins, so that every word between them is whole.
        while from < to {
            let middle = from + (to - from) / 2;
            let start = memchr::memrchr(END as u8, &text[from..middle]).map_or(from, |at| from + at + 1);
            let end = memchr::memchr(END as u8, &text[middle..to]).map_or(to, |at| middle + at);
            match text[start..end].cmp(word.as_bytes()) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => from = (end + 1).min(to),
                std::cmp::Ordering::Greater => to = start,
            }
        }
        false
    }

    /// Adds the words of another list.
    pub fn add(&mut self, other: &Self) {
        *self = Self::of(self.iter().chain(other.iter()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_are_sorted_and_stand_once() {
        let words = Words::of(["b", "a", "", "ab", "a", "c\nd"]);
        assert_eq!(words.iter().collect::<Vec<_>>(), ["", "a", "ab", "b"]);
        assert!(words.contains("") && words.contains("ab") && !words.contains("c") && !words.contains("a\nab"));
        assert_eq!(Words::default().iter().count(), 0);
        assert!(!Words::default().contains(""));
        let mut both = Words::of(["x", "a"]);
        both.add(&words);
        assert_eq!(both.iter().collect::<Vec<_>>(), ["", "a", "ab", "b", "x"]);
    }

    proptest! {
        #[test]
        fn finds_what_a_set_has(list in prop::collection::vec("[a-cé_]{0,4}", 0..40), asked in "[a-cé_]{0,4}") {
            let set: BTreeSet<&str> = list.iter().map(String::as_str).collect();
            let words = Words::of(list.iter().map(String::as_str));
            prop_assert!(words.iter().eq(set.iter().copied()));
            prop_assert_eq!(words.len(), set.len());
            prop_assert_eq!(words.contains(&asked), set.contains(&*asked));
            prop_assert!(set.iter().all(|word| words.contains(word)));
        }
    }
}
