//! The tree as a plan leaves it.

use std::io::{self, Write};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::verdict::Plan;
use crate::image::Blob;
use crate::rootfs::{Content, InodeId, Kind, NodeId, Rootfs, Tree};

/// What `plan` leaves of `rootfs`, as reading the new image would give it, but for times that the output limits.
/// Contents stay where they are; those that change are written to a temporary file that has no name.
///
/// # Errors
/// If a layer cannot be read any more, or there is no room for the temporary file.
pub fn apply(rootfs: &Rootfs, plan: &Plan) -> io::Result<Rootfs> {
    let old = &rootfs.tree;
    let (rewritten, places) = rewritten(rootfs, plan)?;
    let mut tree = Tree::new(old.inode(Tree::ROOT).meta);
    tree.inode_mut(Tree::ROOT).xattrs = old.inode(Tree::ROOT).xattrs.clone();
    let mut at: FxHashMap<NodeId, NodeId> = [(Tree::ROOT, Tree::ROOT)].into_iter().collect();
    let mut first_names: FxHashMap<InodeId, NodeId> = FxHashMap::default();
    for node in old.iter().skip(1).filter(|&node| plan.keeps(node)) {
        let Some(parent) = made(old, &mut tree, &mut at, old.parent(node)) else { continue };
        let id = plan.standing_for(old.inode_id(node));
        let new = if let Some(&first) = first_names.get(&id) {
            tree.link(parent, old.name(node), first)
        } else {
            let mut inode = old.inode_by_id(id).clone();
            inode.links = 0;
            if let (Kind::File(content), Some(place)) = (&mut inode.kind, places.get(&id)) {
                *content = place.clone();
            }
            tree.insert(parent, old.name(node), inode)
        };
        if !old.inode(node).is_dir() {
            first_names.entry(id).or_insert(new);
        }
        at.insert(node, new);
    }
    tree.sort();
    let mut layers = rootfs.layers.clone();
    layers.push(rewritten);
    Ok(Rootfs::new(tree, layers))
}

/// The new directory for the old one at `dir`. One above something that stays is in the output in any case.
fn made(old: &Tree, tree: &mut Tree, at: &mut FxHashMap<NodeId, NodeId>, dir: NodeId) -> Option<NodeId> {
    let mut missing = Vec::new();
    let mut node = dir;
    while !at.contains_key(&node) {
        missing.push(node);
        node = old.parent(node);
    }
    let mut parent = *at.get(&node)?;
    for node in missing.into_iter().rev() {
        let mut inode = old.inode(node).clone();
        inode.links = 0;
        parent = tree.insert(parent, old.name(node), inode);
        at.insert(node, parent);
    }
    Some(parent)
}

/// All new contents one after the other, and where each is.
fn rewritten(rootfs: &Rootfs, plan: &Plan) -> io::Result<(Blob, FxHashMap<InodeId, Content>)> {
    let layer = u32::try_from(rootfs.layers.len()).unwrap_or(u32::MAX);
    let mut places = FxHashMap::default();
    let mut file = tempfile::tempfile()?;
    let mut end = 0;
    let mut place = |inode: InodeId, size: u64| {
        places.insert(inode, Content { layer, offset: end, size, sparse: None });
        end += size;
    };
    for (&inode, content) in &plan.rewrites {
        place(inode, content.len() as u64);
        file.write_all(content)?;
    }
    if !plan.stripped.is_empty() {
        let mut seen = vec![false; rootfs.tree.inode_capacity()];
        for node in rootfs.tree.iter().filter(|&node| plan.keeps(node)) {
            let id = rootfs.tree.inode_id(node);
            if let Some(edit) = plan.stripped.get(&id)
                && !std::mem::replace(&mut seen[id.index()], true)
                && !plan.rewrites.contains_key(&id)
            {
                place(id, edit.size());
                edit.write(|at, out| rootfs.read_at(node, at, out), |piece| file.write_all(piece))?;
            }
        }
    }
    Ok((Blob::file(Arc::new(file), 0, end), places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::OwnerId;
    use crate::plan::Verdict;
    use crate::rootfs::Builder;

    #[test]
    fn what_goes_is_gone_what_is_rewritten_is_new_and_links_stay_links() {
        let rootfs = Builder::new()
            .file("/a/kept", b"old")
            .hardlink("/a/second", "/a/kept")
            .file("/a/gone", b"x")
            .hardlink("/b/third", "/a/kept")
            .file("/b/c/deep", b"deep")
            .symlink("/link", "a/kept")
            .dir("/empty")
            .build();
        let old = &rootfs.tree;
        let mut plan = Plan::keep_all(old);
        for path in ["/a/gone", "/a/kept", "/b/c", "/empty"] {
            plan.set(old.get(path).unwrap(), Verdict::Prune(OwnerId(0)));
        }
        plan.rewrites.insert(old.inode_id(old.get("/a/kept").unwrap()), b"new".to_vec());
        let new = apply(&rootfs, &plan).unwrap();
        let paths: Vec<String> = new.tree.iter().map(|node| new.tree.path(node).to_string()).collect();
        assert_eq!(paths, ["/", "/a", "/a/second", "/b", "/b/c", "/b/c/deep", "/b/third", "/link"]);
        let (second, third) = (new.tree.get("/a/second").unwrap(), new.tree.get("/b/third").unwrap());
        assert_eq!(new.tree.inode_id(second), new.tree.inode_id(third));
        assert_eq!(new.tree.inode(second).links, 2);
        assert_eq!(new.read(third).unwrap(), b"new");
        assert_eq!(new.read(new.tree.get("/b/c/deep").unwrap()).unwrap(), b"deep");
    }
}
