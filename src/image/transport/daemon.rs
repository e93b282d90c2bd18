//! A daemon: it packs the image into an archive, which is put aside because it can be read only once.

use std::io::BufReader;

use super::archive;
use crate::daemon::{Daemon, DaemonImage};
use crate::image::compression::Decoder;
use crate::image::load::Means;
use crate::image::reference::Reference;
use crate::image::source::Source;
use crate::{Error, Result};

pub fn connect(reference: &Reference, image: &DaemonImage, means: Means<'_>) -> Result<Box<dyn Source>> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    let stream = Daemon::of_environment().and_then(|daemon| daemon.save(image)).map_err(fail)?;
    let stream = Decoder::Plain(BufReader::with_capacity(256 << 10, stream));
    let spooled = archive::spool(stream, means.spooler, means.report);
    archive::open(spooled.map_err(|e| fail(format!("cannot read from the daemon: {e}")))?, reference, means)
}
