//! Where bytes wait that have no place of their own: standard input and decompressed layers.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::blob::Blob;
use super::source::Broken;
use crate::error::room_for_temporary;
use crate::tarball::{Budget, Counted, Spending};

/// Makes spools: in memory as long as the budget lasts, then in unlinked files of one directory.
#[derive(Debug)]
pub struct Spooler<'d> {
    dir: &'d Path,
    budget: &'d Budget,
    memory: AtomicU64,
}

impl<'d> Spooler<'d> {
    /// Spools in `dir`, after `memory` bytes have been kept in memory, and no more than the budget allows.
    pub fn new(dir: &'d Path, memory: u64, budget: &'d Budget) -> Self {
        Self { dir, budget, memory: AtomicU64::new(memory) }
    }

    /// An empty spool.
    pub fn start(&self) -> Spool<'_> {
        Spool { spooler: self, memory: Vec::new(), file: None, written: 0, spending: Spending::of(self.budget) }
    }

    fn take(&self, bytes: u64) -> bool {
        self.memory.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// Bytes being spooled.
#[derive(Debug)]
pub struct Spool<'s> {
    spooler: &'s Spooler<'s>,
    memory: Vec<u8>,
    file: Option<File>,
    written: u64,
    spending: Spending<'s>,
}

impl Spool<'_> {
    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.spending.take(Counted::Unpacked, bytes.len() as u64).map_err(io::Error::other)?;
        if self.file.is_none() {
            if self.spooler.take(bytes.len() as u64) {
                self.memory.extend_from_slice(bytes);
                return Ok(());
            }
            let mut file = tempfile::tempfile_in(self.spooler.dir).map_err(|e| self.explain(e))?;
            file.write_all(&self.memory).map_err(|e| self.explain(e))?;
            self.spooler.memory.fetch_add(self.memory.len() as u64, Ordering::Relaxed);
            self.memory = Vec::new();
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes).map_err(|e| self.explain(e)),
            None => Ok(()),
        }
    }

    fn explain(&self, error: io::Error) -> io::Error {
        let what = room_for_temporary(&error);
        let text = format!("cannot spool to {}: {error}{what}", self.spooler.dir.display());
        io::Error::new(error.kind(), Broken(text))
    }

    /// What was spooled.
    pub fn finish(mut self) -> Blob {
        self.spending.keep();
        match self.file.take() {
            Some(file) => Blob::file(Arc::new(file), 0, self.written),
            None => Blob::from(std::mem::take(&mut self.memory)),
        }
    }
}

impl Drop for Spool<'_> {
    /// Gives back the memory of what nobody wanted to have.
    fn drop(&mut self) {
        self.spooler.memory.fetch_add(self.memory.len() as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spills_to_a_file_when_the_budget_is_used_up() {
        let dir = tempfile::tempdir().unwrap();
        let budget = Budget::default();
        let spooler = Spooler::new(dir.path(), 10, &budget);
        let (mut small, mut large) = (spooler.start(), spooler.start());
        small.write(b"12345").unwrap();
        large.write(b"123").unwrap();
        large.write(b"456").unwrap();
        assert!(small.file.is_none() && large.file.is_some());
        for (spool, expected) in [(small, &b"12345"[..]), (large, b"123456")] {
            let blob = spool.finish();
            let mut bytes = vec![0; expected.len()];
            blob.read_exact_at(&mut bytes, 0).unwrap();
            assert_eq!((blob.len(), bytes.as_slice()), (expected.len() as u64, expected));
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the file has no name");
    }
}
