//! What goes, seen from the packages it belongs to and from the commands that people type.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;

use super::basis::Basis;
use super::model::{GoneCommand, OwnerTotal, Sums, name_and_version};
use crate::owners::{Ecosystem, OwnerId};
use crate::plan::{Verdict, removals};
use crate::reach::command::SHELLS;
use crate::rootfs::NodeId;

/// Every owner of which something goes, the one with the most bytes first.
pub fn owners(basis: &Basis<'_>) -> Vec<OwnerTotal> {
    let (tree, plan) = (&basis.rootfs.tree, basis.plan);
    let mut totals: BTreeMap<OwnerId, OwnerTotal> = BTreeMap::new();
    for removal in removals(tree, plan).iter().filter(|removal| removal.file) {
        let verdict = plan.verdict(removal.node);
        let pruned = if let Verdict::Prune(owner) = verdict { Some(*owner) } else { None };
        let Some(id) = basis.owners.of(removal.node).or(pruned) else { continue };
        let total = totals.entry(id).or_insert_with(|| {
            let owner = basis.owners.get(id);
            OwnerTotal {
                ecosystem: owner.ecosystem,
                name: owner.name.clone(),
                version: owner.version.clone(),
                sums: Sums::default(),
                not_reached_bytes: 0,
                stays: Sums::default(),
            }
        });
        total.sums.files += 1;
        total.sums.bytes += removal.bytes;
        total.not_reached_bytes += if pruned.is_some() { removal.bytes } else { 0 };
    }
    let mut seen = BTreeSet::new();
    for node in tree.iter().filter(|&node| tree.inode(node).is_file() && plan.keeps(node)) {
        if let Some(total) = basis.owners.of(node).and_then(|id| totals.get_mut(&id))
            && seen.insert(tree.inode_id(node))
        {
            total.stays.files += 1;
            total.stays.bytes += tree.inode(node).size();
        }
    }
    let mut found: Vec<OwnerTotal> = totals.into_values().collect();
    found.sort_by(|a, b| {
        b.sums.bytes.cmp(&a.sums.bytes).then_with(|| (a.ecosystem, &a.name).cmp(&(b.ecosystem, &b.name)))
    });
    found
}

/// Commands along `PATH` of which no file stays: shells, then those of Python distributions, which people name
/// instead of the image's command, then the others; by name.
pub fn commands(basis: &Basis<'_>) -> Vec<GoneCommand> {
    let tree = &basis.rootfs.tree;
    let mut stay = BTreeSet::new();
    let mut gone: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let dirs = basis.context.path().filter_map(|dir| tree.follow(dir));
    for dir in dirs.filter(|&dir| seen.insert(dir)) {
        for node in tree.children(dir).filter(|&node| tree.is_program(node)) {
            let name = tree.name(node).as_bytes();
            // A link that stays leads to something that stays.
            if basis.plan.keeps(node) {
                stay.insert(name);
            } else {
                gone.entry(name).or_insert(node);
            }
        }
    }
    let mut found: Vec<(usize, GoneCommand)> = gone
        .into_iter()
        .filter(|(name, _)| !stay.contains(name))
        .map(|(name, node)| {
            let name = name.to_str_lossy().into_owned();
            let owner = basis.owners.of(node).map(|id| basis.owners.get(id));
            let shell = SHELLS.iter().position(|shell| *shell == name);
            let python = owner.is_some_and(|owner| matches!(owner.ecosystem, Ecosystem::Python | Ecosystem::Conda));
            let rank = shell.unwrap_or(SHELLS.len() + usize::from(!python));
            (rank, GoneCommand { name, path: tree.path(node).to_string(), owner: owner.map(name_and_version) })
        })
        .collect();
    found.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    found.into_iter().map(|(_, command)| command).collect()
}
