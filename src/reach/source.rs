//! Where the bytes of a file come from that is not read as a whole.

use std::io;

use crate::rootfs::{NodeId, Rootfs};

/// Bytes that are read in parts.
pub trait Source {
    /// How many there are.
    fn size(&self) -> u64;

    /// Fills `out` from `offset` on.
    ///
    /// # Errors
    /// If there are not so many bytes, or they cannot be read.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.get(start..start.checked_add(out.len())?));
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A regular file of an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored<'a> {
    pub(super) rootfs: &'a Rootfs,
    pub(super) node: NodeId,
}

impl Source for Stored<'_> {
    fn size(&self) -> u64 {
        self.rootfs.tree.inode(self.node).size()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.rootfs.read_at(self.node, offset, out)
    }
}
