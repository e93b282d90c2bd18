//! What the names that reachable code uses may mean, and the rules that wait for names.

use super::facts::{ImportNames, PythonFacts};
use super::modules::{ModuleId, Source};
use super::resolver::Python;
use super::site::Site;
use crate::reach::graph::Graph;
use crate::reach::rules::Cause;
use crate::reach::trace::Trace;

impl Python<'_> {
    /// Notes that `name` is taken from `target` (`from target import name`): it means the function of that module,
    /// or whatever the module itself took from elsewhere. Where that cannot be seen it means any.
    pub(super) fn use_imported(&mut self, graph: &Graph<'_>, env: usize, target: &str, name: &str) {
        let found = self.modules.find(graph.tree(), &self.envs, env, target);
        if found.is_empty() {
            return self.live.add(name);
        }
        let submodule = self.exists(graph, env, &format!("{target}.{name}"));
        for id in found {
            self.live.add_in(id, name);
            if submodule {
                continue;
            }
            match (self.facts_of(id), self.modules.get(id).source) {
                (Some(facts), _) if binds(&facts, name) => {}
                (None, Source::File(_, file)) if graph.tree().name(file).ends_with(b".py") => {
                    self.imported.entry(id).or_default().push(name.into());
                }
                _ => self.live.add(name),
            }
        }
    }

    /// Decides on the names that were taken from a module before it was read.
    pub(super) fn settle_imported(&mut self, id: ModuleId) {
        let (Some(names), Some(facts)) = (self.imported.remove(&id), self.facts_of(id)) else { return };
        for name in names.iter().filter(|name| !binds(&facts, name)) {
            self.live.add(name);
        }
    }

    /// Notes that a module's list of exports is read as a list: then each of them may be used. The standard library
    /// does that for interactive help only.
    pub(super) fn use_exports(&mut self, graph: &Graph<'_>, id: ModuleId, facts: &PythonFacts) {
        let reads = facts.units.iter().any(|unit| unit.uses("__all__"));
        if reads && !self.exports_used && !self.in_stdlib(graph, id) {
            self.exports_used = true;
            for id in self.reached.clone() {
                self.use_exports_of(graph, id);
            }
        }
        self.use_exports_of(graph, id);
    }

    fn use_exports_of(&mut self, graph: &Graph<'_>, id: ModuleId) {
        if self.exports_used
            && !self.in_stdlib(graph, id)
            && let Some(facts) = self.facts_of(id)
        {
            facts.all.iter().flatten().for_each(|name| self.live.add(name));
        }
    }

    /// Whether a module is the standard library's.
    pub(super) fn in_stdlib(&self, graph: &Graph<'_>, id: ModuleId) -> bool {
        let module = self.modules.get(id);
        match (module.source, self.envs.get(module.env)) {
            (Source::File(_, file), Some(env)) => env.is_stdlib(graph.tree(), file),
            _ => false,
        }
    }

    /// Whether what stands in for modules of the standard library never runs, because all of them exist. That can be
    /// relied on for the library's own modules only: a third party's may fail for other reasons.
    pub(super) fn has_all(&mut self, graph: &Graph<'_>, id: ModuleId, tried: &[Box<str>]) -> bool {
        let env = self.modules.get(id).env;
        self.in_stdlib(graph, id)
            && tried.iter().all(|name| {
                let found = self.modules.find(graph.tree(), &self.envs, env, name);
                found.into_iter().any(|id| self.in_stdlib(graph, id))
            })
    }

    /// Sets off the rules that wait for a name. `user` is who uses it: a module, or nobody for words of the
    /// configuration, of commands and of the user's own files.
    pub(super) fn use_name(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !trace.rules.waits_for(name) {
            return;
        }
        let (top, stdlib) = self.top_level_of(&trace.graph, user);
        let from = user.and_then(|id| self.file_of(id));
        let env = user.map(|id| self.modules.get(id).env);
        for rule in trace.rules.fire(Cause::Name { name, user: &top, stdlib }, None) {
            self.apply(trace, rule, from, None, env);
            trace.rules.reach_named_paths(&mut trace.graph, rule, from, name);
        }
    }

    /// The top-level name of who uses something, and whether that is in the standard library.
    fn top_level_of(&self, graph: &Graph<'_>, user: Option<ModuleId>) -> (Box<str>, bool) {
        let top = user.map_or("", |id| self.modules.get(id).name.split('.').next().unwrap_or_default());
        (top.into(), user.is_some_and(|id| self.in_stdlib(graph, id)))
    }

    /// Sets off the rules that wait for an import of `name`, which stands in the file `from`. `constant_calls` are those
    /// of [`Import`](super::facts::Import).
    pub(super) fn use_import(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str, constant_calls: &[Box<str>]) {
        if !trace.rules.waits_for_import(name) {
            return;
        }
        let user = site.from.and_then(|file| self.modules.of_file_in(site.env, file));
        let (top, stdlib) = self.top_level_of(&trace.graph, user);
        for rule in trace.rules.fire(Cause::Import { name, user: &top, stdlib, constant_calls }, None) {
            self.apply(trace, rule, site.from, None, Some(site.env));
        }
    }

    /// Sets off the rules that wait for settings: a module gives one of these names a string constant, or something
    /// that is none.
    pub(super) fn use_settings(&mut self, trace: &mut Trace<'_>, id: ModuleId, facts: &PythonFacts) {
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
        let (user, stdlib) = self.top_level_of(&trace.graph, Some(id));
        let (env, from) = (self.modules.get(id).env, self.file_of(id));
        let word = value.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let word = word.as_str();
        for rule in trace.rules.fire(Cause::Value { name, word, user: &user, stdlib }, None) {
            self.apply(trace, rule, from, None, Some(env));
            trace.rules.reach_named_paths(&mut trace.graph, rule, from, word);
        }
    }

    /// The same for a setting that is set or read as an attribute, a keyword or a string. `user` is who does so: a module,
    /// or nobody for words of the user's own files.
    pub(super) fn use_computed(&mut self, trace: &mut Trace<'_>, user: Option<ModuleId>, name: &str) {
        if !trace.rules.waits_for_setting(name) {
            return;
        }
        let (top, stdlib) = self.top_level_of(&trace.graph, user);
        let from = user.and_then(|id| self.file_of(id));
        let env = user.map(|id| self.modules.get(id).env);
        for rule in trace.rules.fire(Cause::Setting { name, user: &top, stdlib }, None) {
            self.apply(trace, rule, from, None, env);
        }
    }

    /// Words of the configuration, of commands and of the user's own files, whatever they mean there.
    pub fn use_words(&mut self, trace: &mut Trace<'_>, words: &[Box<str>]) {
        for word in words {
            self.use_name(trace, None, word);
            self.use_computed(trace, None, word);
        }
    }
}

/// Whether a module surely has its own statement for a name, so that nothing else can give it.
fn binds(facts: &PythonFacts, name: &str) -> bool {
    let star = || facts.units.iter().flat_map(|unit| &unit.imports).any(|import| import.names == ImportNames::Star);
    facts.bound.binary_search_by(|bound| (**bound).cmp(name)).is_ok()
        && !facts.lazy
        && facts.unparsed.is_none()
        && !star()
}
