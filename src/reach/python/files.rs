//! Files that calls name: commands, stubs, folders on the search path, data beside the code.

use super::calls::{argument, positional};
use super::facts::{Call, PythonFacts, Value};
use super::live::Scope;
use super::modules::ModuleId;
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::notice::Notice;
use crate::reach::trace::Trace;
use crate::rootfs::{NodeId, Tree};

impl Python<'_> {
    pub(super) fn command(
        &mut self,
        trace: &mut Trace<'_>,
        module: ModuleId,
        call: &Call,
        shell: bool,
        facts: &PythonFacts,
    ) {
        let from = self.file_of(module);
        let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
        let is_shell = shell
            || call
                .args
                .iter()
                .any(|arg| &*arg.keyword == "shell" && !matches!(&arg.value, Value::Str(s) if s.is_empty()));
        let value = |index: usize| positional(call, index);
        // `os.spawn*` takes a mode first.
        let skip = usize::from(call.callee.contains(".spawn") && !call.callee.starts_with("pty"));
        let argv: Vec<String> = match argument(call, skip, &["args", "cmd", "command", "file", "path", "program"]) {
            Some(Value::List(values)) => values.iter().map_while(word).collect(),
            Some(Value::Str(text)) if is_shell || text.contains(' ') => {
                vec!["sh".to_owned(), "-c".to_owned(), text.to_string()]
            }
            Some(Value::Str(text)) => {
                let rest: Vec<String> = match value(skip + 1) {
                    Some(Value::List(values)) => values.iter().map_while(word).skip(1).collect(),
                    _ => Vec::new(),
                };
                std::iter::once(text.to_string()).chain(rest).collect()
            }
            Some(Value::Pattern(text)) => {
                // Only the program's name has to be readable.
                let words: Vec<String> =
                    text.split_whitespace().take_while(|word| !word.contains(HOLE)).map(str::to_owned).collect();
                words
            }
            _ => Vec::new(),
        };
        // What a shell is given is cut by its first word.
        let program = match argv.as_slice() {
            [shell, option, code] if shell == "sh" && option == "-c" => code.split_whitespace().next(),
            argv => argv.first().map(String::as_str),
        };
        let Some(program) = program.filter(|program| !program.is_empty()) else {
            return self.programs_named(&mut trace.graph, module, facts);
        };
        // A cut speaks of a program by its file name, which holds no dots as far as it is concerned.
        let target = format!("command:{}", program.rsplit('/').next().unwrap_or(program).replace('.', "_"));
        if !self.conditions.is_cut(&self.modules.get(module).name, &target, &[]) {
            trace.graph.tell(from, Notice::Command(argv), evidence);
        }
    }

    /// The file of a module, if it is the user's own.
    fn users_file(&self, module: ModuleId) -> Option<NodeId> {
        self.file_of(module).filter(|&file| self.owners.of(file).is_none())
    }

    /// In the user's own code, a command that cannot be read may be any program that a string of that file names.
    fn programs_named(&mut self, graph: &mut Graph<'_>, module: ModuleId, facts: &PythonFacts) {
        let Some(file) = self.users_file(module) else { return };
        for text in facts.units.iter().flat_map(|unit| &unit.strings) {
            if self.is_program(graph.tree(), &text.value) {
                let evidence = Evidence::at(EvidenceKind::Command, &*text.value, text.line);
                graph.tell(Some(file), Notice::Command(vec![text.value.to_string()]), evidence);
            }
        }
    }

    /// Names in the user's own code that are programs: with some libraries a name is enough to run one.
    pub(super) fn run_names(&mut self, graph: &mut Graph<'_>, module: ModuleId) {
        let Some(file) = self.users_file(module) else { return };
        let Some(facts) = self.facts_of(module) else { return };
        for unit in &facts.units {
            let tree = graph.tree();
            for name in unit.names.iter().filter(|name| self.is_program(tree, name)) {
                let evidence = Evidence::at(EvidenceKind::Command, &**name, unit.line);
                graph.tell(Some(file), Notice::Command(vec![name.to_string()]), evidence);
            }
        }
    }

    /// Whether `PATH` has a program of this name.
    fn is_program(&self, tree: &Tree, name: &str) -> bool {
        let runs = |dir: &str| {
            let found = tree.resolve(format!("{dir}/{name}")).map(|found| tree.inode(found.node));
            found.is_some_and(|inode| inode.is_file() && inode.meta.mode & 0o111 != 0)
        };
        !name.is_empty() && !name.contains('/') && self.ctx.path().any(runs)
    }

    /// In the user's own code, a list that starts with a program's name is a command, whoever is called with it; so
    /// is a line that is given to something that says it runs one.
    pub(super) fn likely_command(&mut self, graph: &mut Graph<'_>, module: ModuleId, call: &Call) {
        const RUNNERS: &[&str] =
            &["run", "spawn", "popen", "execute", "exec", "shell", "system", "cmd", "command", "local", "sudo", "call"];
        let Some(file) = self.users_file(module) else { return };
        let last = call.callee.rsplit('.').next().unwrap_or_default().to_lowercase();
        for arg in &call.args {
            let argv: Vec<String> = match &arg.value {
                Value::List(values) => values.iter().map_while(word).collect(),
                Value::Str(text) if RUNNERS.contains(&last.as_str()) => {
                    text.split_whitespace().map(str::to_owned).collect()
                }
                _ => continue,
            };
            if argv.first().is_some_and(|program| self.is_program(graph.tree(), program)) {
                let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
                graph.tell(Some(file), Notice::Command(argv), evidence);
            }
        }
    }

    /// `lazy_loader.attach_stub`: the stub beside the module is read at run time.
    pub(super) fn attach_stub(&mut self, trace: &mut Trace<'_>, module: ModuleId, line: u32) {
        let Some(file) = self.file_of(module) else { return };
        let tree = trace.graph.tree();
        let stub = format!("{}i", tree.name(file));
        let Some(stub) = tree.child(tree.parent(file), stub.as_bytes()) else { return };
        let evidence = Evidence::at(EvidenceKind::Data, "attach_stub", line);
        trace.graph.reach_followed(Some(file), stub, &evidence);
        let Ok(source) = trace.graph.rootfs.read(stub) else { return };
        let facts = super::extract::extract(&source);
        for unit in 0..facts.units.len() {
            self.resolve_imports(trace, module, unit as u32, &facts);
        }
    }

    /// `sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendor"))`: folders below the module or the
    /// folders above it that the call's readable parts name; those that any string around the call names, where the code
    /// knows its own place; without any, the module's own folder and the one above it. The standard library only
    /// passes on what it is given.
    pub(super) fn extend_search_path(
        &mut self,
        graph: &mut Graph<'_>,
        (module, unit): Scope,
        call: &Call,
        facts: &PythonFacts,
    ) {
        let Some(file) = self.file_of(module) else { return };
        let env = self.modules.get(module).env;
        let tree = graph.tree();
        if self.in_stdlib(graph, module) {
            return;
        }
        let mut texts = Vec::new();
        call.args.iter().for_each(|arg| readable(&arg.value, &mut texts));
        let knows_its_place = facts.ancestors(unit as usize).any(|scope| scope.uses("__file__"));
        if knows_its_place {
            for scope in facts.ancestors(unit as usize) {
                texts.extend(scope.patterns.iter().chain(&scope.strings).map(|text| &*text.value));
            }
        }
        let mut found = Vec::new();
        for text in texts {
            let path = text.rsplit(HOLE).next().unwrap_or("").trim_matches('/');
            if path.len() < 2 || text.contains(' ') {
                continue;
            }
            let mut base = tree.parent(file);
            for _ in 0..3 {
                let node = if text.starts_with('/') { tree.resolve(text) } else { tree.resolve_from(base, path) };
                if let Some(found_dir) = node.filter(|found| tree.inode(found.node).is_dir()) {
                    found.push(found_dir.node);
                    break;
                }
                base = tree.parent(base);
            }
        }
        if found.is_empty() && knows_its_place {
            let own = tree.parent(file);
            found.extend([own, tree.parent(own)]);
        }
        for dir in found {
            if dir != Tree::ROOT && !self.envs[env].local.contains(&dir) {
                self.envs[env].local.push(dir);
                self.modules.forget_failures();
                self.path_grew = true;
            }
        }
    }

    /// A path put together from the module's own place and readable parts: `HOLE/data/x.json`.
    pub(super) fn resolve_path_pattern(&mut self, graph: &mut Graph<'_>, module: ModuleId, pattern: &str, line: u32) {
        let Some(file) = self.file_of(module) else { return };
        let Some(rest) = pattern.strip_prefix(HOLE) else { return };
        let path = rest.split(HOLE).next().unwrap_or("");
        // What stands before an unreadable part is a folder.
        let path = if path.len() == rest.len() { path } else { path.rsplit_once('/').map_or("", |(dir, _)| dir) };
        let path = path.trim_matches('/');
        if path.len() < 2 || !rest.starts_with('/') {
            return;
        }
        let tree = graph.tree();
        let evidence = Evidence::at(EvidenceKind::Data, path, line);
        // Only in the module's own package: a path such as `HOLE/lib` fits somewhere above everything.
        let own = self.modules.get(module).clone();
        let depth = own.package().split('.').filter(|part| !part.is_empty()).count();
        let start = tree.parent(file);
        let mut base = start;
        for level in 0..depth.max(1) {
            if let Some(found) = tree.resolve_from(base, path).filter(|found| found.node != base) {
                let shared = level == 0 && depth == 0 && base == self.envs[own.env].stdlib;
                if !tree.inode(found.node).is_dir() {
                    graph.reach_path(Some(file), base, path, &evidence);
                } else if !shared {
                    super::data::reach_package(graph, Some(file), found.node, true);
                    if pattern.ends_with(".py") {
                        let name = pattern.rsplit('/').next().unwrap_or_default();
                        super::resources::reach_matching(graph, Some(file), found.node, name, &evidence);
                    }
                }
                return;
            }
            base = tree.parent(base);
        }
        // `Path(other.__file__).parent / "x.py"`: beside a module that this one imports.
        let facts = self.facts_of(module);
        let uses_file = |facts: &PythonFacts| facts.units.iter().any(|unit| unit.uses("__file__"));
        if let Some(facts) = facts.filter(|facts| path.contains('.') && uses_file(facts)) {
            for package in self.imported_packages(graph, module, &facts) {
                for id in self.modules.find(tree, &self.envs, own.env, &package) {
                    for dir in self.modules.get(id).dirs.clone() {
                        graph.reach_path(Some(file), dir, path, &evidence);
                    }
                }
            }
        }
    }
}

/// The strings and patterns in a value, lists flattened.
fn readable<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::Str(text) | Value::Pattern(text) => out.push(text),
        Value::List(values) => values.iter().for_each(|value| readable(value, out)),
        Value::Name(_) | Value::Returned(_) | Value::Other => {}
    }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        // The interpreter itself: whatever it is called in the image, it is reached already.
        Value::Name(name) if &**name == "sys.executable" => Some("python3".to_owned()),
        _ => None,
    }
}
