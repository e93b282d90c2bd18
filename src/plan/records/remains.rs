//! What is left of every package.

use super::adapting::Records;
use crate::owners::{Ecosystem, Owner, OwnerId, Owners};
use crate::plan::{KeepReason, Plan, Verdict};
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

/// Files of one package, counted by what becomes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remains {
    /// Stays, other than as a link to a directory.
    pub kept: usize,
    /// Stays because it is configuration.
    pub configuration: usize,
    /// Goes because nothing reaches it.
    pub pruned: usize,
    /// Goes, for whatever reason, or is a licence that goes.
    pub removed: usize,
    /// Files that were there at all, licences included.
    pub total: usize,
}

/// Whether a package is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Some of its files are.
    Installed,
    /// Only its configuration is.
    ConfigFiles,
    /// Nothing is.
    Gone,
}

impl Remains {
    /// Counts one file in.
    pub fn count(&mut self, plan: &Plan, node: NodeId, is_licence: bool) {
        self.total += 1;
        let verdict = plan.verdict(node);
        if !matches!(verdict, Verdict::Keep(_)) {
            self.removed += 1;
        }
        if is_licence {
            return;
        }
        match verdict {
            Verdict::Keep(KeepReason::Configuration) => self.configuration += 1,
            // As the directory itself, it says nothing about the package.
            Verdict::Keep(KeepReason::DirectoryLink) => {}
            Verdict::Keep(_) => self.kept += 1,
            Verdict::Prune(_) => self.pruned += 1,
            Verdict::Strip(_) => {}
        }
    }

    /// What is left by either of two counts.
    pub fn or(self, other: Self) -> Self {
        Self {
            kept: self.kept.max(other.kept),
            configuration: self.configuration.max(other.configuration),
            pruned: self.pruned.max(other.pruned),
            removed: self.removed.max(other.removed),
            total: self.total.max(other.total),
        }
    }

    /// What is left of the package. One that has lost nothing is as installed as it was, unless it has no file at
    /// all and the plan is to keep only what is needed.
    pub fn state(self, prunes: bool) -> Standing {
        let untouched = self.removed == 0 && (self.total > 0 || !prunes);
        if self.kept > 0 || untouched || (self.configuration > 0 && self.pruned == 0) {
            Standing::Installed
        } else if self.configuration > 0 {
            Standing::ConfigFiles
        } else {
            Standing::Gone
        }
    }
}

/// Counts the files that each owner claims, except those that `is_record` names.
pub fn count(rootfs: &Rootfs, owners: &Owners, plan: &Plan, is_record: impl Fn(NodeId) -> bool) -> Vec<Remains> {
    let tree = &rootfs.tree;
    let mut remains = vec![Remains::default(); owners.iter().count()];
    for node in tree.iter() {
        if tree.inode(node).is_dir() || is_record(node) {
            continue;
        }
        let licence = is_licence(tree, node);
        let mut add = |owner: OwnerId| {
            if let Some(left) = remains.get_mut(owner.0 as usize) {
                left.count(plan, node, licence);
            }
        };
        let owner = owners.of(node);
        if let Some(owner) = owner {
            add(owner);
        }
        if let Some(distribution) = owners.distribution_of(node).filter(|&other| Some(other) != owner) {
            add(distribution);
        }
    }
    remains
}

/// Takes out the records, which are files of their own, of the packages of one kind of which nothing is left, and puts back those of the
/// others. Returns all of these packages, and whether each is still there.
pub fn packages<'a>(records: &mut Records<'a>, ecosystem: Ecosystem) -> Vec<(&'a Owner, OwnerId, Standing)> {
    let owners = records.owners;
    let of_kind: Vec<(OwnerId, &Owner)> = owners.iter().filter(|(_, owner)| owner.ecosystem == ecosystem).collect();
    if of_kind.is_empty() {
        return Vec::new();
    }
    let is_record = |node| owners.of(node).is_some_and(|id| owners.get(id).records.contains(&node));
    let left = count(records.rootfs, owners, records.plan, is_record);
    let of = |id: OwnerId| left.get(id.index()).copied().unwrap_or_default();
    let standing = |id: OwnerId| of(id).state(records.prunes);
    let unlisted = |id: OwnerId| of(id).total == 0 && standing(id) == Standing::Gone;
    let mut names: Vec<&str> =
        of_kind.iter().filter(|(id, _)| unlisted(*id)).map(|(_, owner)| owner.name.as_str()).collect();
    names.sort_unstable();
    let note = names.first().map(|first| {
        let (count, kind) = (names.len(), ecosystem.as_str());
        let (packages, have) = if count == 1 { ("package", "has") } else { ("packages", "have") };
        format!("{count} {packages} of {kind} {have} no file in the image and left its records, such as {first}")
    });
    let packages: Vec<_> = of_kind.into_iter().map(|(id, owner)| (owner, id, standing(id))).collect();
    records.notes.extend(note);
    for (owner, _, standing) in &packages {
        match standing {
            Standing::Gone => owner.records.iter().for_each(|&file| records.drop(file)),
            _ => owner.records.iter().for_each(|&file| records.restore(file)),
        }
    }
    packages
}

/// Debian's `/usr/share/doc/NAME/copyright`, or a link to another package's documentation; apk's licence folder.
pub fn is_licence(tree: &Tree, node: NodeId) -> bool {
    let parent = tree.parent(node);
    let is_doc = |dir: NodeId| {
        matches!(tree.name(dir).as_ref() as &[u8], b"doc" | b"licenses") && tree.name(tree.parent(dir)) == "share"
    };
    (is_doc(parent) && matches!(tree.inode(node).kind, Kind::Symlink(_)))
        || (is_doc(tree.parent(parent))
            && (tree.name(node) == "copyright" || tree.name(tree.parent(parent)) == "licenses"))
}

/// Whether the plan removes what is not reached.
pub fn prunes(tree: &Tree, plan: &Plan) -> bool {
    tree.iter().any(|node| matches!(plan.verdict(node), Verdict::Prune(_)))
}
