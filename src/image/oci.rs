//! OCI image layouts: OCI image spec, image-layout.md, image-index.md and manifest.md. Docker's manifest lists
//! and manifests (schema 2) have the same fields.

use serde::Deserialize;
use serde_json::Value;

use super::candidate::{Absent, Annotations, ImageCandidate, ImageCandidates, StoredLayer};
use super::digest::Digest;
use super::documents::{Documents, parse};
use super::platform::Platform;
use super::source::{Kind, Source, is_wanted};

/// The index at the root of a layout.
pub const INDEX: &str = "index.json";
/// How deep indexes may be nested.
const MAX_DEPTH: usize = 8;
/// Most manifests that one layout may list.
pub const MAX_MANIFESTS: usize = 4096;
/// Most layers of one image. Docker takes 127.
const MAX_LAYERS: usize = 1024;

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
    annotations: Option<Annotations>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageManifest {
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Option<Vec<Descriptor>>,
    annotations: Option<Annotations>,
}

/// # Errors
/// If an image has more layers than any engine puts on one another.
pub fn check_layers(number: usize, name: &str) -> Result<(), String> {
    if number > MAX_LAYERS {
        return Err(format!("{name}: {number} layers are listed, more than {MAX_LAYERS}"));
    }
    Ok(())
}

/// Reads the index, the indexes and manifests below it, and every config. Attestations, signatures and other
/// artifacts are left out.
///
/// What is far away is not fetched to find out that it is for another platform than `wanted`, if the index says so.
pub fn read(source: &dyn Source, wanted: Option<&Platform>) -> Result<ImageCandidates, String> {
    let mut documents = Documents::of(source);
    let bytes = documents.read(INDEX, Kind::List, None)?.ok_or_else(|| format!("there is no {INDEX}"))?;
    let index: ImageIndex = parse(&bytes, INDEX)?;
    let wanted = wanted.filter(|_| source.is_far());
    let mut walk = LayoutWalk { documents, wanted, found: ImageCandidates::default(), seen: 0 };
    walk.index(index, &Above::default(), 0)?;
    Ok(walk.found)
}

struct LayoutWalk<'s> {
    documents: Documents<'s>,
    wanted: Option<&'s Platform>,
    found: ImageCandidates,
    seen: usize,
}

/// What leads to a manifest.
#[derive(Clone, Default)]
struct Above {
    /// The annotations of the descriptors above: a name given to an index is its images' name.
    annotations: Annotations,
    /// The index that lists it, with its own annotations; none at the top.
    index: Option<(Digest, Annotations)>,
}

impl LayoutWalk<'_> {
    fn index(&mut self, index: ImageIndex, above: &Above, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("indexes are nested more than {MAX_DEPTH} deep"));
        }
        for descriptor in index.manifests.unwrap_or_default() {
            self.seen += 1;
            if self.seen > MAX_MANIFESTS {
                return Err(format!("more than {MAX_MANIFESTS} manifests are listed"));
            }
            self.descriptor(&descriptor, above, depth)?;
        }
        Ok(())
    }

    fn descriptor(&mut self, descriptor: &Descriptor, above: &Above, depth: usize) -> Result<(), String> {
        let own = descriptor.annotations.as_ref().map_or(0, bytes_of);
        let index = above.index.as_ref().map_or(0, |(_, annotations)| bytes_of(annotations));
        self.documents.count(bytes_of(&above.annotations) + own + index)?;
        let mut annotations = above.annotations.clone();
        annotations.extend(descriptor.annotations.clone().unwrap_or_default());
        let attestation =
            annotations.get("vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest");
        if attestation || descriptor.platform.as_ref().is_some_and(Platform::is_unknown) {
            self.found.left_out.push(format!("the attestation {}", descriptor.digest));
            return Ok(());
        }
        if !is_wanted(descriptor.platform.as_ref(), self.wanted) {
            self.passed_over(descriptor, &annotations);
            return Ok(());
        }
        let (digest, size) = (&descriptor.digest, descriptor.size);
        let Some(bytes) = self.documents.read(&blob_name(digest), Kind::Manifest, Some((digest, size)))? else {
            self.absent(descriptor, &annotations, &descriptor.digest);
            return Ok(());
        };
        let name = descriptor.digest.as_ref();
        let document: Value = parse(&bytes, name)?;
        let has = |field: &str| document.get(field).is_some();
        match (has("manifests"), has("config") || has("layers")) {
            (true, false) => {
                let index: ImageIndex = parse(&bytes, name)?;
                let own = index.annotations.clone().unwrap_or_default();
                self.index(index, &Above { annotations, index: Some((digest.clone(), own)) }, depth + 1)
            }
            (false, true) => {
                let manifest: ImageManifest = parse(&bytes, name)?;
                self.manifest(descriptor, manifest, Above { annotations, index: above.index.clone() })
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
        Above { annotations, index }: Above,
    ) -> Result<(), String> {
        if !is_image(&manifest) {
            self.found.left_out.push(format!("the artifact {}", descriptor.digest));
            return Ok(());
        }
        let Descriptor { digest, size, .. } = &manifest.config;
        let file = blob_name(digest);
        let Some((_, platform)) = self.documents.config(&file, Some((digest, *size)), |_| Ok(digest.to_string()))?
        else {
            self.absent(descriptor, &annotations, digest);
            return Ok(());
        };
        let ref_name = annotations.get(REF_NAME).cloned();
        let full_name = annotations.get(FULL_NAME).cloned();
        if let Some(same) =
            self.found.images.iter_mut().find(|c| c.manifest_digest.as_ref() == Some(&descriptor.digest))
        {
            add_new(&mut same.ref_names, ref_name);
            add_new(&mut same.tags, full_name);
            return Ok(());
        }
        let layers = manifest.layers.unwrap_or_default();
        check_layers(layers.len(), descriptor.digest.as_ref())?;
        let layers = layers.into_iter().map(|layer| StoredLayer {
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
            manifest_size: descriptor.size,
            manifest_annotations: manifest.annotations.unwrap_or_default(),
            index_annotations: annotations,
            own_annotations: descriptor.annotations.clone().unwrap_or_default(),
            index,
            config_digest: digest.to_string(),
            config_size: Some(*size),
            layers: layers.collect(),
            config: file,
        });
        Ok(())
    }

    fn absent(&mut self, descriptor: &Descriptor, annotations: &Annotations, blob: &Digest) {
        let label = label(descriptor, annotations);
        let platform = descriptor.platform.clone();
        self.found.absent.push(Absent { label, platform, blob: blob.to_string() });
    }

    fn passed_over(&mut self, descriptor: &Descriptor, annotations: &Annotations) {
        self.found.others.push(label(descriptor, annotations));
    }
}

fn label(descriptor: &Descriptor, annotations: &Annotations) -> String {
    let name =
        annotations.get(FULL_NAME).or(annotations.get(REF_NAME)).map_or(descriptor.digest.as_ref(), String::as_str);
    match &descriptor.platform {
        Some(platform) => format!("{name} ({platform})"),
        None => name.to_owned(),
    }
}

fn bytes_of(annotations: &Annotations) -> u64 {
    annotations.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
}

fn add_new(names: &mut Vec<String>, name: Option<String>) {
    names.extend(name.filter(|name| !names.contains(name)));
}

/// Whether a manifest is that of an image: signatures and other documents are stored as manifests, too, some with an image's config.
fn is_image(manifest: &ImageManifest) -> bool {
    let layers = manifest.layers.as_deref().unwrap_or_default();
    let is_artifact = manifest.artifact_type.as_deref().is_some_and(|kind| !kind.is_empty() && !is_config(kind));
    is_config(&manifest.config.media_type)
        && !is_artifact
        && (layers.is_empty() || layers.iter().any(|layer| is_layer(&layer.media_type)))
}

fn is_layer(media_type: &str) -> bool {
    media_type.is_empty()
        || ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."]
            .iter()
            .any(|kind| media_type.starts_with(kind))
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
