//! Debian packages: dpkg(1), `/var/lib/dpkg`.

mod alternatives;
pub(crate) mod control;
mod distroless;
mod diversions;

use std::collections::{HashMap, HashSet};

use bstr::ByteSlice;

pub(super) use alternatives::claim as claim_alternatives;
pub(crate) use alternatives::{Alternative, ELSEWHERE as ALTERNATIVES_ELSEWHERE};
pub(crate) use diversions::Diversions;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::owner::{Ecosystem, Owner, OwnerId, Owners};
use super::place::Places;
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};
pub(crate) use control::ADMIN;
use control::stanzas;

/// The files below `info/` that belong to one package, by extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct Info {
    /// Extension (`list`, `postinst`) and file, in the order of the tree.
    pub(crate) files: Vec<(Box<[u8]>, NodeId)>,
}

impl Info {
    pub(crate) fn get(&self, extension: &str) -> Option<NodeId> {
        self.files.iter().find(|(ext, _)| **ext == *extension.as_bytes()).map(|&(_, node)| node)
    }
}

/// Everything below `info/`, by package as the file names spell it: `zlib1g:amd64`, `adduser`.
#[derive(Debug, Default)]
pub(crate) struct Infos {
    /// In the order of the tree.
    pub(crate) list: Vec<(Box<[u8]>, Info)>,
    index: HashMap<Box<[u8]>, usize>,
}

impl Infos {
    pub(crate) fn read(tree: &Tree, admin: NodeId) -> Self {
        let mut infos = Self::default();
        let Some(dir) = tree.resolve_from(admin, "info") else { return infos };
        for node in tree.children(dir.node) {
            let name = tree.name(node).as_bytes();
            // Package names have dots, extensions have none.
            let Some(dot) = name.rfind_byte(b'.') else { continue };
            let (key, extension) = (&name[..dot], &name[dot + 1..]);
            let at = *infos.index.entry(key.into()).or_insert_with(|| {
                infos.list.push((key.into(), Info::default()));
                infos.list.len() - 1
            });
            infos.list[at].1.files.push((extension.into(), node));
        }
        infos
    }

    /// The position of a package's files: they carry the architecture if several can be installed together.
    pub(crate) fn position(&self, package: &[u8], architecture: &[u8]) -> Option<usize> {
        let qualified = [package, b":", architecture].concat();
        self.index.get(qualified.as_slice()).or_else(|| self.index.get(package)).copied()
    }
}

/// The name of a package in the name of its files.
pub(crate) fn package_of(key: &[u8]) -> &[u8] {
    key.split_str(":").next().unwrap_or(key)
}

/// Claims what dpkg installed.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let Some(admin) = tree.follow(ADMIN) else { return };
    let infos = Infos::read(tree, admin);
    let mut packages: Vec<(OwnerId, usize)> = Vec::new();
    let mut used = HashSet::new();
    let mut known: HashSet<&[u8]> = HashSet::default();
    let status = tree.resolve_from(admin, "status").and_then(|at| read_record(rootfs, owners, at.node));
    for stanza in stanzas(status.as_deref().unwrap_or_default()) {
        let Some(name) = stanza.field("Package") else { continue };
        known.insert(name);
        let architecture = stanza.field("Architecture").unwrap_or_default();
        // What is left of a removed package (`config-files`) is configuration, and no package to report.
        if stanza.field("Status").is_some_and(|status| !status.ends_with(b" installed")) {
            continue;
        }
        let info = infos.position(name, architecture).filter(|&at| used.insert(at));
        let owner = owners.add(Owner {
            architecture: Some(architecture.to_str_lossy().into_owned()).filter(|a| !a.is_empty()),
            source: stanza.field("Source").map(|source| source.to_str_lossy().into_owned()),
            records: info.map(|at| infos.list[at].1.files.iter().map(|f| f.1).collect()).unwrap_or_default(),
            ..Owner::new(Ecosystem::Dpkg, name.to_str_lossy(), stanza.text("Version"))
        });
        packages.extend(info.map(|at| (owner, at)));
    }
    for (at, (key, info)) in infos.list.iter().enumerate() {
        // Lists that the status file does not know of: somebody edited it.
        let name = package_of(key);
        if info.get("list").is_some() && !used.contains(&at) && !known.contains(name) {
            let owner = owners.add(Owner {
                records: info.files.iter().map(|f| f.1).collect(),
                ..Owner::new(Ecosystem::Dpkg, name.to_str_lossy(), "")
            });
            packages.push((owner, at));
        }
    }
    let places = Places::below(tree, Tree::ROOT);
    let text = Diversions::file(tree, admin).and_then(|file| read_record(rootfs, owners, file)).unwrap_or_default();
    let mut lists = Lists { rootfs, diversions: Diversions::parse(&text), places, listed: Vec::new() };
    for (owner, at) in packages {
        let (key, info) = &infos.list[at];
        for &(_, node) in &info.files {
            owners.claim(node, owner);
        }
        lists.read(owners, owner, package_of(key), info);
    }
    claim_listed(rootfs, owners, &lists.listed);
    distroless::find(rootfs, admin, owners);
    claim_database(tree, admin, owners);
}

/// The lists of packages, as they are read.
struct Lists<'t> {
    rootfs: &'t Rootfs,
    diversions: Diversions,
    places: Places<'t>,
    /// The files that packages list and that are there.
    listed: Vec<Listed>,
}

impl Lists<'_> {
    /// Adds the files that a package lists.
    fn read(&mut self, owners: &mut Owners, owner: OwnerId, package: &[u8], info: &Info) {
        let rootfs = self.rootfs;
        let tree = &rootfs.tree;
        let Some(list_node) = info.get("list") else { return };
        let Some(list) = read_record(rootfs, owners, list_node) else { return };
        let installed = Installed::with(tree.inode(list_node));
        let mut digests = None;
        let mut dirs = None;
        for line in list.lines() {
            if line.first() != Some(&b'/') {
                continue;
            }
            let path = self.diversions.apply(line, package);
            let Some(node) = self.places.find_aliased(path) else { continue };
            let inode = tree.inode(node);
            if inode.is_dir() || stands_for_directory(tree, node, line, &mut dirs, &list) {
                continue;
            }
            let digest = if installed.doubts(inode) {
                let digests = digests.get_or_insert_with(|| {
                    let sums = info.get("md5sums").and_then(|sums| read_record(rootfs, owners, sums));
                    md5sums(sums.as_deref().unwrap_or_default())
                });
                digests.get(line.strip_prefix(b"/").unwrap_or(line)).cloned()
            } else {
                None
            };
            self.listed.push(Listed { node, owner, installed: Some(installed), digest });
        }
    }
}

/// Whether the file at `node` is no file of a package that lists it as `line`: a symlink where the package has a
/// directory is how the system merges `/lib` into `/usr/lib`. In the root it is part of the system's layout even if
/// this package has nothing in it. `dirs` remembers the directories of `list`.
pub(crate) fn stands_for_directory<'a>(
    tree: &Tree,
    node: NodeId,
    line: &[u8],
    dirs: &mut Option<HashSet<&'a [u8]>>,
    list: &'a [u8],
) -> bool {
    if !matches!(tree.inode(node).kind, Kind::Symlink(_)) {
        return false;
    }
    let is_layout = tree.parent(node) == Tree::ROOT && tree.follow(line).is_some_and(|to| tree.inode(to).is_dir());
    is_layout || dirs.get_or_insert_with(|| directories(list)).contains(line)
}

/// The paths of a list that other paths are below.
fn directories(list: &[u8]) -> HashSet<&[u8]> {
    let mut dirs = HashSet::default();
    for line in list.lines() {
        let mut path = line;
        while let Some(slash) = path.rfind_byte(b'/') {
            path = &path[..slash];
            if !dirs.insert(path) {
                break;
            }
        }
    }
    dirs
}

/// The lines of `md5sums`: hash, two spaces (or space and `*`), path without the leading slash.
pub(crate) fn md5sums(text: &[u8]) -> HashMap<Box<[u8]>, Digest> {
    text.lines().filter_map(|line| md5sums_line(line).map(|(digest, path)| (path.into(), digest))).collect()
}

/// One line of `md5sums`.
pub(crate) fn md5sums_line(line: &[u8]) -> Option<(Digest, &[u8])> {
    let (hash, path) = line.split_at_checked(32)?;
    let path = path.strip_prefix(b"  ").or_else(|| path.strip_prefix(b" *"))?;
    let path = path.strip_prefix(b"./").or_else(|| path.strip_prefix(b"/")).unwrap_or(path);
    Some((Digest::md5_hex(hash)?, path))
}

/// What else is in dpkg's directory is dpkg's own.
fn claim_database(tree: &Tree, admin: NodeId, owners: &mut Owners) {
    let dpkg = owners.iter().find(|(_, o)| o.ecosystem == Ecosystem::Dpkg && o.name == "dpkg").map(|(id, _)| id);
    let Some(dpkg) = dpkg else { return };
    for node in tree.walk(admin) {
        if owners.of(node).is_none() && !tree.inode(node).is_dir() {
            owners.claim(node, dpkg);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::{Owners, find};
    use crate::rootfs::{Builder, Rootfs};

    const STATUS: &[u8] = b"Package: dash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.5\n\n\
        Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1:1.2\n\n\
        Package: zlib1g\nStatus: install ok installed\nArchitecture: i386\nMulti-Arch: same\nVersion: 1:1.2\n\n\
        Package: old\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 9\n\n\
        Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5\n\n\
        Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21\n";

    fn name(rootfs: &Rootfs, owners: &Owners, path: &str) -> String {
        let owner = owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id));
        owner.map_or_else(String::new, |o| format!("{} {}", o.name, o.architecture.as_deref().unwrap_or("-")))
    }

    /// Names that an unkeyed `FxHash` cannot tell apart (rustc-hash 2, `hash_bytes`): where 8 bytes are its own second seed, the
    /// product that makes the hash is zero, whatever the 8 bytes behind them are.
    #[test]
    fn names_that_were_made_to_collide_take_no_longer_than_others() {
        let sums = |seed: [u8; 8]| -> Vec<u8> {
            let line = |n: u32| {
                let end = format!("{n:08}\n");
                [&[b'0'; 32][..], b"  usr/share/abcde/", &seed, end.as_bytes()].concat()
            };
            (0..30_000).flat_map(line).collect()
        };
        let time = |text: &[u8]| {
            let start = std::time::Instant::now();
            assert_eq!(super::md5sums(text).len(), 30_000);
            start.elapsed().as_secs_f64()
        };
        let (usual, made) = (sums(*b"abcdefgh"), sums(0x1319_8a2e_0370_7344_u64.to_le_bytes()));
        // Other processes may take the processor away once, but the square of the number takes long every time.
        assert!((0..5).any(|_| time(&made) < 20.0 * time(&usual) + 1.0));
    }

    #[test]
    fn reads_lists_of_a_merged_system_with_several_architectures_and_diversions() {
        let info = "/var/lib/dpkg/info";
        let rootfs = Builder::new()
            .symlink("/bin", "usr/bin")
            .symlink("/lib", "usr/lib")
            .file("/usr/bin/dash", b"")
            .symlink("/usr/bin/sh", "dash")
            .file("/usr/bin/sh.distrib", b"")
            .file("/usr/lib/x/libz.so.1", b"")
            .file("/usr/lib/i/libz.so.1", b"")
            .file("/usr/bin/app", b"")
            .symlink("/usr/share/up", "../lib")
            .file("/etc/old", b"")
            .file("/var/lib/dpkg/status", STATUS)
            .file("/var/lib/dpkg/lock", b"")
            .file("/var/lib/dpkg/diversions", b"/bin/sh\n/bin/sh.distrib\ndash\n")
            .file(&format!("{info}/dash.list"), b"/.\n/bin\n/bin/dash\n/bin/sh\n/usr/share/absent\n")
            .file(&format!("{info}/dash.postinst"), b"#!/bin/sh\n")
            .file(&format!("{info}/bash.list"), b"/bin/sh\n")
            .file(&format!("{info}/zlib1g:amd64.list"), b"/lib/x/libz.so.1\n")
            .file(
                &format!("{info}/zlib1g:i386.list"),
                b"/lib/i/libz.so.1\n/../../..\n\xff\nrelative\n/lib\n/usr/share/up\n",
            )
            .file(&format!("{info}/old.list"), b"/etc/old\n")
            .file(&format!("{info}/stray.list"), b"/usr/bin/app\n")
            .file(&format!("{info}/format"), b"1\n")
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path| name(&rootfs, &owners, path);
        assert_eq!(of("/usr/bin/dash"), "dash amd64");
        assert_eq!(of("/usr/bin/sh"), "dash amd64");
        assert_eq!(of("/usr/bin/sh.distrib"), "bash amd64");
        assert_eq!(of("/usr/lib/x/libz.so.1"), "zlib1g amd64");
        assert_eq!(of("/usr/lib/i/libz.so.1"), "zlib1g i386");
        assert_eq!(of("/usr/bin/app"), "stray -");
        assert_eq!(of("/etc/old"), "");
        assert_eq!(of("/lib"), "");
        assert_eq!(of("/usr/share/up"), "zlib1g i386");
        assert_eq!(of("/usr"), "");
        assert_eq!(of("/var/lib/dpkg/info/dash.postinst"), "dash amd64");
        assert_eq!(of("/var/lib/dpkg/info/format"), "dpkg amd64");
        assert_eq!(of("/var/lib/dpkg/lock"), "dpkg amd64");
        assert_eq!(of("/var/lib/dpkg/info/old.list"), "dpkg amd64");
    }

    #[test]
    fn a_listed_file_that_was_replaced_in_a_later_layer_is_payload() {
        let mut rootfs = Builder::new()
            .file("/srv/index.html", b"mine")
            .file("/srv/same.html", b"")
            .file("/var/lib/dpkg/status", b"Package: web\nStatus: install ok installed\nVersion: 1\n")
            .file("/var/lib/dpkg/info/web.list", b"/srv/index.html\n/srv/same.html\n")
            .file(
                "/var/lib/dpkg/info/web.md5sums",
                b"d41d8cd98f00b204e9800998ecf8427e  srv/index.html\nd41d8cd98f00b204e9800998ecf8427e  srv/same.html\n",
            )
            .build();
        for path in ["/srv/index.html", "/srv/same.html"] {
            let node = rootfs.tree.get(path).unwrap();
            rootfs.tree.inode_mut(node).layer = 2;
        }
        let owners = find(&rootfs, &[]);
        assert_eq!(name(&rootfs, &owners, "/srv/index.html"), "");
        assert_eq!(name(&rootfs, &owners, "/srv/same.html"), "web -");
        assert_eq!(owners.notes.len(), 1);
    }
}
