//! Container images as people store them: docker-archive, OCI layout, OCI archive, on disk or on standard input.
//!
//! [`open`] finds the image that a [`Reference`] names, verifies every digest, and indexes its layers. Layers that
//! are stored uncompressed are used where they are; others are decompressed once, to memory or to an unlinked file.
//! Contents of files are read later and only where needed, through [`Blob`].

mod blob;
mod candidate;
mod compression;
mod digest;
mod docker_archive;
mod gunzip;
mod layer;
mod load;
mod oci;
mod open;
mod platform;
mod reference;
mod run_config;
mod spool;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub use blob::Blob;
pub use compression::Compression;
pub use layer::{Entry, EntryKind, LayerIndex, Text};
pub use open::{Event, OpenOptions, Report, open};
pub use platform::Platform;
pub use reference::{Reference, Transport};
pub use run_config::RunConfig;

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
    /// Annotations in the manifest.
    pub manifest_annotations: BTreeMap<String, String>,
    /// Annotations that the index gives the manifest (and the indexes above it).
    pub index_annotations: BTreeMap<String, String>,
    /// The config, field by field as it is stored.
    pub config: Value,
    /// The config's digest: what Docker shows as image ID.
    pub config_digest: String,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
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
    pub compression: Compression,
    /// The uncompressed tar.
    pub blob: Blob,
    /// What is in it.
    pub index: Arc<LayerIndex>,
}

impl Layer {
    /// Reads an uncompressed tar that belongs to no image. It is indexed, but not hashed: its digests are empty.
    ///
    /// # Errors
    /// If it is no proper tar.
    pub fn from_tar(tar: Blob) -> Result<Self> {
        let index = layer::index(&mut layer::BlobInput::new(&tar)).map_err(|error| Error::Layer {
            layer: "tar".into(),
            reason: match error {
                layer::TarError::Io(error) => error.to_string(),
                layer::TarError::Format(reason) => reason,
            },
        })?;
        Ok(Self {
            digest: String::new(),
            size: tar.len(),
            diff_id: String::new(),
            media_type: "application/vnd.oci.image.layer.v1.tar".into(),
            compression: Compression::None,
            blob: tar,
            index: Arc::new(index),
        })
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod open_tests;
