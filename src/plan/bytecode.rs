//! Byte code of modules that stay: it goes, or stays with `--bytecode keep` where the interpreter that runs would take it.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::inputs::Inputs;
use super::verdict::{KeepReason, Plan, Verdict};
use crate::profile::source_of;
use crate::reach::python::{HEAD, Interpreters, Source, is_valid};
use crate::rootfs::NodeId;

/// What becomes of byte code whose source stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bytecode {
    /// It goes as the profiles say: the interpreter makes it again.
    #[default]
    Strip,
    /// It stays if it is valid: the interpreter starts as quickly as before.
    Keep {
        /// No time in the output is later than this (seconds since 1970), so that byte code of a later source is valid no more.
        latest: Option<i64>,
    },
}

/// A source that is larger is not compared by its hash.
const LARGEST_SOURCE: u64 = 32 << 20;

/// Keeps what is valid, or adds up what goes of it.
pub fn settle(inputs: &Inputs<'_>, plan: &mut Plan) {
    let tree = inputs.tree();
    let latest = match inputs.bytecode {
        Bytecode::Strip => None,
        Bytecode::Keep { latest } => latest,
    };
    let goes = |node: &NodeId| match plan.verdict(*node) {
        Verdict::Strip(reason) => !reason.rule.is_users(),
        Verdict::Prune(_) => true,
        Verdict::Keep(_) => false,
    };
    let compiled: Vec<NodeId> =
        tree.iter().filter(|&node| tree.inode(node).is_file() && is_bytecode(tree.name(node))).filter(goes).collect();
    if compiled.is_empty() {
        return;
    }
    let interpreters = Interpreters::found(tree, inputs.reached);
    let valid: Vec<NodeId> =
        compiled.into_par_iter().filter(|&node| valid(inputs, plan, &interpreters, latest, node)).collect();
    if inputs.bytecode == Bytecode::Strip {
        let mut counted = BTreeSet::new();
        for &node in valid.iter().filter(|&&node| counted.insert(tree.inode_id(node))) {
            plan.uncompiled.count(tree.inode(node).size());
        }
        return;
    }
    for node in valid {
        plan.set(node, Verdict::Keep(KeepReason::Bytecode));
    }
}

fn is_bytecode(name: &[u8]) -> bool {
    name.ends_with(b".pyc") || name.ends_with(b".pyo")
}

/// Whether an interpreter that runs would take the byte code at `node` for a source that stays.
fn valid(inputs: &Inputs<'_>, plan: &Plan, interpreters: &Interpreters, latest: Option<i64>, node: NodeId) -> bool {
    let (tree, rootfs) = (inputs.tree(), inputs.rootfs);
    let cached = tree.name(tree.parent(node)) == "__pycache__";
    let Some(version) = interpreters.of(tree.name(node), cached) else { return false };
    let Some(found) = source_of(tree, node) else { return false };
    if !found.via.iter().chain([&found.node]).all(|&step| plan.keeps(step)) {
        return false;
    }
    let inode = tree.inode(found.node);
    let mtime = inode.meta.mtime;
    // Output sets later times to this one: the byte code would have another.
    if !inode.is_file() || latest.is_some_and(|latest| mtime > latest) {
        return false;
    }
    let mut head = Vec::new();
    // A layer that cannot be read ends the run elsewhere.
    if rootfs.read_prefix(node, HEAD as u64, &mut head).is_err() {
        return false;
    }
    is_valid(&head, version, Source { mtime, size: inode.size() }, || {
        rootfs.read_within(found.node, LARGEST_SOURCE).ok()
    })
}
