//! Where the bytes of a file come from that is not read as a whole.

use std::io::{self, Read, Seek, SeekFrom};

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

/// Reads a stretch of a source from its beginning to its end, and seeks in it. Not buffered.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'a> {
    source: &'a dyn Source,
    start: u64,
    length: u64,
    at: u64,
}

impl std::fmt::Debug for Stretch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stretch").field("start", &self.start).field("length", &self.length).finish_non_exhaustive()
    }
}

impl<'a> Stretch<'a> {
    /// All of a source.
    pub(super) fn all(source: &'a dyn Source) -> Self {
        Self { source, start: 0, length: source.size(), at: 0 }
    }

    /// So many bytes of this one from `start` on; none if there are not so many.
    pub(super) fn part(&self, start: u64, length: u64) -> Option<Self> {
        start.checked_add(length).filter(|&end| end <= self.length)?;
        Some(Self { source: self.source, start: self.start + start, length, at: 0 })
    }

    /// Its bytes, all of which are in memory then.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        let mut out = vec![0; usize::try_from(self.length).ok()?];
        self.source.read_at(self.start, &mut out).ok()?;
        Some(out)
    }

    /// How many there are.
    pub(super) fn length(&self) -> u64 {
        self.length
    }
}

impl Read for Stretch<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let length = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if length > 0 {
            self.source.read_at(self.start + self.at, &mut out[..length])?;
            self.at += length as u64;
        }
        Ok(length)
    }
}

impl Seek for Stretch<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_where_it_ends() {
        let source: &[u8] = b"0123456789";
        let mut part = Stretch::all(&source).part(2, 5).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), part.whole().unwrap().as_slice()), ("23456", &b"23456"[..]));
        assert_eq!(part.seek(SeekFrom::End(-1)).unwrap(), 4);
        let mut rest = Vec::new();
        part.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"6");
        assert!(part.part(4, 2).is_none() && part.part(u64::MAX, 2).is_none());
        assert!(part.seek(SeekFrom::Current(-9)).is_err());
    }
}
