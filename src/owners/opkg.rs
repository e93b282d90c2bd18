//! Packages of OpenWrt and Yocto: opkg(1), `/usr/lib/opkg` or `/var/lib/opkg`, with `status`, whose paragraphs are those of dpkg's, and
//! `info/NAME.list`, a path a line.

use bstr::ByteSlice;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::dpkg::control::stanzas;
use super::owner::{Ecosystem, Owner, Owners};
use super::place::Places;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where the database may be.
const DATABASES: [&str; 2] = ["/usr/lib/opkg", "/var/lib/opkg"];

/// The `status` files of an image, each once.
pub(crate) fn databases(tree: &Tree) -> Vec<NodeId> {
    let mut found: Vec<NodeId> = DATABASES.iter().filter_map(|path| tree.follow(format!("{path}/status"))).collect();
    found.dedup();
    found
}

/// The files below `info/` of a package: `NAME.list`, `NAME.control`, its scripts.
fn info(tree: &Tree, status: NodeId, package: &[u8]) -> Vec<NodeId> {
    let Some(folder) = tree.child(tree.parent(status), b"info") else { return Vec::new() };
    let extensions = ["list", "control", "conffiles", "preinst", "postinst", "prerm", "postrm"];
    extensions
        .iter()
        .filter_map(|extension| tree.child(folder, &[package, b".", extension.as_bytes()].concat()))
        .collect()
}

/// The configuration files that a paragraph lists, with their hashes: lines that go on with the field `Conffiles`.
fn configuration(raw: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut lines = raw.lines().skip_while(|line| !line.starts_with(b"Conffiles:"));
    lines.next();
    lines.take_while(|line| line.starts_with(b" ")).filter_map(|line| line.trim().split_once_str(" "))
}

/// Claims what opkg installed.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    let tree = &rootfs.tree;
    for status in databases(tree) {
        let Some(text) = read_record(rootfs, owners, status) else { continue };
        let mut places = Places::below(tree, Tree::ROOT);
        let mut listed: Vec<Listed> = Vec::new();
        for stanza in stanzas(&text) {
            let Some(name) = stanza.field("Package") else { continue };
            if !stanza.field("Status").is_some_and(|said| said.ends_with(b" installed")) {
                continue;
            }
            let files = info(tree, status, name);
            let is_list = |&file: &NodeId| tree.name(file).ends_with(b".list");
            let list = files.iter().copied().find(is_list);
            let owner = owners.add(Owner {
                architecture: Some(stanza.text("Architecture")).filter(|text| !text.is_empty()),
                records: files.clone(),
                ..Owner::new(Ecosystem::Opkg, name.to_str_lossy(), stanza.text("Version"))
            });
            files.iter().for_each(|&file| owners.claim(file, owner));
            let Some(list) = list else { continue };
            let paths = read_record(rootfs, owners, list).unwrap_or_default();
            let installed = Some(Installed::with(tree.inode(list)));
            // A line may go on with a mode and the target of a link.
            let path =
                |line: &'_ [u8]| -> Vec<u8> { line.split_once_str("\t").map_or(line, |(path, _)| path).to_vec() };
            let found = paths.lines().filter_map(|line| places.find_aliased(&path(line)));
            listed.extend(found.map(|node| Listed { node, owner, installed, digest: None }));
            for (path, hash) in configuration(stanza.raw) {
                let digest = Digest::md5_hex(hash).or_else(|| Digest::sha256_hex(hash));
                listed.extend(places.find_aliased(path).map(|node| Listed { node, owner, installed, digest }));
            }
        }
        claim_listed(rootfs, owners, &listed);
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn reads_paragraphs_and_lists() {
        let rootfs = Builder::new()
            .file(
                "/usr/lib/opkg/status",
                b"Package: busybox\nVersion: 1.36-1\nArchitecture: x86_64\nStatus: install ok installed\nConffiles:\n /etc/rc 0cc175b9c0f1b6a831c399e269772661\n\nPackage: gone\nStatus: deinstall ok not-installed\n\n",
            )
            .file("/usr/lib/opkg/info/busybox.list", b"/bin/busybox\n/bin/sh\t0777\tbusybox\n")
            .file("/usr/lib/opkg/info/busybox.control", b"Package: busybox\n")
            .file("/usr/lib/opkg/info/gone.list", b"/bin/gone\n")
            .file("/bin/busybox", b"")
            .symlink("/bin/sh", "busybox")
            .file("/bin/gone", b"")
            .file("/etc/rc", b"a")
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id));
        let busybox = of("/bin/busybox").unwrap();
        assert_eq!((busybox.name.as_str(), busybox.version.as_str()), ("busybox", "1.36-1"));
        assert_eq!(busybox.architecture.as_deref(), Some("x86_64"));
        for path in ["/bin/sh", "/etc/rc", "/usr/lib/opkg/info/busybox.control"] {
            assert!(of(path).is_some(), "{path}");
        }
        assert!(of("/bin/gone").is_none() && of("/usr/lib/opkg/status").is_none());
    }
}
