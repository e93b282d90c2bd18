//! An image as it was read, and what is in it.

use crate::Result;
use crate::diff::Side;
use crate::image::{Blobs, Image};
use crate::output;
use crate::owners::{self, Owners, Rule};
use crate::report::{ImageInfo, LayerInfo};
use crate::rootfs::{self, Merged};
use crate::sbom::{Bill, Subject};

use super::observer::{Observer, Stage, staged};

/// An image, its tree, and who put the files there.
#[derive(Debug)]
pub struct Inventory {
    /// The image. What its layers list is forgotten.
    pub image: Image,
    /// Its layers, merged.
    pub merged: Merged,
    /// Who put the files there.
    pub owners: Owners,
}

impl Inventory {
    /// Merges the layers and asks the records in them.
    pub(super) fn new(mut image: Image, rules: &[Rule], observer: &dyn Observer) -> Result<Self> {
        let merged = staged(observer, Stage::Merging, || rootfs::merge_within(&image.layers, &image.limits));
        let merged = merged.map_err(|error| error.of_input(&image.reference.to_string()))?;
        image.forget_entries();
        let owners = staged(observer, Stage::Owners, || owners::find(&merged.rootfs, rules));
        Ok(Self { image, merged, owners })
    }

    /// The image, for reports.
    pub fn info(&self) -> ImageInfo {
        let layers = self.image.layers.iter().map(|layer| LayerInfo {
            digest: layer.digest.clone(),
            diff_id: layer.diff_id.clone(),
            ..LayerInfo::default()
        });
        ImageInfo {
            reference: self.image.reference.to_string(),
            tags: self.image.tags.clone(),
            platform: self.image.platform.to_string(),
            config_digest: self.image.config_digest.clone(),
            stored: Blobs::of_image(&self.image),
            layers: layers.collect(),
        }
    }

    /// The image, for a comparison.
    pub fn side(&self) -> Side<'_> {
        Side {
            reference: self.image.reference.to_string(),
            tags: &self.image.tags,
            config_digest: Some(&self.image.config_digest),
            config: &self.image.config,
            rootfs: &self.merged.rootfs,
            owners: &self.owners,
            layer_bytes: self.merged.accounting.layers.iter().map(|layer| layer.bytes).sum(),
        }
    }

    /// The image, for a bill of materials. No time in that is later than `epoch` (seconds since 1970).
    pub(super) fn subject(&self, epoch: Option<i64>) -> Subject {
        Subject {
            tags: self.image.tags.clone(),
            platform: self.image.platform.to_string(),
            config_digest: self.image.config_digest.clone(),
            manifest_digest: self.image.manifest_digest.clone(),
            created: output::creation_time(&self.image.config, epoch),
        }
    }

    /// Its bill of materials. No time in it is later than `epoch` (seconds since 1970).
    pub fn bill(&self, epoch: Option<i64>) -> Bill {
        Bill::new(self.subject(epoch), &self.merged.rootfs, &self.owners)
    }
}
