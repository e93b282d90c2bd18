//! Constants of other modules that an import may name.

use rustc_hash::FxHashSet;

use super::super::running::ScopeId;
use super::super::search::ModuleId;

/// A module with constants, and the scope that imports what they name.
pub(super) type Wanted = (ModuleId, ScopeId);

/// The modules whose constants an import by a computed name may use.
#[derive(Debug, Default)]
pub(super) struct SharedConstants {
    wanted: Vec<Wanted>,
    done: FxHashSet<Wanted>,
}

impl SharedConstants {
    /// Notes that a scope imports by the constants of a module. Returns whether that is new.
    pub fn want(&mut self, module: ModuleId, user: ScopeId) -> bool {
        let new = module != user.module && !self.wanted.contains(&(module, user));
        if new {
            self.wanted.push((module, user));
        }
        new
    }

    /// All that were wanted so far.
    pub fn wanted(&self) -> Vec<Wanted> {
        self.wanted.clone()
    }

    /// Notes that the constants of a module were imported. Returns whether that is new.
    pub fn settle(&mut self, wanted: Wanted) -> bool {
        self.done.insert(wanted)
    }
}
