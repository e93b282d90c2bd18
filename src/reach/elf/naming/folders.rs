//! Folders of plugins.

use std::collections::{BTreeMap, HashMap};

use rustc_hash::{FxHashMap, FxHashSet};

use super::is_library;
use crate::owners::{OwnerId, Owners};
use crate::reach::elf::facts::ElfFacts;
use crate::reach::elf::ldconf;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where loaders look for libraries, and shells for programs: who names one of these means something in it.
const SEARCHED: [&str; 14] = [
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
    "/lib64",
    "/usr/lib64",
    "/usr/local/lib64",
    "/lib32",
    "/usr/lib32",
    "/usr/libx32",
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
];
/// How deep below a named folder plugins may lie (`krb5/plugins/preauth`).
const MAX_DEPTH: usize = 4;
/// Of a folder nearer to the root only what lies in itself is meant.
const MIN_PARTS: usize = 3;
/// How many parts the end of a path has at most that names a folder.
const MAX_END: usize = 16;

/// The folders of plugins of one image.
#[derive(Debug)]
pub(super) struct Folders<'a> {
    rootfs: &'a Rootfs,
    owners: &'a Owners,
    /// Found when first asked for.
    index: Option<Index>,
    /// Folders of which the plugins have been marked.
    kept: FxHashSet<NodeId>,
    /// Whether a package's software has files in a folder, where somebody asked.
    shared: FxHashMap<(OwnerId, NodeId), bool>,
}

/// What there is.
#[derive(Debug)]
struct Index {
    /// Folders with libraries in them where no loader looks, in order, by each folder that they lie in or a few levels
    /// below, with the number of levels.
    below: FxHashMap<NodeId, Vec<(usize, NodeId)>>,
    /// Those with libraries that are no links to common ones (as compilers are given), by the ends of their paths.
    by_end: HashMap<Box<str>, Vec<NodeId>>,
    /// Folders where a loader looks, and those around them.
    common: FxHashSet<NodeId>,
}

impl Index {
    fn of(rootfs: &Rootfs) -> Self {
        let tree = &rootfs.tree;
        let mut searched: Vec<NodeId> = SEARCHED.iter().filter_map(|dir| tree.follow(dir)).collect();
        let triplet = |dir: NodeId| {
            let by_machine = move |&child: &NodeId| {
                let name = tree.name(child);
                tree.inode(child).is_dir() && memchr::memmem::find(name, b"-linux-").is_some()
            };
            tree.children(dir).filter(by_machine).collect::<Vec<_>>()
        };
        searched.extend(searched.clone().into_iter().flat_map(triplet));
        searched.extend(ldconf::directories(rootfs).iter().filter_map(|dir| tree.follow(dir)));
        let mut common = FxHashSet::default();
        for mut dir in searched {
            while common.insert(dir) && dir != Tree::ROOT {
                dir = tree.parent(dir);
            }
        }
        let mut plugins = Vec::new();
        for node in tree.iter().filter(|&node| !tree.inode(node).is_dir() && is_library(tree.name(node))) {
            let dir = tree.parent(node);
            if plugins.last() != Some(&dir) && !common.contains(&dir) {
                plugins.push(dir);
            }
        }
        plugins.sort_unstable();
        plugins.dedup();
        let mut below: FxHashMap<NodeId, Vec<(usize, NodeId)>> = FxHashMap::default();
        let mut by_end: HashMap<Box<str>, Vec<NodeId>> = HashMap::default();
        for folder in plugins {
            let ancestors = std::iter::successors(Some(folder), |&at| (at != Tree::ROOT).then(|| tree.parent(at)));
            for (depth, dir) in ancestors.take(MAX_DEPTH + 1).enumerate() {
                below.entry(dir).or_default().push((depth, folder));
            }
            let path = tree.path(folder);
            let Ok(path) = std::str::from_utf8(&path) else { continue };
            // Where all are links, a name is no evidence.
            if tree.children(folder).any(|file| is_plugin(tree, file)) {
                let ends = path.match_indices('/').skip(1).collect::<Vec<_>>();
                for end in ends.iter().rev().take(MAX_END).filter_map(|(at, _)| path.get(at + 1..)) {
                    by_end.entry(end.into()).or_default().push(folder);
                }
            }
        }
        Self { below, by_end, common }
    }
}

impl<'a> Folders<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, owners: &'a Owners) -> Self {
        Self { rootfs, owners, index: None, kept: FxHashSet::default(), shared: FxHashMap::default() }
    }

    fn index(&mut self) -> &Index {
        self.index.get_or_insert_with(|| Index::of(self.rootfs))
    }

    /// Whether a folder is one where loaders or shells look, or lies around one.
    pub(super) fn is_searched(&mut self, dir: NodeId) -> bool {
        self.index().common.contains(&dir)
    }

    /// Marks the plugins in the folder at `dir`, which a string `text` in the file at `node` names. What lies beside them is
    /// theirs (`.la` files, which libltdl reads first; lists, settings).
    pub(super) fn keep(&mut self, graph: &mut Graph, node: NodeId, dir: NodeId, text: &str) {
        let tree = &self.rootfs.tree;
        // The first that names a folder is who it stays for.
        if self.index().common.contains(&dir) || !self.kept.insert(dir) {
            return;
        }
        let evidence = Evidence::new(EvidenceKind::Dlopen, format!("every plugin of {text}"));
        let parts = tree.path(dir).iter().filter(|&&b| b == b'/').count();
        let deepest = if parts < MIN_PARTS { 0 } else { MAX_DEPTH };
        let below = self.index().below.get(&dir).into_iter().flatten();
        for &(_, folder) in below.filter(|&&(depth, _)| depth <= deepest) {
            for file in plugins(tree, folder) {
                graph.reach_followed(Some(node), file, &evidence);
            }
        }
    }

    /// Marks the plugins in folders of which the file at `node` names the end of the path.
    pub(super) fn relative(
        &mut self,
        graph: &mut Graph,
        node: NodeId,
        facts: &ElfFacts,
        is_cut: &impl Fn(&str) -> bool,
    ) {
        if facts.words.is_empty() && facts.relatives.is_empty() {
            return;
        }
        let (tree, owners) = (&self.rootfs.tree, self.owners);
        self.index();
        let Some(index) = &self.index else { return };
        let texts = facts.relatives.iter().chain(&facts.paths).chain(&facts.formats);
        let mut named: Vec<&str> =
            facts.words.iter().map(|word| &**word).chain(texts.flat_map(|text| ends(text))).collect();
        // Of each folder the longest end counts.
        named.sort_unstable_by_key(|end| (std::cmp::Reverse(end.len()), *end));
        named.dedup();
        let beside = tree.parent(node);
        let mut found: BTreeMap<NodeId, &str> = BTreeMap::new();
        for end in named {
            for &folder in index.by_end.get(end).into_iter().flatten() {
                if found.contains_key(&folder) {
                    continue;
                }
                let path = tree.path(folder);
                let Ok(path) = std::str::from_utf8(&path) else { continue };
                let Some(prefix) = path.strip_suffix(end).and_then(|prefix| prefix.strip_suffix('/')) else { continue };
                let is_prefix = || {
                    facts.paths.binary_search_by(|path| path.trim_end_matches('/').cmp(prefix)).is_ok()
                        || (end.contains('/') && tree.follow(prefix) == Some(beside))
                };
                let mut same_software = || {
                    let Some(owner) = owners.of(node) else { return false };
                    *self.shared.entry((owner, folder)).or_insert_with(|| {
                        let mut files = tree.children(folder).filter(|&file| !tree.inode(file).is_dir());
                        files.any(|file| owners.of_one_source(node, file))
                    })
                };
                if (is_prefix() || same_software()) && !is_cut(path) {
                    found.insert(folder, end);
                }
            }
        }
        for (folder, end) in found {
            self.keep(graph, node, folder, end);
        }
    }
}

/// The ends of paths that a string may be, maybe behind conversions or slashes (`%s/plugins`, `/plugins/`).
fn ends(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_end_matches('/');
    let skipped = |part: &str| matches!(part, "" | "." | ".." | "%s");
    // Where parts that say nothing end.
    let mut start = 0;
    while let Some((part, _)) =
        text.get(start..).and_then(|rest| rest.split_once('/')).filter(|(part, _)| skipped(part))
    {
        start += part.len() + 1;
    }
    let rest = text.get(start..).unwrap_or_default();
    // The next part may begin with such a text: `%splugins`.
    let within = ["", ".", "..", "%s"].into_iter().filter_map(move |before| rest.strip_prefix(before));
    within.filter(|end| !end.is_empty() && !end.starts_with('/'))
}

/// Whether there is a library at `node` that is no link to one somewhere else.
fn is_plugin(tree: &Tree, node: NodeId) -> bool {
    tree.inode(node).is_file() && is_library(tree.name(node))
}

/// The plugins in a folder, with what belongs to them: all of it where most of it is libraries, else those with their
/// descriptions.
fn plugins(tree: &Tree, folder: NodeId) -> Vec<NodeId> {
    let for_building = |name: &[u8]| [".a", ".h", ".pc", ".o"].iter().any(|end| name.ends_with(end.as_bytes()));
    let mut files: Vec<NodeId> = tree.children(folder).filter(|&file| !tree.inode(file).is_dir()).collect();
    files.retain(|&file| !for_building(tree.name(file)));
    let describes = |file: NodeId| is_library(tree.name(file)) || tree.name(file).ends_with(b".la");
    let count = files.iter().filter(|&&file| describes(file)).count();
    if count * 2 < files.len() {
        files.retain(|&file| describes(file));
    }
    files
}
