//! `--dedupe`: identical files of packages become names of one file.
//!
//! Off by default, because it is not invisible: where several names are one file, a program that writes to one of them in place
//! changes the others as well, unless the container's file system copies files before it changes them. So only files that a
//! package put there are joined, never the user's own or configuration, and only those that have mode, owner, time and
//! extended attributes in common, so that no name looks different afterwards.

use std::collections::BTreeMap;
use std::io;

use rayon::prelude::*;

use super::directories::is_below;
use super::verdict::Plan;
use crate::owners::Owners;
use crate::rootfs::{InodeId, Metadata, NodeId, Rootfs, Xattr};

/// Folders whose files programs and people change.
const CHANGING: [&[u8]; 3] = [b"etc", b"var", b"run"];

/// What two files must have in common before their contents are compared.
type Key<'a> = (u64, (u16, u32, u32), (i64, u32), &'a [Xattr]);

/// Joins identical files that stay. Call it last: it needs verdicts and new contents.
///
/// # Errors
/// If a layer cannot be read any more.
pub fn dedupe(rootfs: &Rootfs, owners: &Owners, plan: &mut Plan) -> io::Result<()> {
    let tree = &rootfs.tree;
    let mut alike: BTreeMap<Key<'_>, Vec<NodeId>> = BTreeMap::new();
    // Every name of a file has to be a package's, or the file is the user's own as well.
    let mut own = vec![false; tree.inode_capacity()];
    let mut seen = vec![false; tree.inode_capacity()];
    let kept = || tree.iter().filter(|&node| plan.keeps(node) && tree.inode(node).is_file());
    for node in kept() {
        own[tree.inode_id(node).index()] |=
            owners.of(node).is_none() || CHANGING.iter().any(|top| is_below(tree, node, top));
    }
    for node in kept() {
        let id = tree.inode_id(node);
        let inode = tree.inode(node);
        let size = plan.rewritten_size(id).unwrap_or(inode.size());
        if own[id.index()] || size == 0 || std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        let Metadata { mode, uid, gid, mtime, mtime_nanos } = inode.meta;
        alike.entry((size, (mode, uid, gid), (mtime, mtime_nanos), &inode.xattrs)).or_default().push(node);
    }
    let candidates: Vec<&[NodeId]> = alike.values().map(Vec::as_slice).filter(|nodes| nodes.len() > 1).collect();
    let hashed: Vec<(usize, NodeId, Option<String>)> = candidates
        .par_iter()
        .enumerate()
        .flat_map_iter(|(group, nodes)| nodes.iter().map(move |&node| (group, node)))
        .map(|(group, node)| Ok((group, node, digest(rootfs, plan, node)?)))
        .collect::<io::Result<_>>()?;
    let mut first: BTreeMap<(usize, String), InodeId> = BTreeMap::new();
    for (group, node, digest) in hashed {
        let (Some(digest), id) = (digest, tree.inode_id(node)) else { continue };
        let original = *first.entry((group, digest)).or_insert(id);
        if original != id {
            plan.links.insert(id, original);
        }
    }
    Ok(())
}

/// BLAKE3 of what the file will hold.
fn digest(rootfs: &Rootfs, plan: &Plan, node: NodeId) -> io::Result<Option<String>> {
    let id = rootfs.tree.inode_id(node);
    let hash = |bytes: &[u8]| Some(blake3::hash(bytes).to_hex().to_string());
    if let Some(bytes) = plan.rewrites.get(&id) {
        return Ok(hash(bytes));
    }
    match plan.stripped.get(&id) {
        Some(edit) => {
            let mut hasher = blake3::Hasher::new();
            edit.read(rootfs, node, |piece| {
                hasher.update(piece);
            })?;
            Ok(Some(hasher.finalize().to_hex().to_string()))
        }
        None => rootfs.blake3(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::{Ecosystem, Owner, OwnerId};
    use crate::plan::{Totals, Verdict, apply};
    use crate::rootfs::Builder;

    fn image() -> (Rootfs, Owners) {
        let mut rootfs = Builder::new()
            .file("/usr/a", b"same")
            .file("/usr/b", b"same")
            .hardlink("/usr/c", "/usr/b")
            .exe("/usr/mode", b"same")
            .file("/usr/time", b"same")
            .file("/usr/other", b"othe")
            .file("/usr/empty1", b"")
            .file("/usr/empty2", b"")
            .file("/usr/gone", b"same")
            .file("/usr/rewritten", b"before")
            .file("/etc/conf", b"same")
            .file("/app/mine", b"same")
            .hardlink("/app/shared", "/usr/other")
            .file("/usr/twin", b"othe")
            .build();
        let time = rootfs.tree.get("/usr/time").unwrap();
        rootfs.tree.inode_mut(time).meta.mtime_nanos = 1;
        let mut owners = Owners::none(&rootfs.tree);
        let owner = owners.add(Owner::new(Ecosystem::Dpkg, "p", "1"));
        for node in rootfs.tree.iter().filter(|&node| !rootfs.tree.path(node).starts_with(b"/app")) {
            owners.claim(node, owner);
        }
        (rootfs, owners)
    }

    #[test]
    fn only_files_of_packages_that_have_all_in_common_become_one() {
        let (rootfs, owners) = image();
        let tree = &rootfs.tree;
        let mut plan = Plan::keep_all(tree);
        plan.set(tree.get("/usr/gone").unwrap(), Verdict::Prune(OwnerId(0)));
        plan.rewrites.insert(tree.inode_id(tree.get("/usr/rewritten").unwrap()), b"same".to_vec());
        dedupe(&rootfs, &owners, &mut plan).unwrap();
        let new = apply(&rootfs, &plan).unwrap();
        let first = new.tree.inode_id(new.tree.get("/usr/a").unwrap());
        let joined: Vec<String> = new
            .tree
            .iter()
            .filter(|&node| new.tree.inode_id(node) == first)
            .map(|node| new.tree.path(node).to_string())
            .collect();
        assert_eq!(joined, ["/usr/a", "/usr/b", "/usr/c", "/usr/rewritten"]);
        assert_eq!(plan.links.len(), 2, "{:?}", plan.links);
        for path in ["/usr/rewritten", "/usr/c", "/etc/conf"] {
            assert_eq!(new.read(new.tree.get(path).unwrap()).unwrap(), b"same");
        }
        let totals = Totals::new(tree, &plan);
        let mut inodes: Vec<_> = new.tree.iter().map(|node| new.tree.inode_id(node)).collect();
        inodes.sort_unstable();
        inodes.dedup();
        let files = inodes.into_iter().map(|id| new.tree.inode_by_id(id)).filter(|inode| inode.is_file());
        let after: u64 = files.map(|inode| inode.size()).sum();
        assert_eq!(totals.after.bytes, after);
        assert_eq!((totals.linked.files, totals.linked.bytes), (2, 8));
        assert_eq!(
            totals.before.bytes as i64 - after as i64,
            (totals.pruned.bytes + totals.linked.bytes) as i64 + totals.rewritten
        );
    }
}
