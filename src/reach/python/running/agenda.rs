//! The scopes that have still to run.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::super::search::ModuleId;
use super::scope::ScopeId;

/// Scopes that may run, each once, in the order in which that was found out.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Agenda {
    /// By module: one may run again while there are thousands of others.
    started: FxHashMap<ModuleId, BTreeSet<u32>>,
    open: Vec<ScopeId>,
}

impl Agenda {
    /// Puts a scope on the agenda, unless it was there before.
    pub fn start(&mut self, scope: ScopeId) {
        if self.started.entry(scope.module).or_default().insert(scope.unit) {
            self.open.push(scope);
        }
    }

    /// Lets a scope be started once more.
    pub fn forget(&mut self, scope: ScopeId) {
        if let Some(units) = self.started.get_mut(&scope.module) {
            units.remove(&scope.unit);
        }
    }

    /// Lets all scopes of a module that were started run once more.
    pub fn repeat(&mut self, module: ModuleId) {
        let units = self.started.get(&module).into_iter().flatten();
        self.open.extend(units.map(|&unit| ScopeId { module, unit }));
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
