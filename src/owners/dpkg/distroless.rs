//! Debian packages in images that were put together without dpkg: one control file a package below `status.d`, and
//! its `md5sums` beside it.

use bstr::ByteSlice;

use super::control::stanzas;
use super::md5sums_line;
use crate::owners::claim::{Installed, Listed, claim_listed, read_record};
use crate::owners::place::Places;
use crate::owners::{Ecosystem, Owner, Owners};
use crate::rootfs::{Inode, Kind, NodeId, Rootfs, Tree};

/// Claims what the packages of `status.d` list.
pub(super) fn find(rootfs: &Rootfs, admin: NodeId, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let Some(dir) = tree.resolve_from(admin, "status.d") else { return };
    let mut places = Places::below(tree, Tree::ROOT);
    let mut listed = Vec::new();
    let first = owners.list.len();
    for node in tree.children(dir.node) {
        let name = tree.name(node);
        if name.ends_with(b".md5sums") {
            continue;
        }
        let Some(text) = read_record(rootfs, owners, node) else { continue };
        let Some(stanza) = stanzas(&text).find(|stanza| stanza.field("Package").is_some()) else { continue };
        let sums = tree.child(dir.node, &[name.as_bytes(), b".md5sums"].concat());
        let owner = owners.add(Owner {
            architecture: stanza.field("Architecture").map(|a| a.to_str_lossy().into_owned()),
            source: stanza.field("Source").map(|source| source.to_str_lossy().into_owned()),
            records: std::iter::once(node).chain(sums).collect(),
            ..Owner::new(Ecosystem::Dpkg, stanza.text("Package"), stanza.text("Version"))
        });
        let record = Listed { node, owner, installed: None, digest: None };
        listed.push(record);
        let Some(sums) = sums else { continue };
        listed.push(Listed { node: sums, owner, installed: None, digest: None });
        let installed = Installed::with(tree.inode(sums));
        let Some(text) = read_record(rootfs, owners, sums) else { continue };
        for (digest, path) in text.lines().filter_map(md5sums_line) {
            if let Some(node) = places.find_aliased(path) {
                listed.push(Listed { node, owner, installed: Some(installed), digest: Some(digest) });
            }
        }
    }
    claim_listed(rootfs, owners, &listed);
    if owners.list.len() > first {
        claim_links(tree, owners);
    }
}

/// `md5sums` does not name symlinks. One that came with a package's file and leads to it in the same directory is
/// part of the package: `libz.so.1` → `libz.so.1.3`.
fn claim_links(tree: &Tree, owners: &mut Owners) {
    for link in tree.iter() {
        let inode = tree.inode(link);
        let Kind::Symlink(target) = &inode.kind else { continue };
        if owners.of(link).is_some() || target.contains(&b'/') {
            continue;
        }
        let Some(to) = tree.child(tree.parent(link), target) else { continue };
        let came_together = |to: &Inode| to.layer == inode.layer && to.meta.mtime == inode.meta.mtime;
        if let Some(owner) = owners.of(to)
            && owners.get(owner).ecosystem == Ecosystem::Dpkg
            && came_together(tree.inode(to))
        {
            owners.claim(link, owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn reads_status_d() {
        let mut rootfs = Builder::new()
            .file("/usr/lib/libz.so.1.3", b"")
            .symlink("/usr/lib/libz.so.1", "libz.so.1.3")
            .symlink("/usr/lib/mine.so", "libz.so.1.3")
            .file("/usr/lib/other", b"")
            .file("/var/lib/dpkg/status.d/zlib1g", b"Package: zlib1g\nVersion: 1:1.3\nArchitecture: amd64\n")
            .file("/var/lib/dpkg/status.d/zlib1g.md5sums", b"d41d8cd98f00b204e9800998ecf8427e  lib/libz.so.1.3\nzz\n")
            .file("/var/lib/dpkg/status.d/junk", b"\xff\xff")
            .build();
        let mine = rootfs.tree.get("/usr/lib/mine.so").unwrap();
        rootfs.tree.inode_mut(mine).layer = 1;
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).version.as_str());
        assert_eq!(of("/usr/lib/libz.so.1.3"), Some("1:1.3"));
        assert_eq!(of("/usr/lib/libz.so.1"), Some("1:1.3"));
        assert_eq!(of("/usr/lib/mine.so"), None);
        assert_eq!(of("/usr/lib/other"), None);
        assert_eq!(of("/var/lib/dpkg/status.d/zlib1g.md5sums"), Some("1:1.3"));
        assert_eq!(owners.iter().count(), 1);
    }
}
