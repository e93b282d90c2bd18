//! A merged tree together with what its files hold.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use super::digest;
use super::tree::{Kind, NodeId, Tree};
use crate::image::Blob;
use crate::pieces;

/// So much of a file that is little but holes is read all the same: heads, and files that are small anyway.
const MAX_HOLLOW: u64 = 1 << 20;

/// A merged tree and the uncompressed layers that hold its contents.
#[derive(Debug, Default)]
pub struct Rootfs {
    /// Names, types and metadata.
    pub tree: Tree,
    /// Uncompressed layer tars, in the order of the image's config; [`Content::layer`](super::Content::layer) indexes them.
    pub layers: Vec<Blob>,
    unreadable: Unreadable,
}

/// A file whose content could not be read any more, and why: of several the one that comes first in the tree.
#[derive(Debug, Default)]
struct Unreadable(Mutex<Option<(NodeId, io::Error)>>);

impl Unreadable {
    /// Hands on the outcome of reading a layer for a file.
    fn noted(&self, node: NodeId, outcome: io::Result<()>) -> io::Result<()> {
        if let Err(error) = &outcome {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if first.as_ref().is_none_or(|(known, _)| node < *known) {
                *first = Some((node, io::Error::new(error.kind(), error.to_string())));
            }
        }
        outcome
    }
}

impl Rootfs {
    /// A tree whose contents are in these layers.
    pub fn new(tree: Tree, layers: Vec<Blob>) -> Self {
        Self { tree, layers, unreadable: Unreadable::default() }
    }

    /// The path of a file that a layer could not be read for any more, and why, if that happened: what a run found out is not
    /// to be relied on then. Who reads need not care about damaged contents and failing disks alike.
    pub fn unreadable(&self) -> Option<(String, io::Error)> {
        let first = self.unreadable.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (node, error) = first.as_ref()?;
        Some((self.tree.path(*node).to_string(), io::Error::new(error.kind(), error.to_string())))
    }

    /// Records of packages and other files that one person or program could read: larger ones are none. In bytes.
    pub const MAX_RECORD: u64 = 32 << 20;

    /// The whole content of the record or small file at `node` (holes read as zeros).
    ///
    /// # Errors
    /// If it is larger than [`Self::MAX_RECORD`], or as [`Self::read_within`].
    pub fn read(&self, node: NodeId) -> io::Result<Vec<u8>> {
        self.read_within(node, Self::MAX_RECORD)
    }

    /// The whole content of the regular file at `node`, if it has at most `limit` bytes (holes read as zeros).
    ///
    /// # Errors
    /// If it is larger, or as [`Self::read_prefix`]. Anything but a regular file reads as empty.
    pub fn read_within(&self, node: NodeId, limit: u64) -> io::Result<Vec<u8>> {
        if self.tree.inode(node).size() > limit {
            let reason = format!("larger than {} MiB", limit >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
        }
        let mut out = Vec::new();
        self.read_prefix(node, limit, &mut out)?;
        Ok(out)
    }

    /// Reads and seeks in the regular file at `node`; anything else is empty. Reads are not buffered.
    pub fn reader(&self, node: NodeId) -> ContentReader<'_> {
        ContentReader { rootfs: self, node, at: 0 }
    }

    /// Gives the bytes of the regular file at `node` from `start` up to `end` to `take`, piece by piece (holes as zeros).
    ///
    /// # Errors
    /// If the file is shorter, is no regular file, or the layer cannot be read any more.
    pub fn read_pieces(&self, node: NodeId, start: u64, end: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let read = |at, out: &mut [u8]| self.read_at(node, at, out);
        pieces::each(start..end, read, |piece| {
            take(piece);
            Ok(())
        })
    }

    /// Whether the file at `node` is little but holes: a few bytes of tar can claim any number of zeros.
    pub fn is_hollow(&self, node: NodeId) -> bool {
        matches!(&self.tree.inode(node).kind, Kind::File(content) if content.is_hollow())
    }

    /// Reads the bytes from `at` on of the regular file at `node`, as many as `out` takes (holes read as zeros).
    ///
    /// # Errors
    /// If the file is shorter, is no regular file, or the layer cannot be read any more.
    pub fn read_at(&self, node: NodeId, at: u64, out: &mut [u8]) -> io::Result<()> {
        let Kind::File(content) = &self.tree.inode(node).kind else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let end = at.checked_add(out.len() as u64).filter(|&end| end <= content.size);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        let layer = self.layers.get(content.layer as usize).ok_or(io::ErrorKind::NotFound)?;
        out.fill(0);
        let segments = content.segments();
        let first = segments.partition_point(|run| run.start.saturating_add(run.len) <= at);
        for segment in segments.iter().skip(first).take_while(|run| run.start < end) {
            let (from, to) = (segment.start.max(at), segment.start.saturating_add(segment.len).min(end));
            if from < to {
                let offset = segment.offset.checked_add(from - segment.start).ok_or(io::ErrorKind::UnexpectedEof)?;
                let read = layer.read_exact_at(&mut out[(from - at) as usize..(to - at) as usize], offset);
                self.unreadable.noted(node, read)?;
            }
        }
        Ok(())
    }

    /// Reads at most `limit` bytes of the regular file at `node` into `out` (which is cleared first).
    ///
    /// # Errors
    /// If the layer cannot be read any more, or if that were much of a file that is little but holes
    /// ([`Content::is_hollow`](super::Content::is_hollow)).
    pub fn read_prefix(&self, node: NodeId, limit: u64, out: &mut Vec<u8>) -> io::Result<()> {
        out.clear();
        let Kind::File(content) = &self.tree.inode(node).kind else { return Ok(()) };
        let want = content.size.min(limit);
        if want > MAX_HOLLOW && content.is_hollow() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "little but holes"));
        }
        let size = usize::try_from(want).map_err(|_| io::ErrorKind::OutOfMemory)?;
        out.resize(size, 0);
        let layer = self.layers.get(content.layer as usize).ok_or(io::ErrorKind::NotFound)?;
        for segment in content.segments().iter() {
            if segment.start >= want {
                break;
            }
            let end = want.min(segment.start + segment.len);
            let slot = &mut out[segment.start as usize..end as usize];
            self.unreadable.noted(node, layer.read_exact_at(slot, segment.offset))?;
        }
        Ok(())
    }

    /// BLAKE3 of the regular file at `node` in hex; none for anything else, and for files that are little but
    /// holes ([`Content::is_hollow`](super::Content::is_hollow)).
    ///
    /// # Errors
    /// If the layer cannot be read any more.
    pub fn blake3(&self, node: NodeId) -> io::Result<Option<String>> {
        let Kind::File(content) = &self.tree.inode(node).kind else { return Ok(None) };
        digest::blake3(&self.layers, content)
    }
}

/// Reads one file of a tree: see [`Rootfs::reader`].
#[derive(Clone, Debug)]
pub struct ContentReader<'a> {
    rootfs: &'a Rootfs,
    node: NodeId,
    at: u64,
}

impl ContentReader<'_> {
    fn size(&self) -> u64 {
        self.rootfs.tree.inode(self.node).size()
    }
}

impl Read for ContentReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.size().saturating_sub(self.at);
        let length = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if length > 0 {
            self.rootfs.read_at(self.node, self.at, &mut out[..length])?;
            self.at += length as u64;
        }
        Ok(length)
    }
}

impl Seek for ContentReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::End(by) => self.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, Seek, SeekFrom};

    use crate::rootfs::{Builder, Kind, NodeId, Rootfs, Segment};

    /// A tree with a sparse file of this size, with the bytes `data` at these places.
    fn sparse(size: u64, data: &[u8], runs: &[Segment]) -> (Rootfs, NodeId) {
        let mut rootfs = Builder::new().file("/f", data).build();
        let node = rootfs.tree.get("/f").unwrap();
        if let Kind::File(content) = &mut rootfs.tree.inode_mut(node).kind {
            content.sparse = Some(runs.iter().copied().collect());
            content.size = size;
        }
        (rootfs, node)
    }

    #[test]
    fn no_read_takes_the_memory_that_a_file_claims() {
        for size in [Rootfs::MAX_RECORD + 1, 1 << 43, u64::MAX] {
            let (rootfs, node) = sparse(size, b"abc", &[Segment { start: 0, offset: 0, len: 3 }]);
            assert_eq!(rootfs.read(node).unwrap_err().kind(), ErrorKind::FileTooLarge);
            assert_eq!(rootfs.read_within(node, u64::MAX).unwrap_err().kind(), ErrorKind::InvalidData);
            let mut head = Vec::new();
            rootfs.read_prefix(node, 4, &mut head).unwrap();
            assert_eq!(head, b"abc\0");
        }
        let (rootfs, node) = sparse(31 << 20, b"abc", &[Segment { start: 0, offset: 0, len: 3 }]);
        assert!(rootfs.is_hollow(node));
        assert_eq!(rootfs.read(node).unwrap_err().kind(), ErrorKind::InvalidData);
        let (rootfs, node) = sparse(3 << 20, b"abc", &[Segment { start: 2 << 20, offset: 0, len: 3 }]);
        assert!(!rootfs.is_hollow(node), "as linkers leave them between segments");
        assert_eq!(rootfs.read(node).unwrap().len(), 3 << 20);
    }

    #[test]
    fn parts_are_those_of_the_whole() {
        let runs = [Segment { start: 2, offset: 0, len: 3 }, Segment { start: 9, offset: 3, len: 1 }];
        let (rootfs, node) = sparse(12, b"abcd", &runs);
        let whole = b"\0\0abc\0\0\0\0d\0\0";
        assert_eq!(rootfs.read(node).unwrap(), whole);
        for start in 0..=12 {
            for end in start..=12 {
                let mut pieces = Vec::new();
                rootfs.read_pieces(node, start, end, |piece| pieces.extend_from_slice(piece)).unwrap();
                assert_eq!(pieces, whole[start as usize..end as usize]);
            }
        }
        assert!(rootfs.read_pieces(node, 0, 13, |_| ()).is_err());
        let (mut reader, mut all) = (rootfs.reader(node), Vec::new());
        reader.seek(SeekFrom::End(-4)).unwrap();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"\0d\0\0");
        assert!(reader.seek(SeekFrom::Current(-13)).is_err());
    }
}
