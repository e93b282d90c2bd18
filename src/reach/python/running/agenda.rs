//! The scopes that have still to run.

use rustc_hash::FxHashSet;

use super::super::search::ModuleId;
use super::scope::ScopeId;

/// Scopes that may run, each once, in the order in which that was found out.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Agenda {
    started: FxHashSet<ScopeId>,
    open: Vec<ScopeId>,
}

impl Agenda {
    /// Puts a scope on the agenda, unless it was there before.
    pub fn start(&mut self, scope: ScopeId) {
        if self.started.insert(scope) {
            self.open.push(scope);
        }
    }

    /// Lets a scope be started once more.
    pub fn forget(&mut self, scope: ScopeId) {
        self.started.remove(&scope);
    }

    /// Lets all scopes of a module that were started run once more.
    pub fn repeat(&mut self, module: ModuleId) {
        let mut scopes: Vec<ScopeId> = self.started.iter().copied().filter(|scope| scope.module == module).collect();
        scopes.sort_unstable();
        self.open.extend(scopes);
    }

    /// Whether nothing is left to run.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes all that is on the agenda.
    pub fn take(&mut self) -> Vec<ScopeId> {
        std::mem::take(&mut self.open)
    }
}
