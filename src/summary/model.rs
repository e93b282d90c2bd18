//! What a summary says.

use serde::Serialize;

/// All of it. Lists are sorted, what saves most first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many images, and how they ended.
    pub totals: Totals,
    /// What all of them take in a registry.
    pub storage: Storage,
    /// Why things go.
    pub categories: Vec<CategorySum>,
    /// Packages, across images.
    pub packages: Vec<PackageSum>,
    /// The images.
    pub images: Vec<ImageSum>,
}

/// Sums over all images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many there are.
    pub images: u64,
    /// Those of which it is known what goes and what stays; the sizes below are theirs.
    pub reported: u64,
    /// Those that were written.
    pub slimmed: u64,
    /// Those that were there already.
    pub skipped: u64,
    /// Those that could not be made.
    pub failed: u64,
    /// Those with something that makes the result doubtful.
    pub doubtful: u64,
    /// Regular files before.
    pub files_before: u64,
    /// Regular files after.
    pub files_after: u64,
    /// Bytes of them before.
    pub before: u64,
    /// Bytes of them after.
    pub after: u64,
}

/// Distinct blobs, as they are stored: manifests, configs, layers. A blob that several images have is stored once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// Bytes of all originals.
    pub before: u64,
    /// Bytes once each image that was slimmed has taken the place of its original; the others are as they were.
    pub after: u64,
    /// Bytes while originals and new images are there.
    pub together: u64,
    /// Images of which both sides are known.
    pub images: u64,
    /// Those that take more after than before.
    pub costly: u64,
    /// How much more they take.
    pub costs: u64,
}

/// What goes by one category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CategorySum {
    /// Its name.
    pub name: String,
    /// In how many images.
    pub images: u64,
    /// Regular files.
    pub files: u64,
    /// Bytes; negative where rewritten files grow.
    pub bytes: i64,
}

/// A package, whatever its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackageSum {
    /// Which kind of package.
    pub ecosystem: String,
    /// Its name.
    pub name: String,
    /// In how many images it has files.
    pub images: u64,
    /// Of how many of these all its files go.
    pub gone: u64,
    /// Bytes before.
    pub before: u64,
    /// Bytes after.
    pub after: u64,
}

/// Bytes of an image's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Saving {
    /// Regular files of all layers.
    pub before: u64,
    /// Those of the new image.
    pub after: u64,
}

/// Bytes that an image takes in a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// All its blobs.
    pub before: u64,
    /// Its share of them: the bytes of a blob that several images have are divided among these, rounded down.
    pub share_before: u64,
    /// Of its blobs, those that no other image has: what is free once the original is deleted.
    pub own_before: u64,
    /// All blobs of the new image.
    pub after: u64,
    /// The new image's share, rounded down.
    pub share_after: u64,
    /// How much more it takes after than before, by its shares; 0 if it takes less.
    pub costs: u64,
    /// How much more there is to store if this image alone is slimmed; 0 if less.
    pub costs_alone: u64,
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageSum {
    /// What it is called.
    pub name: String,
    /// What the new one is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// `reported`, `slimmed`, `skipped`, `doubtful` or `failed`.
    pub status: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many things make the result doubtful.
    pub doubts: u64,
    /// Its files, where a report is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Saving>,
    /// What it takes where it is stored, where both sides are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<Stored>,
}

impl ImageSum {
    /// Bytes that go; nothing if that is not known.
    pub fn saved(&self) -> i64 {
        self.files.map_or(0, |files| files.before.cast_signed().wrapping_sub(files.after.cast_signed()))
    }
}
