//! What the names that reachable code uses may mean.

use super::super::reading::facts::PythonFacts;
use super::super::search::{MadeOf, ModuleId};
use super::core::Reaching;

impl Reaching<'_> {
    /// Notes that `name` is taken from `target` (`from target import name`): it means the function of that module,
    /// or whatever the module itself took from elsewhere. Where that cannot be seen it means any.
    pub(super) fn use_imported(&mut self, env: usize, target: &str, name: &str) {
        let found = self.search.find(env, target);
        if found.is_empty() {
            return self.running.live.add(name);
        }
        let submodule = self.search.exists(env, &format!("{target}.{name}"));
        for id in found {
            self.use_taken(id, name, submodule);
        }
    }

    /// The same for one module that `target` may mean; `submodule` says that the name is that of a module below it.
    pub(super) fn use_taken(&mut self, id: ModuleId, name: &str, submodule: bool) {
        self.running.live.add_in(id, name);
        if submodule {
            return;
        }
        match (self.facts_of(id), self.search.module(id).made_of) {
            (Some(facts), _) if surely_binds(&facts, name) => {}
            (None, MadeOf::File(_, file)) if self.search.tree().name(file).ends_with(b".py") => {
                self.running.unread.take(id, name);
            }
            _ => self.running.live.add(name),
        }
    }

    /// Decides on the names that were taken from a module before it was read.
    pub fn settle_taken(&mut self, id: ModuleId) {
        let Some(facts) = self.facts_of(id) else { return };
        for name in self.running.unread.settle(id).iter().filter(|name| !surely_binds(&facts, name)) {
            self.running.live.add(name);
        }
    }

    /// Notes that a module's list of exports is read as a list: then each of them may be used. The standard library
    /// does that for interactive help only.
    pub fn use_exports(&mut self, id: ModuleId, facts: &PythonFacts) {
        let reads = facts.uses_any(&["__all__"]);
        if reads && !self.search.is_stdlib(id) && self.running.use_exports() {
            for id in self.running.modules.in_order().to_vec() {
                self.use_exports_of(id);
            }
        }
        self.use_exports_of(id);
    }

    fn use_exports_of(&mut self, id: ModuleId) {
        if self.running.uses_exports()
            && !self.search.is_stdlib(id)
            && let Some(facts) = self.facts_of(id)
        {
            facts.all.iter().flatten().for_each(|name| self.running.live.add(name));
        }
    }

    /// Whether a module that is read binds a name, so that `module.name` may name an object.
    pub fn binds(&mut self, env: usize, module: &str, name: &str) -> bool {
        self.search.find(env, module).into_iter().any(|id| match self.facts_of(id) {
            Some(facts) => facts.binds(name) || facts.lazy,
            // Not read yet. Names of classes are rarely prose.
            None => name.starts_with(char::is_uppercase),
        })
    }
}

/// Whether a module surely has its own statement for a name, so that nothing else can give it.
fn surely_binds(facts: &PythonFacts, name: &str) -> bool {
    facts.binds(name) && !facts.lazy && facts.unparsed.is_none() && !facts.takes_star()
}
