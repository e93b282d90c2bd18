//! Package databases that bantam sees but does not read.

use super::owner::Owners;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where other package managers keep their records, and their names.
const DATABASES: [(&str, &str); 5] = [
    ("rpm manifest", "var/lib/rpmmanifest"),
    ("Portage", "var/db/pkg"),
    ("XBPS", "var/db/xbps"),
    ("Nix", "nix/store"),
    ("Chisel", "var/lib/chisel/manifest.wall"),
];

/// Where such a package manager puts its files: nothing there can be told apart from the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    present: bool,
}

impl Foreign {
    /// Whether a foreign package manager may have put `node` there: below `/usr`, but not in `/usr/local`.
    pub(crate) fn may_own(self, tree: &Tree, node: NodeId) -> bool {
        let within = |path| tree.get(path).is_some_and(|dir| tree.is_within(node, dir));
        self.present && (within("usr") && !within("usr/local") || within("nix"))
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

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

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
