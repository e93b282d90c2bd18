//! Builds a [`Rootfs`] in memory, for tests and for users of the library that have no image.

use bstr::ByteSlice;

use super::contents::Rootfs;
use super::tree::{Content, Inode, Kind, NodeId, Tree};
use crate::image::Blob;
use crate::tarball::Metadata;

/// Puts a tree together path by path; missing parents are made (mode 0755, owner 0).
///
/// ```
/// let rootfs = bantam::rootfs::Builder::new().file("/bin/app", b"#!/bin/sh\n").symlink("/app", "bin/app").build();
/// let node = rootfs.tree.follow("/app").unwrap();
/// assert_eq!(rootfs.read(node).unwrap(), b"#!/bin/sh\n");
/// ```
#[derive(Debug, Default)]
pub struct Builder {
    tree: Tree,
    bytes: Vec<u8>,
}

impl Builder {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    fn put(mut self, path: &str, mode: u16, kind: Kind) -> Self {
        let (dir, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path));
        let parent = self.make_dirs(dir);
        self.tree.insert(parent, name.as_bytes(), Inode::new(kind, Metadata { mode, ..Metadata::default() }, 0));
        self
    }

    fn make_dirs(&mut self, path: &str) -> NodeId {
        let mut node = Tree::ROOT;
        for part in path.as_bytes().split_str("/").filter(|part| !part.is_empty()) {
            node = self.tree.child(node, part).unwrap_or_else(|| {
                let meta = Metadata { mode: 0o755, ..Metadata::default() };
                self.tree.insert(node, part, Inode::new(Kind::Directory, meta, 0))
            });
        }
        node
    }

    /// A directory.
    pub fn dir(mut self, path: &str) -> Self {
        self.make_dirs(path);
        self
    }

    /// A regular file, mode 0644.
    pub fn file(self, path: &str, content: &[u8]) -> Self {
        self.file_mode(path, 0o644, content)
    }

    /// A regular file, mode 0755.
    pub fn exe(self, path: &str, content: &[u8]) -> Self {
        self.file_mode(path, 0o755, content)
    }

    /// A regular file with these permission bits.
    pub fn file_mode(mut self, path: &str, mode: u16, content: &[u8]) -> Self {
        let offset = self.bytes.len() as u64;
        self.bytes.extend_from_slice(content);
        self.put(path, mode, Kind::File(Content { layer: 0, offset, size: content.len() as u64, sparse: None }))
    }

    /// A symbolic link.
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.put(path, 0o777, Kind::Symlink(target.into()))
    }

    /// Another name for a file that is there already.
    ///
    /// # Panics
    /// If `target` is not there.
    pub fn hardlink(mut self, path: &str, target: &str) -> Self {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.make_dirs(dir);
        let target = self.tree.get(target).expect("the target of a hard link is added before it");
        self.tree.link(parent, name.as_bytes(), target);
        self
    }

    /// The finished tree.
    pub fn build(mut self) -> Rootfs {
        self.tree.sort();
        Rootfs::new(self.tree, vec![Blob::from(self.bytes)])
    }
}
