//! Where an interpreter finds things: its environment, the modules on its search path, and what is installed there.

mod archive;
mod builtins;
mod descendants;
mod distributions;
pub mod environment;
mod growing;
mod modules;
mod script;
mod sites;
mod standard;
mod stems;
mod suffixes;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

pub(super) use distributions::{Distributions, requirements};
pub(super) use environment::Environment;
use environment::PathEntry;
pub(super) use modules::{MadeOf, Module, ModuleId, Modules, Names, Shadowing};
pub(super) use standard::is_standard;

use super::names::{is_identifier, parent_name, top_name};
use super::site::Site;
use crate::profile::ModuleGlobs;
use crate::reach::bundle::Member;
use crate::reach::context::Context;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Longer names are no names of modules that exist.
const MAX_NAME: usize = 200;

/// What marks a glob.
const SPECIAL: [char; 4] = ['*', '?', '[', '{'];

/// Where on a search path a folder is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere, by this file: its modules may stand before those of the same names that were found so far.
    First(NodeId),
    /// Behind everything.
    Last,
}

/// The environments found so far and what is in them.
#[derive(Debug)]
pub(super) struct Search<'a> {
    rootfs: &'a Rootfs,
    environments: Vec<Environment>,
    /// What is installed, by environment.
    installed: Vec<Distributions>,
    modules: Modules,
    /// Modules that were not found, and who wanted them first.
    missing: BTreeMap<(usize, Box<str>), Site>,
    /// A search path grew since those were looked for.
    grew: bool,
    /// The names for which it did: they, and all below them, may be found now.
    grown: BTreeSet<(usize, Box<str>)>,
    /// The folders that some programs search, by environment.
    local: HashSet<(usize, NodeId)>,
    /// How often what names mean may have changed.
    changes: u32,
    /// The names that globs were held against.
    tried: u64,
    /// What folders that joined a search path have under names that were found elsewhere, each with the file that added it.
    shadowing: Vec<(Shadowing, NodeId)>,
}

impl<'a> Search<'a> {
    /// A search that knows no environment yet.
    pub(super) fn new(rootfs: &'a Rootfs) -> Self {
        Self {
            rootfs,
            environments: Vec::new(),
            installed: Vec::new(),
            modules: Modules::default(),
            missing: BTreeMap::new(),
            grew: false,
            grown: BTreeSet::new(),
            local: HashSet::new(),
            changes: 0,
            tried: 0,
            shadowing: Vec::new(),
        }
    }

    /// The tree that is searched.
    pub(super) fn tree(&self) -> &'a Tree {
        &self.rootfs.tree
    }

    /// The environments of a reached file that are not known yet, if it is an interpreter.
    pub(super) fn new_environments(&self, ctx: &Context, file: NodeId) -> Vec<Environment> {
        let mut found = environment::discover(self.rootfs, ctx, file);
        let same = |a: &Environment, b: &Environment| a.stdlib == b.stdlib && a.venv == b.venv;
        found.retain(|env| !self.environments.iter().any(|known| same(known, env)));
        found
    }

    /// Adds an environment and what is installed in it.
    pub(super) fn add_environment(&mut self, env: Environment) -> usize {
        self.installed.push(Distributions::find(self.rootfs, env.distribution_dirs(self.tree())));
        self.environments.push(env);
        self.changes += 1;
        self.environments.len() - 1
    }

    /// A number that is another one whenever names may mean something else than before, or count where they did not.
    pub(super) fn changes(&self) -> u32 {
        self.changes
    }

    /// Notes that names count that did not before.
    pub(super) fn note_change(&mut self) {
        self.changes += 1;
    }

    /// All environments.
    pub(super) fn environments(&self) -> Range<usize> {
        0..self.environments.len()
    }

    /// One environment.
    pub(super) fn environment(&self, env: usize) -> &Environment {
        &self.environments[env]
    }

    /// What is installed in an environment.
    pub(super) fn installed(&self, env: usize) -> &Distributions {
        &self.installed[env]
    }

    /// A module that was looked up.
    pub(super) fn module(&self, id: ModuleId) -> &Module {
        self.modules.get(id)
    }

    /// The modules that are made of a file.
    pub(super) fn of_file(&self, file: NodeId) -> &[ModuleId] {
        self.modules.of_file(file)
    }

    /// The first of them in an environment.
    pub(super) fn of_file_in(&self, env: usize, file: NodeId) -> Option<ModuleId> {
        self.modules.of_file_in(env, file)
    }

    /// All modules of a name: the one that the search path gives first, then those in folders of scripts.
    pub(super) fn find(&mut self, env: usize, name: &str) -> Vec<ModuleId> {
        self.modules.find(&self.rootfs.tree, &self.environments, env, name)
    }

    /// Whether a module of this name exists.
    pub(super) fn exists(&mut self, env: usize, name: &str) -> bool {
        !self.find(env, name).is_empty()
    }

    /// Whether a package of this name exists.
    pub(super) fn is_package(&mut self, env: usize, name: &str) -> bool {
        self.find(env, name).into_iter().any(|id| self.module(id).is_package())
    }

    /// Whether a name has a module without a file: one that is compiled into the interpreter, or is part of a package.
    pub(super) fn is_builtin(&mut self, env: usize, name: &str) -> bool {
        let top = top_name(name);
        self.exists(env, top) || builtins::BUILTIN_MODULES.binary_search(&top).is_ok()
    }

    /// Whether a top-level module of this name was installed: it is in a site directory. The standard library does
    /// not count: its names are everyday words.
    pub(super) fn is_installed(&mut self, env: usize, name: &str) -> bool {
        is_identifier(name)
            && self.find(env, name).into_iter().any(|id| match self.module(id).made_of {
                MadeOf::File(entry, _) => self.is_in_site(env, entry),
                MadeOf::Zip(_) | MadeOf::Namespace => false,
            })
    }

    /// Whether a module of this name exists outside the standard library.
    pub(super) fn has_outside_stdlib(&mut self, env: usize, name: &str) -> bool {
        self.find(env, name).into_iter().any(|id| match self.module(id).made_of {
            MadeOf::File(_, file) => !self.lies_in_stdlib(env, file),
            MadeOf::Namespace => false,
            MadeOf::Zip(_) => true,
        })
    }

    /// Whether a file is in a site directory.
    pub(super) fn is_in_site(&self, env: usize, file: NodeId) -> bool {
        self.environments[env].sites.iter().any(|&site| self.tree().is_within(file, site))
    }

    /// Whether the standard library's folder is the innermost entry of the search path that a file lies in.
    pub(super) fn lies_in_stdlib(&self, env: usize, file: NodeId) -> bool {
        let env = &self.environments[env];
        env.contains(self.tree(), file) == Some(env.stdlib)
    }

    /// Whether a file is the standard library's in any environment, extension modules included.
    pub(super) fn is_stdlib_of_any(&self, file: NodeId) -> bool {
        self.environments.iter().any(|env| env.is_stdlib(self.tree(), file))
    }

    /// Whether a module is the standard library's.
    pub(super) fn is_stdlib(&self, id: ModuleId) -> bool {
        let module = self.module(id);
        match (module.made_of, self.environments.get(module.env)) {
            (MadeOf::File(_, file), Some(env)) => env.is_stdlib(self.tree(), file),
            _ => false,
        }
    }

    /// Whether a module belongs to CPython's tests of itself, which stand in its library.
    pub(super) fn is_test(&self, id: ModuleId) -> bool {
        let name = &self.module(id).name;
        &**name == "test" || name.starts_with("test.")
    }

    /// Whether what stands in for modules of the standard library never runs, because all of them exist. That can be
    /// relied on for the library's own modules only: a third party's may fail for other reasons.
    pub(super) fn has_all(&mut self, user: ModuleId, tried: &[Box<str>]) -> bool {
        let env = self.module(user).env;
        self.is_stdlib(user) && tried.iter().all(|name| self.find(env, name).into_iter().any(|id| self.is_stdlib(id)))
    }

    /// The modules directly below a package, by their full names.
    pub(super) fn below(&mut self, env: usize, package: &str) -> Names {
        self.modules.below(&self.rootfs.tree, &self.environments, env, package)
    }

    /// The top-level names of an environment, in byte order.
    pub(super) fn top_level(&self, env: usize) -> Vec<String> {
        self.modules.top_level(self.tree(), &self.environments, env)
    }

    /// The modules that a glob fits, in byte order of their names.
    pub(super) fn glob(&mut self, env: usize, glob: &str) -> Vec<String> {
        let Some(special) = glob.find(SPECIAL) else {
            return if self.exists(env, glob) { vec![glob.to_owned()] } else { Vec::new() };
        };
        if let Some((base, last)) = descendants::parts(glob) {
            return self.called_below(env, base, last);
        }
        let Ok(matcher) = ModuleGlobs::new([glob]) else { return Vec::new() };
        let base = base_of(glob);
        let depth = if glob.contains("**") { usize::MAX } else { glob.matches('.').count() };
        let mut out = Vec::new();
        let mut todo: Vec<Box<str>> = Vec::new();
        if base.is_empty() {
            todo.extend(self.top_level(env).into_iter().map(String::into_boxed_str));
        } else {
            // No other name can match; in byte order they stand together.
            let (names, start) = (self.below(env, base), &glob[..special]);
            let first = names.partition_point(|name| &**name < start);
            todo.extend(names[first..].iter().take_while(|name| name.starts_with(start)).cloned());
            if glob.ends_with(".**") && self.exists(env, base) {
                out.push(base.to_owned());
            }
        }
        while let Some(name) = todo.pop() {
            self.tried += 1;
            if name.matches('.').count() < depth && name.len() < MAX_NAME {
                todo.extend(self.below(env, &name).iter().cloned());
            }
            if matcher.is_match(&name) {
                out.push(name.into_string());
            }
        }
        out.sort();
        out
    }

    /// Every module below a package, in byte order of their names.
    pub(super) fn all_below(&mut self, env: usize, package: &str) -> Names {
        let (tree, environments) = (&self.rootfs.tree, &self.environments);
        let (names, read) = self.modules.descendants(tree, environments, env, package);
        self.tried += read;
        names
    }

    /// Those of them whose last part is `last`, and the package itself if that is called so.
    fn called_below(&mut self, env: usize, package: &str, last: &str) -> Vec<String> {
        let (tree, environments) = (&self.rootfs.tree, &self.environments);
        let (found, read) = self.modules.called_below(tree, environments, env, package, last);
        self.tried += read + found.len() as u64;
        found
    }

    /// How many names globs were held against so far.
    pub(super) fn tried(&self) -> u64 {
        self.tried
    }

    /// The package that relative names of a module start from, `level - 1` steps up.
    pub(super) fn relative_base(&self, module: ModuleId, level: u32) -> Option<String> {
        let mut base = self.module(module).package();
        for _ in 1..level {
            base = parent_name(base)?;
        }
        (!base.is_empty()).then(|| base.to_owned())
    }

    /// The full name of what an import statement of `module` names; a relative one that leads nowhere is taken as it
    /// stands.
    pub(super) fn absolute(&self, module: ModuleId, level: u32, name: &str) -> String {
        let base = if level == 0 { None } else { self.relative_base(module, level) };
        match base {
            Some(base) if name.is_empty() => base,
            Some(base) => format!("{base}.{name}"),
            None => name.to_owned(),
        }
    }

    /// Every package below the top-level names of the distribution that a module belongs to.
    pub(super) fn packages_of_distribution(&mut self, module: &Module) -> Vec<String> {
        let env = module.env;
        let MadeOf::File(_, file) = module.made_of else { return Vec::new() };
        let Some(dist) = self.installed[env].of_file(file) else { return Vec::new() };
        let mut todo = self.installed[env].get(dist).top_level.clone();
        let mut packages = Vec::new();
        while let Some(name) = todo.pop() {
            if self.is_package(env, &name) && name.len() < MAX_NAME {
                todo.extend(self.below(env, &name).iter().map(ToString::to_string));
                packages.push(name);
            }
        }
        packages.sort();
        packages.dedup();
        packages
    }

    /// A module that no lookup finds: a script, source without a file, a file whose name is shadowed.
    pub(super) fn adopt(&mut self, env: usize, name: &str, file: NodeId, dirs: Vec<NodeId>) -> ModuleId {
        self.modules.adopt(env, name, file, file, dirs)
    }

    /// The module that a file is, by whatever means it was reached. Its folder is searched from now on.
    pub(super) fn module_of_script(&mut self, env: usize, file: NodeId) -> ModuleId {
        if let Some(id) = self.of_file_in(env, file) {
            return id;
        }
        let tree = self.tree();
        let (name, root) = script::dotted_name(tree, &self.environments[env], file);
        if root != Tree::ROOT && self.environments[env].contains(tree, file).is_none() {
            self.add_local(env, root, Place::First(file));
        }
        let found = self.find(env, &name);
        let same = |id: &ModuleId| matches!(self.module(*id).made_of, MadeOf::File(_, found) if found == file);
        if let Some(id) = found.into_iter().find(same) {
            return id;
        }
        let init = tree.name(file).starts_with(b"__init__.");
        let dirs = if init { vec![tree.parent(file)] } else { Vec::new() };
        self.adopt(env, &name, file, dirs)
    }

    /// Reads the modules of a zip file: their names and what they say.
    pub(super) fn members(&self, zip: NodeId) -> Vec<Member> {
        archive::members(self.rootfs, zip)
    }

    /// Makes a zip file's member importable, and adds the module that is sure to be this member.
    pub(super) fn add_zip_member(&mut self, env: usize, name: &str, zip: NodeId) -> ModuleId {
        self.changes += 1;
        self.modules.add_zip_member(&self.rootfs.tree, &self.environments, env, name, zip);
        self.adopt(env, name, zip, Vec::new())
    }

    /// Adds a folder that some programs search.
    pub(super) fn add_local(&mut self, env: usize, dir: NodeId, place: Place) {
        // The first one was there from the start.
        if self.local.insert((env, dir)) && self.environments[env].local.first() != Some(&dir) {
            self.environments[env].local.push(dir);
            if let Place::First(by) = place {
                let shadowing = self.modules.shadow(&self.rootfs.tree, &self.environments, env, dir);
                self.shadowing.extend(shadowing.into_iter().map(|each| (each, by)));
            }
            for stem in stems::stems(&self.rootfs.tree, dir) {
                self.grow(env, &stem);
            }
            self.grew = true;
            self.changes += 1;
        }
    }

    /// Adds a folder to a package's own search path.
    pub(super) fn extend_package(&mut self, id: ModuleId, dir: NodeId) {
        if self.modules.extend_path(id, dir) {
            let (env, package) = (self.module(id).env, self.module(id).name.clone());
            for stem in stems::stems(&self.rootfs.tree, dir) {
                self.grow(env, &format!("{package}.{stem}"));
            }
            // Another name for what is below it.
            self.grow(env, &format!("{package}.__init__"));
            self.grew = true;
            self.changes += 1;
        }
    }

    /// Notes that a name, and all below it, may be found from now on.
    fn grow(&mut self, env: usize, name: &str) {
        self.modules.forget(env, name);
        self.grown.insert((env, name.into()));
    }

    /// Folders on the search path of an environment.
    pub(super) fn path_dirs(&self, env: usize) -> Vec<NodeId> {
        self.environments[env].dirs().collect()
    }

    /// Whether a folder is on the search path itself.
    pub(super) fn is_on_path(&self, env: usize, dir: NodeId) -> bool {
        self.environments[env].path.contains(&PathEntry::Dir(dir))
    }

    /// Remembers a module that was not found: a search path that grows later may hold it.
    pub(super) fn note_missing(&mut self, site: &Site, name: &str) {
        if name.len() < MAX_NAME {
            self.missing.entry((site.env, name.into())).or_insert_with(|| site.clone());
        }
    }

    /// What stands before modules that were found earlier, and the file that put it there.
    pub(super) fn take_shadowing(&mut self) -> Vec<(Shadowing, NodeId)> {
        std::mem::take(&mut self.shadowing)
    }

    /// What was not found before a search path grew, if one did since the last call.
    pub(super) fn take_missing(&mut self) -> Option<Vec<(Box<str>, Site)>> {
        if !std::mem::take(&mut self.grew) {
            return None;
        }
        let mut missing: Vec<(Box<str>, Site)> = Vec::new();
        for (env, name) in std::mem::take(&mut self.grown) {
            missing.extend(growing::take_below(&mut self.missing, env, &name));
        }
        missing.sort_by(|(a, at), (b, other)| (at.env, a).cmp(&(other.env, b)));
        Some(missing)
    }
}

/// The package that everything that a glob matches is below; empty for all of them.
pub(super) fn base_of(glob: &str) -> &str {
    let special = glob.find(SPECIAL).unwrap_or(glob.len());
    glob[..special].rfind('.').map_or("", |at| &glob[..at])
}
