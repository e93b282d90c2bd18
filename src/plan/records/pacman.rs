//! `/var/lib/pacman/local/NAME-VERSION/{desc,files,mtree}`.

use bstr::ByteSlice;

use super::adapting::Records;
use super::remains::{self, Standing};
use crate::owners::Ecosystem;
use crate::owners::digest::Written;
use crate::owners::place::Places;
use crate::rootfs::{NodeId, Tree};

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let mut places = Places::below(tree, Tree::ROOT);
    for (owner, id, standing) in remains::packages(records, Ecosystem::Pacman) {
        let files = owner.records.as_slice();
        if standing == Standing::Gone {
            records.drop_folder(files, id);
            continue;
        }
        let named = |name: &str| files.iter().copied().find(|&file| tree.name(file) == name);
        let is_whole = named("files").is_none_or(|list| trim_list(records, &mut places, list));
        // Sizes, times and hashes of what was installed (mtree(5)): not true any more. Without it, pacman checks the list alone.
        if !is_whole && let Some(mtree) = named("mtree") {
            records.drop(mtree);
        }
    }
}

/// Leaves the files that stay in a list; whether that is all, as it was.
fn trim_list(records: &mut Records<'_>, places: &mut Places<'_>, list: NodeId) -> bool {
    let Some(before) = records.content(list).map(std::borrow::Cow::into_owned) else { return true };
    let mut after = Vec::with_capacity(before.len());
    let mut is_whole = true;
    let mut section: &[u8] = b"";
    for line in before.lines_with_terminator() {
        let bare = line.trim_end_with(|c| matches!(c, '\r' | '\n'));
        if bare.starts_with(b"%") {
            section = bare;
        } else if matches!(section, b"%FILES%" | b"%BACKUP%") && !bare.is_empty() {
            let path = bare.split_once_str("\t").map_or(bare, |(path, _)| path);
            let node = places.find_aliased(&[b"/", path].concat()).filter(|&node| records.keeps(node));
            let Some(node) = node else {
                is_whole = false;
                continue;
            };
            is_whole &= records.changed(node, Written::Md5).is_none();
        }
        after.extend_from_slice(line);
    }
    records.rewrite(list, &before, after);
    is_whole
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::plan::records::testing::{prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::Builder;

    #[test]
    fn lists_are_trimmed_and_gone_packages_dropped() {
        const LOCAL: &str = "/var/lib/pacman/local";
        let list = b"%FILES%\nusr/\nusr/bin/\nusr/bin/a\nusr/bin/b\netc/rc\n\n%BACKUP%\netc/rc\t0cc175b9c0f1b6a831c399e269772661\n";
        let rootfs = Builder::new()
            .file(&format!("{LOCAL}/x-1-1/desc"), b"%NAME%\nx\n\n%VERSION%\n1-1\n")
            .file(&format!("{LOCAL}/x-1-1/files"), list)
            .file(&format!("{LOCAL}/x-1-1/mtree"), b"\x1f\x8b")
            .file(&format!("{LOCAL}/y-1-1/desc"), b"%NAME%\ny\n\n%VERSION%\n1-1\n")
            .file(&format!("{LOCAL}/y-1-1/files"), b"%FILES%\nusr/\nusr/bin/\nusr/bin/y\n")
            .file(&format!("{LOCAL}/z-1-1/desc"), b"%NAME%\nz\n\n%VERSION%\n1-1\n")
            .file(&format!("{LOCAL}/z-1-1/files"), b"%FILES%\nusr/bin/z\n")
            .file(&format!("{LOCAL}/z-1-1/mtree"), b"\x1f\x8b")
            .file("/usr/bin/a", b"")
            .file("/usr/bin/b", b"")
            .file("/usr/bin/y", b"")
            .file("/usr/bin/z", b"")
            .file("/etc/rc", b"a")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| matches!(path, "/usr/bin/a" | "/usr/bin/z"));
        trim(&rootfs, &owners, &mut plan);
        let after = |name: &str| text(&rootfs, &plan, &format!("{LOCAL}/{name}"));
        assert_eq!(after("x-1-1/files"), String::from_utf8_lossy(list).replace("usr/bin/b\n", ""));
        assert_eq!(after("x-1-1/desc"), "%NAME%\nx\n\n%VERSION%\n1-1\n");
        assert_eq!(after("x-1-1/mtree"), "(gone)");
        assert_eq!(after("y-1-1/desc"), "(gone)");
        assert_eq!(after("y-1-1/files"), "(gone)");
        // Otherwise `pacman -Q` lists it.
        let folder = rootfs.tree.get("/var/lib/pacman/local/y-1-1").unwrap();
        assert!(!plan.keeps(folder));
        assert_eq!(after("z-1-1/files"), "%FILES%\nusr/bin/z\n");
        assert_ne!(after("z-1-1/mtree"), "(gone)");
    }
}
