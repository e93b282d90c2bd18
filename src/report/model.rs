//! What a report says, whatever it is printed as.

use serde::Serialize;

use bstr::BString;

use crate::owners::{Ecosystem, Owner};
use crate::plan::{Amount, Plan, Removal, Totals, Verdict, removals};
use crate::reach::Uncertainty;
use crate::rootfs::{Kind, NodeId, Tree};

use super::basis::Basis;

/// The category of bytes that no name leads to any more; they go by writing one layer.
pub const SQUASHED: &str = "squashed away";
/// The category of what goes for not being reached.
pub const PRUNED: &str = "not reached";
/// The category of debug information and symbol tables that ELF files lose.
pub const SYMBOLS: &str = "debug information and symbols";
/// The category of files that become names of others.
pub const LINKED: &str = "made one";
/// The category of bytes that other rewritten files lose.
pub const REWRITTEN: &str = "rewritten";

/// The image a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageInfo {
    /// The reference as the user wrote it.
    pub reference: String,
    /// Names of the image.
    pub tags: Vec<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// Digest of the config: what engines show as image ID.
    pub config_digest: String,
    /// The layers, the lowest first.
    pub layers: Vec<LayerInfo>,
}

/// A layer, and the regular files it brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LayerInfo {
    /// Digest of the layer as it is stored.
    pub digest: String,
    /// Digest of the uncompressed tar.
    pub diff_id: String,
    /// Regular files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Those of the files that later layers replaced or deleted.
    pub superseded_files: u64,
    /// Their bytes.
    pub superseded_bytes: u64,
}

/// Regular files and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Regular files; one with several names counts once.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl From<Amount> for Sums {
    fn from(amount: Amount) -> Self {
        Self { files: amount.files, bytes: amount.bytes }
    }
}

/// What goes under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CategoryTotal {
    /// The heading.
    pub name: String,
    /// Regular files that go; for `rewritten`, files that stay with other content.
    pub files: u64,
    /// Bytes that go; negative where rewritten files grow.
    pub bytes: i64,
}

/// What goes by one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleTotal {
    /// The rule's id, or `--strip GLOB`.
    pub id: String,
    /// Regular files and bytes.
    #[serde(flatten)]
    pub sums: Sums,
}

/// What goes of one owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnerTotal {
    /// Which kind of package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Regular files and bytes that go.
    #[serde(flatten)]
    pub sums: Sums,
    /// Those of the bytes that go for not being reached; strip rules take the rest.
    pub not_reached_bytes: u64,
    /// Regular files and bytes that stay.
    pub stays: Sums,
}

/// A command that is no longer found along `PATH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoneCommand {
    /// What people type.
    pub name: String,
    /// The first file of that name along `PATH`.
    pub path: String,
    /// Name and version of the package it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A name that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Where it is in the tree.
    pub node: NodeId,
    /// Absolute path.
    pub path: BString,
    /// `file`, `directory`, `symlink`, `device` or `fifo`.
    pub kind: &'static str,
    /// Bytes that go with this name.
    pub bytes: u64,
    /// The heading it is counted under.
    pub category: String,
    /// The rule that strips it.
    pub rule: Option<String>,
    /// The owner it is pruned with: name and version.
    pub owner: Option<String>,
    /// Index of the layer that brought it.
    pub layer: u32,
}

/// A file that stays with other content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// Absolute path of its first name.
    pub path: BString,
    /// Size as it was, in bytes.
    pub before: u64,
    /// Size as it will be.
    pub after: u64,
}

/// A file that becomes a name of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Absolute path of its first name.
    pub path: BString,
    /// The first name of the other.
    pub to: BString,
    /// Bytes that are no longer there twice.
    pub bytes: u64,
}

/// What goes, by category, rule, owner and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The image.
    pub image: ImageInfo,
    /// Regular files of all layers.
    pub original: Sums,
    /// Regular files of the new image.
    pub result: Sums,
    /// By category, the largest first. The bytes add up to [`Report::removed_bytes`].
    pub categories: Vec<CategoryTotal>,
    /// By rule, the largest first.
    pub rules: Vec<RuleTotal>,
    /// By owner, the largest first.
    pub owners: Vec<OwnerTotal>,
    /// Why nothing goes for not being reached, where the image's command rules that out.
    pub pruning_off: Option<String>,
    /// Commands that are gone: shells, then those of Python distributions, then the others.
    pub commands: Vec<GoneCommand>,
    /// Every name that goes, in order.
    pub removed: Vec<Removed>,
    /// Every file that stays with other content.
    pub rewritten: Vec<Rewritten>,
    /// Every file that becomes a name of another.
    pub linked: Vec<Linked>,
    /// What else there is to say: warnings, records that could not be used.
    pub notes: Vec<String>,
    /// What the analysis could not know.
    pub uncertainties: Vec<Uncertainty>,
}

impl Report {
    /// Adds up what the plan does. `image` need not hold the layers' sums, which come from the accounting.
    pub fn new(mut image: ImageInfo, basis: &Basis<'_>) -> Self {
        let tree = &basis.rootfs.tree;
        let totals = Totals::new(tree, basis.plan);
        for (info, brought) in image.layers.iter_mut().zip(&basis.accounting.layers) {
            info.files = brought.files;
            info.bytes = brought.bytes;
            info.superseded_files = brought.superseded_files;
            info.superseded_bytes = brought.superseded_bytes;
        }
        let superseded = basis.accounting.layers.iter().fold(Sums::default(), |sum, layer| Sums {
            files: sum.files.saturating_add(layer.superseded_files),
            bytes: sum.bytes.saturating_add(layer.superseded_bytes),
        });
        Self {
            image,
            original: Sums {
                files: totals.before.files.saturating_add(superseded.files),
                bytes: totals.before.bytes.saturating_add(superseded.bytes),
            },
            result: totals.after.into(),
            categories: categories(&totals, superseded),
            rules: rules(&totals),
            owners: super::gone::owners(basis),
            pruning_off: basis.reach.and_then(|reach| reach.roots.keep_all.clone()),
            commands: super::gone::commands(basis),
            removed: removals(tree, basis.plan).iter().map(|removal| removed(basis, removal)).collect(),
            rewritten: rewritten(tree, basis.plan),
            linked: linked(tree, basis.plan),
            notes: basis.owners.notes.clone(),
            uncertainties: basis.reach.map(|reach| reach.uncertainties.clone()).unwrap_or_default(),
        }
    }

    /// Bytes that go: those of the original less those of the result. Negative if rewritten files outgrow all else.
    pub fn removed_bytes(&self) -> i64 {
        self.original.bytes.cast_signed().wrapping_sub(self.result.bytes.cast_signed())
    }

    /// The `count` largest names that go with bytes, the largest first.
    pub fn largest_removed(&self, count: usize) -> Vec<&Removed> {
        let mut files: Vec<&Removed> = self.removed.iter().filter(|file| file.bytes > 0).collect();
        files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        files.truncate(count);
        files
    }

    /// Regular files that go.
    pub fn removed_files(&self) -> u64 {
        self.original.files.saturating_sub(self.result.files)
    }
}

fn categories(totals: &Totals, superseded: Sums) -> Vec<CategoryTotal> {
    let named = |name: &str, files: u64, bytes: i64| CategoryTotal { name: name.to_owned(), files, bytes };
    let mut found: Vec<CategoryTotal> = totals
        .by_category
        .iter()
        .map(|(name, amount)| named(name, amount.files, amount.bytes.cast_signed()))
        .chain([
            named(PRUNED, totals.pruned.files, totals.pruned.bytes.cast_signed()),
            named(SQUASHED, superseded.files, superseded.bytes.cast_signed()),
            named(SYMBOLS, totals.stripped.files, totals.stripped.bytes.cast_signed()),
            named(LINKED, totals.linked.files, totals.linked.bytes.cast_signed()),
            named(REWRITTEN, totals.rewritten_files, totals.rewritten),
        ])
        .filter(|category| category.files > 0 || category.bytes != 0)
        .collect();
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    found
}

fn rules(totals: &Totals) -> Vec<RuleTotal> {
    let mut found: Vec<RuleTotal> =
        totals.by_rule.iter().map(|(id, &amount)| RuleTotal { id: id.to_string(), sums: amount.into() }).collect();
    found.sort_by(|a, b| b.sums.bytes.cmp(&a.sums.bytes).then_with(|| a.id.cmp(&b.id)));
    found
}

/// Name and version.
pub(super) fn name_and_version(owner: &Owner) -> String {
    if owner.version.is_empty() { owner.name.clone() } else { format!("{} {}", owner.name, owner.version) }
}

/// What a node is called in reports.
pub(super) fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Directory => "directory",
        Kind::File(_) => "file",
        Kind::Symlink(_) => "symlink",
        Kind::CharDevice(..) | Kind::BlockDevice(..) => "device",
        Kind::Fifo => "fifo",
    }
}

fn removed(basis: &Basis<'_>, removal: &Removal) -> Removed {
    let tree = &basis.rootfs.tree;
    let inode = tree.inode(removal.node);
    let (category, rule, owner) = match basis.plan.verdict(removal.node) {
        Verdict::Strip(reason) => (reason.category.to_string(), Some(reason.rule.as_str().to_owned()), None),
        Verdict::Prune(owner) => (PRUNED.to_owned(), None, Some(name_and_version(basis.owners.get(*owner)))),
        Verdict::Keep(_) => (String::new(), None, None),
    };
    let kind = kind(&inode.kind);
    let (node, path, bytes, layer) = (removal.node, tree.path(removal.node), removal.bytes, inode.layer);
    Removed { node, path, kind, bytes, category, rule, owner, layer }
}

fn rewritten(tree: &Tree, plan: &Plan) -> Vec<Rewritten> {
    let mut seen = std::collections::BTreeSet::new();
    let files = tree.iter().filter(|&node| plan.keeps(node) && tree.inode(node).is_file());
    files
        .filter_map(|node| {
            let id = tree.inode_id(node);
            let after = plan.rewritten_size(id)?;
            seen.insert(id).then(|| Rewritten { path: tree.path(node), before: tree.inode(node).size(), after })
        })
        .collect()
}

fn linked(tree: &Tree, plan: &Plan) -> Vec<Linked> {
    let mut first_names: Vec<Option<NodeId>> = vec![None; tree.inode_capacity()];
    let mut order = Vec::new();
    for node in tree.iter().filter(|&node| plan.keeps(node) && tree.inode(node).is_file()) {
        let id = tree.inode_id(node);
        let known = first_names[id.index()].is_some();
        first_names[id.index()].get_or_insert(node);
        if !known && plan.links.contains_key(&id) {
            order.push(node);
        }
    }
    order
        .into_iter()
        .filter_map(|node| {
            let id = tree.inode_id(node);
            let to = first_names[plan.standing_for(id).index()]?;
            let bytes = plan.rewritten_size(id).unwrap_or(tree.inode(node).size());
            Some(Linked { path: tree.path(node), to: tree.path(to), bytes })
        })
        .collect()
}
