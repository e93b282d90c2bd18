//! Changes to files that are mostly left as they were.

/// The new content of a file, most of which is the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What the file starts with.
    pub head: Vec<u8>,
    /// From the end of `head` up to here the file is as it was.
    pub until: u64,
    /// What follows.
    pub tail: Vec<u8>,
}

impl Edit {
    /// The new size in bytes.
    pub fn size(&self) -> u64 {
        self.until + self.tail.len() as u64
    }

    /// The new content of what was `before`.
    pub fn apply(&self, before: &[u8]) -> Vec<u8> {
        let until = usize::try_from(self.until).unwrap_or(usize::MAX);
        let middle = before.get(self.head.len()..until).unwrap_or_default();
        [&self.head, middle, &self.tail].concat()
    }
}
