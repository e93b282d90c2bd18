//! What strip rules ask of a file besides its path.

use std::collections::BTreeSet;

use super::schema::Condition;
use crate::rootfs::{Inode, Kind, NodeId, Resolution, Tree};

/// An empty module compiles to less than this (bytes).
const EMPTY_MODULE: u64 = 1024;

/// Answers conditions about the files of one tree.
#[derive(Debug)]
pub struct Conditions<'a> {
    tree: &'a Tree,
    named: BTreeSet<NodeId>,
    /// For every node whether it is a directory with test modules somewhere below.
    has_tests: Vec<bool>,
}

impl<'a> Conditions<'a> {
    /// For files of `tree`, of which the image's config names those in `named`.
    pub fn new(tree: &'a Tree, named: BTreeSet<NodeId>) -> Self {
        let mut has_tests = vec![false; tree.capacity()];
        for node in tree.iter() {
            if is_test_module(tree.name(node)) && tree.inode(node).is_file() {
                let mut at = tree.parent(node);
                while !std::mem::replace(&mut has_tests[at.index()], true) {
                    at = tree.parent(at);
                }
            }
        }
        Self { tree, named, has_tests }
    }

    /// Whether all of `conditions` are true of the file at `node`.
    pub fn all(&self, conditions: &[Condition], node: NodeId) -> bool {
        conditions.iter().all(|&condition| self.holds(condition, node))
    }

    fn holds(&self, condition: Condition, node: NodeId) -> bool {
        let inode = self.tree.inode(node);
        match condition {
            Condition::Directory => inode.is_dir(),
            Condition::RegularFile => inode.is_file(),
            Condition::Content => inode.is_file() && inode.size() > 0,
            Condition::Recreatable => recreatable(inode, self.tree.inode(self.tree.parent(node))),
            Condition::WithSource => self.has_source(node),
            Condition::WithCatalogue => self.has_catalogue(node),
            Condition::TestSuite => self.in_test_suite(node),
            Condition::Unnamed => !self.is_named(node),
            Condition::Dangling => {
                matches!(inode.kind, Kind::Symlink(_)) && self.tree.resolve(self.tree.path(node)).is_some()
            }
        }
    }

    fn is_named(&self, node: NodeId) -> bool {
        let mut at = node;
        while at != Tree::ROOT {
            if self.named.contains(&at) {
                return true;
            }
            at = self.tree.parent(at);
        }
        false
    }

    fn has_source(&self, node: NodeId) -> bool {
        let tree = self.tree;
        let Some(found) = source_of(tree, node) else { return false };
        let source = tree.inode(found.node);
        // PEP 552 allows byte code that is never compared with its source, which may then be an empty placeholder.
        source.is_file() && (source.size() > 0 || tree.inode(node).size() < EMPTY_MODULE)
    }

    fn has_catalogue(&self, node: NodeId) -> bool {
        let tree = self.tree;
        let Some(stem) = tree.name(node).strip_suffix(b".po") else { return false };
        let catalogue = tree.child(tree.parent(node), &[stem, b".mo"].concat());
        catalogue.is_some_and(|catalogue| tree.inode(catalogue).is_file() && tree.inode(catalogue).size() > 0)
    }

    fn in_test_suite(&self, node: NodeId) -> bool {
        let tree = self.tree;
        let mut at = tree.parent(node);
        while at != Tree::ROOT {
            let name: &[u8] = tree.name(at);
            if matches!(name, b"site-packages" | b"dist-packages") {
                return false;
            }
            if is_test_folder(name) && self.has_tests[at.index()] {
                return true;
            }
            at = tree.parent(at);
        }
        false
    }
}

/// What the byte code at `node` is made from (PEP 3147): `__pycache__/x.cpython-311.pyc` from `x.py` in the folder above,
/// elsewhere `x.pyc` from `x.py` beside it.
pub fn source_of(tree: &Tree, node: NodeId) -> Option<Resolution> {
    let name: &[u8] = tree.name(node);
    let mut dir = tree.parent(node);
    let dot = name.iter().rposition(|&b| b == b'.')?;
    let mut stem = &name[..dot];
    if tree.name(dir) == "__pycache__" {
        dir = tree.parent(dir);
        // The tag is the part after the first dot of the rest, as in x.cpython-311.opt-1; a module's own name
        // has none.
        stem = stem.split(|&b| b == b'.').next().unwrap_or_default();
    }
    tree.resolve_from(dir, [stem, b".py"].concat())
}

fn is_test_folder(name: &[u8]) -> bool {
    [&b"test"[..], b"tests", b"testsuite", b"selftest", b"idle_test"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn is_test_module(name: &[u8]) -> bool {
    let Some(stem) = name.strip_suffix(b".py") else { return false };
    stem == b"conftest" || stem.starts_with(b"test_") || stem.ends_with(b"_test")
}

/// Whether whoever may write to `file` may also make it anew in `dir`.
fn recreatable(file: &Inode, dir: &Inode) -> bool {
    let (file, dir) = (file.meta, dir.meta);
    if dir.mode & 0o002 != 0 {
        return true;
    }
    let by_user = file.uid == 0 || file.uid == dir.uid;
    let by_group = file.mode & 0o020 == 0 || file.gid == 0 || (file.gid == dir.gid && dir.mode & 0o020 != 0);
    let by_others = file.mode & 0o002 == 0;
    by_user && by_group && by_others
}
