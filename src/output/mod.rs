//! The squashed layer and the new image.
//!
//! [`write()`] turns what a plan keeps of a tree into an image with one layer. The same input and options give the
//! same bytes, whatever the number of threads, and an output appears whole or not at all: until it is complete it has no
//! name (`O_TMPFILE`), so that not even a killed run leaves a part of it.
//!
//! | file | what it knows |
//! |---|---|
//! | `layer` | which entries the layer has and in which order, as a stream |
//! | `compress` | blocks, threads, digests |
//! | `config`, `manifest` | what the JSON documents say |
//! | `archive`, `layout` | where things are in a tar or a directory |
//! | `staging` | files that appear when they are complete |

mod archive;
mod compress;
mod config;
mod destination;
mod layer;
mod layout;
mod manifest;
mod name;
mod staging;
pub(crate) mod timestamp;

#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Seek};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use compress::Compression;
pub use destination::{ArchiveFormat, Destination};
pub use name::ImageName;
pub use timestamp::{creation_time, parse_source_date_epoch};

use compress::LayerBlob;
use layer::Layer;
use manifest::Image;
use staging::Staged;

use crate::plan::Plan;
use crate::rootfs::Rootfs;
use crate::{Error, Result};

/// What the new image takes over from the original, apart from files.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
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

/// Told how many bytes of file content are in the layer, and how many there will be.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// How to write.
#[derive(Clone, Debug)]
pub struct Options {
    /// Compression of the layer; by default [`Destination::default_compression`].
    pub compression: Option<Compression>,
    /// Names of the new image, instead of the original's.
    pub tags: Vec<ImageName>,
    /// No time in the output is later than this (seconds since 1970); see [`parse_source_date_epoch`].
    pub source_date_epoch: Option<i64>,
    /// The command that made the image, for its history. Output paths in it would make the bytes depend on them.
    pub created_by: String,
    /// The file or directory that the image was read from. It is never written to.
    pub input: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            compression: None,
            tags: Vec::new(),
            source_date_epoch: None,
            created_by: "bantam slim".into(),
            input: None,
        }
    }
}

/// What was written. Digests read `sha256:…`, sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The output; `None` for standard output.
    pub path: Option<PathBuf>,
    /// The names it got.
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
    /// Digest of the manifest. A docker-archive does not hold it.
    pub manifest_digest: String,
}

/// Writes what `plan` keeps of `rootfs` as an image with one layer.
///
/// # Errors
/// If the output names the input, cannot be written, or is an existing directory that is no OCI layout; if a file's content
/// cannot be read. Then nothing of the output is there, and what was there before still is.
pub fn write(
    rootfs: &Rootfs,
    plan: &Plan,
    source: &Source,
    options: &Options,
    destination: &Destination,
    progress: Option<Progress>,
) -> Result<Written> {
    check(options, destination)?;
    let job = Job { rootfs, plan, source, options, destination };
    let progress = progress.unwrap_or(&|_, _| {});
    let (image, path) = match destination {
        Destination::Stdout => (job.stream(progress)?, None),
        Destination::Archive { path, format, .. } => (job.archive(path, *format, progress)?, Some(path)),
        Destination::Layout { path, .. } => (layout::write(&job, path, progress)?, Some(path)),
    };
    let layer = Layer::new(rootfs, plan, None);
    Ok(Written {
        path: path.cloned(),
        tags: image.tags.iter().map(ToString::to_string).collect(),
        content_size: layer.content_size(),
        entries: layer.len(),
        compression: image.layer.compression,
        layer_tar_size: image.layer.tar_size,
        layer_size: image.layer.size,
        diff_id: image.layer.diff_id.as_str().into(),
        layer_digest: image.layer.digest.as_str().into(),
        config_digest: image.config.digest.as_str().into(),
        manifest_digest: image.manifest.digest.as_str().into(),
    })
}

/// Refuses an output that cannot be, before any work is done. [`write()`] does so too.
///
/// # Errors
/// As [`write()`].
pub fn check(options: &Options, destination: &Destination) -> Result<()> {
    let path = match destination {
        Destination::Stdout if io::stdout().is_terminal() => {
            return Err(Error::Usage("standard output is a terminal: redirect it, or name a file".into()));
        }
        Destination::Stdout => return Ok(()),
        Destination::Archive { path, .. } => {
            if path.is_dir() {
                return Err(Error::Usage(format!(
                    "{0}: is a directory; write an OCI layout with oci:{0}",
                    path.display()
                )));
            }
            path
        }
        Destination::Layout { path, .. } => path,
    };
    let dir = parent(path);
    if !dir.is_dir() {
        let missing = format!("there is no directory {}", dir.display());
        return Err(Error::io(path, "cannot write")(io::Error::new(io::ErrorKind::NotFound, missing)));
    }
    let Some(input) = &options.input else { return Ok(()) };
    // Also by another name, and not a file within a layout either.
    let id = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    let within = || {
        let (input, dir) = (fs::canonicalize(input).ok()?, fs::canonicalize(dir).ok()?);
        Some(input.is_dir() && dir.starts_with(&input))
    };
    if (id(path).is_some() && id(path) == id(input)) || within().unwrap_or(false) {
        return Err(Error::Usage(format!(
            "{}: is the input, which is never changed; name another output",
            path.display()
        )));
    }
    Ok(())
}

/// The directory that holds `path`.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => Path::new("."),
        Some(dir) => dir,
        None => path,
    }
}

/// One call of [`write()`].
struct Job<'a> {
    rootfs: &'a Rootfs,
    plan: &'a Plan,
    source: &'a Source<'a>,
    options: &'a Options,
    destination: &'a Destination,
}

impl Job<'_> {
    /// Writes the layer to `file` at its current position.
    fn write_layer(&self, file: &File, path: &Path, progress: Progress) -> Result<LayerBlob> {
        let compression = self.options.compression.unwrap_or_else(|| self.destination.default_compression());
        let mut layer = Layer::new(self.rootfs, self.plan, self.options.source_date_epoch);
        compress::write_layer(&mut layer, compression, file, path, progress)
    }

    /// The image that consists of this layer.
    fn describe(&self, layer: LayerBlob) -> Result<Image> {
        Image::new(self.source, self.options, self.destination, layer)
    }

    fn archive(&self, path: &Path, format: ArchiveFormat, progress: Progress) -> Result<Image> {
        // What a symbolic link leads to is replaced, not the link; pipes and devices are written to.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&target).is_ok_and(|meta| !meta.is_file()) {
            let mut out = File::options().write(true).open(&target).map_err(Error::io(path, "cannot open"))?;
            return self.spool(format, path, &mut out, progress);
        }
        let staged = Staged::new_in(parent(&target)).map_err(Error::io(path, "cannot create"))?;
        let image = archive::write(self, format, staged.file(), path, progress)?;
        staged.publish(&target).map_err(Error::io(path, "cannot create"))?;
        Ok(image)
    }

    fn stream(&self, progress: Progress) -> Result<Image> {
        let path = Path::new("standard output");
        self.spool(ArchiveFormat::Combined, path, &mut io::stdout().lock(), progress)
    }

    /// For outputs that cannot be written out of order: the archive is completed in an unnamed temporary file, then copied.
    fn spool(&self, format: ArchiveFormat, path: &Path, out: &mut impl io::Write, progress: Progress) -> Result<Image> {
        let dir = std::env::temp_dir();
        let mut spool = tempfile::tempfile_in(&dir).map_err(Error::io(&dir, "cannot create a temporary file"))?;
        let image = archive::write(self, format, &spool, &dir, progress)?;
        spool.rewind().map_err(Error::io(&dir, "cannot read the temporary file"))?;
        io::copy(&mut spool, out).and_then(|_| out.flush()).map_err(Error::io(path, "cannot write"))?;
        Ok(image)
    }
}
