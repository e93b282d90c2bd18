//! Registries: the layer is put together in an unnamed temporary file, and what the registry does not have is sent. Its manifest comes
//! after all that it names, by digest first, so that no tag ever leads to half an image.

use std::fs::File;

use super::job::Job;
use super::manifest::{MANIFEST_TYPE, NewImage};
use super::options::ContentProgress;
use crate::registry::{self, Access, Content, RemoteImage, Session, Trouble};
use crate::{Error, Result};

/// Writes the image as `destination` and under the other names that it is to have.
pub(super) fn write(job: &Job, destination: &RemoteImage, progress: ContentProgress) -> Result<NewImage> {
    let dir = std::env::temp_dir();
    let layer = tempfile::tempfile_in(&dir).map_err(Error::io(&dir, "cannot create a temporary file"))?;
    let image = job.describe(job.write_layer(&layer, &dir, progress)?)?;
    let session = session(job, destination);
    push(&session, &image, &layer).map_err(|trouble| refused(destination, &trouble))?;
    Ok(image)
}

/// Speaks to the registry; where the original is on the same one, blobs can be taken from it.
pub(super) fn session(job: &Job, destination: &RemoteImage) -> Session {
    let session = Session::new(job.options.network.clone(), destination, Access::Push);
    match &job.options.source {
        Some(source) if source.host() == destination.host() => session.with_source(source.repository()),
        _ => session,
    }
}

pub(super) fn refused(destination: &RemoteImage, trouble: &Trouble) -> Error {
    Error::Remote { place: format!("docker://{destination}"), reason: trouble.to_string() }
}

fn push(session: &Session, image: &NewImage, layer: &File) -> Result<(), Trouble> {
    registry::blob(session, image.layer.digest.as_str(), Content::File(layer, image.layer.size))?;
    registry::blob(session, image.config.digest.as_str(), Content::Bytes(&image.config.bytes))?;
    let (bytes, digest) = (&image.manifest.bytes, image.manifest.digest.as_str());
    registry::put_manifest(session, digest, MANIFEST_TYPE, bytes, digest)?;
    for tag in &image.tags {
        registry::put_manifest(session, tag.tag(), MANIFEST_TYPE, bytes, digest)?;
    }
    Ok(())
}
