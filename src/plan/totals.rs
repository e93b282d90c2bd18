//! What a plan removes, counted.

use std::collections::{BTreeMap, BTreeSet};

use crate::owners::OwnerId;
use crate::rootfs::{NodeId, Tree};

use super::verdict::{Plan, Verdict};

/// A name that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The name.
    pub node: NodeId,
    /// Whether a regular file goes with it: none for directories, symlinks, and names of a file that stays or that
    /// went with another name before.
    pub file: bool,
    /// The bytes that go with it.
    pub bytes: u64,
}

/// Every name that goes, in the order of the tree. The bytes of a file with several names are counted once, with
/// the first, and only if no name stays.
pub fn removals(tree: &Tree, plan: &Plan) -> Vec<Removal> {
    let mut stays = vec![false; tree.inode_capacity()];
    for node in tree.iter().filter(|&node| plan.keeps(node)) {
        stays[tree.inode_id(node).index()] = true;
    }
    let mut counted = stays;
    let mut found = Vec::new();
    for node in tree.iter().filter(|&node| !plan.keeps(node)) {
        let seen = std::mem::replace(&mut counted[tree.inode_id(node).index()], true);
        let inode = tree.inode(node);
        let file = inode.is_file() && !seen;
        found.push(Removal { node, file, bytes: if file { inode.size() } else { 0 } });
    }
    found
}

/// Regular files and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Regular files; a file with several names is one.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Amount {
    /// One file more, of this size.
    pub(super) fn count(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }

    fn add(&mut self, removal: &Removal) {
        self.files += u64::from(removal.file);
        self.bytes += removal.bytes;
    }
}

/// Sums over a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Regular files of the tree.
    pub before: Amount,
    /// What stays, with the new sizes of rewritten files.
    pub after: Amount,
    /// What strip rules take, by category.
    pub by_category: BTreeMap<Box<str>, Amount>,
    /// What strip rules take, by rule.
    pub by_rule: BTreeMap<Box<str>, Amount>,
    /// What goes for not being reached, by owner.
    pub by_owner: BTreeMap<OwnerId, Amount>,
    /// What goes for not being reached, in all.
    pub pruned: Amount,
    /// Files that become names of others.
    pub linked: Amount,
    /// Bytes that rewritten files lose; negative if they grow.
    pub rewritten: i64,
    /// How many files are rewritten.
    pub rewritten_files: u64,
    /// ELF files that lose debug information and symbols, and the bytes that they lose.
    pub stripped: Amount,
}

impl Totals {
    /// Adds a plan up.
    pub fn new(tree: &Tree, plan: &Plan) -> Self {
        let mut totals = Self::default();
        let mut seen = BTreeSet::new();
        let mut stays = BTreeSet::new();
        for node in tree.iter().filter(|&node| tree.inode(node).is_file()) {
            let (id, size) = (tree.inode_id(node), tree.inode(node).size());
            if seen.insert(id) {
                totals.before.files += 1;
                totals.before.bytes += size;
            }
            if plan.keeps(node) && stays.insert(id) {
                let new = plan.rewritten_size(id);
                let linked = plan.standing_for(id) != id;
                let amount = if linked { &mut totals.linked } else { &mut totals.after };
                amount.files += 1;
                amount.bytes += new.unwrap_or(size);
                if plan.stripped.contains_key(&id) {
                    totals.stripped.files += 1;
                    totals.stripped.bytes += size.saturating_sub(new.unwrap_or(size));
                } else if let Some(new) = new {
                    totals.rewritten_files += 1;
                    totals.rewritten += size.cast_signed() - new.cast_signed();
                }
            }
        }
        for removal in removals(tree, plan) {
            match plan.verdict(removal.node) {
                Verdict::Keep(_) => {}
                Verdict::Strip(reason) => {
                    totals.by_category.entry(reason.category.clone()).or_default().add(&removal);
                    totals.by_rule.entry(reason.rule.as_str().into()).or_default().add(&removal);
                }
                Verdict::Prune(owner) => {
                    totals.by_owner.entry(*owner).or_default().add(&removal);
                    totals.pruned.add(&removal);
                }
            }
        }
        totals
    }
}
