//! Plans for tests of records.

use bstr::ByteSlice;

use crate::owners::Owners;
use crate::plan::{KeepReason, Plan, Verdict};
use crate::rootfs::Rootfs;

/// A plan that prunes every owned file but those that `keeps` names; `/etc` stays, directories stay.
pub fn prune(rootfs: &Rootfs, owners: &Owners, keeps: impl Fn(&str) -> bool) -> Plan {
    let tree = &rootfs.tree;
    let mut plan = Plan::keep_all(tree);
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
        let path = tree.path(node).to_string();
        let verdict = match owners.of(node) {
            _ if path.starts_with("/etc/") => Verdict::Keep(KeepReason::Configuration),
            _ if keeps(&path) => Verdict::Keep(KeepReason::Reached),
            Some(owner) => Verdict::Prune(owner),
            None => Verdict::Keep(KeepReason::Payload),
        };
        plan.set(node, verdict);
    }
    plan
}

/// Paths of all files that stay.
pub fn kept(rootfs: &Rootfs, plan: &Plan) -> Vec<String> {
    let tree = &rootfs.tree;
    let files = tree.iter().filter(|&node| !tree.inode(node).is_dir() && plan.keeps(node));
    files.map(|node| tree.path(node).to_string()).collect()
}

/// The content a file has in the output; `(gone)` if it has none.
pub fn text(rootfs: &Rootfs, plan: &Plan, path: &str) -> String {
    let node = rootfs.tree.get(path).unwrap();
    if !plan.keeps(node) {
        return "(gone)".to_owned();
    }
    let rewritten = plan.rewrites.get(&rootfs.tree.inode_id(node)).cloned();
    rewritten.unwrap_or_else(|| rootfs.read(node).unwrap()).to_str_lossy().into_owned()
}
