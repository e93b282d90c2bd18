//! A look at an image's documents: what it is and consists of, without its layers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::candidate::{ImageCandidate, ImageCandidates};
use super::open::{OpenOptions, list, with_source};
use super::opened::Image;
use super::reference::Reference;
use super::source::Source;
use crate::{Error, Result};

/// A blob as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBlob {
    /// Its digest.
    pub digest: String,
    /// Its length.
    pub bytes: u64,
}

/// What an image takes where it is stored: manifest, config, layers. Images that share a blob share its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blobs {
    /// Each blob once, in this order; without those of which the length is not known.
    pub blobs: Vec<StoredBlob>,
}

/// An image of which the documents have been read and verified, and no layer.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Its full names.
    pub tags: Vec<String>,
    /// Its names within an OCI layout.
    pub ref_names: Vec<String>,
    /// The manifest's digest; an old docker-archive has no manifest.
    pub manifest_digest: Option<String>,
    /// Annotations in the manifest.
    pub manifest_annotations: BTreeMap<String, String>,
    /// The config's digest.
    pub config_digest: String,
    /// What it takes.
    pub blobs: Blobs,
    /// Whether all its layers are there. Registries see to that themselves, and are not asked.
    pub is_whole: bool,
}

impl Blobs {
    fn of<'l>(
        manifest: Option<(&'l str, u64)>,
        config: (&'l str, Option<u64>),
        layers: impl Iterator<Item = (&'l str, u64)>,
    ) -> Self {
        let config = config.1.map(|bytes| (config.0, bytes));
        let mut blobs: Vec<StoredBlob> = Vec::new();
        for (digest, bytes) in manifest.into_iter().chain(config).chain(layers) {
            if !digest.is_empty() && !blobs.iter().any(|blob| blob.digest == digest) {
                blobs.push(StoredBlob { digest: digest.to_owned(), bytes });
            }
        }
        Self { blobs }
    }

    /// What an opened image takes.
    pub fn of_image(image: &Image) -> Self {
        let manifest = image.manifest_digest.as_deref().map(|digest| (digest, image.manifest_size));
        let layers = image.layers.iter().map(|layer| (layer.digest.as_str(), layer.size));
        Self::of(manifest, (&image.config_digest, image.config_size), layers)
    }
}

impl Looked {
    fn of(source: &dyn Source, image: &ImageCandidate) -> Result<Self, String> {
        let manifest_digest = image.manifest_digest.as_ref().map(ToString::to_string);
        let layers = image.layers.iter().filter_map(|layer| Some((layer.digest.as_ref()?.as_ref(), layer.size?)));
        let manifest = manifest_digest.as_deref().map(|digest| (digest, image.manifest_size));
        let blobs = Blobs::of(manifest, (&image.config_digest, image.config_size), layers);
        let mut is_whole = true;
        if !source.is_far() {
            for layer in &image.layers {
                is_whole &= source.layer(layer)?.is_some();
            }
        }
        Ok(Self {
            tags: image.tags.clone(),
            ref_names: image.ref_names.clone(),
            manifest_annotations: image.manifest_annotations.clone(),
            config_digest: image.config_digest.clone(),
            manifest_digest,
            blobs,
            is_whole,
        })
    }

    /// What is called the original's digest in an image that is made from it.
    pub fn digest(&self) -> &str {
        self.manifest_digest.as_deref().unwrap_or(&self.config_digest)
    }
}

/// Looks at the image that the reference names.
///
/// # Errors
/// If it is not there, or several images fit.
pub fn look(reference: &Reference, options: &OpenOptions<'_>) -> Result<Looked> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    with_source(reference, options, |source| {
        let platform = options.platform.as_ref();
        let found = list(source, &reference.transport, platform).map_err(fail)?;
        let chosen = found.choose(reference.name.as_deref(), platform).map_err(fail)?;
        Looked::of(source, &chosen).map_err(fail)
    })
}

/// Looks at all images that are there.
///
/// # Errors
/// If there is nothing, or it cannot be read.
pub fn look_all(reference: &Reference, options: &OpenOptions<'_>) -> Result<Vec<Looked>> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    with_source(reference, options, |source| {
        let ImageCandidates { images, .. } = list(source, &reference.transport, None).map_err(fail)?;
        images.iter().map(|image| Looked::of(source, image).map_err(fail)).collect()
    })
}
