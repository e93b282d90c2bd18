//! Opens an image, whatever form it is stored in.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

use super::candidate::{ImageCandidate, ImageCandidates, StoredLayer};
use super::digest::Digest;
use super::load::{self, LayerJob, Means};
use super::opened::Image;
use super::platform::Platform;
use super::progress::Listener;
use super::reference::{Reference, Transport};
use super::source::Source;
use super::spool::Spooler;
use super::{docker_archive, oci, transport};
use crate::network::{Network, Settings};
use crate::tarball::{Budget, Limits};
use crate::{Error, Result};

/// Layers of Windows have other entries and attributes (hives, security descriptors), and nothing in them is analysed.
pub const NO_WINDOWS: &str = "an image for Windows, and bantam reads images for Linux; choose another with --platform";

/// How to open an image.
#[derive(Clone)]
pub struct OpenOptions<'r> {
    /// Which of several platforms.
    pub platform: Option<Platform>,
    /// How many bytes of standard input and decompressed layers may stay in memory; more is kept in unlinked files.
    pub memory: u64,
    /// Where these files are made.
    pub spool_dir: PathBuf,
    /// How much the image may hold.
    pub limits: Limits,
    /// How registries are reached.
    pub network: Arc<Network>,
    /// Who is told how far things are.
    pub report: Listener<'r>,
}

impl Default for OpenOptions<'_> {
    /// Any platform, 32 MiB of memory, files in the system's temporary directory, nobody told.
    fn default() -> Self {
        let spool_dir = std::env::temp_dir();
        Self {
            platform: None,
            memory: 32 << 20,
            spool_dir,
            limits: Limits::default(),
            network: Arc::new(Network::new(Settings::default())),
            report: Listener(None),
        }
    }
}

/// Opens an image: finds it, verifies every digest from its manifest down to its layers' contents, and indexes the layers.
///
/// # Errors
/// If it is not there, is no image, is damaged, or if several images fit.
pub fn open(reference: &Reference, options: &OpenOptions<'_>) -> Result<Image> {
    let input = reference.to_string();
    let fail = |reason: String| Error::Input { input: input.clone(), reason };
    let budget = Budget::new(options.limits.clone());
    let spooler = Spooler::new(&options.spool_dir, options.memory, &budget);
    let means = Means { spooler: &spooler, budget: &budget, report: options.report };
    let source = transport::connect(reference, &options.network, means)?;
    let source = source.as_ref();
    let platform = options.platform.as_ref();
    let candidates = list(source, &reference.transport, platform).map_err(fail)?;
    let left_out = candidates.left_out.clone();
    let chosen = candidates.choose(reference.name.as_deref(), platform).map_err(fail)?;
    if chosen.platform.is_windows() {
        return Err(fail(format!("{}: {NO_WINDOWS}", chosen.platform)));
    }
    let config = chosen.config(source).map_err(fail)?;
    let jobs = jobs(source, &chosen, &config).map_err(fail)?;
    let layers = load::load(&input, &jobs, means)?;
    Ok(Image {
        reference: reference.clone(),
        platform: chosen.platform,
        tags: chosen.tags,
        ref_names: chosen.ref_names,
        manifest_digest: chosen.manifest_digest.map(|digest| digest.to_string()),
        manifest_size: chosen.manifest_size,
        manifest_annotations: chosen.manifest_annotations,
        index_annotations: chosen.index_annotations,
        config,
        config_digest: chosen.config_digest,
        config_size: chosen.config_size,
        layers,
        left_out,
        limits: options.limits.clone(),
    })
}

/// Gets at the files of a stored image for a look at its documents.
pub fn with_source<T>(
    reference: &Reference,
    options: &OpenOptions<'_>,
    look: impl FnOnce(&dyn Source) -> Result<T>,
) -> Result<T> {
    let budget = Budget::new(options.limits.clone());
    let spooler = Spooler::new(&options.spool_dir, options.memory, &budget);
    let means = Means { spooler: &spooler, budget: &budget, report: options.report };
    look(transport::connect(reference, &options.network, means)?.as_ref())
}

/// Reads what the input lists. An archive can be of both kinds: then the OCI index counts, and tags are taken from both.
pub fn list(
    source: &dyn Source,
    transport: &Transport,
    platform: Option<&Platform>,
) -> Result<ImageCandidates, String> {
    let has = |name: &str| source.has(name);
    let (is_oci, is_docker) = (has(oci::INDEX), has(docker_archive::MANIFEST));
    match transport {
        Transport::DockerArchive if is_docker => return docker_archive::read(source),
        Transport::DockerArchive => return Err(format!("no docker-archive: there is no {}", docker_archive::MANIFEST)),
        Transport::Oci | Transport::OciArchive if !is_oci => {
            return Err(format!("no OCI layout: there is no {}", oci::INDEX));
        }
        _ => {}
    }
    if is_oci {
        let mut found = oci::read(source, platform)?;
        if is_docker {
            if found.images.is_empty() && *transport == Transport::Any {
                return docker_archive::read(source);
            }
            add_tags(&mut found.images, &docker_archive::tags(source)?);
        }
        return Ok(found);
    }
    if is_docker {
        return docker_archive::read(source);
    }
    let is_rootfs = ["bin", "etc", "usr"].into_iter().any(has);
    let hint = if is_rootfs { "; a tar of a root file system is read as rootfs:FILE, with --entry" } else { "" };
    Err(format!("no container image: there is neither {} nor {}{hint}", docker_archive::MANIFEST, oci::INDEX))
}

/// Adds the tags that go with each config's digest.
fn add_tags(images: &mut [ImageCandidate], tags: &[(String, Vec<String>)]) {
    let mut by_digest: HashMap<&str, Vec<String>> = HashMap::new();
    for (digest, tags) in tags {
        by_digest.entry(digest).or_default().extend_from_slice(tags);
    }
    for image in images {
        let Some(tags) = by_digest.get(image.config_digest.as_str()) else { continue };
        // The short names are what the user gave; containerd's name says the same at more length.
        let full = std::mem::replace(&mut image.tags, tags.clone());
        let short: HashSet<&str> = tags.iter().map(String::as_str).collect();
        let ends = |name: &str| name.match_indices('/').map(|(at, _)| at + 1).any(|at| short.contains(&name[at..]));
        image.tags.extend(full.into_iter().filter(|name| !short.contains(name.as_str()) && !ends(name)));
    }
}

/// Brings each layer together with its diff ID: the config lists them in the same order.
fn jobs(source: &dyn Source, image: &ImageCandidate, config: &Value) -> Result<Vec<LayerJob>, String> {
    let diff_ids = config.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids"));
    let config = &image.config_digest;
    let diff_ids = match diff_ids {
        Some(Value::Array(ids)) => ids.as_slice(),
        Some(Value::Null) | None if image.layers.is_empty() => &[],
        _ => return Err(format!("the config {config} has no list of diff IDs")),
    };
    if diff_ids.len() != image.layers.len() {
        let (ids, layers) = (diff_ids.len(), image.layers.len());
        return Err(format!("the config {config} lists {ids} diff IDs where the manifest lists {layers} layers"));
    }
    let job = |(stored, id): (&StoredLayer, &Value)| {
        let diff_id = id.as_str().and_then(|id| Digest::from_str(id).ok());
        let diff_id = diff_id.ok_or_else(|| format!("the config {config} has a diff ID that is no digest: {id}"))?;
        let bytes = source
            .layer(stored)?
            .ok_or_else(|| format!("the layer {} is not there{}", stored.file, stored.remark()))?;
        Ok(LayerJob { stored: stored.clone(), bytes, diff_id })
    };
    image.layers.iter().zip(diff_ids).map(job).collect()
}
