//! From facts to files: what an ELF file loads, in one image.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use rustc_hash::FxHashMap;

use super::facts::ElfFacts;
use super::machine::{Libc, Machine};
use super::search::{Asking, Linkage, Places, Search};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::rules::RuleIndex;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// How a file came to be loaded, as far as the search for its own libraries depends on it. A file loaded in
/// several ways is looked at in each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Situation {
    libc: Libc,
    /// Directories from the files that loaded it.
    inherited: Arc<[BString]>,
    /// `$ORIGIN` where a symlink led to the file from another directory.
    origin: Option<BString>,
}

impl Situation {
    /// How a file in the directory `here` asks for libraries that was loaded so.
    fn asking<'r>(&'r self, linkage: &'r Linkage, here: &'r BString) -> Asking<'r> {
        let origin = self.origin.as_ref().unwrap_or(here).as_ref();
        Asking { libc: self.libc, linkage, origin, inherited: &self.inherited }
    }
}

/// A library that a file asks for.
#[derive(Clone, Debug)]
struct Wanted {
    name: BString,
    evidence: Evidence,
    /// Without it the file does not start.
    needed: bool,
}

/// What is known of a file once its facts are.
#[derive(Debug)]
struct Known {
    linkage: Linkage,
    wishes: Rc<[Wanted]>,
}

/// Resolves the facts of ELF files against one image.
#[derive(Debug)]
pub struct Linker<'a> {
    rootfs: &'a Rootfs,
    search: Search<'a>,
    default_libc: Libc,
    known: FxHashMap<NodeId, Known>,
    /// Situations of files whose facts are not known yet.
    pending: FxHashMap<NodeId, Vec<Situation>>,
    /// Situations each file was looked at in.
    done: FxHashMap<NodeId, Vec<Situation>>,
    /// Files named like libraries, by name.
    by_name: Option<HashMap<BString, Vec<NodeId>>>,
    preloaded: Vec<BString>,
    /// Where the libraries are looked for that code of a file loads by name.
    dlopens: FxHashMap<NodeId, Rc<Places>>,
    /// Names of which every file was taken, because too much was looked for: those need not be gone through again.
    everywhere: HashSet<(BString, Machine)>,
    /// Libraries that come from the machine that runs the container.
    host: Option<RuleIndex>,
}

/// A library that this many chains of RPATHs lead to is not looked at in any further one.
const MAX_SITUATIONS: usize = 64;
const MAX_PRELOAD: u64 = 1 << 16;

impl<'a> Linker<'a> {
    /// A linker for one image.
    pub fn new(rootfs: &'a Rootfs, context: &Context) -> Self {
        let search = Search::new(rootfs, context);
        let mut preload = context.env.get("LD_PRELOAD").cloned().unwrap_or_default().into_bytes();
        if let Some(file) = search.read("/etc/ld.so.preload", MAX_PRELOAD) {
            for line in file.lines() {
                preload.push(b'\n');
                preload.extend_from_slice(line.split(|&b| b == b'#').next().unwrap_or_default());
            }
        }
        let names = preload.split(|&b| b.is_ascii_whitespace() || b == b':').filter(|name| !name.is_empty());
        Self {
            rootfs,
            default_libc: default_libc(&rootfs.tree),
            known: FxHashMap::default(),
            pending: FxHashMap::default(),
            done: FxHashMap::default(),
            by_name: None,
            dlopens: FxHashMap::default(),
            everywhere: HashSet::default(),
            preloaded: names.map(BString::from).collect(),
            host: None,
            search,
        }
    }

    /// Of libraries that `host` names nobody is told that they are missing.
    #[must_use]
    pub fn with_host(self, host: RuleIndex) -> Self {
        Self { host: Some(host), ..self }
    }

    /// Marks what the file at `node` loads. To be called once for every reached ELF file.
    pub fn resolve(&mut self, graph: &mut Graph, node: NodeId, facts: &ElfFacts) {
        let known = self.known(facts);
        self.known.insert(node, known);
        if let Some(interpreter) = &facts.interpreter {
            let evidence = Evidence::new(EvidenceKind::Interpreter, interpreter.to_string());
            if graph.reach_path(Some(node), Tree::ROOT, interpreter, &evidence).is_none() {
                graph.uncertain(
                    Some(node),
                    0,
                    format!("interpreter {interpreter} does not exist"),
                    "it cannot start here",
                );
            }
        }
        let libc = Libc::of(facts).unwrap_or(self.default_libc);
        let alone = || vec![Situation { libc, inherited: Arc::default(), origin: None }];
        for situation in self.pending.remove(&node).unwrap_or_else(alone) {
            self.link(graph, node, situation);
        }
    }

    /// Whether a file was resolved.
    pub fn knows(&self, file: NodeId) -> bool {
        self.known.contains_key(&file)
    }

    /// Marks what `dlopen(name)` would load if code of the ELF file `program` called it; `from` is where the
    /// evidence stands. `program` must have been resolved. Returns whether there is such a library.
    pub fn dlopen(
        &mut self,
        graph: &mut Graph,
        from: NodeId,
        program: NodeId,
        name: &str,
        evidence: &Evidence,
    ) -> bool {
        let wish = Wanted { name: name.into(), evidence: evidence.clone(), needed: false };
        let situation = Situation { libc: self.default_libc, inherited: Arc::default(), origin: None };
        let Some(places) = self.dlopens.get(&program).cloned().or_else(|| self.places(program, &situation)) else {
            return false;
        };
        self.dlopens.entry(program).or_insert_with(|| Rc::clone(&places));
        let mut queue = VecDeque::new();
        let found = self.grant(graph, (from, program), &situation, &places, &wish, &mut queue);
        self.drain(graph, queue);
        found
    }

    fn known(&self, facts: &ElfFacts) -> Known {
        let linkage = Linkage {
            machine: Machine::of(facts),
            rpath: if facts.runpath.is_empty() { facts.rpath.clone() } else { Vec::new() },
            runpath: facts.runpath.clone(),
            no_default_lib: facts.no_default_lib,
        };
        let mut wishes = Vec::new();
        if facts.interpreter.is_some() {
            wishes.extend(self.preloaded.iter().map(|name| {
                let evidence = Evidence::new(EvidenceKind::Dlopen, format!("preload {name}"));
                Wanted { name: name.clone(), evidence, needed: false }
            }));
        }
        wishes.extend(facts.needed.iter().map(|name| {
            let evidence = Evidence::new(EvidenceKind::Needed, name.to_string());
            Wanted { name: name.clone(), evidence, needed: true }
        }));
        for note in &facts.dlopen {
            wishes.extend(note.soname.iter().map(|name| {
                let evidence =
                    Evidence::new(EvidenceKind::Dlopen, format!("{name} ({} {})", note.priority, note.feature));
                Wanted { name: (**name).into(), evidence, needed: false }
            }));
        }
        wishes.extend(facts.libraries.iter().map(|name| {
            let evidence = Evidence::new(EvidenceKind::Dlopen, format!("string {name}"));
            Wanted { name: (**name).into(), evidence, needed: false }
        }));
        let mut seen = HashSet::new();
        wishes.retain(|wish| seen.insert((wish.name.clone(), wish.needed)));
        Known { linkage, wishes: wishes.into() }
    }

    /// Where the libraries of a file are looked for.
    fn places(&mut self, program: NodeId, situation: &Situation) -> Option<Rc<Places>> {
        let known = self.known.get(&program)?;
        let here = self.rootfs.tree.path(self.rootfs.tree.parent(program));
        Some(Rc::new(self.search.places(situation.asking(&known.linkage, &here))))
    }

    fn link(&mut self, graph: &mut Graph, node: NodeId, situation: Situation) {
        self.drain(graph, VecDeque::from([(node, situation)]));
    }

    /// Works through files and situations until there are no new ones.
    fn drain(&mut self, graph: &mut Graph, mut queue: VecDeque<(NodeId, Situation)>) {
        while let Some((node, situation)) = queue.pop_front() {
            let Some(known) = self.known.get(&node) else {
                let pending = self.pending.entry(node).or_default();
                if !pending.contains(&situation) && pending.len() < MAX_SITUATIONS {
                    pending.push(situation);
                }
                continue;
            };
            let wishes = Rc::clone(&known.wishes);
            let done = self.done.entry(node).or_default();
            if done.contains(&situation) || done.len() >= MAX_SITUATIONS {
                continue;
            }
            done.push(situation.clone());
            let Some(places) = self.places(node, &situation) else { continue };
            for wish in wishes.iter() {
                let found = self.grant(graph, (node, node), &situation, &places, wish, &mut queue);
                if wish.needed && !found {
                    self.search_everywhere(graph, node, &situation, wish, &mut queue);
                }
            }
        }
    }

    /// Marks the library that `wish` names, as seen from the second file; the evidence stands in the first one.
    fn grant(
        &mut self,
        graph: &mut Graph,
        (from, program): (NodeId, NodeId),
        situation: &Situation,
        places: &Places,
        wish: &Wanted,
        queue: &mut VecDeque<(NodeId, Situation)>,
    ) -> bool {
        if self.search.is_exhausted() {
            self.search_everywhere(graph, program, situation, wish, queue);
            return true;
        }
        let Some(known) = self.known.get(&program) else { return false };
        let machine = known.linkage.machine;
        let tree = &self.rootfs.tree;
        let here = tree.path(tree.parent(program));
        let mut paths = self.search.find(wish.name.as_ref(), situation.asking(&known.linkage, &here), places);
        if paths.is_empty() && !wish.needed {
            // Plugins stand beside the library that loads them by a path it puts together.
            let beside: BString = [here.as_slice(), b"/", wish.name.as_slice()].concat().into();
            let found = tree.follow(&beside).filter(|&node| self.search.machine(node) == Some(machine));
            paths.extend(found.map(|_| beside));
        }
        for path in &paths {
            let Some(target) = graph.reach_path(Some(from), Tree::ROOT, path, &wish.evidence) else { continue };
            let found_in = path.rsplit_once_str("/").and_then(|(dir, _)| tree.follow(dir));
            let origin = found_in.filter(|&dir| dir != tree.parent(target)).map(|dir| tree.path(dir));
            let next = Situation { libc: situation.libc, inherited: Arc::clone(&places.bequeathed), origin };
            if target != program {
                queue.push_back((target, next));
            }
        }
        !paths.is_empty()
    }

    /// The last resort for a needed library: any file of that name. Another one that is loaded before may have
    /// brought it, and the loader takes what is loaded already.
    fn search_everywhere(
        &mut self,
        graph: &mut Graph,
        node: NodeId,
        situation: &Situation,
        wish: &Wanted,
        queue: &mut VecDeque<(NodeId, Situation)>,
    ) {
        if situation.libc == Libc::Musl && is_part_of_musl(wish.name.as_ref()) {
            return;
        }
        let Some(machine) = self.known.get(&node).map(|known| known.linkage.machine) else { return };
        if self.search.is_exhausted() && !self.everywhere.insert((wish.name.clone(), machine)) {
            return;
        }
        let tree = &self.rootfs.tree;
        let by_name = self.by_name.get_or_insert_with(|| index_libraries(tree));
        let mut targets = by_name.get(&wish.name).cloned().unwrap_or_default();
        self.search.spend(targets.len());
        targets.retain(|&target| {
            let target = tree.follow(tree.path(target));
            target.is_some_and(|target| self.search.machine(target) == Some(machine))
        });
        let is_of_host = |host: &RuleIndex| wish.name.to_str().is_ok_and(|name| host.is_match(name));
        if targets.is_empty() && self.host.as_ref().is_some_and(is_of_host) {
            return;
        }
        let loaded = targets.iter().any(|&target| graph.is_reached(target));
        let effect = match targets.len() {
            0 => "nothing of that name is in the image".to_owned(),
            count => format!("kept {count} files of that name"),
        };
        for target in targets {
            if let Some(target) = graph.reach_followed(Some(node), target, &wish.evidence) {
                queue.push_back((target, Situation { origin: None, ..situation.clone() }));
            }
        }
        if !loaded {
            graph.uncertain(Some(node), 0, format!("{} is not where the loader looks", wish.name), effect);
        }
    }
}

/// The libc of files that do not say.
fn default_libc(tree: &Tree) -> Libc {
    let has = |prefix: &str| {
        let dir = tree.follow("/lib");
        dir.is_some_and(|dir| tree.children(dir).any(|file| tree.name(file).starts_with(prefix.as_bytes())))
    };
    let glibc = tree.follow("/lib64").is_some() || has("ld-linux");
    if has("ld-musl-") && !glibc { Libc::Musl } else { Libc::Glibc }
}

/// Libraries that musl's loader has in itself and never looks for (`reserved` in `load_library`).
fn is_part_of_musl(name: &BStr) -> bool {
    const RESERVED: [&str; 8] = ["c", "pthread", "rt", "m", "dl", "util", "xnet", "crypt"];
    let stem = name.strip_prefix(b"lib").and_then(|rest| rest.split_once_str("."));
    stem.is_some_and(|(stem, _)| RESERVED.iter().any(|reserved| reserved.as_bytes() == stem))
        || name.starts_with(b"ld-musl-")
}

fn index_libraries(tree: &Tree) -> HashMap<BString, Vec<NodeId>> {
    let mut index: HashMap<BString, Vec<NodeId>> = HashMap::default();
    for node in tree.iter() {
        let name = tree.name(node);
        if name.contains_str(".so") && !tree.inode(node).is_dir() {
            index.entry(name.to_owned()).or_default().push(node);
        }
    }
    index
}
