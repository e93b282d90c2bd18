//! Where names begin in text whose strings are not separated (Rust, Go).
//!
//! A string that code uses has its address somewhere: in an instruction, in a pointer, in a table of distances; or it is part of
//! instructions itself. So a name within such text is one only where something points to its first letter. Where it ends is not known.

use std::collections::BTreeSet;

use super::references::References;

/// Longer names are cut off.
const MAX_NAME: usize = 200;

/// What begins with an identifier, up to the first byte that dotted names have none of.
#[derive(Debug)]
pub(super) struct Beginnings {
    found: BTreeSet<Box<str>>,
    /// How many bytes more may be kept; none if it was too much.
    left: Option<usize>,
}

impl Beginnings {
    /// None yet, and no more than so many bytes.
    pub(super) fn within(bytes: usize) -> Self {
        Self { found: BTreeSet::new(), left: Some(bytes) }
    }

    /// Adds what begins within a run of text at `address`, and the run itself.
    pub(super) fn add_run(&mut self, address: u64, run: &[u8], references: &References) {
        self.add(run);
        for start in references.between(address, address.saturating_add(run.len() as u64)) {
            if let Some(text) = usize::try_from(start - address).ok().and_then(|start| run.get(start..)) {
                self.add(text);
            }
        }
    }

    /// Adds a text that begins here.
    pub(super) fn add(&mut self, text: &[u8]) {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
        let length = text.iter().take(MAX_NAME).take_while(|&&byte| is_part(byte)).count();
        let Ok(name) = std::str::from_utf8(&text[..length]) else { return };
        let begins = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
        if name.len() < 2 || !begins || self.found.contains(name) {
            return;
        }
        self.left = self.left.and_then(|left| left.checked_sub(name.len()));
        if self.left.is_some() {
            self.found.insert(name.into());
        }
    }

    /// All of them, or none if there were too many.
    pub(super) fn into_sorted(self) -> Option<Vec<Box<str>>> {
        self.left.map(|_| self.found.into_iter().collect())
    }
}
