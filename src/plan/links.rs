//! What a kept symlink needs stays.

use crate::profile::Condition;
use crate::rootfs::{Kind, NodeId, Tree};

use super::inputs::{Decision, Inputs};
use super::verdict::{KeepReason, Plan, StripReason, Verdict};

/// Brings back what kept symlinks lead to, for the symlinks that `which` chooses.
pub fn hold_targets(
    inputs: &Inputs<'_>,
    plan: &mut Plan,
    decisions: &[Decision<'_>],
    which: impl Fn(&Decision<'_>) -> bool,
) {
    let tree = inputs.tree();
    for decision in decisions.iter().filter(|decision| decision.dangling.is_none() && which(decision)) {
        if matches!(tree.inode(decision.node).kind, Kind::Symlink(_)) && plan.keeps(decision.node) {
            hold(inputs, plan, decision.node, decision.licence.is_some());
        }
    }
}

/// Strips the symlinks of `dangling` rules that lead nowhere any more.
pub fn strip_dangling(inputs: &Inputs<'_>, plan: &mut Plan, decisions: &[Decision<'_>]) {
    let tree = inputs.tree();
    for decision in decisions {
        let Some(rule) = decision.dangling else { continue };
        let node = decision.node;
        // A link that another one needs, or that evidence reaches, stays whatever it leads to.
        let loose = matches!(
            plan.verdict(node),
            Verdict::Keep(KeepReason::NotExamined | KeepReason::Payload | KeepReason::Configuration)
        ) || matches!(plan.verdict(node), Verdict::Prune(_));
        if loose && leads_nowhere(tree, plan, node) {
            plan.set(node, Verdict::Strip(StripReason::of(rule).into()));
        }
    }
}

/// Keeps everything on the way from the symlink at `node` to what it leads to.
fn hold(inputs: &Inputs<'_>, plan: &mut Plan, node: NodeId, licence: bool) {
    let tree = inputs.tree();
    let Some(found) = tree.resolve(tree.path(node)) else { return };
    for &step in found.via.iter().chain([&found.node]) {
        bring_back(tree, plan, step);
    }
    if !tree.inode(found.node).is_dir() || found.node == Tree::ROOT {
        return;
    }
    // A folder stays as a folder. What is in it stays if the link stands for the content: a folder of licences, or
    // one that is baggage as a whole and that somebody linked to from outside.
    let matchers = inputs.matchers;
    if licence {
        for child in tree.children(found.node) {
            if matchers.keep_rules.find(tree.path(child).as_ref()).is_some_and(|rule| rule.with_owner) {
                bring_back(tree, plan, child);
            }
        }
        return;
    }
    let named_by = matchers.strip_rules.matches(tree.path(found.node).as_ref());
    if named_by.iter().any(|rule| !rule.only.contains(&Condition::Directory)) {
        for below in tree.walk(found.node) {
            bring_back(tree, plan, below);
        }
    }
}

/// Keeps `node`, unless the user asked for it to go.
fn bring_back(tree: &Tree, plan: &mut Plan, node: NodeId) {
    let bring = match plan.verdict(node) {
        // Directories have no verdict yet: this one holds when they get theirs.
        Verdict::Keep(_) => tree.inode(node).is_dir(),
        Verdict::Strip(reason) => !reason.rule.is_users(),
        Verdict::Prune(_) => true,
    };
    if bring {
        plan.set(node, Verdict::Keep(KeepReason::LinkTarget));
    }
}

/// Whether something on the way of a symlink, or at its end, goes.
fn leads_nowhere(tree: &Tree, plan: &Plan, node: NodeId) -> bool {
    let Some(found) = tree.resolve(tree.path(node)) else { return false };
    if !tree.inode(found.node).is_dir() {
        return found.via.iter().filter(|&&step| step != node).chain([&found.node]).any(|&step| !plan.keeps(step));
    }
    // Directories are judged later: this one can only go if no file below it stays.
    tree.children(found.node).len() > 0
        && tree.walk(found.node).all(|below| tree.inode(below).is_dir() || !plan.keeps(below))
}
