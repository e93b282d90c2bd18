//! Who put a file there: a package manager, a Python installer, CPython's own `make install`, or nobody.

use crate::rootfs::{NodeId, Tree};

/// An entry of [`Owners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(pub(crate) u32);

/// Which kind of records name an owner's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// A Debian package: `/var/lib/dpkg`.
    Dpkg,
    /// An Alpine package: `/lib/apk/db/installed`.
    Apk,
    /// A Python distribution: `*.dist-info`, `*.egg-info`, eggs.
    Python,
    /// A conda package: `conda-meta/*.json`.
    Conda,
    /// A CPython that was installed with `make install`.
    CPython,
}

/// A package, a distribution or an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Which records say so.
    pub ecosystem: Ecosystem,
    /// Its name as the records spell it.
    pub name: String,
    /// Its version as the records spell it; empty where unknown.
    pub version: String,
    /// Machine architecture as the records spell it, where they do.
    pub architecture: Option<String>,
    /// The records themselves: a `.dist-info` directory, `info/NAME.list` …
    pub records: Vec<NodeId>,
}

/// All owners of a tree, and the files they own.
#[derive(Debug, Default)]
pub struct Owners {
    list: Vec<Owner>,
    by_node: Vec<Option<OwnerId>>,
    /// What could not be used and why (an rpm database, a damaged record): for the report.
    pub notes: Vec<String>,
}

impl Owners {
    /// No owner at all: everything in `tree` is payload.
    pub fn none(tree: &Tree) -> Self {
        Self { list: Vec::new(), by_node: vec![None; tree.capacity()], notes: Vec::new() }
    }

    /// Adds an owner.
    pub fn add(&mut self, owner: Owner) -> OwnerId {
        self.list.push(owner);
        OwnerId(u32::try_from(self.list.len() - 1).expect("fewer than 2^32 owners"))
    }

    /// Says that `owner` put `node` there. The last to say so wins.
    pub fn claim(&mut self, node: NodeId, owner: OwnerId) {
        self.by_node[node.index()] = Some(owner);
    }

    /// Who put `node` there; nobody for the user's own payload.
    pub fn of(&self, node: NodeId) -> Option<OwnerId> {
        self.by_node.get(node.index()).copied().flatten()
    }

    /// The owner with this id.
    pub fn get(&self, id: OwnerId) -> &Owner {
        &self.list[id.0 as usize]
    }

    /// All owners in the order found.
    pub fn iter(&self) -> impl Iterator<Item = (OwnerId, &Owner)> {
        self.list.iter().enumerate().map(|(i, owner)| (OwnerId(i as u32), owner))
    }
}
