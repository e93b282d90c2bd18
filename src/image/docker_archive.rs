//! What `docker save` writes: `manifest.json` lists the images of a tar. Up to Docker 24 the layers are
//! `<id>/layer.tar`, from 25 on they are in `blobs/sha256`. See the Docker Image Specification v1.2,
//! "Combined Image JSON + Filesystem Changeset Format".

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use serde::Deserialize;

use super::candidate::{Annotations, ImageCandidate, ImageCandidates, StoredLayer};
use super::digest::{self, Digest};
use super::documents::{Documents, parse};
use super::oci::{MAX_MANIFESTS, check_layers};
use super::source::{Kind, Source};

/// The list of images.
pub const MANIFEST: &str = "manifest.json";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedImage {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

fn saved_images(documents: &mut Documents<'_>) -> Result<Vec<SavedImage>, String> {
    let Some(bytes) = documents.read(MANIFEST, Kind::List, None)? else { return Ok(Vec::new()) };
    let images: Vec<SavedImage> = parse(&bytes, MANIFEST)?;
    if images.len() > MAX_MANIFESTS {
        return Err(format!("{MANIFEST}: more than {MAX_MANIFESTS} images are listed"));
    }
    Ok(images)
}

/// The digest of each config and the tags that go with it.
pub fn tags(source: &dyn Source) -> Result<Vec<(String, Vec<String>)>, String> {
    let digests = saved_images(&mut Documents::of(source))?.into_iter().filter_map(|image| {
        let digest = digest_in_name(&image.config)?.to_string();
        Some((digest, image.repo_tags.unwrap_or_default()))
    });
    Ok(digests.collect())
}

/// Reads the list and every config in it.
pub fn read(source: &dyn Source) -> Result<ImageCandidates, String> {
    let mut images: Vec<ImageCandidate> = Vec::new();
    // Where an image is that was listed before, and which names it has already.
    let mut listed: HashMap<(String, Vec<String>), usize> = HashMap::new();
    let mut named: HashSet<(usize, String)> = HashSet::new();
    let mut documents = Documents::of(source);
    for saved in saved_images(&mut documents)? {
        let name = &saved.config;
        let config = documents.config(name, None, |bytes| {
            let found = digest::sha256(bytes);
            match digest_in_name(name) {
                Some(expected) if expected.as_ref() != found => {
                    Err(format!("the config {name} does not match its digest (it is {found})"))
                }
                _ => Ok(found),
            }
        })?;
        let (config_digest, platform) = config.ok_or_else(|| format!("the config {name} is not there"))?;
        let layers = saved.layers.unwrap_or_default();
        check_layers(layers.len(), name)?;
        let layers = layers.into_iter().map(|file| StoredLayer {
            digest: file.starts_with("blobs/").then(|| digest_in_name(&file)).flatten(),
            size: None,
            media_type: "application/vnd.docker.image.rootfs.diff.tar".into(),
            file,
        });
        let layers: Vec<StoredLayer> = layers.collect();
        // Some tools list an image once for each of its names.
        let files = layers.iter().map(|layer| layer.file.clone()).collect::<Vec<_>>();
        let at = *listed.entry((config_digest.clone(), files)).or_insert(images.len());
        let mut tags = saved.repo_tags.unwrap_or_default();
        tags.retain(|tag| named.insert((at, tag.clone())));
        if let Some(image) = images.get_mut(at) {
            image.tags.extend(tags);
            continue;
        }
        images.push(ImageCandidate {
            tags,
            ref_names: Vec::new(),
            platform,
            manifest_digest: None,
            manifest_size: 0,
            manifest_annotations: Annotations::new(),
            index_annotations: Annotations::new(),
            own_annotations: Annotations::new(),
            index: None,
            config_digest,
            config_size: None,
            layers,
            config: saved.config,
        });
    }
    Ok(ImageCandidates { images, ..ImageCandidates::default() })
}

/// The digest that a file is named after: `<hex>.json`, `blobs/sha256/<hex>`.
fn digest_in_name(name: &str) -> Option<Digest> {
    let base = name.rsplit('/').next()?;
    Digest::from_str(&format!("sha256:{}", base.strip_suffix(".json").unwrap_or(base))).ok()
}
