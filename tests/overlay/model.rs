//! What layers make together, worked out the plain way: a map of paths to inode numbers, nothing else. It shares no
//! code and no data structure with bantam's own merge.
//!
//! - A *hard link* gives its path the inode number that its target has at that moment, so a link survives the
//!   deletion of the first name, and replacing one name leaves the others alone. Its mode, owner and time are set by the new name,
//!   so that they are the inode's; of a symlink only the owner is (Docker's and containerd's `createTarFile`).
//! - A *whiteout* deletes its path and all below, an *opaque* mark all below; both spare what the same layer has
//!   written, before or after.
//! - Symlinks on the way to an entry are followed inside the root; what is missing on the way becomes a directory.

use std::collections::{BTreeMap, BTreeSet};

use super::stack::{Entry, Kind};

/// Why a stack has no outcome to compare.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Every implementation refuses it.
    Invalid,
    /// A hard link that names its target by way of the name that it replaces (itself, or through a symlink there):
    /// whether that name goes before or after the target is looked up, no specification says.
    Undefined,
}

/// A file system: paths without leading slash, the root being the empty one.
#[derive(Default)]
pub struct Model {
    names: BTreeMap<String, usize>,
    inodes: Vec<Inode>,
    /// Paths that the layer at hand has written, and the directories above them.
    touched: BTreeSet<String>,
}

#[derive(Clone)]
struct Inode {
    kind: Kind,
    mode: u16,
    uid: u32,
    gid: u32,
    mtime: i64,
    xattr: Option<u8>,
}

fn is_below(path: &str, dir: &str) -> bool {
    dir.is_empty() && !path.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.into() } else { format!("{dir}/{name}") }
}

/// The file system that the layers make.
pub fn apply(layers: &[Vec<Entry>]) -> Result<Model, Refusal> {
    let mut model = Model::default();
    for layer in layers {
        model.touched.clear();
        for entry in layer {
            model.entry(entry)?;
        }
    }
    Ok(model)
}

/// The same layers as most tools write them: a hard link's entry states what the entry of its target states.
pub fn with_equal_links(mut layers: Vec<Vec<Entry>>) -> Result<Vec<Vec<Entry>>, Refusal> {
    let mut model = Model::default();
    for layer in &mut layers {
        model.touched.clear();
        for entry in layer {
            let before = model.inodes.clone();
            model.entry(entry)?;
            if matches!(entry.kind, Kind::HardLink(_)) {
                let number = model.names[&model.place(&entry.path)?];
                let target = &before[number];
                (entry.mode, entry.uid, entry.mtime) = (target.mode, target.uid, target.mtime);
                model.inodes[number] = target.clone();
            }
        }
    }
    Ok(layers)
}

impl Model {
    fn kind(&self, path: &str) -> Option<&Kind> {
        self.names.get(path).map(|&inode| &self.inodes[inode].kind)
    }

    fn is_dir(&self, path: &str) -> bool {
        path.is_empty() || matches!(self.kind(path), Some(Kind::Directory))
    }

    /// `path` with all symlinks followed.
    fn resolve(&self, path: &str) -> Result<String, Refusal> {
        let mut done = String::new();
        let mut todo: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut followed = 0;
        while let Some(part) = todo.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    done = parent(&done).to_owned();
                    continue;
                }
                _ => {}
            }
            let next = join(&done, &part);
            if let Some(Kind::Symlink(target)) = self.kind(&next) {
                followed += 1;
                if followed > 255 {
                    return Err(Refusal::Invalid);
                }
                if target.starts_with('/') {
                    done.clear();
                }
                todo.extend(target.split('/').rev().map(str::to_owned));
            } else {
                done = next;
            }
        }
        Ok(done)
    }

    /// The path with the symlinks of its directory followed, but not its own.
    fn place(&self, path: &str) -> Result<String, Refusal> {
        Ok(join(&self.resolve(parent(path))?, path.rsplit('/').next().unwrap_or(path)))
    }

    /// The place of `path` if what is called `gone` had been removed before.
    fn place_without(&self, gone: &str, path: &str) -> Result<String, Refusal> {
        let names = self.names.iter().filter(|(name, _)| *name != gone && !is_below(name, gone));
        let names = names.map(|(name, inode)| (name.clone(), *inode)).collect();
        Model { names, inodes: self.inodes.clone(), touched: BTreeSet::new() }.place(path)
    }

    fn touch(&mut self, path: &str) {
        let mut at = path;
        while !at.is_empty() {
            self.touched.insert(at.to_owned());
            at = parent(at);
        }
    }

    fn forget(&mut self, gone: impl Fn(&str) -> bool) {
        self.names.retain(|name, _| !gone(name));
        self.touched.retain(|name| !gone(name));
    }

    fn put(&mut self, path: &str, inode: usize) {
        self.forget(|name| name == path || is_below(name, path));
        self.names.insert(path.to_owned(), inode);
        self.touch(path);
    }

    fn create(&mut self, path: &str, inode: Inode) {
        self.inodes.push(inode);
        self.put(path, self.inodes.len() - 1);
    }

    fn make_dirs(&mut self, path: &str) {
        if self.is_dir(path) {
            return;
        }
        self.make_dirs(parent(path));
        self.create(path, Inode { kind: Kind::Directory, mode: 0o755, uid: 0, gid: 0, mtime: 0, xattr: None });
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), Refusal> {
        let inode = Inode {
            kind: entry.kind.clone(),
            mode: entry.mode,
            uid: entry.uid,
            gid: 7,
            mtime: entry.mtime,
            xattr: entry.xattr,
        };
        match &entry.kind {
            Kind::Whiteout => {
                let path = self.place(&entry.path)?;
                if self.touched.contains(&path) {
                    self.purge_below(&path);
                } else {
                    self.forget(|name| name == path || is_below(name, &path));
                }
            }
            Kind::Opaque => {
                let path = self.resolve(&entry.path)?;
                self.purge_below(&path);
            }
            Kind::HardLink(target) => {
                let path = self.place(&entry.path)?;
                self.make_dirs(parent(&path));
                let spelled = target;
                let target = self.place(spelled)?;
                if target == path || self.place_without(&path, spelled).as_ref() != Ok(&target) {
                    return Err(Refusal::Undefined);
                }
                if self.is_dir(&target) {
                    return Err(Refusal::Invalid);
                }
                let inode = *self.names.get(&target).ok_or(Refusal::Invalid)?;
                if is_below(&target, &path) {
                    return Err(Refusal::Undefined);
                }
                let linked = &mut self.inodes[inode];
                linked.uid = entry.uid;
                if !matches!(linked.kind, Kind::Symlink(_)) {
                    (linked.mode, linked.mtime) = (entry.mode, entry.mtime);
                }
                self.put(&path, inode);
            }
            Kind::Directory => {
                let path = self.place(&entry.path)?;
                self.make_dirs(parent(&path));
                match self.names.get(&path) {
                    Some(&there) if self.is_dir(&path) => {
                        self.inodes[there] = inode;
                        self.touch(&path);
                    }
                    _ => self.create(&path, inode),
                }
            }
            _ => {
                let path = self.place(&entry.path)?;
                self.make_dirs(parent(&path));
                self.create(&path, inode);
            }
        }
        Ok(())
    }

    fn purge_below(&mut self, dir: &str) {
        let touched = self.touched.clone();
        self.forget(|name| is_below(name, dir) && !touched.contains(name));
    }

    /// A line for every name: see [`super::line`].
    pub fn list(&self) -> Vec<String> {
        let mut first: BTreeMap<usize, &str> = BTreeMap::new();
        for (name, inode) in &self.names {
            first.entry(*inode).or_insert(name);
        }
        let line = |(name, number): (&String, &usize)| {
            let inode = &self.inodes[*number];
            let kind = match &inode.kind {
                Kind::File(content) => format!("file {content}"),
                Kind::Directory => "directory".into(),
                Kind::Symlink(target) => format!("symlink {target}"),
                Kind::Fifo => "fifo".into(),
                Kind::CharDevice => "device 1 3".into(),
                Kind::HardLink(_) | Kind::Whiteout | Kind::Opaque => unreachable!("no such inode is made"),
            };
            let xattr = inode.xattr.map(|number| format!("user.k{number}=v")).unwrap_or_default();
            let meta = (inode.mode, inode.uid, inode.gid, inode.mtime);
            super::line(name, &kind, meta, &xattr, first[number])
        };
        self.names.iter().map(line).collect()
    }
}
