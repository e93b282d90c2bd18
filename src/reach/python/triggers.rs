//! The conditions of rules that Python code meets, and the imports that rules say do not count.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::search::ModuleId;
use crate::profile::Language;
use crate::reach::analyser::Awaited;
use crate::reach::rules::{Cuts, ImpliesRules, RuleId, RuleIndex, Rules, Spelling, TakenBack, TakingRule};

/// In a list of modules whose uses of a name do not count: the whole standard library.
const STDLIB: &str = "stdlib";

/// In such a list: words of the configuration, of commands and of the user's own files.
const WORDS: &str = "words";

/// Who uses a name, or imports a module.
#[derive(Clone, Debug)]
pub struct User {
    /// The top-level package; none for words of the configuration and of the user's own files.
    pub package: Box<str>,
    /// That is a module of the standard library.
    pub stdlib: bool,
}

/// A module that names something.
#[derive(Clone, Copy, Debug)]
pub struct Namer<'n> {
    /// Which.
    pub id: ModuleId,
    /// Its name.
    pub name: &'n str,
    /// It is the user's own.
    pub own: bool,
}

impl Namer<'_> {
    /// Whether a rule that speaks of such a name means this module: a module of the user's own is not the library that is
    /// called like it.
    fn is_meant(self, rule: &TakingRule) -> bool {
        !(self.own && rule.cut.of_libraries)
    }
}

/// `when.python` of the rules, and the cuts about imports.
#[derive(Clone, Debug)]
pub struct Triggers {
    implies: ImpliesRules,
    module: RuleIndex,
    with_module: RuleIndex,
    imported: RuleIndex,
    /// The rules that wait for a name.
    names: FxHashMap<Box<str>, Vec<RuleId>>,
    /// The rules that wait for a setting with a computed value.
    settings: FxHashMap<Box<str>, Vec<RuleId>>,
    /// The rules that wait for a setting with a constant value.
    values: FxHashMap<Box<str>, Vec<RuleId>>,
    /// All of these settings, in byte order: every module is asked for each.
    all_settings: Arc<[Box<str>]>,
    cuts: Cuts<ModuleId>,
    /// Rules of which a module of [`PythonTrigger::with_module`](crate::profile::PythonTrigger::with_module) is reached.
    accompanied: BTreeSet<RuleId>,
    /// Rules that were set off and wait for such a module.
    waiting: BTreeSet<RuleId>,
}

impl Triggers {
    /// Those of some rules.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn new(rules: &Rules) -> Result<Self, globset::Error> {
        let implies = rules.implies().clone();
        let (settings, values) =
            (implies.by_word(|when| &when.python.computed), implies.by_word(|when| &when.python.value));
        let all_settings: BTreeSet<Box<str>> = settings.keys().chain(values.keys()).cloned().collect();
        Ok(Self {
            module: implies.index(Spelling::Dotted, |when| &when.python.module)?,
            with_module: implies.index(Spelling::Dotted, |when| &when.python.with_module)?,
            imported: implies.index(Spelling::Dotted, |when| &when.python.imported)?,
            names: implies.by_word(|when| &when.python.name),
            settings,
            values,
            all_settings: all_settings.into_iter().collect(),
            cuts: rules.cuts(Language::Python, Spelling::Dotted)?,
            accompanied: BTreeSet::new(),
            waiting: BTreeSet::new(),
            implies,
        })
    }

    /// The rules that a reached module meets, and those that were met and waited for it.
    pub fn of_module(&mut self, name: &str) -> Vec<RuleId> {
        let mut rules = self.accompanied(self.module.matches(name));
        for rule in self.with_module.matches(name) {
            if self.accompanied.insert(rule) && self.waiting.remove(&rule) {
                rules.push(rule);
            }
        }
        rules
    }

    /// The rules that an import of a module meets. `constant_calls` is all that is done with it, if these are calls with
    /// constants.
    pub fn of_import(&mut self, name: &str, user: &User, constant_calls: &[Box<str>]) -> Vec<RuleId> {
        let mut rules = self.not_excepted(self.imported.matches(name), user);
        rules.retain(|&rule| {
            let except = &self.implies.get(rule).when.python.except_constant;
            constant_calls.is_empty() || !constant_calls.iter().all(|call| except.iter().any(|e| **e == **call))
        });
        self.accompanied(rules)
    }

    /// The rules that the use of a name meets.
    pub fn of_name(&mut self, name: &str, user: &User) -> Vec<RuleId> {
        let rules = self.not_excepted(self.names.get(name).cloned().unwrap_or_default(), user);
        self.accompanied(rules)
    }

    /// The rules that a setting meets whose value is computed, or that is used by its name.
    pub fn of_setting(&mut self, name: &str, user: &User) -> Vec<RuleId> {
        let rules = self.not_excepted(self.settings.get(name).cloned().unwrap_or_default(), user);
        self.accompanied(rules)
    }

    /// The rules that a setting meets whose value is a string constant.
    pub fn of_value(&mut self, name: &str, user: &User) -> Vec<RuleId> {
        let rules = self.not_excepted(self.values.get(name).cloned().unwrap_or_default(), user);
        self.accompanied(rules)
    }

    /// Without the rules that have to wait for a module that is not reached yet.
    fn accompanied(&mut self, mut rules: Vec<RuleId>) -> Vec<RuleId> {
        rules.retain(|&rule| {
            let waits = !self.implies.get(rule).when.python.with_module.is_empty() && !self.accompanied.contains(&rule);
            if waits {
                self.waiting.insert(rule);
            }
            !waits
        });
        rules
    }

    /// Without the rules for which it does not count what `user` does.
    fn not_excepted(&self, mut rules: Vec<RuleId>, user: &User) -> Vec<RuleId> {
        let is_excepted = |except: &String| {
            **except == *user.package
                || (user.stdlib && except == STDLIB)
                || (user.package.is_empty() && except == WORDS)
        };
        rules.retain(|&rule| !self.implies.get(rule).when.python.name_except.iter().any(is_excepted));
        rules
    }

    /// Whether any rule waits for this name.
    pub fn waits_for(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Whether any rule waits for the import of this module.
    pub fn waits_for_import(&self, name: &str) -> bool {
        self.imported.is_match(name)
    }

    /// Whether a rule waits for a setting of this name.
    pub fn waits_for_setting(&self, name: &str) -> bool {
        self.settings.contains_key(name)
    }

    /// The names and settings that rules wait for.
    pub fn awaited(&self) -> Awaited {
        let settings = self.settings.keys().chain(self.values.keys());
        Awaited { words: self.names.keys().cloned().collect(), settings: settings.cloned().collect() }
    }

    /// The names that rules wait for, in byte order.
    pub fn names(&self) -> BTreeSet<Box<str>> {
        self.names.keys().cloned().collect()
    }

    /// The settings that rules wait for, in byte order.
    pub fn settings(&self) -> Arc<[Box<str>]> {
        self.all_settings.clone()
    }

    /// Whether a rule says that a name in a module does not count. `scopes` are the names of the functions and classes that
    /// it stands in.
    pub fn is_cut(&self, namer: Namer<'_>, to: &str, scopes: &[&str]) -> bool {
        self.cuts.take_back(namer.name, to, namer.id, |rule| namer.is_meant(rule) && holds_within(rule, scopes))
    }

    /// The same for an import statement, which counts unless there is a condition for it.
    pub fn is_statement_cut(&self, namer: Namer<'_>, to: &str, scopes: &[&str]) -> bool {
        let holds = |rule: &TakingRule| rule.conditional && namer.is_meant(rule) && holds_within(rule, scopes);
        self.cuts.take_back(namer.name, to, namer.id, holds)
    }

    /// The same for an import statement of a module that is just there.
    pub fn is_idle_statement_cut(&self, namer: Namer<'_>, to: &str) -> bool {
        self.cuts.take_back(namer.name, to, namer.id, |rule| rule.idle)
    }

    /// The same for a name in the data of an extension module.
    pub fn is_cut_in_extension(&self, namer: Namer<'_>, to: &str) -> bool {
        let holds = |rule: &TakingRule| rule.cut.within.is_empty() && namer.is_meant(rule);
        self.cuts.take_back(namer.name, to, namer.id, holds)
    }

    /// Turns such a rule off, and returns the modules in which it took something back.
    pub fn let_count(&mut self, rule: &str) -> BTreeSet<ModuleId> {
        self.cuts.let_count(rule).into_iter().map(|(module, _)| module).collect()
    }

    /// What such rules took back.
    pub fn taken_back(&self) -> Vec<TakenBack> {
        self.cuts.taken_back()
    }
}

/// Whether a rule is about names in such scopes.
fn holds_within(rule: &TakingRule, scopes: &[&str]) -> bool {
    let cut = &rule.cut;
    !cut.in_extensions
        && !rule.idle
        && (cut.within.is_empty() || scopes.iter().any(|name| cut.within.iter().any(|w| w == name)))
}
