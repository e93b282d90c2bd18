//! Compares two images.

use std::io;

use serde::Serialize;

use super::config::{self, ConfigChange};
use super::files::{Files, Sums};
use super::packages::{self, Packages};
use super::side::Side;

/// What there is to say of one image by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The image as the user named it.
    pub reference: String,
    /// Its names.
    pub tags: Vec<String>,
    /// Digest of its config: the image ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_digest: Option<String>,
    /// Regular files, and their bytes; one with several names counts once.
    #[serde(flatten)]
    pub sums: Sums,
    /// Bytes of all regular files of its layers.
    pub layer_bytes: u64,
    /// How many packages its records list.
    pub packages: usize,
}

/// All differences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The first image.
    pub before: Summary,
    /// The second.
    pub after: Summary,
    /// Names that only one has, or that stand for something else.
    pub files: Files,
    /// Packages that only one has, or in another version.
    pub packages: Packages,
    /// Settings that only one has, or with another value.
    pub config: Vec<ConfigChange>,
}

impl Diff {
    /// Compares two images.
    ///
    /// # Errors
    /// If a layer cannot be read any more.
    pub fn new(before: &Side<'_>, after: &Side<'_>) -> io::Result<Self> {
        let [packages_before, packages_after] = [before, after].map(packages::of);
        Ok(Self {
            before: summary(before, packages_before.len()),
            after: summary(after, packages_after.len()),
            files: Files::new(before.rootfs, after.rootfs)?,
            packages: Packages::new(&packages_before, &packages_after),
            config: config::compare(before.config, after.config),
        })
    }

    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.packages.is_empty() && self.config.is_empty()
    }
}

fn summary(side: &Side<'_>, packages: usize) -> Summary {
    Summary {
        reference: side.reference.clone(),
        tags: side.tags.to_vec(),
        config_digest: side.config_digest.map(Into::into),
        sums: Sums::of(&side.rootfs.tree),
        layer_bytes: side.layer_bytes,
        packages,
    }
}
