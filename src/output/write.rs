//! Writes the image, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use super::compression::Compression;
use super::destination::{ArchiveFormat, Destination};
use super::job::Job;
use super::manifest::NewImage;
use super::options::{Options, Original, Progress};
use super::stream::LayerStream;
use super::temporary::Temporary;
use super::{archive, daemon, layout, places, registry};
use crate::image::{Blobs, StoredBlob};
use crate::plan::Plan;
use crate::registry::Artifact;
use crate::rootfs::Rootfs;
use crate::staging::{Staged, parent};
use crate::{Error, Result};

/// What was written. Digests read `sha256:…`, sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The output; `None` for standard output, and for what is no file.
    pub path: Option<PathBuf>,
    /// The image in a registry, by its digest: `HOST/REPOSITORY@sha256:…`.
    pub reference: Option<String>,
    /// The names it got; those that the index of several platforms gets of which it is one.
    pub tags: Vec<String>,
    /// Sum of the sizes of the layer's regular files, one with several names counted once.
    pub content_size: u64,
    /// How many entries the layer has.
    pub entries: usize,
    /// How the layer is compressed.
    pub compression: Compression,
    /// Length of the layer's tar.
    pub layer_tar_size: u64,
    /// Length of the layer as it is stored.
    pub layer_size: u64,
    /// Digest of the layer's tar.
    pub diff_id: String,
    /// Digest of the layer as it is stored.
    pub layer_digest: String,
    /// Digest of the config: the image ID.
    pub config_digest: String,
    /// Length of the config.
    pub config_size: u64,
    /// Digest of the manifest. A docker-archive does not hold it.
    pub manifest_digest: String,
    /// Length of the manifest.
    pub manifest_size: u64,
}

impl Written {
    /// What the image takes in a registry.
    pub fn blobs(&self) -> Blobs {
        let manifest = (&self.manifest_digest, self.manifest_size);
        let (config, layer) = ((&self.config_digest, self.config_size), (&self.layer_digest, self.layer_size));
        let blob = |(digest, bytes): (&String, u64)| StoredBlob { digest: digest.clone(), bytes };
        Blobs { blobs: [manifest, config, layer].map(blob).into() }
    }
}

/// Finds out whether the image could be written to a registry or a daemon, before there is one: a registry is asked whether
/// it lets us push, and nothing is left there.
///
/// # Errors
/// If it could not.
pub fn try_out(destination: &Destination, options: &Options) -> Result<()> {
    match destination {
        Destination::Registry(image) => registry::try_out(options, image),
        Destination::Daemon(name) => daemon::try_out(name),
        Destination::Stdout | Destination::Archive { .. } | Destination::Layout { .. } => Ok(()),
    }
}

/// Writes what `plan` keeps of `rootfs` as an image with one layer.
///
/// # Errors
/// If the output names the input, cannot be written, or is an existing directory that is no OCI layout; if a file's content
/// cannot be read. Then nothing of the output is there, and what was there before still is.
pub fn write(
    rootfs: &Rootfs,
    plan: &Plan,
    original: &Original,
    options: &Options,
    destination: &Destination,
    progress: Option<Progress>,
) -> Result<Written> {
    write_attached((rootfs, plan), original, options, destination, progress, &|_| Ok(Vec::new()))
}

/// Makes the documents that are to stand beside an image in its registry.
pub type Attach<'a> = &'a dyn Fn(&Written) -> Result<Vec<Artifact>>;

/// Writes it as [`write()`] does. In a registry, documents are put beside the image before it gets its names.
///
/// # Errors
/// As [`write()`]; also if the registry does not take the documents. Then the image has none of its names.
pub fn write_attached(
    (rootfs, plan): (&Rootfs, &Plan),
    original: &Original,
    options: &Options,
    destination: &Destination,
    progress: Option<Progress>,
    attach: Attach,
) -> Result<Written> {
    destination.check_names(&options.tags)?;
    places::check(Some(destination), &[], &options.inputs())?;
    let job = Job { rootfs, plan, original, options, destination };
    let progress = progress.unwrap_or(&|_| {});
    let (image, path) = match destination {
        Destination::Stdout => (stream(&job, progress)?, None),
        Destination::Archive { path, format, .. } => (archive(&job, path, *format, progress)?, Some(path)),
        Destination::Registry(image) => return registry::write(&job, image, progress, attach),
        Destination::Daemon(name) => (daemon::write(&job, name, progress)?, None),
        Destination::Layout { path, .. } => (layout::write(&job, path, progress)?, Some(path)),
    };
    Ok(written(&job, &image, path))
}

/// What there is to say about an image that was written.
pub(super) fn written(job: &Job, image: &NewImage, path: Option<&PathBuf>) -> Written {
    let stream = LayerStream::new(job.rootfs, job.plan, None);
    Written {
        path: path.cloned(),
        reference: job.destination.by_digest(image.manifest.digest.as_str()),
        tags: image.tags.iter().map(ToString::to_string).collect(),
        content_size: stream.content_size(),
        entries: stream.len(),
        compression: image.layer.compression,
        layer_tar_size: image.layer.tar_size,
        layer_size: image.layer.size,
        diff_id: image.layer.diff_id.as_str().into(),
        layer_digest: image.layer.digest.as_str().into(),
        config_digest: image.config.digest.as_str().into(),
        config_size: image.config.bytes.len() as u64,
        manifest_digest: image.manifest.digest.as_str().into(),
        manifest_size: image.manifest.bytes.len() as u64,
    }
}

fn archive(job: &Job, path: &Path, format: ArchiveFormat, progress: Progress) -> Result<NewImage> {
    // What a symbolic link leads to is replaced, not the link; pipes and devices are written to.
    let target = places::target(path)?;
    if fs::metadata(&target).is_ok_and(|meta| !meta.is_file()) {
        let mut out = File::options().write(true).open(&target).map_err(Error::io(path, "cannot open"))?;
        return spool(job, format, path, &mut out, progress);
    }
    let staged = Staged::new_in(parent(&target)).map_err(Error::io(path, "cannot create"))?;
    let image = archive::write(job, format, staged.file(), path, progress)?;
    staged.publish(&target).map_err(Error::io(path, "cannot create"))?;
    Ok(image)
}

fn stream(job: &Job, progress: Progress) -> Result<NewImage> {
    let path = Path::new("standard output");
    spool(job, ArchiveFormat::Combined, path, &mut io::stdout().lock(), progress)
}

/// For outputs that cannot be written out of order: the archive is completed in an unnamed temporary file, then copied.
fn spool(
    job: &Job,
    format: ArchiveFormat,
    path: &Path,
    out: &mut impl io::Write,
    progress: Progress,
) -> Result<NewImage> {
    let Temporary { file: mut spool, dir } = Temporary::new()?;
    let image = archive::write(job, format, &spool, &dir, progress).map_err(Temporary::explain)?;
    spool.rewind().map_err(Error::io(&dir, "cannot read the temporary file"))?;
    io::copy(&mut spool, out).and_then(|_| out.flush()).map_err(Error::io(path, "cannot write"))?;
    Ok(image)
}
