//! Changes to files that are mostly left as they were.

use std::io;
use std::ops::Range;

use crate::pieces;

/// The new content of a file, most of which is the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What the file starts with.
    pub head: Vec<u8>,
    /// What follows of what it was before: places in the old file, in order.
    pub kept: Vec<Range<u64>>,
    /// What follows then.
    pub tail: Vec<u8>,
}

impl Edit {
    /// The new size in bytes.
    pub fn size(&self) -> u64 {
        let kept: u64 = self.kept.iter().map(|range| range.end - range.start).sum();
        (self.head.len() + self.tail.len()) as u64 + kept
    }

    /// Gives the new content to `put`, piece by piece; `read` reads the old one from an offset on.
    ///
    /// # Errors
    /// Those of `read` and `put`.
    pub fn write(
        &self,
        read: impl Fn(u64, &mut [u8]) -> io::Result<()>,
        mut put: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        put(&self.head)?;
        for range in &self.kept {
            pieces::each(range.clone(), &read, &mut put)?;
        }
        put(&self.tail)
    }
}
