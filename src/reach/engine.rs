//! The waves: reached files are read and turned into facts by several threads, and one thread resolves the facts in the
//! order in which the files were reached.

use std::time::{Duration, Instant};

use super::ahead::{Ahead, Shared};
use super::command::{self, Ran};
use super::context::Context;
use super::elf::{self, ElfFacts};
use super::entrypoint::{self, Launch, Roots};
use super::evidence::{Evidence, EvidenceKind, Uncertainty};
use super::extraction::Extractor;
use super::facts::{Facts, dotted_words};
use super::graph::{Edges, Graph, Hint};
use super::python::{ExtensionFacts, Python, Role, environment, is_interpreter};
use super::rules::{Cause, Rules, glob_nodes};
use super::shell::{self, Shebang};
use super::text;
use super::trace::Trace;
use crate::cache::Cache;
use crate::owners::Owners;
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

/// Larger files beside code are data, not settings.
const MAX_SETTINGS: usize = 64 << 10;

/// What to analyse.
#[derive(Debug)]
pub struct Request<'a> {
    /// The image's tree.
    pub rootfs: &'a Rootfs,
    /// The image's configuration.
    pub ctx: &'a Context,
    /// Who put files there.
    pub owners: &'a Owners,
    /// Commands that start the program.
    pub launch: &'a Launch,
    /// Files that are not to count as the user's own although nobody owns them: baggage that is stripped anyway.
    pub baggage: &'a [bool],
    /// Files that are kept by the user's word (`--keep`): they count as entry points.
    pub kept: &'a [NodeId],
    /// Facts of earlier runs.
    pub cache: Option<&'a Cache>,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Reach {
    /// The files reached, and the edges that reached them.
    pub edges: Edges,
    /// What the entry points came to.
    pub roots: Roots,
    /// What could not be known.
    pub uncertainties: Vec<Uncertainty>,
    /// Reached Python modules and the files behind them, in the order reached.
    pub modules: Vec<(String, Option<NodeId>)>,
    /// Sonames and file names of reached ELF libraries, in the order reached.
    pub sonames: Vec<(String, NodeId)>,
    /// What it took.
    pub effort: Effort,
}

/// What an analysis took. Nothing of it is in any result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    /// Time by the clock for which resolving had to wait until files were read and turned into facts.
    pub extracting: Duration,
    /// How many reached files were looked at.
    pub files: u64,
}

/// Runs the analysis, on as many threads as rayon has.
pub fn analyse(request: &Request<'_>, rules: Rules) -> Reach {
    let extractor = Extractor { request, awaited: rules.awaited(), settings: rules.settings().into_iter().collect() };
    let shared = Shared::new(&extractor);
    std::thread::scope(|scope| {
        let ahead = Ahead::new(&shared);
        for _ in 1..rayon::current_num_threads() {
            // Without the others it only takes longer.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || shared.work());
        }
        resolve_all(request, rules, &extractor, &ahead)
    })
}

fn resolve_all(request: &Request<'_>, rules: Rules, extractor: &Extractor<'_>, ahead: &Ahead<'_>) -> Reach {
    let mut engine = Engine {
        request,
        extractor,
        ahead,
        trace: Trace { graph: Graph::new(request.rootfs).reading_ahead(ahead), rules },
        elf: elf::Resolver::new(request.rootfs, request.ctx),
        python: Python::new(request.rootfs, request.ctx, request.owners),
        sonames: Vec::new(),
        program: None,
        libpythons: Vec::new(),
        embedded: false,
        effort: Effort::default(),
    };
    let roots = engine.seed();
    engine.run();
    let modules = engine.python.reached();
    let (edges, uncertainties) = (engine.trace.graph.edges, engine.trace.graph.uncertainties);
    Reach { edges, roots, uncertainties, modules, sonames: engine.sonames, effort: engine.effort }
}

struct Engine<'a> {
    request: &'a Request<'a>,
    extractor: &'a Extractor<'a>,
    ahead: &'a Ahead<'a>,
    trace: Trace<'a>,
    elf: elf::Resolver<'a>,
    python: Python<'a>,
    sonames: Vec<(String, NodeId)>,
    /// The interpreter's ELF file: what it loads for a Python program is looked for as it would.
    program: Option<NodeId>,
    /// Reached libraries of interpreters that were started in an environment found already.
    libpythons: Vec<NodeId>,
    /// A program other than an interpreter is linked with Python's library.
    embedded: bool,
    effort: Effort,
}

impl Engine<'_> {
    /// Entry points first, so that `why` shows chains that start there; then the user's own files.
    fn seed(&mut self) -> Roots {
        let request = self.request;
        let roots = entrypoint::resolve(&mut self.trace.graph, request.ctx, request.launch);
        for (_, ran) in &roots.commands {
            self.started(ran);
        }
        let commands = roots.commands.iter().flat_map(|(command, _)| &command.argv);
        let env = request.ctx.env.iter().flat_map(|(name, value)| [name, value]);
        let words =
            self.extractor.awaited_words(&commands.chain(env).fold(String::new(), |text, word| text + word + "\n"));
        self.python.use_words(&mut self.trace, &words);
        self.run();
        let evidence = Evidence::new(EvidenceKind::EntryPoint, "--keep");
        for &node in request.kept {
            self.trace.graph.reach_followed(None, node, &evidence);
        }
        let tree = &request.rootfs.tree;
        let evidence = Evidence::new(EvidenceKind::Payload, "no package owns it");
        for node in tree.iter() {
            let inode = tree.inode(node);
            let own = request.owners.of(node).is_none() && !request.baggage.get(node.index()).copied().unwrap_or(false);
            if !own || inode.is_dir() || is_state(tree, node) {
                continue;
            }
            if !matches!(inode.kind, Kind::Symlink(_)) {
                self.trace.graph.reach(None, node, evidence.clone());
            } else if leads_to_file(tree, node) {
                self.trace.graph.reach_followed(None, node, &evidence);
            }
        }
        roots
    }

    /// Takes note of the Python programs that a command starts, and of the interpreters that run them: an interpreter
    /// may have been reached before, as that of another environment.
    fn started(&mut self, ran: &Ran) {
        let tree = &self.request.rootfs.tree;
        for interpreter in &ran.pythons {
            let node = tree.get(&interpreter.path).unwrap_or(interpreter.node);
            let node = if is_interpreter(tree.name(node)) { node } else { interpreter.node };
            self.python.look_for_interpreter(&mut self.trace, node);
        }
        for &script in &ran.python_scripts {
            self.python.adopt(&mut self.trace, script, Role::Program);
        }
    }

    fn run(&mut self) {
        loop {
            let frontier = self.trace.graph.take_frontier();
            self.effort.files += frontier.len() as u64;
            let idle = frontier.is_empty();
            for node in frontier {
                let start = Instant::now();
                let (facts, words) = self.ahead.take(node);
                self.effort.extracting += start.elapsed();
                self.python.use_words(&mut self.trace, &words);
                self.resolve(node, facts);
            }
            let asked = self.answer();
            if idle && !asked && !self.python.run(&mut self.trace) && !self.trace.graph.has_frontier() {
                break;
            }
        }
    }

    /// Carries out what analysers ask of each other. Returns whether there was anything.
    fn answer(&mut self) -> bool {
        let (hints, loads, commands) = (
            std::mem::take(&mut self.trace.graph.hints),
            std::mem::take(&mut self.trace.graph.loads),
            std::mem::take(&mut self.trace.graph.commands),
        );
        let any = !(hints.is_empty() && loads.is_empty() && commands.is_empty());
        for (from, argv, evidence) in commands {
            let words = self.extractor.awaited_words(&argv.join("\n"));
            self.python.use_words(&mut self.trace, &words);
            let workdir = self.request.ctx.workdir.as_str();
            let ran = command::run(&mut self.trace.graph, self.request.ctx, from, &argv, &evidence, workdir);
            self.started(&ran);
        }
        for (from, name, evidence) in loads {
            if let (Some(from), Some(program)) = (from, self.program) {
                self.elf.dlopen(&mut self.trace.graph, from, program, &name, &evidence);
            }
        }
        for (from, hint, evidence) in hints {
            self.python.hint(&mut self.trace, from, hint, evidence);
        }
        any
    }

    fn resolve(&mut self, node: NodeId, facts: Facts) {
        let tree = &self.request.rootfs.tree;
        let path = tree.path(node);
        let dir = Some(tree.parent(node));
        for rule in self.trace.rules.fire(Cause::Path(&path), dir) {
            self.python.apply(&mut self.trace, rule, node);
        }
        for (module, name) in elf::configuration::modules(self.request.rootfs, self.request.ctx, node) {
            self.trace.graph.reach_followed(Some(node), module, &Evidence::new(EvidenceKind::Name, name));
        }
        let library = tree.name(node).starts_with(b"libpython");
        if library && !self.embedded && self.belongs_to_interpreter(node) {
            self.libpythons.push(node);
        } else if library || (is_interpreter(tree.name(node)) && !self.belongs_to_interpreter(node)) {
            self.python.look_for_interpreter(&mut self.trace, node);
        }
        match facts {
            Facts::Nothing => {}
            Facts::Elf(facts) => self.resolve_elf(node, &facts),
            Facts::Python(facts, words) => {
                let role = self.role(node);
                for word in words {
                    let evidence = Evidence::new(EvidenceKind::Name, word.as_str());
                    self.trace.graph.hints.push((Some(node), Hint::Name(word), evidence));
                }
                self.python.supply(node, *facts);
                if !self.python.is_reached(node) || role == Role::Program {
                    self.python.adopt(&mut self.trace, node, role);
                }
                // A module's `#!` line means nothing to who imports it.
                let runs = role == Role::Program || self.request.owners.of(node).is_none();
                if let Some(shebang) = self.shebang(node).filter(|_| runs) {
                    let ran = shell::resolve_shebang(&mut self.trace.graph, self.request.ctx, node, &shebang);
                    self.started(&ran);
                }
            }
            Facts::Bytecode(names) => {
                self.python.supply_extension(node, ExtensionFacts { names, ..ExtensionFacts::default() });
                if !self.python.is_reached(node) {
                    let role = self.role(node);
                    self.python.adopt(&mut self.trace, node, role);
                }
            }
            Facts::Pickle(names) => {
                for name in names {
                    let evidence = Evidence::new(EvidenceKind::Name, format!("{name} in pickled data"));
                    self.trace.graph.hints.push((Some(node), Hint::Pickled(name), evidence));
                }
            }
            Facts::Foreign(shebang) => {
                let ran = shell::resolve_shebang(&mut self.trace.graph, self.request.ctx, node, &shebang);
                self.started(&ran);
            }
            Facts::Script(facts) => {
                let ran = shell::resolve(&mut self.trace.graph, self.request.ctx, node, &facts);
                self.started(&ran);
            }
            Facts::Text { facts, content } => {
                let owned = self.request.owners.of(node).is_some();
                if (!owned || path.starts_with(b"/etc/")) && text::is_configuration(tree.name(node)) {
                    let ran = text::resolve(&mut self.trace.graph, self.request.ctx, node, &facts);
                    self.started(&ran);
                }
                // Settings beside reached code name modules too (`pygments_style = alabaster.support.Alabaster`).
                if owned && content.len() < MAX_SETTINGS && text::is_configuration(tree.name(node)) {
                    for word in dotted_words(&content) {
                        let evidence = Evidence::new(EvidenceKind::Name, word.as_str());
                        self.trace.graph.hints.push((Some(node), Hint::Name(word), evidence));
                    }
                }
                if calls_code(tree.name(node), &content, owned) {
                    self.python.read_text(&content);
                }
            }
        }
    }

    /// Whether a file was reached as the target of an interpreter's symlink, or as its library: then the environment
    /// is that of the interpreter that was started, such as one in a virtual environment.
    fn belongs_to_interpreter(&self, node: NodeId) -> bool {
        let Some(edge) = self.trace.graph.edge(node) else { return false };
        let (rootfs, ctx) = (self.request.rootfs, self.request.ctx);
        let finds = |from: NodeId| !environment::discover(rootfs, ctx, from).is_empty();
        matches!(edge.evidence.kind, EvidenceKind::Symlink | EvidenceKind::Needed)
            && edge.from.is_some_and(|from| is_interpreter(rootfs.tree.name(from)) && finds(from))
    }

    fn shebang(&self, node: NodeId) -> Option<Shebang> {
        let mut start = Vec::new();
        self.request.rootfs.read_prefix(node, 512, &mut start).ok()?;
        Shebang::parse(&start)
    }

    /// Whether a Python file was reached as a program rather than as a module.
    fn role(&self, node: NodeId) -> Role {
        let mut edge = self.trace.graph.edge(node);
        while let Some(found) = edge.filter(|edge| edge.evidence.kind == EvidenceKind::Symlink) {
            edge = found.from.and_then(|from| self.trace.graph.edge(from));
        }
        let program = edge.is_some_and(|edge| {
            // A string that names a module means the module; one that names a file may be run.
            match edge.evidence.kind {
                EvidenceKind::EntryPoint | EvidenceKind::Command => true,
                EvidenceKind::Name => edge.from.is_none() || edge.evidence.detail.contains('/'),
                _ => false,
            }
        });
        if program { Role::Program } else { Role::Module }
    }

    fn resolve_elf(&mut self, node: NodeId, facts: &ElfFacts) {
        let tree = &self.request.rootfs.tree;
        let dir = Some(tree.parent(node));
        let mut names = vec![tree.name(node).to_string()];
        names.extend(facts.soname.iter().map(ToString::to_string).filter(|name| *name != names[0]).collect::<Vec<_>>());
        // A rule may know that a string counts under other conditions only.
        let cut = |library: &str| names.iter().any(|name| self.trace.rules.cut(name, library, &[]).is_some());
        if facts.libraries.iter().any(|library| cut(library)) {
            let mut facts = facts.clone();
            facts.libraries.retain(|library| !cut(library));
            self.elf.resolve(&mut self.trace.graph, node, &facts);
        } else {
            self.elf.resolve(&mut self.trace.graph, node, facts);
        }
        if names.iter().any(|name| name == "libc.so.6") && tree.follow(elf::configuration::NAME_SERVICE).is_none() {
            for (module, name) in elf::configuration::default_modules(tree) {
                let evidence = Evidence::new(EvidenceKind::Name, format!("{name}, without nsswitch.conf"));
                self.trace.graph.reach_followed(Some(node), module, &evidence);
            }
        }
        for name in &names {
            for rule in self.trace.rules.fire(Cause::Soname(name), dir) {
                self.python.apply(&mut self.trace, rule, node);
            }
            if name.contains(".so") {
                self.sonames.push((name.clone(), node));
            }
        }
        for symbol in &facts.imports {
            for rule in self.trace.rules.fire(Cause::Symbol(symbol, &names), dir) {
                self.python.apply(&mut self.trace, rule, node);
            }
        }
        // A program that embeds Python starts an environment of its own.
        if !self.embedded
            && !is_interpreter(tree.name(node))
            && facts.needed.iter().any(|name| name.starts_with(b"libpython"))
        {
            self.embedded = true;
            for library in std::mem::take(&mut self.libpythons) {
                self.python.look_for_interpreter(&mut self.trace, library);
            }
        }
        let Some(python) = &facts.python else { return };
        if !python.interpreter {
            let names = python.names.clone();
            let extension = ExtensionFacts {
                names,
                glued: facts.glued.clone(),
                sources: python.sources.clone(),
                opaque: python.opaque_names,
            };
            self.python.supply_extension(node, extension);
        } else {
            self.program.get_or_insert(node);
            self.python.supply_names(&python.names);
        }
    }
}

/// Whether a text may call functions by name: a template, or settings.
fn calls_code(name: &[u8], content: &str, owned: bool) -> bool {
    let settings = text::is_configuration(name) && !(owned && content.len() >= MAX_SETTINGS);
    settings || ["{{", "{%", "<%", "${"].iter().any(|mark| content.contains(mark))
}

/// Whether a symlink of the user's makes a file part of the program. Those under `/etc` are the system's switches
/// (alternatives, run levels, units): they follow the fate of what they lead to.
fn leads_to_file(tree: &Tree, link: NodeId) -> bool {
    let target = tree.resolve_from(tree.parent(link), tree.name(link));
    !tree.path(link).starts_with(b"/etc/") && target.is_some_and(|target| tree.inode(target.node).is_file())
}

/// Places whose contents are the system's state or are put there by the container engine.
fn is_state(tree: &Tree, node: NodeId) -> bool {
    const STATE: &[&str] = &[
        "/proc/",
        "/sys/",
        "/dev/",
        "/run/",
        "/var/run/",
        "/var/lib/dpkg/",
        "/var/lib/apt/",
        "/var/cache/",
        "/var/log/",
    ];
    let path = tree.path(node);
    STATE.iter().any(|prefix| path.starts_with(prefix.as_bytes()))
}

/// The nodes that the user's globs name (`--keep`).
pub fn named_nodes(tree: &Tree, globs: &[String]) -> Vec<NodeId> {
    globs.iter().flat_map(|glob| glob_nodes(tree, glob)).collect()
}
