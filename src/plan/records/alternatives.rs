//! `/var/lib/alternatives`, where systems without dpkg say which alternatives there are: those of which a target stays.

use super::adapting::Records;
use crate::owners::dpkg::{ALTERNATIVES_ELSEWHERE, Alternative};
use crate::rootfs::NodeId;

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let files: Vec<NodeId> =
        tree.follow(ALTERNATIVES_ELSEWHERE).into_iter().flat_map(|dir| tree.children(dir)).collect();
    for file in files {
        let Some(text) = records.content(file) else { continue };
        let Some(alternative) = Alternative::parse(tree.name(file), &text) else { continue };
        drop(text);
        let stays = |target: &bstr::BString| tree.follow(target).is_some_and(|node| records.keeps(node));
        if alternative.targets.iter().any(stays) {
            records.restore(file);
        } else {
            records.drop(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::owners::rpm::testing::{ndb, package};
    use crate::plan::records::testing::{prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::Builder;

    #[test]
    fn alternatives_stay_with_a_target() {
        let blobs = [package("a", &["/usr/bin/a"]), package("b", &["/usr/bin/b"])];
        let rootfs = Builder::new()
            .file("/var/lib/rpm/Packages.db", &ndb(&[(1, &blobs[0]), (2, &blobs[1])]))
            .file("/usr/bin/a", b"x")
            .file("/usr/bin/b", b"x")
            .symlink("/etc/alternatives/a", "/usr/bin/a")
            .symlink("/etc/alternatives/b", "/usr/bin/b")
            .file("/var/lib/alternatives/a", b"auto\n/usr/bin/x\n\n/usr/bin/a\n5\n\n")
            .file("/var/lib/alternatives/b", b"auto\n/usr/bin/y\n\n/usr/bin/b\n5\n\n")
            .file("/var/lib/alternatives/mine", b"auto\n/usr/bin/z\n\n/opt/mine\n5\n\n")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path == "/usr/bin/a");
        trim(&rootfs, &owners, &mut plan);
        let is_gone = |name: &str| text(&rootfs, &plan, &format!("/var/lib/alternatives/{name}")) == "(gone)";
        assert_eq!((is_gone("a"), is_gone("b"), is_gone("mine")), (false, true, false));
    }
}
