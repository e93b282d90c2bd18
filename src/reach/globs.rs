//! The files that a path glob names.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};

use crate::rootfs::{NodeId, Tree};

/// The nodes that the user's globs name (`--keep`).
pub fn named_nodes(tree: &Tree, globs: &[String]) -> Vec<NodeId> {
    globs.iter().flat_map(|glob| glob_nodes(tree, glob)).collect()
}

/// The nodes that a path glob names, in order. Only the directory that the glob's literal beginning names is walked,
/// and symlinks in that beginning are followed (`/lib` may be a link to `usr/lib`).
pub fn glob_nodes(tree: &Tree, glob: &str) -> Vec<NodeId> {
    let special = glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len());
    if special == glob.len() {
        return tree.get(glob).or_else(|| tree.follow(glob)).into_iter().collect();
    }
    let (literal, rest) = match glob[..special].rfind('/') {
        Some(at) => (&glob[..at], &glob[at + 1..]),
        None => ("", glob),
    };
    let Some(base) = tree.follow(literal) else { return Vec::new() };
    if !rest.contains("**") && !rest.contains(['{', '\\']) {
        return glob_children(tree, base, rest);
    }
    let Some(matcher) = matcher(rest) else { return Vec::new() };
    let skip = match tree.path(base).len() {
        1 => 1,
        len => len + 1,
    };
    let depth = (!rest.contains("**")).then(|| rest.matches('/').count());
    let mut out = Vec::new();
    let mut stack: Vec<(NodeId, usize)> = tree.children(base).rev().map(|node| (node, 0)).collect();
    while let Some((node, level)) = stack.pop() {
        let path = tree.path(node);
        if std::str::from_utf8(&path).is_ok_and(|path| matcher.is_match(&path[skip..])) {
            out.push(node);
        }
        if depth.is_none_or(|depth| level < depth) {
            stack.extend(tree.children(node).rev().map(|child| (child, level + 1)));
        }
    }
    out
}

/// The same for a glob that says for every level what its names are: nothing else is walked.
fn glob_children(tree: &Tree, base: NodeId, glob: &str) -> Vec<NodeId> {
    let mut found = vec![base];
    for part in glob.split('/') {
        if !part.contains(['*', '?', '[']) {
            found = found.into_iter().filter_map(|dir| tree.child(dir, part.as_bytes())).collect();
            continue;
        }
        let Some(matcher) = matcher(part) else { return Vec::new() };
        let fits = |node: &NodeId| std::str::from_utf8(tree.name(*node)).is_ok_and(|name| matcher.is_match(name));
        found = found.into_iter().flat_map(|dir| tree.children(dir).filter(fits)).collect();
    }
    found
}

/// Globs of rules that are asked for again and again: each is compiled once.
#[derive(Debug, Default)]
pub struct Matchers(HashMap<Box<str>, Option<GlobMatcher>>);

impl Matchers {
    /// The glob, compiled; none if it is none.
    pub(crate) fn get(&mut self, glob: &str) -> Option<&GlobMatcher> {
        if !self.0.contains_key(glob) {
            self.0.insert(glob.into(), matcher(glob));
        }
        self.0.get(glob)?.as_ref()
    }
}

/// The glob, compiled; none if it is none.
pub(crate) fn matcher(glob: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(glob).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn path_globs_walk_from_their_literal_beginning() {
        let rootfs = Builder::new()
            .file("/usr/lib/x/a.so", b"")
            .file("/usr/lib/x/y/b.so", b"")
            .symlink("/lib", "usr/lib")
            .build();
        let names = |glob: &str| -> Vec<String> {
            glob_nodes(&rootfs.tree, glob).into_iter().map(|n| rootfs.tree.path(n).to_string()).collect()
        };
        assert_eq!(names("/lib/x/*.so"), ["/usr/lib/x/a.so"]);
        assert_eq!(names("/lib/x/**"), ["/usr/lib/x/a.so", "/usr/lib/x/y", "/usr/lib/x/y/b.so"]);
        assert_eq!(names("/usr/lib/x/a.so"), ["/usr/lib/x/a.so"]);
        assert!(names("/nowhere/**").is_empty());
    }
}
