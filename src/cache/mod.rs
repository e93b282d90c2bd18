//! Results of earlier runs, in a directory, found by the bytes that they were made from.
//!
//! Entries are kept in packs: files that are written once, under a temporary name, and then renamed, so that any number
//! of runs may use one directory at once. Their names begin with the version of the analyser (a digest of its sources and of
//! everything it is built with), so that another version's results are never seen. A damaged pack or entry counts as absent.
//! What is in the directory is believed, and so the directory and the packs in it have to be those of the user (or of root), and
//! nobody else may be able to write to them: see [`Cache::distrust`].
//!
//! The directory stays within a size. Packs that no run has used for the longest time go first; small ones are joined.

mod key;
mod pack;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result, staging};
pub use key::Key;
use pack::{Health, Pack, Place, Writer};

/// The version of the analyser: 64 hexadecimal digits, another after every change of its sources or dependencies.
pub const VERSION: &str = env!("BANTAM_ANALYSER");

/// How large the directory may become unless the user says otherwise, in bytes.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

/// This many packs of one version are joined.
const MAX_SMALL_PACKS: usize = 8;
/// Unfinished files that are older than this were left by a run that was killed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// An open cache. Used by several threads at once.
#[derive(Debug)]
pub struct Cache {
    dir: PathBuf,
    limit: u64,
    packs: Vec<Pack>,
    /// Where each entry is.
    entries: FxHashMap<Key, (usize, Place)>,
    new: Mutex<New>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The pack that this run writes.
#[derive(Debug)]
enum New {
    None,
    Open(Writer),
    /// Something could not be written; nothing more is tried.
    Failed,
}

impl Cache {
    /// Why what is in `dir` should not be believed; nothing if it may be, or is not there yet.
    pub fn distrust(dir: &Path) -> Option<String> {
        let meta = fs::metadata(dir).ok()?;
        let of_others = is_of_others(&meta)?;
        Some(format!(
            "{}: the cache is not used: {of_others}; results of others would decide about files",
            dir.display()
        ))
    }

    /// Opens the cache in `dir`, which is made if it is not there. It is kept below `limit` bytes.
    ///
    /// # Errors
    /// If the directory cannot be made or read.
    pub fn open(dir: &Path, limit: u64) -> Result<Self> {
        // Verdicts come of what is in there: nobody else is to write to it.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(Error::io(dir, "cannot make the cache"))?;
        let mut packs = Vec::new();
        let names = list(dir).map_err(Error::io(dir, "cannot read the cache"))?;
        for listed in names.into_iter().filter(|listed| listed.is_ours()) {
            packs.extend(Pack::open(&listed.path));
        }
        let mut entries = FxHashMap::default();
        for (at, pack) in packs.iter().enumerate() {
            entries.extend(pack.entries().map(|(key, place)| (key, (at, place))));
        }
        Ok(Self {
            dir: dir.to_owned(),
            limit,
            packs,
            entries,
            new: Mutex::new(New::None),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        })
    }

    /// The entry that `key` names; none if there is none that can be read.
    pub fn get<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        let found = self.read(key).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Whether there is an entry, damaged or not.
    pub fn holds(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    fn read(&self, key: &Key) -> Option<Vec<u8>> {
        let &(at, place) = self.entries.get(key)?;
        self.packs.get(at)?.read(place)
    }

    /// Adds an entry. Whether that works cannot be seen here: see [`save`](Self::save).
    pub fn put<T: Serialize>(&self, key: Key, value: &T) {
        if let Ok(bytes) = postcard::to_stdvec(value) {
            self.put_bytes(key, &bytes);
        }
    }

    fn put_bytes(&self, key: Key, bytes: &[u8]) {
        let Ok(mut new) = self.new.lock() else { return };
        if matches!(*new, New::None) {
            *new = Writer::create(&self.dir).map_or(New::Failed, New::Open);
        }
        // No more than half of what may be there comes from one run.
        if let New::Open(writer) = &mut *new
            && writer.len() + bytes.len() as u64 <= self.limit / 2
            && writer.add(key, bytes).is_err()
        {
            *new = New::Failed;
        }
    }

    /// Keeps what was added for later runs, and what was used; removes what has been unused for the longest time if there is
    /// too much.
    ///
    /// # Errors
    /// If the directory cannot be written to. What was added is lost then; what was there is as it was.
    pub fn save(self) -> Result<()> {
        let dir = self.dir.clone();
        self.store().map_err(Error::io(dir, "cannot write to the cache"))
    }

    fn store(self) -> io::Result<()> {
        let now = SystemTime::now();
        for pack in &self.packs {
            // Only the order in which packs go depends on the one, and damage is found again if it stays.
            let _ = match pack.condition() {
                Health::Unused => Ok(()),
                Health::Used => File::open(pack.path()).and_then(|file| file.set_modified(now)),
                Health::Damaged => fs::remove_file(pack.path()),
            };
        }
        match self.new.into_inner().unwrap_or(New::Failed) {
            New::None => {}
            New::Failed => return Err(io::Error::other("a new file could not be written there")),
            New::Open(mut writer) => {
                let small: Vec<&Pack> = self.packs.iter().filter(|pack| pack.len() < self.limit / 16).collect();
                let joined = if small.len() >= MAX_SMALL_PACKS { small } else { Vec::new() };
                for pack in &joined {
                    for (key, place) in pack.entries() {
                        if let Some(bytes) = pack.read(place).filter(|_| !writer.has(&key)) {
                            writer.add(key, &bytes)?;
                        }
                    }
                }
                let written = writer.publish(&self.dir, &VERSION[..16])?;
                for pack in joined.iter().filter(|pack| pack.path() != written) {
                    // Another run may have joined it already.
                    let _ = fs::remove_file(pack.path());
                }
            }
        }
        evict(&self.dir, self.limit, now)
    }

    /// How many entries were asked for and found, and how many were not.
    pub fn found(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }
}

/// Who else may have written to a directory or file, in words that say what to do; nobody where it is the user's (or root's) and
/// the permissions let nobody else. A group of the user's own, which has the user's number, is nobody else.
fn is_of_others(meta: &fs::Metadata) -> Option<&'static str> {
    let user = rustix::process::geteuid().as_raw();
    if meta.uid() != user && meta.uid() != 0 {
        return Some("it is another user's");
    }
    let group = meta.mode() & 0o020 != 0 && meta.gid() != meta.uid();
    (group || meta.mode() & 0o002 != 0).then_some("others can write to it (chmod go-w)")
}

/// A file of the cache.
struct Listed {
    path: PathBuf,
    name: String,
    len: u64,
    modified: SystemTime,
}

impl Listed {
    fn is_pack(&self) -> bool {
        self.name.ends_with(pack::SUFFIX)
    }

    /// Written by this version of the analyser.
    fn is_ours(&self) -> bool {
        self.is_pack() && self.name.starts_with(&VERSION[..16])
    }
}

/// The regular files in `dir`, in order of their names. What another run removes meanwhile is left out.
fn list(dir: &Path) -> io::Result<Vec<Listed>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(meta) = entry.metadata() else { continue };
        let (Ok(name), true) = (entry.file_name().into_string(), meta.is_file()) else { continue };
        if is_of_others(&meta).is_some() {
            continue;
        }
        let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        found.push(Listed { path: entry.path(), name, len: meta.len(), modified });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Removes packs until the rest fits, and what killed runs left. Files that are none of the cache's are not touched.
fn evict(dir: &Path, limit: u64, now: SystemTime) -> io::Result<()> {
    let files = list(dir)?;
    for left in
        files.iter().filter(|file| [pack::UNFINISHED, staging::PREFIX].iter().any(|begin| file.name.starts_with(begin)))
    {
        if now.duration_since(left.modified).is_ok_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(&left.path);
        }
    }
    let mut packs: Vec<&Listed> = files.iter().filter(|file| file.is_pack()).collect();
    packs.sort_by_key(|pack| pack.modified);
    let mut total: u64 = packs.iter().map(|pack| pack.len).sum();
    for pack in packs {
        if total <= limit {
            break;
        }
        match fs::remove_file(&pack.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => total -= pack.len,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
