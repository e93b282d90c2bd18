//! Finds the files that package records name.

use std::collections::HashMap;

use crate::rootfs::{NodeId, Tree};

/// Turns the paths of a record into nodes of the tree. As on the system where the package manager unpacked them, the
/// directories of a path may be symlinks (`/bin` → `usr/bin`); its last part is taken as it is.
///
/// Records are sorted by directory, so every directory is resolved once.
pub(crate) struct Places<'a> {
    tree: &'a Tree,
    base: NodeId,
    dirs: HashMap<Box<[u8]>, Option<NodeId>>,
}

impl<'a> Places<'a> {
    /// Paths relative to `base`; absolute ones start at the root all the same.
    pub(crate) fn below(tree: &'a Tree, base: NodeId) -> Self {
        Self { tree, base, dirs: HashMap::default() }
    }

    /// The node at `path`, wherever symlinked directories lead. `..` cannot leave the tree.
    pub(crate) fn find(&mut self, path: &[u8]) -> Option<NodeId> {
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let (dir, name) = match path.iter().rposition(|&b| b == b'/') {
            Some(slash) => (&path[..=slash], &path[slash + 1..]),
            None => (&b""[..], path),
        };
        if matches!(name, b"" | b"." | b"..") {
            return self.tree.resolve_from(self.base, path).map(|found| found.node);
        }
        let dir = match self.dirs.get(dir) {
            Some(&known) => known?,
            None => {
                let found = self.tree.resolve_from(self.base, dir).map(|found| found.node);
                self.dirs.insert(dir.into(), found);
                found?
            }
        };
        self.tree.child(dir, name)
    }

    /// As [`find`](Self::find) for a system package, whose record may name a file by the other of its two names on a
    /// system where `/bin`, `/sbin` and `/lib*` are one with those below `/usr`, even if the link that joins them
    /// is not in the image.
    pub(crate) fn find_aliased(&mut self, path: &[u8]) -> Option<NodeId> {
        self.find(path).or_else(|| self.find(&alias(path)?))
    }
}

/// The other name of a path that has one where `/bin`, `/sbin` and `/lib*` are one with those below `/usr`.
pub(crate) fn alias(path: &[u8]) -> Option<Vec<u8>> {
    let relative = path.strip_prefix(b"/").unwrap_or(path);
    match relative.strip_prefix(b"usr/") {
        Some(rest) => is_aliased(rest).then(|| rest.to_vec()),
        None => is_aliased(relative).then(|| [b"usr/", relative].concat()),
    }
}

fn is_aliased(path: &[u8]) -> bool {
    let top = path.split(|&b| b == b'/').next().unwrap_or_default();
    matches!(top, b"bin" | b"sbin" | b"lib" | b"lib32" | b"lib64" | b"libo32" | b"libx32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn follows_the_directories_of_a_path_but_not_its_end() {
        let rootfs = Builder::new()
            .file("/usr/bin/dash", b"x")
            .symlink("/usr/bin/sh", "dash")
            .symlink("/bin", "usr/bin")
            .symlink("/loop", "loop")
            .build();
        let tree = &rootfs.tree;
        let mut places = Places::below(tree, Tree::ROOT);
        assert_eq!(places.find(b"/bin/sh"), tree.get("/usr/bin/sh"));
        assert_eq!(places.find(b"/bin"), tree.get("/bin"));
        assert_eq!(places.find(b"/../../bin/dash"), tree.get("/usr/bin/dash"));
        assert_eq!(places.find(b"/loop/x"), None);
        assert_eq!(places.find(b"/."), Some(Tree::ROOT));
        assert_eq!(places.find(b""), Some(Tree::ROOT));
    }

    #[test]
    fn finds_files_under_either_name_of_a_merged_directory() {
        let rootfs = Builder::new().file("/usr/lib/a", b"x").file("/sbin/b", b"x").file("/usr/etc/c", b"x").build();
        let mut places = Places::below(&rootfs.tree, Tree::ROOT);
        assert_eq!(places.find_aliased(b"/lib/a"), rootfs.tree.get("/usr/lib/a"));
        assert_eq!(places.find_aliased(b"/usr/sbin/b"), rootfs.tree.get("/sbin/b"));
        assert_eq!(places.find_aliased(b"/etc/c"), None);
    }
}
