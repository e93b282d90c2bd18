//! Modules that are no import's.

use super::environment::Environment;
use crate::rootfs::{NodeId, Tree};

/// The dotted name of a file, and the directory that its first component is in: a path entry of the environment
/// where it lies in one, else the directory above its outermost package.
pub(super) fn dotted_name(tree: &Tree, env: &Environment, file: NodeId) -> (String, NodeId) {
    let name = tree.name(file).to_string();
    let stem = env.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str())).unwrap_or(&name);
    let mut parts: Vec<String> = Vec::new();
    if stem != "__init__" {
        parts.push(stem.replace('.', "_"));
    }
    let mut dir = tree.parent(file);
    let base = env.contains(tree, file);
    loop {
        let inside = match base {
            Some(base) => dir != base,
            None => tree.child(dir, b"__init__.py").is_some() && dir != Tree::ROOT,
        };
        if !inside || dir == Tree::ROOT {
            break;
        }
        parts.push(tree.name(dir).to_string());
        dir = tree.parent(dir);
    }
    parts.reverse();
    (parts.join("."), dir)
}
