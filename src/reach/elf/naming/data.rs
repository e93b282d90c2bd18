//! Folders of data.

use rustc_hash::{FxHashMap, FxHashSet};

use super::MIN_DIRECTORY_PARTS;
use super::folders::Folders;
use crate::owners::{OwnerId, Owners};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::payload::is_state;
use crate::rootfs::{NodeId, Rootfs};

/// How many files may be looked at in all folders together, each once for every one of them and every package that names it.
const MAX_LOOKS: usize = 20_000_000;

/// The folders of data of one image.
#[derive(Debug)]
pub(super) struct Data<'a> {
    rootfs: &'a Rootfs,
    owners: &'a Owners,
    /// What has been kept, and for whom.
    kept: FxHashSet<(NodeId, Option<OwnerId>)>,
    /// How many files may still be looked at.
    looks: usize,
    /// Whether a package's software has anything right in a folder.
    brought: FxHashMap<(NodeId, Option<OwnerId>), bool>,
}

impl<'a> Data<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, owners: &'a Owners) -> Self {
        Self { rootfs, owners, kept: FxHashSet::default(), looks: MAX_LOOKS, brought: FxHashMap::default() }
    }

    /// Marks what the software of the file at `node` brought into the folder at `dir`, which a string `text` in that file names:
    /// names of files in it are put together. Where the software put a link in the place of the folder, all that is behind it.
    pub(super) fn keep(&mut self, graph: &mut Graph, node: NodeId, dir: NodeId, text: &str) {
        let tree = &self.rootfs.tree;
        let linked = self.is_linked(node, text, dir);
        let owner = self.owners.of(node).filter(|_| !linked);
        let deep = tree.path(dir).iter().filter(|&&b| b == b'/').count() >= MIN_DIRECTORY_PARTS;
        if !deep || (!linked && owner.is_none()) || !self.kept.insert((dir, owner)) {
            return;
        }
        let evidence = Evidence::new(EvidenceKind::Data, format!("every file of {text}"));
        // Programs in it are not taken to be started.
        let is_data = |&file: &NodeId| !tree.inode(file).is_dir() && !tree.is_program(file) && !is_state(tree, file);
        for file in tree.walk(dir) {
            let Some(left) = self.looks.checked_sub(1) else { break };
            self.looks = left;
            if is_data(&file) && (linked || self.owners.of_one_source(node, file)) {
                graph.reach_followed(Some(node), file, &evidence);
            }
        }
        if self.looks == 0 {
            let what = "more folders of data are named than can be looked at".to_owned();
            graph.uncertain_once(Some(node), 0, what, "the rest of what is in them was not kept".to_owned());
        }
    }

    /// Marks what a string of the file at `node` names by its way there from that file's folder (`../nvidia/cuda_nvcc`): a file, or
    /// all that is in a folder of one software's, programs too where that is another one.
    pub(super) fn relative(&mut self, graph: &mut Graph, node: NodeId, text: &str, folders: &mut Folders<'_>) {
        let (tree, owners) = (&self.rootfs.tree, self.owners);
        let (here, way) = (tree.parent(node), text.trim_end_matches('/'));
        if !way.starts_with("../") || way.ends_with("..") {
            return;
        }
        let Some(target) = tree.resolve_from(here, way).map(|found| found.node) else { return };
        let evidence = Evidence::new(EvidenceKind::Data, format!("string {text}"));
        if !tree.inode(target).is_dir() {
            graph.reach_followed(Some(node), target, &evidence);
        }
        if folders.is_searched(target) || tree.is_within(node, target) || !self.kept.insert((target, owners.of(node))) {
            return;
        }
        let mut found = Vec::new();
        for file in tree.walk(target).filter(|&file| !tree.inode(file).is_dir()) {
            let Some(left) = self.looks.checked_sub(1) else { return };
            self.looks = left;
            if found.first().is_some_and(|&first| !owners.of_one_source(first, file)) {
                return;
            }
            found.push(file);
        }
        let own = found.first().is_some_and(|&first| owners.of_one_source(node, first));
        for file in found.into_iter().filter(|&file| !own || !tree.is_program(file)) {
            graph.reach_followed(Some(node), file, &evidence);
        }
    }

    /// Whether the software of the file at `node` brought what is at `path`, or something that is in it.
    pub(super) fn is_of_one_software(&mut self, node: NodeId, path: &str, target: NodeId) -> bool {
        let (tree, owners) = (&self.rootfs.tree, self.owners);
        if !tree.inode(target).is_dir() {
            return owners.of_one_source(node, target);
        }
        let brings = || tree.children(target).any(|child| owners.of_one_source(node, child));
        self.is_linked(node, path, target) || *self.brought.entry((target, owners.of(node))).or_insert_with(brings)
    }

    /// Whether the last part of a path is a link that the software of the file at `node` brought.
    fn is_linked(&self, node: NodeId, path: &str, target: NodeId) -> bool {
        let (dir, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
        let tree = &self.rootfs.tree;
        let link = tree.follow(if dir.is_empty() { "/" } else { dir }).and_then(|dir| tree.child(dir, name.as_bytes()));
        link.is_some_and(|link| link != target && self.owners.of_one_source(node, link))
    }
}
