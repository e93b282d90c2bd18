//! A plan while its records are trimmed.

use std::borrow::Cow;

use crate::owners::Owners;
use crate::owners::digest::Form;
use crate::plan::{KeepReason, Plan, Verdict};
use crate::rootfs::{NodeId, Rootfs};

/// A plan that is being adapted.
pub struct Records<'a> {
    pub rootfs: &'a Rootfs,
    pub owners: &'a Owners,
    pub plan: &'a mut Plan,
    /// Whether the plan removes what is not reached; what trimming drops does not count.
    pub prunes: bool,
}

impl Records<'_> {
    pub fn keeps(&self, node: NodeId) -> bool {
        self.plan.keeps(node)
    }

    /// Whether somebody asked for this very file.
    pub fn is_wanted(&self, node: NodeId) -> bool {
        matches!(self.plan.verdict(node), Verdict::Keep(KeepReason::Rule(_) | KeepReason::EntryPoint))
    }

    /// Whether the program needs this very file, or somebody asked for it.
    pub fn is_needed(&self, node: NodeId) -> bool {
        self.is_wanted(node) || matches!(self.plan.verdict(node), Verdict::Keep(KeepReason::Reached))
    }

    /// Keeps the record of something that stays, with the directories above it. What a strip rule takes is gone.
    pub fn restore(&mut self, node: NodeId) {
        if !matches!(self.plan.verdict(node), Verdict::Prune(_)) {
            return;
        }
        self.plan.set(node, Verdict::Keep(KeepReason::Record));
        let tree = &self.rootfs.tree;
        let mut dir = tree.parent(node);
        while !self.plan.keeps(dir) {
            self.plan.set(dir, Verdict::Keep(KeepReason::Directory));
            dir = tree.parent(dir);
        }
    }

    /// Takes out the record of something that is gone.
    pub fn drop(&mut self, node: NodeId) {
        if self.plan.keeps(node)
            && !self.is_wanted(node)
            && let Some(owner) = self.owners.of(node)
        {
            self.plan.set(node, Verdict::Prune(owner));
        }
    }

    /// What the record at `node` will hold.
    pub fn content(&self, node: NodeId) -> Option<Cow<'_, [u8]>> {
        let tree = &self.rootfs.tree;
        if let Some(bytes) = self.plan.rewrites.get(&tree.inode_id(node)) {
            return Some(Cow::Borrowed(bytes));
        }
        if !tree.inode(node).is_file() || tree.inode(node).size() > MAX_RECORD {
            return None;
        }
        self.rootfs.read(node).ok().map(Cow::Owned)
    }

    /// The size and the digest of the new content of the file at `node`, if it changes.
    pub fn changed(&self, node: NodeId, form: Form) -> Option<(u64, String)> {
        let inode = self.rootfs.tree.inode_id(node);
        if let Some(bytes) = self.plan.rewrites.get(&inode) {
            return Some((bytes.len() as u64, form.of(bytes)));
        }
        let edit = self.plan.stripped.get(&inode)?;
        let read = |at: u64, out: &mut [u8]| self.rootfs.read_at(node, at, out);
        let feed = |put: &mut dyn FnMut(&[u8])| {
            edit.write(read, |piece| {
                put(piece);
                Ok(())
            })
        };
        Some((edit.size(), form.of_pieces(feed).ok()?))
    }

    /// Gives a record that stays its new content.
    pub fn rewrite(&mut self, node: NodeId, before: &[u8], after: Vec<u8>) {
        if before != after && self.plan.keeps(node) {
            self.plan.rewrites.insert(self.rootfs.tree.inode_id(node), after);
        }
    }
}

/// Larger records are left as they are.
const MAX_RECORD: u64 = 128 << 20;
