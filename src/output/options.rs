//! What is asked of the new image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::compression::Compression;
use super::recipe::Recipe;
use crate::network::{Network, Settings};
use crate::registry::{ImageName, RemoteImage};

/// What the new image takes over from the original, apart from files.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// The config, as it was read.
    pub config: &'a Value,
    /// The manifest's annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// Its names (`app:1.0`); the new image gets them unless the options name others.
    pub tags: &'a [String],
    /// Digest of its manifest (`sha256:…`), if it has one.
    pub manifest_digest: Option<&'a str>,
    /// Digest of its config: the image ID.
    pub config_digest: Option<&'a str>,
}

/// What happens while an image is written; for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'e> {
    /// Of the content of files, so much is in the layer.
    Packed {
        /// Bytes that are there.
        done: u64,
        /// How many there will be.
        total: u64,
    },
    /// Of a blob that goes to a registry, so much has been sent. Tries that begin anew begin at 0.
    Sent {
        /// Its digest.
        digest: &'e str,
        /// Bytes that are sent.
        done: u64,
        /// How many there will be.
        size: u64,
    },
}

/// Who is told about [`Event`]s.
pub type Progress<'a> = &'a (dyn Fn(Event<'_>) + Sync);

/// How to write.
#[derive(Clone, Debug)]
pub struct Options {
    /// Compression of the layer; by default [`Destination::default_compression`](super::Destination::default_compression).
    pub compression: Option<Compression>,
    /// Names of the new image, instead of the original's.
    pub tags: Vec<ImageName>,
    /// No time in the output is later than this (seconds since 1970); see [`parse_source_date_epoch`](super::parse_source_date_epoch).
    pub source_date_epoch: Option<i64>,
    /// The command that made the image, for its history. Output paths in it would make the bytes depend on them.
    pub created_by: String,
    /// The file or directory that the image was read from (empty for standard input). It is never written to.
    pub input: Option<PathBuf>,
    /// The image in a registry that it was read from.
    pub source: Option<RemoteImage>,
    /// By what the image was made, for annotations of its manifest: see [`Recipe`](crate::output::Recipe).
    pub recipe: Option<Recipe>,
    /// How registries are reached.
    pub network: Arc<Network>,
}

impl Options {
    /// The files that are never written to.
    pub(super) fn inputs(&self) -> Vec<&Path> {
        self.input.iter().map(PathBuf::as_path).collect()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            compression: None,
            tags: Vec::new(),
            source_date_epoch: None,
            created_by: "bantam slim".into(),
            input: None,
            source: None,
            recipe: None,
            network: Arc::new(Network::new(Settings::default())),
        }
    }
}
