//! The header of a package as databases hold it: rpm's `docs/manual/hregions.md` and `format_header.md`, without the
//! magic and the lead that headers of `.rpm` files have in front.
//!
//! Two counts, then index entries of four numbers (tag, type, place in the store, count), then the store; numbers are
//! big-endian. Crates that know headers read `.rpm` files, copy every value out, and bring what verifies signatures
//! along; here nothing but a few tags is looked at, in place.

use bstr::ByteSlice;

use crate::owners::digest::{Algorithm, Digest};

/// Headers of real packages have some hundred entries; rpm itself reads no more than this.
const MAX_ENTRIES: usize = 0xffff;

/// The size of an index entry.
const ENTRY: usize = 16;

/// Tags: rpm's `include/rpm/rpmtag.h`.
mod tag {
    pub const NAME: u32 = 1000;
    pub const VERSION: u32 = 1001;
    pub const RELEASE: u32 = 1002;
    pub const EPOCH: u32 = 1003;
    pub const ARCH: u32 = 1022;
    pub const OLD_FILE_NAMES: u32 = 1027;
    pub const FILE_STATES: u32 = 1029;
    pub const FILE_MODES: u32 = 1030;
    pub const FILE_MTIMES: u32 = 1034;
    pub const FILE_DIGESTS: u32 = 1035;
    pub const FILE_LINK_TOS: u32 = 1036;
    pub const FILE_FLAGS: u32 = 1037;
    pub const SOURCE_RPM: u32 = 1044;
    pub const DIR_INDEXES: u32 = 1116;
    pub const BASE_NAMES: u32 = 1117;
    pub const DIR_NAMES: u32 = 1118;
    pub const FILE_DIGEST_ALGORITHM: u32 = 5011;
}

/// The type of a value: rpm's `rpmTagType`.
mod kind {
    pub const CHAR: u32 = 1;
    pub const INT8: u32 = 2;
    pub const INT16: u32 = 3;
    pub const INT32: u32 = 4;
    pub const STRING: u32 = 6;
    pub const STRING_ARRAY: u32 = 8;
    pub const I18N_STRING: u32 = 9;
}

/// `RPMFILE_GHOST`: the package knows the file, but does not bring it.
const GHOST: u32 = 1 << 6;

/// A header whose index has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
}

/// A file or directory of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its directory: a position in [`Files::dirs`].
    pub dir: usize,
    /// Its name there.
    pub name: &'a [u8],
    /// Whether the package was asked to put it there and did: not `%ghost`, not left out (`--nodocs`), not another package's.
    pub state: State,
    /// The hash of its content, for regular files.
    pub(crate) digest: Option<Digest>,
    /// Where it leads, for symlinks.
    pub target: &'a [u8],
    /// When it was last changed, in seconds since 1970: rpm gives it this time.
    pub mtime: Option<u32>,
    /// Whether it is a directory.
    pub is_dir: bool,
}

/// What became of a file when its package was installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was put there.
    Installed,
    /// Programs or scripts may make it.
    Ghost,
    /// It was left out, or is another package's.
    Absent,
}

/// The files of a package, directory by directory.
#[derive(Clone, Debug, Default)]
pub struct Files<'a> {
    /// Paths of directories, as the package spells them.
    pub dirs: Vec<&'a [u8]>,
    /// In the order of the header.
    pub list: Vec<File<'a>>,
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

impl<'a> Header<'a> {
    /// Reads the index of a header. None if it is none.
    pub fn parse(blob: &'a [u8]) -> Option<Self> {
        let entries = usize::try_from(number(blob, 0)?).ok().filter(|&count| count <= MAX_ENTRIES)?;
        let size = usize::try_from(number(blob, 4)?).ok()?;
        let start = 8 + entries * ENTRY;
        let store = blob.get(start..start.checked_add(size)?)?;
        Some(Self { index: blob.get(8..start)?, store })
    }

    /// Type, count and first byte of a tag's value. What was added when the package was installed comes last and wins.
    fn entry(&self, tag: u32) -> Option<(u32, usize, &'a [u8])> {
        let entry = self.index.chunks_exact(ENTRY).rfind(|entry| number(entry, 0) == Some(tag))?;
        let offset = usize::try_from(number(entry, 8)?).ok()?;
        Some((number(entry, 4)?, usize::try_from(number(entry, 12)?).ok()?, self.store.get(offset..)?))
    }

    /// The strings of a tag: as many as there are, no more than it says.
    fn strings(&self, tag: u32) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let entry = self.entry(tag).filter(|entry| {
            matches!(entry.0, kind::STRING_ARRAY | kind::I18N_STRING) || (entry.0 == kind::STRING && entry.1 == 1)
        });
        let (count, mut rest) = entry.map_or((0, &b""[..]), |(_, count, bytes)| (count, bytes));
        std::iter::from_fn(move || {
            let end = rest.find_byte(0)?;
            let text = &rest[..end];
            rest = &rest[end + 1..];
            Some(text)
        })
        .take(count)
    }

    fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + use<'a> {
        let (size, count, bytes) = match self.entry(tag) {
            Some((kind::CHAR | kind::INT8, count, bytes)) => (1, count, bytes),
            Some((kind::INT16, count, bytes)) => (2, count, bytes),
            Some((kind::INT32, count, bytes)) => (4, count, bytes),
            _ => (1, 0, &b""[..]),
        };
        bytes.chunks_exact(size).take(count).map(|each| each.iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte)))
    }

    fn text(&self, tag: u32) -> Option<String> {
        Some(self.strings(tag).next()?.to_str_lossy().into_owned()).filter(|text| !text.is_empty())
    }

    /// The package's name.
    pub fn name(&self) -> Option<String> {
        self.text(tag::NAME)
    }

    /// `EPOCH:VERSION-RELEASE` as rpm compares it, without an epoch of zero.
    pub fn version(&self) -> String {
        let text = |tag| self.text(tag).unwrap_or_default();
        version(self.numbers(tag::EPOCH).next(), &text(tag::VERSION), &text(tag::RELEASE))
    }

    /// Its architecture: `x86_64`, `noarch`. Imported keys have none.
    pub fn architecture(&self) -> Option<String> {
        self.text(tag::ARCH)
    }

    /// The source package: see [`source`].
    pub fn source(&self) -> Option<String> {
        source(&self.text(tag::SOURCE_RPM)?)
    }

    /// How many files the package lists.
    pub fn count(&self) -> usize {
        self.strings(tag::BASE_NAMES).count() + self.strings(tag::OLD_FILE_NAMES).count()
    }

    /// What the package put there, and what it knows beside that.
    pub fn files(&self) -> Files<'a> {
        let mut files = Files::default();
        let mut states = self.numbers(tag::FILE_STATES);
        let mut flags = self.numbers(tag::FILE_FLAGS);
        let mut modes = self.numbers(tag::FILE_MODES);
        let mut mtimes = self.numbers(tag::FILE_MTIMES);
        let mut digests = self.strings(tag::FILE_DIGESTS);
        let mut targets = self.strings(tag::FILE_LINK_TOS);
        let algorithm = Algorithm::of_openpgp(self.numbers(tag::FILE_DIGEST_ALGORITHM).next().unwrap_or(1));
        let mut add = |files: &mut Files<'a>, dir, name| {
            let digest = digests.next().unwrap_or_default();
            let mode = modes.next().unwrap_or_default();
            let file = File {
                dir,
                name,
                state: state(states.next(), flags.next().unwrap_or_default()),
                digest: algorithm.and_then(|algorithm| Digest::hex(algorithm, digest)),
                target: targets.next().unwrap_or_default(),
                mtime: mtimes.next(),
                is_dir: mode & 0o170_000 == 0o040_000,
            };
            // An entry that names no file of the directory still has its place in the other lists.
            if !name.is_empty() && !name.contains(&b'/') {
                files.list.push(file);
            }
        };
        if self.entry(tag::BASE_NAMES).is_some() {
            files.dirs = self.strings(tag::DIR_NAMES).collect();
            for (name, dir) in self.strings(tag::BASE_NAMES).zip(self.numbers(tag::DIR_INDEXES)) {
                let dir = usize::try_from(dir).ok().filter(|&dir| dir < files.dirs.len());
                add(&mut files, dir.unwrap_or_default(), dir.map_or(&b""[..], |_| name));
            }
        } else {
            for path in self.strings(tag::OLD_FILE_NAMES) {
                let cut = path.rfind_byte(b'/').map_or(0, |slash| slash + 1);
                let dir = &path[..cut];
                if files.dirs.last() != Some(&dir) {
                    files.dirs.push(dir);
                }
                let last = files.dirs.len() - 1;
                add(&mut files, last, &path[cut..]);
            }
        }
        files
    }
}

/// `FILESTATES` is there for packages that are installed: 0 is normal, what was replaced, left out or missing is not.
fn state(state: Option<u32>, flags: u32) -> State {
    match state {
        Some(state) if state != 0 => State::Absent,
        _ if flags & GHOST != 0 => State::Ghost,
        _ => State::Installed,
    }
}

/// A version as rpm compares it.
pub fn version(epoch: Option<u32>, version: &str, release: &str) -> String {
    let epoch = epoch.filter(|&epoch| epoch > 0).map(|epoch| format!("{epoch}:")).unwrap_or_default();
    let dash = if release.is_empty() { "" } else { "-" };
    format!("{epoch}{version}{dash}{release}")
}

/// `NAME (VERSION-RELEASE)`, as dpkg says it, of `NAME-VERSION-RELEASE.src.rpm`.
pub fn source(file: &str) -> Option<String> {
    let stem = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let release = stem.rfind('-')?;
    let version = stem[..release].rfind('-')?;
    Some(format!("{} ({})", &stem[..version], &stem[version + 1..]))
}

#[cfg(test)]
mod tests;
