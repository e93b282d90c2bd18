//! What the names in a folder begin with: tells at once what no module in there is called. An extension module's strings
//! are some hundred thousand names that are none, each asked for in every package above it, with every suffix.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::rootfs::{NodeId, Tree};

/// Folders with more in them are not read ahead: they hold data, and would take more memory than they save time.
const MAX_CHILDREN: usize = 100_000;

/// The stems of folders that were asked for.
#[derive(Debug, Default)]
pub(super) struct Stems {
    of: HashMap<NodeId, Option<HashSet<Box<str>>>>,
}

impl Stems {
    /// Whether a folder may have a module or package of this name.
    pub(super) fn may_have(&mut self, tree: &Tree, dir: NodeId, name: &str) -> bool {
        let few = || tree.children(dir).nth(MAX_CHILDREN).is_none();
        let found = self.of.entry(dir).or_insert_with(|| few().then(|| stems(tree, dir).into_iter().collect()));
        found.as_ref().is_none_or(|found| name.contains('.') || found.contains(name))
    }
}

/// The beginnings of the names in a folder up to their first dot: no module in it is called anything else.
pub(super) fn stems(tree: &Tree, dir: NodeId) -> BTreeSet<Box<str>> {
    let mut stems = BTreeSet::new();
    for child in tree.children(dir) {
        // Names of modules are text.
        let name = std::str::from_utf8(tree.name(child).split(|&b| b == b'.').next().unwrap_or_default());
        let Ok(name) = name else { continue };
        // Python 2 knows `namemodule.so`.
        stems.extend(name.strip_suffix("module").map(Box::from));
        stems.insert(name.into());
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn a_folder_holds_modules_of_these_names_and_no_others() {
        let files =
            ["a.py", "b.cpython-311-x86_64-linux-gnu.so", "cmodule.so", "d/__init__.py", "e", "f-1.0.dist-info/RECORD"];
        let rootfs =
            files.iter().fold(Builder::new(), |builder, name| builder.file(&format!("/x/{name}"), b"")).build();
        let found = stems(&rootfs.tree, rootfs.tree.get("/x").unwrap());
        let found: Vec<&str> = found.iter().map(|stem| &**stem).collect();
        assert_eq!(found, ["a", "b", "c", "cmodule", "d", "e", "f-1"]);
    }

    #[test]
    fn whatever_is_called_so_may_be_a_module() {
        let builder =
            Builder::new().file("/d/a.py", b"").symlink("/d/e", "/elsewhere").symlink("/d/f.py", "/elsewhere");
        let rootfs = builder.build();
        let dir = rootfs.tree.get("/d").unwrap();
        let mut stems = Stems::default();
        for name in ["a", "e", "f", "x.y"] {
            assert!(stems.may_have(&rootfs.tree, dir, name), "{name}");
        }
        for name in ["g", "", "d", "py"] {
            assert!(!stems.may_have(&rootfs.tree, dir, name), "{name}");
        }
    }
}
