//! The layers of an image merged into one tree, with the contents of its files within reach.

mod accounting;
mod builder;
mod merge;
mod resolve;
mod tree;

pub use accounting::{Accounting, LayerBytes, Superseded};
pub use builder::Builder;
pub use merge::{Merged, merge};
pub use resolve::Resolution;
pub use tree::{Content, Inode, InodeId, Kind, Metadata, NodeId, Segment, Tree, Xattr};

use crate::image::Blob;

/// A merged tree and the uncompressed layers that hold its contents.
#[derive(Debug, Default)]
pub struct Rootfs {
    /// Names, types and metadata.
    pub tree: Tree,
    /// Uncompressed layer tars, in the order of the image's config; [`Content::layer`] indexes them.
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
}
