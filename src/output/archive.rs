//! Image archives: a tar with the layer in it, written front to back in one go.
//!
//! The layer is compressed straight into the archive; its header, which needs size and digest, is filled in afterwards.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::destination::ArchiveFormat;
use super::job::Job;
use super::manifest::{self, NewImage, OCI_LAYOUT};
use super::options::Progress;
use crate::tarball::{BLOCK, EntryHeader};
use crate::{Error, Result};

/// Where an archive of some format keeps things.
struct Paths {
    config: String,
    layer: String,
}

impl Paths {
    fn of(image: &NewImage, format: ArchiveFormat) -> Self {
        let (config, layer) = (image.config.digest.hex(), &image.layer);
        match format {
            // As skopeo and podman write it.
            ArchiveFormat::Docker => {
                Self { config: format!("{config}.json"), layer: format!("{}.tar", layer.diff_id.hex()) }
            }
            ArchiveFormat::Combined | ArchiveFormat::Oci => {
                Self { config: blob(config), layer: blob(layer.digest.hex()) }
            }
        }
    }
}

fn blob(hex: &str) -> String {
    format!("blobs/sha256/{hex}")
}

/// Writes a whole archive to `file`, which is empty; `path` is what it is called in errors.
pub(super) fn write(
    job: &Job,
    format: ArchiveFormat,
    file: &File,
    path: &Path,
    progress: Progress,
) -> Result<NewImage> {
    let mut archive = ArchiveWriter { file, path, at: 0 };
    let is_oci = format != ArchiveFormat::Docker;
    if is_oci {
        archive.directory("blobs/")?;
        archive.directory("blobs/sha256/")?;
    }
    let header_at = archive.at;
    archive.append(&[0; BLOCK])?;
    let image = job.describe(job.write_layer(file, path, progress)?)?;
    archive.at += image.layer.size;
    archive.pad()?;
    let paths = Paths::of(&image, format);
    let header = EntryHeader::member(paths.layer.as_bytes(), image.layer.size).ustar();
    file.write_all_at(&header, header_at).map_err(Error::io(path, "cannot write"))?;

    archive.member(&paths.config, &image.config.bytes)?;
    if is_oci {
        archive.member(&blob(image.manifest.digest.hex()), &image.manifest.bytes)?;
        archive.member("index.json", manifest::index(&image.descriptors).as_bytes())?;
    }
    if format != ArchiveFormat::Oci {
        let manifest = manifest::docker_manifest(&image.tags, &paths.config, &paths.layer);
        archive.member("manifest.json", manifest.as_bytes())?;
    }
    if is_oci {
        archive.member("oci-layout", OCI_LAYOUT.as_bytes())?;
    }
    archive.append(&[0; 2 * BLOCK])?;
    Ok(image)
}

struct ArchiveWriter<'a> {
    file: &'a File,
    path: &'a Path,
    /// Bytes written so far.
    at: u64,
}

impl ArchiveWriter<'_> {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes).map_err(Error::io(self.path, "cannot write"))
    }

    fn pad(&mut self) -> Result<()> {
        let gap = (self.at.wrapping_neg() % BLOCK as u64) as usize;
        self.append(&[0; BLOCK][..gap])
    }

    fn directory(&mut self, name: &str) -> Result<()> {
        let mut header = EntryHeader::member(name.as_bytes(), 0);
        header.entry_type = tar::EntryType::Directory;
        header.meta.mode = 0o755;
        self.append(&header.ustar())
    }

    fn member(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.append(&EntryHeader::member(name.as_bytes(), bytes.len() as u64).ustar())?;
        self.append(bytes)?;
        self.pad()
    }
}
