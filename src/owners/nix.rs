//! Nix's store: every entry of `/nix/store`, called `HASH-NAME`, is a package of its own, put there whole and never changed (Nix manual,
//! "Store Path"). What refers to it does so by its hash, so that nothing need be read to know whose a file is.
//!
//! Profiles and the collector's roots (`/nix/var/nix`) are symlinks that keep a path from being collected; they go with what they lead to.

use std::collections::HashMap;

use bstr::ByteSlice;
use rustc_hash::FxHashMap;

use super::owner::{Ecosystem, Owner, OwnerId, Owners};
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

/// Where the store is. It could be elsewhere, but then nobody's binary cache fits, and images have it here.
const STORE: &str = "/nix/store";

/// Where the store keeps what it knows of itself.
pub(crate) const STATE: &str = "/nix/var/nix";

/// The folder in the store of what is shared by hard links.
const LINKS: &str = ".links";

/// How many characters of a name are its hash: 160 bits, five a character.
pub(crate) const HASH: usize = 32;

/// The hash that a store path begins with.
pub(crate) type Hash = [u8; HASH];

/// Whether Nix writes hashes with this character: digits and lower case letters but `e`, `o`, `u` and `t`.
pub(crate) fn is_hash_character(byte: u8) -> bool {
    byte.is_ascii_digit() || (byte.is_ascii_lowercase() && !matches!(byte, b'e' | b'o' | b'u' | b't'))
}

/// The paths of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    /// The folder, or the one file, of each path.
    pub(crate) roots: Vec<NodeId>,
    by_root: FxHashMap<NodeId, usize>,
    /// Images may choose these names.
    by_hash: HashMap<Hash, Vec<usize>>,
}

impl Store {
    /// The paths in a tree.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut found = Self::default();
        for root in tree.follow(STORE).into_iter().flat_map(|store| tree.children(store)) {
            let Some((hash, _)) = split(tree.name(root)) else { continue };
            found.by_root.insert(root, found.roots.len());
            found.by_hash.entry(hash).or_default().push(found.roots.len());
            found.roots.push(root);
        }
        found
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// The path that a file is in, or is.
    pub(crate) fn containing(&self, tree: &Tree, node: NodeId) -> Option<usize> {
        let above = std::iter::successors(Some(node), |&at| (at != Tree::ROOT).then(|| tree.parent(at)));
        above.into_iter().find_map(|at| self.by_root.get(&at).copied())
    }

    /// The paths whose names begin with this hash: a path and its lock may have one in common.
    pub(crate) fn with_hash(&self, hash: &Hash) -> &[usize] {
        self.by_hash.get(hash).map_or(&[], Vec::as_slice)
    }
}

/// The hash and the rest of a store path's name.
fn split(name: &[u8]) -> Option<(Hash, &[u8])> {
    let (hash, rest) = name.split_at_checked(HASH)?;
    let rest = rest.strip_prefix(b"-").filter(|rest| !rest.is_empty())?;
    hash.iter().all(|&byte| is_hash_character(byte)).then_some((hash.try_into().ok()?, rest))
}

/// Name and version as Nix tells them apart: the version begins behind the first dash that no letter follows (Nix manual,
/// `builtins.parseDrvName`).
fn name_and_version(name: &[u8]) -> (&[u8], &[u8]) {
    let is_end = |at: &usize| name[*at] == b'-' && name.get(at + 1).is_some_and(|next| !next.is_ascii_alphabetic());
    (0..name.len()).find(is_end).map_or((name, b""), |at| (&name[..at], &name[at + 1..]))
}

/// Whether an owner is what people call a package: not what one is built from, what locks it, or the store's own.
pub(crate) fn is_package(owner: &Owner) -> bool {
    let end = if owner.version.is_empty() { &owner.name } else { &owner.version };
    !owner.name.starts_with('.') && ![".drv", ".lock", ".chroot", ".check"].iter().any(|suffix| end.ends_with(suffix))
}

/// Claims the files of store paths, and the links that keep these from being collected.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let store = Store::of(tree);
    let mut ids = Vec::with_capacity(store.roots.len());
    for &root in &store.roots {
        let (name, version) = split(tree.name(root)).map(|(_, rest)| name_and_version(rest)).unwrap_or_default();
        let id = owners.add(Owner::new(Ecosystem::Nix, name.to_str_lossy(), version.to_str_lossy()));
        ids.push(id);
        let files = || tree.walk(root).filter(|&node| !tree.inode(node).is_dir());
        // A path comes in one layer. What a later one brings or changes is somebody else's.
        let first = files().map(|node| tree.inode(node).layer).min();
        for node in files() {
            if Some(tree.inode(node).layer) > first {
                owners.by_node[node.index()] = None;
                owners.changed.insert(node);
            } else {
                owners.claim(node, id);
            }
        }
    }
    if !store.is_empty() {
        claim_roots(tree, owners, &store, &ids);
        claim_shared(tree, owners);
    }
}

/// Whether a link is one of those by which people use a profile, all of which lead to one.
fn is_profile(tree: &Tree, link: NodeId) -> bool {
    let parent = tree.name(tree.parent(link));
    matches!(tree.name(link).as_bytes(), b".nix-profile") || parent == "profiles" || parent == ".nix-defexpr"
}

/// Profiles and the collector's roots are records of the path that they lead to.
fn claim_roots(tree: &Tree, owners: &mut Owners, store: &Store, ids: &[OwnerId]) {
    let Some(state) = tree.follow(STATE) else { return };
    for link in tree.iter() {
        if !matches!(tree.inode(link).kind, Kind::Symlink(_)) || owners.of(link).is_some() {
            continue;
        }
        let Some(found) = tree.resolve_from(tree.parent(link), tree.name(link)) else { continue };
        let by_profile = || is_profile(tree, link) && found.via.iter().any(|&step| tree.is_within(step, state));
        let is_root = tree.is_within(link, state) || by_profile();
        if let Some(path) = store.containing(tree, found.node).filter(|_| is_root) {
            owners.claim(link, ids[path]);
            owners.list[ids[path].index()].records.push(link);
        }
    }
}

/// `nix-store --optimise` gives identical files one more name each, in `.links`. Where names were made files of their own again by whoever
/// copied the store, nobody needs these.
fn claim_shared(tree: &Tree, owners: &mut Owners) {
    let Some(links) = tree.follow(STORE).and_then(|store| tree.child(store, LINKS.as_bytes())) else { return };
    let id = owners.add(Owner::new(Ecosystem::Nix, LINKS, ""));
    for link in tree.children(links).filter(|&link| !tree.inode(link).is_dir()) {
        owners.claim(link, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::find;
    use crate::rootfs::Builder;

    const A: &str = "/nix/store/00000000000000000000000000000000-hello-world-2.12";
    const B: &str = "/nix/store/11111111111111111111111111111111-profile";

    #[test]
    fn names_and_versions_are_those_of_nix() {
        let parsed = |name: &'static str| {
            let (name, version) = name_and_version(name.as_bytes());
            (name.to_str().unwrap(), version.to_str().unwrap())
        };
        // What `nix-instantiate --eval -E 'builtins.parseDrvName "…"'` says.
        assert_eq!(parsed("nix-js-0.12pre45"), ("nix-js", "0.12pre45"));
        assert_eq!(parsed("source"), ("source", ""));
        assert_eq!(parsed("a-"), ("a-", ""));
        assert_eq!(parsed("a--b"), ("a", "-b"));
        assert_eq!(split(b"0000000000000000000000000000000e-a"), None);
        assert_eq!(split(b"00000000000000000000000000000000-"), None);
        assert_eq!(split(b"00000000000000000000000000000000"), None);
    }

    #[test]
    fn store_paths_are_packages_and_profiles_their_records() {
        let mut rootfs = Builder::new()
            .file(&format!("{A}/bin/hello"), b"x")
            .file(&format!("{A}/etc/later"), b"x")
            .symlink(&format!("{B}/bin"), &format!("{A}/bin"))
            .file("/nix/store/.lock", b"")
            .hardlink("/nix/store/.links/0abc", &format!("{A}/bin/hello"))
            .symlink("/nix/var/nix/profiles/default-1-link", B)
            .symlink("/nix/var/nix/profiles/default", "default-1-link")
            .symlink("/root/.nix-profile", "/nix/var/nix/profiles/default")
            .symlink("/nix/var/nix/gcroots/auto/1", "/result")
            .symlink("/result", A)
            .symlink("/usr/bin/hello", "/root/.nix-profile/bin/hello")
            .file("/nix/var/nix/db/db.sqlite", b"")
            .build();
        let later = rootfs.tree.get(format!("{A}/etc/later")).unwrap();
        rootfs.tree.inode_mut(later).layer = 1;
        let owners = find(&rootfs, &[]);
        let of = |path: &str| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).name.as_str());
        assert_eq!(of(&format!("{A}/bin/hello")), Some("hello-world"));
        assert_eq!(of("/nix/store/.links/0abc"), Some(".links"));
        assert_eq!(of(&format!("{A}/etc/later")), None);
        assert_eq!(of("/nix/store/.lock"), None);
        for link in ["/nix/var/nix/profiles/default-1-link", "/nix/var/nix/profiles/default", "/root/.nix-profile"] {
            assert_eq!(of(link), Some("profile"), "{link}");
        }
        assert_eq!(of("/nix/var/nix/gcroots/auto/1"), Some("hello-world"));
        // Other links from outside are the user's.
        assert_eq!((of("/result"), of("/usr/bin/hello")), (None, None));
        assert_eq!(of("/nix/var/nix/db/db.sqlite"), None);
        assert_eq!(owners.iter().next().unwrap().1.version, "2.12");
        let package = |name: &str, version: &str| is_package(&Owner::new(Ecosystem::Nix, name, version));
        assert!(package("hello", "2.12") && package("source", ""));
        assert!(!package("hello", "2.12.drv") && !package("source.lock", "") && !package(".links", ""));
    }
}
