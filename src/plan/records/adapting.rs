//! A plan while its records are trimmed.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::owners::digest::Written;
use crate::owners::{OwnerId, Owners};
use crate::plan::{KeepReason, Plan, Verdict};
use crate::rootfs::{InodeId, NodeId, Rootfs};

/// A plan that is being adapted.
pub struct Records<'a> {
    pub rootfs: &'a Rootfs,
    pub owners: &'a Owners,
    pub plan: &'a mut Plan,
    /// Whether the plan removes what is not reached; what trimming drops does not count.
    pub prunes: bool,
    /// Hashes of files whose symbols go.
    pub hashed: RefCell<FxHashMap<(InodeId, Written), String>>,
    /// What there is to tell the user.
    pub notes: Vec<String>,
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

    /// Takes out the folder that a package has for its records, if none of these stays: to the package manager a folder is a package, even if
    /// it is empty.
    pub fn drop_folder(&mut self, files: &[NodeId], owner: OwnerId) {
        let tree = &self.rootfs.tree;
        let Some(folder) = files.first().map(|&file| tree.parent(file)) else { return };
        if tree.children(folder).all(|child| !self.keeps(child)) {
            self.plan.set(folder, Verdict::Prune(owner));
        }
    }

    /// What the file at `node` will hold.
    pub fn content(&self, node: NodeId) -> Option<Cow<'_, [u8]>> {
        let tree = &self.rootfs.tree;
        if let Some(bytes) = self.plan.rewrites.get(&tree.inode_id(node)) {
            return Some(Cow::Borrowed(bytes));
        }
        let is_text = tree.inode(node).is_file() && !self.plan.stripped.contains_key(&tree.inode_id(node));
        is_text.then(|| self.rootfs.read(node).ok().map(Cow::Owned)).flatten()
    }

    /// Hash and size of what the file at `node` will hold, if that changes.
    pub fn changed(&self, node: NodeId, written: Written) -> Option<(String, u64)> {
        let inode = self.rootfs.tree.inode_id(node);
        if let Some(bytes) = self.plan.rewrites.get(&inode) {
            let take_all = |take: &mut dyn FnMut(&[u8])| {
                take(bytes);
                Ok(())
            };
            return Some((written.of(take_all).ok()?, bytes.len() as u64));
        }
        let edit = self.plan.stripped.get(&inode)?;
        // A record may name one file any number of times.
        if let Some(known) = self.hashed.borrow().get(&(inode, written)) {
            return Some((known.clone(), edit.size()));
        }
        let read = |at, out: &mut [u8]| self.rootfs.read_at(node, at, out);
        let feed = |take: &mut dyn FnMut(&[u8])| {
            edit.write(read, |piece| {
                take(piece);
                Ok(())
            })
        };
        let hash = written.of(feed).ok()?;
        self.hashed.borrow_mut().insert((inode, written), hash.clone());
        Some((hash, edit.size()))
    }

    /// Gives a record that stays its new content.
    pub fn rewrite(&mut self, node: NodeId, before: &[u8], after: Vec<u8>) {
        if before != after && self.plan.keeps(node) {
            self.plan.rewrites.insert(self.rootfs.tree.inode_id(node), after);
        }
    }
}
