//! Which directories go: those that only became empty because of the plan, and that nobody mounts on or writes to.

use crate::owners::{Ecosystem, OwnerId};
use crate::rootfs::{NodeId, Tree};

use super::inputs::Inputs;
use super::verdict::{KeepReason, Plan, StripReason, Verdict};

/// Folders below which every directory stays: programs write there, engines mount there. See `hier(7)`.
const STAY: [&[u8]; 9] = [b"var", b"tmp", b"run", b"etc", b"dev", b"proc", b"sys", b"mnt", b"media"];

/// Decides on every directory, from the leaves up.
pub fn settle(inputs: &Inputs<'_>, plan: &mut Plan) {
    let tree = inputs.tree();
    let needed = inputs.launch.needed_directories(tree);
    let named = inputs.launch.named(tree);
    let directories: Vec<NodeId> = tree.iter().filter(|&node| tree.inode(node).is_dir()).collect();
    for &node in directories.iter().rev() {
        let held = needed.contains(&node) || named.contains(&node) || is_protected(tree, node);
        let verdict = judge(inputs, plan, node, needed.contains(&node), held);
        plan.set(node, verdict);
    }
}

fn judge(inputs: &Inputs<'_>, plan: &Plan, node: NodeId, needed: bool, held: bool) -> Verdict {
    let tree = inputs.tree();
    let stays = Verdict::Keep(KeepReason::Directory);
    if node == Tree::ROOT || tree.children(node).any(|child| plan.keeps(child)) {
        return stays;
    }
    let matchers = inputs.matchers;
    let path = tree.path(node);
    let path = path.as_ref();
    if let Some(glob) = matchers.keep.find(path) {
        return Verdict::Keep(KeepReason::Rule(glob.into()));
    }
    let owner = owner_of_content(tree, plan, node);
    // Of a store path that goes nothing stays, though `PATH` may name it: an empty one would be another thing of the same name.
    if let Some(owner) = owner.filter(|&owner| {
        !needed && path.starts_with(b"/nix/store/") && inputs.owners.get(owner).ecosystem == Ecosystem::Nix
    }) {
        return Verdict::Prune(owner);
    }
    if held {
        return stays;
    }
    if let Some(glob) = matchers.strip.find(path) {
        return Verdict::Strip(StripReason::users(glob).into());
    }
    if let Some(rule) = matchers.keep_rules.find(path).filter(|rule| !rule.with_owner) {
        return Verdict::Keep(KeepReason::Rule(rule.id.as_str().into()));
    }
    if *plan.verdict(node) == Verdict::Keep(KeepReason::LinkTarget) {
        return Verdict::Keep(KeepReason::LinkTarget);
    }
    if tree.children(node).len() == 0 {
        return stays;
    }
    let evidence = inputs.has_evidence(node);
    if let Some(rule) = matchers.strip_rules.matches(path).into_iter().find(|rule| rule.even_if_reached || !evidence) {
        return Verdict::Strip(StripReason::of(rule).into());
    }
    if evidence || !inputs.prunes() {
        return stays;
    }
    match inputs.owners.of(node).or(owner) {
        Some(owner) => Verdict::Prune(owner),
        None => stays,
    }
}

fn owner_of_content(tree: &Tree, plan: &Plan, node: NodeId) -> Option<OwnerId> {
    tree.children(node).find_map(|child| match plan.verdict(child) {
        Verdict::Prune(owner) => Some(*owner),
        _ => None,
    })
}

/// Whether `node` stays whatever is left in it.
fn is_protected(tree: &Tree, node: NodeId) -> bool {
    tree.parent(node) == Tree::ROOT || is_writable(tree, node)
}

/// Whether programs make files in the directory `node`: a home, one that everybody may write to, the folders of [`STAY`] and all in them.
pub fn is_writable(tree: &Tree, node: NodeId) -> bool {
    let parent = tree.parent(node);
    (tree.name(parent) == "home" && tree.parent(parent) == Tree::ROOT)
        || tree.inode(node).meta.mode & 0o002 != 0
        || STAY.iter().any(|top| is_below(tree, node, top) || (parent == Tree::ROOT && tree.name(node) == *top))
}

/// Whether `node` is in the top-level directory `top`.
pub fn is_below(tree: &Tree, node: NodeId, top: &[u8]) -> bool {
    let mut at = node;
    while tree.parent(at) != Tree::ROOT {
        at = tree.parent(at);
    }
    at != node && tree.name(at) == top
}
