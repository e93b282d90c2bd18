//! What a bill of materials lists.

use std::collections::BTreeMap;

use bstr::BString;

use super::os_release::OsRelease;
use super::purl;
use super::subject::Subject;
use crate::owners::{Ecosystem, Owner, Owners, nix};
use crate::rootfs::{NodeId, Rootfs};

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// Which kind of package.
    pub ecosystem: Ecosystem,
    /// Its name as its records spell it.
    pub name: String,
    /// Its version; empty where unknown.
    pub version: String,
    /// Machine architecture, where the records say.
    pub architecture: Option<String>,
    /// Package URL; none if the name does not make one.
    pub purl: Option<String>,
    /// Common Platform Enumeration name, where one is known for sure.
    pub cpe: Option<String>,
    /// Where its records are; one that is installed several times has several.
    pub locations: Vec<BString>,
}

/// The packages of an image, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// The image.
    pub subject: Subject,
    /// Its distribution.
    pub os: Option<OsRelease>,
    /// Its packages.
    pub components: Vec<Component>,
}

impl Bill {
    /// What `owners` of `rootfs` are there.
    pub fn new(subject: Subject, rootfs: &Rootfs, owners: &Owners) -> Self {
        let os = OsRelease::read(rootfs);
        let mut found: BTreeMap<(Ecosystem, String, String, Option<String>), Component> = BTreeMap::new();
        for (_, owner) in owners.iter().filter(|(_, owner)| is_package(owner)) {
            let key = (owner.ecosystem, owner.name.clone(), owner.version.clone(), owner.architecture.clone());
            let component = found.entry(key).or_insert_with(|| component(owner, os.as_ref()));
            component.locations.extend(record(rootfs, owner).map(|node| rootfs.tree.path(node)));
        }
        let mut components: Vec<Component> = found.into_values().collect();
        for component in &mut components {
            component.locations.sort_unstable();
            component.locations.dedup();
        }
        Self { subject, os, components }
    }
}

/// What `python -m venv` makes is no package, nor is what Nix builds one from, or locks it by.
fn is_package(owner: &Owner) -> bool {
    match owner.ecosystem {
        _ if owner.name.is_empty() => false,
        Ecosystem::Python => !owner.records.is_empty(),
        Ecosystem::Nix => nix::is_package(owner),
        _ => true,
    }
}

/// The record that says best where a package is: dpkg's list of its files.
fn record(rootfs: &Rootfs, owner: &Owner) -> Option<NodeId> {
    let is_list = |node: &&NodeId| rootfs.tree.name(**node).ends_with(b".list");
    owner.records.iter().find(is_list).or_else(|| owner.records.first()).copied()
}

fn component(owner: &Owner, os: Option<&OsRelease>) -> Component {
    Component {
        ecosystem: owner.ecosystem,
        name: owner.name.clone(),
        version: owner.version.clone(),
        architecture: owner.architecture.clone(),
        purl: purl::of(owner, os),
        cpe: cpe(owner),
        locations: Vec::new(),
    }
}

/// The name that vulnerability databases know CPython by. No package manager stands in for it here.
fn cpe(owner: &Owner) -> Option<String> {
    let is_plain = owner.version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let known = owner.ecosystem == Ecosystem::CPython && !owner.version.is_empty() && is_plain;
    known.then(|| format!("cpe:2.3:a:python:python:{}:*:*:*:*:*:*:*", owner.version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn packages_are_listed_once_with_all_their_places() {
        let site = |prefix: &str| format!("{prefix}/lib/python3.11/site-packages/Six-1.dist-info/METADATA");
        let rootfs = Builder::new()
            .file("/etc/os-release", b"ID=debian\nVERSION_ID=12\n")
            .file(&site("/b"), b"Name: Six\nVersion: 1\n")
            .file(&site("/a"), b"Name: Six\nVersion: 1\n")
            .file("/v/pyvenv.cfg", b"version = 3.11\n")
            .file("/v/bin/activate", b"")
            .file("/usr/local/lib/python3.11/os.py", b"")
            .exe("/usr/local/bin/python3.11", b"")
            .file("/usr/local/include/python3.11/patchlevel.h", b"#define PY_VERSION \"3.11.7\"\n")
            .file("/var/lib/dpkg/info/zlib1g:amd64.list", b"")
            .file("/var/lib/dpkg/info/zlib1g:amd64.md5sums", b"")
            .file(
                "/var/lib/dpkg/status",
                b"Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:1\nSource: zlib\n\n\
                  Package: old\nStatus: deinstall ok config-files\nVersion: 2\n",
            )
            .build();
        let bill = Bill::new(Subject::default(), &rootfs, &find(&rootfs, &[]));
        let found: Vec<_> =
            bill.components.iter().map(|c| (c.purl.as_deref().unwrap_or_default(), c.locations.len())).collect();
        assert_eq!(
            found,
            [
                ("pkg:deb/debian/zlib1g@1:1?arch=amd64&distro=debian-12&upstream=zlib", 1),
                ("pkg:pypi/six@1", 2),
                ("pkg:generic/python@3.11.7", 0),
            ]
        );
        assert_eq!(bill.components[0].locations, ["/var/lib/dpkg/info/zlib1g:amd64.list"]);
        assert_eq!(bill.components[2].cpe.as_deref(), Some("cpe:2.3:a:python:python:3.11.7:*:*:*:*:*:*:*"));
    }
}
