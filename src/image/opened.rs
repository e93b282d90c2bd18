//! What opening an image gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::blob::Blob;
use super::compression::StoredCompression;
use super::input::BlobInput;
use super::platform::Platform;
use super::reference::Reference;
use super::run_config::RunConfig;
use crate::tarball::{self, Budget, Limits, TarError, TarIndex};
use crate::{Error, Result};

/// An opened image. All digests have been verified.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where it came from.
    pub reference: Reference,
    /// Which platform it is for, as its config says.
    pub platform: Platform,
    /// Its full names: `team/app:1.0`.
    pub tags: Vec<String>,
    /// Its names within an OCI layout: `1.0`.
    pub ref_names: Vec<String>,
    /// The manifest's digest, as in `sha256:…`; an old docker-archive has no manifest.
    pub manifest_digest: Option<String>,
    /// Length of the manifest in bytes; 0 without one.
    pub manifest_size: u64,
    /// Annotations in the manifest.
    pub manifest_annotations: BTreeMap<String, String>,
    /// Annotations that the index gives the manifest (and the indexes above it).
    pub index_annotations: BTreeMap<String, String>,
    /// The config, field by field as it is stored.
    pub config: Value,
    /// The config's digest: what Docker shows as image ID.
    pub config_digest: String,
    /// Length of the config in bytes, where the manifest states it.
    pub config_size: Option<u64>,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
    /// What is listed beside it and is no image: attestations, signatures.
    pub left_out: Vec<String>,
    /// What it was held to.
    pub limits: Limits,
}

impl Image {
    /// Forgets the layers' entries, for when the layers are merged: of a million files they take 150 MB.
    pub fn forget_entries(&mut self) {
        for layer in &mut self.layers {
            layer.index = Arc::default();
        }
    }

    /// How the image's program runs.
    pub fn run_config(&self) -> RunConfig {
        RunConfig::of(&self.config)
    }
}

/// A layer: verified, uncompressed, indexed.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Digest of the layer as it is stored.
    pub digest: String,
    /// Size of the layer as it is stored, in bytes.
    pub size: u64,
    /// Digest of the uncompressed tar.
    pub diff_id: String,
    /// Media type, as the manifest states it.
    pub media_type: String,
    /// How the layer is really stored.
    pub compression: StoredCompression,
    /// The uncompressed tar.
    pub blob: Blob,
    /// What is in it.
    pub index: Arc<TarIndex>,
}

impl Layer {
    /// Reads an uncompressed tar that belongs to no image. It is indexed, but not hashed: its digests are empty.
    ///
    /// # Errors
    /// If it is no proper tar.
    pub fn from_tar(tar: Blob) -> Result<Self> {
        let index = tarball::index(&mut BlobInput::new(&tar), &Budget::default()).map_err(|error| Error::Layer {
            layer: "tar".into(),
            reason: match error {
                TarError::Io(error) => error.to_string(),
                TarError::Format(reason) => reason,
            },
        })?;
        Ok(Self {
            digest: String::new(),
            size: tar.len(),
            diff_id: String::new(),
            media_type: "application/vnd.oci.image.layer.v1.tar".into(),
            compression: StoredCompression::None,
            blob: tar,
            index: Arc::new(index),
        })
    }
}
