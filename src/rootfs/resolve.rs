//! Path resolution inside the tree, as the kernel would do it in a container: see `path_resolution(7)`.

use bstr::ByteSlice;

use super::tree::{Kind, NodeId, Tree};

/// The kernel's limit on symlinks followed in one resolution (`MAXSYMLINKS`).
const MAX_SYMLINKS: usize = 40;

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The object at the end, never a symlink.
    pub node: NodeId,
    /// Every symlink followed on the way, in order. They must stay for the path to keep working.
    pub via: Vec<NodeId>,
}

impl Tree {
    /// Follows `path` from the root, all symlinks resolved inside the tree.
    pub fn resolve(&self, path: impl AsRef<[u8]>) -> Option<Resolution> {
        self.resolve_from(Self::ROOT, path)
    }

    /// Follows `path` from the directory `base` (an absolute path starts at the root).
    pub fn resolve_from(&self, base: NodeId, path: impl AsRef<[u8]>) -> Option<Resolution> {
        self.resolve_existing(base, path).filter(|(_, complete)| *complete).map(|(resolution, _)| resolution)
    }

    /// Follows `path` from the directory `base` as far as it exists: to its end, or to the directory in which the next part is missing
    /// (where a file would be made, if that part is the last one). Says whether all of it exists. None if symlinks lead in a circle.
    pub fn resolve_existing(&self, base: NodeId, path: impl AsRef<[u8]>) -> Option<(Resolution, bool)> {
        let path = path.as_ref();
        let mut via = Vec::new();
        let mut node = base;
        // What is still to be walked, the next stretch last.
        let mut todo: Vec<&[u8]> = vec![path];
        if path.first() == Some(&b'/') {
            node = Self::ROOT;
        }
        while let Some(rest) = todo.pop() {
            let (part, rest) = rest.split_once_str("/").unwrap_or((rest, b""));
            if !rest.is_empty() {
                todo.push(rest);
            }
            match part {
                b"" | b"." => continue,
                b".." => {
                    node = self.parent(node);
                    continue;
                }
                _ => {}
            }
            if !self.inode(node).is_dir() {
                return Some((Resolution { node: self.parent(node), via }, false));
            }
            let Some(child) = self.child(node, part) else { return Some((Resolution { node, via }, false)) };
            if let Kind::Symlink(target) = &self.inode(child).kind {
                via.push(child);
                if via.len() > MAX_SYMLINKS {
                    return None;
                }
                if target.first() == Some(&b'/') {
                    node = Self::ROOT;
                }
                todo.push(target);
            } else {
                node = child;
            }
        }
        Some((Resolution { node, via }, true))
    }

    /// Whether `node`, or where it leads, is a file that can be run.
    pub fn is_program(&self, node: NodeId) -> bool {
        let target = self.resolve_from(self.parent(node), self.name(node)).map(|found| self.inode(found.node));
        target.is_some_and(|inode| inode.is_file() && inode.meta.mode & 0o111 != 0)
    }

    /// The node at `path` with all symlinks followed, without the trace.
    pub fn follow(&self, path: impl AsRef<[u8]>) -> Option<NodeId> {
        self.resolve(path).map(|found| found.node)
    }
}

#[cfg(test)]
mod tests {
    use crate::rootfs::{Builder, Tree};

    #[test]
    fn follows_symlinks_inside_the_tree_and_reports_them() {
        let rootfs = Builder::new()
            .file("/usr/lib/libz.so.1.2", b"z")
            .symlink("/usr/lib/libz.so.1", "libz.so.1.2")
            .symlink("/lib", "usr/lib")
            .symlink("/escape", "../../../usr")
            .symlink("/loop", "loop")
            .build();
        let tree = &rootfs.tree;
        let found = tree.resolve("/lib/libz.so.1").unwrap();
        assert_eq!(tree.path(found.node), "/usr/lib/libz.so.1.2");
        let via: Vec<_> = found.via.iter().map(|&n| tree.path(n)).collect();
        assert_eq!(via, ["/lib", "/usr/lib/libz.so.1"]);
        assert_eq!(tree.path(tree.follow("escape/lib/../lib/libz.so.1").unwrap()), "/usr/lib/libz.so.1.2");
        assert_eq!(tree.resolve("/loop"), None);
        assert_eq!(tree.resolve("/usr/lib/libz.so.1/x"), None);
        let (existing, complete) = tree.resolve_existing(Tree::ROOT, "/lib/new/deep/file").unwrap();
        assert!(!complete);
        assert_eq!((tree.path(existing.node), existing.via.len()), ("/usr/lib".into(), 1));
        assert_eq!(tree.resolve_existing(Tree::ROOT, "/loop"), None);
    }
}
