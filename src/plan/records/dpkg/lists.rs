//! Files of dpkg's that hold a path a line.

use bstr::ByteSlice;

use super::super::adapting::Records;
use super::super::remains::{Remains, is_licence};
use crate::owners::digest::Written;
use crate::owners::dpkg::{Alternative, Diversions, md5sums_line, stands_for_directory};
use crate::owners::place::Places;
use crate::rootfs::NodeId;

/// Finds the files that dpkg's lists name.
pub(super) struct Lists<'a> {
    pub(super) places: Places<'a>,
    pub(super) diversions: &'a Diversions,
}

impl Lists<'_> {
    /// The file that `package` lists as `path`.
    fn find(&mut self, path: &[u8], package: &[u8]) -> Option<NodeId> {
        self.places.find_aliased(self.diversions.apply(path, package))
    }

    /// Whether the file or directory at `path` stays.
    pub(super) fn stays(&mut self, records: &Records<'_>, path: &[u8], package: &[u8]) -> bool {
        self.find(path, package).is_some_and(|node| records.keeps(node))
    }

    /// What is left of the files that a list names.
    pub(super) fn remains(&mut self, records: &Records<'_>, list: &[u8], package: &[u8]) -> Remains {
        let tree = &records.rootfs.tree;
        let mut left = Remains::default();
        let mut dirs = None;
        for line in list.lines().filter(|line| line.first() == Some(&b'/')) {
            let Some(node) = self.find(line, package) else { continue };
            if !tree.inode(node).is_dir() && !stands_for_directory(tree, node, line, &mut dirs, list) {
                left.count(records.plan, node, is_licence(tree, node));
            }
        }
        left
    }

    /// Leaves the lines that `stays` approves of, byte for byte.
    fn filter(records: &mut Records<'_>, node: NodeId, mut stays: impl FnMut(&Records<'_>, &[u8]) -> bool) {
        let Some(before) = records.content(node).map(std::borrow::Cow::into_owned) else { return };
        let after = before.lines_with_terminator().filter(|line| stays(records, line.trim_end())).flatten();
        let after = after.copied().collect();
        records.rewrite(node, &before, after);
    }

    pub(super) fn trim_list(&mut self, records: &mut Records<'_>, node: NodeId, package: &[u8]) {
        Self::filter(records, node, |records, line| line == b"/." || self.stays(records, line, package));
    }

    /// Also gives files that change their new hash.
    pub(super) fn trim_md5sums(&mut self, records: &mut Records<'_>, node: NodeId, package: &[u8]) {
        let Some(before) = records.content(node).map(std::borrow::Cow::into_owned) else { return };
        let mut after = Vec::with_capacity(before.len());
        for line in before.lines_with_terminator() {
            let Some((_, path)) = md5sums_line(line.trim_end_with(|c| c == '\n')) else { continue };
            let Some(file) = self.find(&[b"/", path].concat(), package).filter(|&file| records.keeps(file)) else {
                continue;
            };
            match records.changed(file, Written::Md5) {
                Some((hash, _)) => {
                    after.extend_from_slice(hash.as_bytes());
                    after.extend_from_slice(line.get(32..).unwrap_or_default());
                }
                None => after.extend_from_slice(line),
            }
        }
        records.rewrite(node, &before, after);
    }

    /// deb-conffiles(5): a path, with `remove-on-upgrade` before it or not.
    pub(super) fn trim_conffiles(&mut self, records: &mut Records<'_>, node: NodeId) {
        Self::filter(records, node, |records, line| {
            let path = line.find_byte(b'/').and_then(|at| line.get(at..)).unwrap_or_default();
            self.stays(records, path, b"")
        });
    }

    /// Leaves diversions of which one end stays.
    pub(super) fn trim_diversions(&mut self, records: &mut Records<'_>, node: NodeId) {
        let Some(before) = records.content(node).map(std::borrow::Cow::into_owned) else { return };
        let lines: Vec<&[u8]> = before.lines_with_terminator().collect();
        let mut after = Vec::with_capacity(before.len());
        for entry in lines.chunks(3) {
            let mut ends = entry.iter().take(2).map(|line| line.trim_end_with(|c| c == '\n'));
            if ends.any(|path| self.places.find_aliased(path).is_some_and(|node| records.keeps(node))) {
                after.extend(entry.iter().copied().flatten());
            }
        }
        records.rewrite(node, &before, after);
    }

    /// `USER GROUP MODE PATH`.
    pub(super) fn trim_statoverride(&mut self, records: &mut Records<'_>, node: NodeId) {
        Self::filter(records, node, |records, line| {
            let path = line.find_byte(b'/').and_then(|at| line.get(at..)).unwrap_or_default();
            self.places.find_aliased(path).is_some_and(|node| records.keeps(node))
        });
    }

    /// Takes out alternatives none of whose targets stays.
    pub(super) fn trim_alternatives(&mut self, records: &mut Records<'_>, dir: Option<NodeId>) {
        let tree = &records.rootfs.tree;
        for node in dir.into_iter().flat_map(|dir| tree.children(dir)) {
            let Some(text) = records.content(node) else { continue };
            let Some(alternative) = Alternative::parse(tree.name(node), &text) else { continue };
            let stays = |target: &bstr::BString| tree.follow(target).is_some_and(|node| records.keeps(node));
            if !alternative.targets.iter().any(stays) {
                records.drop(node);
            }
        }
    }
}
