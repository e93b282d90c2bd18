//! Resolves the facts of Python files to the modules and files that they reach.
//!
//! The resolver keeps an agenda of scopes that may run. Running a scope means: its imports, calls and strings
//! count. A module's body runs when the module is reached; classes run with their module; a function runs once
//! its name is in use (see [`super::live`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::conditions::Conditions;
use super::data;
use super::distributions::Distributions;
use super::environment::{Environment, PathEntry};
use super::extension::ExtensionFacts;
use super::facts::{Call, PythonFacts};
use super::hint::Hint;
use super::intake::Embedding;
use super::live::{LiveNames, Scope};
use super::modules::{ModuleId, Modules, Source};
use super::site::Site;
use crate::owners::Owners;
use crate::reach::context::Context;
use crate::reach::evidence::Evidence;
use crate::reach::graph::Graph;
use crate::reach::rules::{RuleId, Rules};
use crate::reach::trace::{Cause, Trace};
use crate::rootfs::{NodeId, Rootfs};

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    pub(super) reached: bool,
    /// Runs as a program: its `__main__` block runs too.
    pub(super) main: bool,
    /// Somebody takes `*` from it.
    pub(super) star: bool,
    /// Its data has been marked.
    data: bool,
}

/// As what a file runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its `__main__` block runs too.
    Program,
    /// It was imported, or may be.
    Module,
}

/// The Python analyser.
#[derive(Debug)]
pub struct Python<'a> {
    pub(super) rootfs: &'a Rootfs,
    pub(super) ctx: &'a Context,
    pub(super) owners: &'a Owners,
    pub(super) conditions: Conditions,
    pub(super) embedding: Embedding,
    /// Rules with submodules that have been set off.
    pub(super) submodule_rules: Vec<RuleId>,
    pub(super) envs: Vec<Environment>,
    pub(super) dists: Vec<Distributions>,
    pub(super) modules: Modules,
    states: Vec<State>,
    facts: FxHashMap<NodeId, Arc<PythonFacts>>,
    pub(super) extensions: FxHashMap<NodeId, Arc<ExtensionFacts>>,
    /// Source given on a command line or in another file: what it says and the file it stands in, by module.
    pub(super) snippets: FxHashMap<ModuleId, (Option<NodeId>, Arc<PythonFacts>)>,
    pub(super) started: FxHashSet<Scope>,
    pub(super) agenda: Vec<Scope>,
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
    /// Whether reachable code looks up what distributions require.
    pub(super) requirements_wanted: bool,
    /// Distributions whose requirements have been looked up.
    pub(super) requirements_done: FxHashSet<(usize, usize)>,
    pub(super) groups_done: FxHashSet<(usize, Box<str>)>,
    /// Functions that import what their arguments name, and the calls of other functions, by bare name.
    pub(super) importers: FxHashSet<Box<str>>,
    pub(super) calls_by_name: FxHashMap<Box<str>, Vec<(Scope, Call)>>,
    /// Computed names that end readably (`f"{app}.models"`): the end, and where it stands.
    pub(super) endings: Vec<(Box<str>, Site)>,
    /// Libraries that list packages which cannot be read, by top-level name, and where they do.
    pub(super) listers: Vec<(Box<str>, Site)>,
    /// Packages that a string names: an ending may follow them.
    pub(super) named_packages: Vec<(usize, Box<str>)>,
    /// Packages whose submodules by active rules have been looked for: (rule, module).
    pub(super) submodules_done: FxHashSet<(RuleId, ModuleId)>,
    /// Everything reached so far, in order.
    pub(super) reached: Vec<ModuleId>,
    /// Modules that were not found, and who wanted them first.
    pub(super) failed: BTreeMap<(usize, Box<str>), Site>,
    /// A search path grew since these were looked for.
    pub(super) path_grew: bool,
    pub(super) scripts: Vec<(NodeId, Role)>,
    pub(super) hints: Vec<(Option<NodeId>, Hint, Evidence)>,
    /// A library is reached that turns names into commands.
    pub(super) names_are_commands: bool,
    /// Names taken from modules that have not been read yet.
    pub(super) imported: FxHashMap<ModuleId, Vec<Box<str>>>,
    /// Other names of codecs, by environment.
    pub(super) aliases: FxHashMap<usize, FxHashMap<Box<str>, Box<str>>>,
    /// Scopes that take the name of a codec from a function that returns constants, by the function's name.
    pub(super) codec_askers: FxHashMap<Box<str>, BTreeSet<Scope>>,
    /// The functions that run, by name: the module of the first, and whether others have one.
    pub(super) functions_run: FxHashMap<Box<str>, (ModuleId, bool)>,
    /// Somebody reads lists of exports as lists.
    pub(super) exports_used: bool,
    /// Templates and other text data that has been read for names.
    texts: FxHashSet<NodeId>,
}

impl<'a> Python<'a> {
    /// An analyser that knows no interpreter yet.
    ///
    /// # Errors
    /// If a rule's glob does not compile, which loading a profile rules out.
    pub fn new(
        rootfs: &'a Rootfs,
        ctx: &'a Context,
        owners: &'a Owners,
        rules: &Rules,
    ) -> Result<Self, globset::Error> {
        Ok(Self {
            conditions: Conditions::new(rules)?,
            embedding: Embedding::default(),
            submodule_rules: Vec::new(),
            rootfs,
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
            requirements_wanted: false,
            requirements_done: FxHashSet::default(),
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
            codec_askers: FxHashMap::default(),
            functions_run: FxHashMap::default(),
            exports_used: false,
            texts: FxHashSet::default(),
        })
    }

    /// The names of the modules that are reached and the files behind them, in the order they were.
    pub fn reached_modules(&self) -> Vec<(String, Option<NodeId>)> {
        let behind = |&id: &ModuleId| {
            let module = self.modules.get(id);
            let file = match module.source {
                Source::File(_, file) | Source::Zip(file) => Some(file),
                Source::Namespace => module.dirs.first().copied(),
            };
            (module.name.to_string(), file)
        };
        self.reached.iter().map(behind).collect()
    }

    /// Whether a file is that of a reached module. One that was only looked up is none.
    pub fn is_reached(&self, file: NodeId) -> bool {
        let reached = |id: &ModuleId| self.states.get(id.index()).is_some_and(|state| state.reached);
        self.modules.of_file(file).iter().any(reached)
    }

    pub(super) fn state(&mut self, id: ModuleId) -> &mut State {
        if self.states.len() <= id.index() {
            self.states.resize(id.index() + 1, State::default());
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

    /// Where something stands in a module.
    pub(super) fn site(&self, id: ModuleId, evidence: Evidence) -> Site {
        Site { env: self.modules.get(id).env, from: self.file_of(id), evidence }
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
    pub fn supply_extension(&mut self, file: NodeId, facts: ExtensionFacts) {
        let tree = &self.rootfs.tree;
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
    pub(super) fn hint(&mut self, trace: &mut Trace<'_>, from: Option<NodeId>, hint: Hint, evidence: Evidence) {
        for env in 0..self.envs.len() {
            self.take_hint(trace, &Site { env, from, evidence: evidence.clone() }, &hint);
        }
        self.hints.push((from, hint, evidence));
    }

    pub(super) fn take_hint(&mut self, trace: &mut Trace<'_>, site: &Site, hint: &Hint) {
        let env = site.env;
        match hint {
            Hint::RunModule(name) => {
                self.import(trace, site, "runpy");
                self.import(trace, site, name);
                let main = format!("{name}.__main__");
                self.import(trace, site, &main);
                for name in [name, &main] {
                    for id in self.modules.find(trace.graph.tree(), &self.envs, env, name) {
                        if let Source::File(_, file) = self.modules.get(id).source {
                            self.adopt_in(&mut trace.graph, env, file, Role::Program);
                        }
                    }
                }
            }
            Hint::Code(code) => {
                let module = self.snippet(env, code, site.from);
                self.start_all(module);
            }
            Hint::Pickled(word) => {
                for part in word.split(['.', ':']) {
                    self.live.add(part);
                }
                self.named(trace, site, word, true);
            }
            Hint::Name(word) => {
                for part in word.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                    self.live.add_string(part);
                }
                self.groups.insert(word.as_str().into());
                // A plain word such as `test` or `code` is hardly ever meant to be the standard library's module.
                let plain = !word.contains(['.', ':']);
                let stdlib = self.envs[env].stdlib;
                let found =
                    if plain { self.modules.find(trace.graph.tree(), &self.envs, env, word) } else { Vec::new() };
                let own = found.iter().any(|&id| match self.modules.get(id).source {
                    Source::File(_, file) => self.envs[env].contains(trace.graph.tree(), file) != Some(stdlib),
                    Source::Namespace => false,
                    Source::Zip(_) => true,
                });
                if !plain || own {
                    self.named(trace, site, word, true);
                }
            }
        }
    }

    /// Marks a module as reached. `evidence` stands in `from`.
    pub(super) fn reach_module(&mut self, trace: &mut Trace<'_>, site: &Site, id: ModuleId) {
        let Site { from, evidence, .. } = site;
        let from = *from;
        if self.state(id).reached {
            return;
        }
        self.state(id).reached = true;
        self.reached.push(id);
        let module = self.modules.get(id).clone();
        let file = match module.source {
            Source::File(entry, file) => {
                trace.graph.reach_followed(from, entry, evidence);
                if self.facts.contains_key(&file) || self.extensions.contains_key(&file) {
                    self.start(id, 0);
                }
                Some(file)
            }
            Source::Zip(zip) => {
                trace.graph.reach_followed(from, zip, evidence);
                Some(zip)
            }
            Source::Namespace => None,
        };
        for &dir in &module.dirs {
            trace.graph.reach(from, dir, evidence.clone());
        }
        if let Some(file) = file
            && !module.name.contains('.')
            && self.envs[module.env].contains(trace.graph.tree(), file) != Some(self.envs[module.env].stdlib)
        {
            self.libraries.insert(module.name.clone());
        }
        self.reach_data(&mut trace.graph, id);
        self.reach_distribution_of(&mut trace.graph, id);
        let dir = file.map(|file| trace.graph.tree().parent(file));
        let cause = Cause { from: file.or(from), dir, word: None };
        self.meet_module(trace, &module.name, cause, module.env);
        self.reach_submodules(trace, id);
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
