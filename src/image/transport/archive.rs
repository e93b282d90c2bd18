//! Archives, however their bytes were come by: unpacked if they are compressed as a whole, with an index of their members.

use std::io::{self, BufRead, BufReader};

use crate::image::blob::Blob;
use crate::image::chunk::Chunk;
use crate::image::compression::{Decoder, Inflate, StoredCompression, may_have_members};
use crate::image::load::Means;
use crate::image::progress::{Event, Listener};
use crate::image::reference::Reference;
use crate::image::source::Source;
use crate::image::spool::Spooler;
use crate::image::store::{Archive, Store};
use crate::{Error, Result};

/// The members of the archive in a blob.
///
/// # Errors
/// If it is none.
pub fn open(blob: Blob, reference: &Reference, means: Means<'_>) -> Result<Box<dyn Source>> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    let archive = Archive::open(unpacked(blob, reference, means)?, means.budget).map_err(fail)?;
    if archive.is_empty() {
        return Err(fail("an empty tar archive".into()));
    }
    Ok(Box::new(Store::Archive(archive)))
}

/// The tar in a blob.
///
/// # Errors
/// If it is compressed and cannot be unpacked.
pub fn unpacked(blob: Blob, reference: &Reference, means: Means<'_>) -> Result<Blob> {
    let Means { spooler, report, .. } = means;
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    if blob.is_empty() {
        return Err(fail("empty".into()));
    }
    let compression = StoredCompression::of_blob(&blob).map_err(|e| fail(format!("cannot read: {e}")))?;
    if compression == StoredCompression::None {
        return Ok(blob);
    }
    let unpack = |inflate, report| {
        let source = BufReader::with_capacity(128 << 10, blob.reader());
        spool(Decoder::new(compression, inflate, source)?, spooler, report)
    };
    let unpacked = match unpack(Inflate::Single(blob.len()), report) {
        Err(error) if may_have_members(compression, &error) => unpack(Inflate::Members, Listener::default()),
        unpacked => unpacked,
    };
    unpacked.map_err(|e| fail(format!("cannot decompress: {e}")))
}

/// Puts a stream aside.
pub fn spool(mut source: Decoder<impl BufRead>, spooler: &Spooler<'_>, report: Listener<'_>) -> io::Result<Blob> {
    let (mut spool, mut chunk) = (spooler.start(), Chunk::new());
    loop {
        source.next(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(spool.finish());
        }
        spool.write(chunk.unread())?;
        report.send(Event::Spooled(chunk.unread().len() as u64));
    }
}
