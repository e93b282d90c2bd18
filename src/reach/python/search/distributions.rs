//! Installed distributions as `importlib.metadata` sees them: names, entry points, and what belongs to them.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::super::names::is_identifier;
use crate::rootfs::{NodeId, Rootfs};

/// One `*.dist-info` or `*.egg-info`.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The metadata directory (or the single file of an old egg-info).
    pub info: NodeId,
    /// Entry points: group, name, `module:attr`.
    pub entry_points: Vec<(String, String, String)>,
    /// Top-level modules that its records name.
    pub top_level: Vec<String>,
    /// Files outside its site directory, apart from scripts: data that it put under the prefix.
    pub outside: Vec<NodeId>,
}

/// All distributions of an environment.
#[derive(Debug, Default)]
pub struct Distributions {
    list: Vec<Distribution>,
    by_name: HashMap<String, usize>,
    by_file: FxHashMap<NodeId, usize>,
    by_top_level: HashMap<String, Vec<usize>>,
}

/// PEP 503 normalisation, with underscores.
pub fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('_') {
                out.push('_');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// No metadata file worth reading is larger than this.
const MAX_METADATA: u64 = 16 << 20;

fn read(rootfs: &Rootfs, node: NodeId) -> String {
    let mut bytes = Vec::new();
    if rootfs.read_prefix(node, MAX_METADATA, &mut bytes).is_err() {
        bytes.clear();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The names that a distribution requires, extras and markers aside (`Requires-Dist`, `requires.txt`).
///
/// <https://packaging.python.org/en/latest/specifications/core-metadata/#requires-dist-multiple-use>
pub fn requirements(rootfs: &Rootfs, info: NodeId) -> Vec<String> {
    let tree = &rootfs.tree;
    let text = |file: &str| tree.resolve_from(info, file).map(|f| read(rootfs, f.node)).unwrap_or_default();
    let name = |requirement: &str| -> String {
        let is_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        requirement.trim().chars().take_while(is_name).collect()
    };
    let metadata = text("METADATA");
    // The headers end at the first empty line.
    let headers = metadata.lines().take_while(|line| !line.is_empty());
    let mut names: Vec<String> = headers.filter_map(|line| line.strip_prefix("Requires-Dist:")).map(name).collect();
    names.extend(text("requires.txt").lines().filter(|line| !line.starts_with('[')).map(name));
    names.retain(|name| !name.is_empty());
    names
}

impl Distributions {
    /// Reads the distributions in these site directories.
    pub fn find(rootfs: &Rootfs, sites: impl IntoIterator<Item = NodeId>) -> Self {
        let mut out = Self::default();
        for site in sites {
            out.read_site(rootfs, site);
        }
        out
    }

    fn read_site(&mut self, rootfs: &Rootfs, site: NodeId) {
        let tree = &rootfs.tree;
        for child in tree.children(site) {
            let Ok(name) = std::str::from_utf8(tree.name(child)) else { continue };
            if name.ends_with(".egg") && tree.inode(child).is_dir() {
                if let Some(info) = tree.child(child, b"EGG-INFO") {
                    self.add(rootfs, child, info, name.trim_end_matches(".egg"));
                }
            } else if let Some(stem) = name.strip_suffix(".dist-info").or_else(|| name.strip_suffix(".egg-info")) {
                self.add(rootfs, site, child, stem);
            }
        }
    }

    fn add(&mut self, rootfs: &Rootfs, site: NodeId, info: NodeId, stem: &str) {
        let tree = &rootfs.tree;
        let name = normalise(stem.split_once('-').map_or(stem, |(name, _)| name));
        let text = |file: &str| tree.resolve_from(info, file).map(|f| read(rootfs, f.node)).unwrap_or_default();
        let mut dist = Distribution {
            info,
            entry_points: entry_points(&text("entry_points.txt")),
            top_level: text("top_level.txt")
                .lines()
                .map(|l| l.trim().replace('/', "."))
                .filter(|l| !l.is_empty())
                .collect(),
            outside: Vec::new(),
        };
        let index = self.list.len();
        for line in text("RECORD").lines() {
            let path = record_path(line);
            let Some(found) = tree.resolve_from(site, path.as_bytes()) else { continue };
            if !tree.inode(found.node).is_file() {
                continue;
            }
            self.by_file.entry(found.node).or_insert(index);
            let outside = path.starts_with("../") || path.starts_with('/');
            let script = path.contains("/bin/") || path.contains("/share/man/") || path.contains("/share/doc/");
            if outside && !script && !path.ends_with(".py") && !path.ends_with(".pyc") {
                dist.outside.push(found.node);
            } else if !outside && !path.contains(".dist-info/") {
                let top = path.split('/').next().unwrap_or("");
                let top = top.split('.').next().unwrap_or("");
                if is_identifier(top) && top != "__pycache__" {
                    dist.top_level.push(top.to_owned());
                }
            }
        }
        dist.top_level.sort();
        dist.top_level.dedup();
        for top in &dist.top_level {
            self.by_top_level.entry(top.clone()).or_default().push(index);
        }
        self.by_name.entry(name).or_insert(index);
        self.list.push(dist);
    }

    /// The distribution at this position.
    pub fn get(&self, index: usize) -> &Distribution {
        &self.list[index]
    }

    /// The distribution with this name, in any spelling.
    pub fn by_name(&self, name: &str) -> Option<usize> {
        self.by_name.get(&normalise(name)).copied()
    }

    /// The distribution whose record lists this file.
    pub fn of_file(&self, file: NodeId) -> Option<usize> {
        self.by_file.get(&file).copied()
    }

    /// Every distribution that names `top` as a top-level module.
    pub fn of_top_level(&self, top: &str) -> impl Iterator<Item = usize> + '_ {
        self.by_top_level.get(top).into_iter().flatten().copied()
    }

    /// All of them, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Distribution)> {
        self.list.iter().enumerate()
    }
}

/// First field of a RECORD line (CSV: the path may be quoted).
fn record_path(line: &str) -> String {
    if let Some(rest) = line.strip_prefix('"') {
        let mut out = String::new();
        let mut chars = rest.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '"' {
                out.push(c);
            } else if chars.peek() == Some(&'"') {
                chars.next();
                out.push('"');
            } else {
                break;
            }
        }
        return out;
    }
    line.split(',').next().unwrap_or("").trim().to_owned()
}

/// `entry_points.txt`: an INI file with a section a group.
fn entry_points(text: &str) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let mut group = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            group = name.trim().to_owned();
        } else if let Some((name, value)) = line.split_once('=') {
            let value = value.split('[').next().unwrap_or("").trim();
            out.push((group.clone(), name.trim().to_owned(), value.to_owned()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn reads_entry_points_and_records() {
        let rootfs = Builder::new()
            .file("/s/foo_bar/__init__.py", b"")
            .file("/share/x.json", b"{}")
            .file("/s/Foo_Bar-1.0.dist-info/RECORD", b"foo_bar/__init__.py,,\n\"../share/x.json\",,\nmissing.py,,\n")
            .file("/s/Foo_Bar-1.0.dist-info/entry_points.txt", b"[g.x]\na = foo_bar.m:f [extra]\n# c\n")
            .build();
        let dists = Distributions::find(&rootfs, rootfs.tree.get("/s"));
        let dist = dists.get(dists.by_name("foo-bar").unwrap());
        assert_eq!(dist.entry_points, [("g.x".into(), "a".into(), "foo_bar.m:f".into())]);
        assert_eq!(dist.top_level, ["foo_bar"]);
        assert_eq!(dist.outside, [rootfs.tree.get("/share/x.json").unwrap()]);
        assert_eq!(dists.of_file(rootfs.tree.get("/s/foo_bar/__init__.py").unwrap()), Some(0));
    }
}
