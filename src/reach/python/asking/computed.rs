//! Computed imports: `import_module`, `__import__` and functions that pass on what they are given.

use super::super::names::{OWN_NAME, OWN_PACKAGE, is_identifier, top_name};
use super::super::reaching::Reaching;
use super::super::reading::facts::{Call, HOLE, UnitKind, Value};
use super::super::running::{Frame, ScopeId};
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

/// What cuts call a folder whose files name modules.
const LISTED_FOLDER: &str = "listing:folder";

/// Functions that list a folder.
const LIST_FOLDERS: &[&str] = &["glob", "iglob", "iter_modules", "iterdir", "listdir", "rglob", "scandir"];

impl Asking {
    /// `import_module` and its kin.
    pub(super) fn import_by_call(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        let Some(value) = call.argument(0, &["name", "modname", "fullname"]) else { return };
        let readable = self.import_value(reaching, trace, frame.module(), value, call);
        if call.callee.ends_with("__import__") {
            import_from_list(reaching, trace, frame, value, call);
        }
        if readable {
            return;
        }
        self.import_attribute(reaching, trace, frame.module(), value);
        self.imports_words |= reaching.is_users_code(frame.file);
        // The name comes from somewhere else: from strings of this file, or from the arguments of the function
        // that the call stands in.
        let told = self.import_candidates(reaching, trace, frame.module(), frame.facts);
        let mut found = told;
        found |= self.want_constants(reaching, frame);
        found |= import_listed(reaching, trace, frame, call);
        import_siblings(reaching, trace, frame);
        if !told && is_asked_for(frame, value) {
            found |= self.import_all_attributes(reaching, trace);
        }
        let passed_on = self.add_importers_around(reaching, trace, frame);
        if !passed_on && !found {
            let name = &reaching.search.module(frame.module()).name;
            let what = format!("{name} imports a module by a name that cannot be read");
            trace.graph.doubtful_if_own(frame.file, call.line, what, "nothing more was kept", "--keep GLOB");
        }
    }

    /// The functions and classes that a call which imports stands in import what they are given. Returns whether there
    /// are any.
    fn add_importers_around(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>) -> bool {
        let mut any = false;
        for scope in frame.enclosing() {
            if matches!(scope.kind, UnitKind::Function | UnitKind::Class) && scope.name.len() > 2 {
                any = true;
                // `__init__` and the like are called by the name of their class.
                if !scope.name.starts_with("__") {
                    self.add_importer(reaching, trace, &scope.name);
                }
            }
        }
        any
    }
}

impl Asking {
    /// `Lazy().json`: an object imports what it is asked for, so every attribute that the user's own code uses may be a
    /// module.
    fn import_all_attributes(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>) -> bool {
        if !std::mem::replace(&mut self.imports_attributes, true) {
            for id in reaching.running.modules.in_order().to_vec() {
                let Some(facts) = reaching.facts_of(id) else { continue };
                for unit in 0..facts.units.len() {
                    let frame = reaching.frame(ScopeId { module: id, unit: unit as u32 }, &facts);
                    self.import_attributes_of(reaching, trace, &frame);
                }
            }
        }
        true
    }

    /// Imports the modules that the names which a scope of the user's own uses may mean, if there is such an object.
    pub fn import_attributes_of(&self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>) {
        if !self.imports_attributes || !reaching.is_users_code(frame.file) {
            return;
        }
        let unit = frame.unit();
        for name in unit.names.iter() {
            let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, name, unit.line));
            reaching.import(trace, &site, name);
        }
    }
}

/// Whether the name of a module that is imported is that of an attribute that someone asks for.
fn is_asked_for(frame: &Frame<'_>, value: &Value) -> bool {
    let unit = frame.unit();
    let asked = unit.kind == UnitKind::Function && matches!(&*unit.name, "__getattr__" | "__getattribute__");
    asked && matches!(value, Value::Name(name) if !name.contains('.'))
}

/// `__import__("p", …, ["a", "b"])`: what is taken from the package.
fn import_from_list(
    reaching: &mut Reaching<'_>,
    trace: &mut Trace<'_>,
    frame: &Frame<'_>,
    package: &Value,
    call: &Call,
) {
    let Some(list) = call.argument(3, &["fromlist"]) else { return };
    let own = reaching.search.module(frame.module());
    let base = match package {
        Value::Str(base) => base.to_string(),
        // `__import__(f"p.{language}", …, ["errors"])`
        Value::Pattern(base) if !base.starts_with(['.', HOLE]) => base.replace(HOLE, "*"),
        Value::Name(name) if &**name == OWN_NAME => own.name.to_string(),
        Value::Name(name) if &**name == OWN_PACKAGE => own.package().to_owned(),
        _ => return,
    };
    let names = match list {
        Value::List(names) => names.as_slice(),
        list => std::slice::from_ref(list),
    };
    for name in names {
        let last = match name {
            Value::Str(name) => name.to_string(),
            Value::Pattern(pattern) => pattern.replace(HOLE, "*"),
            // What is taken from the package cannot be read: any of its modules.
            Value::Constant => continue,
            Value::Name(_) | Value::Returned(_) | Value::Many | Value::Other | Value::List(_) => "*".to_owned(),
        };
        if last.is_empty() || (last == "*" && matches!(name, Value::Str(_))) {
            continue;
        }
        let full = format!("{base}.{last}");
        let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, full.as_str(), call.line));
        reaching.import_glob(trace, &site, &full);
    }
}

/// A module that lists folders finds its modules there: those beside it, as far as can be read. Returns whether it does.
fn import_listed(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call) -> bool {
    let own = reaching.search.module(frame.module()).package();
    if own.is_empty() || !frame.facts.uses_any(LIST_FOLDERS) {
        return false;
    }
    let glob = format!("{own}.*");
    if !reaching.is_cut(frame.module(), LISTED_FOLDER, &[]) {
        let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, glob.as_str(), call.line));
        reaching.import_glob(trace, &site, &glob);
    }
    true
}

/// `self.__module__.replace("models", "urls")`: a word beside the import may be the end of a sibling's name.
fn import_siblings(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>) {
    let top = top_name(reaching.search.module(frame.module()).package()).to_owned();
    let stdlib = frame.file.is_some_and(|file| reaching.search.lies_in_stdlib(frame.env, file));
    if top.is_empty() || stdlib {
        return;
    }
    for text in &frame.unit().strings {
        if text.value.len() > 2 && is_identifier(&text.value) {
            let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, &*text.value, text.line));
            reaching.import_glob(trace, &site, &format!("{top}.**.{}", text.value));
        }
    }
}
