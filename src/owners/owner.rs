//! Packages, and whose a file is.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rootfs::{NodeId, Tree};

/// An entry of [`Owners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(pub(crate) u32);

impl OwnerId {
    /// Position in a table with one slot an owner, in the order of [`Owners::iter`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which kind of records name an owner's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// A Debian package: `/var/lib/dpkg`.
    Dpkg,
    /// An Alpine package: `/lib/apk/db/installed`.
    Apk,
    /// An rpm package: `/var/lib/rpm`, `/usr/lib/sysimage/rpm`.
    Rpm,
    /// A package of Arch Linux: `/var/lib/pacman/local`.
    Pacman,
    /// A package of OpenWrt or Yocto: `/usr/lib/opkg`.
    Opkg,
    /// A package of Gentoo: `/var/db/pkg`.
    Portage,
    /// A path of Nix's store: `/nix/store/HASH-NAME`.
    Nix,
    /// A Python distribution: `*.dist-info`, `*.egg-info`, eggs. Also what `python -m venv` makes, under the
    /// name `venv`, without records.
    Python,
    /// A conda package: `conda-meta/*.json`.
    Conda,
    /// A CPython that was installed with `make install`.
    CPython,
}

impl Ecosystem {
    /// Its name in profiles and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Pacman => "pacman",
            Self::Opkg => "opkg",
            Self::Portage => "portage",
            Self::Nix => "nix",
            Self::Python => "python",
            Self::Conda => "conda",
            Self::CPython => "cpython",
        }
    }
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
    /// The source package it was built from, with its version if that is another: dpkg's `Source`; rpm's `SOURCERPM`, said so.
    pub source: Option<String>,
    /// The records themselves: a `.dist-info` directory, `info/NAME.list` …
    pub records: Vec<NodeId>,
}

impl Owner {
    /// An owner of which no more is known.
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            version: version.into(),
            architecture: None,
            source: None,
            records: Vec::new(),
        }
    }
}

impl Owner {
    /// What it was built from: the name of its source package, by default its own.
    fn software(&self) -> (Ecosystem, &str) {
        let source = self.source.as_deref().and_then(|source| source.split(' ').next());
        (self.ecosystem, source.unwrap_or(&self.name))
    }
}

/// All owners of a tree, and the files they own.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    pub(super) list: Vec<Owner>,
    pub(super) by_node: Vec<Option<OwnerId>>,
    /// The Python distribution of files that a system package brought.
    pub(super) distributions: FxHashMap<NodeId, OwnerId>,
    /// Listed files that are not what their package put there.
    pub(super) changed: FxHashSet<NodeId>,
    /// What could not be used and why (a database of an unknown kind, a damaged record): for the report.
    pub notes: Vec<String>,
}

impl Owners {
    /// No owner at all: everything in `tree` is payload.
    pub fn none(tree: &Tree) -> Self {
        Self { by_node: vec![None; tree.capacity()], ..Self::default() }
    }

    /// Adds an owner.
    pub fn add(&mut self, owner: Owner) -> OwnerId {
        self.list.push(owner);
        OwnerId(u32::try_from(self.list.len() - 1).expect("fewer than 2^32 owners"))
    }

    /// Says that `owner` put `node` there. The last to say so wins.
    pub fn claim(&mut self, node: NodeId, owner: OwnerId) {
        if let Some(before) = self.by_node[node.index()].replace(owner)
            && self.get(before).ecosystem == Ecosystem::Python
            && self.get(owner).ecosystem != Ecosystem::Python
        {
            self.distributions.insert(node, before);
        }
    }

    /// Who put `node` there; nobody for the user's own payload.
    pub fn of(&self, node: NodeId) -> Option<OwnerId> {
        self.by_node.get(node.index()).copied().flatten()
    }

    /// The Python distribution that `node` is part of, even where a system package brought it (as Debian's
    /// `python3-yaml` brings `PyYAML`).
    pub fn distribution_of(&self, node: NodeId) -> Option<OwnerId> {
        let owner = self.distributions.get(&node).copied().or_else(|| self.of(node))?;
        (self.get(owner).ecosystem == Ecosystem::Python).then_some(owner)
    }

    /// Whether the same software put both files there: packages built from one source, or one package.
    pub fn of_one_source(&self, one: NodeId, other: NodeId) -> bool {
        let (Some(one), Some(other)) = (self.of(one), self.of(other)) else { return false };
        one == other || self.get(one).software() == self.get(other).software()
    }

    /// The packages that were built from the same source as one, that one among them: see `Source` in `deb-control(5)`.
    pub fn siblings(&self, id: OwnerId) -> FxHashSet<OwnerId> {
        let software = self.get(id).software();
        self.iter().filter(|(_, other)| other.software() == software).map(|(id, _)| id).collect()
    }

    /// The owner with this id.
    pub fn get(&self, id: OwnerId) -> &Owner {
        &self.list[id.0 as usize]
    }

    /// The same without what packages of one kind put there, and which files that is, by node. None if there are none. What is a
    /// Python distribution, too, is nobody's then, but still part of that.
    pub(crate) fn set_aside(&self, ecosystem: Ecosystem) -> Option<(Self, Vec<bool>)> {
        self.list.iter().any(|owner| owner.ecosystem == ecosystem).then(|| {
            let is_aside = |id: OwnerId| self.get(id).ecosystem == ecosystem;
            let aside: Vec<bool> = self.by_node.iter().map(|owner| owner.is_some_and(is_aside)).collect();
            let by_node = self.by_node.iter().map(|owner| owner.filter(|&id| !is_aside(id))).collect();
            (Self { by_node, ..self.clone() }, aside)
        })
    }

    /// All owners in the order found.
    pub fn iter(&self) -> impl Iterator<Item = (OwnerId, &Owner)> {
        self.list.iter().enumerate().map(|(i, owner)| (OwnerId(i as u32), owner))
    }

    /// Adds what `node` is for the one who owns `source`: the same file in another form.
    pub(super) fn claim_like(&mut self, node: NodeId, source: NodeId) {
        let Some(owner) = self.of(source) else { return };
        self.claim(node, owner);
        if let Some(&distribution) = self.distributions.get(&source) {
            self.distributions.insert(node, distribution);
        }
    }

    pub(super) fn note_changed(&mut self, tree: &Tree) {
        let mut paths: Vec<_> = self
            .changed
            .iter()
            .filter(|&&node| self.of(node).is_none())
            .map(|&node| tree.path(node))
            .filter(|path| !path.starts_with(b"/etc/"))
            .collect();
        paths.sort_unstable();
        if let Some(first) = paths.first() {
            let (count, verb) = (paths.len(), if paths.len() == 1 { "file was" } else { "files were" });
            self.notes.push(format!(
                "{count} {verb} changed after a package put them there and count as the image's own, such as {first}"
            ));
        }
    }
}
