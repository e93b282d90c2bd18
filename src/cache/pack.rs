//! A pack: entries one after the other, then their index, then a footer of fixed size that says where the index is.
//!
//! | part | holds |
//! |---|---|
//! | entries | bytes |
//! | index | for each entry, in order of the keys: key (32 bytes), offset (8), length (4), checksum (8) |
//! | footer | checksum of the index (8), its offset (8), number of entries (8), [`MAGIC`] |
//!
//! Numbers are little-endian; checksums are the first bytes of a BLAKE3 digest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use super::key::Key;
use crate::staging::Staged;

/// Ends every pack.
const MAGIC: &[u8; 8] = b"bantam01";
/// What names of packs end in.
pub const SUFFIX: &str = ".pack";
/// What names of packs began with while they were written, before they had none.
pub const UNFINISHED: &str = ".unfinished-";

const ENTRY: usize = 32 + 8 + 4 + 8;
const FOOTER: usize = 8 + 8 + 8 + MAGIC.len();
/// A larger index is taken for damage, in bytes.
const MAX_INDEX: u64 = 128 << 20;
/// A larger entry is not stored, and taken for damage, in bytes.
const MAX_ENTRY: usize = 256 << 20;

fn checksum(bytes: &[u8]) -> u64 {
    let digest = blake3::hash(bytes);
    digest.as_bytes().first_chunk().copied().map_or(0, u64::from_le_bytes)
}

/// Where in its pack an entry is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    offset: u64,
    len: u32,
    checksum: u64,
}

/// A pack that is open for reading.
#[derive(Debug)]
pub struct Pack {
    path: PathBuf,
    file: File,
    len: u64,
    index: Vec<(Key, Place)>,
    condition: AtomicU8,
}

/// What reading a pack has shown of it; what is worse comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing was read.
    Unused,
    /// All that was read was whole.
    Used,
    /// Something that was read was damaged.
    Damaged,
}

impl Pack {
    /// Opens a pack; none if there is none there that is whole.
    pub fn open(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let len = file.metadata().ok()?.len();
        let mut footer = [0; FOOTER];
        let end = len.checked_sub(FOOTER as u64)?;
        file.read_exact_at(&mut footer, end).ok()?;
        let (sum, rest) = footer.split_first_chunk()?;
        let (offset, rest) = rest.split_first_chunk()?;
        let (count, magic) = rest.split_first_chunk()?;
        let (sum, offset, count) = (u64::from_le_bytes(*sum), u64::from_le_bytes(*offset), u64::from_le_bytes(*count));
        let bytes = count.checked_mul(ENTRY as u64).filter(|&bytes| bytes <= MAX_INDEX)?;
        if magic != MAGIC || offset.checked_add(bytes)? != end {
            return None;
        }
        let mut index = vec![0; usize::try_from(bytes).ok()?];
        file.read_exact_at(&mut index, offset).ok()?;
        if checksum(&index) != sum {
            return None;
        }
        let index = index.chunks_exact(ENTRY).map(decode).collect::<Option<Vec<_>>>()?;
        Some(Self { path: path.to_owned(), file, len, index, condition: AtomicU8::new(Health::Unused as u8) })
    }

    /// Where it is. Another run may have removed it from there.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Its entries, in order of their keys.
    pub fn entries(&self) -> impl Iterator<Item = (Key, Place)> + '_ {
        self.index.iter().copied()
    }

    /// What has been read so far.
    pub fn condition(&self) -> Health {
        match self.condition.load(Ordering::Relaxed) {
            0 => Health::Unused,
            1 => Health::Used,
            _ => Health::Damaged,
        }
    }

    /// The bytes of an entry; none if they are damaged.
    pub fn read(&self, place: Place) -> Option<Vec<u8>> {
        let found = self.read_whole(place);
        let condition = if found.is_some() { Health::Used } else { Health::Damaged };
        self.condition.fetch_max(condition as u8, Ordering::Relaxed);
        found
    }

    fn read_whole(&self, place: Place) -> Option<Vec<u8>> {
        let len = usize::try_from(place.len).ok().filter(|&len| len <= MAX_ENTRY)?;
        if place.offset.checked_add(len as u64)? > self.len {
            return None;
        }
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, place.offset).ok()?;
        (checksum(&bytes) == place.checksum).then_some(bytes)
    }
}

fn decode(bytes: &[u8]) -> Option<(Key, Place)> {
    let (key, rest) = bytes.split_first_chunk()?;
    let (offset, rest) = rest.split_first_chunk()?;
    let (len, rest) = rest.split_first_chunk()?;
    let place = Place {
        offset: u64::from_le_bytes(*offset),
        len: u32::from_le_bytes(*len),
        checksum: u64::from_le_bytes(rest.try_into().ok()?),
    };
    Some((Key(*key), place))
}

/// A pack being written. It has no name until it is published, so that a run that is stopped leaves nothing.
#[derive(Debug)]
pub struct Writer {
    file: BufWriter<Staged>,
    len: u64,
    index: BTreeMap<Key, Place>,
}

impl Writer {
    /// An empty pack in `dir`.
    pub fn create(dir: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, Staged::private_in(dir)?);
        Ok(Self { file, len: 0, index: BTreeMap::new() })
    }

    /// How many bytes of entries there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether an entry has this key.
    pub fn has(&self, key: &Key) -> bool {
        self.index.contains_key(key)
    }

    /// Adds an entry unless there is one with this key, or it is too large.
    pub fn add(&mut self, key: Key, bytes: &[u8]) -> io::Result<()> {
        let (false, Ok(len)) = (self.has(&key) || bytes.len() > MAX_ENTRY, u32::try_from(bytes.len())) else {
            return Ok(());
        };
        self.file.write_all(bytes)?;
        self.index.insert(key, Place { offset: self.len, len, checksum: checksum(bytes) });
        self.len += u64::from(len);
        Ok(())
    }

    /// Completes the pack and gives it a name in `dir` that begins with `version`. Returns where it is.
    pub fn publish(mut self, dir: &Path, version: &str) -> io::Result<PathBuf> {
        let mut index = Vec::with_capacity(self.index.len() * ENTRY);
        for (key, place) in &self.index {
            index.extend_from_slice(&key.0);
            index.extend_from_slice(&place.offset.to_le_bytes());
            index.extend_from_slice(&place.len.to_le_bytes());
            index.extend_from_slice(&place.checksum.to_le_bytes());
        }
        self.file.write_all(&index)?;
        self.file.write_all(&checksum(&index).to_le_bytes())?;
        self.file.write_all(&self.len.to_le_bytes())?;
        self.file.write_all(&(self.index.len() as u64).to_le_bytes())?;
        self.file.write_all(MAGIC)?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        // The same entries get the same name, whoever writes them.
        let path = dir.join(format!("{version}-{}{SUFFIX}", blake3::hash(&index).to_hex()));
        file.publish(&path)?;
        Ok(path)
    }
}
