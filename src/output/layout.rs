//! OCI image layouts in a directory (OCI image specification, "Image Layout").

use std::fs::{self, File, Permissions};
use std::io::ErrorKind::{AlreadyExists, DirectoryNotEmpty};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::blob::BlobDigest;
use super::job::Job;
use super::manifest::{self, NewImage, OCI_LAYOUT, REF_NAME};
use super::options::Progress;
use crate::staging::{PREFIX, Staged, parent, sync_dir};
use crate::{Error, Result};

/// A blob that has no name yet: what it will be called, and its bytes.
pub(super) type NewBlob = (BlobDigest, Staged);

/// Writes the image as a layout at `path`. A directory that is not there or empty becomes a new layout, in one step;
/// to an existing layout the image is added, `index.json` last. Any number of runs may add to one layout at once.
pub(super) fn write(job: &Job, path: &Path, progress: Progress) -> Result<NewImage> {
    let (image, blobs) = part(job, path, progress)?;
    publish(path, blobs, &[], &image.descriptors)?;
    Ok(image)
}

/// Writes the blobs of an image, which are to get their names in the layout at `path`.
pub(super) fn part(job: &Job, path: &Path, progress: Progress) -> Result<(NewImage, Vec<NewBlob>)> {
    let near = if existing_index(path)?.is_some() { path } else { parent(path) };
    let layer = Staged::new_in(near).map_err(Error::io(path, "cannot create"))?;
    let image = job.describe(job.write_layer(layer.file(), path, progress)?)?;
    let mut blobs = vec![(image.layer.digest.clone(), layer)];
    for document in [&image.config, &image.manifest] {
        let blob = staged(near, &document.bytes).map_err(Error::io(path, "cannot create"))?;
        blobs.push((document.digest.clone(), blob));
    }
    Ok((image, blobs))
}

/// Puts blobs and documents into the layout at `path`, and the descriptors into its index.
pub(super) fn publish(
    path: &Path,
    mut blobs: Vec<NewBlob>,
    documents: &[(BlobDigest, Vec<u8>)],
    descriptors: &[Value],
) -> Result<()> {
    let exists = existing_index(path)?.is_some();
    let near = if exists { path } else { parent(path) };
    for (digest, bytes) in documents {
        blobs.push((digest.clone(), staged(near, bytes).map_err(Error::io(path, "cannot create"))?));
    }
    if !exists {
        let names: Vec<BlobDigest> = blobs.iter().map(|(digest, _)| digest.clone()).collect();
        let made = create(blobs, descriptors, path).map_err(Error::io(path, "cannot write"))?;
        let Some(made) = made else { return Ok(()) };
        // Another run has made a layout there meanwhile.
        let again = |digest: BlobDigest| {
            let blob = Staged::named(made.path().join("blobs/sha256").join(digest.hex()))?;
            Ok((digest, blob))
        };
        let again: io::Result<Vec<NewBlob>> = names.into_iter().map(again).collect();
        return add(again.map_err(Error::io(path, "cannot write"))?, descriptors, path);
    }
    add(blobs, descriptors, path)
}

/// The index of the layout at `path`; `None` if a new layout can go there.
fn existing_index(path: &Path) -> Result<Option<Value>> {
    let mut entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path, "cannot open")(error)),
    };
    if entries.next().is_none() {
        return Ok(None);
    }
    let version = fs::read(path.join("oci-layout")).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    if version.is_none_or(|version| version["imageLayoutVersion"] != "1.0.0") {
        let path = path.display();
        return Err(Error::Usage(format!("{path}: is neither empty nor an OCI layout; name another directory")));
    }
    let index = path.join("index.json");
    let bytes = fs::read(&index).map_err(Error::io(&index, "cannot read"))?;
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(value) if value.is_object() => Ok(Some(value)),
        _ => Err(Error::Usage(format!("{}: is not an OCI index; name another directory", index.display()))),
    }
}

/// Makes a new layout. If there is one by now, what was made is given back.
fn create(new: Vec<NewBlob>, descriptors: &[Value], path: &Path) -> io::Result<Option<TempDir>> {
    // The mask applies to both kinds of modes.
    let dir =
        tempfile::Builder::new().prefix(PREFIX).permissions(Permissions::from_mode(0o777)).tempdir_in(parent(path))?;
    let blobs = dir.path().join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    for (digest, blob) in new {
        blob.publish(&blobs.join(digest.hex()))?;
    }
    let index = manifest::index(descriptors);
    for (name, text) in [("index.json", index.as_str()), ("oci-layout", OCI_LAYOUT)] {
        staged(dir.path(), text.as_bytes())?.publish(&dir.path().join(name))?;
    }
    sync_dir(&dir.path().join("blobs"))?;
    match fs::rename(dir.path(), path) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), DirectoryNotEmpty | AlreadyExists) => return Ok(Some(dir)),
        Err(error) => return Err(error),
    }
    // It has another name now.
    let _ = dir.keep();
    sync_dir(parent(path))?;
    Ok(None)
}

/// Blobs that were added to a layout and are taken out again unless the index comes to name them.
#[derive(Default)]
struct Added(Vec<PathBuf>);

impl Drop for Added {
    fn drop(&mut self) {
        for path in &self.0 {
            // The reason why things are undone is the error to report.
            let _ = fs::remove_file(path);
        }
    }
}

/// Adds to the layout at `path`, as it is now.
fn add(new: Vec<NewBlob>, descriptors: &[Value], path: &Path) -> Result<()> {
    let cannot = |error| Error::io(path, "cannot write")(error);
    // Held until the index is written: two runs would else each write one that lacks the other's image, and the blobs that one
    // takes out again may be those that another one found there. Where directories cannot be locked, the index is at least that
    // of this moment.
    let lock = File::open(path).map_err(cannot)?;
    let _ = lock.lock();
    let gone = || Error::Usage(format!("{}: the layout is gone; write it again", path.display()));
    let index = existing_index(path)?.ok_or_else(gone)?;
    add_to(new, descriptors, path, index).map_err(cannot)
}

fn add_to(new: Vec<NewBlob>, descriptors: &[Value], path: &Path, mut index: Value) -> io::Result<()> {
    let blobs = path.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let mut added = Added::default();
    let mut publish = |staged: Staged, hex: &str| {
        let target = blobs.join(hex);
        // A blob of this name has this content, or is damaged and is replaced.
        if !target.exists() {
            added.0.push(target.clone());
        }
        staged.publish(&target)
    };
    for (digest, blob) in new {
        publish(blob, digest.hex())?;
    }
    let mut manifests = match index["manifests"].take() {
        Value::Array(manifests) => manifests,
        _ => Vec::new(),
    };
    // A reference leads to one image: the latest that got it.
    manifests.retain(|old| {
        descriptors.iter().all(|new| match name(new) {
            Some(name_of_new) => name(old) != Some(name_of_new),
            None => old["digest"] != new["digest"] || name(old).is_some(),
        })
    });
    manifests.extend(descriptors.iter().cloned());
    index["manifests"] = manifests.into();
    staged(path, index.to_string().as_bytes())?.publish(&path.join("index.json"))?;
    added.0.clear();
    Ok(())
}

fn name(descriptor: &Value) -> Option<&str> {
    descriptor["annotations"][REF_NAME].as_str()
}

fn staged(dir: &Path, bytes: &[u8]) -> io::Result<Staged> {
    let staged = Staged::new_in(dir)?;
    staged.file().write_all(bytes)?;
    Ok(staged)
}
