//! Reads a tar from start to end into a [`LayerIndex`]. Contents are passed over, never held.

use std::io;

use bstr::ByteSlice;

use super::header::{BLOCK, Header};
use super::input::Input;
use super::pax::{Pax, decimal};
use super::sparse::{self, PaxMap};
use super::{Entry, EntryKind, LayerIndex, clean_path};
use crate::rootfs::Metadata;

/// Largest extended header or GNU long name that is read, in bytes (Go's `archive/tar` has the same limit).
const MAX_EXTENSION: u64 = 1 << 20;
/// Longest path or link target, in bytes.
const MAX_PATH: usize = 64 << 10;
/// Most data runs that the sparse files of one layer may have together.
const MAX_RUNS: usize = 4 << 20;

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
pub fn index(input: &mut impl Input) -> Result<LayerIndex, TarError> {
    let mut reader = Reader { input, index: LayerIndex::default(), runs: 0 };
    while reader.entry()? {}
    reader.index.entries.shrink_to_fit();
    reader.index.text.shrink_to_fit();
    Ok(reader.index)
}

/// What extension headers said about the entry they precede.
#[derive(Default)]
struct Extensions {
    pax: Pax,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

struct Reader<'i, I> {
    input: &'i mut I,
    index: LayerIndex,
    runs: usize,
}

impl<I: Input> Reader<'_, I> {
    /// Reads one entry with the extension headers before it; false at the end.
    fn entry(&mut self) -> Result<bool, TarError> {
        let mut ext = Extensions::default();
        loop {
            let at = self.input.position();
            let Some(block) = self.header_block()? else { return Ok(false) };
            let Some(header) = Header::parse(&block) else {
                let what = if at == 0 {
                    "this is not a tar archive".into()
                } else {
                    format!("broken tar header at byte {at}")
                };
                return format(what);
            };
            let size = header.size().and_then(|size| u64::try_from(size).ok());
            let Some(size) = size else { return format(format!("the tar header at byte {at} has no proper size")) };
            match header.flag() {
                b'x' => {
                    let records = self.extension(size, at)?;
                    ext.pax.read(&records).map_err(|why| TarError::Format(format!("{why} (at byte {at})")))?;
                }
                // Container engines leave global headers out of account.
                b'g' => self.pass(size, "a global PAX header")?,
                b'L' => ext.name = Some(until_nul(self.extension(size, at)?)),
                b'K' => ext.link = Some(until_nul(self.extension(size, at)?)),
                _ => {
                    self.file(&header, size, ext)?;
                    return Ok(true);
                }
            }
        }
    }

    /// The next header block; none at the end marker (two blocks of zeros) and at the end of the input.
    fn header_block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        for zeros in 0..2 {
            let mut block = [0; BLOCK];
            let at = self.input.position();
            match self.input.fill(&mut block)? {
                0 => return Ok(None),
                BLOCK => {}
                n => return format(format!("truncated: {n} bytes where a tar header should be, at byte {at}")),
            }
            let empty = block.iter().all(|&b| b == 0);
            match (empty, zeros) {
                (false, 0) => return Ok(Some(block)),
                (false, _) => return format(format!("broken tar: half an end marker before byte {at}")),
                (true, _) => {}
            }
        }
        Ok(None)
    }

    /// The content of an extension header.
    fn extension(&mut self, size: u64, at: u64) -> Result<Vec<u8>, TarError> {
        if size > MAX_EXTENSION {
            return format(format!("the extended header at byte {at} has {size} bytes, more than {MAX_EXTENSION}"));
        }
        let mut content = vec![0; size as usize];
        let read = self.input.fill(&mut content)?;
        if (read as u64) < size {
            return format(format!("truncated: the extended header at byte {at} ends after {read} of {size} bytes"));
        }
        self.input.skip(padding(size))?;
        Ok(content)
    }

    /// Passes over content and its padding.
    fn pass(&mut self, size: u64, name: &str) -> Result<(), TarError> {
        let passed = self.input.skip(size)?;
        if passed < size {
            return format(format!("truncated: {name} ends after {passed} of {size} bytes"));
        }
        // The padding of the very last file may be missing.
        self.input.skip(padding(size))?;
        Ok(())
    }

    fn file(&mut self, header: &Header<'_>, size: u64, ext: Extensions) -> Result<(), TarError> {
        let Extensions { pax, name, link } = ext;
        let sparse = pax.sparse.map();
        let raw = name.or_else(|| pax.sparse.name.clone().filter(|_| sparse.is_some()));
        let raw = raw.or(pax.path).unwrap_or_else(|| header.name());
        let link = link.or(pax.link_path).unwrap_or_else(|| header.link_name());
        let path = clean_path(&raw);
        let shown = || path.chars().take(200).collect::<String>().escape_debug().to_string();
        if raw.len() > MAX_PATH || link.len() > MAX_PATH {
            return format(format!("{}…: the path or link target has more than {MAX_PATH} bytes", shown()));
        }
        let size = pax.size.unwrap_or(size);
        let nonsense = |what: &str| TarError::Format(format!("{}: {what} makes no sense", shown()));

        let flag = match header.flag() {
            // Before there was a type for directories, a slash at the end of the name made one.
            0 if raw.ends_with(b"/") => b'5',
            0 | b'7' => b'0',
            flag => flag,
        };
        let kind = match flag {
            b'0' => match sparse {
                None => {
                    let offset = self.input.position();
                    self.pass(size, &shown())?;
                    EntryKind::File { offset, size }
                }
                Some((real, PaxMap::InHeader(pairs))) => self.sparse_file(&pairs, real, size, &shown())?,
                Some((real, PaxMap::InContent)) => {
                    let (pairs, used) = self.map_in_content(size, &shown())?;
                    self.sparse_file(&pairs, real, size - used, &shown())?
                }
            },
            b'S' => {
                let (pairs, real) = self.gnu_map(header, &shown())?;
                self.sparse_file(&pairs, real, size, &shown())?
            }
            b'1' => EntryKind::HardLink(self.text(&clean_path(&link))?),
            b'2' => EntryKind::Symlink(self.text(&link)?),
            b'3' | b'4' => {
                let device = header
                    .device()
                    .and_then(|(major, minor)| Some((u32::try_from(major).ok()?, u32::try_from(minor).ok()?)));
                let (major, minor) = device.ok_or_else(|| nonsense("the device number"))?;
                if flag == b'3' { EntryKind::CharDevice(major, minor) } else { EntryKind::BlockDevice(major, minor) }
            }
            b'5' => EntryKind::Directory,
            b'6' => EntryKind::Fifo,
            other => return format(format!("{}: unknown type {:?} of tar entry", shown(), char::from(other))),
        };

        let id = |from_pax: Option<u64>, from_header: Option<i64>| match from_pax {
            Some(id) => u32::try_from(id).ok(),
            None => u32::try_from(from_header?).ok(),
        };
        let mode = header.mode().ok_or_else(|| nonsense("the mode"))?;
        let (mtime, mtime_nanos) =
            pax.mtime.or_else(|| Some((header.mtime()?, 0))).ok_or_else(|| nonsense("the time"))?;
        let meta = Metadata {
            // Linux has no permissions on symbolic links.
            mode: if flag == b'2' { 0o777 } else { (mode & 0o7777) as u16 },
            uid: id(pax.uid, header.uid()).ok_or_else(|| nonsense("the owner"))?,
            gid: id(pax.gid, header.gid()).ok_or_else(|| nonsense("the group"))?,
            mtime,
            mtime_nanos,
        };
        let mut xattrs = pax.xattrs;
        xattrs.sort_unstable();
        let path = self.text(&path)?;
        self.index.entries.push(Entry { path, kind, meta, xattrs: xattrs.into() });
        Ok(())
    }

    fn text(&mut self, bytes: &[u8]) -> Result<super::Text, TarError> {
        self.index.push_text(bytes).ok_or_else(|| TarError::Format("the names take more than 4 GiB".into()))
    }

    fn sparse_file(&mut self, pairs: &[(u64, u64)], size: u64, stored: u64, name: &str) -> Result<EntryKind, TarError> {
        let runs = sparse::segments(pairs, size, self.input.position(), stored);
        let Some(runs) = runs else { return format(format!("{name}: the map of the sparse file makes no sense")) };
        self.count_runs(runs.len(), name)?;
        self.pass(stored, name)?;
        Ok(EntryKind::Sparse { size, runs })
    }

    fn count_runs(&mut self, more: usize, name: &str) -> Result<(), TarError> {
        self.runs += more;
        if self.runs > MAX_RUNS {
            return format(format!("{name}: the sparse files of this layer have more than {MAX_RUNS} pieces"));
        }
        Ok(())
    }

    /// The map of an old GNU sparse file: four pairs in the header, more in blocks after it.
    fn gnu_map(&mut self, header: &Header<'_>, name: &str) -> Result<(Vec<(u64, u64)>, u64), TarError> {
        let bad = || TarError::Format(format!("{name}: the map of the sparse file makes no sense"));
        let (fields, mut more, real) = header.gnu_sparse();
        let real = real.and_then(|real| u64::try_from(real).ok()).ok_or_else(bad)?;
        let mut pairs = Vec::new();
        sparse::gnu_pairs(fields, &mut pairs).ok_or_else(bad)?;
        while more {
            let mut block = [0; BLOCK];
            if self.input.fill(&mut block)? < BLOCK {
                return format(format!("truncated: the map of the sparse file {name} is cut off"));
            }
            sparse::gnu_pairs(&block[..504], &mut pairs).ok_or_else(bad)?;
            more = block[504] != 0;
            self.check_map(pairs.len(), name)?;
        }
        Ok((pairs, real))
    }

    /// The map in front of the content (PAX 1.0): decimal lines, their count first, padded to whole blocks.
    /// Also says how many of the `size` bytes it takes up.
    fn map_in_content(&mut self, size: u64, name: &str) -> Result<(Vec<(u64, u64)>, u64), TarError> {
        let bad = || TarError::Format(format!("{name}: the map of the sparse file makes no sense"));
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
            self.check_map(pairs.len(), name)?;
        }
        Ok((pairs, used))
    }

    /// Stops reading a map that is longer than any map may be.
    fn check_map(&self, len: usize, name: &str) -> Result<(), TarError> {
        if len > MAX_RUNS {
            return format(format!("{name}: the map of the sparse file is too long"));
        }
        Ok(())
    }
}

fn until_nul(mut text: Vec<u8>) -> Vec<u8> {
    let end = text.find_byte(0).unwrap_or(text.len());
    text.truncate(end);
    text
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
