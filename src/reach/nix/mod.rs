//! Paths of Nix's store. A path of which something is reached stays whole, and so do those that it refers to, and so on: what Nix calls
//! its closure. That is all that Nix promises to be there when a program of the path runs, and Nix finds references as this does.
//!
//! Files outside of the store that nobody owns, and the image's config, keep what they refer to as well.

mod scan;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::evidence::{Evidence, EvidenceKind};
use super::request::Request;
use super::rules::Rules;
use super::trace::Trace;
use crate::owners::nix::Store;
use crate::rootfs::{InodeId, Kind, NodeId};

/// The analyser of store paths. It claims no file: what the files of a path say otherwise, others read.
#[derive(Debug)]
pub struct Nix<'a> {
    request: Request<'a>,
    store: Store,
    /// Paths that stay.
    kept: FxHashSet<usize>,
    /// Those of which no more was looked at yet than the file by which they were reached.
    waiting: Vec<(usize, NodeId)>,
    /// Reached files outside of the store.
    outside: Vec<NodeId>,
    scanned: FxHashSet<InodeId>,
    config_read: bool,
    links_followed: bool,
}

impl Nix<'_> {
    /// Notes that a path is reached by `node`.
    fn keep(&mut self, path: usize, by: NodeId) {
        if self.kept.insert(path) {
            self.waiting.push((path, by));
        }
    }

    /// What the environment, the commands and the working directory of the image refer to.
    fn read_config(&mut self, trace: &mut Trace<'_>) {
        let env = self.request.ctx.env.iter().flat_map(|(name, value)| [name, value]);
        let commands = self.request.launch.commands.iter().flat_map(|command| &command.argv);
        let mut scanner = scan::Scanner::new(&self.store);
        for text in env.chain(commands).chain([&self.request.ctx.workdir]) {
            scanner.feed(text.as_bytes());
            scanner.feed(b"\n");
        }
        for path in scanner.finish() {
            self.reach(trace, path, None, EvidenceKind::Name);
        }
    }

    /// What the user's own links to folders lead to, such as `/bin` in an image without a distribution: nobody reads through them here.
    fn follow_links(&mut self, trace: &mut Trace<'_>) {
        let tree = &self.request.rootfs.tree;
        for link in tree.iter() {
            let own = self.request.owners.of(link).is_none()
                && !self.request.baggage.get(link.index()).copied().unwrap_or(false)
                && matches!(tree.inode(link).kind, Kind::Symlink(_));
            if !own || self.store.containing(tree, link).is_some() {
                continue;
            }
            let target = tree.resolve_from(tree.parent(link), tree.name(link)).map(|found| found.node);
            if let Some(path) = target.and_then(|target| self.store.containing(tree, target)) {
                self.reach(trace, path, Some(link), EvidenceKind::Payload);
            }
        }
    }

    /// Marks all of a path as reached.
    fn reach(&mut self, trace: &mut Trace<'_>, path: usize, from: Option<NodeId>, kind: EvidenceKind) {
        let root = self.store.roots[path];
        let tree = &self.request.rootfs.tree;
        self.kept.insert(path);
        let evidence = Evidence::new(kind, format!("refers to {}", tree.path(root)));
        trace.graph.reach_tree(from, root, &evidence);
        self.waiting.push((path, root));
    }

    /// What these files refer to, and for each path the first file that does. Those that were looked through before, by whatever name,
    /// are not again.
    fn references(&mut self, trace: &mut Trace<'_>, files: impl Iterator<Item = NodeId>) -> BTreeMap<usize, NodeId> {
        let rootfs = self.request.rootfs;
        let new: Vec<NodeId> = files.filter(|&file| self.scanned.insert(rootfs.tree.inode_id(file))).collect();
        let (store, kept) = (&self.store, &self.kept);
        let first = |mut all: BTreeMap<usize, NodeId>, (path, file): (usize, NodeId)| {
            all.entry(path).and_modify(|known| *known = file.min(*known)).or_insert(file);
            all
        };
        let (found, unread) = new
            .par_iter()
            .fold(
                || (BTreeMap::new(), BTreeSet::new()),
                |(found, mut unread), &file| match scan::references(rootfs, store, file) {
                    Ok(paths) => {
                        let new = paths.into_iter().filter(|path| !kept.contains(path));
                        (new.map(|path| (path, file)).fold(found, first), unread)
                    }
                    Err(_) => {
                        unread.insert(file);
                        (found, unread)
                    }
                },
            )
            .reduce(
                || (BTreeMap::new(), BTreeSet::new()),
                |(found, mut unread), (others, mut more)| {
                    unread.append(&mut more);
                    (others.into_iter().fold(found, first), unread)
                },
            );
        for file in unread {
            let what = "the file has too little in it for its size to be looked through for paths of Nix's store";
            trace.graph.doubtful(Some(file), 0, what, "what it refers to may be missing", "--keep GLOB");
        }
        found
    }
}

impl<'a> Analyser<'a> for Nix<'a> {
    const NAME: &'static str = "nix";
    type Facts = ();

    fn claim(_file: &Candidate<'_>) -> Option<Form> {
        None
    }

    fn read(_form: Form, _bytes: &[u8]) -> Option<()> {
        None
    }

    fn listens((): &(), _file: &Candidate<'_>) -> Listens {
        Listens::No
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self {
            request: *request,
            store: Store::of(&request.rootfs.tree),
            kept: FxHashSet::default(),
            waiting: Vec::new(),
            outside: Vec::new(),
            scanned: FxHashSet::default(),
            config_read: false,
            links_followed: false,
        })
    }

    fn reached(&mut self, _trace: &mut Trace<'_>, file: NodeId) {
        if self.store.is_empty() {
            return;
        }
        let tree = &self.request.rootfs.tree;
        if let Some(path) = self.store.containing(tree, file) {
            self.keep(path, file);
        } else if self.request.owners.of(file).is_none() && !tree.inode(file).is_dir() {
            self.outside.push(file);
        }
    }

    fn resolve(&mut self, _trace: &mut Trace<'_>, _file: NodeId, (): ()) {}

    fn settle(&mut self, trace: &mut Trace<'_>) -> bool {
        if self.store.is_empty() {
            return false;
        }
        if !std::mem::replace(&mut self.config_read, true) {
            self.read_config(trace);
        }
        if trace.graph.rooted && !std::mem::replace(&mut self.links_followed, true) {
            self.follow_links(trace);
        }
        let mut any = false;
        let tree = &self.request.rootfs.tree;
        while !self.waiting.is_empty() || !self.outside.is_empty() {
            any = true;
            let waiting = std::mem::take(&mut self.waiting);
            for &(path, by) in &waiting {
                let root = self.store.roots[path];
                let evidence = Evidence::new(EvidenceKind::Data, format!("all of {}", tree.path(root)));
                trace.graph.reach_tree(Some(by), root, &evidence);
            }
            let outside = std::mem::take(&mut self.outside);
            let roots: Vec<NodeId> = waiting.iter().map(|&(path, _)| self.store.roots[path]).collect();
            let files = roots.iter().flat_map(|&root| tree.walk(root));
            let found = self.references(trace, outside.into_iter().chain(files));
            for (path, file) in found {
                self.reach(trace, path, Some(file), EvidenceKind::Data);
            }
        }
        any
    }
}

#[cfg(test)]
mod tests;
