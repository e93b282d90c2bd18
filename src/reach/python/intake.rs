//! What becomes of files that the analyser is handed: sources, binaries, scripts.

use super::hint::Hint;
use super::names::{NAME, top_name};
use super::reading::bytecode::Bytecode;
use super::reading::extension::ExtensionFacts;
use super::reading::facts::PythonFacts;
use super::resolver::{Python, Role};
use super::search::environment::{self, is_interpreter};
use super::search::is_standard;
use crate::reach::command;
use crate::reach::evidence::{Edge, Evidence, EvidenceKind};
use crate::reach::notice::{Binary, Binding, Message, Notice};
use crate::reach::shell::shebang::{LIMIT, Shebang};
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

impl Python<'_> {
    /// A source file, and words of it that may name modules.
    pub(super) fn read_source(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: PythonFacts, words: Vec<String>) {
        let role = role(trace, file);
        for word in words {
            let evidence = Evidence::new(EvidenceKind::Name, word.as_str());
            trace.graph.tell(Some(file), Notice::Word(word), evidence);
        }
        self.supply(file, facts);
        if !self.is_reached(file) || role == Role::Program {
            self.adopt(trace, file, role);
        }
        // A module's `#!` line means nothing to who imports it.
        let runs = role == Role::Program || self.owners.of(file).is_none();
        if let Some(shebang) = self.shebang(file).filter(|_| runs) {
            command::run_interpreter(&mut trace.graph, self.ctx, file, &shebang);
            let options = shebang.argument.split(|c: char| !(c == '_' || c.is_alphanumeric()));
            let options = options.chain(shebang.argument.split_whitespace().filter(|word| word.starts_with('-')));
            self.use_words(trace, &options.map(Box::from).collect::<Vec<_>>());
        }
    }

    /// Byte code without source: names in it are imported as those of an extension module are; it is code all the same.
    pub(super) fn read_bytecode(&mut self, trace: &mut Trace<'_>, file: NodeId, Bytecode { names, facts }: Bytecode) {
        let evidence = Evidence::new(EvidenceKind::Name, "byte code");
        self.hint(trace, Some(file), Hint::Bytecode(Box::new(facts)), evidence);
        self.supply_extension(file, ExtensionFacts { names, ..ExtensionFacts::default() });
        if !self.is_reached(file) {
            let role = role(trace, file);
            self.adopt(trace, file, role);
        }
    }

    /// An ELF file: a module, an interpreter, or a program that embeds one.
    pub(super) fn read_binary(&mut self, trace: &mut Trace<'_>, file: NodeId, binary: &Binary) {
        let embeds = binary.needed.iter().any(|name| name.starts_with(b"libpython"));
        if embeds && !self.embedding.is_embedded && !is_interpreter(self.rootfs.tree.name(file)) {
            self.embedding.is_embedded = true;
            for library in std::mem::take(&mut self.embedding.libraries) {
                self.look_for_interpreter(trace, library);
            }
        }
        let Some(binding) = binary.binding.as_ref().filter(|binding| binding.language == NAME) else { return };
        if binding.is_interpreter {
            self.supply_names(&binding.names);
            return;
        }
        if embeds {
            self.import_for_embedder(trace, file, &binding.names);
        }
        let Binding { names, glued, beginnings, sources, opaque, .. } = binding.clone();
        self.supply_extension(file, ExtensionFacts { names, glued, beginnings, sources, opaque });
    }

    /// What embeds an interpreter imports modules of the standard library by names in its data. The linker merges a string with the
    /// end of another (`threading` with `dummy_threading`), so ends count, too.
    fn import_for_embedder(&mut self, trace: &mut Trace<'_>, file: NodeId, names: &[Box<str>]) {
        for name in names {
            let ends = name.match_indices('_').filter_map(|(at, _)| name.get(at + 1..));
            for module in std::iter::once(&**name).chain(ends).filter(|module| is_standard(top_name(module))) {
                let evidence = Evidence::new(EvidenceKind::Name, module);
                self.hint(trace, Some(file), Hint::Pickled(module.to_owned()), evidence);
            }
        }
    }

    /// A file that an interpreter is given, or a folder: then what it runs is `__main__.py`.
    pub(super) fn run_script(&mut self, trace: &mut Trace<'_>, message: &Message, file: NodeId) {
        let is_dir = self.rootfs.tree.inode(file).is_dir();
        let main = match is_dir {
            true => trace.graph.reach_path(message.from, file, "__main__.py", &message.evidence),
            false => Some(file),
        };
        if let Some(main) = main {
            self.adopt(trace, main, Role::Program);
        }
    }

    /// A command runs a file that was reached before, as a module or because it lies there.
    pub(super) fn run_executed(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        let Some(shebang) = self.shebang(file) else { return };
        if is_interpreter(shebang.program().as_bytes()) {
            command::run_interpreter(&mut trace.graph, self.ctx, file, &shebang);
            self.adopt(trace, file, Role::Program);
        }
    }

    /// Whether a file was reached as the target of an interpreter's symlink, or as its library: then the environment
    /// is that of the interpreter that was started, such as one in a virtual environment.
    pub(super) fn belongs_to_interpreter(&self, trace: &Trace<'_>, file: NodeId) -> bool {
        let Some(edge) = trace.graph.edge(file) else { return false };
        let finds = |from: NodeId| !environment::discover(self.rootfs, self.ctx, from).is_empty();
        matches!(edge.evidence.kind, EvidenceKind::Symlink | EvidenceKind::Needed)
            && edge.from.is_some_and(|from| is_interpreter(self.rootfs.tree.name(from)) && finds(from))
    }

    /// Whether evidence says that a command names something: one of the image itself, or of a script.
    pub(super) fn is_of_command(&self, from: Option<NodeId>, kind: EvidenceKind) -> bool {
        let is_script = |file| self.shebang(file).is_some_and(|shebang| !is_interpreter(shebang.program().as_bytes()));
        match kind {
            EvidenceKind::EntryPoint | EvidenceKind::Command => true,
            EvidenceKind::Name => from.is_none_or(is_script),
            _ => false,
        }
    }

    /// Whether a command names a file or folder by its path, or the user's own code does. A folder has the evidence of a
    /// command itself where the package in it runs (`-m`), or where a variable has it on a search path.
    pub(super) fn is_named(&self, trace: &Trace<'_>, file: NodeId) -> bool {
        let own = |from: NodeId| self.reaching.running.code.has(from) && self.reaching.is_users(from);
        first_edge(trace, file).is_some_and(|edge| {
            let (kind, path) = (edge.evidence.kind, edge.evidence.detail.contains('/'));
            if kind != EvidenceKind::Name && self.rootfs.tree.inode(file).is_dir() {
                return false;
            }
            self.is_of_command(edge.from, kind) || (kind == EvidenceKind::Name && path && edge.from.is_some_and(own))
        })
    }

    fn shebang(&self, file: NodeId) -> Option<Shebang> {
        let mut start = Vec::new();
        self.rootfs.read_prefix(file, LIMIT, &mut start).ok()?;
        Shebang::parse(&start)
    }
}

/// The edge that reached a file, or the first of the symlinks to it.
fn first_edge<'t>(trace: &'t Trace<'_>, file: NodeId) -> Option<&'t Edge> {
    let mut edge = trace.graph.edge(file);
    while let Some(found) = edge.filter(|edge| edge.evidence.kind == EvidenceKind::Symlink) {
        edge = found.from.and_then(|from| trace.graph.edge(from));
    }
    edge
}

/// As what a Python file was reached.
fn role(trace: &Trace<'_>, file: NodeId) -> Role {
    let runs = first_edge(trace, file).is_some_and(|edge| match edge.evidence.kind {
        EvidenceKind::EntryPoint | EvidenceKind::Command => true,
        // A string that names a module means the module; one that names a file may be run.
        EvidenceKind::Name => edge.from.is_none() || edge.evidence.detail.contains('/'),
        _ => false,
    });
    if runs { Role::Program } else { Role::Module }
}
