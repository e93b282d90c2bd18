//! Arch Linux's packages: pacman(8), a folder a package below `/var/lib/pacman/local`, with `desc` (name, version, architecture) and
//! `files` (what it brought, and its configuration with MD5s). Both are sections: a line `%NAME%`, lines, an empty line
//! (alpm-db-desc(5), alpm-db-files(5)).

use bstr::ByteSlice;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::owner::{Ecosystem, Owner, Owners};
use super::place::Places;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where the database is, unless pacman.conf(5) says otherwise.
pub(super) const DATABASE: &str = "/var/lib/pacman/local";

/// The folders of packages in an image.
fn packages(tree: &Tree) -> impl Iterator<Item = NodeId> {
    let database = tree.follow(DATABASE);
    let folders = database.into_iter().flat_map(|database| tree.children(database));
    folders.filter(|&folder| tree.inode(folder).is_dir())
}

/// The lines of the section `%NAME%`.
pub(crate) fn section<'t>(text: &'t [u8], name: &str) -> impl Iterator<Item = &'t [u8]> {
    let is_start =
        move |line: &&[u8]| line.strip_prefix(b"%").and_then(|line| line.strip_suffix(b"%")) == Some(name.as_bytes());
    let mut lines = text.lines();
    let found = lines.by_ref().any(|line| is_start(&line));
    lines.take_while(move |line| found && !line.is_empty())
}

/// Claims what pacman installed.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let mut places = Places::below(tree, Tree::ROOT);
    let mut listed: Vec<Listed> = Vec::new();
    for folder in packages(tree) {
        let records: Vec<NodeId> = tree.children(folder).filter(|&file| tree.inode(file).is_file()).collect();
        let mut read = |name: &[u8]| {
            let node = tree.child(folder, name)?;
            Some((node, read_record(rootfs, owners, node)?))
        };
        let (Some((_, desc)), Some((files, list))) = (read(b"desc"), read(b"files")) else { continue };
        let value = |name| section(&desc, name).next().map(|value| value.to_str_lossy().into_owned());
        let Some(name) = value("NAME") else { continue };
        let owner = owners.add(Owner {
            architecture: value("ARCH"),
            source: value("BASE").filter(|base| *base != name),
            records: records.clone(),
            ..Owner::new(Ecosystem::Pacman, name, value("VERSION").unwrap_or_default())
        });
        let installed = Some(Installed::with(tree.inode(files)));
        let file = |node, digest| Listed { node, owner, installed, digest };
        let paths = section(&list, "FILES").filter(|path| !path.ends_with(b"/"));
        listed
            .extend(paths.filter_map(|path| places.find_aliased(&[b"/", path].concat())).map(|node| file(node, None)));
        for line in section(&list, "BACKUP") {
            let Some((path, hash)) = line.split_once_str("\t") else { continue };
            let node = places.find_aliased(&[b"/", path].concat());
            listed.extend(node.map(|node| file(node, Digest::md5_hex(hash))));
        }
        records.into_iter().for_each(|record| owners.claim(record, owner));
    }
    claim_listed(rootfs, owners, &listed);
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn reads_names_files_and_configuration() {
        let mut rootfs = Builder::new()
            .file("/var/lib/pacman/local/ALPM_DB_VERSION", b"9\n")
            .file(
                "/var/lib/pacman/local/bash-5.2-1/desc",
                b"%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n%BASE%\nshells\n\n%ARCH%\nx86_64\n",
            )
            .file(
                "/var/lib/pacman/local/bash-5.2-1/files",
                b"%FILES%\nusr/\nusr/bin/\nusr/bin/bash\nusr/bin/gone\nusr/bin/later\n../etc/other\netc/rc\netc/edited\n\n%BACKUP%\netc/rc\t0cc175b9c0f1b6a831c399e269772661\netc/edited\t0cc175b9c0f1b6a831c399e269772661\n\n",
            )
            .file("/var/lib/pacman/local/broken-1-1/desc", b"%VERSION%\n1\n")
            .file("/usr/bin/bash", b"")
            .file("/usr/bin/later", b"")
            .file("/etc/rc", b"a")
            .file("/etc/edited", b"b")
            .file("/usr/bin/nobody", b"")
            .build();
        for path in ["/usr/bin/later", "/etc/edited", "/etc/rc"] {
            let node = rootfs.tree.get(path).unwrap();
            rootfs.tree.inode_mut(node).layer = 1;
        }
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id));
        let bash = of("/usr/bin/bash").unwrap();
        assert_eq!((bash.name.as_str(), bash.version.as_str()), ("bash", "5.2-1"));
        assert_eq!((bash.architecture.as_deref(), bash.source.as_deref()), (Some("x86_64"), Some("shells")));
        assert!(of("/etc/rc").is_some() && of("/var/lib/pacman/local/bash-5.2-1/files").is_some());
        for path in ["/usr/bin/later", "/etc/edited", "/usr/bin/nobody", "/var/lib/pacman/local/broken-1-1/desc"] {
            assert!(of(path).is_none(), "{path}");
        }
    }
}
