//! Decides whether a file that a record lists is still the one its package put there.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::digest::Digest;
use super::owner::{OwnerId, Owners};
use crate::rootfs::{Inode, NodeId, Rootfs};

/// Larger files are not hashed to find out whether they were changed.
const MAX_HASHED: u64 = 256 << 20;

/// When a package was installed, as far as the image tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Installed {
    layer: u32,
    mtime: i64,
}

impl Installed {
    /// Package managers write their record last: nothing they put there is in a later layer or newer than it.
    pub(crate) fn with(record: &Inode) -> Self {
        Self { layer: record.layer, mtime: record.meta.mtime }
    }

    /// In `layer`, for records that later installations write again.
    pub(crate) fn in_layer(self, layer: u32) -> Self {
        Self { layer, ..self }
    }

    /// At `mtime`, for records that say when each file was last changed.
    pub(crate) fn at(self, mtime: i64) -> Self {
        Self { mtime, ..self }
    }

    /// Whether `inode` came in a later layer.
    pub(crate) fn is_later_layer(self, inode: &Inode) -> bool {
        inode.layer > self.layer
    }

    /// Whether `inode` may have been put there by somebody else since.
    pub(crate) fn doubts(self, inode: &Inode) -> bool {
        self.is_later_layer(inode) || inode.meta.mtime > self.mtime
    }
}

/// A file that a record lists.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) node: NodeId,
    pub(crate) owner: OwnerId,
    /// None where no doubt is possible (the record itself).
    pub(crate) installed: Option<Installed>,
    /// The hash in the record.
    pub(crate) digest: Option<Digest>,
}

/// Claims what is listed, except directories (which packages share) and files that somebody changed after the
/// installation: those are the image's own.
pub(crate) fn claim_listed(rootfs: &Rootfs, owners: &mut Owners, listed: &[Listed]) {
    let genuine: Vec<bool> = listed.par_iter().map(|file| is_genuine(rootfs, file)).collect();
    let mut changed = FxHashSet::default();
    for (file, genuine) in listed.iter().zip(genuine) {
        if rootfs.tree.inode(file.node).is_dir() {
            continue;
        }
        if genuine {
            owners.claim(file.node, file.owner);
        } else {
            changed.insert(file.node);
        }
    }
    owners.changed.extend(changed);
}

fn is_genuine(rootfs: &Rootfs, file: &Listed) -> bool {
    let inode = rootfs.tree.inode(file.node);
    if inode.is_dir() || !file.installed.is_some_and(|installed| installed.doubts(inode)) {
        return true;
    }
    let Some(digest) = &file.digest else { return false };
    let size = inode.size();
    if !inode.is_file() || size > MAX_HASHED || rootfs.is_hollow(file.node) {
        return false;
    }
    digest.is_of(|take| rootfs.read_pieces(file.node, 0, size, take))
}

/// Reads a record. One that is damaged or absurdly large is noted and counts as absent.
pub(crate) fn read_record(rootfs: &Rootfs, owners: &mut Owners, node: NodeId) -> Option<Vec<u8>> {
    if !rootfs.tree.inode(node).is_file() {
        return None;
    }
    let noted = |error| owners.notes.push(format!("{}: record not used: {error}", rootfs.tree.path(node)));
    rootfs.read(node).map_err(noted).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Ecosystem, Owner};
    use super::*;
    use crate::owners::digest::Written;
    use crate::rootfs::Builder;

    #[test]
    fn a_file_changed_after_installation_is_not_claimed() {
        let mut rootfs = Builder::new()
            .file("/record", b"")
            .file("/same", b"a")
            .file("/touched", b"a")
            .file("/edited", b"b")
            .file("/newer", b"b")
            .symlink("/relinked", "same")
            .dir("/dir")
            .build();
        for (name, layer, mtime) in
            [("/touched", 1, 0), ("/edited", 1, 0), ("/newer", 0, 9), ("/relinked", 1, 0), ("/dir", 0, 0)]
        {
            let node = rootfs.tree.get(name).unwrap();
            rootfs.tree.inode_mut(node).layer = layer;
            rootfs.tree.inode_mut(node).meta.mtime = mtime;
        }
        let tree = &rootfs.tree;
        let mut owners = Owners::none(tree);
        let owner = owners.add(Owner::new(Ecosystem::Dpkg, "p", "1"));
        let installed = Some(Installed::with(tree.inode(tree.get("/record").unwrap())));
        let names = ["/same", "/touched", "/edited", "/newer", "/relinked", "/dir"];
        let listed: Vec<Listed> = names
            .iter()
            .map(|name| Listed {
                node: tree.get(name).unwrap(),
                owner,
                installed,
                digest: Digest::md5_hex(Written::Md5.of_bytes(b"a").as_bytes()),
            })
            .collect();
        claim_listed(&rootfs, &mut owners, &listed);
        let owned: Vec<_> = names.iter().filter(|name| owners.of(rootfs.tree.get(name).unwrap()).is_some()).collect();
        assert_eq!(owned, [&"/same", &"/touched"]);
    }
}
