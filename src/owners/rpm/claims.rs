//! Which files of a tree are those that the headers of packages list.

use super::header::{File, Files, Header, State};
use super::{OwnerId, Owners, Store};
use crate::owners::claim::{Installed, Listed, claim_listed};
use crate::owners::place::alias;
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

/// No system call takes a longer path.
const MAX_PATH: usize = 4096;

/// The files of a package, and where its directories are.
pub(crate) struct Listing<'t, 'h> {
    tree: &'t Tree,
    files: Files<'h>,
    /// By directory of [`Files::dirs`]: where its name leads, and where its other name does (`/bin` and `/usr/bin`).
    dirs: Vec<[Option<NodeId>; 2]>,
}

impl<'t, 'h> Listing<'t, 'h> {
    pub(crate) fn new(tree: &'t Tree, header: &Header<'h>) -> Self {
        let files = header.files();
        let resolve = |dir: &[u8]| tree.resolve_from(Tree::ROOT, dir).map(|found| found.node);
        let both = |dir: &&[u8]| {
            if dir.len() > MAX_PATH {
                return [None; 2];
            }
            [resolve(dir), alias(dir).and_then(|other| resolve(&other))]
        };
        let dirs = files.dirs.iter().map(both).collect();
        Self { tree, files, dirs }
    }

    /// The files that are there, and of the kind that the package brings. Directories are shared, and what the system has in place of
    /// one in its root (`/bin` → `usr/bin`) is its layout.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (NodeId, &File<'h>)> {
        self.files.list.iter().filter_map(|file| {
            let [dir, other] = *self.dirs.get(file.dir)?;
            let child = |dir: NodeId| self.tree.child(dir, file.name);
            let node = dir.and_then(child).or_else(|| other.and_then(child))?;
            let is_file = !file.is_dir && !self.tree.inode(node).is_dir() && !self.is_layout(node);
            (is_file && file.state != State::Absent).then_some((node, file))
        })
    }

    fn is_layout(&self, node: NodeId) -> bool {
        let tree = self.tree;
        tree.parent(node) == Tree::ROOT
            && matches!(&tree.inode(node).kind, Kind::Symlink(target)
                if tree.resolve_from(Tree::ROOT, target).is_some_and(|to| tree.inode(to.node).is_dir()))
    }
}

/// Whether `node` is below `/usr`, where packages put what is theirs, and not in `/usr/local`.
fn is_in_usr(tree: &Tree, node: NodeId) -> bool {
    let within = |path| tree.get(path).is_some_and(|dir| tree.is_within(node, dir));
    within("usr") && !within("usr/local")
}

/// Claims what packages list and what is still as they put it there.
pub(super) fn claim(rootfs: &Rootfs, owners: &mut Owners, store: &Store, packages: &[(OwnerId, Header<'_>)]) {
    let tree = &rootfs.tree;
    // Every installation writes the whole database again, so its layer says nothing about one package.
    let installed = Installed::with(tree.inode(store.main));
    let mut listed = Vec::new();
    for (owner, header) in packages {
        let listing = Listing::new(tree, header);
        let start = listed.len();
        for (node, file) in listing.nodes() {
            if let Some(installed) = trust(tree, node, file, installed) {
                listed.push(Listed { node, owner: *owner, installed, digest: file.digest.clone() });
            }
        }
        let layer = listed[start..].iter().map(|file| tree.inode(file.node).layer).min();
        for file in &mut listed[start..] {
            file.installed = file.installed.zip(layer).map(|(installed, layer)| installed.in_layer(layer));
        }
    }
    claim_listed(rootfs, owners, &listed);
}

/// What is to be asked about a file before it is taken for the package's. None if it is somebody else's in any case.
fn trust(tree: &Tree, node: NodeId, file: &File<'_>, installed: Installed) -> Option<Option<Installed>> {
    match (&tree.inode(node).kind, file.state) {
        // Data, logs and configuration that programs make are `%ghost`, too.
        (_, State::Ghost) => is_in_usr(tree, node).then_some(Some(installed)),
        (Kind::Symlink(target), _) => (*target == file.target).then_some(None),
        (Kind::File(_), _) => {
            let installed = file.mtime.map_or(installed, |mtime| installed.at(i64::from(mtime)));
            file.target.is_empty().then_some(Some(installed))
        }
        _ => Some(Some(installed)),
    }
}
