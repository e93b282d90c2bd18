//! What the names that reachable code uses may mean, and the rules that wait for names.

use super::facts::{ImportNames, PythonFacts};
use super::modules::{ModuleId, Source};
use super::resolver::Python;
use crate::reach::graph::Graph;

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
}

/// Whether a module surely has its own statement for a name, so that nothing else can give it.
fn binds(facts: &PythonFacts, name: &str) -> bool {
    let star = || facts.units.iter().flat_map(|unit| &unit.imports).any(|import| import.names == ImportNames::Star);
    facts.bound.binary_search_by(|bound| (**bound).cmp(name)).is_ok()
        && !facts.lazy
        && facts.unparsed.is_none()
        && !star()
}
