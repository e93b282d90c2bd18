//! Alpine packages: apk(8), `/lib/apk/db/installed`. One paragraph a package of single-letter fields:
//! `P:`ackage, `V:`ersion, `A:`rchitecture, then `F:`older, `R:` file in it, `Z:` its hash.

use bstr::ByteSlice;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::owner::{Ecosystem, Owner, Owners};
use super::place::Places;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where the database may be.
pub(crate) const DATABASES: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

/// The databases of an image, each once, wherever `/lib` leads.
pub(crate) fn databases(tree: &Tree) -> Vec<NodeId> {
    let mut found: Vec<NodeId> = DATABASES.iter().filter_map(|path| tree.follow(path)).collect();
    found.dedup();
    found
}

/// The value of a `X:` line.
pub(crate) fn field(line: &[u8]) -> Option<(u8, &[u8])> {
    match line {
        [key, b':', value @ ..] => Some((*key, value)),
        _ => None,
    }
}

/// Claims what apk installed.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    for database in databases(&rootfs.tree) {
        if let Some(text) = read_record(rootfs, owners, database) {
            claim_packages(rootfs, database, &text, owners);
        }
    }
}

fn claim_packages(rootfs: &Rootfs, database: NodeId, text: &[u8], owners: &mut Owners) {
    let tree = &rootfs.tree;
    let installed = Installed::with(tree.inode(database));
    let mut places = Places::below(tree, Tree::ROOT);
    let mut listed: Vec<Listed> = Vec::new();
    let mut own = None;
    for stanza in super::dpkg::control::stanzas(text) {
        let fields = || stanza.raw.lines().filter_map(field);
        let value = |key| fields().find(|f| f.0 == key).map(|f| f.1.to_str_lossy().into_owned());
        let Some(name) = value(b'P') else { continue };
        let is_manager = name == "apk-tools";
        let owner = owners.add(Owner {
            architecture: value(b'A'),
            records: vec![database],
            ..Owner::new(Ecosystem::Apk, name, value(b'V').unwrap_or_default())
        });
        if is_manager {
            own = Some(owner);
        }
        let start = listed.len();
        let mut folder: &[u8] = b"";
        for (key, value) in fields() {
            match key {
                b'F' => folder = value,
                b'R' => {
                    let path = [b"/", folder, b"/", value].concat();
                    if let Some(node) = places.find_aliased(&path) {
                        listed.push(Listed { node, owner, installed: Some(installed), digest: None });
                    }
                }
                b'Z' => {
                    // A symlink's hash is that of its target's name, not of a content.
                    if let Some(last) = listed[start..].last_mut()
                        && tree.inode(last.node).is_file()
                    {
                        last.digest = Digest::apk(value);
                    }
                }
                _ => {}
            }
        }
        // Every installation writes the whole database again, so its layer says nothing about this package.
        let layer = listed[start..].iter().map(|file| tree.inode(file.node).layer).min();
        for file in &mut listed[start..] {
            file.installed = layer.map(|layer| installed.in_layer(layer));
        }
    }
    claim_listed(rootfs, owners, &listed);
    // What else is in the database's directory is apk's own: scripts.tar, triggers, the database itself.
    if let Some(own) = own {
        for node in tree.walk(tree.parent(database)) {
            if owners.of(node).is_none() && !tree.inode(node).is_dir() {
                owners.claim(node, own);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn reads_folders_and_files() {
        let mut rootfs = Builder::new()
            .file(
                "/lib/apk/db/installed",
                b"C:Q1x=\nP:musl\nV:1.2-r0\nA:x86_64\nF:\nR:top\nF:lib\nM:0:0:755\nR:ld.so\na:0:0:755\nZ:Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=\nR:edited\nZ:Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=\nF:../..\nR:..\n\nP:apk-tools\nV:2\n\nF:lib\nR:nobody\n",
            )
            .file("/lib/apk/db/scripts.tar", b"")
            .file("/lib/ld.so", b"")
            .file("/lib/edited", b"mine")
            .file("/lib/nobody", b"")
            .file("/top", b"")
            .build();
        for path in ["/lib/edited", "/lib/ld.so"] {
            let node = rootfs.tree.get(path).unwrap();
            rootfs.tree.inode_mut(node).layer = 1;
        }
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).name.as_str());
        assert_eq!(of("/top"), Some("musl"));
        assert_eq!(of("/lib/ld.so"), Some("musl"));
        assert_eq!(of("/lib/edited"), None);
        assert_eq!(of("/lib/nobody"), None);
        assert_eq!(of("/lib/apk/db/scripts.tar"), Some("apk-tools"));
        assert_eq!(of("/lib/apk/db/installed"), Some("apk-tools"));
    }
}
