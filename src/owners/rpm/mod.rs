//! Packages of rpm(8): its database in any of three formats ([`database`]), and the lists of images that were put together
//! without one ([`manifest`]).

pub mod bdb;
mod claims;
pub mod database;
pub mod header;
pub mod manifest;
pub mod ndb;
pub mod sqlite;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::owner::{Ecosystem, Owner, OwnerId, Owners};
use crate::rootfs::{NodeId, Rootfs, Tree};
pub(crate) use claims::Listing;
use database::{Damage, Database, Format, Record};
use header::Header;

/// Where databases are: of rpm, of SUSE and newer Fedoras, of rpm-ostree.
const PLACES: [&str; 3] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"];

/// Which files hold headers, those of the newest format first.
const FILES: [(&str, Format); 3] =
    [("rpmdb.sqlite", Format::Sqlite), ("Packages.db", Format::Ndb), ("Packages", Format::Bdb)];

/// SQLite's write-ahead log, and what it shares memory by.
const LOG: &str = "rpmdb.sqlite-wal";
const SHARED: &str = "rpmdb.sqlite-shm";

/// Larger databases are not read. Those of images with a thousand packages have some fifty MiB.
const MAX_SIZE: u64 = 256 << 20;

/// So many files all packages of a database may list; a system with two thousand of them has half a million.
const MAX_FILES: usize = 1 << 22;

/// A key that rpm trusts; it is kept in the database as if it were a package, and has no files.
const KEY: &str = "gpg-pubkey";

/// The packages that a database's own files are said to be of: the first that is there, or else the first of the database.
const OWN: [&str; 2] = ["rpm", "filesystem"];

/// A database in a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Store {
    /// The file that holds the headers.
    pub(crate) main: NodeId,
    /// What it is written in.
    pub(crate) format: Format,
    /// SQLite's log and shared memory beside it.
    pub(crate) log: Option<NodeId>,
    pub(crate) shared: Option<NodeId>,
}

/// The contents of a database's files.
struct Contents {
    format: Format,
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Store {
    /// The databases of a tree, each once.
    fn all(tree: &Tree) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for dir in PLACES.iter().filter_map(|place| tree.follow(place)) {
            for (name, format) in FILES {
                let Some(main) = tree.resolve_from(dir, name).map(|found| found.node) else { continue };
                if tree.inode(main).is_file() && !found.iter().any(|store| store.main == main) {
                    let beside = |name: &str| tree.child(dir, name.as_bytes()).filter(|_| format == Format::Sqlite);
                    found.push(Self { main, format, log: beside(LOG), shared: beside(SHARED) });
                }
            }
        }
        found
    }

    /// The folder that the database has for itself.
    pub(crate) fn dir(&self, tree: &Tree) -> NodeId {
        tree.parent(self.main)
    }

    /// Reads the files of a database.
    fn contents(&self, rootfs: &Rootfs) -> Result<Contents, String> {
        let read = |node| rootfs.read_within(node, MAX_SIZE).map_err(|error| error.to_string());
        let log = self.log.map(read).transpose()?.unwrap_or_default();
        Ok(Contents { format: self.format, main: read(self.main)?, log })
    }
}

impl Contents {
    fn database(&self) -> Database<'_> {
        Database { format: self.format, main: &self.main, log: &self.log }
    }
}

/// The databases of an image as they were read.
#[derive(Debug, Default)]
pub(crate) struct Installed {
    stores: Vec<(Store, Vec<Record>)>,
    /// Where a database is that could not be read.
    pub(super) unread: bool,
}

impl Installed {
    /// Reads what is there. A database that cannot be read is noted; one that nothing can be taken out of, too.
    pub(super) fn read(rootfs: &Rootfs, owners: &mut Owners) -> Self {
        let mut installed = Self::default();
        for store in Store::all(&rootfs.tree) {
            let read = || -> Result<_, String> {
                let contents = store.contents(rootfs)?;
                let records = checked(&contents).map_err(|error| error.to_string())?;
                Ok((records, contents.database().with_only(&|_| true).err()))
            };
            let path = rootfs.tree.path(store.main);
            match read() {
                Err(error) => {
                    installed.unread = true;
                    owners.notes.push(format!("{path}: record not used: {error}: what these packages put there stays"));
                }
                Ok((records, locked)) => {
                    if let Some(error) = locked {
                        owners.notes.push(format!("{path}: packages of which nothing is left stay listed: {error}"));
                    }
                    installed.stores.push((store, records));
                }
            }
        }
        installed
    }

    /// Claims what rpm installed.
    pub(super) fn claim(&self, rootfs: &Rootfs, owners: &mut Owners) {
        for (store, records) in &self.stores {
            let first = owners.list.len();
            let packages: Vec<(OwnerId, Header<'_>)> =
                packages(records).map(|(_, header)| (owners.add(owner(&header, store.main)), header)).collect();
            claims::claim(rootfs, owners, store, &packages);
            claim_database(&rootfs.tree, owners, store, first);
        }
        if self.stores.iter().all(|(_, records)| records.is_empty()) {
            manifest::find(rootfs, owners);
        }
    }
}

/// The headers of a database, if all can be read and do not list more files than there can be.
fn checked(contents: &Contents) -> Result<Vec<Record>, Damage> {
    let records = contents.database().records()?;
    let mut files = 0;
    for record in &records {
        files += Header::parse(&record.blob).ok_or(Damage("a damaged header"))?.count();
        if files > MAX_FILES {
            return Err(Damage("too many files"));
        }
    }
    Ok(records)
}

/// The packages of a database, in its order: keys are none.
fn packages(records: &[Record]) -> impl Iterator<Item = (u32, Header<'_>)> {
    records.iter().filter_map(|record| {
        let header = Header::parse(&record.blob)?;
        (header.name()? != KEY).then_some((record.number, header))
    })
}

fn owner(header: &Header<'_>, main: NodeId) -> Owner {
    Owner {
        architecture: header.architecture(),
        source: header.source(),
        records: vec![main],
        ..Owner::new(Ecosystem::Rpm, header.name().unwrap_or_default(), header.version())
    }
}

/// Claims the database's own files: indexes, locks, shared memory.
fn claim_database(tree: &Tree, owners: &mut Owners, store: &Store, first: usize) {
    let of_this = |owner: &(OwnerId, &Owner)| owner.0.index() >= first;
    let find = |name: &&str| owners.iter().filter(of_this).find(|(_, owner)| owner.name == **name).map(|(id, _)| id);
    let any = || owners.iter().find(of_this).map(|(id, _)| id);
    let Some(own) = OWN.iter().find_map(find).or_else(any) else { return };
    for node in tree.walk(store.dir(tree)) {
        if owners.of(node).is_none() && !tree.inode(node).is_dir() {
            owners.claim(node, own);
        }
    }
}

/// A database whose records are to be trimmed.
pub(crate) struct Trimmed {
    pub(crate) store: Store,
    contents: Contents,
    records: Vec<Record>,
}

impl Trimmed {
    /// The databases that could be read, as [`Installed::read`] did.
    pub(crate) fn all(rootfs: &Rootfs) -> Vec<Self> {
        let read = |store: Store| {
            let contents = store.contents(rootfs).ok()?;
            let records = checked(&contents).ok()?;
            Some(Self { store, contents, records })
        };
        Store::all(&rootfs.tree).into_iter().filter_map(read).collect()
    }

    /// The packages, in the order in which they became owners.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (u32, Header<'_>)> {
        packages(&self.records)
    }

    /// The file that holds the headers, as it is and without the packages of these numbers.
    pub(crate) fn without(&self, gone: &HashSet<u32>) -> Result<(&[u8], Vec<u8>), Damage> {
        Ok((&self.contents.main, self.contents.database().with_only(&|number| !gone.contains(&number))?))
    }
}
