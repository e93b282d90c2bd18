//! OCI image layouts: OCI image spec, image-layout.md, image-index.md and manifest.md. Docker's manifest lists
//! and manifests (schema 2) have the same fields.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::candidate::{Absent, Annotations, ImageCandidate, ImageCandidates, StoredLayer};
use super::digest::{Digest, Hasher};
use super::platform::Platform;
use super::store::{Store, read_document};

/// The index at the root of a layout.
pub const INDEX: &str = "index.json";
/// How deep indexes may be nested.
const MAX_DEPTH: usize = 8;
/// Most manifests that one layout may list.
const MAX_MANIFESTS: usize = 4096;

const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The full name, as containerd and Docker with containerd's store write it.
const FULL_NAME: &str = "io.containerd.image.name";

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: Digest,
    size: u64,
    platform: Option<Platform>,
    annotations: Option<Annotations>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageIndex {
    manifests: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageManifest {
    config: Descriptor,
    layers: Option<Vec<Descriptor>>,
    annotations: Option<Annotations>,
}

/// Reads JSON.
///
/// # Errors
/// Says which document is malformed, and where.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|e| format!("{name}: {e}"))
}

/// The platform that an image config states.
pub fn platform_of(config: &Value) -> Platform {
    let text = |field: &str| config.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Platform { os: text("os"), architecture: text("architecture"), variant: text("variant") }
}

/// Reads the index, the indexes and manifests below it, and every config. Attestations, signatures and other
/// artifacts are left out.
pub fn read(store: &Store) -> Result<ImageCandidates, String> {
    let bytes = store.document(INDEX)?.ok_or_else(|| format!("there is no {INDEX}"))?;
    let index: ImageIndex = parse(&bytes, INDEX)?;
    let mut walk = LayoutWalk { store, found: ImageCandidates::default(), seen: 0 };
    walk.index(index, &Annotations::new(), 0)?;
    Ok(walk.found)
}

struct LayoutWalk<'s> {
    store: &'s Store,
    found: ImageCandidates,
    seen: usize,
}

impl LayoutWalk<'_> {
    /// `inherited` are the annotations of the descriptors above: a name given to an index is its images' name.
    fn index(&mut self, index: ImageIndex, inherited: &Annotations, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("indexes are nested more than {MAX_DEPTH} deep"));
        }
        for descriptor in index.manifests.unwrap_or_default() {
            self.seen += 1;
            if self.seen > MAX_MANIFESTS {
                return Err(format!("more than {MAX_MANIFESTS} manifests are listed"));
            }
            self.descriptor(&descriptor, inherited, depth)?;
        }
        Ok(())
    }

    fn descriptor(&mut self, descriptor: &Descriptor, inherited: &Annotations, depth: usize) -> Result<(), String> {
        let mut annotations = inherited.clone();
        annotations.extend(descriptor.annotations.clone().unwrap_or_default());
        let attestation =
            annotations.get("vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest");
        if attestation || descriptor.platform.as_ref().is_some_and(Platform::is_unknown) {
            return Ok(());
        }
        let Some(bytes) = verified(self.store, descriptor)? else {
            self.absent(descriptor, &annotations, &descriptor.digest);
            return Ok(());
        };
        let name = descriptor.digest.as_ref();
        let document: Value = parse(&bytes, name)?;
        let has = |field: &str| document.get(field).is_some();
        match (has("manifests"), has("config") || has("layers")) {
            (true, false) => {
                let index: ImageIndex = parse(&bytes, name)?;
                self.index(index, &annotations, depth + 1)
            }
            (false, true) => {
                let manifest: ImageManifest = parse(&bytes, name)?;
                self.manifest(descriptor, manifest, annotations)
            }
            // Reading it either way would let two tools see two different images.
            (true, true) => Err(format!("{name} is both an index and a manifest")),
            (false, false) if has("fsLayers") => {
                Err(format!("{name} is a manifest of Docker's schema 1, which is not supported"))
            }
            (false, false) => Err(format!("{name} is neither an index nor a manifest")),
        }
    }

    fn manifest(
        &mut self,
        descriptor: &Descriptor,
        manifest: ImageManifest,
        annotations: Annotations,
    ) -> Result<(), String> {
        if !is_config(&manifest.config.media_type) {
            return Ok(());
        }
        let Some(bytes) = verified(self.store, &manifest.config)? else {
            self.absent(descriptor, &annotations, &manifest.config.digest);
            return Ok(());
        };
        let config: Value = parse(&bytes, manifest.config.digest.as_ref())?;
        let ref_name = annotations.get(REF_NAME).cloned();
        let full_name = annotations.get(FULL_NAME).cloned();
        if let Some(same) =
            self.found.images.iter_mut().find(|c| c.manifest_digest.as_ref() == Some(&descriptor.digest))
        {
            add_new(&mut same.ref_names, ref_name);
            add_new(&mut same.tags, full_name);
            return Ok(());
        }
        let platform = platform_of(&config);
        let layers = manifest.layers.unwrap_or_default().into_iter().map(|layer| StoredLayer {
            file: blob_name(&layer.digest),
            digest: Some(layer.digest),
            size: Some(layer.size),
            media_type: layer.media_type,
        });
        self.found.images.push(ImageCandidate {
            tags: full_name.into_iter().collect(),
            ref_names: ref_name.into_iter().collect(),
            platform: if platform == Platform::default() {
                descriptor.platform.clone().unwrap_or_default()
            } else {
                platform
            },
            manifest_digest: Some(descriptor.digest.clone()),
            manifest_annotations: manifest.annotations.unwrap_or_default(),
            index_annotations: annotations,
            config_digest: manifest.config.digest.to_string(),
            layers: layers.collect(),
            config,
        });
        Ok(())
    }

    fn absent(&mut self, descriptor: &Descriptor, annotations: &Annotations, blob: &Digest) {
        let name =
            annotations.get(FULL_NAME).or(annotations.get(REF_NAME)).map_or(descriptor.digest.as_ref(), String::as_str);
        let platform = descriptor.platform.clone();
        let label = match &platform {
            Some(platform) => format!("{name} ({platform})"),
            None => name.to_owned(),
        };
        self.found.absent.push(Absent { label, platform, blob: blob.to_string() });
    }
}

fn add_new(names: &mut Vec<String>, name: Option<String>) {
    names.extend(name.filter(|name| !names.contains(name)));
}

/// Old tools leave the media type out.
fn is_config(media_type: &str) -> bool {
    matches!(
        media_type,
        "" | "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
    )
}

/// Where a layout keeps the blob of this digest.
pub fn blob_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm(), digest.digest())
}

/// The content of a small blob, checked against its descriptor; none if it is not there.
fn verified(store: &Store, descriptor: &Descriptor) -> Result<Option<Vec<u8>>, String> {
    let digest = &descriptor.digest;
    let Some(mut hasher) = Hasher::like(digest) else {
        return Err(format!("{digest}: digests of this kind are not supported"));
    };
    let Some(blob) = store.file(&blob_name(digest))? else { return Ok(None) };
    if blob.len() != descriptor.size {
        return Err(format!("{digest} has {} bytes where its descriptor says {}", blob.len(), descriptor.size));
    }
    let bytes = read_document(&blob, digest.as_ref())?;
    hasher.update(&bytes);
    let found = hasher.finish();
    if found != digest.as_ref() {
        return Err(format!("{digest} does not match its digest (it is {found})"));
    }
    Ok(Some(bytes))
}
