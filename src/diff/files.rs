//! Names, compared.

use std::io;

use bstr::BString;
use rayon::prelude::*;
use serde::Serialize;

use crate::rootfs::{Inode, InodeId, Kind, NodeId, Rootfs, Tree};

/// Regular files and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Regular files; one with several names counts once.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Sums {
    /// Those of a tree.
    pub fn of(tree: &Tree) -> Self {
        let mut seen = vec![false; tree.inode_capacity()];
        let mut sums = Self::default();
        for node in tree.iter().filter(|&node| tree.inode(node).is_file()) {
            if !std::mem::replace(&mut seen[tree.inode_id(node).index()], true) {
                sums.files += 1;
                sums.bytes = sums.bytes.saturating_add(tree.inode(node).size());
            }
        }
        sums
    }
}

/// Bytes of all regular files of a tree.
pub fn file_bytes(tree: &Tree) -> u64 {
    Sums::of(tree).bytes
}

/// A name that only one image has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Absolute path.
    pub path: BString,
    /// `file`, `directory`, `symlink`, `device` or `fifo`.
    pub kind: &'static str,
    /// Bytes counted with this name: a file with several names counts with one of them, others have 0.
    pub bytes: u64,
    /// Whether a regular file is counted with it.
    pub counts: bool,
}

/// In what a name differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// File, directory, symlink …
    Type,
    /// The bytes of a regular file.
    Content,
    /// Where a symlink leads, or which device it is.
    Target,
    /// Permission bits.
    Mode,
    /// User or group.
    Owner,
    /// Extended attributes, such as capabilities.
    Xattrs,
    /// Whether the file is counted with this name or with another of its names.
    Links,
}

/// A name that both have, for different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Absolute path.
    pub path: BString,
    /// In what they differ.
    pub aspects: Vec<Aspect>,
    /// Bytes counted with this name in the first image.
    pub before: u64,
    /// The same in the second.
    pub after: u64,
}

/// All names that differ, in byte order of their paths' components.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Only the second has them.
    pub added: Vec<File>,
    /// Only the first has them.
    pub removed: Vec<File>,
    /// Both have them.
    pub changed: Vec<Changed>,
}

impl Files {
    pub(super) fn new(before: &Rootfs, after: &Rootfs) -> io::Result<Self> {
        let pairs = pairs(&before.tree, &after.tree);
        let shared = |side: fn(&Pair) -> Option<NodeId>| {
            let both = pairs.iter().filter(|pair| pair.0.is_some() && pair.1.is_some());
            both.filter_map(side).collect::<Vec<_>>()
        };
        let (old, new) = (Counted::new(&before.tree, &shared(|p| p.0)), Counted::new(&after.tree, &shared(|p| p.1)));
        let mut files = Self::default();
        for pair in &pairs {
            match *pair {
                (Some(node), None) => files.removed.push(file(&before.tree, node, &old)),
                (None, Some(node)) => files.added.push(file(&after.tree, node, &new)),
                _ => {}
            }
        }
        let both = pairs.par_iter().filter_map(|&(a, b)| Some((a?, b?)));
        let changed = both.map(|(a, b)| {
            let mut aspects = aspects(before, after, a, b)?;
            if old.counts(&before.tree, a) != new.counts(&after.tree, b) && !aspects.contains(&Aspect::Type) {
                aspects.push(Aspect::Links);
            }
            let (path, before, after) = (before.tree.path(a), old.bytes(&before.tree, a), new.bytes(&after.tree, b));
            Ok((!aspects.is_empty()).then_some(Changed { path, aspects, before, after }))
        });
        files.changed = changed.filter_map(Result::transpose).collect::<io::Result<_>>()?;
        Ok(files)
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl Sums {
    pub(super) fn of_files(files: &[File]) -> Self {
        files.iter().fold(Self::default(), |sums, file| Self {
            files: sums.files + u64::from(file.counts),
            bytes: sums.bytes.saturating_add(file.bytes),
        })
    }
}

/// What a path leads to in each tree.
type Pair = (Option<NodeId>, Option<NodeId>);

/// Every path of either tree, in order.
fn pairs(before: &Tree, after: &Tree) -> Vec<Pair> {
    let mut found = Vec::new();
    let mut stack = vec![(Some(Tree::ROOT), Some(Tree::ROOT))];
    while let Some(pair) = stack.pop() {
        found.push(pair);
        let children = |tree: &Tree, node: Option<NodeId>| {
            node.into_iter().flat_map(|node| tree.children(node)).collect::<Vec<NodeId>>()
        };
        let (a, b) = (children(before, pair.0), children(after, pair.1));
        let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
        let from = stack.len();
        loop {
            let order = match (a.peek(), b.peek()) {
                (Some(&x), Some(&y)) => before.name(x).cmp(after.name(y)),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            stack.push((if order.is_le() { a.next() } else { None }, if order.is_ge() { b.next() } else { None }));
        }
        stack.get_mut(from..).unwrap_or_default().reverse();
    }
    found
}

/// With which of its names each file is counted: the first that both images have, or else the first.
struct Counted(Vec<Option<NodeId>>);

impl Counted {
    fn new(tree: &Tree, shared: &[NodeId]) -> Self {
        let mut by_inode = vec![None; tree.inode_capacity()];
        for node in shared.iter().copied().chain(tree.iter()).filter(|&node| tree.inode(node).is_file()) {
            let InodeId(id) = tree.inode_id(node);
            if let Some(slot) = by_inode.get_mut(id as usize) {
                slot.get_or_insert(node);
            }
        }
        Self(by_inode)
    }

    fn counts(&self, tree: &Tree, node: NodeId) -> bool {
        self.0.get(tree.inode_id(node).index()).is_some_and(|counted| *counted == Some(node))
    }

    fn bytes(&self, tree: &Tree, node: NodeId) -> u64 {
        if self.counts(tree, node) { tree.inode(node).size() } else { 0 }
    }
}

fn file(tree: &Tree, node: NodeId, counted: &Counted) -> File {
    File {
        path: tree.path(node),
        kind: kind(&tree.inode(node).kind),
        bytes: counted.bytes(tree, node),
        counts: counted.counts(tree, node),
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Directory => "directory",
        Kind::File(_) => "file",
        Kind::Symlink(_) => "symlink",
        Kind::CharDevice(..) | Kind::BlockDevice(..) => "device",
        Kind::Fifo => "fifo",
    }
}

fn aspects(before: &Rootfs, after: &Rootfs, a: NodeId, b: NodeId) -> io::Result<Vec<Aspect>> {
    let (x, y): (&Inode, &Inode) = (before.tree.inode(a), after.tree.inode(b));
    let mut found = Vec::new();
    match (&x.kind, &y.kind) {
        (Kind::File(_), Kind::File(_)) => {
            if x.size() != y.size() || before.blake3(a)? != after.blake3(b)? {
                found.push(Aspect::Content);
            }
        }
        (Kind::Directory, Kind::Directory) | (Kind::Fifo, Kind::Fifo) => {}
        (Kind::Symlink(_), Kind::Symlink(_))
        | (Kind::CharDevice(..), Kind::CharDevice(..))
        | (Kind::BlockDevice(..), Kind::BlockDevice(..)) => found.extend((x.kind != y.kind).then_some(Aspect::Target)),
        _ => found.push(Aspect::Type),
    }
    // What a symlink's mode says means nothing.
    let is_link = matches!(x.kind, Kind::Symlink(_)) || matches!(y.kind, Kind::Symlink(_));
    found.extend((x.meta.mode != y.meta.mode && !is_link).then_some(Aspect::Mode));
    found.extend(((x.meta.uid, x.meta.gid) != (y.meta.uid, y.meta.gid)).then_some(Aspect::Owner));
    found.extend((x.xattrs != y.xattrs).then_some(Aspect::Xattrs));
    Ok(found)
}
