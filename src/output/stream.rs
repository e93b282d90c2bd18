//! The kept part of a tree as one tar stream, produced piece by piece.
//!
//! Parents come before children and siblings in byte order, so the same tree always gives the same bytes.
//! Of a file with several kept names the first one in that order carries the content and the others are hard links to it.
//! Sparse files are written out in full, their holes as zeros.

use std::collections::{HashMap, HashSet};

use tar::EntryType;

use super::body::Body;
use crate::plan::Plan;
use crate::rootfs::{InodeId, Kind, Metadata, NodeId, Rootfs, Tree};
use crate::tarball::{BLOCK, EntryHeader};
use crate::{Error, Result};

/// Two blocks of zeros end an archive.
const END: usize = 2 * BLOCK;

/// One entry of the layer.
#[derive(Clone, Copy, Debug)]
struct LayerEntry {
    node: NodeId,
    /// The name that carries the content, if this is a further name of the same file.
    link_to: Option<NodeId>,
}

/// The squashed layer, read from start to end with [`LayerStream::fill`].
pub struct LayerStream<'a> {
    rootfs: &'a Rootfs,
    plan: &'a Plan,
    /// Modification times after this one (seconds since the epoch) are set to it.
    latest: Option<i64>,
    entries: Vec<LayerEntry>,
    content_size: u64,
    content_done: u64,
    next: usize,
    /// Header blocks that are not handed out yet, from `pending_at` on.
    pending: Vec<u8>,
    pending_at: usize,
    body: Option<Body<'a>>,
    zeros: usize,
    ended: bool,
}

impl<'a> LayerStream<'a> {
    /// The layer of what `plan` keeps. Directories above something that is kept are always in it.
    pub fn new(rootfs: &'a Rootfs, plan: &'a Plan, latest: Option<i64>) -> Self {
        let tree = &rootfs.tree;
        let wanted = wanted(tree, plan);
        let mut first_names = HashMap::new();
        let shared: HashSet<InodeId> = plan.links.values().copied().collect();
        let mut entries = Vec::new();
        let mut content_size = 0;
        for node in tree.iter().filter(|node| wanted[node.index()]) {
            let inode = tree.inode(node);
            let standing = plan.standing_for(tree.inode_id(node));
            let is_shared = inode.links > 1 || shared.contains(&standing);
            let link_to = if is_shared && !inode.is_dir() {
                let first = *first_names.entry(standing).or_insert(node);
                (first != node).then_some(first)
            } else {
                None
            };
            if link_to.is_none() {
                let size = plan.rewritten_size(tree.inode_id(node)).unwrap_or(inode.size());
                content_size += if inode.is_file() { size } else { 0 };
            }
            entries.push(LayerEntry { node, link_to });
        }
        Self {
            rootfs,
            plan,
            latest,
            entries,
            content_size,
            content_done: 0,
            next: 0,
            pending: Vec::new(),
            pending_at: 0,
            body: None,
            zeros: 0,
            ended: false,
        }
    }

    /// Sum of the sizes of the layer's regular files in bytes, a file with several names counted once.
    pub fn content_size(&self) -> u64 {
        self.content_size
    }

    /// How much of [`LayerStream::content_size`] has been handed out.
    pub fn content_done(&self) -> u64 {
        self.content_done
    }

    /// How many entries the layer has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Fills `out` with the stream's next bytes; returns how many there were, fewer than asked only at the end.
    ///
    /// # Errors
    /// If a file's content cannot be read from its layer, or an entry cannot be stored in a tar archive.
    pub fn fill(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < out.len() {
            let room = &mut out[done..];
            if self.pending_at < self.pending.len() {
                let left = &self.pending[self.pending_at..];
                let n = left.len().min(room.len());
                room[..n].copy_from_slice(&left[..n]);
                self.pending_at += n;
                done += n;
            } else if let Some(body) = &mut self.body {
                let n = body.read(room).map_err(|source| self.unreadable(&source))?;
                if n == 0 {
                    self.body = None;
                }
                self.content_done += n as u64;
                done += n;
            } else if self.zeros > 0 {
                let n = self.zeros.min(room.len());
                room[..n].fill(0);
                self.zeros -= n;
                done += n;
            } else if !self.advance()? {
                break;
            }
        }
        Ok(done)
    }

    /// Makes the next entry the current one; false at the end of the stream.
    fn advance(&mut self) -> Result<bool> {
        let Some(&entry) = self.entries.get(self.next) else {
            self.zeros = if self.ended { 0 } else { END };
            return Ok(!std::mem::replace(&mut self.ended, true));
        };
        self.next += 1;
        self.pending.clear();
        self.pending_at = 0;
        self.start(entry).map_err(|reason| {
            let path = self.rootfs.tree.path(entry.node);
            Error::Layer { layer: "output".into(), reason: format!("{path}: {reason}") }
        })?;
        Ok(true)
    }

    fn start(&mut self, entry: LayerEntry) -> Result<(), String> {
        let tree = &self.rootfs.tree;
        let inode = tree.inode(entry.node);
        // Readers take such a name for an order to delete something (OCI image layer specification, "Whiteouts").
        if tree.name(entry.node).starts_with(b".wh.") {
            return Err("a name that starts with .wh. cannot be stored in a layer".into());
        }
        let mut path = relative(tree, entry.node);
        let mut link = Vec::new();
        let mut device = (0, 0);
        let mut size = 0;
        let entry_type = match (&inode.kind, entry.link_to) {
            (Kind::Directory, _) => {
                path.push(b'/');
                EntryType::Directory
            }
            (_, Some(first)) => {
                link = relative(tree, first);
                EntryType::Link
            }
            (Kind::File(content), None) => {
                let inode = tree.inode_id(entry.node);
                let body = match (self.plan.rewrites.get(&inode), self.plan.stripped.get(&inode)) {
                    (Some(bytes), _) => Body::Memory(bytes),
                    (None, Some(edit)) => Body::edited(self.rootfs, content, edit)?,
                    (None, None) => Body::stored(self.rootfs, content)?,
                };
                size = body.left();
                self.zeros = (size.wrapping_neg() % BLOCK as u64) as usize;
                self.body = Some(body);
                EntryType::Regular
            }
            (Kind::Symlink(target), None) => {
                link = target.to_vec();
                EntryType::Symlink
            }
            (&Kind::CharDevice(major, minor), None) => {
                device = (major, minor);
                EntryType::Char
            }
            (&Kind::BlockDevice(major, minor), None) => {
                device = (major, minor);
                EntryType::Block
            }
            (Kind::Fifo, None) => EntryType::Fifo,
        };
        // Links repeat the attributes: extractors chown after linking, which clears file capabilities.
        let meta = clamp(inode.meta, self.latest);
        EntryHeader { path: &path, link: &link, entry_type, meta, size, device, xattrs: &inode.xattrs }
            .encode(&mut self.pending)
    }

    fn unreadable(&self, source: &std::io::Error) -> Error {
        let node = self.next.checked_sub(1).and_then(|at| self.entries.get(at)).map_or(Tree::ROOT, |entry| entry.node);
        let tree = &self.rootfs.tree;
        let layer = match &tree.inode(node).kind {
            Kind::File(content) => content.layer.to_string(),
            _ => "output".into(),
        };
        Error::Layer { layer, reason: format!("{}: cannot read its content: {source}", tree.path(node)) }
    }
}

/// By node, whether it is in the layer: what `plan` keeps, and the directories above it.
fn wanted(tree: &Tree, plan: &Plan) -> Vec<bool> {
    let mut wanted = vec![false; tree.capacity()];
    wanted[Tree::ROOT.index()] = true;
    for node in tree.iter().filter(|&node| plan.keeps(node)) {
        let mut at = node;
        while !wanted[at.index()] {
            wanted[at.index()] = true;
            at = tree.parent(at);
        }
    }
    wanted
}

/// A path as layers have it: no leading slash; `.` for the root.
fn relative(tree: &Tree, node: NodeId) -> Vec<u8> {
    if node == Tree::ROOT {
        return b".".to_vec();
    }
    let mut path = Vec::from(tree.path(node));
    path.remove(0);
    path
}

fn clamp(mut meta: Metadata, latest: Option<i64>) -> Metadata {
    if let Some(latest) = latest
        && (meta.mtime, meta.mtime_nanos) > (latest, 0)
    {
        (meta.mtime, meta.mtime_nanos) = (latest, 0);
    }
    meta
}
