//! What calls mean: computed imports, listings of packages, resources, metadata, libraries and commands.

use super::NAME;
use super::facts::{Arg, Call, PythonFacts, Value};
use super::live::Scope;
use super::modules::{ModuleId, is_identifier};
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::notice::Notice;
use crate::reach::trace::Trace;
use crate::rootfs::Tree;

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
        "import_module" | "__import__" | "resolve_name" | "find_spec" | "find_module" | "find_loader"
        | "get_loader" | "LazyModule" | "reload" => Meaning::Import,
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

/// Whether a dotted name is that of a function that imports what it is given.
pub(super) fn is_importer(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("import_module" | "__import__"))
}

pub(super) fn positional(call: &Call, index: usize) -> Option<&Value> {
    call.args.iter().filter(|arg| arg.keyword.is_empty()).nth(index).map(|arg| &arg.value)
}

pub(super) fn argument<'c>(call: &'c Call, index: usize, keywords: &[&str]) -> Option<&'c Value> {
    let by_name = |arg: &&Arg| keywords.contains(&&*arg.keyword);
    positional(call, index).or_else(|| call.args.iter().find(by_name).map(|arg| &arg.value))
}

/// All strings in a value, lists flattened.
fn strings<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::Str(text) => out.push(text),
        Value::List(values) => values.iter().for_each(|value| strings(value, out)),
        Value::Pattern(_) | Value::Name(_) | Value::Returned(_) | Value::Other => {}
    }
}

/// The file names that `ctypes.util.find_library` may find for a short name: it asks `ldconfig` or a compiler, and
/// both know libraries with a version after their name.
fn library_names(tree: &Tree, short: &str) -> Vec<String> {
    let plain = format!("lib{short}.so");
    let versioned = format!("{plain}.");
    let mut names = libraries(tree, |name| name.starts_with(&versioned));
    names.insert(0, plain);
    names
}

/// The file names in the usual library folders that fit.
fn libraries(tree: &Tree, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    for dir in ["/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64"] {
        let Some(dir) = tree.follow(dir) else { continue };
        let below = tree.children(dir).filter(|&child| tree.inode(child).is_dir());
        for dir in std::iter::once(dir).chain(below) {
            let found = tree.children(dir).map(|child| tree.name(child).to_string());
            names.extend(found.filter(|name| fits(name)));
        }
    }
    names.sort();
    names.dedup();
    names
}

impl Python<'_> {
    pub(super) fn resolve_calls(&mut self, trace: &mut Trace<'_>, module: ModuleId, unit: u32, facts: &PythonFacts) {
        for call in &facts.units[unit as usize].calls {
            self.resolve_call(trace, (module, unit), call, facts);
        }
    }

    fn resolve_call(&mut self, trace: &mut Trace<'_>, scope: Scope, call: &Call, facts: &PythonFacts) {
        let (module, unit) = scope;
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        let last = call.callee.rsplit('.').next().unwrap_or(&call.callee);
        for arg in call.args.iter().filter(|arg| &*arg.keyword == "encoding") {
            self.codec(trace, module, &arg.value, call.line);
        }
        self.passed_importer(trace, scope, call, facts);
        self.computed_codec(trace, scope, call, facts);
        let Some(meaning) = meaning(&call.callee) else {
            self.passed_path(trace, module, call);
            self.relative_argument(trace, module, call);
            self.likely_command(&mut trace.graph, module, call);
            // Calls of functions that turn out to import what they are given.
            if self.importers.contains(last) {
                let caller = self.import_arguments(trace, scope, call);
                caller.into_iter().for_each(|caller| self.add_importer(trace, &caller));
            }
            self.calls_by_name.entry(last.into()).or_default().push((scope, call.clone()));
            return;
        };
        let first = argument(call, 0, &["name", "modname", "package", "anchor", "path", "mod_name"]);
        match meaning {
            Meaning::Import => self.computed_import(trace, scope, call, facts),
            Meaning::RunModule => {
                if let Some(Value::Str(name)) = first {
                    let evidence = Evidence::at(EvidenceKind::DynamicImport, &**name, call.line);
                    trace.graph.tell(from, Notice::Module { language: NAME, name: name.to_string() }, evidence);
                }
            }
            Meaning::List { deep } => self.list_modules(trace, module, call, deep, facts),
            Meaning::Namespace => self.join_namespace(&mut trace.graph, module),
            Meaning::Resource => {
                self.resource_path(&mut trace.graph, scope, call, facts);
                let site = self.site(module, Evidence::at(EvidenceKind::Data, &*call.callee, call.line));
                for value in call.args.iter().map(|arg| &arg.value).take(2) {
                    match value {
                        Value::Str(name) => {
                            self.named(trace, &site, name, true);
                            if let Some(base) = self.relative_base(module, 1) {
                                self.relative(trace, &site, &base, name);
                            }
                        }
                        Value::Pattern(pattern) => self.import_pattern(trace, &site, module, pattern),
                        Value::Name(name) => {
                            self.named(trace, &site, name, true);
                        }
                        Value::List(_) | Value::Returned(_) | Value::Other => {}
                    }
                }
            }
            Meaning::Metadata => {
                self.requirements_wanted |= self.reads_requirements(&trace.graph, module, first, facts);
                let mut names = Vec::new();
                call.args.iter().for_each(|arg| strings(&arg.value, &mut names));
                for name in names {
                    let name = name.split(['=', '<', '>', '[', ';', '~', '!', ' ']).next().unwrap_or("");
                    let dist = self.dists[env].by_name(name);
                    if let Some(dist) = dist {
                        let evidence = Evidence::at(EvidenceKind::Metadata, &*call.callee, call.line);
                        self.reach_metadata(&mut trace.graph, &self.site(module, evidence), dist);
                    }
                }
            }
            Meaning::EntryPoint => {
                if let (Some(Value::Str(dist)), Some(Value::Str(group)), Some(Value::Str(name))) =
                    (positional(call, 0), positional(call, 1), positional(call, 2))
                {
                    let evidence =
                        Evidence::at(EvidenceKind::Metadata, format!("entry point {group}: {name}"), call.line);
                    self.reach_entry_point(trace, &self.site(module, evidence), dist, (group, name));
                }
            }
            Meaning::Library => {
                let evidence = Evidence::at(EvidenceKind::Dlopen, &*call.callee, call.line);
                for name in self.libraries_named(&trace.graph, unit, first, facts) {
                    trace.graph.tell(from, Notice::Load(name), evidence.clone());
                }
            }
            Meaning::FindLibrary => {
                let evidence = Evidence::at(EvidenceKind::Dlopen, &*call.callee, call.line);
                if let Some(Value::Str(name)) = first {
                    for name in library_names(trace.graph.tree(), name) {
                        trace.graph.tell(from, Notice::Load(name), evidence.clone());
                    }
                }
            }
            Meaning::Command { shell } => self.command(trace, module, call, shell, facts),
            Meaning::AttachStub => self.attach_stub(trace, module, call.line),
            Meaning::Attach => {
                let mut names = Vec::new();
                call.args.iter().for_each(|arg| strings(&arg.value, &mut names));
                if let Some(base) = self.relative_base(module, 1) {
                    for name in names {
                        let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, name, call.line));
                        self.relative(trace, &site, &base, name);
                    }
                }
            }
            Meaning::SearchPath => self.extend_search_path(&mut trace.graph, scope, call, facts),
            Meaning::Codec => {
                for value in call.args.iter().map(|arg| &arg.value) {
                    self.codec(trace, module, value, call.line);
                }
            }
        }
    }

    /// The libraries that a value names; where it cannot be read, those that strings of the file name.
    fn libraries_named(&self, graph: &Graph<'_>, unit: u32, value: Option<&Value>, facts: &PythonFacts) -> Vec<String> {
        let mut names = Vec::new();
        let tree = graph.tree();
        match value {
            Some(Value::Pattern(pattern)) if !pattern.contains('/') && pattern.contains(".so") => {
                let glob = globset::Glob::new(&pattern.replace(HOLE, "*")).ok().map(|glob| glob.compile_matcher());
                let fits = |name: &str| glob.as_ref().is_some_and(|glob| glob.is_match(name));
                return libraries(tree, fits);
            }
            Some(value) => strings(value, &mut names),
            None => {}
        }
        if names.is_empty() {
            let in_file = facts.units.iter().flat_map(|unit| &unit.strings).map(|text| &*text.value);
            names.extend(in_file.filter(|text| text.contains(".so") && !text.starts_with('.')));
            let here = facts.ancestors(unit as usize).flat_map(|unit| &unit.strings).map(|text| &*text.value);
            names.extend(here.filter(|text| text.starts_with("lib") && is_identifier(text)));
        }
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        // cffi's `dlopen("foo")` looks for a library as `find_library` does.
        let short: Vec<String> = names.iter().filter(|name| is_identifier(name)).cloned().collect();
        names.extend(short.iter().flat_map(|name| library_names(tree, name)));
        names.sort();
        names.dedup();
        names
    }
}
