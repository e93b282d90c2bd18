//! The kept part of a tree as one tar stream, produced piece by piece.
//!
//! Parents come before children and siblings in byte order, so the same tree always gives the same bytes.
//! Of a file with several kept names the first one in that order carries the content and the others are hard links to it.
//! Sparse files are written out in full, their holes as zeros.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use tar::EntryType;

use crate::image::Blob;
use crate::plan::{Edit, Plan};
use crate::rootfs::{Content, InodeId, Kind, Metadata, NodeId, Rootfs, Segment, Tree};
use crate::tarball::{BLOCK, EntryHeader};
use crate::{Error, Result};

/// Two blocks of zeros end an archive.
const END: usize = 2 * BLOCK;

/// One entry of the layer.
#[derive(Clone, Copy, Debug)]
struct Entry {
    node: NodeId,
    /// The name that carries the content, if this is a further name of the same file.
    link_to: Option<NodeId>,
}

/// The squashed layer, read from start to end with [`Layer::fill`].
pub struct Layer<'a> {
    rootfs: &'a Rootfs,
    plan: &'a Plan,
    /// Modification times after this one (seconds since the epoch) are set to it.
    latest: Option<i64>,
    entries: Vec<Entry>,
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

impl<'a> Layer<'a> {
    /// The layer of what `plan` keeps. Directories above something that is kept are always in it.
    pub fn new(rootfs: &'a Rootfs, plan: &'a Plan, latest: Option<i64>) -> Self {
        let tree = &rootfs.tree;
        let mut wanted = vec![false; tree.capacity()];
        wanted[Tree::ROOT.index()] = true;
        for node in tree.iter().filter(|&node| plan.keeps(node)) {
            let mut at = node;
            while !wanted[at.index()] {
                wanted[at.index()] = true;
                at = tree.parent(at);
            }
        }
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
            entries.push(Entry { node, link_to });
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

    /// How much of [`Layer::content_size`] has been handed out.
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

    fn start(&mut self, entry: Entry) -> Result<(), String> {
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

/// What is left of a file's content.
enum Body<'a> {
    Memory(&'a [u8]),
    Stored {
        layer: &'a Blob,
        segments: Cow<'a, [Segment]>,
        /// The first segment that does not end before `at`.
        segment: usize,
        at: u64,
        size: u64,
    },
    /// New bytes, then stored ones, then new ones.
    Edited {
        head: &'a [u8],
        stored: Box<Body<'a>>,
        tail: &'a [u8],
    },
}

impl<'a> Body<'a> {
    fn stored(rootfs: &'a Rootfs, content: &'a Content) -> Result<Self, String> {
        let layer = rootfs.layers.get(content.layer as usize).ok_or("its layer is missing")?;
        Ok(Self::Stored { layer, segments: content.segments(), segment: 0, at: 0, size: content.size })
    }

    fn edited(rootfs: &'a Rootfs, content: &'a Content, edit: &'a Edit) -> Result<Self, String> {
        let mut stored = Self::stored(rootfs, content)?;
        if let Self::Stored { at, size, .. } = &mut stored {
            *size = edit.until.min(*size);
            *at = (edit.head.len() as u64).min(*size);
        }
        Ok(Self::Edited { head: &edit.head, stored: Box::new(stored), tail: &edit.tail })
    }

    fn left(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Stored { at, size, .. } => size - at,
            Self::Edited { head, stored, tail } => head.len() as u64 + stored.left() + tail.len() as u64,
        }
    }

    /// Reads some bytes, none only at the end.
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let want = usize::try_from(self.left()).unwrap_or(usize::MAX).min(out.len());
        let out = &mut out[..want];
        match self {
            Self::Memory(bytes) => {
                let (now, later) = bytes.split_at(want);
                out.copy_from_slice(now);
                *bytes = later;
                Ok(want)
            }
            Self::Edited { head, stored, tail } => {
                if head.is_empty() && stored.left() > 0 {
                    return stored.read(out);
                }
                let part = if head.is_empty() { tail } else { head };
                let (now, later) = part.split_at(want.min(part.len()));
                out[..now.len()].copy_from_slice(now);
                *part = later;
                Ok(now.len())
            }
            Self::Stored { layer, segments, segment, at, .. } => {
                while segments.get(*segment).is_some_and(|run| run.start.saturating_add(run.len) <= *at) {
                    *segment += 1;
                }
                let n = match segments.get(*segment) {
                    Some(run) if run.start <= *at => {
                        let into = *at - run.start;
                        let n = usize::try_from(run.len - into).unwrap_or(usize::MAX).min(want);
                        let offset = run.offset.checked_add(into).ok_or(std::io::ErrorKind::UnexpectedEof)?;
                        layer.read_exact_at(&mut out[..n], offset)?;
                        n
                    }
                    hole_before => {
                        let gap = hole_before.map_or(u64::MAX, |run| run.start - *at);
                        let n = usize::try_from(gap).unwrap_or(usize::MAX).min(want);
                        out[..n].fill(0);
                        n
                    }
                };
                *at += n as u64;
                Ok(n)
            }
        }
    }
}
