//! Opens an image, whatever form it is stored in.

use std::collections::{HashMap, HashSet};
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

use super::blob::Blob;
use super::candidate::{ImageCandidate, ImageCandidates, StoredLayer};
use super::chunk::Chunk;
use super::compression::{Decoder, Inflate, StoredCompression, may_have_members};
use super::digest::Digest;
use super::load::{self, LayerJob, Means};
use super::opened::Image;
use super::platform::Platform;
use super::progress::{Event, Listener};
use super::reference::{Reference, Transport};
use super::spool::Spooler;
use super::store::{Archive, Store};
use super::{docker_archive, oci};
use crate::tarball::{Budget, Limits};
use crate::{Error, Result};

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
    /// Who is told how far things are.
    pub report: Listener<'r>,
}

impl Default for OpenOptions<'_> {
    /// Any platform, 32 MiB of memory, files in the system's temporary directory, nobody told.
    fn default() -> Self {
        let spool_dir = std::env::temp_dir();
        Self { platform: None, memory: 32 << 20, spool_dir, limits: Limits::default(), report: Listener(None) }
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
    let store = find(reference, means)?;
    let candidates = list(&store, reference.transport).map_err(fail)?;
    let chosen = candidates.choose(reference.name.as_deref(), options.platform.as_ref()).map_err(fail)?;
    let config = chosen.config(&store).map_err(fail)?;
    let jobs = jobs(&store, &chosen, &config).map_err(fail)?;
    let layers = load::load(&input, &jobs, means)?;
    Ok(Image {
        reference: reference.clone(),
        platform: chosen.platform,
        tags: chosen.tags,
        ref_names: chosen.ref_names,
        manifest_digest: chosen.manifest_digest.map(|digest| digest.to_string()),
        manifest_annotations: chosen.manifest_annotations,
        index_annotations: chosen.index_annotations,
        config,
        config_digest: chosen.config_digest,
        layers,
        limits: options.limits.clone(),
    })
}

/// Gets at the files of the stored image.
fn find(reference: &Reference, means: Means<'_>) -> Result<Store> {
    let Means { spooler, budget, report } = means;
    let path = &reference.path;
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    let blob = if reference.transport == Transport::Stdin {
        spool(Decoder::Plain(io::stdin().lock()), spooler, report).map_err(|e| fail(format!("cannot read: {e}")))?
    } else {
        let meta = path.metadata().map_err(Error::io(path, "cannot open"))?;
        if meta.is_dir() {
            return match reference.transport {
                Transport::Oci | Transport::Any => Store::dir(path).map_err(Error::io(path, "cannot open")),
                _ => Err(fail("a directory, where an archive was named".into())),
            };
        }
        if reference.transport == Transport::Oci {
            return Err(fail("not a directory; an OCI layout in a tar is oci-archive:".into()));
        }
        open_file(path, &meta, spooler, report)?
    };
    if blob.is_empty() {
        return Err(fail("empty".into()));
    }
    let compression = StoredCompression::of_blob(&blob).map_err(|e| fail(format!("cannot read: {e}")))?;
    let tar = if compression == StoredCompression::None {
        blob
    } else {
        let unpack = |inflate, report| {
            let source = BufReader::with_capacity(128 << 10, blob.reader());
            spool(Decoder::new(compression, inflate, source)?, spooler, report)
        };
        let unpacked = match unpack(Inflate::Single(blob.len()), report) {
            Err(error) if may_have_members(compression, &error) => unpack(Inflate::Members, Listener::default()),
            unpacked => unpacked,
        };
        unpacked.map_err(|e| fail(format!("cannot decompress: {e}")))?
    };
    let archive = Archive::open(tar, budget).map_err(fail)?;
    if archive.is_empty() {
        return Err(fail("an empty tar archive".into()));
    }
    Ok(Store::Archive(archive))
}

fn open_file(path: &Path, meta: &Metadata, spooler: &Spooler<'_>, report: Listener<'_>) -> Result<Blob> {
    let file = File::open(path).map_err(Error::io(path, "cannot open"))?;
    // A pipe or device cannot be read from any place.
    if !meta.is_file() {
        return spool(Decoder::Plain(BufReader::new(file)), spooler, report).map_err(Error::io(path, "cannot read"));
    }
    let len = file.metadata().map_err(Error::io(path, "cannot open"))?.len();
    Ok(Blob::file(Arc::new(file), 0, len))
}

fn spool(mut source: Decoder<impl BufRead>, spooler: &Spooler<'_>, report: Listener<'_>) -> io::Result<Blob> {
    let (mut spool, mut chunk) = (spooler.start(), Chunk::new());
    loop {
        source.next(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(spool.finish());
        }
        spool.write(chunk.unread())?;
        report.send(Event::Spooled(chunk.unread().len() as u64));
    }
}

/// Reads what the input lists. An archive can be of both kinds: then the OCI index counts, and tags are taken from both.
fn list(store: &Store, transport: Transport) -> Result<ImageCandidates, String> {
    let has = |name: &str| store.has(name);
    let (is_oci, is_docker) = (has(oci::INDEX), has(docker_archive::MANIFEST));
    match transport {
        Transport::DockerArchive if is_docker => return docker_archive::read(store),
        Transport::DockerArchive => return Err(format!("no docker-archive: there is no {}", docker_archive::MANIFEST)),
        Transport::Oci | Transport::OciArchive if !is_oci => {
            return Err(format!("no OCI layout: there is no {}", oci::INDEX));
        }
        _ => {}
    }
    if is_oci {
        let mut found = oci::read(store)?;
        if is_docker {
            if found.images.is_empty() && transport == Transport::Any {
                return docker_archive::read(store);
            }
            add_tags(&mut found.images, &docker_archive::tags(store)?);
        }
        return Ok(found);
    }
    if is_docker {
        return docker_archive::read(store);
    }
    Err(if has("repositories") {
        "saved by a Docker older than 1.10; load it into a newer one and save it again".into()
    } else {
        format!("no container image: there is neither {} nor {}", docker_archive::MANIFEST, oci::INDEX)
    })
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
fn jobs(store: &Store, image: &ImageCandidate, config: &Value) -> Result<Vec<LayerJob>, String> {
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
        let blob = store.file(&stored.file)?.ok_or_else(|| format!("the layer {} is not there", stored.file))?;
        Ok(LayerJob { stored: stored.clone(), blob, diff_id })
    };
    image.layers.iter().zip(diff_ids).map(job).collect()
}
