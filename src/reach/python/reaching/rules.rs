//! The profiles' rules: what sets them off, what they bring about, and what they cut.

use super::super::names::{ANY_CODEC, MAIN, OPAQUE_EXTENSION, top_name};
use super::super::reading::facts::PythonFacts;
use super::super::search::ModuleId;
use super::super::site::Site;
use super::commands;
use super::core::{By, Reaching};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::rules::Cause;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// Who uses something.
struct User {
    /// The top-level name; empty for words of the configuration, of commands and of the user's own files.
    top: Box<str>,
    /// It is in the standard library.
    stdlib: bool,
    by: By,
}

impl Reaching<'_> {
    fn user(&self, id: Option<ModuleId>) -> User {
        let by = By { file: id.and_then(|id| self.file_of(id)), dir: None, env: id.map(|id| self.env_of(id)) };
        let top = id.map_or("", |id| top_name(&self.search.module(id).name));
        User { top: top.into(), stdlib: id.is_some_and(|id| self.search.is_stdlib(id)), by }
    }

    /// Sets off the rules that wait for a module.
    pub fn set_off_by_module(&mut self, trace: &mut Trace<'_>, name: &str, by: &By) {
        for rule in trace.rules.fire(Cause::Module(name), by.dir) {
            self.apply(trace, rule, by);
        }
    }

    /// Sets off the rules that wait for an interpreter, whatever it runs.
    pub fn set_off_by_start(&mut self, trace: &mut Trace<'_>, env: usize, interpreter: NodeId) {
        self.set_off_by_module(trace, MAIN, &By { file: Some(interpreter), dir: None, env: Some(env) });
    }

    /// Sets off the rules that wait for a codec that is looked up by a computed name.
    pub fn set_off_by_codec(&mut self, trace: &mut Trace<'_>, user: ModuleId) {
        self.set_off_by_module(trace, ANY_CODEC, &self.user(Some(user)).by);
    }

    /// Sets off the rules that wait for an extension module whose names cannot be read.
    pub fn set_off_by_opaque(&mut self, trace: &mut Trace<'_>, user: ModuleId) {
        self.set_off_by_module(trace, OPAQUE_EXTENSION, &self.user(Some(user)).by);
    }

    /// Sets off the rules that wait for a name. `user` is who uses it: a module, or nobody for words of the
    /// configuration, of commands and of the user's own files.
    pub fn use_name(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !trace.rules.waits_for(name) {
            return;
        }
        let User { top, stdlib, by } = self.user(user);
        for rule in trace.rules.fire(Cause::Name { name, user: &top, stdlib }, None) {
            self.apply(trace, rule, &by);
            trace.rules.reach_named_paths(&mut trace.graph, rule, by.file, name);
        }
    }

    /// Sets off the rules that wait for an import of `name`. `constant_calls` are those of
    /// [`Import`](super::super::reading::facts::Import).
    pub fn use_import(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str, constant_calls: &[Box<str>]) {
        if !trace.rules.waits_for_import(name) {
            return;
        }
        let User { top, stdlib, .. } = self.user(site.from.and_then(|file| self.search.of_file_in(site.env, file)));
        let by = By { file: site.from, dir: None, env: Some(site.env) };
        for rule in trace.rules.fire(Cause::Import { name, user: &top, stdlib, constant_calls }, None) {
            self.apply(trace, rule, &by);
        }
    }

    /// Sets off the rules that wait for settings: a module gives one of these names a string constant, or something
    /// that is none.
    pub fn use_settings(&mut self, trace: &mut Trace<'_>, id: ModuleId, facts: &PythonFacts) {
        for name in trace.rules.settings() {
            if facts.bound.binary_search(&name).is_err() {
                continue;
            }
            match facts.constant(&name) {
                Some(value) => self.use_value(trace, id, &name, value),
                None => self.use_computed(trace, Some(id), &name),
            }
        }
    }

    fn use_value(&mut self, trace: &mut Trace<'_>, id: ModuleId, name: &str, value: &str) {
        let User { top, stdlib, by } = self.user(Some(id));
        let word = value.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let word = word.as_str();
        for rule in trace.rules.fire(Cause::Value { name, word, user: &top, stdlib }, None) {
            self.apply(trace, rule, &by);
            trace.rules.reach_named_paths(&mut trace.graph, rule, by.file, word);
        }
    }

    /// The same for a setting that is set or read as an attribute, a keyword or a string. `user` is who does so: a module,
    /// or nobody for words of the user's own files.
    pub fn use_computed(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !trace.rules.waits_for_setting(name) {
            return;
        }
        let User { top, stdlib, by } = self.user(user);
        for rule in trace.rules.fire(Cause::Setting { name, user: &top, stdlib }, None) {
            self.apply(trace, rule, &by);
        }
    }

    /// Notes the words that rules wait for in glued strings of an extension module.
    pub fn use_glued(&mut self, trace: &mut Trace<'_>, id: ModuleId, glued: &str) {
        for name in trace.rules.awaited_sorted() {
            if memchr::memmem::find(glued.as_bytes(), name.as_bytes()).is_some() {
                self.use_name(trace, Some(id), &name);
            }
        }
    }

    /// Carries out a rule that was set off.
    pub fn apply(&mut self, trace: &mut Trace<'_>, rule: usize, by: &By) {
        trace.rules.reach_paths(&mut trace.graph, rule, by.file, by.dir);
        let (id, globs) = (trace.rules.rule(rule).id.clone(), trace.rules.rule(rule).modules.clone());
        let evidence = Evidence::new(EvidenceKind::Rule, id);
        let envs = by.env.map_or(self.search.environments(), |env| env..env + 1);
        for env in envs {
            let site = Site { env, from: by.file, evidence: evidence.clone() };
            for glob in &globs {
                self.import_glob(trace, &site, glob);
            }
        }
        if trace.rules.rule(rule).names_are_commands && !std::mem::replace(&mut self.effects.names_are_commands, true) {
            for id in self.running.modules.in_order().to_vec() {
                self.run_names(trace, id);
            }
        }
        if !trace.rules.rule(rule).submodules.is_empty() {
            trace.rules.active_submodules.push(rule);
            for id in self.running.modules.in_order().to_vec() {
                self.reach_submodules(trace, id);
            }
        }
    }

    /// Names in a module of the user's own that are programs, if a rule says that a name is enough to run one.
    pub fn run_names(&mut self, trace: &mut Trace<'_>, id: ModuleId) {
        if self.effects.names_are_commands
            && let Some(file) = self.file_of(id).filter(|&file| self.is_users(file))
            && let Some(facts) = self.facts_of(id)
        {
            commands::run_names(&mut trace.graph, self.ctx, file, &facts);
        }
    }

    /// Applies the rules that speak of every reached package.
    pub(super) fn reach_submodules(&mut self, trace: &mut Trace<'_>, id: ModuleId) {
        if !self.search.module(id).is_package() {
            return;
        }
        for rule in trace.rules.active_submodules.clone() {
            if !self.effects.submodules_done.insert((rule, id)) {
                continue;
            }
            let globs = trace.rules.rule(rule).submodules.clone();
            let evidence = Evidence::new(EvidenceKind::Rule, trace.rules.rule(rule).id.as_str());
            let (name, site) = (self.search.module(id).name.clone(), self.site(id, evidence));
            for glob in globs {
                self.import_glob(trace, &site, &format!("{name}.{glob}"));
            }
        }
    }

    /// Whether a rule says that what a module names, in scopes of these names, does not count.
    pub fn is_cut(&self, trace: &Trace<'_>, user: ModuleId, target: &str, scopes: &[&str]) -> bool {
        trace.rules.cut(&self.search.module(user).name, target, scopes).is_some()
    }

    /// The same for what the data of an extension module names.
    pub fn is_cut_in_extension(&self, trace: &Trace<'_>, user: ModuleId, target: &str) -> bool {
        trace.rules.cut_in_extension(&self.search.module(user).name, target).is_some()
    }
}
