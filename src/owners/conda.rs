//! Conda packages: `PREFIX/conda-meta/NAME-VERSION-BUILD.json`, and conda's cache `PREFIX/pkgs`.

use std::collections::HashMap;

use bstr::ByteSlice;
use serde::Deserialize;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::landmarks::Landmarks;
use super::owner::{Ecosystem, Owner, OwnerId, Owners};
use super::place::Places;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// The parts of a `conda-meta` file that matter here.
#[derive(Debug, Deserialize)]
struct Record {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    subdir: Option<String>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    paths_data: PathsData,
}

#[derive(Debug, Default, Deserialize)]
struct PathsData {
    #[serde(default)]
    paths: Vec<PathData>,
}

#[derive(Debug, Deserialize)]
struct PathData {
    #[serde(rename = "_path")]
    path: String,
    #[serde(default)]
    sha256: Option<String>,
    /// Where installation put the prefix into the file.
    #[serde(default)]
    sha256_in_prefix: Option<String>,
}

/// Claims what conda installed, in every prefix.
pub(super) fn find(rootfs: &Rootfs, landmarks: &Landmarks, owners: &mut Owners) {
    for &meta in &landmarks.conda_metas {
        let prefix = rootfs.tree.parent(meta);
        let mut by_dist: HashMap<Vec<u8>, OwnerId> = HashMap::default();
        let mut conda = None;
        let records: Vec<NodeId> = rootfs.tree.children(meta).collect();
        for node in records {
            let Some(stem) = rootfs.tree.name(node).strip_suffix(b".json") else { continue };
            let stem = stem.to_vec();
            let Some(text) = read_record(rootfs, owners, node) else { continue };
            let record: Record = match serde_json::from_slice(&text) {
                Ok(record) => record,
                Err(error) => {
                    owners.notes.push(format!("{}: record not used: {error}", rootfs.tree.path(node)));
                    continue;
                }
            };
            let owner = owners.add(Owner {
                architecture: record.subdir.clone(),
                records: vec![node],
                ..Owner::new(Ecosystem::Conda, record.name.as_str(), record.version.as_str())
            });
            by_dist.insert(stem, owner);
            if record.name == "conda" {
                conda = Some(owner);
            }
            claim_files(rootfs, prefix, node, owner, &record, owners);
        }
        claim_cache(&rootfs.tree, prefix, &by_dist, conda, owners);
    }
}

fn claim_files(rootfs: &Rootfs, prefix: NodeId, node: NodeId, owner: OwnerId, record: &Record, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let installed = Some(Installed::with(tree.inode(node)));
    let mut digests: HashMap<&str, Digest> = HashMap::default();
    for path in &record.paths_data.paths {
        let hash = path.sha256_in_prefix.as_ref().or(path.sha256.as_ref());
        if let Some(digest) = hash.and_then(|hash| Digest::sha256_hex(hash.as_bytes())) {
            digests.insert(&path.path, digest);
        }
    }
    let mut places = Places::below(tree, prefix);
    let files = record.files.iter().map(String::as_str).chain(record.paths_data.paths.iter().map(|p| p.path.as_str()));
    let mut listed = vec![Listed { node, owner, installed: None, digest: None }];
    for path in files {
        if let Some(node) = places.find(path.as_bytes()).filter(|&node| tree.is_within(node, prefix)) {
            listed.push(Listed { node, owner, installed, digest: digests.get(path).cloned() });
        }
    }
    claim_listed(rootfs, owners, &listed);
}

/// The unpacked packages and archives in `PREFIX/pkgs` belong to the package they were, or else to conda.
fn claim_cache(
    tree: &Tree,
    prefix: NodeId,
    by_dist: &HashMap<Vec<u8>, OwnerId>,
    conda: Option<OwnerId>,
    owners: &mut Owners,
) {
    let Some(cache) = tree.child(prefix, b"pkgs") else { return };
    let is_cache = [&b"urls.txt"[..], b"urls", b"cache"].iter().any(|name| tree.child(cache, name).is_some());
    if !is_cache {
        return;
    }
    let entries: Vec<NodeId> = tree.children(cache).collect();
    for entry in entries {
        let name = tree.name(entry).as_bytes();
        let dist = name.strip_suffix(b".conda").or_else(|| name.strip_suffix(b".tar.bz2")).unwrap_or(name);
        let Some(owner) = by_dist.get(dist).copied().or(conda) else { continue };
        for node in tree.walk(entry) {
            if owners.of(node).is_none() && !tree.inode(node).is_dir() {
                owners.claim(node, owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn reads_conda_meta_and_the_cache() {
        let rootfs = Builder::new()
            .file(
                "/opt/conda/conda-meta/zlib-1.3-h0.json",
                br#"{"name":"zlib","version":"1.3","subdir":"linux-64","files":["lib/libz.so","../../etc/passwd"],"more":[1]}"#,
            )
            .file("/opt/conda/conda-meta/bad.json", b"{")
            .file("/opt/conda/lib/libz.so", b"")
            .file("/opt/conda/lib/mine.so", b"")
            .file("/opt/conda/pkgs/urls.txt", b"")
            .file("/opt/conda/pkgs/zlib-1.3-h0/lib/libz.so", b"")
            .file("/opt/conda/pkgs/other-1-0/lib/x", b"")
            .file("/etc/passwd", b"")
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).name.as_str());
        assert_eq!(of("/opt/conda/lib/libz.so"), Some("zlib"));
        assert_eq!(of("/opt/conda/lib/mine.so"), None);
        assert_eq!(of("/etc/passwd"), None);
        assert_eq!(of("/opt/conda/pkgs/zlib-1.3-h0/lib/libz.so"), Some("zlib"));
        assert_eq!(of("/opt/conda/pkgs/other-1-0/lib/x"), None);
        assert_eq!(of("/opt/conda/conda-meta/zlib-1.3-h0.json"), Some("zlib"));
        assert!(owners.notes[0].contains("bad.json"));
    }
}
