//! What becomes of every package of an image.

use serde::Serialize;

use super::super::why::Explainer;
use crate::owners::{Ecosystem, Owner};
use crate::plan::Verdict;

/// What becomes of a package as its tool lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// No longer listed: nothing is left of it.
    Gone,
    /// Still listed, with fewer files.
    Smaller,
    /// As it was.
    Whole,
}

/// A package, and the bytes of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Which records name it.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
    /// What becomes of it.
    pub state: Fate,
    /// Bytes that go.
    pub goes: u64,
    /// Bytes that stay.
    pub stays: u64,
}

#[derive(Clone, Copy, Default)]
struct Count {
    goes: u64,
    stays: u64,
    names_that_go: u64,
    names_that_stay: u64,
}

/// Every owner, in the owners' order.
pub fn packages(explainer: &Explainer<'_>) -> Vec<Package> {
    let basis = explainer.basis();
    let (tree, plan) = (&basis.rootfs.tree, basis.plan);
    let mut counts = vec![Count::default(); basis.owners.iter().count()];
    let mut seen = vec![false; tree.inode_capacity()];
    // Names that stay first: a file stays with any of them.
    let names = |stays: bool| tree.iter().filter(move |&node| plan.keeps(node) == stays && !tree.inode(node).is_dir());
    for (node, stays) in names(true).map(|node| (node, true)).chain(names(false).map(|node| (node, false))) {
        let (id, inode) = (tree.inode_id(node), tree.inode(node));
        let pruned = if let Verdict::Prune(owner) = plan.verdict(node) { Some(*owner) } else { None };
        let Some(owner) = explainer.owner_of(node).or(pruned) else { continue };
        let Some(count) = counts.get_mut(owner.index()) else { continue };
        let first = seen.get_mut(id.index()).is_some_and(|seen| !std::mem::replace(seen, true));
        let bytes = if first { inode.size() } else { 0 };
        if stays {
            count.names_that_stay += 1;
            let own = first && plan.standing_for(id) == id;
            let after = if own { plan.rewritten_size(id).unwrap_or(bytes) } else { 0 };
            count.stays += after;
            count.goes += bytes.saturating_sub(after);
        } else {
            count.names_that_go += 1;
            count.goes += bytes;
        }
    }
    let owners = basis.owners.iter().zip(counts);
    owners
        .map(|((_, owner), count)| package(owner, count, owner.records.iter().any(|&node| plan.keeps(node))))
        .collect()
}

fn package(owner: &Owner, count: Count, recorded: bool) -> Package {
    // A package without files (Debian has many that only name others) is as listed as its record.
    let listed = count.names_that_stay > 0 || (recorded && count.names_that_go == 0);
    let state = match (listed, count.names_that_go) {
        (false, _) => Fate::Gone,
        (true, 0) => Fate::Whole,
        (true, _) => Fate::Smaller,
    };
    let (name, version) = (owner.name.clone(), owner.version.clone());
    Package { ecosystem: owner.ecosystem, name, version, state, goes: count.goes, stays: count.stays }
}
