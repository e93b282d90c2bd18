//! A file tree as an arena: names (directory entries) apart from inodes, so that hard links are one inode
//! with several names, as on a real file system.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use bstr::{BStr, BString};
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::tarball::{Metadata, Segment, Xattr};

/// A name in the tree. The root is [`Tree::ROOT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub(crate) u32);

/// What one or more names stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InodeId(pub(crate) u32);

impl NodeId {
    /// Position in a table with one slot a node (see [`Tree::capacity`]).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl InodeId {
    /// Position in a table with one slot an inode.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a regular file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Index of the layer that holds the bytes.
    pub layer: u32,
    /// Where in the uncompressed layer they start (unused for a sparse file).
    pub offset: u64,
    /// The file's size in bytes.
    pub size: u64,
    /// The data runs of a sparse file, in order and without overlap.
    pub sparse: Option<ThinVec<Segment>>,
}

impl Content {
    /// Whether there are far more zeros in holes than bytes that are there. Linkers leave holes of some megabytes between segments.
    pub fn is_hollow(&self) -> bool {
        self.sparse.as_ref().is_some_and(|runs| {
            let data = runs.iter().fold(0_u64, |sum, run| sum.saturating_add(run.len));
            self.size.saturating_sub(data) > data.saturating_mul(8).saturating_add(4 << 20)
        })
    }

    /// The runs of data, whether the file is sparse or not.
    pub fn segments(&self) -> Cow<'_, [Segment]> {
        match &self.sparse {
            Some(runs) => Cow::Borrowed(runs),
            None => Cow::Owned(vec![Segment { start: 0, offset: self.offset, len: self.size }]),
        }
    }
}

/// What an inode is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory; its entries are the tree's.
    Directory,
    /// A regular file.
    File(Content),
    /// A symbolic link and its target, unresolved.
    Symlink(BString),
    /// A character device: major, minor.
    CharDevice(u32, u32),
    /// A block device: major, minor.
    BlockDevice(u32, u32),
    /// A named pipe.
    Fifo,
}

/// A file system object: type, metadata, extended attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inode {
    /// Type and content.
    pub kind: Kind,
    /// Owner, permissions, time.
    pub meta: Metadata,
    /// Extended attributes, sorted by name.
    pub xattrs: ThinVec<Xattr>,
    /// Index of the layer that brought it.
    pub layer: u32,
    /// How many names it has.
    pub links: u32,
}

impl Inode {
    /// An inode without extended attributes and with no name yet.
    pub fn new(kind: Kind, meta: Metadata, layer: u32) -> Self {
        Self { kind, meta, xattrs: ThinVec::new(), layer, links: 0 }
    }
    /// Whether this is a directory.
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Directory)
    }
    /// Whether this is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }
    /// Size of a regular file in bytes; 0 for anything else.
    pub fn size(&self) -> u64 {
        if let Kind::File(content) = &self.kind { content.size } else { 0 }
    }
}

/// A name in its directory: 16 bytes, for images of a million files.
#[derive(Debug)]
struct Node {
    /// Number in [`NameTable`].
    name: u32,
    parent: u32,
    inode: u32,
    /// Where in [`Tree::lists`] the children are, or [`NO_LIST`], or [`REMOVED`].
    children: u32,
}

/// A node that never had children.
const NO_LIST: u32 = u32::MAX;
/// A node that is no longer in the tree. Its name and parent stay.
const REMOVED: u32 = u32::MAX - 1;

/// All names of a tree, each once: images have some names thousands of times.
#[derive(Debug, Default)]
struct NameTable {
    keys: RandomState,
    bytes: Vec<u8>,
    /// Where in `bytes` each name ends; the next one starts there.
    ends: Vec<usize>,
    index: HashTable<u32>,
}

impl NameTable {
    fn get(&self, name: u32) -> &[u8] {
        let start = name.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.bytes[start..self.ends[name as usize]]
    }

    /// The number of this name, if it has one.
    fn find(&self, name: &[u8]) -> Option<u32> {
        self.index.find(self.keys.hash_one(name), |&known| self.get(known) == name).copied()
    }

    /// The number of this name.
    fn intern(&mut self, name: &[u8]) -> u32 {
        let hash = self.keys.hash_one(name);
        if let Some(&known) = self.index.find(hash, |&known| self.get(known) == name) {
            return known;
        }
        let number = u32::try_from(self.ends.len()).expect("fewer than 2^32 names");
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
        let (bytes, ends, keys) = (&self.bytes, &self.ends, &self.keys);
        self.index.insert_unique(hash, number, |&other| {
            let start = other.checked_sub(1).map_or(0, |before| ends[before as usize]);
            keys.hash_one(&bytes[start..ends[other as usize]])
        });
        number
    }
}

/// A file tree. Iteration is in byte order of the names once [`Tree::sort`] has run.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    inodes: Vec<Inode>,
    names: NameTable,
    /// The children of each directory that has or had some, in any order until [`Tree::sort`]; the position of one is found
    /// through `index`.
    lists: Vec<Vec<u32>>,
    /// By node, where in its directory's list it is; gone once the lists are sorted. Later layers may replace every file of a
    /// folder, one after the other.
    positions: Vec<u32>,
    /// (parent, name's number) → node, so that lookups in huge directories stay constant.
    index: HashTable<u32>,
    /// Its keys are drawn anew for every tree: names cannot be chosen so that they collide.
    keys: RandomState,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new(Metadata { mode: 0o755, ..Metadata::default() })
    }
}

impl Tree {
    /// The root directory.
    pub const ROOT: NodeId = NodeId(0);

    /// A tree with nothing but a root directory.
    pub fn new(root: Metadata) -> Self {
        let mut inode = Inode::new(Kind::Directory, root, 0);
        inode.links = 1;
        let mut names = NameTable::default();
        let node = Node { name: names.intern(b""), parent: 0, inode: 0, children: NO_LIST };
        Self {
            nodes: vec![node],
            inodes: vec![inode],
            names,
            lists: Vec::new(),
            positions: vec![0],
            index: HashTable::new(),
            keys: RandomState::new(),
        }
    }

    /// One more than the largest [`NodeId::index`]: the length of a table with a slot a node.
    pub fn capacity(&self) -> usize {
        self.nodes.len()
    }

    /// One more than the largest [`InodeId::index`].
    pub fn inode_capacity(&self) -> usize {
        self.inodes.len()
    }

    /// The name of `node` within its directory; empty for the root.
    pub fn name(&self, node: NodeId) -> &BStr {
        BStr::new(self.names.get(self.nodes[node.index()].name))
    }

    /// The directory that holds `node`; the root is its own parent.
    pub fn parent(&self, node: NodeId) -> NodeId {
        NodeId(self.nodes[node.index()].parent)
    }

    /// Which inode `node` names.
    pub fn inode_id(&self, node: NodeId) -> InodeId {
        InodeId(self.nodes[node.index()].inode)
    }

    /// The inode `node` names.
    pub fn inode(&self, node: NodeId) -> &Inode {
        &self.inodes[self.nodes[node.index()].inode as usize]
    }

    /// The inode `node` names, to be changed. All its names see the change.
    pub fn inode_mut(&mut self, node: NodeId) -> &mut Inode {
        let inode = self.nodes[node.index()].inode as usize;
        &mut self.inodes[inode]
    }

    /// The inode with this number.
    pub fn inode_by_id(&self, inode: InodeId) -> &Inode {
        &self.inodes[inode.index()]
    }

    /// The entries of a directory (none for anything else).
    pub fn children(&self, node: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + '_ {
        let list = self.lists.get(self.nodes[node.index()].children as usize).map_or(&[][..], Vec::as_slice);
        list.iter().map(|&child| NodeId(child))
    }

    /// The entry `name` of the directory `parent`, symlinks not followed.
    pub fn child(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        let name = self.names.find(name)?;
        let found = self.index.find(self.keys.hash_one((parent.0, name)), |&id| {
            let node = &self.nodes[id as usize];
            node.parent == parent.0 && node.name == name
        });
        found.map(|&id| NodeId(id))
    }

    /// The node at `path` (absolute or relative to the root), no symlink followed, `.` and empty parts ignored.
    pub fn get(&self, path: impl AsRef<[u8]>) -> Option<NodeId> {
        let mut node = Self::ROOT;
        for part in path.as_ref().split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => node = self.parent(node),
                name => node = self.child(node, name)?,
            }
        }
        Some(node)
    }

    /// The absolute path of `node`: `/` for the root, else no trailing slash.
    pub fn path(&self, node: NodeId) -> BString {
        if node == Self::ROOT {
            return BString::from("/");
        }
        let mut parts = Vec::new();
        let mut at = node;
        while at != Self::ROOT {
            parts.push(self.name(at));
            at = self.parent(at);
        }
        let mut path = Vec::with_capacity(parts.iter().map(|p| p.len() + 1).sum());
        for part in parts.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(part);
        }
        path.into()
    }

    /// Whether `ancestor` is `node` or a directory above it.
    pub fn is_within(&self, node: NodeId, ancestor: NodeId) -> bool {
        let mut at = node;
        loop {
            if at == ancestor {
                return true;
            }
            if at == Self::ROOT {
                return false;
            }
            at = self.parent(at);
        }
    }

    /// Adds a new inode under a new name, replacing whatever had the name (with all that is below it).
    pub fn insert(&mut self, parent: NodeId, name: &[u8], inode: Inode) -> NodeId {
        let id = u32::try_from(self.inodes.len()).expect("fewer than 2^32 inodes");
        self.inodes.push(inode);
        self.bind(parent, name, id)
    }

    /// Adds another name for the inode of `target` (a hard link), replacing whatever had the name.
    pub fn link(&mut self, parent: NodeId, name: &[u8], target: NodeId) -> NodeId {
        if let Some(same) = self.child(parent, name)
            && self.inode_id(same) == self.inode_id(target)
        {
            return same;
        }
        let inode = self.nodes[target.index()].inode;
        self.bind(parent, name, inode)
    }

    fn bind(&mut self, parent: NodeId, name: &[u8], inode: u32) -> NodeId {
        if let Some(old) = self.child(parent, name) {
            self.remove(old);
        }
        let id = u32::try_from(self.nodes.len()).expect("fewer than 2^32 names");
        let name = self.names.intern(name);
        self.nodes.push(Node { name, parent: parent.0, inode, children: NO_LIST });
        self.inodes[inode as usize].links += 1;
        let list = &mut self.nodes[parent.index()].children;
        if *list >= REMOVED {
            *list = u32::try_from(self.lists.len()).expect("fewer than 2^32 directories");
            self.lists.push(Vec::new());
        }
        let list = &mut self.lists[*list as usize];
        if let Ok(at) = u32::try_from(list.len())
            && self.positions.len() == id as usize
        {
            self.positions.push(at);
        }
        list.push(id);
        let (nodes, keys) = (&self.nodes, &self.keys);
        self.index.insert_unique(keys.hash_one((parent.0, name)), id, |&id| {
            let node = &nodes[id as usize];
            keys.hash_one((node.parent, node.name))
        });
        NodeId(id)
    }

    /// Takes `node` and all that is below it out of the tree. The root stays.
    pub fn remove(&mut self, node: NodeId) {
        if node == Self::ROOT || self.nodes[node.index()].children == REMOVED {
            return;
        }
        self.unlist(node);
        let mut stack = vec![node.0];
        while let Some(id) = stack.pop() {
            let node = &mut self.nodes[id as usize];
            let list = std::mem::replace(&mut node.children, REMOVED);
            if let Some(list) = self.lists.get_mut(list as usize) {
                stack.append(list);
            }
            self.inodes[node.inode as usize].links -= 1;
            let hash = self.keys.hash_one((node.parent, node.name));
            if let Ok(entry) = self.index.find_entry(hash, |&other| other == id) {
                entry.remove();
            }
        }
    }

    /// Takes `node` out of its directory's list: at once where its position is known, else by a search.
    fn unlist(&mut self, node: NodeId) {
        let parent = self.nodes[node.index()].parent;
        let Some(siblings) = self.lists.get_mut(self.nodes[parent as usize].children as usize) else { return };
        match self.positions.get(node.index()).map(|&at| at as usize) {
            Some(at) if siblings.get(at) == Some(&node.0) => {
                siblings.swap_remove(at);
                if let Some(&moved) = siblings.get(at) {
                    self.positions[moved as usize] = at as u32;
                }
            }
            _ => siblings.retain(|&id| id != node.0),
        }
    }

    /// Takes all entries out of a directory.
    pub fn clear(&mut self, node: NodeId) {
        let children: Vec<NodeId> = self.children(node).collect();
        for child in children.into_iter().rev() {
            self.remove(child);
        }
    }

    /// Puts every directory's entries in byte order. To be called once building is done.
    pub fn sort(&mut self) {
        self.positions = Vec::new();
        let name = |id: u32| self.names.get(self.nodes[id as usize].name);
        for list in &mut self.lists {
            list.sort_unstable_by(|&a, &b| name(a).cmp(name(b)));
            list.shrink_to_fit();
        }
    }

    /// All nodes below and including `from`, parents before children, siblings in order.
    pub fn walk(&self, from: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut stack = vec![from];
        std::iter::from_fn(move || {
            let node = stack.pop()?;
            stack.extend(self.children(node).rev());
            Some(node)
        })
    }

    /// All nodes, from the root down.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.walk(Self::ROOT)
    }
}
