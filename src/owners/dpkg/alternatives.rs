//! Links that update-alternatives(1) makes: `/usr/bin/awk` → `/etc/alternatives/awk` → `/usr/bin/mawk`. Red Hat's chkconfig has a
//! program of this name, too, whose files say the same; both that and SUSE's keep them outside of dpkg's folder.

use bstr::{BString, ByteSlice};

use super::control::ADMIN;
use crate::owners::Owners;
use crate::owners::claim::read_record;
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

const LINKS: &str = "/etc/alternatives";

/// Where systems without dpkg say which alternatives there are.
pub(crate) const ELSEWHERE: &str = "/var/lib/alternatives";

/// One file of `/var/lib/dpkg/alternatives`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// Name below `/etc/alternatives` and path of the link to it: the master, then its slaves.
    pub(crate) links: Vec<(BString, BString)>,
    /// The master's possible targets.
    pub(crate) targets: Vec<BString>,
}

impl Alternative {
    /// Reads the file of the alternative `name`: mode; link; slaves as name and link up to an empty line; then for
    /// each target its path, its priority and a line for each slave.
    pub(crate) fn parse(name: &[u8], text: &[u8]) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|mode| matches!(*mode, b"auto" | b"manual"))?;
        let mut links = vec![(name.into(), lines.next()?.into())];
        loop {
            match lines.next()? {
                b"" => break,
                slave => links.push((slave.into(), lines.next()?.into())),
            }
        }
        let mut targets = Vec::new();
        while let Some(target) = lines.next().filter(|line| !line.is_empty()) {
            targets.push(target.into());
            // Its priority and where its slaves lead.
            if lines.by_ref().take(links.len()).count() < links.len() {
                break;
            }
        }
        Some(Self { links, targets })
    }
}

/// Claims the links of every alternative for the package they lead to. Links to the user's own files stay the
/// user's.
pub(in crate::owners) fn claim(rootfs: &Rootfs, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let own = tree.follow(ADMIN).and_then(|admin| tree.resolve_from(admin, "alternatives")).map(|found| found.node);
    let dirs = own.into_iter().chain(tree.follow(ELSEWHERE));
    let files: Vec<NodeId> = dirs.flat_map(|dir| tree.children(dir)).collect();
    for file in files {
        let Some(text) = read_record(rootfs, owners, file) else { continue };
        let Some(alternative) = Alternative::parse(tree.name(file), &text) else { continue };
        // The current target decides; a dangling one (an excluded manual page) goes with its master.
        let chosen = alternative.links.first().map(|(name, _)| format!("{LINKS}/{}", name.to_str_lossy()));
        let owner = match chosen.and_then(|link| tree.follow(link)) {
            Some(target) => owners.of(target),
            None => alternative.targets.iter().find_map(|target| owners.of(tree.follow(target)?)),
        };
        let Some(owner) = owner else { continue };
        // Below dpkg's own folder they are its records.
        if owners.of(file).is_none() && Some(tree.parent(file)) != own {
            owners.claim(file, owner);
        }
        for (name, link) in &alternative.links {
            let entry = [LINKS.as_bytes(), b"/", name].concat();
            if let Some(link) = find_link(tree, link)
                && matches!(&tree.inode(link).kind, Kind::Symlink(target) if *target == entry)
                && owners.of(link).is_none()
            {
                owners.claim(link, owner);
            }
            if let Some(link) = find_link(tree, &entry)
                && owners.of(link).is_none()
            {
                owners.claim(link, owner);
            }
        }
    }
}

fn find_link(tree: &Tree, path: &[u8]) -> Option<NodeId> {
    let node = crate::owners::place::Places::below(tree, Tree::ROOT).find_aliased(path)?;
    matches!(tree.inode(node).kind, Kind::Symlink(_)).then_some(node)
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn systems_of_rpm_have_them_elsewhere() {
        use crate::owners::rpm::testing::{ndb, package};
        let blob = package("python3.9", &["/usr/bin/python3.9"]);
        let rootfs = Builder::new()
            .file("/var/lib/rpm/Packages.db", &ndb(&[(1, &blob)]))
            .file("/usr/bin/python3.9", b"x")
            .symlink("/usr/bin/python", "/etc/alternatives/python")
            .symlink("/etc/alternatives/python", "/usr/bin/python3.9")
            // Families and slaves are alternatives(8)'s of chkconfig.
            .file(
                "/var/lib/alternatives/python",
                b"auto\n/usr/bin/python\nunversioned-man\n/usr/share/man/python.1\n\n/usr/bin/python3.9\n@python@1009\n/usr/share/man/python3.9.1\n",
            )
            .build();
        let owners = find(&rootfs, &[]);
        let owner = owners.of(rootfs.tree.get("/usr/bin/python").unwrap()).unwrap();
        assert_eq!(owners.get(owner).name, "python3.9");
        assert_eq!(owners.of(rootfs.tree.get("/var/lib/alternatives/python").unwrap()), Some(owner));
    }

    #[test]
    fn links_belong_to_the_package_they_lead_to() {
        let db = "/var/lib/dpkg/alternatives";
        let rootfs = Builder::new()
            .file("/usr/bin/mawk", b"x")
            .file("/opt/mine", b"x")
            .symlink("/usr/bin/awk", "/etc/alternatives/awk")
            .symlink("/usr/share/man/awk.1", "/etc/alternatives/awk.1")
            .symlink("/usr/bin/nawk", "/usr/bin/other")
            .symlink("/usr/bin/editor", "/etc/alternatives/editor")
            .symlink("/etc/alternatives/awk", "/usr/bin/mawk")
            .symlink("/etc/alternatives/awk.1", "/usr/share/man/mawk.1")
            .symlink("/etc/alternatives/editor", "/opt/mine")
            .file(
                &format!("{db}/awk"),
                b"auto\n/usr/bin/awk\nawk.1\n/usr/share/man/awk.1\nnawk\n/usr/bin/nawk\n\n/usr/bin/mawk\n5\n/usr/share/man/mawk.1\n/usr/bin/mawk\n\n",
            )
            .file(&format!("{db}/editor"), b"manual\n/usr/bin/editor\n\n/opt/mine\n5\n\n")
            .file(&format!("{db}/broken"), b"auto\n/usr/bin/x\nslave\n")
            .file("/var/lib/dpkg/status", b"Package: mawk\nStatus: install ok installed\nVersion: 1\n")
            .file("/var/lib/dpkg/info/mawk.list", b"/usr/bin/mawk\n")
            .build();
        let owners = find(&rootfs, &[]);
        let owned = |path| owners.of(rootfs.tree.get(path).unwrap()).is_some();
        assert!(owned("/usr/bin/awk"));
        assert!(owned("/usr/share/man/awk.1"));
        assert!(owned("/etc/alternatives/awk"));
        assert!(!owned("/usr/bin/nawk"));
        assert!(!owned("/usr/bin/editor"));
    }
}
