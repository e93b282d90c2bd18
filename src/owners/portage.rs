//! Gentoo's packages: Portage's folders `/var/db/pkg/CATEGORY/NAME-VERSION`, each with `CONTENTS` (a line a file: `obj PATH MD5 MTIME`,
//! `sym PATH -> TARGET MTIME`, `dir PATH`) and what the package was built with. The Package Manager Specification says how names and
//! versions look; Portage's `dbapi/vartree.py` writes `CONTENTS`.

use bstr::ByteSlice;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::owner::{Ecosystem, Owner, Owners};
use super::place::Places;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where the database is.
const DATABASE: &str = "/var/db/pkg";

/// What lists a package's files.
pub(crate) const CONTENTS: &str = "CONTENTS";

/// A line of `CONTENTS` that is no directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'t> {
    /// The file.
    pub(crate) path: &'t [u8],
    /// MD5 in hexadecimal, of regular files.
    pub(crate) hash: Option<&'t [u8]>,
}

impl<'t> Entry<'t> {
    /// Reads a line. Paths may have blanks in them, what follows has none.
    pub(crate) fn parse(line: &'t [u8]) -> Option<Self> {
        let (kind, rest) = line.split_once_str(" ")?;
        match kind {
            b"obj" => {
                let (rest, _) = rest.rsplit_once_str(" ")?;
                let (path, hash) = rest.rsplit_once_str(" ")?;
                Some(Self { path, hash: Some(hash) })
            }
            b"sym" => Some(Self { path: rest.split_once_str(" -> ")?.0, hash: None }),
            b"fif" | b"dev" => Some(Self { path: rest, hash: None }),
            _ => None,
        }
    }
}

/// Name and version of `NAME-VERSION` or `NAME-VERSION-rREVISION`.
fn name_and_version(folder: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_revision = |part: &[u8]| part.strip_prefix(b"r").is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
    let (rest, last) = folder.rsplit_once_str("-")?;
    let name = if is_revision(last) { rest.rsplit_once_str("-")?.0 } else { rest };
    let version = folder.get(name.len() + 1..)?;
    // What Portage is about to put in place begins with a dash.
    let is_name = !name.is_empty() && !name.starts_with(b"-");
    (is_name && version.first()?.is_ascii_digit()).then_some((name, version))
}

/// The folders of packages in an image.
fn packages(tree: &Tree) -> impl Iterator<Item = NodeId> {
    let is_dir = |node: &NodeId| tree.inode(*node).is_dir();
    let categories = tree.follow(DATABASE).into_iter().flat_map(|database| tree.children(database));
    categories.filter(is_dir).flat_map(|category| tree.children(category)).filter(is_dir)
}

/// Claims what Portage installed.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let mut places = Places::below(tree, Tree::ROOT);
    let mut listed: Vec<Listed> = Vec::new();
    for folder in packages(tree) {
        let Some((name, version)) = name_and_version(tree.name(folder)) else { continue };
        let Some(contents) = tree.child(folder, CONTENTS.as_bytes()) else { continue };
        let Some(list) = read_record(rootfs, owners, contents) else { continue };
        let records: Vec<NodeId> = tree.children(folder).filter(|&file| tree.inode(file).is_file()).collect();
        let category = tree.name(tree.parent(folder)).to_str_lossy();
        let owner = owners.add(Owner {
            records: records.clone(),
            ..Owner::new(Ecosystem::Portage, format!("{category}/{}", name.to_str_lossy()), version.to_str_lossy())
        });
        let installed = Some(Installed::with(tree.inode(contents)));
        for entry in list.lines().filter_map(Entry::parse) {
            let digest = entry.hash.and_then(Digest::md5_hex);
            listed.extend(places.find_aliased(entry.path).map(|node| Listed { node, owner, installed, digest }));
        }
        records.into_iter().for_each(|record| owners.claim(record, owner));
    }
    claim_listed(rootfs, owners, &listed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn names_end_where_versions_begin() {
        let parsed = |folder: &'static str| {
            let (name, version) = name_and_version(folder.as_bytes())?;
            Some((name.to_str().unwrap(), version.to_str().unwrap()))
        };
        assert_eq!(parsed("bash-5.2_p21-r1"), Some(("bash", "5.2_p21-r1")));
        assert_eq!(parsed("gtk+-2.24.33"), Some(("gtk+", "2.24.33")));
        assert_eq!(parsed("foo-bar-9999"), Some(("foo-bar", "9999")));
        for folder in ["bash", "bash-r1", "-1", "bash-beta", "-MERGING-bash-5.2"] {
            assert_eq!(parsed(folder), None, "{folder}");
        }
    }

    #[test]
    fn reads_names_files_and_hashes() {
        const BASH: &str = "/var/db/pkg/app-shells/bash-5.2-r1";
        let mut rootfs = Builder::new()
            .file(
                &format!("{BASH}/CONTENTS"),
                b"dir /bin\nobj /bin/bash 0cc175b9c0f1b6a831c399e269772661 1700000000\nsym /bin/sh -> bash 1700000000\n\
                  obj /usr/share/a file 0cc175b9c0f1b6a831c399e269772661 1700000000\nobj /etc/edited 0cc175b9c0f1b6a831c399e269772661 1\n\
                  obj /usr/bin/gone x 1\nbroken\nobj x\nsym /bin/x\n",
            )
            .file(&format!("{BASH}/SLOT"), b"0\n")
            .file("/var/db/pkg/app-shells/nothing-1/SLOT", b"0\n")
            .file("/usr/bin/bash", b"a")
            .symlink("/usr/bin/sh", "bash")
            .symlink("/bin", "usr/bin")
            .file("/usr/share/a file", b"a")
            .file("/etc/edited", b"b")
            .file("/usr/bin/nobody", b"")
            .build();
        for path in ["/usr/bin/bash", "/etc/edited"] {
            let node = rootfs.tree.get(path).unwrap();
            rootfs.tree.inode_mut(node).layer = 1;
        }
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id));
        let bash = of("/usr/bin/bash").unwrap();
        assert_eq!((bash.name.as_str(), bash.version.as_str()), ("app-shells/bash", "5.2-r1"));
        for path in ["/usr/bin/sh", "/usr/share/a file", "/var/db/pkg/app-shells/bash-5.2-r1/SLOT"] {
            assert!(of(path).is_some(), "{path}");
        }
        for path in ["/etc/edited", "/usr/bin/nobody", "/var/db/pkg/app-shells/nothing-1/SLOT"] {
            assert!(of(path).is_none(), "{path}");
        }
        assert_eq!(owners.iter().count(), 1);
    }
}
