//! Reads the layers of an image: each is read once, and on the way verified, decompressed if need be, and indexed.
//! Layers are worked on in parallel.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::blob::Blob;
use super::candidate::StoredLayer;
use super::compression::{Decoder, Inflate, StoredCompression, may_have_members};
use super::digest::{Digest, Hasher, HashingReader};
use super::fetched::{Arriving, Fetched};
use super::input::Streamed;
use super::opened::Layer;
use super::progress::{Event, Listener};
use super::source::{Broken, Far, Stored};
use super::spool::{Spool, Spooler};
use crate::tarball::{self, Budget, Counted, TarError, TarIndex};
use crate::{Error, Result};

/// How many layers are fetched from far away at a time, whatever the number of threads: each mostly waits.
const FETCHED_AT_ONCE: usize = 4;

/// A layer to be read: its stored bytes, and what they should be.
pub struct LayerJob {
    pub stored: StoredLayer,
    pub bytes: Stored,
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
    order.sort_by_key(|&at| jobs.get(at).map(|job| std::cmp::Reverse(job.bytes.len())));
    report.send(Event::Total(order.iter().filter_map(|&at| jobs.get(at)).map(|job| job.bytes.len()).sum()));

    let done: Vec<OnceLock<Result<Layer, String>>> = jobs.iter().map(|_| OnceLock::new()).collect();
    let work = |at: usize| {
        if let (Some(job), Some(slot)) = (jobs.get(at), done.get(at)) {
            let _ = slot.set(read(job, means));
        }
    };
    let far = order.iter().filter_map(|&at| jobs.get(at)).any(|job| matches!(job.bytes, Stored::Far(_)));
    if far {
        fetch_all(&order, &work)
    } else {
        read_all(&order, &work)
    }
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

fn read_all(order: &[usize], work: &(impl Fn(usize) + Sync)) {
    rayon::scope_fifo(|scope| order.iter().for_each(|&at| scope.spawn_fifo(move |_| work(at))));
}

fn fetch_all(order: &[usize], work: &(impl Fn(usize) + Sync)) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..FETCHED_AT_ONCE.min(order.len()) {
            scope.spawn(|| {
                while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(at);
                }
            });
        }
    });
}

fn read(job: &LayerJob, means: Means<'_>) -> Result<Layer, String> {
    let LayerJob { stored, bytes, diff_id } = job;
    let name = stored.digest.as_ref().map_or(stored.file.as_str(), AsRef::as_ref);
    let fail = |reason: String| format!("layer {name}{}: {reason}", stored.remark());
    if let Some(size) = stored.size
        && size != bytes.len()
    {
        return Err(fail(format!("{} bytes where the manifest says {size}", bytes.len())));
    }
    let read = match read_contents(job, Inflate::Single(bytes.len()), means) {
        Err(Damage { compression, error: TarError::Io(error) })
            if may_have_members(compression, &error) && !Broken::is(&error) =>
        {
            read_contents(job, Inflate::Members, Means { report: Listener::default(), ..means })
        }
        read => read,
    };
    let read = read.map_err(|Damage { compression, error }| {
        let broken = matches!(&error, TarError::Io(error) if Broken::is(error));
        // Of a damaged layer the digest is the better thing to name than the spot where its format broke.
        if let Some(digest) = &stored.digest
            && !broken
            && let Ok(false) = bytes.matches(digest)
        {
            return fail("does not match its digest".into());
        }
        match error {
            TarError::Io(e) if broken => fail(e.to_string()),
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
        size: bytes.len(),
        diff_id: read.diff_id,
        media_type: stored.media_type.clone(),
        compression: read.compression,
        blob: read.tar,
        index: Arc::new(read.index),
    })
}

struct ReadLayer {
    compression: StoredCompression,
    tar: Blob,
    index: TarIndex,
    /// Of the stored bytes.
    digest: String,
    /// Of the uncompressed bytes.
    diff_id: String,
}

/// Why a layer could not be read.
struct Damage {
    compression: StoredCompression,
    error: TarError,
}

fn read_contents(job: &LayerJob, inflate: Inflate, means: Means<'_>) -> Result<ReadLayer, Damage> {
    let mut compression = StoredCompression::None;
    let read = match &job.bytes {
        Stored::Here(blob) => read_here(job, blob, &mut compression, inflate, means),
        Stored::Far(far) => read_far(job, far.as_ref(), &mut compression, inflate, means),
    };
    read.map_err(|error| Damage { compression, error })
}

fn hasher(digest: &Digest) -> Result<Hasher, TarError> {
    Hasher::like(digest).ok_or_else(|| TarError::Format(format!("{digest}: digests of this kind are not supported")))
}

/// Reads what is at rest: what is not compressed stays where it is.
fn read_here(
    job: &LayerJob,
    blob: &Blob,
    compression: &mut StoredCompression,
    inflate: Inflate,
    means: Means<'_>,
) -> Result<ReadLayer, TarError> {
    let LayerJob { stored, diff_id, .. } = job;
    let source = CountedReader { source: blob.reader(), report: means.report };
    *compression = StoredCompression::of_blob(blob)?;
    if *compression == StoredCompression::None {
        // One digest serves as both, unless they are of two kinds.
        let second = match &stored.digest {
            Some(digest) if digest.algorithm() != diff_id.algorithm() => Some(hasher(digest)?),
            _ => None,
        };
        let source = Decoder::new(*compression, inflate, BufReader::new(source))?;
        let mut input = Streamed::new(source, [hasher(diff_id)?].into_iter().chain(second).collect(), None);
        let index = tarball::index(&mut input, means.budget)?;
        let (_, hashers, _) = input.finish()?;
        let mut digests = hashers.into_iter().map(Hasher::finish);
        let diff_id = digests.next().unwrap_or_default();
        let digest = digests.next().unwrap_or_else(|| diff_id.clone());
        return Ok(ReadLayer { compression: *compression, tar: blob.clone(), index, digest, diff_id });
    }
    let packed = hasher(stored.digest.as_ref().unwrap_or(diff_id))?;
    let packed = BufReader::with_capacity(128 << 10, HashingReader::new(source, Some(packed)));
    let (mut packed, mut read) = unpack(packed, *compression, inflate, job, means)?;
    // A decoder may stop before trailing bytes; they belong to the digest all the same.
    std::io::copy(&mut packed, &mut std::io::sink())?;
    read.digest = packed.into_inner().finish().unwrap_or_default();
    Ok(read)
}

/// Reads what is far away.
fn read_far(
    job: &LayerJob,
    far: &dyn Far,
    compression: &mut StoredCompression,
    inflate: Inflate,
    means: Means<'_>,
) -> Result<ReadLayer, TarError> {
    let digest = job.stored.digest.as_ref().unwrap_or(&job.diff_id);
    let arriving = Arriving::new(digest.as_ref(), far.len(), means.report);
    let mut packed = Fetched::start(far.open()?, hasher(digest)?, arriving)?;
    *compression = StoredCompression::of(packed.fill_buf()?);
    let (packed, mut read) = unpack(packed, *compression, inflate, job, means)?;
    read.digest = packed.finish()?;
    Ok(read)
}

/// Decompresses, hashes, spools and indexes; the digest of what is stored is left to whoever reads it.
fn unpack<R: BufRead + Send>(
    packed: R,
    compression: StoredCompression,
    inflate: Inflate,
    job: &LayerJob,
    means: Means<'_>,
) -> Result<(R, ReadLayer), TarError> {
    let decoder = Decoder::new(compression, inflate, packed)?;
    let mut input = Streamed::new(decoder, vec![hasher(&job.diff_id)?], Some(means.spooler.start()));
    let index = tarball::index(&mut input, means.budget)?;
    let (decoder, hashers, spool) = input.finish()?;
    let ended_early = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let packed = decoder.into_inner().ok_or_else(ended_early)?;
    let read = ReadLayer {
        compression,
        tar: spool.map(Spool::finish).ok_or_else(ended_early)?,
        index,
        digest: String::new(),
        diff_id: hashers.into_iter().map(Hasher::finish).next().unwrap_or_default(),
    };
    Ok((packed, read))
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
