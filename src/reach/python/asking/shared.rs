//! Imports by constants of other modules (`for name in settings.PLUGINS: import_module(name)`).

use std::collections::HashSet;

use super::super::names::top_name;
use super::super::reaching::Reaching;
use super::super::reading::facts::{ImportNames, PythonFacts, UnitKind};
use super::super::reading::words::Words;
use super::super::running::Frame;
use super::super::search::ModuleId;
use super::constants::{Sources, Wanted};
use super::open::Asking;
use crate::reach::trace::Trace;

/// From so many modules one name is taken at most, for their constants to be told apart by it.
const MAX_OF_A_NAME: usize = 16;

/// So many names are compared with constants. From then on those of every module that is imported as a whole count.
const MAX_STEPS: usize = 1 << 22;

impl Asking {
    /// An import by a name that cannot be read, in a scope that uses constants of other modules of its library: their
    /// strings are the names. Returns whether there are such modules.
    pub(super) fn want_constants(&mut self, reaching: &mut Reaching<'_>, frame: &Frame<'_>) -> bool {
        if frame.file.is_some_and(|file| reaching.search.lies_in_stdlib(frame.env, file))
            || !self.constants.ask(frame.scope)
        {
            return false;
        }
        let known = self.constants.sources.entry(frame.module()).or_default();
        let changes = reaching.search.changes();
        if !known.stays(changes) {
            known.put(changes, sources(reaching, frame));
        }
        let is_current = known.is_current(changes);
        // What may be missing is no answer that a doubt could rest on.
        self.constants.want(frame.scope, frame.unit().used()) && is_current
    }

    /// Notes that a module was read: code may import by its constants.
    pub fn note_read(&mut self, id: ModuleId) {
        self.constants.read(id);
    }

    /// Imports by the constants that were wanted, of those modules that have been read by now. Returns whether there
    /// were any.
    pub fn import_constants(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>) -> bool {
        let mut any = false;
        for wanted in self.constants.take() {
            for id in self.used(reaching, wanted) {
                if self.constants.settle(id)
                    && let Some(facts) = reaching.facts_of(id)
                {
                    any = true;
                    self.import_held(reaching, trace, id, &facts);
                }
            }
        }
        any
    }

    /// The modules whose constants are used. What waits for a module to be read is put off.
    fn used(&mut self, reaching: &Reaching<'_>, wanted: Wanted) -> Vec<ModuleId> {
        match wanted {
            Wanted::By(id, user) => {
                let Some(using) = reaching.facts_of(user.module).filter(|_| !self.constants.is_settled(id)) else {
                    return Vec::new();
                };
                let unit = &using.units[user.unit as usize];
                let count = unit.names.len() + unit.variables.len();
                match self.holds(reaching, id, using.lazy, count, unit.used(), |name| unit.uses(name)) {
                    Some(true) => vec![id],
                    Some(false) => Vec::new(),
                    None => {
                        self.constants.wait(id, wanted);
                        Vec::new()
                    }
                }
            }
            Wanted::In(id, module) => {
                let Some(using) = reaching.facts_of(module).filter(|_| !self.constants.is_settled(id)) else {
                    return Vec::new();
                };
                let mut users = self.constants.users.remove(&module).unwrap_or_default();
                let names = users.names.iter().map(|name| &**name);
                let found =
                    self.holds(reaching, id, using.lazy, users.names.len(), names, |name| users.names.contains(name));
                match found {
                    Some(true) => {}
                    Some(false) => users.sources.push(id),
                    None => self.constants.wait(id, wanted),
                }
                self.constants.users.insert(module, users);
                found.filter(|&found| found).map(|_| id).into_iter().collect()
            }
            Wanted::All(user) => {
                let Some(using) = reaching.facts_of(user.module) else { return Vec::new() };
                let mut users = self.constants.users.remove(&user.module).unwrap_or_default();
                let names = using.units[user.unit as usize].used();
                let fresh: HashSet<&str> = names.filter(|&name| users.names.insert(name.into())).collect();
                let mut used = Vec::new();
                if !fresh.is_empty() {
                    users.sources.retain(|&id| {
                        let settled = self.constants.is_settled(id);
                        let names = fresh.iter().copied();
                        let found = !settled
                            && self.holds(reaching, id, using.lazy, fresh.len(), names, |name| fresh.contains(name))
                                != Some(false);
                        used.extend(found.then_some(id));
                        !settled && !found
                    });
                }
                self.constants.users.insert(user.module, users);
                used
            }
        }
    }

    /// Whether a module holds a constant of one of these names, of which there are `count`; nothing, if it is not read.
    fn holds<'n>(
        &mut self,
        reaching: &Reaching<'_>,
        id: ModuleId,
        lazy: bool,
        count: usize,
        mut names: impl Iterator<Item = &'n str>,
        has: impl Fn(&str) -> bool,
    ) -> Option<bool> {
        let facts = reaching.facts_of(id)?;
        self.constants.steps += 1 + count.min(facts.bound.len());
        if self.constants.steps > MAX_STEPS {
            return Some(true);
        }
        let held = self.constants.held.entry(id).or_insert_with(|| Held::of(&facts));
        Some(if count < facts.bound.len() {
            names.any(|name| held.constants.contains(name) || (lazy && held.data.contains(name)))
        } else {
            held.constants.iter().any(&has) || (lazy && held.data.iter().any(&has))
        })
    }

    /// Imports what the strings of a module's and its classes' bodies name.
    fn import_held(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        facts: &PythonFacts,
    ) {
        for unit in facts.units.iter().filter(|unit| matches!(unit.kind, UnitKind::Module | UnitKind::Class)) {
            self.import_strings(reaching, trace, module, &unit.name, unit.strings.iter());
        }
    }
}

/// The modules whose constants the scopes of a file may use: `tables.NAMES`, `from tables import NAMES`. Those of other
/// libraries count in the user's own code only.
fn sources(reaching: &mut Reaching<'_>, frame: &Frame<'_>) -> Sources {
    let top = top_name(&reaching.search.module(frame.module()).name).to_owned();
    let user = reaching.is_users_code(frame.file);
    let mut sources = Sources::default();
    for import in frame.facts.units.iter().flat_map(|unit| &unit.imports) {
        let base = reaching.search.absolute(frame.module(), import.level, &import.module);
        if !user && top_name(&base) != top {
            continue;
        }
        match &import.names {
            ImportNames::Names(names) => {
                for name in names {
                    let full = format!("{base}.{name}");
                    let mut found = reaching.search.find(frame.env, &full);
                    if found.is_empty()
                        && (frame.facts.lazy || is_constant(name) || name.starts_with(char::is_uppercase))
                    {
                        found = reaching.search.find(frame.env, &base);
                    }
                    if !found.is_empty() {
                        sources.named.entry(name.clone()).or_default().extend(found);
                    }
                }
            }
            ImportNames::Module => sources.whole.extend(reaching.search.find(frame.env, &base)),
            ImportNames::Star => {}
        }
    }
    for list in sources.named.values_mut() {
        list.sort_unstable();
        list.dedup();
        if list.len() > MAX_OF_A_NAME {
            sources.whole.append(list);
        }
    }
    sources.whole.sort_unstable();
    sources.whole.dedup();
    sources
}

/// The names that a module binds, as far as an import by constants may mean them.
#[derive(Debug)]
pub(super) struct Held {
    /// Called like a constant, or classes with strings in their bodies.
    constants: Words,
    /// All others that are neither functions nor classes.
    data: Words,
}

impl Held {
    fn of(facts: &PythonFacts) -> Self {
        let mut classes: HashSet<&str> = HashSet::new();
        let mut code: HashSet<&str> = HashSet::new();
        for unit in &facts.units {
            if unit.kind == UnitKind::Class && !unit.strings.is_empty() {
                classes.insert(&unit.name);
            }
            if matches!(unit.kind, UnitKind::Function | UnitKind::Class) {
                code.insert(&unit.name);
            }
        }
        let is_held = |name: &&str| is_constant(name) || classes.contains(name);
        let (constants, others): (Vec<&str>, Vec<&str>) = facts.bound.iter().partition(is_held);
        Self {
            constants: Words::of(constants),
            data: Words::of(others.into_iter().filter(|name| !code.contains(name))),
        }
    }
}

fn is_constant(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|c| c == '_' || c.is_uppercase() || c.is_ascii_digit())
}
