//! Package records that stay true: they list what is left, no more and no less.
//!
//! - A package none of whose files is left is no longer listed. Directories do not count as files, nor does a lone
//!   licence. One with nothing but configuration left is what dpkg calls `config-files`.
//! - A package of which something is left stays listed; its lists of files name only what is left, and hashes follow
//!   files whose content changes.
//! - Records of packages that stay, stay, whether the program reads them or not.
//!
//! What a user's `--keep` or a rule keeps, stays even so.

mod apk;
mod conda;
mod dpkg;
#[cfg(test)]
mod hostile_tests;
mod python;
mod remains;
#[cfg(test)]
mod testing;

use std::borrow::Cow;

use crate::owners::Owners;
use crate::plan::{KeepReason, Plan, Verdict};
use crate::rootfs::{NodeId, Rootfs};

/// Trims the records of every ecosystem to what `plan` keeps. Call it last: it needs the verdicts on files and
/// directories, and the new contents of files that change.
pub fn trim(rootfs: &Rootfs, owners: &Owners, plan: &mut Plan) {
    let prunes = remains::prunes(&rootfs.tree, plan);
    let mut records = Records { rootfs, owners, plan, prunes };
    // Python first: its records are files of Debian's packages.
    python::trim(&mut records);
    conda::trim(&mut records);
    apk::trim(&mut records);
    dpkg::trim(&mut records);
}

/// A plan that is being adapted.
struct Records<'a> {
    rootfs: &'a Rootfs,
    owners: &'a Owners,
    plan: &'a mut Plan,
    /// Whether the plan removes what is not reached; what trimming drops does not count.
    prunes: bool,
}

impl Records<'_> {
    fn keeps(&self, node: NodeId) -> bool {
        self.plan.keeps(node)
    }

    /// Whether somebody asked for this very file.
    fn is_wanted(&self, node: NodeId) -> bool {
        matches!(self.plan.verdict(node), Verdict::Keep(KeepReason::Rule(_) | KeepReason::EntryPoint))
    }

    /// Whether the program needs this very file, or somebody asked for it.
    fn is_needed(&self, node: NodeId) -> bool {
        self.is_wanted(node) || matches!(self.plan.verdict(node), Verdict::Keep(KeepReason::Reached))
    }

    /// Keeps the record of something that stays, with the directories above it. What a strip rule takes is gone.
    fn restore(&mut self, node: NodeId) {
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
    fn drop(&mut self, node: NodeId) {
        if self.plan.keeps(node)
            && !self.is_wanted(node)
            && let Some(owner) = self.owners.of(node)
        {
            self.plan.set(node, Verdict::Prune(owner));
        }
    }

    /// What the file at `node` will hold.
    fn content(&self, node: NodeId) -> Option<Cow<'_, [u8]>> {
        let tree = &self.rootfs.tree;
        if let Some(bytes) = self.rewritten(node) {
            return Some(bytes);
        }
        if !tree.inode(node).is_file() || tree.inode(node).size() > MAX_RECORD {
            return None;
        }
        self.rootfs.read(node).ok().map(Cow::Owned)
    }

    /// The new content of the file at `node`, if it changes.
    fn rewritten(&self, node: NodeId) -> Option<Cow<'_, [u8]>> {
        let inode = self.rootfs.tree.inode_id(node);
        if let Some(bytes) = self.plan.rewrites.get(&inode) {
            return Some(Cow::Borrowed(bytes));
        }
        let edit = self.plan.stripped.get(&inode)?;
        self.rootfs.read(node).ok().map(|before| Cow::Owned(edit.apply(&before)))
    }

    /// Gives a record that stays its new content.
    fn rewrite(&mut self, node: NodeId, before: &[u8], after: Vec<u8>) {
        if before != after && self.plan.keeps(node) {
            self.plan.rewrites.insert(self.rootfs.tree.inode_id(node), after);
        }
    }
}

/// Larger records are left as they are.
const MAX_RECORD: u64 = 128 << 20;
