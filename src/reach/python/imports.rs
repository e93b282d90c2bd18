//! Import statements, and strings and globs that name modules.

use super::facts::{Import, ImportNames, PythonFacts};
use super::modules::{ModuleId, Names, Source, is_identifier, parent_name};
use super::resolver::Python;
use super::site::Site;
use crate::profile::ModuleGlobs;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::trace::{Cause, Trace};

/// Functions and classes that read entry points by the name of their group.
const GROUP_READERS: [&str; 3] = ["entry_points", "iter_entry_points", "ExtensionManager"];

impl Python<'_> {
    /// Imports `name` and every package above it; what does not exist is passed over. Returns whether the whole
    /// name exists.
    pub(super) fn import(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str) -> bool {
        self.import_for(trace, site, name, &[])
    }

    /// The same for an import that serves `constant_calls` only, if there are any: see [`Import`].
    fn import_for(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str, constant_calls: &[Box<str>]) -> bool {
        let tree = trace.graph.tree();
        let mut ends: Vec<usize> = name.match_indices('.').map(|(at, _)| at).collect();
        ends.push(name.len());
        let mut complete = false;
        for end in ends {
            let found = self.modules.find(tree, &self.envs, site.env, &name[..end]);
            complete = end == name.len() && !found.is_empty();
            if found.is_empty() {
                break;
            }
            for id in found {
                self.reach_module(trace, site, id);
            }
        }
        if !complete {
            self.note_failure(site, name);
        } else if site.evidence.kind != EvidenceKind::Rule {
            self.use_import(trace, site, name, constant_calls);
        }
        complete
    }

    /// Remembers a module that was not found: a search path that grows later may hold it.
    fn note_failure(&mut self, site: &Site, name: &str) {
        if name.len() < 200 {
            self.failed.entry((site.env, name.into())).or_insert_with(|| site.clone());
        }
    }

    /// Tries again what was not found, if a search path grew since. Returns whether it did.
    pub(super) fn retry_failures(&mut self, trace: &mut Trace<'_>) -> bool {
        if !std::mem::take(&mut self.path_grew) {
            return false;
        }
        for ((_, name), site) in std::mem::take(&mut self.failed) {
            self.import(trace, &site, &name);
        }
        true
    }

    /// Whether a module of this name exists.
    pub(super) fn exists(&mut self, graph: &Graph<'_>, env: usize, name: &str) -> bool {
        !self.modules.find(graph.tree(), &self.envs, env, name).is_empty()
    }

    /// Whether a top-level module of this name was installed: it is in a site directory. The standard library does
    /// not count: its names are everyday words.
    fn is_installed(&mut self, graph: &Graph<'_>, env: usize, name: &str) -> bool {
        let tree = graph.tree();
        is_identifier(name)
            && self.modules.find(tree, &self.envs, env, name).into_iter().any(|id| match self.modules.get(id).source {
                Source::File(entry, _) => self.envs[env].sites.iter().any(|&site| tree.is_within(entry, site)),
                Source::Zip(_) | Source::Namespace => false,
            })
    }

    /// Imports every module that a glob fits.
    pub(super) fn import_glob(&mut self, trace: &mut Trace<'_>, site: &Site, glob: &str) {
        for name in self.glob(&trace.graph, site.env, glob) {
            self.import(trace, site, &name);
        }
    }

    /// The modules that a glob fits, in byte order of their names.
    pub(super) fn glob(&mut self, graph: &Graph<'_>, env: usize, glob: &str) -> Vec<String> {
        if !glob.contains(['*', '?', '[', '{']) {
            return if self.exists(graph, env, glob) { vec![glob.to_owned()] } else { Vec::new() };
        }
        let Ok(matcher) = ModuleGlobs::new([glob]) else { return Vec::new() };
        let special = glob.find(['*', '?', '[', '{']).unwrap_or(glob.len());
        let base = glob[..special].rfind('.').map_or("", |at| &glob[..at]);
        let depth = if glob.contains("**") { usize::MAX } else { glob.matches('.').count() };
        let mut out = Vec::new();
        let mut todo: Vec<Box<str>> = Vec::new();
        if base.is_empty() {
            let names = self.modules.top_level(graph.tree(), &self.envs, env);
            todo.extend(names.into_iter().map(String::into_boxed_str));
        } else {
            todo.extend(self.below(graph, env, base).iter().cloned());
            if glob.ends_with(".**") && self.exists(graph, env, base) {
                out.push(base.to_owned());
            }
        }
        while let Some(name) = todo.pop() {
            if name.matches('.').count() < depth && name.len() < 200 {
                todo.extend(self.below(graph, env, &name).iter().cloned());
            }
            if matcher.is_match(&name) {
                out.push(name.into_string());
            }
        }
        out.sort();
        out
    }

    /// The modules directly below a package, by their full names.
    pub(super) fn below(&mut self, graph: &Graph<'_>, env: usize, package: &str) -> Names {
        self.modules.below(graph.tree(), &self.envs, env, package)
    }

    /// The package that relative names of `module` start from, `level - 1` steps up.
    pub(super) fn relative_base(&self, module: ModuleId, level: u32) -> Option<String> {
        let mut base = self.modules.get(module).package();
        for _ in 1..level {
            base = parent_name(base)?;
        }
        (!base.is_empty()).then(|| base.to_owned())
    }

    pub(super) fn resolve_imports(&mut self, trace: &mut Trace<'_>, module: ModuleId, unit: u32, facts: &PythonFacts) {
        for import in &facts.units[unit as usize].imports {
            let target = if import.level == 0 {
                import.module.to_string()
            } else {
                match self.relative_base(module, import.level) {
                    Some(base) if import.module.is_empty() => base,
                    Some(base) => format!("{base}.{}", import.module),
                    None => import.module.to_string(),
                }
            };
            let name = self.modules.get(module).name.clone();
            let scopes = facts.scope_names(unit);
            if self.conditions.is_cut(&name, &target, &scopes) {
                continue;
            }
            self.resolve_import(trace, module, import, &target, |python, target| {
                python.conditions.is_cut(&name, target, &scopes)
            });
        }
    }

    fn resolve_import(
        &mut self,
        trace: &mut Trace<'_>,
        module: ModuleId,
        import: &Import,
        target: &str,
        is_cut: impl Fn(&Self, &str) -> bool,
    ) {
        let site = self.site(module, Evidence::at(EvidenceKind::Import, target, import.line));
        let (env, from) = (site.env, site.from);
        let calls = &*import.constant_calls;
        let complete = self.import_for(trace, &site, target, calls);
        if !complete && (!import.optional || self.is_builtin(&trace.graph, env, target)) {
            // Rules may speak of names that no file stands for (`six.moves.tkinter`).
            self.meet_module(trace, target, Cause { from, ..Cause::default() }, env);
        }
        match &import.names {
            ImportNames::Module => {}
            ImportNames::Star => {
                for id in self.modules.find(trace.graph.tree(), &self.envs, env, target) {
                    self.take_star(trace, id);
                }
            }
            ImportNames::Names(names) => {
                for name in names {
                    self.use_imported(&trace.graph, env, target, name);
                    self.use_name(trace, Some(module), name);
                    let full = if target.is_empty() { name.to_string() } else { format!("{target}.{name}") };
                    if !complete {
                        self.note_failure(&site, &full);
                    }
                    if self.exists(&trace.graph, env, &full) && !is_cut(self, &full) {
                        let site = self.site(module, Evidence::at(EvidenceKind::Import, full.as_str(), import.line));
                        self.import_for(trace, &site, &full, calls);
                    }
                }
            }
        }
        let own = from.is_some_and(|from| self.owners.of(from).is_none());
        if !complete && own && !import.optional && !self.is_builtin(&trace.graph, env, target) {
            trace.graph.uncertain(from, import.line, format!("import of {target} was not found"), "nothing");
        }
    }

    /// Modules that are compiled into the interpreter have no file.
    fn is_builtin(&mut self, graph: &Graph<'_>, env: usize, name: &str) -> bool {
        let top = name.split('.').next().unwrap_or(name);
        self.exists(graph, env, top) || super::builtins::BUILTIN_MODULES.binary_search(&top).is_ok()
    }

    /// A string that may name a module or an object in one. `loose` accepts a plain top-level name too.
    pub(super) fn named(&mut self, trace: &mut Trace<'_>, site: &Site, text: &str, loose: bool) -> bool {
        let (dotted, attr) = match text.split_once(':') {
            Some((module, attr)) => (module, Some(attr)),
            None => (text, None),
        };
        if dotted.is_empty() || !dotted.split('.').all(is_identifier) {
            return false;
        }
        if attr.is_some_and(|attr| !attr.split(['.', '(', ' ']).next().is_some_and(is_identifier)) {
            return false;
        }
        // The longest beginning that is a module.
        let mut end = dotted.len();
        while !self.exists(&trace.graph, site.env, &dotted[..end]) {
            match dotted[..end].rfind('.') {
                Some(at) => end = at,
                None => return false,
            }
        }
        let module = &dotted[..end];
        let rest = dotted[end..].matches('.').count();
        let parts = module.matches('.').count() + 1;
        // `json.dumps` may be prose; `a.b.Class` is a name. A lone word counts only where a name is expected.
        let enough = loose
            || attr.is_some()
            || parts > 1
            || (rest == 1 && self.binds(&trace.graph, site.env, module, &dotted[end + 1..]));
        if !enough || rest > 2 {
            return false;
        }
        self.import(trace, site, module);
        self.name_package(trace, site.env, module);
        true
    }

    /// Notes a package that a string names: `f"{package}.base"` somewhere may mean its submodule.
    fn name_package(&mut self, trace: &mut Trace<'_>, env: usize, module: &str) {
        let found = self.modules.find(trace.graph.tree(), &self.envs, env, module);
        if !found.iter().any(|&id| self.modules.get(id).is_package()) {
            return;
        }
        let key = (env, Box::from(module));
        if self.named_packages.contains(&key) {
            return;
        }
        self.named_packages.push(key);
        for (top, site) in self.listers.clone() {
            if site.env == env && module.split('.').next() == Some(&*top) && *module != *top {
                self.import_glob(trace, &site, &format!("{module}.**"));
            }
        }
        for (ending, site) in self.endings.clone() {
            if site.env == env {
                self.import_glob(trace, &site, &format!("{module}.{ending}"));
            }
        }
    }

    /// Notes a module that lists packages which cannot be read: any package of its library that a string names may
    /// be one, and what is listed may be packages that are listed in turn.
    pub(super) fn add_lister(&mut self, trace: &mut Trace<'_>, site: &Site, module: ModuleId) {
        let top: Box<str> = self.modules.get(module).name.split('.').next().unwrap_or_default().into();
        if self.listers.iter().any(|(of, lister)| lister.env == site.env && *of == top) {
            return;
        }
        self.listers.push((top.clone(), site.clone()));
        for (env, package) in self.named_packages.clone() {
            if env == site.env && package.split('.').next() == Some(&*top) && *package != *top {
                self.import_glob(trace, site, &format!("{package}.**"));
            }
        }
    }

    /// Notes a computed name that ends readably, and applies it to the packages that strings name.
    pub(super) fn add_ending(&mut self, trace: &mut Trace<'_>, site: &Site, ending: &str) {
        if !ending.contains(|c: char| c.is_alphanumeric())
            || self.endings.iter().any(|(of, at)| at.env == site.env && &**of == ending)
        {
            return;
        }
        self.endings.push((ending.into(), site.clone()));
        for (of, package) in self.named_packages.clone() {
            if of == site.env {
                self.import_glob(trace, site, &format!("{package}.{ending}"));
            }
        }
    }

    /// Whether a top-level package that is reached already binds a name: then `package.name` names an object.
    fn binds(&mut self, graph: &Graph<'_>, env: usize, module: &str, name: &str) -> bool {
        let found = self.modules.find(graph.tree(), &self.envs, env, module);
        found.into_iter().any(|id| match self.facts_of(id) {
            Some(facts) => facts.bound.binary_search_by(|bound| (**bound).cmp(name)).is_ok() || facts.lazy,
            // Not read yet. Names of classes are rarely prose.
            None => name.starts_with(char::is_uppercase),
        })
    }

    pub(super) fn resolve_strings(&mut self, trace: &mut Trace<'_>, module: ModuleId, unit: u32, facts: &PythonFacts) {
        let env = self.modules.get(module).env;
        let from = self.file_of(module);
        let scope = &facts.units[unit as usize];
        let base = self.relative_base(module, 1);
        let own = from.is_none_or(|from| self.owners.of(from).is_none());
        for text in &scope.strings {
            let site = self.site(module, Evidence::at(EvidenceKind::Name, &*text.value, text.line));
            self.groups.insert(text.value.clone());
            if text.value.starts_with('/') {
                self.path(&mut trace.graph, &site, &text.value);
            } else if text.value.contains('.') || text.value.contains(':') {
                let name = self.modules.get(module).name.clone();
                if !self.conditions.is_cut(&name, &text.value, &facts.scope_names(unit)) {
                    self.named(trace, &site, &text.value, false);
                }
            } else if own && self.is_installed(&trace.graph, env, &text.value) {
                // Settings name packages and modules by a lone word (`INSTALLED_APPS = ["rest_framework"]`).
                self.named(trace, &site, &text.value, true);
            }
            // A module with `__getattr__` (PEP 562) imports what its strings name, when it is asked for it.
            if facts.lazy
                && let Some(base) = &base
            {
                self.relative(trace, &site, base, &text.value);
            }
        }
        let groups = facts.units.iter().flat_map(|unit| &unit.names).any(|name| GROUP_READERS.contains(&&**name));
        for text in &scope.patterns {
            let readable = text.value.chars().filter(|c| c.is_alphanumeric()).count();
            if groups && readable > 3 && !text.value.contains('/') && !self.group_patterns.contains(&text.value) {
                self.group_patterns.push(text.value.clone());
            }
            self.resolve_path_pattern(&mut trace.graph, module, &text.value, text.line);
            if facts.lazy && !text.value.contains('/') {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, text.value.replace(HOLE, "*"), text.line);
                self.import_pattern(trace, &self.site(module, evidence), module, &text.value);
            }
        }
    }

    /// A name relative to a package: `.sub`, `sub`, `sub.module`, also followed by the name of an object.
    pub(super) fn relative(&mut self, trace: &mut Trace<'_>, site: &Site, base: &str, text: &str) -> bool {
        let name = text.split(':').next().unwrap_or("");
        let dots = name.chars().take_while(|&c| c == '.').count();
        let mut base = base;
        for _ in 1..dots {
            let Some(parent) = parent_name(base) else { return false };
            base = parent;
        }
        let mut name = &name[dots..];
        while !name.is_empty() && name.split('.').all(is_identifier) {
            let full = format!("{base}.{name}");
            if self.exists(&trace.graph, site.env, &full) {
                self.import(trace, site, &full);
                return true;
            }
            match parent_name(name) {
                Some(parent) => name = parent,
                None => break,
            }
        }
        false
    }

    /// A path that code names literally.
    pub(super) fn path(&mut self, graph: &mut Graph<'_>, site: &Site, path: &str) {
        // `/` and `/usr` name nothing in particular.
        if path.len() > 4 && path.trim_matches('/').contains('/') {
            graph.reach_path(site.from, crate::rootfs::Tree::ROOT, path, &site.evidence);
        }
    }
}
