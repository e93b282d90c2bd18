//! Bytes at rest: a range of a file or of memory that can be read from several threads at once.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// A range of bytes, cheap to clone and to slice. Reading never moves a shared cursor.
#[derive(Clone, Debug)]
pub struct Blob {
    backing: Backing,
    offset: u64,
    len: u64,
}

#[derive(Clone, Debug)]
enum Backing {
    File(Arc<File>),
    Memory(Arc<[u8]>),
}

impl Blob {
    /// A range of an open file. The file may be unlinked.
    pub fn file(file: Arc<File>, offset: u64, len: u64) -> Self {
        Self { backing: Backing::File(file), offset, len }
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A part of this blob; what lies past its end is cut off.
    pub fn slice(&self, offset: u64, len: u64) -> Self {
        let offset = offset.min(self.len);
        Self { backing: self.backing.clone(), offset: self.offset + offset, len: len.min(self.len - offset) }
    }

    /// Reads as many bytes at `offset` as there are, up to the length of `buf`.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.len.saturating_sub(offset);
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let buf = &mut buf[..want];
        match &self.backing {
            Backing::File(file) => file.read_at(buf, self.offset + offset),
            Backing::Memory(bytes) => {
                let start = (self.offset + offset) as usize;
                buf.copy_from_slice(&bytes[start..start + want]);
                Ok(want)
            }
        }
    }

    /// Fills `buf` from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` if the blob ends before that.
    pub fn read_exact_at(&self, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_at(buf, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    buf = &mut buf[n..];
                    offset += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// A reader over the whole blob, with a position of its own. Reads are not buffered.
    pub fn reader(&self) -> BlobReader {
        BlobReader { blob: self.clone(), at: 0 }
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Self { backing: Backing::Memory(bytes.into()), offset: 0, len }
    }
}

/// Reads a [`Blob`] from start to end; seekable.
#[derive(Clone, Debug)]
pub struct BlobReader {
    blob: Blob,
    at: u64,
}

impl Read for BlobReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.blob.read_at(buf, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl io::Seek for BlobReader {
    fn seek(&mut self, pos: io::SeekFrom) -> io::Result<u64> {
        let to = match pos {
            io::SeekFrom::Start(to) => Some(to),
            io::SeekFrom::End(by) => self.blob.len.checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
