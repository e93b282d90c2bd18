//! Folders of plugins.

use rustc_hash::FxHashSet;

use super::is_library;
use crate::owners::Owners;
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

/// The folders of plugins of one image.
#[derive(Debug)]
pub(super) struct Folders<'a> {
    rootfs: &'a Rootfs,
    owners: &'a Owners,
    /// Found when first asked for.
    index: Option<Index>,
}

/// What there is.
#[derive(Debug)]
struct Index {
    /// Folders with libraries in them where no loader looks, in the order of their paths.
    plugins: Vec<NodeId>,
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
        Self { plugins, common }
    }
}

impl<'a> Folders<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, owners: &'a Owners) -> Self {
        Self { rootfs, owners, index: None }
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
        let index = self.index();
        if index.common.contains(&dir) {
            return;
        }
        let depth = |folder: NodeId| {
            let ancestors = std::iter::successors(Some(folder), |&at| (at != Tree::ROOT).then(|| tree.parent(at)));
            ancestors.take(MAX_DEPTH + 1).position(|at| at == dir)
        };
        let evidence = Evidence::new(EvidenceKind::Dlopen, format!("every plugin of {text}"));
        let parts = tree.path(dir).iter().filter(|&&b| b == b'/').count();
        let deepest = if parts < MIN_PARTS { 0 } else { MAX_DEPTH };
        for &folder in index.plugins.iter().filter(|&&folder| depth(folder).is_some_and(|depth| depth <= deepest)) {
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
        let index = self.index();
        let mut found = Vec::new();
        // Where all are links to common libraries (as compilers are given), a name is no evidence.
        let holds_files = |&&folder: &&NodeId| tree.children(folder).any(|file| is_plugin(tree, file));
        for &folder in index.plugins.iter().filter(holds_files) {
            let path = tree.path(folder);
            let Ok(path) = std::str::from_utf8(&path) else { continue };
            let beside = tree.parent(node);
            for (at, _) in path.match_indices('/').skip(1) {
                let (prefix, end) = (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default());
                if !names(facts, end) {
                    continue;
                }
                let is_prefix = || {
                    facts.paths.binary_search_by(|path| path.trim_end_matches('/').cmp(prefix)).is_ok()
                        || (end.contains('/') && tree.follow(prefix) == Some(beside))
                };
                let same_software = || {
                    let mut files = tree.children(folder).filter(|&file| !tree.inode(file).is_dir());
                    files.any(|file| owners.of_one_source(node, file))
                };
                if (is_prefix() || same_software()) && !is_cut(path) {
                    found.push((folder, end.to_owned()));
                    break;
                }
            }
        }
        for (folder, end) in found {
            self.keep(graph, node, folder, &end);
        }
    }
}

/// Whether a string of the file is this end of a path, maybe behind a conversion or a slash (`%s/plugins`, `/plugins/`).
fn names(facts: &ElfFacts, end: &str) -> bool {
    let is_end = |text: &str| {
        let text = text.trim_end_matches('/');
        let before = text.strip_suffix(end);
        before.is_some_and(|before| before.split('/').all(|part| matches!(part, "" | "." | ".." | "%s")))
    };
    facts.words.binary_search_by(|word| (**word).cmp(end)).is_ok()
        || facts.relatives.iter().chain(&facts.paths).chain(&facts.formats).any(|text| is_end(text))
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
