//! Constants of other modules that an import may name.
//!
//! A scope that imports by a name which cannot be read may use constants of every module that its file imports. A file may
//! have thousands of such scopes and import thousands of modules, so that of `import a` the file is noted with the names
//! that its scopes use; of `from a import NAME` those scopes only that use the name.

use std::collections::{HashMap, HashSet};

use super::super::running::ScopeId;
use super::super::search::ModuleId;
use super::answered::Asked;
use super::shared::Held;

/// Modules that a file imports.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Those whose constants scopes that use a name may use, by that name.
    pub named: HashMap<Box<str>, Vec<ModuleId>>,
    /// Those whose constants any scope may use.
    pub whole: Vec<ModuleId>,
}

/// A module whose constants may be names to import, and who may use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This scope.
    By(ModuleId, ScopeId),
    /// Any scope of this module that asked.
    In(ModuleId, ModuleId),
    /// The scope may use constants of all that its module imports as a whole.
    All(ScopeId),
}

/// The scopes of a file that imports modules as a whole.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// The names that those use that asked.
    pub names: HashSet<Box<str>>,
    /// Modules that were read, and of which they use no constant so far.
    pub sources: Vec<ModuleId>,
    /// The state of the search for which all that the file imports as a whole is wanted.
    wanted_at: Option<u32>,
}

/// The modules whose constants an import by a computed name may use.
#[derive(Debug, Default)]
pub(super) struct SharedConstants {
    /// What files import, and for which state of the search that is so.
    pub sources: HashMap<ModuleId, Known>,
    /// By module.
    pub users: HashMap<ModuleId, Users>,
    asked: HashSet<ScopeId>,
    named: HashSet<(ModuleId, ScopeId)>,
    whole: HashSet<(ModuleId, ModuleId)>,
    open: Vec<Wanted>,
    /// What waits for a module to be read.
    unread: HashMap<ModuleId, Vec<Wanted>>,
    done: HashSet<ModuleId>,
    /// What modules hold, of those that were asked for.
    pub held: HashMap<ModuleId, Held>,
    /// What it took to compare names with constants.
    pub steps: usize,
}

/// What a file imports.
#[derive(Debug, Default)]
pub(super) struct Known {
    sources: Sources,
    asked: Asked,
}

impl Known {
    /// Whether this is not to be looked for again.
    pub fn stays(&self, changes: u32) -> bool {
        self.asked.stays(changes)
    }

    /// Whether nothing that a file imports is missing in this state.
    pub fn is_current(&self, changes: u32) -> bool {
        self.asked.is_current(changes)
    }

    /// Notes what a file imports.
    pub fn put(&mut self, changes: u32, sources: Sources) {
        self.sources = sources;
        self.asked.again(changes);
    }
}

impl SharedConstants {
    /// Notes that a scope imports by a name that cannot be read. Returns whether that is new.
    pub fn ask(&mut self, scope: ScopeId) -> bool {
        self.asked.insert(scope)
    }

    /// Notes that a scope may use constants of modules. Returns whether any is new.
    pub fn want<'n>(&mut self, user: ScopeId, names: impl Iterator<Item = &'n str>) -> bool {
        let Self { sources, users, named, whole, open, .. } = self;
        let Some(Known { sources, asked }) = sources.get(&user.module) else { return false };
        let mut any = false;
        for &id in names.filter_map(|name| sources.named.get(name)).flatten() {
            if id != user.module && named.insert((id, user)) {
                any = true;
                open.push(Wanted::By(id, user));
            }
        }
        let users = users.entry(user.module).or_default();
        if users.wanted_at.replace(asked.changes()) != Some(asked.changes()) {
            let new = sources.whole.iter().filter(|&&id| id != user.module && whole.insert((id, user.module)));
            open.extend(new.map(|&id| Wanted::In(id, user.module)));
        }
        if sources.whole.iter().any(|&id| id != user.module) {
            any = true;
            open.push(Wanted::All(user));
        }
        any
    }

    /// Takes what has to be looked at.
    pub fn take(&mut self) -> Vec<Wanted> {
        std::mem::take(&mut self.open)
    }

    /// Lets something wait until a module is read.
    pub fn wait(&mut self, id: ModuleId, wanted: Wanted) {
        self.unread.entry(id).or_default().push(wanted);
    }

    /// Notes that a module was read.
    pub fn read(&mut self, id: ModuleId) {
        self.open.extend(self.unread.remove(&id).into_iter().flatten());
    }

    /// Notes that the constants of a module are imported. Returns whether that is new.
    pub fn settle(&mut self, id: ModuleId) -> bool {
        self.done.insert(id)
    }

    /// Whether they are.
    pub fn is_settled(&self, id: ModuleId) -> bool {
        self.done.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_imports_is_not_looked_for_without_end_and_may_be_missing_then() {
        let mut known = Known::default();
        assert!(!known.stays(1) && !known.is_current(0));
        for changes in 1..=16 {
            assert!(!known.stays(changes));
            known.put(changes, Sources::default());
            assert!(known.stays(changes) && known.is_current(changes));
        }
        assert!(known.stays(17) && !known.is_current(17));
    }
}
