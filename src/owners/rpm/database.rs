//! The three formats that rpm keeps its database in, as one: headers by number.

use std::fmt;

use super::{bdb, ndb, sqlite};

/// The format of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `rpmdb.sqlite`: rpm 4.16 and later, by default.
    Sqlite,
    /// `Packages.db`: SUSE.
    Ndb,
    /// `Packages`: a hash of Berkeley DB, up to rpm 4.16.
    Bdb,
}

/// A system has some thousand packages.
pub const MAX_HEADERS: usize = 1 << 18;

/// Why a database is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage(pub &'static str);

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

/// A header, and the number by which the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number; from 1 on.
    pub number: u32,
    /// The header.
    pub blob: Vec<u8>,
}

/// A database as bytes.
#[derive(Clone, Copy, Debug)]
pub struct Database<'a> {
    /// What `main` is written in.
    pub format: Format,
    /// The file that holds the headers.
    pub main: &'a [u8],
    /// SQLite's write-ahead log beside it; empty where there is none.
    pub log: &'a [u8],
}

impl Database<'_> {
    /// All headers, in the order of the database. No byte of the file is read twice, so that they take no more memory than it.
    ///
    /// # Errors
    /// If the database is damaged, or of a form that is not known.
    pub fn records(&self) -> Result<Vec<Record>, Damage> {
        match self.format {
            Format::Sqlite => sqlite::records(self.main, self.log),
            Format::Ndb => ndb::records(self.main),
            Format::Bdb => bdb::records(self.main),
        }
    }

    /// The file anew with the headers that `keeps` says yes to. What [`Self::log`] holds is part of it.
    ///
    /// # Errors
    /// As [`Self::records`], if it has parts whose meaning is not known, and if reading it gives anything else than these headers.
    pub fn with_only(&self, keeps: &dyn Fn(u32) -> bool) -> Result<Vec<u8>, Damage> {
        let out = match self.format {
            Format::Sqlite => sqlite::with_only(self.main, self.log, keeps),
            Format::Ndb => ndb::with_only(self.main, keeps),
            Format::Bdb => bdb::with_only(self.main, keeps),
        }?;
        let mut wanted = self.records()?;
        wanted.retain(|record| keeps(record.number));
        let mut found = Database { format: self.format, main: &out, log: &[] }.records()?;
        // A hash has an order of its own.
        for records in [&mut wanted, &mut found] {
            records.sort_by(|a, b| (a.number, &a.blob).cmp(&(b.number, &b.blob)));
        }
        if found == wanted { Ok(out) } else { Err(Damage("what is written does not say the same")) }
    }
}
