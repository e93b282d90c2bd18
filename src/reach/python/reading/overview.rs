//! What is asked of all scopes of a file together, found once: a file may have a hundred thousand scopes, each of which asks.

use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::facts::{ImportNames, PythonFacts, UnitKind};
use super::words::Words;

/// Answers that were found. Part of no comparison, for they follow from the facts.
#[derive(Debug, Default)]
pub struct Overview {
    /// Where in `children` those of each scope begin.
    children: OnceLock<(Vec<u32>, Vec<u32>)>,
    star: OnceLock<bool>,
    uses: Mutex<FxHashMap<&'static str, bool>>,
    functions: OnceLock<Words>,
}

impl Clone for Overview {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Overview {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Overview {}

impl PythonFacts {
    /// The scopes directly inside a scope, in order.
    pub fn children(&self, parent: u32) -> &[u32] {
        let (starts, list) = self.overview.children.get_or_init(|| children(self));
        let start = starts.get(parent as usize).copied().unwrap_or_default();
        let end = starts.get(parent as usize + 1).copied().unwrap_or(start);
        list.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Whether a function or method of this name is defined somewhere in the file.
    pub fn has_function(&self, name: &str) -> bool {
        let functions = || self.units.iter().filter(|unit| unit.kind == UnitKind::Function).map(|unit| &*unit.name);
        self.overview.functions.get_or_init(|| Words::of(functions())).contains(name)
    }

    /// Whether any scope takes `*` from a module.
    pub fn takes_star(&self) -> bool {
        let star = || self.units.iter().flat_map(|unit| &unit.imports).any(|import| import.names == ImportNames::Star);
        *self.overview.star.get_or_init(star)
    }

    /// Whether any scope uses one of these names.
    pub fn uses_any(&self, names: &[&'static str]) -> bool {
        let mut known = self.overview.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let mut uses = |name| *known.entry(name).or_insert_with(|| self.units.iter().any(|unit| unit.uses(name)));
        names.iter().any(|name| uses(name))
    }
}

fn children(facts: &PythonFacts) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; facts.units.len() + 1];
    // The module body is its own parent.
    let inner = || facts.units.iter().zip(0_u32..).skip(1);
    for (unit, _) in inner() {
        if let Some(count) = starts.get_mut(unit.parent as usize + 1) {
            *count += 1;
        }
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut next = starts.clone();
    let mut list = vec![0; facts.units.len().saturating_sub(1)];
    for (unit, number) in inner() {
        if let Some(at) = next.get_mut(unit.parent as usize)
            && let Some(slot) = list.get_mut(*at as usize)
        {
            *slot = number;
            *at += 1;
        }
    }
    (starts, list)
}

#[cfg(test)]
mod tests {
    use crate::reach::python::extract::extract;

    #[test]
    fn scopes_are_found_by_the_one_around_them() {
        let facts = extract(b"def a():\n    def b(): pass\n    class C:\n        def d(self): x\ndef e(): pass\n");
        let names = |parent| -> Vec<&str> {
            facts.children(parent).iter().map(|&unit| &*facts.units[unit as usize].name).collect()
        };
        let number = |name: &str| facts.units.iter().position(|unit| &*unit.name == name).unwrap() as u32;
        assert_eq!(names(0), ["a", "e"]);
        assert_eq!((names(number("a")), names(number("C"))), (vec!["b", "C"], vec!["d"]));
        assert_eq!((names(number("e")), names(99)), (vec![], vec![]));
        assert!(facts.has_function("b") && facts.has_function("d") && !facts.has_function("C"));
        assert!(facts.uses_any(&["y", "x"]) && !facts.uses_any(&["y"]));
    }
}
