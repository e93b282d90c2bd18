//! Names that were taken from modules before these were read.

use rustc_hash::FxHashMap;

use super::super::search::ModuleId;

/// By module, the names that somebody took from it.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Unread {
    taken: FxHashMap<ModuleId, Vec<Box<str>>>,
}

impl Unread {
    /// Notes a name that is taken from a module.
    pub fn take(&mut self, id: ModuleId, name: &str) {
        self.taken.entry(id).or_default().push(name.into());
    }

    /// What was taken from a module that is read now.
    pub fn settle(&mut self, id: ModuleId) -> Vec<Box<str>> {
        self.taken.remove(&id).unwrap_or_default()
    }
}
