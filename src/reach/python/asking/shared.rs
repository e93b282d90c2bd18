//! Imports by constants of other modules (`for name in settings.PLUGINS: import_module(name)`).

use super::super::names::top_name;
use super::super::reaching::Reaching;
use super::super::reading::facts::{ImportNames, PythonFacts, Unit, UnitKind};
use super::super::running::Frame;
use super::super::search::ModuleId;
use super::open::Asking;
use crate::reach::trace::Trace;

impl Asking {
    /// An import by a name that cannot be read, in a scope that uses constants of other modules of its library: their
    /// strings are the names. Returns whether there are such modules.
    pub(super) fn want_constants(&mut self, reaching: &mut Reaching<'_>, frame: &Frame<'_>) -> bool {
        if frame.file.is_some_and(|file| reaching.search.lies_in_stdlib(frame.env, file)) {
            return false;
        }
        let mut found = false;
        for source in sources(reaching, frame) {
            for id in reaching.search.find(frame.env, &source) {
                found |= self.constants.want(id, frame.scope);
            }
        }
        found
    }

    /// Imports by the constants that were wanted, of those modules that have been read by now. Returns whether there
    /// were any.
    pub fn import_constants(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>) -> bool {
        let mut any = false;
        for (id, user) in self.constants.wanted() {
            let (Some(facts), Some(using)) = (reaching.facts_of(id), reaching.facts_of(user.module)) else { continue };
            if !self.constants.settle((id, user)) {
                continue;
            }
            any = true;
            let scope = &using.units[user.unit as usize];
            let held = |name| is_constant(name) || is_class(&facts, name) || (using.lazy && is_data(&facts, name));
            if facts.bound.iter().any(|name| scope.uses(name) && held(name)) {
                self.import_held(reaching, trace, id, &facts);
            }
        }
        any
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

/// The modules whose constants a scope may use: `tables.NAMES`, `from tables import NAMES`. By full name, sorted; those of
/// other libraries count in the user's own code only.
fn sources(reaching: &mut Reaching<'_>, frame: &Frame<'_>) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for import in frame.facts.units.iter().flat_map(|unit| &unit.imports) {
        let base = reaching.search.absolute(frame.module(), import.level, &import.module);
        match &import.names {
            ImportNames::Names(names) => {
                for name in names.iter().filter(|name| frame.unit().uses(name)) {
                    let full = format!("{base}.{name}");
                    if reaching.search.exists(frame.env, &full) {
                        sources.push(full);
                    } else if frame.facts.lazy || is_constant(name) || name.starts_with(char::is_uppercase) {
                        sources.push(base.clone());
                    }
                }
            }
            ImportNames::Module => sources.push(base),
            ImportNames::Star => {}
        }
    }
    let top = top_name(&reaching.search.module(frame.module()).name);
    let user = reaching.is_users_code(frame.file);
    sources.retain(|source| user || top_name(source) == top);
    sources.sort();
    sources.dedup();
    sources
}

/// Whether a module defines a class of this name with strings in its body.
fn is_class(facts: &PythonFacts, name: &str) -> bool {
    let named = |unit: &&Unit| unit.kind == UnitKind::Class && &*unit.name == name;
    facts.units.iter().filter(named).any(|unit| !unit.strings.is_empty())
}

/// Whether a name of a module's is neither that of a function nor that of a class.
fn is_data(facts: &PythonFacts, name: &str) -> bool {
    !facts.units.iter().any(|unit| matches!(unit.kind, UnitKind::Function | UnitKind::Class) && &*unit.name == name)
}

fn is_constant(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|c| c == '_' || c.is_uppercase() || c.is_ascii_digit())
}
