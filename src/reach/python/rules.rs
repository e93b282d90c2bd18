//! Rules that Python code sets off, and what rules mean to Python programs.

use super::NAME;
use super::conditions::User;
use super::facts::PythonFacts;
use super::modules::ModuleId;
use super::resolver::Python;
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::rules::RuleId;
use crate::reach::trace::{Cause, Trace};
use crate::rootfs::NodeId;

impl Python<'_> {
    /// Sets off the rules that wait for a module.
    pub(super) fn meet_module(&mut self, trace: &mut Trace<'_>, name: &str, cause: Cause<'_>, env: usize) {
        let met = self.conditions.of_module(name);
        self.set_off(trace, met, cause, Some(env));
    }

    /// Sets off the rules that wait for a name. `user` is who uses it: a module, or nobody for words of the
    /// configuration, of commands and of the user's own files.
    pub(super) fn use_name(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !self.conditions.waits_for(name) {
            return;
        }
        let (package, stdlib) = self.top_level_of(&trace.graph, user);
        let met = self.conditions.of_name(name, User { package: &package, stdlib });
        let cause = Cause { from: user.and_then(|id| self.file_of(id)), dir: None, word: Some(name) };
        self.set_off(trace, met, cause, user.map(|id| self.modules.get(id).env));
    }

    /// The top-level name of who uses something, and whether that is in the standard library.
    fn top_level_of(&self, graph: &Graph<'_>, user: Option<ModuleId>) -> (Box<str>, bool) {
        let top = user.map_or("", |id| self.modules.get(id).name.split('.').next().unwrap_or_default());
        (top.into(), user.is_some_and(|id| self.in_stdlib(graph, id)))
    }

    /// Sets off the rules that wait for an import of `name`, which stands in the file `from`. `constant_calls` are those
    /// of [`Import`](super::facts::Import).
    pub(super) fn use_import(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str, constant_calls: &[Box<str>]) {
        if !self.conditions.waits_for_import(name) {
            return;
        }
        let user = site.from.and_then(|file| self.modules.of_file_in(site.env, file));
        let (package, stdlib) = self.top_level_of(&trace.graph, user);
        let met = self.conditions.of_import(name, User { package: &package, stdlib }, constant_calls);
        self.set_off(trace, met, Cause { from: site.from, ..Cause::default() }, Some(site.env));
    }

    /// Sets off the rules that wait for settings: a module gives one of these names a string constant, or something
    /// that is none.
    pub(super) fn use_settings(&mut self, trace: &mut Trace<'_>, id: ModuleId, facts: &PythonFacts) {
        for name in self.conditions.settings() {
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
        let (package, stdlib) = self.top_level_of(&trace.graph, Some(id));
        let word = value.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let met = self.conditions.of_value(name, User { package: &package, stdlib });
        let cause = Cause { from: self.file_of(id), dir: None, word: Some(&word) };
        self.set_off(trace, met, cause, Some(self.modules.get(id).env));
    }

    /// The same for a setting that is set or read as an attribute, a keyword or a string. `user` is who does so: a module,
    /// or nobody for words of the user's own files.
    pub(super) fn use_computed(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !self.conditions.waits_for_setting(name) {
            return;
        }
        let (package, stdlib) = self.top_level_of(&trace.graph, user);
        let met = self.conditions.of_setting(name, User { package: &package, stdlib });
        let cause = Cause { from: user.and_then(|id| self.file_of(id)), ..Cause::default() };
        self.set_off(trace, met, cause, user.map(|id| self.modules.get(id).env));
    }

    /// Words of the configuration, of commands and of the user's own files, whatever they mean there.
    pub(super) fn use_words(&mut self, trace: &mut Trace<'_>, words: &[Box<str>]) {
        for word in words {
            self.use_name(trace, None, word);
            self.use_computed(trace, None, word);
        }
    }

    /// Sets off rules whose conditions are met, and does Python's part: in one environment, or in all of them.
    fn set_off(&mut self, trace: &mut Trace<'_>, met: Vec<RuleId>, cause: Cause<'_>, env: Option<usize>) {
        for rule in trace.set_off(met, cause, Some(NAME)) {
            self.carry_out(trace, rule, cause.from, env);
        }
    }

    /// Imports what a rule says that was set off by the file `from`: in one environment, or in all of them.
    pub(super) fn carry_out(&mut self, trace: &mut Trace<'_>, rule: RuleId, from: Option<NodeId>, env: Option<usize>) {
        let implied = trace.rules.implies().get(rule);
        let (evidence, effects) = (Evidence::new(EvidenceKind::Rule, implied.id.as_str()), implied.python.clone());
        let envs = match env {
            Some(env) => env..env + 1,
            None => 0..self.envs.len(),
        };
        for env in envs {
            let site = Site { env, from, evidence: evidence.clone() };
            for glob in &effects.modules {
                self.import_glob(trace, &site, glob);
            }
        }
        if effects.names_are_commands && !std::mem::replace(&mut self.names_are_commands, true) {
            for id in self.reached.clone() {
                self.run_names(&mut trace.graph, id);
            }
        }
        if !effects.submodules.is_empty() {
            self.submodule_rules.push(rule);
            for id in self.reached.clone() {
                self.reach_submodules(trace, id);
            }
        }
    }

    /// Applies the rules that speak of every reached package.
    pub(super) fn reach_submodules(&mut self, trace: &mut Trace<'_>, id: ModuleId) {
        if !self.modules.get(id).is_package() {
            return;
        }
        for rule in self.submodule_rules.clone() {
            if !self.submodules_done.insert((rule, id)) {
                continue;
            }
            let implied = trace.rules.implies().get(rule);
            let evidence = Evidence::new(EvidenceKind::Rule, implied.id.as_str());
            let globs = implied.python.submodules.clone();
            let (name, site) = (self.modules.get(id).name.clone(), self.site(id, evidence));
            for glob in globs {
                self.import_glob(trace, &site, &format!("{name}.{glob}"));
            }
        }
    }
}
