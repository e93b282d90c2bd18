//! `/lib/apk/db/installed`.

use std::collections::HashSet;

use bstr::ByteSlice;

use super::adapting::Records;
use super::remains::{self, Standing};
use crate::owners::digest::Written;
use crate::owners::dpkg::control::{Stanza, stanzas};
use crate::owners::place::Places;
use crate::owners::{Ecosystem, apk};
use crate::rootfs::{NodeId, Tree};

/// The packages that somebody asked for.
const WORLD: &str = "/etc/apk/world";

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    for database in apk::databases(tree) {
        trim_database(records, database);
    }
}

fn trim_database(records: &mut Records<'_>, database: NodeId) {
    let tree = &records.rootfs.tree;
    let folder = tree.parent(database);
    let Some(before) = records.content(database).map(std::borrow::Cow::into_owned) else { return };
    let prunes = records.prunes;
    let left = remains::count(records.rootfs, records.owners, records.plan, |node| tree.is_within(node, folder));
    // Owners were added in the order of the paragraphs.
    let mut ids = records
        .owners
        .iter()
        .filter(|(_, owner)| owner.ecosystem == Ecosystem::Apk && owner.records.contains(&database))
        .map(|(id, _)| id);
    let mut places = Places::below(tree, Tree::ROOT);
    let mut after = Vec::with_capacity(before.len());
    let mut gone: HashSet<&[u8]> = HashSet::default();
    for stanza in stanzas(&before) {
        let mut fields = stanza.raw.lines().filter_map(apk::field);
        let Some((_, name)) = fields.find(|(key, _)| *key == b'P') else {
            after.extend_from_slice(stanza.raw);
            continue;
        };
        let left = ids.next().and_then(|id| left.get(id.0 as usize)).copied().unwrap_or_default();
        // apk has no state for leftover configuration.
        if left.state(prunes) == Standing::Installed {
            trim_package(records, &mut places, stanza, &mut after);
        } else {
            gone.insert(name);
        }
    }
    records.restore(database);
    records.rewrite(database, &before, after);
    trim_world(records, &gone);
}

/// Leaves the packages that are not gone: what apk finds in the list of what somebody asked for it would install again.
fn trim_world(records: &mut Records<'_>, gone: &HashSet<&[u8]>) {
    let Some(world) = records.rootfs.tree.follow(WORLD) else { return };
    let Some(before) = records.content(world).map(std::borrow::Cow::into_owned) else { return };
    let after = before.lines_with_terminator().filter(|line| {
        // A name may have a version or a repository after it, and a `!` before: then it is not wanted.
        let end = line.find_byteset(b"<>=~@ \t\r\n").unwrap_or(line.len());
        !gone.contains(line.get(..end).unwrap_or_default())
    });
    let after = after.flatten().copied().collect();
    records.rewrite(world, &before, after);
}

/// Leaves the folders and files that stay, each with the lines that describe it.
fn trim_package(records: &Records<'_>, places: &mut Places<'_>, stanza: Stanza<'_>, after: &mut Vec<u8>) {
    let mut folder: &[u8] = b"";
    // The last folder or file, if it stays.
    let mut keeps = true;
    let mut changed = None;
    for line in stanza.raw.lines_with_terminator() {
        let bare = line.trim_end_with(|c| matches!(c, '\r' | '\n'));
        match apk::field(bare) {
            Some((b'F', value)) => {
                folder = value;
                let path = [b"/", value].concat();
                keeps = value.is_empty() || places.find_aliased(&path).is_some_and(|node| records.keeps(node));
            }
            Some((b'R', value)) => {
                let path = [b"/", folder, b"/", value].concat();
                let node = places.find_aliased(&path).filter(|&node| records.keeps(node));
                keeps = node.is_some();
                changed = node.and_then(|node| records.changed(node, Written::Apk));
            }
            // Owner and mode of a folder, of a file; its hash.
            Some((b'M' | b'a', _)) if !keeps => continue,
            Some((b'Z', _)) => {
                if let Some((hash, _)) = changed.take().filter(|_| keeps) {
                    after.extend_from_slice(format!("Z:{hash}\n").as_bytes());
                    continue;
                }
            }
            _ => {
                after.extend_from_slice(line);
                continue;
            }
        }
        if keeps {
            after.extend_from_slice(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::digest::Written;
    use crate::owners::find;
    use crate::plan::records::testing::{prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::Builder;

    #[test]
    fn packages_folders_and_files_that_are_gone_are_not_listed() {
        let db = "P:gone\nV:1\nF:bin\nR:gone\n\nC:Q1\nP:left\nV:2\nF:lib\nM:0:0:755\nR:a\na:0:0:755\nZ:Q1a\nR:b\nZ:Q1b\nF:lib/nowhere\nM:0:0:700\nR:x\nr:other\n\nP:apk-tools\nV:3\nF:sbin\nR:apk\n\n";
        let rootfs = Builder::new()
            .file("/lib/apk/db/installed", db.as_bytes())
            .file("/lib/apk/db/scripts.tar", b"x")
            .file("/bin/gone", b"")
            .file("/lib/a", b"")
            .file("/lib/b", b"")
            .file("/sbin/apk", b"")
            .file("/etc/apk/world", b"gone=1\nleft\n!gone-too\napk-tools>2\n")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path == "/lib/a");
        plan.rewrites.insert(rootfs.tree.inode_id(rootfs.tree.get("/lib/a").unwrap()), b"new".to_vec());
        trim(&rootfs, &owners, &mut plan);
        let want = format!(
            "C:Q1\nP:left\nV:2\nF:lib\nM:0:0:755\nR:a\na:0:0:755\nZ:{}\nr:other\n\n",
            Written::Apk.of_bytes(b"new")
        );
        assert_eq!(text(&rootfs, &plan, "/lib/apk/db/installed"), want);
        assert_eq!(text(&rootfs, &plan, "/lib/apk/db/scripts.tar"), "(gone)");
        assert_eq!(text(&rootfs, &plan, "/etc/apk/world"), "left\n!gone-too\n");
    }
}
