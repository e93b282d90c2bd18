//! The documents that lead to config and layer: OCI manifest and index, Docker's `manifest.json`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::blob::{BlobDigest, LayerBlob};
use super::config::{self, Change};
use super::destination::Destination;
use super::name::named_tags;
use super::options::{Options, Original};
use super::recipe::Recipe;
use crate::Result;
use crate::registry::ImageName;

pub(super) const OCI_LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The full name, which containerd and Docker go by; the annotation above holds no more than the tag.
const CONTAINERD_NAME: &str = "io.containerd.image.name";
pub(super) const BASE_NAME: &str = "org.opencontainers.image.base.name";
pub(super) const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// A small blob.
pub(super) struct JsonBlob {
    pub bytes: Vec<u8>,
    pub digest: BlobDigest,
}

impl JsonBlob {
    fn new(value: &Value) -> Self {
        let bytes = value.to_string().into_bytes();
        Self { digest: BlobDigest::of(&bytes), bytes }
    }
}

/// A new image but for its layer's bytes.
pub(super) struct NewImage {
    pub config: JsonBlob,
    pub manifest: JsonBlob,
    pub layer: LayerBlob,
    /// Names for `manifest.json`.
    pub tags: Vec<ImageName>,
    /// What an index says of it.
    pub descriptor: Value,
    /// Entries for the index of a layout: one a name, or a single one without.
    pub descriptors: Vec<Value>,
}

impl NewImage {
    /// Describes the image whose only layer is `layer`.
    pub fn new(original: &Original, options: &Options, destination: &Destination, layer: LayerBlob) -> Result<Self> {
        let change = Change {
            diff_id: layer.diff_id.as_str(),
            created_by: &options.created_by,
            epoch: options.source_date_epoch,
        };
        let config = config::squashed(original.config, &change)?;
        let platform = platform(&config);
        let config = JsonBlob::new(&config);
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": descriptor(CONFIG_TYPE, &config.digest, config.bytes.len() as u64),
            "layers": [descriptor(layer.compression.media_type(), &layer.digest, layer.size)],
        });
        let annotations = annotations(original, options.recipe.as_ref());
        if !annotations.is_empty() {
            manifest["annotations"] = json!(annotations);
        }
        let manifest = JsonBlob::new(&manifest);

        let tags = named_tags(original.tags, options, destination);
        let mut plain = descriptor(MANIFEST_TYPE, &manifest.digest, manifest.bytes.len() as u64);
        if !platform.is_empty() {
            plain["platform"] = platform.into();
        }
        let descriptors = named(&plain, destination, &tags);
        Ok(Self { config, manifest, layer, tags, descriptor: plain, descriptors })
    }
}

/// Entries for the index of a layout that lead to `plain`.
pub(super) fn named(plain: &Value, destination: &Destination, tags: &[ImageName]) -> Vec<Value> {
    let annotated = |pairs: &[(&str, String)]| {
        let mut entry = plain.clone();
        entry["annotations"] =
            pairs.iter().map(|(key, value)| (key.to_string(), json!(value))).collect::<Map<_, _>>().into();
        entry
    };
    match (destination.reference(), tags) {
        (Some(reference), []) => vec![annotated(&[(REF_NAME, reference.into())])],
        (Some(reference), [tag, ..]) => {
            vec![annotated(&[(CONTAINERD_NAME, tag.canonical()), (REF_NAME, reference.into())])]
        }
        (None, []) => vec![plain.clone()],
        (None, tags) => tags
            .iter()
            .map(|tag| annotated(&[(CONTAINERD_NAME, tag.canonical()), (REF_NAME, tag.tag().into())]))
            .collect(),
    }
}

/// `index.json` with these manifests.
pub(super) fn index(manifests: &[Value]) -> String {
    json!({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests}).to_string()
}

/// Docker's `manifest.json`.
pub(super) fn docker_manifest(tags: &[ImageName], config: &str, layer: &str) -> String {
    let tags: Option<Vec<_>> = (!tags.is_empty()).then(|| tags.iter().map(ToString::to_string).collect());
    json!([{"Config": config, "RepoTags": tags, "Layers": [layer]}]).to_string()
}

pub(super) fn descriptor(media_type: &str, digest: &BlobDigest, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": digest.as_str(), "size": size})
}

/// The platform fields of an index entry, which have the same names in a config.
fn platform(config: &Value) -> Map<String, Value> {
    let known = ["architecture", "os", "os.version", "os.features", "variant"];
    let complete =
        ["architecture", "os"].iter().all(|&field| config[field].as_str().is_some_and(|text| !text.is_empty()));
    let fields = known.iter().filter(|_| complete).filter_map(|&field| {
        let value = config.get(field).filter(|value| value.as_str() != Some("") && !value.is_null())?;
        Some((field.to_owned(), value.clone()))
    });
    fields.collect()
}

/// The original's annotations, with the base image replaced by the original: its manifest's digest (that of its config,
/// the image ID, if it has no manifest) and its name if it has one.
fn annotations(original: &Original, recipe: Option<&Recipe>) -> BTreeMap<String, String> {
    let mut annotations = original.annotations.clone();
    // These belong to an index entry and are given anew.
    for key in [REF_NAME, CONTAINERD_NAME, BASE_NAME, BASE_DIGEST] {
        annotations.remove(key);
    }
    if let Some(digest) = original.manifest_digest.or(original.config_digest) {
        annotations.insert(BASE_DIGEST.into(), digest.into());
    }
    if let Some(name) = original.tags.iter().find_map(|tag| tag.parse::<ImageName>().ok()) {
        annotations.insert(BASE_NAME.into(), name.canonical());
    }
    Recipe::annotate(recipe, &mut annotations);
    annotations
}
