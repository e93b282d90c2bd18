//! Reads a tar from start to end into a [`TarIndex`]. Contents are passed over, never held.

use std::fmt::{self, Display};
use std::io;

use bstr::ByteSlice;
use tar::{EntryType, GnuExtSparseHeader, Header};

use super::header::{BLOCK, CheckedHeader};
use super::index::{EntryKind, TarIndex, TextSpan, clean_path};
use super::input::TarInput;
use super::limits::{Budget, Counted, MAX_PATH, Spending};
use super::metadata::{Metadata, Xattr};
use super::number::{decimal, number, text};
use super::pax::Pax;
use super::sparse::{self, PaxMap};

/// How many bytes of extended headers and GNU long names one entry may have (Go's `archive/tar` has the same limit for each).
const MAX_EXTENSION: u64 = 1 << 20;
/// How many bytes of extended attributes one entry may have: with all else they have to fit into one extended header again.
/// Linux has room for 64 KiB of names in a list (XATTR_LIST_MAX of `xattr(7)`), and for values of 64 KiB.
const MAX_ATTRIBUTES: u64 = MAX_EXTENSION - (64 << 10);
/// What an extended attribute takes besides its bytes.
const ATTRIBUTE: u64 = 64;
/// Most data runs that the sparse files of one layer may have together.
const MAX_RUNS: usize = 4 << 20;
/// What messages call the places of a sparse file's data.
const MAP: &str = "the map of the sparse file";

/// Why a tar could not be read.
#[derive(Debug)]
pub enum TarError {
    /// The bytes could not be read (or decompressed).
    Io(io::Error),
    /// The bytes are no proper tar: what is wrong, naming the entry.
    Format(String),
}

impl From<io::Error> for TarError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn format<T>(reason: impl Into<String>) -> Result<T, TarError> {
    Err(TarError::Format(reason.into()))
}

/// Reads the tar in `input` up to its end marker, or up to the end of the input where it has none.
///
/// # Errors
/// If it cannot be read, is no proper tar, or holds what no layer needs: see [`TarError`].
pub fn index(input: &mut impl TarInput, budget: &Budget) -> Result<TarIndex, TarError> {
    let mut reader = TarReader { input, index: TarIndex::default(), runs: 0, spending: Spending::of(budget) };
    let mut block = Header::new_old();
    while reader.entry(&mut block)? {}
    let TarReader { mut index, mut spending, .. } = reader;
    index.shrink();
    spending.keep();
    Ok(index)
}

/// What extension headers said about the entry they precede.
#[derive(Default)]
struct Extensions {
    pax: Pax,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    /// Bytes of all headers together.
    len: u64,
}

/// A path as messages name it: not too long, and on one line.
#[derive(Clone, Copy)]
struct Shown<'p>(&'p [u8]);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().take(200).collect::<String>().escape_debug().fmt(f)
    }
}

impl Shown<'_> {
    fn nonsense(self, what: &str) -> TarError {
        TarError::Format(format!("{self}: {what} makes no sense"))
    }
}

struct TarReader<'i, 'b, I> {
    input: &'i mut I,
    index: TarIndex,
    /// Data runs of sparse files so far.
    runs: usize,
    spending: Spending<'b>,
}

impl<I: TarInput> TarReader<'_, '_, I> {
    /// Reads one entry with the extension headers before it, each header into `block`; false at the end.
    fn entry(&mut self, block: &mut Header) -> Result<bool, TarError> {
        let mut ext = Extensions::default();
        loop {
            let at = self.input.position();
            if !self.header_block(block)? {
                if ext.len > 0 {
                    return format(format!("truncated: no entry follows the extended header before byte {at}"));
                }
                return Ok(false);
            }
            let Some(header) = CheckedHeader::check(block) else {
                let what = if at == 0 {
                    "this is not a tar archive".into()
                } else {
                    format!("broken tar header at byte {at}")
                };
                return format(what);
            };
            let size = header.size().and_then(|size| u64::try_from(size).ok());
            let Some(size) = size else { return format(format!("the tar header at byte {at} has no proper size")) };
            match EntryType::new(header.flag()) {
                EntryType::XHeader => {
                    let records = self.extension(size, at, &mut ext.len)?;
                    ext.pax.read(&records).map_err(|why| TarError::Format(format!("{why} (at byte {at})")))?;
                }
                // Container engines leave global headers out of account.
                EntryType::XGlobalHeader => self.pass(size, &"a global PAX header")?,
                EntryType::GNULongName => ext.name = Some(text(&self.extension(size, at, &mut ext.len)?).to_vec()),
                EntryType::GNULongLink => ext.link = Some(text(&self.extension(size, at, &mut ext.len)?).to_vec()),
                _ => {
                    self.file(header, size, ext)?;
                    return Ok(true);
                }
            }
        }
    }

    /// The next header block; false at the end marker (two blocks of zeros) and at the end of the input.
    fn header_block(&mut self, block: &mut Header) -> Result<bool, TarError> {
        for zeros in 0..2 {
            let at = self.input.position();
            match self.input.fill(block.as_mut_bytes())? {
                0 => return Ok(false),
                BLOCK => {}
                n => return format(format!("truncated: {n} bytes where a tar header should be, at byte {at}")),
            }
            let empty = block.as_bytes().iter().all(|&b| b == 0);
            match (empty, zeros) {
                (false, 0) => return Ok(true),
                (false, _) => return format(format!("broken tar: half an end marker before byte {at}")),
                (true, _) => {}
            }
        }
        Ok(false)
    }

    /// The content of an extension header; `total` counts those of one entry.
    fn extension(&mut self, size: u64, at: u64, total: &mut u64) -> Result<Vec<u8>, TarError> {
        *total = total.saturating_add(size.max(1));
        if *total > MAX_EXTENSION {
            let total = *total;
            return format(format!(
                "the extended headers up to byte {at} have {total} bytes, more than {MAX_EXTENSION}"
            ));
        }
        let mut content = vec![0; size as usize];
        let read = self.input.fill(&mut content)?;
        if (read as u64) < size {
            return format(format!("truncated: the extended header at byte {at} ends after {read} of {size} bytes"));
        }
        self.input.skip(padding(size))?;
        Ok(content)
    }

    /// Passes over content and its padding; `name` says whose.
    fn pass(&mut self, size: u64, name: &dyn Display) -> Result<(), TarError> {
        let passed = self.input.skip(size)?;
        if passed < size {
            return format(format!("truncated: {name} ends after {passed} of {size} bytes"));
        }
        // The padding of the very last file may be missing.
        self.input.skip(padding(size))?;
        Ok(())
    }

    fn file(&mut self, header: CheckedHeader<'_>, size: u64, ext: Extensions) -> Result<(), TarError> {
        let Extensions { mut pax, name, link, .. } = ext;
        let sparse = pax.sparse.map();
        let name = name.or_else(|| pax.sparse.name.take().filter(|_| sparse.is_some()));
        let name = name.or_else(|| pax.path.take()).unwrap_or_else(|| header.name());
        let link = link.or_else(|| pax.link_path.take()).unwrap_or_else(|| header.link_name());
        let path = clean_path(&name);
        let shown = Shown(&path);
        if path.len() > MAX_PATH || link.len() > MAX_PATH {
            let reason = "which no system can unpack";
            return format(format!("{shown}…: the path or link target has more than {MAX_PATH} bytes, {reason}"));
        }
        let size = pax.size.unwrap_or(size);
        let entry_type = match header.flag() {
            // Before there was a type for directories, a slash at the end of the name made one.
            0 if name.ends_with(b"/") => EntryType::Directory,
            flag => EntryType::new(flag),
        };
        let kind = match (entry_type, sparse) {
            (EntryType::Regular | EntryType::Continuous, Some((real, map))) => {
                self.pax_sparse(map, real, size, shown)?
            }
            (EntryType::Regular | EntryType::Continuous, None) => {
                let offset = self.input.position();
                self.pass(size, &shown)?;
                EntryKind::File { offset, size }
            }
            (EntryType::GNUSparse, _) => {
                let (pairs, real) = self.gnu_map(header, shown)?;
                self.sparse_file(&pairs, real, size, shown)?
            }
            (EntryType::Link, _) => EntryKind::HardLink(self.text(&clean_path(&link))?),
            (EntryType::Symlink, _) => EntryKind::Symlink(self.text(&link)?),
            (other, _) => without_content(header, other, shown)?,
        };
        let meta = metadata(header, entry_type, &pax, shown)?;
        let xattrs = pax.attributes();
        self.charge(&path, &link, &xattrs)?;
        let path = self.text(&path)?;
        self.index.push(path, kind, meta, xattrs.into());
        Ok(())
    }

    /// Counts an entry and what it takes in memory, here and in the tree. The pieces of a sparse file are counted already.
    fn charge(&mut self, path: &[u8], link: &[u8], xattrs: &[Xattr]) -> Result<(), TarError> {
        let xattrs: u64 = xattrs.iter().map(|(name, value)| (name.len() + value.len()) as u64 + ATTRIBUTE).sum();
        if xattrs > MAX_ATTRIBUTES {
            let shown = Shown(path);
            return format(format!("{shown}: its extended attributes have more than {MAX_ATTRIBUTES} bytes"));
        }
        let bytes = 2 * ((path.len() + link.len()) as u64 + xattrs);
        let entry = self.spending.take(Counted::Entries, 1);
        entry.and_then(|()| self.spending.take(Counted::Metadata, bytes)).map_err(TarError::Format)
    }

    fn text(&mut self, bytes: &[u8]) -> Result<TextSpan, TarError> {
        self.index.push_text(bytes).ok_or_else(|| TarError::Format("the names take more than 4 GiB".into()))
    }

    fn pax_sparse(&mut self, map: PaxMap, real: u64, size: u64, name: Shown<'_>) -> Result<EntryKind, TarError> {
        match map {
            PaxMap::InHeader(pairs) => self.sparse_file(&pairs, real, size, name),
            PaxMap::InContent => {
                let (pairs, used) = self.map_in_content(size, name)?;
                self.sparse_file(&pairs, real, size - used, name)
            }
        }
    }

    fn sparse_file(
        &mut self,
        pairs: &[(u64, u64)],
        size: u64,
        stored: u64,
        name: Shown<'_>,
    ) -> Result<EntryKind, TarError> {
        let runs = sparse::segments(pairs, size, self.input.position(), stored);
        let runs = runs.ok_or_else(|| name.nonsense(MAP))?;
        self.count_runs(runs.len(), name)?;
        let map = 2 * size_of_val(runs.as_slice()) as u64;
        let counted = self.spending.take(Counted::Metadata, map);
        let holes = size.saturating_sub(stored);
        let counted = counted.and_then(|()| self.spending.take(Counted::Holes, holes));
        counted.map_err(|reason| TarError::Format(format!("{name}: {reason}")))?;
        self.pass(stored, &name)?;
        Ok(EntryKind::Sparse { size, runs })
    }

    fn count_runs(&mut self, more: usize, name: Shown<'_>) -> Result<(), TarError> {
        self.runs += more;
        if self.runs > MAX_RUNS {
            return format(format!("{name}: the sparse files of this layer have more than {MAX_RUNS} pieces"));
        }
        Ok(())
    }

    /// The map of an old GNU sparse file: four pairs in the header, more in blocks after it. Also the file's real size.
    fn gnu_map(&mut self, header: CheckedHeader<'_>, name: Shown<'_>) -> Result<(Vec<(u64, u64)>, u64), TarError> {
        let mut pairs = Vec::new();
        let (real, mut more) = header
            .gnu(|gnu| {
                let real = u64::try_from(number(&gnu.realsize)?).ok()?;
                sparse::gnu_pairs(&gnu.sparse, &mut pairs)?;
                Some((real, gnu.isextended != [0]))
            })
            .ok_or_else(|| name.nonsense(MAP))?;
        while more {
            let mut block = GnuExtSparseHeader::new();
            if self.input.fill(block.as_mut_bytes())? < BLOCK {
                return format(format!("truncated: the map of the sparse file {name} is cut off"));
            }
            sparse::gnu_pairs(&block.sparse, &mut pairs).ok_or_else(|| name.nonsense(MAP))?;
            more = block.isextended != [0];
            check_map(pairs.len(), name)?;
        }
        Ok((pairs, real))
    }

    /// The map in front of the content (PAX 1.0): decimal lines, their count first, padded to whole blocks.
    /// Also says how many of the `size` bytes it takes up.
    fn map_in_content(&mut self, size: u64, name: Shown<'_>) -> Result<(Vec<(u64, u64)>, u64), TarError> {
        let bad = || name.nonsense(MAP);
        let mut pairs = Vec::new();
        let (mut count, mut offset) = (None, None);
        let mut line: Vec<u8> = Vec::new();
        let mut used = 0;
        while count != Some(pairs.len() as u64) {
            let mut block = [0; BLOCK];
            used += BLOCK as u64;
            if used > size || self.input.fill(&mut block)? < BLOCK {
                return Err(bad());
            }
            for &byte in &block {
                if count == Some(pairs.len() as u64) {
                    break;
                }
                if byte != b'\n' {
                    line.push(byte);
                    continue;
                }
                let value = decimal(&line).ok_or_else(bad)?;
                line.clear();
                match (count, offset.take()) {
                    (None, _) => count = Some(value),
                    (_, None) => offset = Some(value),
                    (_, Some(start)) => pairs.push((start, value)),
                }
            }
            if line.len() > 20 {
                return Err(bad());
            }
            check_map(pairs.len(), name)?;
        }
        Ok((pairs, used))
    }
}

/// Types that say all in the header.
fn without_content(header: CheckedHeader<'_>, entry_type: EntryType, name: Shown<'_>) -> Result<EntryKind, TarError> {
    let device = || {
        let (major, minor) = header.device()?;
        Some((u32::try_from(major).ok()?, u32::try_from(minor).ok()?))
    };
    let device = || device().ok_or_else(|| name.nonsense("the device number"));
    Ok(match entry_type {
        EntryType::Directory => EntryKind::Directory,
        EntryType::Fifo => EntryKind::Fifo,
        EntryType::Char => device().map(|(major, minor)| EntryKind::CharDevice(major, minor))?,
        EntryType::Block => device().map(|(major, minor)| EntryKind::BlockDevice(major, minor))?,
        other => {
            let flag = char::from(other.as_byte());
            return format(format!("{name}: unknown type {flag:?} of tar entry"));
        }
    })
}

/// Owner, permissions and time: as the records say, else as the header does.
fn metadata(
    header: CheckedHeader<'_>,
    entry_type: EntryType,
    pax: &Pax,
    name: Shown<'_>,
) -> Result<Metadata, TarError> {
    let id = |from_pax: Option<u64>, from_header: Option<i64>| match from_pax {
        Some(id) => u32::try_from(id).ok(),
        None => u32::try_from(from_header?).ok(),
    };
    let mode = header.mode().ok_or_else(|| name.nonsense("the mode"))?;
    let time = pax.mtime.or_else(|| Some((header.mtime()?, 0)));
    let (mtime, mtime_nanos) = time.ok_or_else(|| name.nonsense("the time"))?;
    Ok(Metadata {
        // Linux has no permissions on symbolic links.
        mode: if entry_type == EntryType::Symlink { 0o777 } else { (mode & 0o7777) as u16 },
        uid: id(pax.uid, header.uid()).ok_or_else(|| name.nonsense("the owner"))?,
        gid: id(pax.gid, header.gid()).ok_or_else(|| name.nonsense("the group"))?,
        mtime,
        mtime_nanos,
    })
}

/// Stops reading a map that is longer than any map may be.
fn check_map(len: usize, name: Shown<'_>) -> Result<(), TarError> {
    if len > MAX_RUNS {
        return format(format!("{name}: the map of the sparse file is too long"));
    }
    Ok(())
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
