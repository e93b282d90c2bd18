//! What calls mean: computed imports, listings of packages, resources, metadata, libraries and commands.

use super::facts::{Arg, Call, HOLE, ImportNames, PythonFacts, UnitKind, Value, in_module};
use super::live::Scope;
use super::modules::{ModuleId, is_identifier};
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::rules::Rules;
use crate::rootfs::{NodeId, Tree};

/// What a callee does, by its last component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Imports the module its first argument names.
    Import,
    /// Runs a module as a program.
    RunModule,
    /// Lists the modules of a package.
    List { deep: bool },
    /// Merges all folders of a package's name on the search path into one package.
    Namespace,
    /// Reads a package's data.
    Resource,
    /// Reads a distribution's metadata.
    Metadata,
    /// Resolves one entry point: distribution, group, name.
    EntryPoint,
    /// Loads a shared library.
    Library,
    /// Finds a library by its short name.
    FindLibrary,
    /// Runs a program given as a list or a string.
    Command { shell: bool },
    /// Reads a `.pyi` beside the module for what to import lazily.
    AttachStub,
    /// Imports lazily what its arguments name, relative to the package.
    Attach,
    /// Adds to the search path.
    SearchPath,
    /// Encodes or decodes by a codec's name.
    Codec,
}

fn meaning(callee: &str) -> Option<Meaning> {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    let module = callee.rsplit('.').nth(1).unwrap_or("");
    Some(match last {
        "import_module" | "__import__" | "find_spec" | "find_module" | "find_loader" | "get_loader" | "LazyModule"
        | "reload" => Meaning::Import,
        "load_module" if module == "imp" || module == "importlib" => Meaning::Import,
        "run_module" => Meaning::RunModule,
        "iter_modules" => Meaning::List { deep: false },
        "walk_packages" => Meaning::List { deep: true },
        "extend_path" | "declare_namespace" => Meaning::Namespace,
        "files" | "open_text" | "read_text" | "open_binary" | "read_binary" | "is_resource" | "contents"
        | "get_data" | "resource_filename" | "resource_string" | "resource_stream" | "resource_listdir"
        | "resource_exists" | "resource_isdir" | "as_file" | "PackageLoader" => Meaning::Resource,
        "path" if module == "resources" || module == "importlib_resources" => Meaning::Resource,
        "version" | "distribution" | "metadata" | "requires" | "get_distribution" | "require" | "from_name"
        | "get_version" => Meaning::Metadata,
        "load_entry_point" | "get_entry_info" | "get_entry_map" => Meaning::EntryPoint,
        "CDLL" | "PyDLL" | "WinDLL" | "LoadLibrary" | "dlopen" => Meaning::Library,
        "find_library" => Meaning::FindLibrary,
        "system" | "popen" if module == "os" => Meaning::Command { shell: true },
        "getoutput" | "getstatusoutput" | "create_subprocess_shell" => Meaning::Command { shell: true },
        "run" | "Popen" | "call" | "check_call" | "check_output"
            if module == "subprocess" || module == "sp" || callee == "Popen" =>
        {
            Meaning::Command { shell: false }
        }
        "create_subprocess_exec" | "which" | "find_executable" => Meaning::Command { shell: false },
        "execv" | "execve" | "execvp" | "execvpe" | "execl" | "execlp" | "execle" | "execlpe" | "spawnv"
        | "spawnvp" | "spawnl" | "spawnlp" | "posix_spawn" | "posix_spawnp" | "spawn"
            if module == "os" || module == "pty" =>
        {
            Meaning::Command { shell: false }
        }
        "attach_stub" => Meaning::AttachStub,
        "attach" => Meaning::Attach,
        "insert" | "append" | "extend" | "addsitedir" if callee.contains("sys.path") || last == "addsitedir" => {
            Meaning::SearchPath
        }
        "encode"
        | "decode"
        | "lookup"
        | "getencoder"
        | "getdecoder"
        | "getincrementaldecoder"
        | "getincrementalencoder"
        | "getreader"
        | "getwriter" => Meaning::Codec,
        _ => return None,
    })
}

fn positional(call: &Call, index: usize) -> Option<&Value> {
    call.args.iter().filter(|arg| arg.keyword.is_empty()).nth(index).map(|arg| &arg.value)
}

fn argument<'c>(call: &'c Call, index: usize, keywords: &[&str]) -> Option<&'c Value> {
    let by_name = |arg: &&Arg| keywords.contains(&&*arg.keyword);
    positional(call, index).or_else(|| call.args.iter().find(by_name).map(|arg| &arg.value))
}

/// All strings in a value, lists flattened.
fn strings<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::Str(text) => out.push(text),
        Value::List(values) => values.iter().for_each(|value| strings(value, out)),
        Value::Pattern(_) | Value::Name(_) | Value::Other => {}
    }
}

/// The file names that `ctypes.util.find_library` may find for a short name: it asks `ldconfig` or a compiler, and
/// both know libraries with a version after their name.
fn library_names(tree: &Tree, short: &str) -> Vec<String> {
    let plain = format!("lib{short}.so");
    let versioned = format!("{plain}.");
    let mut names = vec![plain];
    for dir in ["/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64"] {
        let Some(dir) = tree.follow(dir) else { continue };
        let below = tree.children(dir).filter(|&child| tree.inode(child).is_dir());
        for dir in std::iter::once(dir).chain(below) {
            let found = tree.children(dir).map(|child| tree.name(child).to_string());
            names.extend(found.filter(|name| name.starts_with(&versioned)));
        }
    }
    names.sort();
    names.dedup();
    names
}

impl Python<'_> {
    pub(super) fn resolve_calls(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        module: ModuleId,
        unit: u32,
        facts: &PythonFacts,
    ) {
        for call in &facts.units[unit as usize].calls {
            self.resolve_call(graph, rules, (module, unit), call, facts);
        }
    }

    fn resolve_call(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        scope: Scope,
        call: &Call,
        facts: &PythonFacts,
    ) {
        let (module, unit) = scope;
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        let last = call.callee.rsplit('.').next().unwrap_or(&call.callee);
        for arg in call.args.iter().filter(|arg| &*arg.keyword == "encoding") {
            self.codec(graph, rules, module, &arg.value, call.line);
        }
        let Some(meaning) = meaning(&call.callee) else {
            // Calls of functions that turn out to import what they are given.
            if self.importers.contains(last) {
                self.import_arguments(graph, rules, module, call);
            }
            self.calls_by_name.entry(last.into()).or_default().push((scope, call.clone()));
            return;
        };
        let first = argument(call, 0, &["name", "modname", "package", "anchor", "path", "mod_name"]);
        match meaning {
            Meaning::Import => self.computed_import(graph, rules, scope, call, facts),
            Meaning::RunModule => {
                if let Some(Value::Str(name)) = first {
                    let evidence = Evidence::at(EvidenceKind::DynamicImport, &**name, call.line);
                    graph.hints.push((from, crate::reach::Hint::RunModule(name.to_string()), evidence));
                }
            }
            Meaning::List { deep } => self.list_modules(graph, rules, module, call, deep, facts),
            Meaning::Namespace => self.join_namespace(graph, module),
            Meaning::Resource => {
                let evidence = Evidence::at(EvidenceKind::Data, &*call.callee, call.line);
                for value in call.args.iter().map(|arg| &arg.value).take(2) {
                    match value {
                        Value::Str(name) => {
                            self.named(graph, rules, env, name, from, &evidence, true);
                            if let Some(base) = self.relative_base(module, 1) {
                                self.relative(graph, rules, env, &base, name, from, &evidence);
                            }
                        }
                        Value::Pattern(pattern) => self.import_pattern(graph, rules, module, pattern, &evidence),
                        Value::Name(name) => {
                            self.named(graph, rules, env, name, from, &evidence, true);
                        }
                        Value::List(_) | Value::Other => {}
                    }
                }
            }
            Meaning::Metadata => {
                let mut names = Vec::new();
                call.args.iter().for_each(|arg| strings(&arg.value, &mut names));
                for name in names {
                    let name = name.split(['=', '<', '>', '[', ';', '~', '!', ' ']).next().unwrap_or("");
                    let dist = self.dists[env].by_name(name);
                    if let Some(dist) = dist {
                        let evidence = Evidence::at(EvidenceKind::Metadata, &*call.callee, call.line);
                        self.reach_metadata(graph, env, dist, from, &evidence);
                    }
                }
            }
            Meaning::EntryPoint => {
                if let (Some(Value::Str(dist)), Some(Value::Str(group)), Some(Value::Str(name))) =
                    (positional(call, 0), positional(call, 1), positional(call, 2))
                {
                    self.reach_entry_point(graph, rules, env, dist, group, name, from, call.line);
                }
            }
            Meaning::Library => {
                let evidence = Evidence::at(EvidenceKind::Dlopen, &*call.callee, call.line);
                let mut names = Vec::new();
                if let Some(value) = first {
                    strings(value, &mut names);
                }
                for name in names {
                    graph.loads.push((from, name.to_owned(), evidence.clone()));
                }
            }
            Meaning::FindLibrary => {
                let evidence = Evidence::at(EvidenceKind::Dlopen, &*call.callee, call.line);
                if let Some(Value::Str(name)) = first {
                    for name in library_names(graph.tree(), name) {
                        graph.loads.push((from, name, evidence.clone()));
                    }
                }
            }
            Meaning::Command { shell } => self.command(graph, rules, module, call, shell),
            Meaning::AttachStub => self.attach_stub(graph, rules, module, call.line),
            Meaning::Attach => {
                let mut names = Vec::new();
                call.args.iter().for_each(|arg| strings(&arg.value, &mut names));
                if let Some(base) = self.relative_base(module, 1) {
                    for name in names {
                        let evidence = Evidence::at(EvidenceKind::DynamicImport, name, call.line);
                        self.relative(graph, rules, env, &base, name, from, &evidence);
                    }
                }
            }
            Meaning::SearchPath => self.extend_search_path(graph, module, unit, facts),
            Meaning::Codec => {
                for value in call.args.iter().map(|arg| &arg.value) {
                    self.codec(graph, rules, module, value, call.line);
                }
            }
        }
    }

    /// A value that names a codec.
    fn codec(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, module: ModuleId, value: &Value, line: u32) {
        let Value::Str(name) = value else { return };
        let name = name.to_lowercase().replace(['-', ' '], "_");
        if is_identifier(&name) {
            let (env, from) = (self.modules.get(module).env, self.file_of(module));
            let evidence = Evidence::at(EvidenceKind::Name, format!("codec {name}"), line);
            self.import(graph, rules, env, &format!("encodings.{name}"), from, &evidence);
        }
    }

    /// `import_module` and its kin.
    fn computed_import(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        scope: Scope,
        call: &Call,
        facts: &PythonFacts,
    ) {
        let (module, unit) = scope;
        let env = self.modules.get(module).env;
        let Some(value) = argument(call, 0, &["name", "modname", "fullname"]) else { return };
        let readable = self.import_value(graph, rules, module, value, call);
        if call.callee.ends_with("__import__")
            && let Some(Value::List(names)) = argument(call, 3, &["fromlist"])
            && let Value::Str(base) = value
        {
            let env = self.modules.get(module).env;
            let from = self.file_of(module);
            for name in names {
                if let Value::Str(name) = name {
                    let full = format!("{base}.{name}");
                    let evidence = Evidence::at(EvidenceKind::DynamicImport, full.as_str(), call.line);
                    self.import(graph, rules, env, &full, from, &evidence);
                }
            }
        }
        if readable {
            return;
        }
        // The name comes from somewhere else: from strings of this file, or from the arguments of the function
        // that the call stands in.
        let mut found = self.import_candidates(graph, rules, module, facts);
        // A module that lists folders finds its modules there: those beside it, as far as can be read.
        let lists = |name: &Box<str>| {
            matches!(&**name, "listdir" | "scandir" | "iterdir" | "glob" | "iglob" | "rglob" | "iter_modules")
        };
        let own = self.modules.get(module).package().to_owned();
        let from = self.file_of(module);
        if !own.is_empty() && facts.units.iter().any(|unit| unit.names.iter().any(lists)) {
            let evidence = Evidence::at(EvidenceKind::DynamicImport, format!("{own}.*"), call.line);
            self.import_glob(graph, rules, env, &format!("{own}.*"), from, &evidence);
            found = true;
        }
        // `self.__module__.replace("models", "urls")`: a word beside the import may be the end of a sibling's name.
        let top = own.split('.').next().unwrap_or_default().to_owned();
        let stdlib =
            from.is_some_and(|file| self.envs[env].contains(graph.tree(), file) == Some(self.envs[env].stdlib));
        if !top.is_empty() && !stdlib {
            for text in &facts.units[unit as usize].strings {
                if text.value.len() > 2 && is_identifier(&text.value) {
                    let evidence = Evidence::at(EvidenceKind::DynamicImport, &*text.value, text.line);
                    self.import_glob(graph, rules, env, &format!("{top}.**.{}", text.value), from, &evidence);
                }
            }
        }
        let mut importer = false;
        let mut at = unit;
        let name = self.modules.get(module).name.clone();
        while let Some(scope) = facts.units.get(at as usize) {
            if matches!(scope.kind, UnitKind::Function | UnitKind::Class) && scope.name.len() > 2 {
                importer = true;
                // `__init__` and the like are called by the name of their class.
                if !scope.name.starts_with("__") {
                    self.add_importer(graph, rules, &scope.name.clone());
                }
            }
            if at == 0 {
                break;
            }
            at = scope.parent;
        }
        if !importer && !found {
            graph.uncertain(
                self.file_of(module),
                call.line,
                format!("{name} imports a module by a name that cannot be read"),
                "nothing more was kept",
            );
        }
    }

    /// From now on, calls of `function` count as imports of what their arguments name.
    fn add_importer(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, function: &str) {
        if !self.importers.insert(function.into()) {
            return;
        }
        for ((module, _), call) in self.calls_by_name.get(function).cloned().unwrap_or_default() {
            self.import_arguments(graph, rules, module, &call);
        }
    }

    fn import_arguments(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, module: ModuleId, call: &Call) {
        for arg in &call.args {
            self.import_value(graph, rules, module, &arg.value, call);
        }
    }

    /// Imports what a value names. Returns whether it could be read.
    fn import_value(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        module: ModuleId,
        value: &Value,
        call: &Call,
    ) -> bool {
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        match value {
            Value::Str(name) => {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, &**name, call.line);
                let base = match argument(call, 1, &["package"]) {
                    Some(Value::Str(package)) => Some(package.to_string()),
                    _ => self.relative_base(module, 1),
                };
                let cut = rules.cut(&self.modules.get(module).name.clone(), name, &[]).is_some();
                if !cut && !name.starts_with('.') {
                    self.named(graph, rules, env, name, from, &evidence, true);
                }
                if let Some(base) = base.filter(|_| !cut) {
                    self.relative(graph, rules, env, &base, name, from, &evidence);
                }
                true
            }
            Value::Pattern(pattern) => {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, pattern.replace(HOLE, "*"), call.line);
                self.import_pattern(graph, rules, module, pattern, &evidence);
                pattern.chars().any(|c| c != HOLE && c != '.')
            }
            Value::List(values) => {
                let mut readable = !values.is_empty();
                for value in values {
                    readable &= self.import_value(graph, rules, module, value, call);
                }
                readable
            }
            Value::Name(name) => &**name == "__name__",
            Value::Other => false,
        }
    }

    /// Imports every module that fits the readable part of a computed name.
    pub(super) fn import_pattern(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        module: ModuleId,
        pattern: &str,
        evidence: &Evidence,
    ) {
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        let own = self.modules.get(module).package().to_owned();
        let filled = in_module(pattern, &self.modules.get(module).name, &own).into_owned();
        let name = filled.split(':').next().unwrap_or("");
        let valid = |c: char| c == HOLE || matches!(c, '.' | '_' | '-') || c.is_alphanumeric();
        if !name.chars().all(valid) || !name.chars().any(|c| c.is_alphanumeric()) {
            return;
        }
        let glob = name.replace(HOLE, "*");
        if rules.cut(&self.modules.get(module).name, &glob, &[]).is_some() {
            return;
        }
        let mut globs = Vec::new();
        if let Some(rest) = glob.strip_prefix("*.") {
            // `f"{__package__}.x"`: relative to the module itself, its package, and the packages above.
            let mut base = Some(own.as_str());
            while let Some(package) = base.filter(|package| !package.is_empty()) {
                globs.push(format!("{package}.{rest}"));
                base = super::modules::parent_name(package);
            }
            self.add_ending(graph, rules, env, rest, from, evidence);
        } else if let Some(rest) = glob.strip_prefix('.') {
            globs.push(format!("{own}.{}", rest.trim_start_matches('.')));
        } else {
            globs.push(glob.clone());
            if !own.is_empty() {
                globs.push(format!("{own}.{glob}"));
            }
        }
        for glob in globs {
            // A hole may hold dots, but a whole tree is what `**` asks for: one level more is enough in practice.
            for glob in [glob.clone(), format!("{glob}.__init__")] {
                self.import_glob(graph, rules, env, &glob, from, evidence);
            }
        }
    }

    /// When a module imports by a name that cannot be read, then its own strings are the names. Returns whether
    /// any of them was one.
    fn import_candidates(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        module: ModuleId,
        facts: &PythonFacts,
    ) -> bool {
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        let base = self.relative_base(module, 1);
        let name = self.modules.get(module).name.clone();
        let mut found = false;
        for unit in &facts.units {
            for text in &unit.strings {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, &*text.value, text.line);
                if rules.cut(&name, &text.value, &[&*unit.name]).is_some() {
                    continue;
                }
                found |= self.named(graph, rules, env, &text.value, from, &evidence, true);
                if let Some(base) = &base {
                    found |= self.relative(graph, rules, env, base, &text.value, from, &evidence);
                }
            }
            for text in unit.patterns.iter().filter(|text| !text.value.contains('/')) {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, text.value.replace(HOLE, "*"), text.line);
                self.import_pattern(graph, rules, module, &text.value, &evidence);
            }
        }
        found
    }

    /// `pkgutil.iter_modules` and `walk_packages`.
    fn list_modules(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        module: ModuleId,
        call: &Call,
        deep: bool,
        facts: &PythonFacts,
    ) {
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        let evidence = Evidence::at(EvidenceKind::DynamicImport, &*call.callee, call.line);
        let own = self.modules.get(module).package().to_owned();
        let mut packages: Vec<String> = Vec::new();
        for arg in &call.args {
            let values = match &arg.value {
                Value::List(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            for value in values {
                match value {
                    Value::Name(name) => {
                        let name = name.trim_end_matches("__path__").trim_end_matches('.');
                        if name.is_empty() {
                            packages.push(own.clone());
                        } else if self.exists(graph, env, name) {
                            packages.push(name.to_owned());
                        } else {
                            let last = name.trim_start_matches('.');
                            packages.push(format!("{own}.{last}"));
                        }
                    }
                    Value::Str(name) => packages.push(name.trim_end_matches('.').to_owned()),
                    _ => {}
                }
            }
        }
        packages.retain(|package| self.exists(graph, env, package));
        if packages.is_empty() {
            // Its own package, or one that it imports and passes on (`for package in (core_plugins, extra): …`).
            packages.push(own.clone());
            packages.extend(self.imported_packages(graph, module, facts));
            packages.retain(|package| !package.is_empty());
            self.add_lister(graph, rules, module, &evidence);
            graph.uncertain(
                from,
                call.line,
                "lists modules of a package that cannot be read",
                format!("kept the modules of {}", packages.join(", ")),
            );
        }
        packages.sort();
        packages.dedup();
        let own_name = self.modules.get(module).name.clone();
        for package in packages {
            if rules.cut(&own_name, &package, &["iter_modules"]).is_some() {
                continue;
            }
            let glob = if deep { format!("{package}.**") } else { format!("{package}.*") };
            self.import_glob(graph, rules, env, &glob, from, &evidence);
        }
    }

    /// The packages outside the standard library that a file imports.
    fn imported_packages(&mut self, graph: &Graph<'_>, module: ModuleId, facts: &PythonFacts) -> Vec<String> {
        let env = self.modules.get(module).env;
        let mut names = Vec::new();
        for import in facts.units.iter().flat_map(|unit| &unit.imports) {
            let base = match self.relative_base(module, import.level) {
                Some(base) if import.level > 0 && import.module.is_empty() => base,
                Some(base) if import.level > 0 => format!("{base}.{}", import.module),
                _ => import.module.to_string(),
            };
            if let ImportNames::Names(taken) = &import.names {
                names.extend(taken.iter().map(|name| format!("{base}.{name}")));
            }
            names.push(base);
        }
        names.sort();
        names.dedup();
        let stdlib = self.envs[env].stdlib;
        names.retain(|name| {
            let found = self.modules.find(graph.tree(), &self.envs, env, name);
            found.into_iter().any(|id| {
                let module = self.modules.get(id);
                let inside = |&dir: &NodeId| self.envs[env].contains(graph.tree(), dir) != Some(stdlib);
                module.is_package() && module.dirs.iter().all(inside)
            })
        });
        names
    }

    /// `pkgutil.extend_path`, `pkg_resources.declare_namespace`: every folder of that name on the search path.
    fn join_namespace(&mut self, graph: &mut Graph<'_>, module: ModuleId) {
        let (env, name) = (self.modules.get(module).env, self.modules.get(module).name.clone());
        let Some(top) = self.file_of(module) else { return };
        let evidence = Evidence::new(EvidenceKind::Import, format!("part of namespace package {name}"));
        let tree = graph.tree();
        let relative = name.replace('.', "/");
        for entry in self.envs[env].path.clone() {
            let super::environment::PathEntry::Dir(dir) = entry else { continue };
            let Some(found) = tree.resolve_from(dir, &relative).map(|found| found.node) else { continue };
            if tree.inode(found).is_dir() {
                self.path_grew |= self.modules.extend_path(module, found);
                if let Some(init) = tree.child(found, b"__init__.py") {
                    graph.reach_followed(Some(top), init, &evidence);
                }
            }
        }
    }

    fn command(&mut self, graph: &mut Graph<'_>, rules: &Rules, module: ModuleId, call: &Call, shell: bool) {
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
        let Some(program) = program.filter(|program| !program.is_empty()) else { return };
        // A cut speaks of a program by its file name, which holds no dots as far as it is concerned.
        let target = format!("command:{}", program.rsplit('/').next().unwrap_or(program).replace('.', "_"));
        if rules.cut(&self.modules.get(module).name, &target, &[]).is_none() {
            graph.commands.push((from, argv, evidence));
        }
    }

    /// `lazy_loader.attach_stub`: the stub beside the module is read at run time.
    fn attach_stub(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, module: ModuleId, line: u32) {
        let Some(file) = self.file_of(module) else { return };
        let tree = graph.tree();
        let stub = format!("{}i", tree.name(file));
        let Some(stub) = tree.child(tree.parent(file), stub.as_bytes()) else { return };
        let evidence = Evidence::at(EvidenceKind::Data, "attach_stub", line);
        graph.reach_followed(Some(file), stub, &evidence);
        let Ok(source) = graph.rootfs.read(stub) else { return };
        let facts = super::extract::extract(&source);
        for unit in 0..facts.units.len() {
            self.resolve_imports(graph, rules, module, unit as u32, &facts);
        }
    }

    /// `sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendor"))`: folders below the module or the
    /// folders above it that readable parts name.
    fn extend_search_path(&mut self, graph: &mut Graph<'_>, module: ModuleId, unit: u32, facts: &PythonFacts) {
        let Some(file) = self.file_of(module) else { return };
        let env = self.modules.get(module).env;
        let tree = graph.tree();
        let mut found = Vec::new();
        for scope in facts.ancestors(unit as usize) {
            for text in scope.patterns.iter().chain(&scope.strings) {
                let path = text.value.rsplit(HOLE).next().unwrap_or("").trim_matches('/');
                if path.len() < 2 || text.value.contains(' ') {
                    continue;
                }
                let mut base = tree.parent(file);
                for _ in 0..3 {
                    let node = if text.value.starts_with('/') {
                        tree.resolve(&*text.value)
                    } else {
                        tree.resolve_from(base, path)
                    };
                    if let Some(found_dir) = node.filter(|found| tree.inode(found.node).is_dir()) {
                        found.push(found_dir.node);
                        break;
                    }
                    base = tree.parent(base);
                }
            }
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
                }
                break;
            }
            base = tree.parent(base);
        }
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
