//! Package databases that bantam sees but does not read.

use super::owner::Owners;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where other package managers keep their records, and their names.
const DATABASES: [(&str, &str); 3] =
    [("rpm manifest", "var/lib/rpmmanifest"), ("XBPS", "var/db/xbps"), ("Chisel", "var/lib/chisel/manifest.wall")];

/// Where such a package manager puts its files: nothing there can be told apart from the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    present: bool,
}

impl Foreign {
    /// Whether a foreign package manager may have put `node` there: below `/usr`, but not in `/usr/local`.
    pub(crate) fn may_own(self, tree: &Tree, node: NodeId) -> bool {
        let within = |path| tree.get(path).is_some_and(|dir| tree.is_within(node, dir));
        self.present && within("usr") && !within("usr/local")
    }
}

/// Notes which foreign databases there are. `unread` says that there is one of a kind that is read otherwise.
pub(crate) fn note(rootfs: &Rootfs, unread: bool, owners: &mut Owners) -> Foreign {
    let mut seen = Vec::new();
    for (name, path) in DATABASES {
        let Some(node) = rootfs.tree.follow(path) else { continue };
        let empty = rootfs.tree.inode(node).is_dir() && rootfs.tree.children(node).len() == 0;
        if !empty && !seen.contains(&name) {
            seen.push(name);
            owners
                .notes
                .push(format!("/{path}: bantam does not read {name} databases: what these packages put there stays"));
        }
    }
    Foreign { present: unread || !seen.is_empty() }
}

/// Where an OSTree system keeps the objects that its files are hard links of: `ostree(1)`.
const OBJECTS: [&str; 2] = ["ostree/repo/objects", "sysroot/ostree/repo/objects"];

/// What says in a snap's own tree what it is: `snapcraft.io`'s "snap format".
const SNAP: &str = "meta/snap.yaml";

/// Trees that are one thing, with checksums over all of it: what packages put there is not told apart.
pub(super) fn leave_whole(tree: &Tree, owners: &mut Owners) {
    let objects = OBJECTS.iter().find(|path| tree.follow(path).is_some_and(|node| tree.inode(node).is_dir()));
    let ostree = objects.map(|path| (Tree::ROOT, format!("/{path}: this is a tree of OSTree")));
    let is_snap = |dir: NodeId| tree.resolve_from(dir, SNAP).is_some_and(|found| tree.inode(found.node).is_file());
    // A snap by itself, or as snapd mounts it: /snap/NAME/REVISION.
    let names = tree.get("snap").into_iter().flat_map(|snaps| tree.children(snaps));
    let mounted = names.flat_map(|name| tree.children(name)).filter(|&dir| tree.inode(dir).is_dir());
    let snaps = std::iter::once(Tree::ROOT).chain(mounted).filter(|&dir| is_snap(dir));
    let snaps = snaps.map(|dir| (dir, format!("{}: this is the tree of a snap", tree.path(dir))));
    for (dir, what) in ostree.into_iter().chain(snaps) {
        for node in tree.walk(dir) {
            owners.by_node[node.index()] = None;
            owners.distributions.remove(&node);
        }
        owners.notes.push(format!("{what}, which is left whole: no file of it goes for not being reached"));
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn trees_of_ostree_and_snaps_are_left_whole() {
        let system = || {
            Builder::new()
                .file("/var/lib/dpkg/status", b"Package: a\nStatus: install ok installed\nVersion: 1\n")
                .file("/var/lib/dpkg/info/a.list", b"/usr/bin/a\n")
                .file("/usr/bin/a", b"")
                .file("/snap/b/7/lib/python3/site-packages/c-1.dist-info/RECORD", b"c.py,,\n")
                .file("/snap/b/7/lib/python3/site-packages/c.py", b"")
        };
        let owned = |builder: Builder| {
            let rootfs = builder.build();
            let owners = find(&rootfs, &[]);
            let of = |path| owners.of(rootfs.tree.get(path).unwrap()).is_some();
            (of("/usr/bin/a"), of("/snap/b/7/lib/python3/site-packages/c.py"), owners.notes.len())
        };
        assert_eq!(owned(system()), (true, true, 0));
        assert_eq!(owned(system().file("/snap/b/7/meta/snap.yaml", b"name: b\n")), (true, false, 1));
        assert_eq!(owned(system().file("/meta/snap.yaml", b"name: a\n")), (false, false, 1));
        assert_eq!(owned(system().dir("/sysroot/ostree/repo/objects")), (false, false, 1));
    }

    #[test]
    fn files_of_an_rpm_system_stay() {
        let rootfs = Builder::new()
            .file("/var/lib/rpm/rpmdb.sqlite", b"x")
            .exe("/usr/bin/python3.9", b"x")
            .file("/usr/lib64/python3.9/os.py", b"x")
            .file("/usr/lib/python3.9/site-packages/six.py", b"x")
            .file("/usr/lib/python3.9/site-packages/six-1.dist-info/RECORD", b"six.py,,\n")
            .file("/usr/local/lib/python3.9/site-packages/pip.py", b"x")
            .file("/usr/local/lib/python3.9/site-packages/pip-1.dist-info/RECORD", b"pip.py,,\n")
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap());
        assert_eq!(of("/usr/lib64/python3.9/os.py"), None);
        assert_eq!(of("/usr/lib/python3.9/site-packages/six.py"), None);
        assert!(of("/usr/local/lib/python3.9/site-packages/pip.py").is_some());
        assert_eq!(owners.notes.len(), 1);
    }
}
