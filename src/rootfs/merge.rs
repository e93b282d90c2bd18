//! Merges layers into one tree: OCI image spec, layer.md, "Applying Changesets". Where the text leaves room, the
//! result is what container engines and `umoci raw unpack` make of the same layers.

use bstr::{BStr, BString, ByteSlice};
use thin_vec::ThinVec;

use super::accounting::{self, Accounting};
use super::contents::Rootfs;
use super::tree::{Content, Inode, Kind, NodeId, Tree};
use crate::image::Layer;
use crate::tarball::{Counted, EntryKind, Limits, MAX_PATH, Metadata, Segment, TarEntry, TarIndex};
use crate::{Error, Result};

/// How many bytes the names of a file's attributes have, each with a NUL (`XATTR_LIST_MAX`, xattr(7)).
const MAX_XATTR_NAMES: usize = 64 << 10;
/// Most symlinks followed while looking for an entry's directory.
const MAX_SYMLINKS: usize = 255;

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";
/// AUFS kept its own files under such names. Engines do not unpack them, save as targets of hard links.
const AUFS: &[u8] = b".wh..wh.";

/// The tree that the layers make together, and what became of their bytes.
#[derive(Debug)]
pub struct Merged {
    /// The tree.
    pub rootfs: Rootfs,
    /// Bytes by layer, and what lies hidden.
    pub accounting: Accounting,
}

/// Applies the layers one after the other, the lowest first.
///
/// # Errors
/// If an entry cannot be applied: a hard link to nothing, a root that is no directory, endless symlinks.
pub fn merge(layers: &[Layer]) -> Result<Merged> {
    merge_within(layers, &Limits::default())
}

/// As [`merge()`], held to these limits.
///
/// # Errors
/// Also if the paths that come of following links are longer than the limit of metadata allows.
pub fn merge_within(layers: &[Layer], limits: &Limits) -> Result<Merged> {
    let mut tree = Tree::default();
    let mut touched = Vec::new();
    let mut paths = Paths { sizes: vec![(0, 0)], total: 0, limits };
    for (number, layer) in layers.iter().enumerate() {
        let fail = |reason: String| {
            let name = if layer.diff_id.is_empty() { number.to_string() } else { layer.diff_id.clone() };
            Error::Layer { layer: name, reason }
        };
        let number = u32::try_from(number).map_err(|_| fail("too many layers".into()))?;
        let (tree, touched, paths) = (&mut tree, &mut touched, &mut paths);
        let mut applied = Applier { tree, touched, paths, index: &layer.index, number, last_dir: None };
        for entry in layer.index.entries() {
            applied.entry(entry).map_err(|reason| fail(format!("{}: {reason}", shown(layer.index.path(entry)))))?;
        }
        applied.remove_aufs_files();
    }
    tree.sort();
    let accounting = accounting::of(&tree, layers);
    let layers = layers.iter().map(|layer| layer.blob.clone()).collect();
    Ok(Merged { rootfs: Rootfs::new(tree, layers), accounting })
}

/// A path as messages name it: on one line, not too long, and not empty where it is the root.
fn shown(path: &BStr) -> String {
    if path.is_empty() {
        return "/".into();
    }
    path.chars().take(200).collect::<String>().escape_debug().to_string()
}

/// How many folders deep files lie for nothing. Images have some twenty.
const DEEP: u16 = 32;
/// What each folder more counts, in bytes: paths are walked many times.
const FOLDER: u64 = 24;

/// How long and how deep the paths in the tree are. Entries behind links have longer ones than the tar says.
struct Paths<'l> {
    /// By node, bytes and folders.
    sizes: Vec<(u16, u16)>,
    total: u64,
    limits: &'l Limits,
}

impl Paths<'_> {
    /// Counts the path of a name in `dir`.
    fn add(&mut self, dir: NodeId, name: &[u8]) -> Result<(u16, u16), String> {
        let (length, depth) = self.sizes.get(dir.index()).copied().unwrap_or_default();
        let (length, depth) = (usize::from(length) + 1 + name.len(), depth + 1);
        let short = u16::try_from(length).ok().filter(|_| length <= MAX_PATH + 1);
        let short = short.ok_or_else(|| format!("behind links its path has more than {MAX_PATH} bytes"))?;
        self.total += length as u64 + FOLDER * u64::from(depth.saturating_sub(DEEP));
        self.limits.check(Counted::Metadata, self.total)?;
        Ok((short, depth))
    }

    fn set(&mut self, node: NodeId, size: (u16, u16)) {
        self.sizes.resize(self.sizes.len().max(node.index() + 1), (0, 0));
        if let Some(slot) = self.sizes.get_mut(node.index()) {
            *slot = size;
        }
    }
}

/// Applies the entries of one layer.
struct Applier<'t, 'l> {
    tree: &'t mut Tree,
    paths: &'t mut Paths<'l>,
    /// By node, one more than the last layer that had an entry there or below. Whiteouts spare what their own
    /// layer brought, wherever in the tar they are.
    touched: &'t mut Vec<u32>,
    index: &'t TarIndex,
    number: u32,
    /// The directory of the last entry: most often the next one's too.
    last_dir: Option<(&'t [u8], NodeId)>,
}

/// Where a path leads: a directory that is there, and the names below it that are not.
struct Located {
    dir: NodeId,
    missing: Vec<BString>,
}

impl<'t> Applier<'t, '_> {
    fn entry(&mut self, entry: &TarEntry) -> Result<(), String> {
        let path = self.index.path(entry);
        let Some((dir, name)) = split(path) else {
            if entry.kind != EntryKind::Directory {
                return Err("the root can be nothing but a directory".into());
            }
            self.update_dir(Tree::ROOT, entry);
            self.touch(Tree::ROOT);
            return Ok(());
        };
        if name.starts_with(WHITEOUT) && !(dir.is_empty() && name.starts_with(AUFS) && name != OPAQUE) {
            return self.whiteout(dir, name);
        }
        let dir = self.make_dir(dir)?;
        let kind = match &entry.kind {
            EntryKind::HardLink(target) => return self.hard_link(dir, name, self.index.text(*target), entry),
            EntryKind::Directory => {
                if let Some(there) = self.tree.child(dir, name).filter(|&there| self.tree.inode(there).is_dir()) {
                    self.update_dir(there, entry);
                    self.touch(there);
                    return Ok(());
                }
                Kind::Directory
            }
            EntryKind::File { offset, size } => self.file(*offset, *size, None),
            EntryKind::Sparse { size, runs } => self.file(0, *size, Some(runs.clone())),
            EntryKind::Symlink(target) => Kind::Symlink(self.index.text(*target).to_owned()),
            EntryKind::CharDevice(major, minor) => Kind::CharDevice(*major, *minor),
            EntryKind::BlockDevice(major, minor) => Kind::BlockDevice(*major, *minor),
            EntryKind::Fifo => Kind::Fifo,
        };
        let mut inode = Inode::new(kind, entry.meta, self.number);
        inode.xattrs.clone_from(&entry.xattrs);
        self.insert(dir, name, inode)?;
        Ok(())
    }

    fn file(&self, offset: u64, size: u64, sparse: Option<ThinVec<Segment>>) -> Kind {
        Kind::File(Content { layer: self.number, offset, size, sparse })
    }

    fn insert(&mut self, dir: NodeId, name: &[u8], inode: Inode) -> Result<NodeId, String> {
        let size = self.paths.add(dir, name)?;
        self.forget_if_replaced(dir, name);
        let node = self.tree.insert(dir, name, inode);
        self.paths.set(node, size);
        self.touch(node);
        Ok(node)
    }

    /// A directory that goes may be, or hold, the one remembered.
    fn forget_if_replaced(&mut self, dir: NodeId, name: &[u8]) {
        if self.tree.child(dir, name).is_some() {
            self.last_dir = None;
        }
    }

    fn update_dir(&mut self, node: NodeId, entry: &TarEntry) {
        let inode = self.tree.inode_mut(node);
        inode.meta = entry.meta;
        inode.xattrs.clone_from(&entry.xattrs);
    }

    /// A hard link names whatever its target names now; a link to a symlink is to the symlink itself.
    ///
    /// Owner, mode, time and attributes of its entry are those of the file from now on, under all its names: Docker and containerd
    /// set them by the new name (`createTarFile` of both). Of a symlink only the owner is set so. Most writers of archives
    /// state what the target's entry states.
    fn hard_link(&mut self, dir: NodeId, name: &[u8], target: &BStr, entry: &TarEntry) -> Result<(), String> {
        let found = match split(target) {
            Some((parent, base)) => {
                let place = self.locate(parent)?;
                place.missing.is_empty().then(|| self.tree.child(place.dir, base)).flatten()
            }
            None => Some(Tree::ROOT),
        };
        let Some(found) = found else { return Err(format!("hard link to {}, which is not there", shown(target))) };
        if self.tree.inode(found).is_dir() {
            return Err(format!("hard link to {}, which is a directory", shown(target)));
        }
        let size = self.paths.add(dir, name)?;
        self.forget_if_replaced(dir, name);
        self.update_link(found, entry)?;
        let node = self.tree.link(dir, name, found);
        self.paths.set(node, size);
        self.touch(node);
        Ok(())
    }

    fn update_link(&mut self, node: NodeId, entry: &TarEntry) -> Result<(), String> {
        let inode = self.tree.inode_mut(node);
        if matches!(inode.kind, Kind::Symlink(_)) {
            (inode.meta.uid, inode.meta.gid) = (entry.meta.uid, entry.meta.gid);
        } else {
            inode.meta = entry.meta;
        }
        // In the order of their names.
        for (name, value) in &entry.xattrs {
            match inode.xattrs.binary_search_by(|(known, _)| known.cmp(name)) {
                Ok(at) => inode.xattrs[at].1.clone_from(value),
                Err(at) => inode.xattrs.insert(at, (name.clone(), value.clone())),
            }
        }
        let names: usize =
            entry.xattrs.first().map_or(0, |_| inode.xattrs.iter().map(|(name, _)| name.len() + 1).sum());
        if names > MAX_XATTR_NAMES {
            return Err(format!("a file has extended attributes whose names have more than {MAX_XATTR_NAMES} bytes"));
        }
        Ok(())
    }

    /// Removes what lower layers have under a name, or in a directory.
    fn whiteout(&mut self, dir: &[u8], name: &[u8]) -> Result<(), String> {
        let place = self.locate(dir)?;
        if name == OPAQUE {
            if place.missing.is_empty() {
                self.purge_below(place.dir);
            }
            return Ok(());
        }
        let name = name.strip_prefix(WHITEOUT).unwrap_or(name);
        if matches!(name, b"" | b"." | b"..") {
            return Err("a whiteout of nothing".into());
        }
        if place.missing.is_empty()
            && let Some(node) = self.tree.child(place.dir, name)
        {
            if self.is_touched(node) {
                self.purge_below(node);
            } else {
                self.remove(node);
            }
        }
        Ok(())
    }

    /// Removes what this layer has not touched.
    fn purge_below(&mut self, dir: NodeId) {
        let mut stack = vec![dir];
        while let Some(dir) = stack.pop() {
            let children: Vec<NodeId> = self.tree.children(dir).collect();
            // From the end, where taking one out of the list is cheapest.
            for child in children.into_iter().rev() {
                if self.is_touched(child) {
                    stack.push(child);
                } else {
                    self.remove(child);
                }
            }
        }
    }

    fn remove(&mut self, node: NodeId) {
        self.last_dir = None;
        self.tree.remove(node);
    }

    fn is_touched(&self, node: NodeId) -> bool {
        self.touched.get(node.index()).is_some_and(|&layer| layer == self.number + 1)
    }

    /// Marks a node and the directories above it.
    fn touch(&mut self, node: NodeId) {
        self.touched.resize(self.tree.capacity(), 0);
        let mut at = node;
        while let Some(mark) = self.touched.get_mut(at.index())
            && *mark != self.number + 1
        {
            *mark = self.number + 1;
            at = self.tree.parent(at);
        }
    }

    /// The directory at `path`, made with its parents if it is not there.
    fn make_dir(&mut self, path: &'t [u8]) -> Result<NodeId, String> {
        if let Some((last, dir)) = self.last_dir
            && last == path
        {
            return Ok(dir);
        }
        let Located { mut dir, missing } = self.locate(path)?;
        for name in missing {
            // No layer can hold it again: readers take such a name for an order to delete something.
            let aufs = dir == Tree::ROOT && name.starts_with(AUFS);
            if name.starts_with(WHITEOUT) && !aufs {
                return Err("a directory in its path has the name of a whiteout, .wh.".into());
            }
            // What has the name now is no directory; a file below it takes its place.
            let meta = Metadata { mode: 0o755, ..Metadata::default() };
            dir = self.insert(dir, &name, Inode::new(Kind::Directory, meta, self.number))?;
        }
        self.last_dir = Some((path, dir));
        Ok(dir)
    }

    /// Follows `path` with all its symlinks, which cannot lead out of the tree.
    fn locate(&self, path: &[u8]) -> Result<Located, String> {
        let mut place = Located { dir: Tree::ROOT, missing: Vec::new() };
        let mut followed = 0;
        // What is still to be walked, the next stretch last.
        let mut todo: Vec<&[u8]> = vec![path];
        while let Some(rest) = todo.pop() {
            let (part, rest) = rest.split_once_str("/").unwrap_or((rest, b""));
            if !rest.is_empty() {
                todo.push(rest);
            }
            match part {
                b"" | b"." => continue,
                b".." => {
                    if place.missing.pop().is_none() {
                        place.dir = self.tree.parent(place.dir);
                    }
                    continue;
                }
                _ => {}
            }
            let child = if place.missing.is_empty() { self.tree.child(place.dir, part) } else { None };
            match child.map(|child| (child, &self.tree.inode(child).kind)) {
                Some((child, Kind::Directory)) => place.dir = child,
                Some((_, Kind::Symlink(target))) => {
                    followed += 1;
                    if followed > MAX_SYMLINKS {
                        return Err("too many symbolic links in its path".into());
                    }
                    if target.starts_with(b"/") {
                        place.dir = Tree::ROOT;
                    }
                    todo.push(target);
                }
                _ => place.missing.push(part.into()),
            }
        }
        Ok(place)
    }

    fn remove_aufs_files(&mut self) {
        let found: Vec<NodeId> =
            self.tree.children(Tree::ROOT).filter(|&node| self.tree.name(node).starts_with(AUFS)).collect();
        for node in found {
            self.remove(node);
        }
    }
}

/// Directory and last part of a cleaned path; none for the root.
fn split(path: &BStr) -> Option<(&[u8], &[u8])> {
    let path: &[u8] = path;
    match path.rsplit_once_str("/") {
        Some(parts) => Some(parts),
        None if path.is_empty() => None,
        None => Some((b"", path)),
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
