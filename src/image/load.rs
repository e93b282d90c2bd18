//! Reads the layers of an image: each is read once, and on the way verified, decompressed if need be, and indexed.
//! Layers are worked on in parallel.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::sync::{Arc, OnceLock};

use super::blob::Blob;
use super::candidate::StoredLayer;
use super::compression::{Decoder, Inflate, StoredCompression, may_have_members};
use super::digest::{self, Digest, Hasher, HashingReader};
use super::input::Streamed;
use super::opened::Layer;
use super::progress::{Event, Listener};
use super::spool::{Spool, Spooler};
use crate::tarball::{self, Budget, Counted, TarError, TarIndex};
use crate::{Error, Result};

/// A layer to be read: its stored bytes, and what they should be.
pub struct LayerJob {
    pub stored: StoredLayer,
    pub blob: Blob,
    pub diff_id: Digest,
}

/// With what layers are read.
#[derive(Clone, Copy)]
pub struct Means<'m> {
    pub spooler: &'m Spooler<'m>,
    pub budget: &'m Budget,
    pub report: Listener<'m>,
}

/// Reads all layers, the largest first; a layer that occurs several times is read once.
///
/// # Errors
/// The first that occurs in the order of the layers.
pub fn load(input: &str, jobs: &[LayerJob], means: Means<'_>) -> Result<Vec<Layer>> {
    let report = means.report;
    let mut first: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let same: Vec<usize> = jobs
        .iter()
        .enumerate()
        .map(|(at, job)| *first.entry((job.stored.file.clone(), job.diff_id.as_ref())).or_insert(at))
        .collect();
    let mut order: Vec<usize> = first.into_values().collect();
    order.sort_by_key(|&at| jobs.get(at).map(|job| std::cmp::Reverse(job.blob.len())));
    report.send(Event::Total(order.iter().filter_map(|&at| jobs.get(at)).map(|job| job.blob.len()).sum()));

    let done: Vec<OnceLock<Result<Layer, String>>> = jobs.iter().map(|_| OnceLock::new()).collect();
    rayon::scope_fifo(|scope| {
        for &at in &order {
            if let (Some(job), Some(slot)) = (jobs.get(at), done.get(at)) {
                scope.spawn_fifo(move |_| {
                    let _ = slot.set(read(job, means));
                });
            }
        }
    });
    let layers = same.iter().map(|&at| match done.get(at).and_then(OnceLock::get) {
        Some(Ok(layer)) => Ok(layer.clone()),
        Some(Err(reason)) => Err(Error::Input { input: input.into(), reason: reason.clone() }),
        None => Err(Error::Input { input: input.into(), reason: "a layer was not read".into() }),
    });
    let layers: Vec<Layer> = layers.collect::<Result<_>>()?;
    // One that occurs several times has been counted once, and is worked on each time.
    let entries = layers.iter().map(|layer| layer.index.entries().len() as u64).sum();
    let checked = means.budget.limits().check(Counted::Entries, entries);
    checked.map_err(|reason| Error::Input { input: input.into(), reason })?;
    Ok(layers)
}

fn read(job: &LayerJob, means: Means<'_>) -> Result<Layer, String> {
    let LayerJob { stored, blob, diff_id } = job;
    let name = stored.digest.as_ref().map_or(stored.file.as_str(), AsRef::as_ref);
    let fail = |reason: String| format!("layer {name}: {reason}");
    if let Some(size) = stored.size
        && size != blob.len()
    {
        return Err(fail(format!("{} bytes where the manifest says {size}", blob.len())));
    }
    let compression = StoredCompression::of_blob(blob).map_err(|e| fail(format!("cannot read: {e}")))?;
    let read = match read_contents(job, compression, Inflate::Single(blob.len()), means) {
        Err(TarError::Io(error)) if may_have_members(compression, &error) => {
            read_contents(job, compression, Inflate::Members, Means { report: Listener::default(), ..means })
        }
        read => read,
    };
    let read = read.map_err(|error| {
        // Of a damaged layer the digest is the better thing to name than the spot where its format broke.
        if let Some(digest) = &stored.digest
            && let Ok(false) = digest::matches(blob, digest)
        {
            return fail("does not match its digest".into());
        }
        match error {
            TarError::Io(e) if compression != StoredCompression::None => fail(format!("cannot decompress: {e}")),
            TarError::Io(e) => fail(format!("cannot read: {e}")),
            TarError::Format(reason) => fail(reason),
        }
    })?;
    if let Some(digest) = &stored.digest
        && read.digest != digest.as_ref()
    {
        return Err(fail(format!("does not match its digest (it is {})", read.digest)));
    }
    if read.diff_id != diff_id.as_ref() {
        return Err(fail(format!("does not match its diff ID {diff_id} in the config (it is {})", read.diff_id)));
    }
    Ok(Layer {
        digest: read.digest,
        size: blob.len(),
        diff_id: read.diff_id,
        media_type: stored.media_type.clone(),
        compression,
        blob: read.tar,
        index: Arc::new(read.index),
    })
}

struct ReadLayer {
    tar: Blob,
    index: TarIndex,
    /// Of the stored bytes.
    digest: String,
    /// Of the uncompressed bytes.
    diff_id: String,
}

fn read_contents(
    job: &LayerJob,
    compression: StoredCompression,
    inflate: Inflate,
    means: Means<'_>,
) -> Result<ReadLayer, TarError> {
    let Means { spooler, budget, report } = means;
    let LayerJob { stored, blob, diff_id } = job;
    let hasher = |digest: &Digest| {
        Hasher::like(digest)
            .ok_or_else(|| TarError::Format(format!("{digest}: digests of this kind are not supported")))
    };
    let source = CountedReader { source: blob.reader(), report };
    let unpacked = hasher(diff_id)?;
    if compression == StoredCompression::None {
        // One digest serves as both, unless they are of two kinds.
        let second = match &stored.digest {
            Some(digest) if digest.algorithm() != diff_id.algorithm() => Some(hasher(digest)?),
            _ => None,
        };
        let source = Decoder::new(compression, inflate, BufReader::new(source))?;
        let mut input = Streamed::new(source, [unpacked].into_iter().chain(second).collect(), None);
        let index = tarball::index(&mut input, budget)?;
        let (_, hashers, _) = input.finish()?;
        let mut digests = hashers.into_iter().map(Hasher::finish);
        let diff_id = digests.next().unwrap_or_default();
        let digest = digests.next().unwrap_or_else(|| diff_id.clone());
        return Ok(ReadLayer { tar: blob.clone(), index, digest, diff_id });
    }
    let packed = hasher(stored.digest.as_ref().unwrap_or(diff_id))?;
    let packed = BufReader::with_capacity(128 << 10, HashingReader::new(source, Some(packed)));
    let decoder = Decoder::new(compression, inflate, packed)?;
    let mut input = Streamed::new(decoder, vec![unpacked], Some(spooler.start()));
    let index = tarball::index(&mut input, budget)?;
    let (decoder, hashers, spool) = input.finish()?;
    let mut packed = decoder.into_inner().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?;
    // A decoder may stop before trailing bytes; they belong to the digest all the same.
    std::io::copy(&mut packed, &mut std::io::sink())?;
    Ok(ReadLayer {
        tar: spool.map_or_else(|| blob.clone(), Spool::finish),
        index,
        digest: packed.into_inner().finish().unwrap_or_default(),
        diff_id: hashers.into_iter().map(Hasher::finish).next().unwrap_or_default(),
    })
}

/// Tells how much has been read.
struct CountedReader<'r, R> {
    source: R,
    report: Listener<'r>,
}

impl<R: Read> Read for CountedReader<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.source.read(buf)?;
        self.report.send(Event::Read(n as u64));
        Ok(n)
    }
}
