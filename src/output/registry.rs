//! Registries: the layer is put together in an unnamed temporary file, and what the registry does not have is sent. Its manifest comes
//! after all that it names, by digest first, and documents about it come before its tags: no tag ever leads to half an image.

use std::fs::File;

use super::blob::BlobDigest;
use super::job::Job;
use super::manifest::{INDEX_TYPE, MANIFEST_TYPE, NewImage};
use super::options::{Event, Options, Progress};
use super::temporary::Temporary;
use super::write::{Attach, Written, written};
use crate::registry::{self, Access, Artifact, Content, ImageName, RemoteImage, Session, Subject, Trouble};
use crate::{Error, Result};

/// Finds out whether the registry would take an image.
pub(super) fn try_out(options: &Options, destination: &RemoteImage) -> Result<()> {
    registry::try_push(&session(options, destination)).map_err(|trouble| refused(destination, &trouble))
}

/// Writes the image as `destination` and under the other names that it is to have.
pub(super) fn write(job: &Job, destination: &RemoteImage, progress: Progress, documents: Attach) -> Result<Written> {
    let session = session(job.options, destination);
    let image = write_by(&session, job, destination, progress)?;
    let written = written(job, &image, None);
    attach_by(&session, destination, &written, &documents(&written)?)?;
    let (bytes, digest) = (&image.manifest.bytes, &image.manifest.digest);
    let named = name(&session, &image.tags, MANIFEST_TYPE, bytes, digest);
    named.map_err(|trouble| refused(destination, &trouble))?;
    Ok(written)
}

/// Writes the image without a name.
pub(super) fn write_part(job: &Job, destination: &RemoteImage, progress: Progress) -> Result<NewImage> {
    write_by(&session(job.options, destination), job, destination, progress)
}

fn write_by(session: &Session, job: &Job, destination: &RemoteImage, progress: Progress) -> Result<NewImage> {
    let Temporary { file, dir } = Temporary::new()?;
    let layer = job.write_layer(&file, &dir, progress).map_err(Temporary::explain)?;
    let image = job.describe(layer)?;
    push(session, &image, &file, progress).map_err(|trouble| refused(destination, &trouble))?;
    Ok(image)
}

/// Writes an index of images that are there, and gives it its names.
pub(super) fn write_index(
    options: &Options,
    destination: &RemoteImage,
    tags: &[ImageName],
    bytes: &[u8],
    digest: &BlobDigest,
) -> Result<()> {
    let session = session(options, destination);
    registry::put_manifest(&session, digest.as_str(), INDEX_TYPE, bytes, digest.as_str())
        .and_then(|_| name(&session, tags, INDEX_TYPE, bytes, digest))
        .map_err(|trouble| refused(destination, &trouble))
}

/// Puts documents about an image beside it, which is there by its digest and has no name yet.
///
/// # Errors
/// If the registry does not take them.
pub fn attach(options: &Options, destination: &RemoteImage, written: &Written, artifacts: &[Artifact]) -> Result<()> {
    attach_by(&session(options, destination), destination, written, artifacts)
}

fn attach_by(session: &Session, destination: &RemoteImage, written: &Written, artifacts: &[Artifact]) -> Result<()> {
    let subject = Subject {
        media_type: MANIFEST_TYPE.into(),
        digest: written.manifest_digest.clone(),
        size: written.manifest_size,
    };
    let attached = artifacts.iter().try_for_each(|artifact| registry::attach(session, &subject, artifact).map(drop));
    attached.map_err(|trouble| Error::Remote {
        place: format!("docker://{destination}"),
        reason: format!(
            "the image is there by its digest and tags are as they were, for what belongs to it is not attached: {trouble}"
        ),
    })
}

/// Speaks to the registry; where the original is on the same one, blobs can be taken from it.
fn session(options: &Options, destination: &RemoteImage) -> Session {
    let session = Session::new(options.network.clone(), destination, Access::Push);
    match &options.source {
        Some(source) if source.host() == destination.host() => session.with_source(source.repository()),
        _ => session,
    }
}

fn refused(destination: &RemoteImage, trouble: &Trouble) -> Error {
    Error::Remote { place: format!("docker://{destination}"), reason: trouble.to_string() }
}

fn push(session: &Session, image: &NewImage, layer: &File, progress: Progress) -> Result<(), Trouble> {
    let (digest, size) = (image.layer.digest.as_str(), image.layer.size);
    let sent = |done| progress(Event::Sent { digest, done, size });
    registry::blob(session, digest, Content::File(layer, size, &sent))?;
    registry::blob(session, image.config.digest.as_str(), Content::Bytes(&image.config.bytes))?;
    let (bytes, digest) = (&image.manifest.bytes, image.manifest.digest.as_str());
    registry::put_manifest(session, digest, MANIFEST_TYPE, bytes, digest).map(drop)
}

fn name(
    session: &Session,
    tags: &[ImageName],
    media_type: &str,
    bytes: &[u8],
    digest: &BlobDigest,
) -> Result<(), Trouble> {
    let mut tags = tags.iter();
    tags.try_for_each(|tag| registry::put_manifest(session, tag.tag(), media_type, bytes, digest.as_str()).map(drop))
}
