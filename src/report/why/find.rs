//! What a word on the command line means: a path, a glob, a Python module, a library, a command.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use super::Explainer;
use crate::profile::{ModuleGlobs, PathGlobs, canonical_glob};
use crate::rootfs::{NodeId, Tree};
use crate::{Error, Result};

impl Explainer<'_> {
    /// The names that `query` stands for, reached ones first, none twice. With a `/` it is a path or a path glob;
    /// without one it is a soname, a Python module, a command, or a glob over file names or modules.
    ///
    /// # Errors
    /// If it is a glob that does not compile.
    pub fn find(&self, query: &str) -> Result<Vec<NodeId>> {
        let tree = &self.basis.rootfs.tree;
        if query.contains('/') {
            // A path first: names may hold brackets.
            return match entry(tree, query) {
                Some(node) => Ok(vec![node]),
                None => matching(tree, &canonical_glob(tree, query)),
            };
        }
        let mut found = Found::default();
        found.add(self.reached(|name| name == query));
        found.add(modules(tree, query));
        found.add(tree.iter().filter(|&node| named(tree, node, query)));
        if found.list.is_empty() && query.contains(['*', '?', '[', '{']) {
            found.add(matching(tree, &format!("**/{query}"))?);
            let globs = ModuleGlobs::new([query]).map_err(Error::Usage)?;
            found.add(self.reached(|name| globs.is_match(name)));
        }
        Ok(found.list)
    }

    /// Reached libraries and modules by name.
    fn reached(&self, is: impl Fn(&str) -> bool) -> Vec<NodeId> {
        let Some(reach) = self.basis.reach else { return Vec::new() };
        reach.names.iter().filter(|called| is(&called.name)).map(|called| called.file).collect()
    }
}

/// A list in which nothing comes twice.
#[derive(Default)]
struct Found {
    list: Vec<NodeId>,
    seen: BTreeSet<NodeId>,
}

impl Found {
    fn add(&mut self, nodes: impl IntoIterator<Item = NodeId>) {
        self.list.extend(nodes.into_iter().filter(|&node| self.seen.insert(node)));
    }
}

/// The name at `path`: folders on the way are followed, a symlink at its end is what is meant.
fn entry(tree: &Tree, path: &str) -> Option<NodeId> {
    let path = path.trim_end_matches('/');
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "" | "." | ".." => tree.follow(path),
        _ => tree.child(tree.follow(dir)?, name.as_bytes()),
    }
}

fn matching(tree: &Tree, glob: &str) -> Result<Vec<NodeId>> {
    let globs = PathGlobs::new([glob]).map_err(Error::Usage)?;
    Ok(tree.iter().filter(|&node| globs.is_match(tree.path(node))).collect())
}

/// A library of that name anywhere, or a command of that name.
fn named(tree: &Tree, node: NodeId, name: &str) -> bool {
    tree.name(node) == name.as_bytes()
        && !tree.inode(node).is_dir()
        && (name.contains(".so") || matches!(tree.name(tree.parent(node)).as_bytes(), b"bin" | b"sbin"))
}

/// Files of the Python module `name`, reached or not, in the folders that interpreters search.
fn modules(tree: &Tree, name: &str) -> Vec<NodeId> {
    let (parents, last) = name.rsplit_once('.').map_or(("", name), |(parents, last)| (parents, last));
    if last.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let searched = |node: &NodeId| {
        let name = tree.name(*node);
        name.starts_with(b"python") || matches!(name.as_bytes(), b"site-packages" | b"dist-packages" | b"lib-dynload")
    };
    for dir in tree.iter().filter(|&node| tree.inode(node).is_dir()).filter(searched) {
        let parts = parents.split('.').filter(|part| !part.is_empty());
        let Some(dir) = parts.into_iter().try_fold(dir, |dir, part| tree.child(dir, part.as_bytes())) else { continue };
        let package = tree.child(dir, last.as_bytes()).filter(|&node| tree.inode(node).is_dir());
        let before = found.len();
        for child in package.into_iter().flat_map(|package| tree.children(package)).chain(tree.children(dir)) {
            let stem = if tree.parent(child) == dir { last.as_bytes() } else { b"__init__" };
            let Some(rest) = tree.name(child).strip_prefix(stem) else { continue };
            let extension = rest.starts_with(b".") && rest.ends_with(b".so");
            if (extension || matches!(rest, b".py" | b".pyc")) && !tree.inode(child).is_dir() {
                found.push(child);
            }
        }
        // A folder without `__init__` is a namespace package, if it is a package at all.
        if found.len() == before {
            found.extend(package.filter(|&package| tree.children(package).len() > 0));
        }
    }
    found
}
