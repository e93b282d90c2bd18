//! The files reached so far and the edges that reached them.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::evidence::{Edge, Evidence, EvidenceKind, Uncertainty};
use super::globs::Matchers;
use super::interpreter::Interpreter;
use super::notice::{Message, Notice};
use crate::owners::Owners;
use crate::profile::CommandRule;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// How many programs that are not there are told of.
const MAX_ABSENT: usize = 1000;

/// How many links to one file are asked for their names.
const MAX_LINKS: usize = 8;

/// The edges that reached files.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    /// By node, the one that reached it first.
    first: Vec<Option<Edge>>,
    /// Of nodes that weak evidence reached first, the first edge with stronger evidence.
    stronger: FxHashMap<NodeId, Edge>,
}

impl Edges {
    /// No edges, in a tree with so many slots for nodes.
    pub(crate) fn none(capacity: usize) -> Self {
        Self { first: vec![None; capacity], stronger: FxHashMap::default() }
    }

    /// Adds an edge. Returns whether it is the first to its node.
    pub(crate) fn add(&mut self, node: NodeId, edge: Edge) -> bool {
        let Some(slot) = self.first.get_mut(node.index()) else { return false };
        let Some(first) = slot else {
            *slot = Some(edge);
            return true;
        };
        let itself = edge.from == Some(node);
        if first.evidence.kind.is_weak() && !edge.evidence.kind.is_weak() && !itself {
            self.stronger.entry(node).or_insert(edge);
        }
        false
    }

    /// The reached nodes in the order of their numbers, and the edges that reached them first; then the stronger ones.
    /// [`add`](Self::add) makes the same of these again.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, &Edge)> {
        let numbered = (0..).map(NodeId).zip(&self.first);
        let first = numbered.filter_map(|(node, edge)| edge.as_ref().map(|edge| (node, edge)));
        let mut stronger: Vec<(NodeId, &Edge)> = self.stronger.iter().map(|(&node, edge)| (node, edge)).collect();
        stronger.sort_unstable_by_key(|&(node, _)| node);
        first.chain(stronger)
    }

    /// Whether `node` is reached.
    pub fn is_reached(&self, node: NodeId) -> bool {
        self.get(node).is_some()
    }

    /// Whether `node` is reached by evidence that beats a strip rule.
    pub fn is_reached_for_certain(&self, node: NodeId) -> bool {
        self.get(node).is_some_and(|edge| !edge.evidence.kind.is_weak()) || self.stronger.contains_key(&node)
    }

    /// The edge that reached `node` first.
    pub fn get(&self, node: NodeId) -> Option<&Edge> {
        self.first.get(node.index()).and_then(Option::as_ref)
    }

    /// The edges from `node` back to an entry point, the nearest first, each with the file that it leads to. Where the first
    /// edge to `node` only says that it lies beside reached code, the chain starts with a stronger one.
    pub fn chain(&self, node: NodeId) -> Vec<(NodeId, &Edge)> {
        // The source of a first edge was reached before its target, so the walk ends.
        let walk = |edge| {
            let before = |&(_, edge): &(NodeId, &Edge)| edge.from.and_then(|from| Some((from, self.get(from)?)));
            std::iter::successors(Some((node, edge)), before).take(self.first.len() + 1).collect::<Vec<_>>()
        };
        let Some(first) = self.get(node) else { return Vec::new() };
        let better = self.stronger.get(&node).filter(|_| first.evidence.kind == EvidenceKind::Data).map(walk);
        // What a stronger edge comes from may have been reached through this very file.
        let better = better.filter(|chain| chain.iter().skip(1).all(|&(before, _)| before != node));
        better.unwrap_or_else(|| walk(first))
    }
}

/// Who is told of every file when it is reached, and the kind of the first evidence.
pub(super) trait Watcher: std::fmt::Debug {
    /// A file was reached. Each is told once.
    fn reached(&self, node: NodeId, kind: EvidenceKind);
}

/// A graph under construction. Of the edges to a file the first is kept, and the first that beats a strip rule.
#[derive(Debug)]
pub struct Graph<'a> {
    /// The tree the files are in.
    pub rootfs: &'a Rootfs,
    /// The edges so far.
    pub edges: Edges,
    frontier: VecDeque<NodeId>,
    watcher: Option<&'a dyn Watcher>,
    /// What analysers have to tell one another.
    pub messages: Vec<Message>,
    /// The interpreters that commands may start.
    pub interpreters: Vec<&'static Interpreter>,
    /// The user's own files are among those reached: nothing starts anywhere else.
    pub rooted: bool,
    /// What operands of programs name.
    pub commands: Arc<[CommandRule]>,
    /// Who runs a program by a command.
    callers: FxHashMap<NodeId, BTreeSet<Option<NodeId>>>,
    /// Globs of those rules.
    pub(super) matchers: Matchers,
    /// What could not be known.
    pub uncertainties: Vec<Uncertainty>,
    /// Those that are said only once.
    said: HashSet<(Option<NodeId>, u32, String)>,
    /// Programs that are not there, as lines name them, and whether one of the image's own files says so.
    absent: HashMap<String, bool>,
    owners: Option<&'a Owners>,
    /// See [`Graph::library_names`].
    library_names: OnceCell<Vec<String>>,
}

impl<'a> Graph<'a> {
    /// A graph in which nothing is reached yet.
    pub fn new(rootfs: &'a Rootfs) -> Self {
        Self {
            rootfs,
            edges: Edges::none(rootfs.tree.capacity()),
            frontier: VecDeque::new(),
            watcher: None,
            messages: Vec::new(),
            interpreters: Vec::new(),
            rooted: false,
            commands: Arc::default(),
            callers: FxHashMap::default(),
            matchers: Matchers::default(),
            uncertainties: Vec::new(),
            said: HashSet::default(),
            absent: HashMap::default(),
            owners: None,
            library_names: OnceCell::new(),
        }
    }

    /// The names of all files in the folders in which libraries usually are, sorted.
    pub fn library_names(&self) -> &[String] {
        self.library_names.get_or_init(|| {
            let tree = self.tree();
            let mut names = Vec::new();
            for dir in ["/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64"] {
                let Some(dir) = tree.follow(dir) else { continue };
                let below = tree.children(dir).filter(|&child| tree.inode(child).is_dir());
                for dir in std::iter::once(dir).chain(below) {
                    names.extend(tree.children(dir).map(|child| tree.name(child).to_string()));
                }
            }
            names.sort();
            names.dedup();
            names
        })
    }

    /// This graph, where commands may start these interpreters.
    pub fn interpreting(self, interpreters: Vec<&'static Interpreter>) -> Self {
        Self { interpreters, ..self }
    }

    /// This graph, of files that belong to these.
    pub fn owned(self, owners: &'a Owners) -> Self {
        Self { owners: Some(owners), ..self }
    }

    /// This graph, where operands of programs name what these rules say.
    pub fn knowing(self, commands: Arc<[CommandRule]>) -> Self {
        Self { commands, ..self }
    }

    /// This graph, with someone who is told of every reached file.
    pub(super) fn watched(self, watcher: &'a dyn Watcher) -> Self {
        Self { watcher: Some(watcher), ..self }
    }

    /// The tree the files are in.
    pub fn tree(&self) -> &'a Tree {
        &self.rootfs.tree
    }

    /// Whether `node` is reached.
    pub fn is_reached(&self, node: NodeId) -> bool {
        self.edges.is_reached(node)
    }

    /// Whether a command runs `node`.
    pub fn is_executed(&self, node: NodeId) -> bool {
        self.callers.contains_key(&node)
    }

    /// The files that run a program by a command; none for the image's config.
    pub fn callers(&self, program: NodeId) -> impl Iterator<Item = Option<NodeId>> {
        self.callers.get(&program).into_iter().flatten().copied()
    }

    /// What a link leads to, or the file itself.
    pub fn target(&self, file: NodeId) -> NodeId {
        let tree = self.tree();
        tree.resolve_from(tree.parent(file), tree.name(file)).map_or(file, |found| found.node)
    }

    /// The paths that a file goes by: its own, and those of links through which it was reached.
    pub fn names_of(&self, node: NodeId) -> Vec<String> {
        let tree = self.tree();
        let target = tree.path(node);
        let of = |edge: Option<&Edge>| edge.filter(|edge| edge.evidence.kind == EvidenceKind::Symlink)?.from;
        let first = of(self.edges.get(node));
        let links = std::iter::successors(first, |&link| of(self.edges.get(link))).take(MAX_LINKS);
        std::iter::once(target.to_string()).chain(links.map(|link| tree.path(link).to_string())).collect()
    }

    /// The edge that reached `node` first.
    pub fn edge(&self, node: NodeId) -> Option<&Edge> {
        self.edges.get(node)
    }

    /// Marks one node as reached. Returns whether that is new. Directories are marked without what is in them.
    pub fn reach(&mut self, from: Option<NodeId>, node: NodeId, evidence: Evidence) -> bool {
        let kind = evidence.kind;
        if !self.edges.add(node, Edge { from, evidence }) {
            return false;
        }
        if let Some(watcher) = self.watcher {
            watcher.reached(node, kind);
        }
        self.frontier.push_back(node);
        true
    }

    /// Follows `path` from the directory `base` as the kernel would, and marks every symlink on the way and the
    /// object at its end. Returns that object, or `None` where the path leads nowhere. What an absolute path that does not exist yet
    /// goes through is marked then: a program may be about to make it.
    pub fn reach_path(
        &mut self,
        from: Option<NodeId>,
        base: NodeId,
        path: impl AsRef<[u8]>,
        evidence: &Evidence,
    ) -> Option<NodeId> {
        let tree = self.tree();
        let path = path.as_ref();
        let (found, complete) = tree.resolve_existing(base, path)?;
        if !complete {
            let on_the_way = found.via.into_iter().chain([found.node]);
            for node in on_the_way.filter(|&node| path.starts_with(b"/") && node != Tree::ROOT) {
                self.reach(from, node, evidence.clone());
            }
            return None;
        }
        let mut edge = (from, evidence.clone());
        for link in found.via {
            self.reach(edge.0, link, edge.1.clone());
            // A link that stands for the file itself is a step of its own; one to a folder on the way is not.
            if self.target(link) == found.node {
                edge = (Some(link), Evidence::new(EvidenceKind::Symlink, tree.path(link).to_string()));
            }
        }
        let is_new = self.reach(edge.0, found.node, edge.1);
        if evidence.kind.starts() {
            let is_first = !self.is_executed(found.node);
            self.callers.entry(found.node).or_default().insert(from);
            if is_first && !is_new {
                self.tell(from, Notice::Executed(found.node), evidence.clone());
            }
        }
        Some(found.node)
    }

    /// Marks a node that was found by walking directories, so without symlinks on the way: if it is a symlink
    /// itself, then what it leads to is marked too.
    pub fn reach_followed(&mut self, from: Option<NodeId>, node: NodeId, evidence: &Evidence) -> Option<NodeId> {
        let tree = self.tree();
        self.reach_path(from, tree.parent(node), tree.name(node), evidence)
    }

    /// Marks `dir` and all that is below it; a symlink's target is marked too.
    pub fn reach_tree(&mut self, from: Option<NodeId>, dir: NodeId, evidence: &Evidence) {
        let all: Vec<NodeId> = self.tree().walk(dir).collect();
        for node in all {
            self.reach_followed(from, node, evidence);
            self.reach(from, node, evidence.clone());
        }
    }

    /// Takes the files reached since the last call, in the order they were reached.
    pub fn take_frontier(&mut self) -> Vec<NodeId> {
        self.frontier.drain(..).collect()
    }

    /// Whether files have been reached since [`take_frontier`](Self::take_frontier).
    pub fn has_frontier(&self) -> bool {
        !self.frontier.is_empty()
    }

    /// Tells other analysers of something that the file `from` says (none for the image's config).
    pub fn tell(&mut self, from: Option<NodeId>, notice: Notice, evidence: Evidence) {
        self.messages.push(Message { from, notice, evidence });
    }

    /// Notes something that could not be known.
    pub fn uncertain(&mut self, node: Option<NodeId>, line: u32, what: impl Into<String>, effect: impl Into<String>) {
        self.note(node, line, what.into(), effect.into(), None);
    }

    /// The same, unless it was said already.
    pub fn uncertain_once(&mut self, node: Option<NodeId>, line: u32, what: String, effect: String) {
        if self.said.insert((node, line, what.clone())) {
            self.note(node, line, what, effect, None);
        }
    }

    /// Takes back what was said of `node` since there were `known` uncertainties, but no doubts: those that it has a part in
    /// are of other files, or hold whatever it is.
    pub fn take_back(&mut self, known: usize, node: NodeId) {
        let since = self.uncertainties.split_off(known.min(self.uncertainties.len()));
        if since.is_empty() {
            return;
        }
        let path = self.tree().path(node).to_string();
        for one in since {
            if one.path != path || one.settle.is_some() {
                self.uncertainties.push(one);
            } else {
                self.said.remove(&(Some(node), one.line, one.what));
            }
        }
    }

    /// Notes that of a file that says what is started only the beginning was read.
    pub fn cut_short(&mut self, file: NodeId) {
        let what = "the file has more lines than are read of one";
        self.doubtful_if_own(Some(file), 0, what, "what the rest starts may be missing", "--entry COMMAND");
    }

    /// A line of the file `from` starts a program that is not in the image. Said once for each program, and once more of the
    /// first of the image's own files that starts it: packages name many programs that they can do without.
    pub fn absent(&mut self, from: Option<NodeId>, line: u32, program: &str) {
        let own = self.is_own(from);
        let full = self.absent.len() >= MAX_ABSENT;
        match self.absent.get_mut(program) {
            Some(known) if *known || !own => return,
            Some(known) => *known = true,
            None if full => {
                let what = format!("more than {MAX_ABSENT} programs that are started are not in the image");
                if self.said.insert((None, u32::from(own), what.clone())) {
                    self.doubtful_if_own(from, line, what, "the others are not told of", "--entry COMMAND");
                }
                return;
            }
            None => _ = self.absent.insert(program.to_owned(), own),
        }
        let shown: String = program.chars().take(200).collect();
        let what = format!("the program {shown} is started here, which is not in the image");
        self.doubtful_if_own(from, line, what, "nothing was kept for it", "--entry COMMAND");
    }

    /// Like [`doubtful_if_own`](Self::doubtful_if_own), unless it was said already.
    pub fn doubtful_if_own_once(&mut self, node: Option<NodeId>, line: u32, what: String, effect: &str, settle: &str) {
        if self.said.insert((node, line, what.clone())) {
            self.doubtful_if_own(node, line, what, effect, settle);
        }
    }

    /// Whether a file is the image's own: no package put it there. So is the config.
    fn is_own(&self, node: Option<NodeId>) -> bool {
        node.is_none_or(|node| self.owners.is_none_or(|owners| owners.of(node).is_none()))
    }

    /// The same, where the new image may lack something that it needs until the option `settle` is given.
    pub fn doubtful(
        &mut self,
        node: Option<NodeId>,
        line: u32,
        what: impl Into<String>,
        effect: impl Into<String>,
        settle: &str,
    ) {
        self.note(node, line, what.into(), effect.into(), Some(settle.to_owned()));
    }

    /// The same, where that goes for the image's own files only: code of packages is full of what never runs in this image.
    pub fn doubtful_if_own(
        &mut self,
        node: Option<NodeId>,
        line: u32,
        what: impl Into<String>,
        effect: impl Into<String>,
        settle: &str,
    ) {
        let own = self.is_own(node);
        self.note(node, line, what.into(), effect.into(), own.then(|| settle.to_owned()));
    }

    fn note(&mut self, node: Option<NodeId>, line: u32, what: String, effect: String, settle: Option<String>) {
        let path = node.map(|node| self.tree().path(node).to_string()).unwrap_or_default();
        self.uncertainties.push(Uncertainty { path, line, what, effect, settle });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn only_what_was_said_of_a_file_itself_is_taken_back() {
        let rootfs = Builder::new().file("/a", b"x").file("/b", b"x").build();
        let (a, b) = (rootfs.tree.follow("/a"), rootfs.tree.follow("/b"));
        let mut graph = Graph::new(&rootfs);
        graph.uncertain(a, 1, "before", "");
        let known = graph.uncertainties.len();
        for file in [a, b] {
            graph.uncertain_once(file, 1, "plain".to_owned(), String::new());
            graph.doubtful(file, 1, "doubt", "", "--entry COMMAND");
        }
        graph.take_back(known, a.unwrap());
        let said = |graph: &Graph<'_>| -> Vec<String> {
            graph.uncertainties.iter().map(|one| format!("{} {}", one.path, one.what)).collect()
        };
        assert_eq!(said(&graph), ["/a before", "/a doubt", "/b plain", "/b doubt"]);
        // What was taken back may be said again, the rest not.
        for file in [a, b] {
            graph.uncertain_once(file, 1, "plain".to_owned(), String::new());
        }
        assert_eq!(said(&graph), ["/a before", "/a doubt", "/b plain", "/b doubt", "/a plain"]);
    }
}
