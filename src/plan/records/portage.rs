//! `/var/db/pkg/CATEGORY/NAME-VERSION/CONTENTS`, and the folder that it is in.

use bstr::ByteSlice;

use super::adapting::Records;
use super::remains::{self, Standing};
use crate::owners::Ecosystem;
use crate::owners::digest::Written;
use crate::owners::place::Places;
use crate::owners::portage::{CONTENTS, Entry};
use crate::rootfs::{NodeId, Tree};

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let mut places = Places::below(tree, Tree::ROOT);
    for (owner, id, standing) in remains::packages(records, Ecosystem::Portage) {
        let files = owner.records.as_slice();
        if standing == Standing::Gone {
            records.drop_folder(files, id);
            continue;
        }
        if let Some(&list) = files.iter().find(|&&file| tree.name(file) == CONTENTS) {
            trim_list(records, &mut places, list);
        }
    }
}

/// Leaves the files that stay in a list, with the hashes that they have then, and directories.
fn trim_list(records: &mut Records<'_>, places: &mut Places<'_>, list: NodeId) {
    let Some(before) = records.content(list).map(std::borrow::Cow::into_owned) else { return };
    let mut after = Vec::with_capacity(before.len());
    for line in before.lines_with_terminator() {
        let bare = line.trim_end_with(|c| matches!(c, '\r' | '\n'));
        let path = Entry::parse(bare).map(|entry| entry.path).or_else(|| bare.strip_prefix(b"dir "));
        let node = path.map(|path| places.find_aliased(path).filter(|&node| records.keeps(node)));
        let hash = Entry::parse(bare).and_then(|entry| entry.hash);
        match (node, hash) {
            (Some(None), _) => {}
            (Some(Some(node)), Some(old)) if old.len() == 32 => {
                let new = records.changed(node, Written::Md5).map(|(new, _)| new);
                // The hash is the last such word: only the time comes behind it.
                let at = line.rfind(old).filter(|_| new.is_some());
                let (Some(at), Some(new)) = (at, new) else {
                    after.extend_from_slice(line);
                    continue;
                };
                after.extend_from_slice(&line[..at]);
                after.extend_from_slice(new.as_bytes());
                after.extend_from_slice(&line[at + old.len()..]);
            }
            _ => after.extend_from_slice(line),
        }
    }
    records.rewrite(list, &before, after);
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::plan::records::testing::{prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::Builder;

    #[test]
    fn lists_are_trimmed_and_gone_packages_dropped() {
        const PKG: &str = "/var/db/pkg/app-misc";
        let list = "dir /usr\ndir /usr/bin\nobj /usr/bin/a 0cc175b9c0f1b6a831c399e269772661 17\nobj /usr/bin/b x y 17\nsym /usr/bin/c -> a 17\n\
                    obj /etc/rc 0cc175b9c0f1b6a831c399e269772661 17\ndir /usr/none\n";
        let rootfs = Builder::new()
            .file(&format!("{PKG}/x-1/CONTENTS"), list.as_bytes())
            .file(&format!("{PKG}/x-1/SLOT"), b"0\n")
            .file(&format!("{PKG}/y-1-r2/CONTENTS"), b"dir /usr\nobj /usr/bin/y 0cc175b9c0f1b6a831c399e269772661 17\n")
            .file(&format!("{PKG}/y-1-r2/SLOT"), b"0\n")
            .file("/usr/bin/a", b"a")
            .file("/usr/bin/b x", b"a")
            .symlink("/usr/bin/c", "a")
            .file("/usr/bin/y", b"a")
            .file("/etc/rc", b"a")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| matches!(path, "/usr/bin/a" | "/usr/bin/c"));
        let changed = rootfs.tree.inode_id(rootfs.tree.get("/usr/bin/a").unwrap());
        plan.rewrites.insert(changed, b"b".to_vec());
        trim(&rootfs, &owners, &mut plan);
        let after = |name: &str| text(&rootfs, &plan, &format!("{PKG}/{name}"));
        // Of `b`, by md5sum.
        let want = list.replace("obj /usr/bin/b x y 17\n", "").replace("dir /usr/none\n", "");
        let want = want.replacen("0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f", 1);
        assert_eq!(after("x-1/CONTENTS"), want);
        assert_eq!(after("x-1/SLOT"), "0\n");
        assert_eq!((after("y-1-r2/CONTENTS").as_str(), after("y-1-r2/SLOT").as_str()), ("(gone)", "(gone)"));
        assert!(!plan.keeps(rootfs.tree.get(format!("{PKG}/y-1-r2")).unwrap()));
    }
}
