//! Where the bytes of an image are: what each layer brought, and what of it later layers hide.

use bstr::{BString, ByteSlice};

use super::tree::{Kind, NodeId, Tree};
use crate::image::Layer;
use crate::tarball::EntryKind;

/// What a layer brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerBytes {
    /// Entries that are regular files, whiteouts apart.
    pub files: u64,
    /// Their sizes in bytes, holes of sparse files included: what `docker images` counts.
    pub bytes: u64,
    /// Those of the files that no name leads to any more.
    pub superseded_files: u64,
    /// Their sizes in bytes.
    pub superseded_bytes: u64,
}

/// A file of a layer that a later entry replaced or a whiteout hid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// Its path.
    pub path: BString,
    /// The layer that holds it.
    pub layer: u32,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Bytes by layer, and what lies hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounting {
    /// By layer, the lowest first.
    pub layers: Vec<LayerBytes>,
    /// The hidden files in the order in which the layers brought them.
    pub superseded: Vec<Superseded>,
}

impl Accounting {
    /// Sizes of the regular files of all layers, in bytes: what `docker images` shows.
    pub fn bytes(&self) -> u64 {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.bytes))
    }

    /// How many of these bytes nobody can see.
    pub fn superseded_bytes(&self) -> u64 {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.superseded_bytes))
    }
}

/// Counts, once all layers are in the tree. Nodes that are gone keep their name and parent, so their paths are still known.
pub(super) fn of(tree: &Tree, layers: &[Layer]) -> Accounting {
    let mut accounting = Accounting { layers: layers.iter().map(brought).collect(), superseded: Vec::new() };
    let mut seen = vec![false; tree.inode_capacity()];
    for number in 0..tree.capacity() {
        let Ok(number) = u32::try_from(number) else { break };
        let node = NodeId(number);
        let inode = tree.inode(node);
        let Kind::File(content) = &inode.kind else { continue };
        let Some(seen) = seen.get_mut(tree.inode_id(node).index()) else { continue };
        if inode.links > 0 || std::mem::replace(seen, true) {
            continue;
        }
        if let Some(layer) = accounting.layers.get_mut(inode.layer as usize) {
            layer.superseded_files += 1;
            layer.superseded_bytes = layer.superseded_bytes.saturating_add(content.size);
        }
        accounting.superseded.push(Superseded { path: tree.path(node), layer: inode.layer, bytes: content.size });
    }
    accounting
}

fn brought(layer: &Layer) -> LayerBytes {
    let mut sum = LayerBytes::default();
    for entry in layer.index.entries() {
        let (EntryKind::File { size, .. } | EntryKind::Sparse { size, .. }) = &entry.kind else { continue };
        let path = layer.index.path(entry);
        let name = path.rsplit_once_str("/").map_or(path.as_bytes(), |(_, name)| name);
        sum.files += u64::from(!name.starts_with(b".wh."));
        sum.bytes = sum.bytes.saturating_add(*size);
    }
    sum
}
