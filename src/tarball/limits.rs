//! How much of what takes memory or time, however small the archive is that says it, the tars of one image may hold together.
//! `docs/limits.md` lists all limits.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;

/// The longest path and the longest target of a symbolic link, in bytes: no call of Linux takes a longer one (PATH_MAX of
/// `path_resolution(7)`, without its NUL), so that no engine can unpack it.
pub const MAX_PATH: usize = 4095;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of memory for names, link targets, extended attributes and maps of sparse files.
    Metadata,
    /// Entries of all layers.
    Entries,
    /// Bytes that sparse files are said to have, and that are stored nowhere.
    Holes,
    /// Bytes of decompressed layers.
    Unpacked,
}

impl Counted {
    const ALL: [Self; 4] = [Self::Metadata, Self::Entries, Self::Holes, Self::Unpacked];

    fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Entries => "entries",
            Self::Holes => "holes",
            Self::Unpacked => "unpacked",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Metadata => "names, link targets, extended attributes and maps of sparse files take more than",
            Self::Entries => "the number of entries is more than",
            Self::Holes => "sparse files are larger than what is stored of them by more than",
            Self::Unpacked => "decompressed, it has more than",
        }
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Counted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|counted| counted.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::Usage(format!("{text:?} is no limit: there is {names}"))
        })
    }
}

/// The limits of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits([u64; 4]);

impl Default for Limits {
    /// 160 MiB of metadata, four million entries, 256 MiB of holes, 64 GiB unpacked.
    fn default() -> Self {
        Self([160 << 20, 4_000_000, 256 << 20, 64 << 30])
    }
}

impl Limits {
    /// Another limit.
    pub fn set(&mut self, counted: Counted, limit: u64) {
        self.0[counted as usize] = limit;
    }

    /// How much there may be.
    pub fn get(&self, counted: Counted) -> u64 {
        self.0[counted as usize]
    }

    /// # Errors
    /// If `amount` is more than there may be, in words that say what to do.
    pub fn check(&self, counted: Counted, amount: u64) -> Result<(), String> {
        let limit = self.get(counted);
        if amount <= limit {
            return Ok(());
        }
        Err(format!("{} {limit}; if that is meant, raise it with --limit {counted}=N", counted.what()))
    }
}

/// What is left of the limits while the layers of an image are read, by several threads.
#[derive(Debug, Default)]
pub struct Budget {
    limits: Limits,
    used: [AtomicU64; 4],
}

impl Budget {
    /// Nothing is used yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, used: Default::default() }
    }

    /// What it was made of.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// # Errors
    /// If more is used then than there may be, in words that say what to do.
    pub fn take(&self, counted: Counted, amount: u64) -> Result<(), String> {
        let used = &self.used[counted as usize];
        let before = used.update(Ordering::Relaxed, Ordering::Relaxed, |used| used.saturating_add(amount));
        self.limits.check(counted, before.saturating_add(amount))
    }
}

/// What one reader took of a budget. All of it is given back unless reading succeeds: it may be tried again.
#[derive(Debug)]
pub struct Spending<'b> {
    budget: &'b Budget,
    taken: [u64; 4],
}

impl<'b> Spending<'b> {
    pub fn of(budget: &'b Budget) -> Self {
        Self { budget, taken: [0; 4] }
    }

    /// # Errors
    /// As [`Budget::take`].
    pub fn take(&mut self, counted: Counted, amount: u64) -> Result<(), String> {
        let taken = &mut self.taken[counted as usize];
        *taken = taken.saturating_add(amount);
        self.budget.take(counted, amount)
    }

    /// Reading has succeeded.
    pub fn keep(&mut self) {
        self.taken = [0; 4];
    }
}

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        for (used, taken) in self.budget.used.iter().zip(self.taken) {
            used.update(Ordering::Relaxed, Ordering::Relaxed, |used| used.saturating_sub(taken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_in_vain_is_given_back() {
        let mut limits = Limits::default();
        limits.set(Counted::Entries, 3);
        let budget = Budget::new(limits);
        let mut vain = Spending::of(&budget);
        vain.take(Counted::Entries, 3).unwrap();
        assert!(vain.take(Counted::Entries, 1).unwrap_err().contains("--limit entries=N"));
        drop(vain);
        let mut kept = Spending::of(&budget);
        kept.take(Counted::Entries, 2).unwrap();
        kept.keep();
        assert!(budget.take(Counted::Entries, 2).is_err());
        assert!(budget.take(Counted::Holes, 5).is_ok());
    }

    #[test]
    fn limits_have_names() {
        for counted in Counted::ALL {
            assert_eq!(counted.to_string().parse::<Counted>().unwrap(), counted);
        }
        assert!("memory".parse::<Counted>().unwrap_err().to_string().contains("metadata, entries"));
    }
}
