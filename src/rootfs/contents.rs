//! A merged tree together with what its files hold.

use super::digest;
use super::tree::{Kind, NodeId, Tree};
use crate::image::Blob;

/// A merged tree and the uncompressed layers that hold its contents.
#[derive(Debug, Default)]
pub struct Rootfs {
    /// Names, types and metadata.
    pub tree: Tree,
    /// Uncompressed layer tars, in the order of the image's config; [`Content::layer`](super::Content::layer) indexes them.
    pub layers: Vec<Blob>,
}

impl Rootfs {
    /// The whole content of the regular file at `node` (holes read as zeros).
    ///
    /// # Errors
    /// If the layer cannot be read any more. Anything but a regular file reads as empty.
    pub fn read(&self, node: NodeId) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        self.read_prefix(node, u64::MAX, &mut out)?;
        Ok(out)
    }

    /// Reads the bytes from `at` on of the regular file at `node`, as many as `out` takes (holes read as zeros).
    ///
    /// # Errors
    /// If the file is shorter, is no regular file, or the layer cannot be read any more.
    pub fn read_at(&self, node: NodeId, at: u64, out: &mut [u8]) -> std::io::Result<()> {
        let Kind::File(content) = &self.tree.inode(node).kind else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        let end = at.checked_add(out.len() as u64).filter(|&end| end <= content.size);
        let end = end.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let layer = self.layers.get(content.layer as usize).ok_or(std::io::ErrorKind::NotFound)?;
        out.fill(0);
        for segment in content.segments().iter() {
            let (from, to) = (segment.start.max(at), segment.start.saturating_add(segment.len).min(end));
            if from < to {
                let offset =
                    segment.offset.checked_add(from - segment.start).ok_or(std::io::ErrorKind::UnexpectedEof)?;
                layer.read_exact_at(&mut out[(from - at) as usize..(to - at) as usize], offset)?;
            }
        }
        Ok(())
    }

    /// Reads at most `limit` bytes of the regular file at `node` into `out` (which is cleared first).
    pub fn read_prefix(&self, node: NodeId, limit: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
        out.clear();
        let Kind::File(content) = &self.tree.inode(node).kind else { return Ok(()) };
        let want = content.size.min(limit);
        let size = usize::try_from(want).map_err(|_| std::io::ErrorKind::OutOfMemory)?;
        out.resize(size, 0);
        let layer = self.layers.get(content.layer as usize).ok_or(std::io::ErrorKind::NotFound)?;
        for segment in content.segments().iter() {
            if segment.start >= want {
                break;
            }
            let end = want.min(segment.start + segment.len);
            let slot = &mut out[segment.start as usize..end as usize];
            layer.read_exact_at(slot, segment.offset)?;
        }
        Ok(())
    }

    /// BLAKE3 of the regular file at `node` in hex; none for anything else, and for sparse files of more than 1 GiB.
    ///
    /// # Errors
    /// If the layer cannot be read any more.
    pub fn blake3(&self, node: NodeId) -> std::io::Result<Option<String>> {
        let Kind::File(content) = &self.tree.inode(node).kind else { return Ok(None) };
        digest::blake3(&self.layers, content)
    }
}
