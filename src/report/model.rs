//! What a report says, whatever it is printed as.

use serde::Serialize;

use bstr::BString;

use super::growth::Growth;
use super::paths::PathText;
use crate::image::Blobs;
use crate::output::Written;
use crate::owners::{Ecosystem, Owner};
use crate::plan::Amount;
use crate::reach::Uncertainty;
use crate::rootfs::{Kind, NodeId};

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
    /// What it takes where it is stored.
    #[serde(flatten)]
    pub stored: Blobs,
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

/// A package, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageTotal {
    /// Which kind of package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of its files that no later layer hides.
    pub before: u64,
    /// Bytes of those that stay, as they will be.
    pub after: u64,
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

/// An assumption, and what would stay without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssumptionTotal {
    /// The rule's id; none where no rule is behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is assumed, in one sentence.
    pub reason: String,
    /// The option that gives it up, alone or with others.
    pub option: String,
    /// Regular files that go and would stay, besides those of the assumptions before it.
    #[serde(flatten)]
    pub sums: Sums,
    /// What does not count for it, and brings in files that go.
    pub taken_back: Vec<TakenBackName>,
}

/// A name that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenBackName {
    /// Where it stands.
    #[serde(flatten)]
    pub path: PathText,
    /// 1-based line; 0 where lines mean nothing.
    pub line: u32,
    /// What it means: a module, a library.
    pub name: String,
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
    /// Every package that has files, by ecosystem and name.
    pub packages: Vec<PackageTotal>,
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
    /// What was assumed about the program and keeps something out, if that was looked for.
    pub assumptions: Vec<AssumptionTotal>,
    /// What the analysis could not know.
    pub uncertainties: Vec<Uncertainty>,
    /// How it differs in size from the image of an earlier report, if that was asked for.
    pub growth: Option<Growth>,
    /// The new image, once it is written.
    pub output: Option<Output>,
}

/// The new image, for whoever goes on with it, to sign it, say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output {
    /// What it is called in a registry: `HOST/REPOSITORY@sha256:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its names.
    pub tags: Vec<String>,
    /// Digest of its manifest.
    pub digest: String,
    /// Length of its manifest in bytes.
    pub size: u64,
    /// Digest of its config: the image ID.
    pub config_digest: String,
    /// Length of its layer as it is stored.
    pub layer_bytes: u64,
    /// What it takes where it is stored.
    #[serde(flatten)]
    pub stored: Blobs,
}

impl Output {
    /// What was written.
    pub fn of(written: &Written) -> Self {
        Self {
            reference: written.reference.clone(),
            tags: written.tags.clone(),
            digest: written.manifest_digest.clone(),
            size: written.manifest_size,
            config_digest: written.config_digest.clone(),
            layer_bytes: written.layer_size,
            stored: written.blobs(),
        }
    }
}

impl Report {
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
