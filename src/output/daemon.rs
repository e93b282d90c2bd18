//! Daemons: the image is put together as an archive in an unnamed temporary file, which the daemon then takes.

use super::archive;
use super::destination::ArchiveFormat;
use super::job::Job;
use super::manifest::NewImage;
use super::options::Progress;
use crate::daemon::{self, Daemon};
use crate::registry::ImageName;
use crate::{Error, Result};

/// Finds out whether a daemon is there.
pub(super) fn try_out(name: &ImageName) -> Result<()> {
    let refused = |reason| Error::Remote { place: format!("docker-daemon:{name}"), reason };
    Daemon::of_environment().and_then(|daemon| daemon.ping()).map_err(refused)
}

/// Has the daemon take the image.
pub(super) fn write(job: &Job, name: &ImageName, progress: Progress) -> Result<NewImage> {
    let refused = |reason| Error::Remote { place: format!("docker-daemon:{name}"), reason };
    let daemon = Daemon::of_environment().map_err(refused)?;
    let dir = std::env::temp_dir();
    let mut file = tempfile::tempfile_in(&dir).map_err(Error::io(&dir, "cannot create a temporary file"))?;
    let image = archive::write(job, ArchiveFormat::Combined, &file, &dir, progress)?;
    daemon::load(&daemon, &mut file).map_err(refused)?;
    Ok(image)
}
