//! Which functions may run, by name.
//!
//! An import inside a function counts only once something reachable uses the function's name in a way that can mean
//! it: an attribute, a keyword or a string means every function of that name, a variable that its file binds means
//! one of that file, and an imported name one of the module it is imported from. That assumes that a function is
//! called by its name somewhere, or by a name put together from a readable beginning or end (`"visit_" + x`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use super::super::names::is_identifier;
use super::super::reading::facts::HOLE;
use super::super::search::ModuleId;
use super::scope::ScopeId;

/// What may call a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::python) enum FunctionKind {
    /// Code that names it.
    Plain,
    /// A method, or a function that is not for everybody: the interpreter may call it by name as well.
    Method,
}

/// The names that reachable code uses, and the scopes that wait for theirs.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct LiveNames {
    /// Names that mean any function.
    names: HashSet<Box<str>>,
    /// Names that mean a function of one module.
    local: HashMap<ModuleId, HashSet<Box<str>>>,
    /// Names that mean a method, or a function that is not for everybody: what the interpreter calls by name.
    methods: HashSet<Box<str>>,
    affixes: Affixes,
    waiting: BTreeMap<Box<str>, Vec<(ScopeId, FunctionKind)>>,
    /// The waiting names, each from its end to its beginning.
    backwards: BTreeSet<Box<str>>,
    ready: Vec<ScopeId>,
}

/// A computed name must have at least this many readable characters to count.
const MIN_AFFIX: usize = 3;

impl LiveNames {
    /// Whether a function of `module` called `name` may run.
    pub fn is_live(&self, module: ModuleId, name: &str, kind: FunctionKind) -> bool {
        self.names.contains(name)
            || self.local.get(&module).is_some_and(|names| names.contains(name))
            || (kind == FunctionKind::Method && self.methods.contains(name))
            || self.affixes.fit(name)
    }

    /// Lets a scope wait until its name is used.
    pub fn wait(&mut self, name: &str, scope: ScopeId, kind: FunctionKind) {
        let waiting = self.waiting.entry(name.into()).or_default();
        if waiting.is_empty() {
            self.backwards.insert(backwards(name));
        }
        waiting.push((scope, kind));
    }

    /// Notes that reachable code uses `name` for something of any module.
    pub fn add(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.into());
            self.wake(name, |_, _| true);
        }
    }

    /// Notes that reachable code uses `name` for something of `module`.
    pub fn add_in(&mut self, module: ModuleId, name: &str) {
        let local = self.local.entry(module).or_default();
        if !self.names.contains(name) && !local.contains(name) {
            local.insert(name.into());
            self.wake(name, |scope, _| scope.module == module);
        }
    }

    /// The names that mean a function of `module` and of no other, in byte order.
    pub fn taken_from(&self, module: ModuleId) -> Vec<Box<str>> {
        let mut names: Vec<_> = self.local.get(&module).into_iter().flatten().cloned().collect();
        names.sort();
        names
    }

    /// Notes that the interpreter itself calls something by this name.
    pub fn add_method(&mut self, name: &str) {
        if !self.names.contains(name) && self.methods.insert(name.into()) {
            self.wake(name, |_, kind| kind == FunctionKind::Method);
        }
    }

    fn wake(&mut self, name: &str, wakes: impl Fn(ScopeId, FunctionKind) -> bool) {
        let Some(waiting) = self.waiting.get_mut(name) else { return };
        let ready = &mut self.ready;
        waiting.retain(|&(scope, kind)| {
            let wakes = wakes(scope, kind);
            if wakes {
                ready.push(scope);
            }
            !wakes
        });
        if waiting.is_empty() {
            self.waiting.remove(name);
            self.backwards.remove(&backwards(name));
        }
    }

    /// Notes a string constant: it is a name, perhaps in another case (`getattr(self, method.lower())`), or the
    /// beginning or end of one (`name.startswith("visit_")`).
    pub fn add_string(&mut self, text: &str) {
        if !is_identifier(text) {
            return;
        }
        self.add(text);
        if text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase) {
            self.add(&text.to_lowercase());
        }
        if text.ends_with('_') && !text.starts_with("__") {
            self.add_affix(text, "");
        } else if text.starts_with('_') && !text.starts_with("__") && text.len() > MIN_AFFIX {
            self.add_affix("", text);
        }
    }

    /// Notes a string that is put together from readable and unreadable parts.
    pub fn add_pattern(&mut self, pattern: &str) {
        let (Some((prefix, rest)), Some((_, suffix))) = (pattern.split_once(HOLE), pattern.rsplit_once(HOLE)) else {
            return;
        };
        let word = |text: &str| text.chars().all(|c| c == '_' || c.is_alphanumeric());
        if word(prefix) && word(suffix) && rest.split(HOLE).all(word) {
            self.add_affix(prefix, suffix);
        }
    }

    fn add_affix(&mut self, prefix: &str, suffix: &str) {
        if prefix.trim_matches('_').len() + suffix.trim_matches('_').len() + 1 < MIN_AFFIX {
            return;
        }
        if !self.affixes.add(prefix, suffix) {
            return;
        }
        // Names that begin, or end, in the same way stand together.
        let from = |start| (Bound::Included(start), Bound::Unbounded);
        let names: Vec<Box<str>> = if prefix.is_empty() {
            let end = backwards(suffix);
            let ended = self.backwards.range::<str, _>(from(&*end)).take_while(|name| name.starts_with(&*end));
            let mut names: Vec<_> = ended.map(|name| backwards(name)).collect();
            names.sort();
            names
        } else {
            let begun = self.waiting.range::<str, _>(from(prefix)).map(|(name, _)| name);
            let begun = begun.take_while(|name| name.starts_with(prefix));
            begun.filter(|name| name[prefix.len()..].ends_with(suffix)).cloned().collect()
        };
        names.iter().for_each(|name| self.wake(name, |_, _| true));
    }

    /// The scopes whose names have come into use since the last call.
    pub fn take_ready(&mut self) -> Vec<ScopeId> {
        std::mem::take(&mut self.ready)
    }
}

fn backwards(name: &str) -> Box<str> {
    name.chars().rev().collect::<String>().into()
}

/// Readable beginnings and ends of computed names. There may be thousands, and every function's name is asked for.
#[derive(Debug, Default)]
struct Affixes {
    /// Ends by the beginning that goes with them.
    ends: HashMap<Box<str>, HashSet<Box<str>>>,
    /// Ends whose beginning can be anything.
    only_ends: HashSet<Box<str>>,
}

impl Affixes {
    /// Returns whether the pair is new.
    fn add(&mut self, prefix: &str, suffix: &str) -> bool {
        if prefix.is_empty() {
            return self.only_ends.insert(suffix.into());
        }
        self.ends.entry(prefix.into()).or_default().insert(suffix.into())
    }

    /// Whether a name begins and ends like one of the pairs.
    fn fit(&self, name: &str) -> bool {
        let cuts = || (0..=name.len()).filter_map(|at| name.split_at_checked(at));
        cuts().any(|(_, end)| self.only_ends.contains(end))
            || cuts().any(|(begin, rest)| {
                // A name has few ends, a beginning may go with thousands.
                self.ends.get(begin).is_some_and(|ends| {
                    if ends.len() < rest.len() {
                        ends.iter().any(|end| rest.ends_with(&**end))
                    } else {
                        (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|end| ends.contains(end)))
                    }
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::python::search::Modules;
    use crate::rootfs::Tree;

    fn scope() -> ScopeId {
        ScopeId { module: Modules::default().adopt(0, "m", Tree::ROOT, Tree::ROOT, vec![]), unit: 1 }
    }

    #[test]
    fn a_scope_waits_for_its_name() {
        let mut live = LiveNames::default();
        live.wait("visit_Name", scope(), FunctionKind::Plain);
        live.wait("close", scope(), FunctionKind::Plain);
        live.add("open");
        assert!(live.take_ready().is_empty());
        live.add("close");
        assert_eq!(live.take_ready().len(), 1);
        live.add_pattern(&format!("visit_{HOLE}"));
        assert_eq!(live.take_ready().len(), 1);
        assert!(live.is_live(scope().module, "visit_Anything", FunctionKind::Plain));
    }

    #[test]
    fn strings_are_names_in_their_case_and_in_lower_case() {
        let mut live = LiveNames::default();
        live.add_string("GET");
        assert!(live.is_live(scope().module, "get", FunctionKind::Plain));
        live.add_string("not a name");
        assert!(!live.is_live(scope().module, "not", FunctionKind::Plain));
        live.add_string("do_");
        assert!(live.is_live(scope().module, "do_POST", FunctionKind::Plain));
        live.add_pattern(&format!("{HOLE}"));
        assert!(!live.is_live(scope().module, "anything", FunctionKind::Plain));
    }

    #[test]
    fn a_variable_means_a_function_of_its_module() {
        let mut modules = Modules::default();
        let mut module = || modules.adopt(0, "m", Tree::ROOT, Tree::ROOT, vec![]);
        let (one, two) = (module(), module());
        let at = |module, unit| ScopeId { module, unit };
        let mut live = LiveNames::default();
        live.wait("main", at(one, 1), FunctionKind::Plain);
        live.wait("main", at(two, 1), FunctionKind::Plain);
        live.wait("main", at(two, 2), FunctionKind::Method);
        live.add_in(one, "main");
        assert_eq!(live.take_ready(), [at(one, 1)]);
        live.add_method("main");
        assert_eq!(live.take_ready(), [at(two, 2)]);
        live.add("main");
        assert_eq!(live.take_ready(), [at(two, 1)]);
    }
}
