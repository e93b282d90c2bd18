//! `/usr/lib/opkg/status`, and `info/NAME.list` beside it.

use bstr::ByteSlice;
use rustc_hash::FxHashSet;

use super::adapting::Records;
use super::remains::{self, Standing};
use crate::owners::dpkg::control::stanzas;
use crate::owners::place::Places;
use crate::owners::{Ecosystem, opkg};
use crate::rootfs::{NodeId, Tree};

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let packages = remains::packages(records, Ecosystem::Opkg);
    if packages.is_empty() {
        return;
    }
    let mut places = Places::below(tree, Tree::ROOT);
    let mut gone: FxHashSet<&[u8]> = FxHashSet::default();
    for (owner, _, standing) in packages {
        if standing == Standing::Gone {
            gone.insert(owner.name.as_bytes());
            continue;
        }
        for &list in owner.records.iter().filter(|&&file| tree.name(file).ends_with(b".list")) {
            trim_list(records, &mut places, list);
        }
    }
    for status in opkg::databases(tree) {
        let Some(before) = records.content(status).map(std::borrow::Cow::into_owned) else { continue };
        let stays = stanzas(&before).filter(|stanza| !stanza.field("Package").is_some_and(|name| gone.contains(name)));
        let after = stays.flat_map(|stanza| stanza.raw).copied().collect();
        records.restore(status);
        records.rewrite(status, &before, after);
    }
}

/// Leaves the paths that stay in a list.
fn trim_list(records: &mut Records<'_>, places: &mut Places<'_>, list: NodeId) {
    let Some(before) = records.content(list).map(std::borrow::Cow::into_owned) else { return };
    let mut after = Vec::with_capacity(before.len());
    for line in before.lines_with_terminator() {
        let bare = line.trim_end_with(|c| matches!(c, '\r' | '\n'));
        let path = bare.split_once_str("\t").map_or(bare, |(path, _)| path);
        if places.find_aliased(path).is_some_and(|node| records.keeps(node)) {
            after.extend_from_slice(line);
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
    fn paragraphs_and_lists_of_what_is_gone_go() {
        let rootfs = Builder::new()
            .file(
                "/usr/lib/opkg/status",
                b"Package: x\nStatus: install ok installed\n\nPackage: y\nStatus: install ok installed\n\nPackage: z\nStatus: install ok installed\n\n",
            )
            .file("/usr/lib/opkg/info/x.list", b"/bin/a\n/bin/b\t0777\ta\n")
            .file("/usr/lib/opkg/info/y.list", b"/bin/y\n")
            .file("/bin/a", b"")
            .symlink("/bin/b", "a")
            .file("/bin/y", b"")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path == "/bin/a");
        let notes = trim(&rootfs, &owners, &mut plan);
        assert_eq!(notes, ["1 package of opkg has no file in the image and left its records, such as z"]);
        let after = |name: &str| text(&rootfs, &plan, &format!("/usr/lib/opkg/{name}"));
        assert_eq!(after("status"), "Package: x\nStatus: install ok installed\n\n");
        assert_eq!(after("info/x.list"), "/bin/a\n");
        assert_eq!(after("info/y.list"), "(gone)");
    }
}
