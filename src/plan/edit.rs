//! Changes to files that are mostly left as they were.

use std::io;

use crate::rootfs::{NodeId, Rootfs};

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

    /// Gives the new content of the file at `node` to `take`, piece by piece.
    ///
    /// # Errors
    /// If the layer cannot be read any more, or the file is shorter than the edit says.
    pub fn read(&self, rootfs: &Rootfs, node: NodeId, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        take(&self.head);
        rootfs.read_pieces(node, self.head.len() as u64, self.until, &mut take)?;
        take(&self.tail);
        Ok(())
    }

    /// The new content of what was `before`.
    #[cfg(test)]
    pub fn apply(&self, before: &[u8]) -> Vec<u8> {
        let middle = &before[self.head.len()..self.until as usize];
        [&self.head, middle, &self.tail].concat()
    }
}
