//! The waves: newly reached files are read and turned into facts in parallel, then one thread resolves the facts
//! in the order in which the files were reached.

use rayon::prelude::*;

use super::command::{self, Ran};
use super::context::Context;
use super::elf::{self, ElfFacts};
use super::entrypoint::{self, Launch, Roots};
use super::evidence::{Evidence, EvidenceKind, Uncertainty};
use super::graph::{Edges, Graph, Hint};
use super::python::facts::PythonFacts;
use super::python::{ExtensionFacts, Python, extract, is_interpreter};
use super::rules::{Cause, Rules, glob_nodes};
use super::shell::{self, Shebang, ShellFacts};
use super::text::{self, TextFacts};
use crate::owners::Owners;
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

/// Larger files are no source code and no configuration.
const MAX_SOURCE: u64 = 32 << 20;
/// Larger files beside code are data, not settings.
const MAX_SETTINGS: usize = 64 << 10;
/// Larger ELF files are analysed by their beginning only.
const MAX_ELF: u64 = 2 << 30;

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
}

#[derive(Debug)]
enum Facts {
    Elf(Box<ElfFacts>),
    /// What a source says, and the dotted words of the user's own, wherever in it they stand.
    Python(Box<PythonFacts>, Vec<String>),
    Script(Box<ShellFacts>),
    Foreign(Shebang),
    Text {
        facts: Box<TextFacts>,
        content: String,
    },
    Nothing,
}

/// Runs the analysis.
pub fn analyse(request: &Request<'_>, rules: &mut Rules) -> Reach {
    let mut engine = Engine {
        request,
        graph: Graph::new(request.rootfs),
        elf: elf::Resolver::new(request.rootfs, request.ctx),
        python: Python::new(request.ctx, request.owners),
        sonames: Vec::new(),
        program: None,
    };
    let roots = engine.seed(rules);
    engine.run(rules);
    let modules = engine.python.reached().map(|id| {
        let module = engine.python.modules().get(id);
        let file = match module.source {
            super::python::Source::File(_, file) | super::python::Source::Zip(file) => Some(file),
            super::python::Source::Namespace => module.dirs.first().copied(),
        };
        (module.name.to_string(), file)
    });
    let modules = modules.collect();
    let (edges, uncertainties) = (engine.graph.edges, engine.graph.uncertainties);
    Reach { edges, roots, uncertainties, modules, sonames: engine.sonames }
}

struct Engine<'a> {
    request: &'a Request<'a>,
    graph: Graph<'a>,
    elf: elf::Resolver<'a>,
    python: Python<'a>,
    sonames: Vec<(String, NodeId)>,
    /// The interpreter's ELF file: what it loads for a Python program is looked for as it would.
    program: Option<NodeId>,
}

impl Engine<'_> {
    /// Entry points first, so that `why` shows chains that start there; then the user's own files.
    fn seed(&mut self, rules: &mut Rules) -> Roots {
        let request = self.request;
        let roots = entrypoint::resolve(&mut self.graph, request.ctx, request.launch);
        for (_, ran) in &roots.commands {
            self.started(ran);
        }
        self.run(rules);
        let evidence = Evidence::new(EvidenceKind::EntryPoint, "--keep");
        for &node in request.kept {
            self.graph.reach_followed(None, node, &evidence);
        }
        let tree = &request.rootfs.tree;
        for node in tree.iter() {
            let inode = tree.inode(node);
            let own = request.owners.of(node).is_none() && !request.baggage.get(node.index()).copied().unwrap_or(false);
            if !own || inode.is_dir() || is_state(tree, node) {
                continue;
            }
            let evidence = Evidence::new(EvidenceKind::Payload, "no package owns it");
            if !matches!(inode.kind, Kind::Symlink(_)) {
                self.graph.reach(None, node, evidence);
            } else if leads_to_file(tree, node) {
                self.graph.reach_followed(None, node, &evidence);
            }
        }
        roots
    }

    /// Takes note of the Python programs that a command starts.
    fn started(&mut self, ran: &Ran) {
        for &script in &ran.python_scripts {
            self.python.adopt(&mut self.graph, script, true);
        }
    }

    fn run(&mut self, rules: &mut Rules) {
        loop {
            let frontier = self.graph.take_frontier();
            let facts: Vec<Facts> = frontier.par_iter().map(|&node| self.extract(node)).collect();
            let idle = frontier.is_empty();
            for (node, facts) in frontier.into_iter().zip(facts) {
                self.resolve(rules, node, facts);
            }
            let asked = self.answer(rules);
            if idle && !asked && !self.python.run(&mut self.graph, rules) && !self.graph.has_frontier() {
                break;
            }
        }
    }

    /// Carries out what analysers ask of each other. Returns whether there was anything.
    fn answer(&mut self, rules: &mut Rules) -> bool {
        let (hints, loads, commands) = (
            std::mem::take(&mut self.graph.hints),
            std::mem::take(&mut self.graph.loads),
            std::mem::take(&mut self.graph.commands),
        );
        let any = !(hints.is_empty() && loads.is_empty() && commands.is_empty());
        for (from, argv, evidence) in commands {
            let workdir = self.request.ctx.workdir.as_str();
            let ran = command::run(&mut self.graph, self.request.ctx, from, &argv, &evidence, workdir);
            self.started(&ran);
        }
        for (from, name, evidence) in loads {
            if let (Some(from), Some(program)) = (from, self.program) {
                self.elf.dlopen(&mut self.graph, from, program, &name, &evidence);
            }
        }
        for (from, hint, evidence) in hints {
            self.python.hint(&mut self.graph, rules, from, hint, evidence);
        }
        any
    }

    /// Facts depend on a file's bytes and name alone.
    fn extract(&self, node: NodeId) -> Facts {
        let rootfs = self.request.rootfs;
        let inode = rootfs.tree.inode(node);
        if !inode.is_file() || inode.size() == 0 {
            return Facts::Nothing;
        }
        let mut bytes = Vec::new();
        if rootfs.read_prefix(node, 4096, &mut bytes).is_err() {
            return Facts::Nothing;
        }
        let name = rootfs.tree.name(node);
        let limit = if bytes.starts_with(b"\x7fELF") { MAX_ELF } else { MAX_SOURCE };
        if inode.size() > limit {
            return Facts::Nothing;
        }
        let elf = bytes.starts_with(b"\x7fELF");
        let python = !elf && extract::looks_like_python(name, &bytes);
        let script = !elf && !python && (bytes.starts_with(b"#!") || name.ends_with(b".sh"));
        let text = !elf && !python && !script && self.reads_text(node) && !bytes.contains(&0);
        if !(elf || python || script || text) {
            return Facts::Nothing;
        }
        if inode.size() > bytes.len() as u64 && rootfs.read_prefix(node, limit, &mut bytes).is_err() {
            return Facts::Nothing;
        }
        if elf {
            return elf::facts(&bytes).map_or(Facts::Nothing, |facts| Facts::Elf(Box::new(facts)));
        }
        if python {
            let own = self.request.owners.of(node).is_none();
            let words = if own { dotted_words(&String::from_utf8_lossy(&bytes)) } else { Vec::new() };
            return Facts::Python(Box::new(extract::extract(&bytes)), words);
        }
        // Other languages are not read: their interpreter is what the `#!` line reaches.
        let foreign = |shebang: &Shebang| !command::SHELLS.contains(&shell::shebang::base_name(shebang.program()));
        if script && let Some(shebang) = Shebang::parse(&bytes).filter(foreign) {
            return Facts::Foreign(shebang);
        }
        if script {
            return Facts::Script(Box::new(shell::read(&bytes)));
        }
        match String::from_utf8(bytes) {
            Ok(content) => Facts::Text { facts: Box::new(text::read(content.as_bytes())), content },
            Err(_) => Facts::Nothing,
        }
    }

    /// Whose text is read for names of files, commands and modules: the user's own, and configuration.
    fn reads_text(&self, node: NodeId) -> bool {
        let tree = &self.request.rootfs.tree;
        let evidence = self.graph.edge(node).map(|edge| edge.evidence.kind);
        let named = matches!(evidence, Some(EvidenceKind::Name | EvidenceKind::EntryPoint | EvidenceKind::Command));
        let data = matches!(evidence, Some(EvidenceKind::Data));
        self.request.owners.of(node).is_none() || data || (named && tree.path(node).starts_with(b"/etc/"))
    }

    fn resolve(&mut self, rules: &mut Rules, node: NodeId, facts: Facts) {
        let tree = &self.request.rootfs.tree;
        let path = tree.path(node);
        let dir = Some(tree.parent(node));
        for rule in rules.fire(Cause::Path(&path), dir) {
            self.python.apply(&mut self.graph, rules, rule, Some(node), dir, None);
        }
        if is_interpreter(tree.name(node)) || tree.name(node).starts_with(b"libpython") {
            self.python.look_for_interpreter(&mut self.graph, rules, node);
        }
        match facts {
            Facts::Nothing => {}
            Facts::Elf(facts) => self.resolve_elf(rules, node, &facts),
            Facts::Python(facts, words) => {
                let program = self.is_program(node);
                for word in words {
                    let evidence = Evidence::new(EvidenceKind::Name, word.as_str());
                    self.graph.hints.push((Some(node), Hint::Name(word), evidence));
                }
                self.python.supply(node, *facts);
                if !self.python.is_reached(node) || program {
                    self.python.adopt(&mut self.graph, node, program);
                }
                // A module's `#!` line means nothing to who imports it.
                let runs = program || self.request.owners.of(node).is_none();
                if let Some(shebang) = self.shebang(node).filter(|_| runs) {
                    let ran = shell::resolve_shebang(&mut self.graph, self.request.ctx, node, &shebang);
                    self.started(&ran);
                }
            }
            Facts::Foreign(shebang) => {
                let ran = shell::resolve_shebang(&mut self.graph, self.request.ctx, node, &shebang);
                self.started(&ran);
            }
            Facts::Script(facts) => {
                let ran = shell::resolve(&mut self.graph, self.request.ctx, node, &facts);
                self.started(&ran);
            }
            Facts::Text { facts, content } => {
                let owned = self.request.owners.of(node).is_some();
                if (!owned || path.starts_with(b"/etc/")) && text::is_configuration(tree.name(node)) {
                    let ran = text::resolve(&mut self.graph, self.request.ctx, node, &facts);
                    self.started(&ran);
                }
                // Settings beside reached code name modules too (`pygments_style = alabaster.support.Alabaster`).
                if owned && content.len() < MAX_SETTINGS && text::is_configuration(tree.name(node)) {
                    for word in dotted_words(&content) {
                        let evidence = Evidence::new(EvidenceKind::Name, word.as_str());
                        self.graph.hints.push((Some(node), Hint::Name(word), evidence));
                    }
                }
                self.python.read_text(node, &content);
            }
        }
    }

    fn shebang(&self, node: NodeId) -> Option<Shebang> {
        let mut start = Vec::new();
        self.request.rootfs.read_prefix(node, 512, &mut start).ok()?;
        Shebang::parse(&start)
    }

    /// Whether a Python file was reached as a program rather than as a module.
    fn is_program(&self, node: NodeId) -> bool {
        let mut edge = self.graph.edge(node);
        while let Some(found) = edge.filter(|edge| edge.evidence.kind == EvidenceKind::Symlink) {
            edge = found.from.and_then(|from| self.graph.edge(from));
        }
        edge.is_some_and(|edge| {
            matches!(edge.evidence.kind, EvidenceKind::EntryPoint | EvidenceKind::Command | EvidenceKind::Name)
        })
    }

    fn resolve_elf(&mut self, rules: &mut Rules, node: NodeId, facts: &ElfFacts) {
        let tree = &self.request.rootfs.tree;
        let dir = Some(tree.parent(node));
        self.elf.resolve(&mut self.graph, node, facts);
        let mut names = vec![tree.name(node).to_string()];
        names.extend(facts.soname.iter().map(ToString::to_string).filter(|name| *name != names[0]).collect::<Vec<_>>());
        for name in &names {
            for rule in rules.fire(Cause::Soname(name), dir) {
                self.python.apply(&mut self.graph, rules, rule, Some(node), dir, None);
            }
            if name.contains(".so") {
                self.sonames.push((name.clone(), node));
            }
        }
        for symbol in &facts.imports {
            for rule in rules.fire(Cause::Symbol(symbol, &names), dir) {
                self.python.apply(&mut self.graph, rules, rule, Some(node), dir, None);
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

/// Words with dots in a text, each once: a program may write them to a configuration file that names modules.
fn dotted_words(text: &str) -> Vec<String> {
    let word = |c: char| c == '_' || c == '.' || c.is_alphanumeric();
    let words = text.split(|c| !word(c)).map(|word| word.trim_matches('.')).filter(|word| word.contains('.'));
    let mut words: Vec<String> = words.filter(|word| word.len() < 200).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
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
