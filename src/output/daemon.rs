//! Daemons: the image is put together as an archive in an unnamed temporary file, which the daemon then takes.

use super::archive;
use super::destination::ArchiveFormat;
use super::job::Job;
use super::manifest::NewImage;
use super::options::Progress;
use super::temporary::Temporary;
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
    let Temporary { mut file, dir } = Temporary::new()?;
    let written = archive::write(job, ArchiveFormat::Combined, &file, &dir, progress);
    let image = written.map_err(Temporary::explain)?;
    daemon::load(&daemon, &mut file).map_err(refused)?;
    Ok(image)
}
