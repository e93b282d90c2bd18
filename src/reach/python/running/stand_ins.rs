//! What stands in for modules of the standard library that exist: `except ImportError` in the library's own modules.
//!
//! It runs if somebody makes such a module impossible to import, as `sys.modules["_decimal"] = None` does, and tests
//! that want the version in Python. Whoever does so has the module's name in a string.

use std::collections::{HashMap, HashSet};

use super::scope::ScopeId;

/// Longer strings name no module of the standard library.
const MAX_NAME: usize = 64;

/// The names in strings outside the standard library, and the scopes that wait for theirs.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct StandIns {
    named: HashSet<Box<str>>,
    waiting: HashMap<Box<str>, Vec<ScopeId>>,
}

impl StandIns {
    /// Whether what stands in for these modules may run although they exist.
    pub fn may_run(&self, tried: &[Box<str>]) -> bool {
        tried.iter().any(|name| self.named.contains(name))
    }

    /// Lets a scope wait until one of these modules is named.
    pub fn wait(&mut self, tried: &[Box<str>], scope: ScopeId) {
        for name in tried {
            self.waiting.entry(name.clone()).or_default().push(scope);
        }
    }

    /// Notes a string outside the standard library. Returns the scopes that waited for it.
    pub fn name(&mut self, text: &str) -> Vec<ScopeId> {
        let word = |c: char| matches!(c, '_' | '.') || c.is_alphanumeric();
        if text.len() > MAX_NAME || !text.chars().all(word) || !self.named.insert(text.into()) {
            return Vec::new();
        }
        self.waiting.remove(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::search::Modules;
    use super::*;
    use crate::rootfs::Tree;

    #[test]
    fn a_scope_runs_once_one_of_its_modules_is_named() {
        let module = Modules::default().adopt(0, "m", Tree::ROOT, Tree::ROOT, vec![]);
        let scope = ScopeId { module, unit: 2 };
        let tried = ["_fast".into(), "_other".into()];
        let mut stand_ins = StandIns::default();
        assert!(!stand_ins.may_run(&tried));
        stand_ins.wait(&tried, scope);
        assert!(stand_ins.name("fast").is_empty());
        assert!(stand_ins.name("a sentence of _fast").is_empty());
        assert_eq!(stand_ins.name("_other"), [scope]);
        assert!(stand_ins.name("_other").is_empty(), "told already");
        assert!(stand_ins.may_run(&tried));
    }
}
