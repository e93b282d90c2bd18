//! What the names in a folder begin with: tells at once what no module in there is called. An extension module's strings
//! are some hundred thousand names that are none, each asked for in every package above it, with every suffix.

use std::collections::{HashMap, HashSet};

use crate::rootfs::{NodeId, Tree};

/// Folders with more in them are not read for this: they hold data, and would take more memory than they save time.
const MAX_CHILDREN: usize = 100_000;

/// The stems of folders that were asked for, keyed against names that an image chose to collide.
#[derive(Debug, Default)]
pub(super) struct Stems {
    of: HashMap<(usize, NodeId), Option<HashSet<Box<str>>>>,
}

impl Stems {
    /// Whether a folder may have a module or package of this name: whatever its entries are, one is called so, with one of
    /// the suffixes of this environment or without any.
    pub(super) fn may_have(&mut self, tree: &Tree, env: usize, suffixes: &[String], dir: NodeId, name: &str) -> bool {
        let stems = self.of.entry((env, dir)).or_insert_with(|| stems_in(tree, dir, suffixes));
        stems.as_ref().is_none_or(|stems| stems.contains(name))
    }
}

fn stems_in(tree: &Tree, dir: NodeId, suffixes: &[String]) -> Option<HashSet<Box<str>>> {
    if tree.children(dir).nth(MAX_CHILDREN).is_some() {
        return None;
    }
    let names = tree.children(dir).filter_map(|child| std::str::from_utf8(tree.name(child)).ok());
    let stems = names.flat_map(|name| {
        let cut = suffixes.iter().filter_map(move |suffix| name.strip_suffix(suffix.as_str()));
        std::iter::once(name).chain(cut)
    });
    Some(stems.map(Box::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn every_way_in_which_a_name_may_be_a_module() {
        let builder = Builder::new()
            .file("/d/a.py", b"")
            .file("/d/b.cpython-311-x86_64-linux-gnu.so", b"")
            .file("/d/c/x", b"")
            .symlink("/d/e", "/elsewhere")
            .symlink("/d/f.py", "/elsewhere")
            .file("/d/g.txt", b"");
        let rootfs = builder.build();
        let dir = rootfs.tree.get("/d").unwrap();
        let suffixes = [".cpython-311-x86_64-linux-gnu.so", ".so", ".py"].map(String::from);
        let mut stems = Stems::default();
        for name in ["a", "b", "b.cpython-311-x86_64-linux-gnu", "c", "e", "f", "g.txt", "a.py"] {
            assert!(stems.may_have(&rootfs.tree, 0, &suffixes, dir, name), "{name}");
        }
        for name in ["g", "x", "", "d"] {
            assert!(!stems.may_have(&rootfs.tree, 0, &suffixes, dir, name), "{name}");
        }
    }
}
