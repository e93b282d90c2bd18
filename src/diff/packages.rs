//! Packages, compared as the images' own records list them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::side::Side;
use crate::owners::Ecosystem;
use crate::sbom::{Bill, Component, Subject};

/// A package that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Which kind of package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Machine architecture, where the records say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Its versions in the first image; none if it is not there.
    pub before: Vec<String>,
    /// Its versions in the second.
    pub after: Vec<String>,
}

/// All packages that differ, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// Only the first image lists them.
    pub gone: Vec<Package>,
    /// Only the second does.
    pub new: Vec<Package>,
    /// Both do, in other versions.
    pub changed: Vec<Package>,
}

impl Packages {
    pub(super) fn new(before: &[Component], after: &[Component]) -> Self {
        type Key<'a> = (Ecosystem, &'a str, Option<&'a str>);
        let mut found: BTreeMap<Key<'_>, [BTreeSet<&str>; 2]> = BTreeMap::new();
        for (side, list) in [before, after].into_iter().enumerate() {
            for part in list {
                let key = (part.ecosystem, part.name.as_str(), part.architecture.as_deref());
                if let Some(versions) = found.entry(key).or_default().get_mut(side) {
                    versions.insert(&part.version);
                }
            }
        }
        let mut packages = Self::default();
        for ((ecosystem, name, architecture), [before, after]) in found {
            if before == after {
                continue;
            }
            let list = match (before.is_empty(), after.is_empty()) {
                (_, true) => &mut packages.gone,
                (true, _) => &mut packages.new,
                _ => &mut packages.changed,
            };
            let versions = |set: BTreeSet<&str>| set.into_iter().map(Into::into).collect();
            let (name, architecture) = (name.to_owned(), architecture.map(Into::into));
            list.push(Package { ecosystem, name, architecture, before: versions(before), after: versions(after) });
        }
        packages
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

/// What the records of an image list.
pub(super) fn of(side: &Side<'_>) -> Vec<Component> {
    Bill::new(Subject::default(), side.rootfs, side.owners).components
}
