//! Resolves the facts of Python files to the modules and files that they reach.
//!
//! The resolver keeps an agenda of scopes that may run. Running a scope means: its imports, calls and strings
//! count. A module's body runs when the module is reached; classes run with their module; a function runs once
//! its name is in use (see [`super::live`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::distributions::Distributions;
use super::environment::{Environment, PathEntry};
use super::facts::{Call, PythonFacts, Unit, UnitKind, VersionOp};
use super::live::{LiveNames, Scope};
use super::modules::{ModuleId, Modules, Source};
use super::{archive, data, environment};
use crate::owners::Owners;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::{Graph, Hint};
use crate::reach::rules::{Cause, Rules};
use crate::rootfs::{NodeId, Tree};

/// What a reached extension module says about other modules.
#[derive(Clone, Debug, Default)]
pub struct ExtensionFacts {
    /// Identifiers and dotted names in its read-only data, sorted.
    pub names: Vec<Box<str>>,
    /// Strings run together without separators: searched for the names of modules that exist.
    pub glued: Box<str>,
    /// Python source with import statements.
    pub sources: Vec<Box<str>>,
    /// Its names cannot be read (a compressed string table).
    pub opaque: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    reached: bool,
    /// Runs as a program: its `__main__` block runs too.
    main: bool,
    /// Somebody takes `*` from it.
    star: bool,
    /// Its data has been marked.
    data: bool,
}

/// The Python analyser.
#[derive(Debug)]
pub struct Python<'a> {
    pub(super) ctx: &'a Context,
    pub(super) owners: &'a Owners,
    pub(super) envs: Vec<Environment>,
    pub(super) dists: Vec<Distributions>,
    pub(super) modules: Modules,
    states: Vec<State>,
    facts: FxHashMap<NodeId, Arc<PythonFacts>>,
    extensions: FxHashMap<NodeId, Arc<ExtensionFacts>>,
    /// Source given on a command line or in another file: what it says and the file it stands in, by module.
    snippets: FxHashMap<ModuleId, (Option<NodeId>, Arc<PythonFacts>)>,
    started: FxHashSet<Scope>,
    agenda: Vec<Scope>,
    pub(super) live: LiveNames,
    /// Strings of reachable code that may name an entry point group.
    pub(super) groups: FxHashSet<Box<str>>,
    /// Modules whose constants an import may name, and the scopes with that import.
    pub(super) constants_wanted: Vec<(ModuleId, Scope)>,
    pub(super) constants_done: FxHashSet<(ModuleId, Scope)>,
    /// Computed names of groups in code that reads entry points (`f"{library}.plugins"`).
    pub(super) group_patterns: Vec<Box<str>>,
    /// Top-level names of reached modules outside the standard library.
    pub(super) libraries: FxHashSet<Box<str>>,
    pub(super) dists_reached: FxHashSet<(usize, usize)>,
    pub(super) groups_done: FxHashSet<(usize, Box<str>)>,
    /// Functions that import what their arguments name, and the calls of other functions, by bare name.
    pub(super) importers: FxHashSet<Box<str>>,
    pub(super) calls_by_name: FxHashMap<Box<str>, Vec<(Scope, Call)>>,
    /// Computed names that end readably (`f"{app}.models"`): the end, and where it stands.
    pub(super) endings: Vec<(usize, Box<str>, Option<NodeId>, Evidence)>,
    /// Libraries that list packages which cannot be read, by top-level name, and where they do.
    pub(super) listers: Vec<(usize, Box<str>, Option<NodeId>, Evidence)>,
    /// Packages that a string names: an ending may follow them.
    pub(super) named_packages: Vec<(usize, Box<str>)>,
    /// Packages whose submodules by active rules have been looked for: (rule, module).
    submodules_done: FxHashSet<(usize, ModuleId)>,
    /// Everything reached so far, in order.
    pub(super) reached: Vec<ModuleId>,
    /// Modules that were not found, and who wanted them first.
    pub(super) failed: BTreeMap<(usize, Box<str>), (Option<NodeId>, Evidence)>,
    /// A search path grew since these were looked for.
    pub(super) path_grew: bool,
    scripts: Vec<(NodeId, bool)>,
    hints: Vec<(Option<NodeId>, Hint, Evidence)>,
    /// A library is reached that turns names into commands.
    pub(super) names_are_commands: bool,
    /// Names taken from modules that have not been read yet.
    pub(super) imported: FxHashMap<ModuleId, Vec<Box<str>>>,
    /// Other names of codecs, by environment.
    pub(super) aliases: FxHashMap<usize, FxHashMap<Box<str>, Box<str>>>,
    /// Somebody reads lists of exports as lists.
    pub(super) exports_used: bool,
    /// Templates and other text data that has been read for names.
    texts: FxHashSet<NodeId>,
}

impl<'a> Python<'a> {
    /// An analyser that knows no interpreter yet.
    pub fn new(ctx: &'a Context, owners: &'a Owners) -> Self {
        Self {
            ctx,
            owners,
            envs: Vec::new(),
            dists: Vec::new(),
            modules: Modules::default(),
            states: Vec::new(),
            facts: FxHashMap::default(),
            extensions: FxHashMap::default(),
            snippets: FxHashMap::default(),
            started: FxHashSet::default(),
            agenda: Vec::new(),
            live: LiveNames::default(),
            groups: FxHashSet::default(),
            constants_wanted: Vec::new(),
            constants_done: FxHashSet::default(),
            group_patterns: Vec::new(),
            libraries: FxHashSet::default(),
            dists_reached: FxHashSet::default(),
            groups_done: FxHashSet::default(),
            importers: FxHashSet::default(),
            calls_by_name: FxHashMap::default(),
            endings: Vec::new(),
            listers: Vec::new(),
            named_packages: Vec::new(),
            submodules_done: FxHashSet::default(),
            reached: Vec::new(),
            failed: BTreeMap::new(),
            path_grew: false,
            scripts: Vec::new(),
            hints: Vec::new(),
            names_are_commands: false,
            imported: FxHashMap::default(),
            aliases: FxHashMap::default(),
            exports_used: false,
            texts: FxHashSet::default(),
        }
    }

    /// The modules looked up so far.
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The modules that are reached, in the order they were.
    pub fn reached(&self) -> impl Iterator<Item = ModuleId> + '_ {
        self.reached.iter().copied()
    }

    /// Whether a file is that of a reached module. One that was only looked up is none.
    pub fn is_reached(&self, file: NodeId) -> bool {
        let reached = |id: &ModuleId| self.states.get(id.index()).is_some_and(|state| state.reached);
        self.modules.of_file(file).iter().any(reached)
    }

    /// The environments found.
    pub fn environments(&self) -> &[Environment] {
        &self.envs
    }

    fn state(&mut self, id: ModuleId) -> &mut State {
        if self.states.len() <= id.index() {
            self.states.resize(self.modules.len().max(id.index() + 1), State::default());
        }
        &mut self.states[id.index()]
    }

    /// The facts behind a module, if its file has been read.
    pub(super) fn facts_of(&self, id: ModuleId) -> Option<Arc<PythonFacts>> {
        if let Some((_, facts)) = self.snippets.get(&id) {
            return Some(facts.clone());
        }
        match self.modules.get(id).source {
            Source::File(_, file) => self.facts.get(&file).cloned(),
            _ => None,
        }
    }

    /// The file that a module's evidence stands in.
    pub(super) fn file_of(&self, id: ModuleId) -> Option<NodeId> {
        if let Some((file, _)) = self.snippets.get(&id) {
            return *file;
        }
        match self.modules.get(id).source {
            Source::File(_, file) => Some(file),
            Source::Zip(zip) => Some(zip),
            Source::Namespace => None,
        }
    }

    /// Looks whether a reached file is an interpreter, and takes its environment into account if it is new.
    pub fn look_for_interpreter(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, node: NodeId) {
        let rootfs = graph.rootfs;
        for env in environment::discover(rootfs, self.ctx, node) {
            if self.envs.iter().any(|known| known.stdlib == env.stdlib && known.venv == env.venv) {
                continue;
            }
            self.add_environment(graph, rules, node, env);
        }
    }

    fn add_environment(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, node: NodeId, mut env: Environment) {
        let rootfs = graph.rootfs;
        let tree = &rootfs.tree;
        let index = self.envs.len();
        let startup = |what: &str| Evidence::new(EvidenceKind::Startup, what);
        graph.reach_followed(Some(node), env.stdlib, &startup("standard library"));
        for landmark in ["os.py", "lib-dynload"] {
            graph.reach_path(Some(node), env.stdlib, landmark, &startup("landmark of the prefix"));
        }
        if let Some(cfg) = env.venv {
            graph.reach_followed(Some(node), cfg, &startup("pyvenv.cfg"));
        }
        for &site in &env.sites {
            graph.reach_followed(Some(node), site, &startup("site directory"));
        }
        for &pth in &env.pth {
            graph.reach_followed(Some(node), pth, &startup("path configuration file"));
        }
        let eggs: Vec<NodeId> = env
            .path
            .iter()
            .filter_map(|entry| if let PathEntry::Dir(dir) = entry { Some(*dir) } else { None })
            .filter(|&dir| tree.name(dir).ends_with(b".egg"))
            .map(|dir| tree.parent(dir))
            .collect();
        let sites: FxHashSet<NodeId> = env.sites.iter().copied().chain(eggs).collect();
        let mut sites: Vec<NodeId> = sites.into_iter().collect();
        sites.extend(env.path.iter().filter_map(|entry| match entry {
            PathEntry::Dir(dir) => Some(*dir),
            PathEntry::Zip(_) => None,
        }));
        sites.sort_unstable();
        sites.dedup();
        self.dists.push(Distributions::find(rootfs, sites));
        let codes = std::mem::take(&mut env.pth_code);
        let zips: Vec<NodeId> = env
            .path
            .iter()
            .filter_map(|entry| if let PathEntry::Zip(zip) = entry { Some(*zip) } else { None })
            .collect();
        if let Some(dir) = tree.follow(&self.ctx.workdir).filter(|&dir| dir != Tree::ROOT) {
            env.local.push(dir);
        }
        self.envs.push(env);
        for zip in zips {
            self.add_zip(graph, index, node, zip);
        }
        self.set_off(graph, rules, "__main__", Some(node), None, index);
        self.codecs_of_environment(graph, rules, index);
        for name in ["sitecustomize", "usercustomize"] {
            self.import(graph, rules, index, name, Some(node), &startup(name));
        }
        for pth in codes {
            graph.reach_followed(Some(node), pth.file, &startup("path configuration file"));
            let module = self.snippet(index, &pth.code, Some(pth.file));
            self.start_all(module);
        }
        for (file, main) in self.scripts.clone() {
            self.adopt_in(graph, index, file, main);
        }
        for (from, hint, evidence) in self.hints.clone() {
            self.take_hint(graph, rules, index, from, &hint, &evidence);
        }
    }

    /// Makes the modules of a zip file importable, and lets all of them run if `zip` is reached already.
    pub(super) fn add_zip(&mut self, graph: &mut Graph<'_>, env: usize, from: NodeId, zip: NodeId) {
        let members = archive::members(graph.rootfs, zip);
        if members.is_empty() {
            return;
        }
        let evidence = Evidence::new(EvidenceKind::Startup, "zip file on the search path");
        graph.reach_followed(Some(from), zip, &evidence);
        for (name, facts) in members {
            let main = name == "__main__";
            self.modules.add_zip_member(env, &name, zip);
            let id = self.modules.adopt(env, &name, zip, zip, Vec::new());
            self.snippets.insert(id, (Some(zip), Arc::new(facts)));
            let state = self.state(id);
            state.reached = true;
            state.main |= main;
            self.start_all(id);
        }
    }

    /// Whether the modules of this zip file have been taken.
    fn snippets_of(&self, env: usize, zip: NodeId) -> bool {
        let taken = |&id: &ModuleId| self.modules.get(id).env == env && self.snippets.contains_key(&id);
        self.modules.of_file(zip).iter().any(taken)
    }

    /// Source that is no module of its own, and the file it stands in.
    fn snippet(&mut self, env: usize, code: &str, file: Option<NodeId>) -> ModuleId {
        let facts = super::extract::extract(code.as_bytes());
        let id = self.modules.adopt(env, "", Tree::ROOT, Tree::ROOT, Vec::new());
        self.snippets.insert(id, (file, Arc::new(facts)));
        let state = self.state(id);
        state.reached = true;
        state.main = true;
        id
    }

    fn start_all(&mut self, module: ModuleId) {
        let Some(facts) = self.facts_of(module) else { return };
        for unit in 0..facts.units.len() {
            self.start(module, unit as u32);
        }
    }

    /// Takes a Python file that was reached by other means than an import: a script, or the user's own module.
    /// `main` says that it runs as a program.
    pub fn adopt(&mut self, graph: &mut Graph<'_>, file: NodeId, main: bool) {
        self.scripts.push((file, main));
        for env in 0..self.envs.len() {
            self.adopt_in(graph, env, file, main);
        }
    }

    fn adopt_in(&mut self, graph: &mut Graph<'_>, env: usize, file: NodeId, main: bool) {
        let tree = graph.tree();
        // A zip file with a `__main__` (PEP 441).
        if main && !tree.name(file).ends_with(b".py") && !self.snippets_of(env, file) {
            self.add_zip(graph, env, file, file);
            if self.snippets_of(env, file) {
                return;
            }
        }
        let known = self.modules.of_file(file).iter().copied().find(|&id| self.modules.get(id).env == env);
        let id = match known {
            Some(id) => id,
            None => {
                let (name, root) = dotted_name(tree, &self.envs[env], file);
                let known = root == Tree::ROOT || self.envs[env].local.contains(&root);
                if !known && self.envs[env].contains(tree, file).is_none() {
                    self.envs[env].local.push(root);
                    self.modules.forget_failures();
                    self.path_grew = true;
                }
                let found = self.modules.find(tree, &self.envs, env, &name);
                let same = |id: &&ModuleId| matches!(self.modules.get(**id).source, Source::File(_, f) if f == file);
                match found.iter().find(same) {
                    Some(&id) => id,
                    None => {
                        let init = tree.name(file).starts_with(b"__init__.");
                        let dirs = if init { vec![tree.parent(file)] } else { Vec::new() };
                        self.modules.adopt(env, &name, file, file, dirs)
                    }
                }
            }
        };
        let state = self.state(id);
        let news = !state.reached || (main && !state.main);
        state.reached = true;
        state.main |= main;
        if news {
            self.reached.push(id);
            self.started.remove(&(id, 0));
            if self.facts_of(id).is_some() || self.extensions.contains_key(&file) {
                self.start(id, 0);
            }
        }
    }

    /// Hands over the facts of a file that was reached.
    pub fn supply(&mut self, file: NodeId, facts: PythonFacts) {
        self.facts.insert(file, Arc::new(facts));
        for id in self.modules.of_file(file).to_vec() {
            self.settle_imported(id);
            if self.state(id).reached {
                self.start(id, 0);
            }
        }
    }

    /// Hands over what an extension module (or any reached ELF file) says.
    pub fn supply_extension(&mut self, tree: &Tree, file: NodeId, facts: ExtensionFacts) {
        // C code calls methods by name too. The interpreter's own needs no more than them and what it imports.
        let library = memchr::memmem::find(tree.name(file), b".so").is_some();
        let stdlib = library && self.envs.iter().any(|env| env.is_stdlib(tree, file));
        for part in facts.names.iter().flat_map(|name| name.split('.')) {
            match stdlib {
                true => self.live.add_method(part),
                false => self.live.add(part),
            }
        }
        self.extensions.insert(file, Arc::new(facts));
        for id in self.modules.of_file(file).to_vec() {
            if self.state(id).reached {
                self.start(id, 0);
            }
        }
    }

    /// Names that a reached file uses that is no Python module (an interpreter calls methods by name).
    pub fn supply_names(&mut self, names: &[Box<str>]) {
        for part in names.iter().flat_map(|name| name.split('.')) {
            self.live.add_method(part);
        }
    }

    /// Takes words that the configuration or a command line gave.
    pub fn hint(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        from: Option<NodeId>,
        hint: Hint,
        evidence: Evidence,
    ) {
        for env in 0..self.envs.len() {
            self.take_hint(graph, rules, env, from, &hint, &evidence);
        }
        self.hints.push((from, hint, evidence));
    }

    fn take_hint(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        env: usize,
        from: Option<NodeId>,
        hint: &Hint,
        evidence: &Evidence,
    ) {
        match hint {
            Hint::RunModule(name) => {
                self.import(graph, rules, env, "runpy", from, evidence);
                self.import(graph, rules, env, name, from, evidence);
                let main = format!("{name}.__main__");
                self.import(graph, rules, env, &main, from, evidence);
                for name in [name, &main] {
                    for id in self.modules.find(graph.tree(), &self.envs, env, name) {
                        if let Source::File(_, file) = self.modules.get(id).source {
                            self.adopt_in(graph, env, file, true);
                        }
                    }
                }
            }
            Hint::Code(code) => {
                let module = self.snippet(env, code, from);
                self.start_all(module);
            }
            Hint::Pickled(word) => {
                for part in word.split(['.', ':']) {
                    self.live.add(part);
                }
                self.named(graph, rules, env, word, from, evidence, true);
            }
            Hint::Name(word) => {
                for part in word.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                    self.live.add_string(part);
                }
                self.groups.insert(word.as_str().into());
                // A plain word such as `test` or `code` is hardly ever meant to be the standard library's module.
                let plain = !word.contains(['.', ':']);
                let stdlib = self.envs[env].stdlib;
                let found = if plain { self.modules.find(graph.tree(), &self.envs, env, word) } else { Vec::new() };
                let own = found.iter().any(|&id| match self.modules.get(id).source {
                    Source::File(_, file) => self.envs[env].contains(graph.tree(), file) != Some(stdlib),
                    Source::Namespace => false,
                    Source::Zip(_) => true,
                });
                if !plain || own {
                    self.named(graph, rules, env, word, from, evidence, true);
                }
            }
        }
    }

    /// Marks a module as reached. `evidence` stands in `from`.
    pub(super) fn reach_module(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        id: ModuleId,
        from: Option<NodeId>,
        evidence: &Evidence,
    ) {
        if self.state(id).reached {
            return;
        }
        self.state(id).reached = true;
        self.reached.push(id);
        let module = self.modules.get(id).clone();
        let file = match module.source {
            Source::File(entry, file) => {
                graph.reach_followed(from, entry, evidence);
                if self.facts.contains_key(&file) || self.extensions.contains_key(&file) {
                    self.start(id, 0);
                }
                Some(file)
            }
            Source::Zip(zip) => {
                graph.reach_followed(from, zip, evidence);
                Some(zip)
            }
            Source::Namespace => None,
        };
        for &dir in &module.dirs {
            graph.reach(from, dir, evidence.clone());
        }
        if let Some(file) = file
            && !module.name.contains('.')
            && self.envs[module.env].contains(graph.tree(), file) != Some(self.envs[module.env].stdlib)
        {
            self.libraries.insert(module.name.clone());
        }
        self.reach_data(graph, id);
        self.reach_distribution_of(graph, id);
        let dir = file.map(|file| graph.tree().parent(file));
        self.set_off(graph, rules, &module.name, file.or(from), dir, module.env);
        self.reach_submodules(graph, rules, id);
    }

    /// Sets off the rules that wait for a module.
    pub(super) fn set_off(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        name: &str,
        from: Option<NodeId>,
        dir: Option<NodeId>,
        env: usize,
    ) {
        for rule in rules.fire(Cause::Module(name), dir) {
            self.apply(graph, rules, rule, from, dir, Some(env));
        }
    }

    /// Carries out a rule that was set off by a module, or by a file (then in every environment).
    pub fn apply(
        &mut self,
        graph: &mut Graph<'_>,
        rules: &mut Rules,
        rule: usize,
        from: Option<NodeId>,
        dir: Option<NodeId>,
        env: Option<usize>,
    ) {
        rules.reach_paths(graph, rule, from, dir);
        let (id, globs) = (rules.rule(rule).id.clone(), rules.rule(rule).modules.clone());
        let evidence = Evidence::new(EvidenceKind::Rule, id);
        let envs = match env {
            Some(env) => env..env + 1,
            None => 0..self.envs.len(),
        };
        for env in envs {
            for glob in &globs {
                self.import_glob(graph, rules, env, glob, from, &evidence);
            }
        }
        if rules.rule(rule).names_are_commands && !std::mem::replace(&mut self.names_are_commands, true) {
            let own: Vec<ModuleId> = self.reached.clone();
            for id in own {
                self.run_names(graph, id);
            }
        }
        if !rules.rule(rule).submodules.is_empty() {
            rules.active_submodules.push(rule);
            for id in self.reached.clone() {
                self.reach_submodules(graph, rules, id);
            }
        }
    }

    /// Applies the rules that speak of every reached package.
    fn reach_submodules(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, id: ModuleId) {
        if !self.modules.get(id).is_package() {
            return;
        }
        for rule in rules.active_submodules.clone() {
            if !self.submodules_done.insert((rule, id)) {
                continue;
            }
            let globs = rules.rule(rule).submodules.clone();
            let evidence = Evidence::new(EvidenceKind::Rule, rules.rule(rule).id.as_str());
            let (env, name) = (self.modules.get(id).env, self.modules.get(id).name.clone());
            let from = self.file_of(id);
            for glob in globs {
                self.import_glob(graph, rules, env, &format!("{name}.{glob}"), from, &evidence);
            }
        }
    }

    /// Marks the data beside a reached module.
    fn reach_data(&mut self, graph: &mut Graph<'_>, id: ModuleId) {
        if std::mem::replace(&mut self.state(id).data, true) {
            return;
        }
        let module = self.modules.get(id).clone();
        let from = self.file_of(id);
        let tree = graph.tree();
        match module.source {
            Source::File(..) if !module.dirs.is_empty() => {
                for dir in module.dirs {
                    data::reach_package(graph, from, dir, true);
                }
            }
            // A folder of that name in a script's directory may be anything (`/usr/bin` is no package `bin`).
            Source::Namespace => {
                let env = &self.envs[module.env];
                let dirs: Vec<NodeId> =
                    module.dirs.into_iter().filter(|&dir| env.contains(tree, dir).is_some()).collect();
                for dir in dirs {
                    data::reach_package(graph, from, dir, false);
                }
            }
            // A module in a folder without `__init__`: the folder's own files are its data, unless the folder is
            // on the search path itself, where everybody's files lie side by side.
            Source::File(_, file) => {
                let dir = tree.parent(file);
                let on_path = self.envs[module.env].path.contains(&PathEntry::Dir(dir));
                if !on_path && self.owners.of(file).is_some() && module.name.contains('.') {
                    data::reach_package(graph, from, dir, false);
                }
            }
            Source::Zip(_) => {}
        }
    }

    pub(super) fn start(&mut self, module: ModuleId, unit: u32) {
        if self.started.insert((module, unit)) {
            self.agenda.push((module, unit));
        }
    }

    /// Works through the agenda. Returns whether there was anything to do.
    pub fn run(&mut self, graph: &mut Graph<'_>, rules: &mut Rules) -> bool {
        let mut worked = false;
        loop {
            for (module, unit) in self.live.take_ready() {
                self.start(module, unit);
            }
            if self.agenda.is_empty() {
                if self.retry_failures(graph, rules)
                    || self.reach_groups(graph, rules)
                    || self.resolve_shared_constants(graph, rules)
                {
                    continue;
                }
                if self.agenda.is_empty() {
                    return worked;
                }
            }
            worked = true;
            for scope in std::mem::take(&mut self.agenda) {
                self.run_scope(graph, rules, scope);
            }
        }
    }

    fn run_scope(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, (module, unit): Scope) {
        if let Some(file) = self.file_of(module)
            && let Some(extension) = self.extensions.get(&file).cloned()
        {
            self.run_extension(graph, rules, module, &extension);
            return;
        }
        let Some(facts) = self.facts_of(module) else { return };
        let Some(scope) = facts.units.get(unit as usize) else { return };
        let stdlib = self.in_stdlib(graph, module);
        for name in &scope.names {
            if scope.variables.binary_search(name).is_ok() {
                self.live.add_in(module, name);
            } else {
                self.live.add(name);
                self.use_name(graph, rules, Some(module), name);
                self.use_computed(graph, rules, module, name);
            }
        }
        for text in &scope.strings {
            self.live.add_string(&text.value);
            self.use_name(graph, rules, Some(module), &text.value);
            if !stdlib {
                let (env, from) = (self.modules.get(module).env, self.file_of(module));
                self.codec_name(graph, rules, env, &text.value, from, text.line, false);
            }
        }
        if unit == 0 {
            self.use_exports(graph, module, &facts);
            self.use_settings(graph, rules, module, &facts);
        }
        for text in &scope.patterns {
            self.live.add_pattern(&text.value);
        }
        self.start_children(graph, module, unit, &facts);
        if unit == 0 && self.state(module).star {
            self.reach_star(graph, rules, module, &facts);
        }
        if unit == 0 && facts.unparsed.is_some() {
            let what = format!("does not parse as Python 3 ({})", facts.unparsed.as_deref().unwrap_or_default());
            graph.uncertain(self.file_of(module), 0, what, "imports were read line by line");
        }
        if unit == 0 && self.names_are_commands {
            self.run_names(graph, module);
        }
        self.resolve_imports(graph, rules, module, unit, &facts);
        self.resolve_calls(graph, rules, module, unit, &facts);
        self.resolve_strings(graph, rules, module, unit, &facts);
    }

    /// Which of the scopes inside a running scope run too.
    fn start_children(&mut self, graph: &Graph<'_>, module: ModuleId, unit: u32, facts: &PythonFacts) {
        let version = self.envs[self.modules.get(module).env].version;
        let own = self.file_of(module).is_none_or(|file| self.owners.of(file).is_none());
        let main = self.state(module).main || own;
        let in_class = facts.units.get(unit as usize).is_some_and(|unit| unit.kind == UnitKind::Class);
        let method = |child: &Unit| in_class || child.name.starts_with('_');
        // Children follow their parent, so the search need not look at earlier scopes.
        for (index, child) in facts.units.iter().enumerate().skip(unit as usize + 1) {
            if child.parent != unit {
                continue;
            }
            let runs = match child.kind {
                UnitKind::Module | UnitKind::Class => true,
                UnitKind::Main => main,
                UnitKind::Branch => child.guard.is_none_or(|guard| match guard.op {
                    VersionOp::AtLeast => version >= guard.version,
                    VersionOp::Below => version < guard.version,
                }),
                UnitKind::Fallback => !self.has_all(graph, module, &child.tried),
                UnitKind::Function => {
                    let dunder = child.name.starts_with("__") && child.name.ends_with("__");
                    own || child.registered || dunder || self.live.is_live(module, &child.name, method(child))
                }
            };
            if runs {
                self.start(module, index as u32);
            } else if child.kind == UnitKind::Function {
                self.live.wait(&child.name, (module, index as u32), method(child));
            }
        }
    }

    /// Notes that somebody takes `*` from a module: what its `__all__` names may be submodules.
    pub(super) fn take_star(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, id: ModuleId) {
        if !std::mem::replace(&mut self.state(id).star, true)
            && let Some(facts) = self.facts_of(id)
        {
            self.reach_star(graph, rules, id, &facts);
        }
    }

    fn reach_star(&mut self, graph: &mut Graph<'_>, rules: &mut Rules, id: ModuleId, facts: &PythonFacts) {
        let module = self.modules.get(id).clone();
        let from = self.file_of(id);
        for name in facts.all.iter().flatten() {
            if module.is_package() {
                let evidence = Evidence::new(EvidenceKind::Import, format!("__all__ names {name}"));
                self.import(graph, rules, module.env, &format!("{}.{name}", module.name), from, &evidence);
            }
        }
    }

    /// Reads the identifiers of text data (templates, configuration): they may call methods by name.
    pub fn read_text(&mut self, node: NodeId, text: &str) {
        if self.texts.insert(node) {
            for word in text.split(|c: char| !(c == '_' || c.is_alphanumeric())) {
                if word.len() > 2 && word.len() < 64 {
                    self.live.add(word);
                }
            }
        }
    }
}

/// The dotted name of a file, and the directory that its first component is in: a path entry of the environment
/// where it lies in one, else the directory above its outermost package.
fn dotted_name(tree: &Tree, env: &Environment, file: NodeId) -> (String, NodeId) {
    let name = tree.name(file).to_string();
    let stem = env.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str())).unwrap_or(&name);
    let mut parts: Vec<String> = Vec::new();
    if stem != "__init__" {
        parts.push(stem.replace('.', "_"));
    }
    let mut dir = tree.parent(file);
    let base = env.contains(tree, file);
    loop {
        let inside = match base {
            Some(base) => dir != base,
            None => tree.child(dir, b"__init__.py").is_some() && dir != Tree::ROOT,
        };
        if !inside || dir == Tree::ROOT {
            break;
        }
        parts.push(tree.name(dir).to_string());
        dir = tree.parent(dir);
    }
    parts.reverse();
    (parts.join("."), dir)
}
