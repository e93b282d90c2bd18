//! Functions that are asked for the name of a codec.

use std::collections::{BTreeSet, HashMap};

use super::super::reading::facts::{Call, Value};
use super::super::running::ScopeId;
use super::super::search::ModuleId;

/// Scopes that take the name of a codec from a function that returns constants, and the functions that run.
#[derive(Debug, Default)]
pub(super) struct Askers {
    /// By the function's name.
    scopes: HashMap<Box<str>, BTreeSet<ScopeId>>,
    /// The functions that run, by name: the module of the first, and whether others have one.
    functions: HashMap<Box<str>, (ModuleId, bool)>,
}

impl Askers {
    /// Whether a call takes the name of a codec from a function that returns constants, and another function of that
    /// name runs elsewhere. If none does so far, [`function_runs`](Self::function_runs) will say so.
    pub fn ask(&mut self, scope: ScopeId, call: &Call) -> bool {
        let mut replaced = false;
        for arg in &call.args {
            let Value::Returned(name) = &arg.value else { continue };
            match self.functions.get(name) {
                Some(&(module, more)) if more || module != scope.module => replaced = true,
                _ => {
                    self.scopes.entry(name.clone()).or_default().insert(scope);
                }
            }
        }
        replaced
    }

    /// Notes that a function runs. Returns the scopes of other modules that ask for one of its name, each once: what
    /// they may then look up is kept for good.
    pub fn function_runs(&mut self, module: ModuleId, name: &str) -> BTreeSet<ScopeId> {
        match self.functions.get_mut(name) {
            Some((first, more)) => *more |= *first != module,
            None => {
                self.functions.insert(name.into(), (module, false));
            }
        }
        let Some(scopes) = self.scopes.get_mut(name) else { return BTreeSet::new() };
        let (same, others) = std::mem::take(scopes).into_iter().partition(|asker| asker.module == module);
        *scopes = same;
        others
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::reading::facts::Arg;
    use super::super::super::search::Modules;
    use super::*;
    use crate::rootfs::Tree;

    #[test]
    fn who_asks_is_told_of_functions_of_other_modules() {
        let mut modules = Modules::default();
        let [own, other] = [(); 2].map(|()| modules.adopt(0, "m", Tree::ROOT, Tree::ROOT, vec![]));
        let asker = ScopeId { module: own, unit: 1 };
        let args = vec![Arg { keyword: "".into(), value: Value::Returned("charset".into()) }];
        let call = Call { callee: "x.decode".into(), args, line: 1 };
        let mut askers = Askers::default();
        assert!(askers.function_runs(own, "charset").is_empty());
        assert!(!askers.ask(asker, &call));
        assert_eq!(Vec::from_iter(askers.function_runs(other, "charset")), [asker]);
        assert!(askers.function_runs(other, "charset").is_empty(), "told already");
        assert!(askers.ask(asker, &call));
    }
}
