//! The profiles' rules: what sets them off, what they bring about, and what they cut.

use super::super::names::{ANY_CODEC, ANY_ERRORS, MAIN, NAME, OPAQUE_EXTENSION, top_name};
use super::super::reading::facts::{Import, PythonFacts, UnitKind};
use super::super::running::Frame;
use super::super::search::{ModuleId, is_standard};
use super::super::site::Site;
use super::super::triggers::{Namer, User};
use super::commands;
use super::core::{By, Reaching};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::rules::RuleId;
use crate::reach::trace::{Cause, Trace};
use crate::rootfs::NodeId;

impl Reaching<'_> {
    /// Who uses something: a module, or nobody for words of the configuration, of commands and of the user's own files.
    fn user(&self, id: Option<ModuleId>) -> (User, By) {
        let by = By { file: id.and_then(|id| self.file_of(id)), dir: None, env: id.map(|id| self.env_of(id)) };
        let package = id.map_or("", |id| self.package_of(id));
        (User { package: package.into(), stdlib: id.is_some_and(|id| self.search.is_stdlib(id)) }, by)
    }

    /// The top-level package that a module belongs to.
    fn package_of(&self, id: ModuleId) -> &str {
        top_name(self.full_name(id))
    }

    /// The name of a module. A package may put its own folder on the search path, so that its modules have two names: the
    /// longer one says whose they are.
    fn full_name(&self, id: ModuleId) -> &str {
        let names = self.search.module(id).file().into_iter().flat_map(|file| self.search.of_file(file)).copied();
        let names = names.chain([id]).map(|id| &*self.search.module(id).name);
        names.max_by_key(|name| name.matches('.').count()).unwrap_or_default()
    }

    /// Sets off rules whose conditions are met, and does Python's part.
    fn set_off(&mut self, trace: &mut Trace<'_>, met: Vec<RuleId>, by: &By, word: Option<&str>) {
        let cause = Cause { from: by.file, dir: by.dir, word };
        for rule in trace.set_off(met, cause, Some(NAME)) {
            self.carry_out(trace, rule, by);
        }
    }

    /// Sets off the rules that wait for a module.
    pub fn set_off_by_module(&mut self, trace: &mut Trace<'_>, name: &str, by: &By) {
        let met = self.triggers.of_module(name);
        self.set_off(trace, met, by, None);
    }

    /// Sets off the rules that wait for an interpreter, whatever it runs.
    pub fn set_off_by_start(&mut self, trace: &mut Trace<'_>, env: usize, interpreter: NodeId) {
        self.set_off_by_module(trace, MAIN, &By { file: Some(interpreter), dir: None, env: Some(env) });
    }

    /// Sets off the rules that wait for a codec that is looked up by a computed name.
    pub fn set_off_by_codec(&mut self, trace: &mut Trace<'_>, user: ModuleId) {
        self.set_off_by_module(trace, ANY_CODEC, &self.user(Some(user)).1);
    }

    /// Sets off the rules that wait for a handler of errors that is looked up by a computed name.
    pub fn set_off_by_errors(&mut self, trace: &mut Trace<'_>, user: ModuleId) {
        self.set_off_by_module(trace, ANY_ERRORS, &self.user(Some(user)).1);
    }

    /// Sets off the rules that wait for an extension module whose names cannot be read.
    pub fn set_off_by_opaque(&mut self, trace: &mut Trace<'_>, user: ModuleId) {
        self.set_off_by_module(trace, OPAQUE_EXTENSION, &self.user(Some(user)).1);
    }

    /// Sets off the rules that wait for a name. `user` is who uses it: a module, or nobody for words of the
    /// configuration, of commands and of the user's own files.
    pub fn use_name(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !self.triggers.waits_for(name) {
            return;
        }
        let (user, by) = self.user(user);
        let met = self.triggers.of_name(name, &user);
        self.set_off(trace, met, &by, Some(name));
    }

    /// Sets off the rules that wait for an import of `name`. `constant_calls` are those of
    /// [`Import`](super::super::reading::facts::Import).
    pub fn use_import(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str, constant_calls: &[Box<str>]) {
        if !self.triggers.waits_for_import(name) {
            return;
        }
        let (user, _) = self.user(site.from.and_then(|file| self.search.of_file_in(site.env, file)));
        let by = By { file: site.from, dir: None, env: Some(site.env) };
        let met = self.triggers.of_import(name, &user, constant_calls);
        self.set_off(trace, met, &by, None);
    }

    /// Sets off the rules that wait for settings: a module gives one of these names a string constant, or something
    /// that is none.
    pub fn use_settings(&mut self, trace: &mut Trace<'_>, id: ModuleId, facts: &PythonFacts) {
        for name in self.triggers.settings().iter() {
            if !facts.binds(name) {
                continue;
            }
            match facts.constant(name) {
                Some(value) => self.use_value(trace, id, name, value),
                None => self.use_computed(trace, Some(id), name),
            }
        }
    }

    fn use_value(&mut self, trace: &mut Trace<'_>, id: ModuleId, name: &str, value: &str) {
        let (user, by) = self.user(Some(id));
        let word = value.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let met = self.triggers.of_value(name, &user);
        self.set_off(trace, met, &by, Some(&word));
    }

    /// The same for a setting that is set or read as an attribute, a keyword or a string. `user` is who does so: a module,
    /// or nobody for words of the user's own files.
    pub fn use_computed(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !self.triggers.waits_for_setting(name) {
            return;
        }
        let (user, by) = self.user(user);
        let met = self.triggers.of_setting(name, &user);
        self.set_off(trace, met, &by, None);
    }

    /// Notes the words that rules wait for in glued strings of an extension module.
    pub fn use_glued(&mut self, trace: &mut Trace<'_>, id: ModuleId, glued: &str) {
        for name in self.triggers.names() {
            if memchr::memmem::find(glued.as_bytes(), name.as_bytes()).is_some() {
                self.use_name(trace, Some(id), &name);
            }
        }
    }

    /// Does Python's part of a rule that was set off.
    pub fn carry_out(&mut self, trace: &mut Trace<'_>, id: RuleId, by: &By) {
        let rule = trace.rules.implies().get(id);
        if trace.rules.implies().lets_count(id) {
            return self.let_count(&rule.id);
        }
        let (evidence, effects) = (Evidence::new(EvidenceKind::Rule, rule.id.as_str()), rule.python.clone());
        let envs = by.env.map_or(self.search.environments(), |env| env..env + 1);
        for env in envs {
            let site = Site { env, from: by.file, evidence: evidence.clone() };
            for glob in &effects.modules {
                self.import_glob(trace, &site, glob);
            }
        }
        if effects.names_are_commands && !std::mem::replace(&mut self.effects.names_are_commands, true) {
            for id in self.running.modules.in_order().to_vec() {
                self.run_names(trace, id);
            }
        }
        if !effects.plugins.is_empty() || !effects.plugin_folders.is_empty() {
            self.effects.plugin_rules.push(id);
        }
        self.collect(trace, id, by);
        if !effects.submodules.is_empty() {
            self.effects.submodule_rules.push(id);
            for id in self.running.modules.in_order().to_vec() {
                self.reach_submodules(trace, id);
            }
        }
    }

    /// Lets names count that a rule took back: what runs of the modules that they stand in runs once more.
    pub fn let_count(&mut self, rule: &str) {
        self.search.note_change();
        for module in self.triggers.let_count(rule) {
            self.running.agenda.repeat(module);
        }
    }

    /// Names in a module of the user's own that are programs, if a rule says that a name is enough to run one. In a plugin
    /// strings are.
    pub fn run_names(&mut self, trace: &mut Trace<'_>, id: ModuleId) {
        if let Some(file) = self.file_of(id).filter(|file| self.effects.plugins.contains(file))
            && let Some(facts) = self.facts_of(id)
        {
            commands::run_strings(&mut trace.graph, self.ctx, file, &facts, |_| true);
        }
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
        for rule in self.effects.submodule_rules.clone() {
            if !self.effects.submodules_done.insert((rule, id)) {
                continue;
            }
            let implied = trace.rules.implies().get(rule);
            let evidence = Evidence::new(EvidenceKind::Rule, implied.id.as_str());
            let globs = implied.python.submodules.clone();
            let (name, site) = (self.search.module(id).name.clone(), self.site(id, evidence));
            for glob in globs {
                self.import_glob(trace, &site, &format!("{name}.{glob}"));
            }
        }
    }

    /// Whether a rule says that what a module names, in scopes of these names, does not count.
    pub fn is_cut(&self, user: ModuleId, target: &str, scopes: &[&str]) -> bool {
        self.triggers.is_cut(self.namer(user), target, scopes)
    }

    /// The same for an import statement. One that runs with the module itself counts, unless its failure is caught.
    pub fn is_statement_cut(&self, frame: &Frame<'_>, import: &Import, target: &str) -> bool {
        let namer = self.namer(frame.module());
        if self.running.modules.is_idle(frame.module()) && self.triggers.is_idle_statement_cut(namer, target) {
            return true;
        }
        let later = frame.enclosing().any(|unit| unit.kind == UnitKind::Function);
        (later || import.optional) && self.triggers.is_statement_cut(namer, target, &frame.scope_names())
    }

    /// The same for what the data of an extension module names.
    pub fn is_cut_in_extension(&self, user: ModuleId, target: &str) -> bool {
        self.triggers.is_cut_in_extension(self.namer(user), target)
    }

    fn namer(&self, id: ModuleId) -> Namer<'_> {
        let name = self.full_name(id);
        // In an archive the standard library is what it is called.
        let copied = self.running.code.is_snippet(id) && is_standard(top_name(name));
        Namer { id, name, own: !copied && self.is_users_code(self.file_of(id)) }
    }
}
