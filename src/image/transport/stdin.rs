//! Standard input: an archive, which is put aside because it can be read only once.

use std::io;

use super::archive;
use crate::image::blob::Blob;
use crate::image::compression::Decoder;
use crate::image::load::Means;
use crate::image::reference::Reference;
use crate::image::source::Source;
use crate::{Error, Result};

pub fn connect(reference: &Reference, means: Means<'_>) -> Result<Box<dyn Source>> {
    archive::open(spooled(reference, means)?, reference, means)
}

/// All that comes.
pub fn spooled(reference: &Reference, means: Means<'_>) -> Result<Blob> {
    let spooled = archive::spool(Decoder::Plain(io::stdin().lock()), means.spooler, means.report);
    spooled.map_err(|e| Error::Input { input: reference.to_string(), reason: format!("cannot read: {e}") })
}
