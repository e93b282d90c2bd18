//! Computed imports: `import_module`, `__import__` and functions that pass on what they are given.

use super::calls::argument;
use super::facts::{Call, PythonFacts, Text, UnitKind, Value, in_module};
use super::live::Scope;
use super::modules::{ModuleId, is_identifier};
use super::resolver::Python;
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::hole::HOLE;
use crate::reach::trace::Trace;

/// What cuts call a folder whose files name modules.
const LISTED_FOLDER: &str = "listing:folder";

impl Python<'_> {
    /// `import_module` and its kin.
    pub(super) fn computed_import(&mut self, trace: &mut Trace<'_>, scope: Scope, call: &Call, facts: &PythonFacts) {
        let (module, unit) = scope;
        let env = self.modules.get(module).env;
        let Some(value) = argument(call, 0, &["name", "modname", "fullname"]) else { return };
        let readable = self.import_value(trace, module, value, call);
        if call.callee.ends_with("__import__")
            && let Some(list) = argument(call, 3, &["fromlist"])
            && let Some(base) = match value {
                Value::Str(base) => Some(base.to_string()),
                // `__import__(f"p.{language}", …, ["errors"])`
                Value::Pattern(base) if !base.starts_with(['.', HOLE]) => Some(base.replace(HOLE, "*")),
                Value::Name(name) if &**name == "__name__" => Some(self.modules.get(module).name.to_string()),
                Value::Name(name) if &**name == "__package__" => Some(self.modules.get(module).package().to_owned()),
                _ => None,
            }
        {
            let names = match list {
                Value::List(names) => names.as_slice(),
                list => std::slice::from_ref(list),
            };
            for name in names {
                let last = match name {
                    Value::Str(name) => name.to_string(),
                    Value::Pattern(pattern) => pattern.replace(HOLE, "*"),
                    // What is taken from the package cannot be read: any of its modules.
                    Value::Name(_) | Value::Returned(_) | Value::Other | Value::List(_) => "*".to_owned(),
                };
                if last.is_empty() || (last == "*" && matches!(name, Value::Str(_))) {
                    continue;
                }
                let full = format!("{base}.{last}");
                let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, full.as_str(), call.line));
                self.import_glob(trace, &site, &full);
            }
        }
        if readable {
            return;
        }
        // The name comes from somewhere else: from strings of this file, or from the arguments of the function
        // that the call stands in.
        let mut found = self.import_candidates(trace, module, facts);
        found |= self.import_shared_constants(&trace.graph, scope, facts);
        // A module that lists folders finds its modules there: those beside it, as far as can be read.
        let lists = |name: &str| {
            matches!(name, "listdir" | "scandir" | "iterdir" | "glob" | "iglob" | "rglob" | "iter_modules")
        };
        let own = self.modules.get(module).package().to_owned();
        let from = self.file_of(module);
        if !own.is_empty() && facts.units.iter().any(|unit| unit.names.iter().any(|name| lists(name))) {
            let glob = format!("{own}.*");
            if !self.conditions.is_cut(&self.modules.get(module).name, LISTED_FOLDER, &[]) {
                let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, glob.as_str(), call.line));
                self.import_glob(trace, &site, &glob);
            }
            found = true;
        }
        // `self.__module__.replace("models", "urls")`: a word beside the import may be the end of a sibling's name.
        let top = own.split('.').next().unwrap_or_default().to_owned();
        let stdlib =
            from.is_some_and(|file| self.envs[env].contains(trace.graph.tree(), file) == Some(self.envs[env].stdlib));
        if !top.is_empty() && !stdlib {
            for text in &facts.units[unit as usize].strings {
                if text.value.len() > 2 && is_identifier(&text.value) {
                    let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, &*text.value, text.line));
                    self.import_glob(trace, &site, &format!("{top}.**.{}", text.value));
                }
            }
        }
        let mut importer = false;
        let mut at = unit;
        let name = self.modules.get(module).name.clone();
        while let Some(scope) = facts.units.get(at as usize) {
            if matches!(scope.kind, UnitKind::Function | UnitKind::Class) && scope.name.len() > 2 {
                importer = true;
                // `__init__` and the like are called by the name of their class.
                if !scope.name.starts_with("__") {
                    self.add_importer(trace, &scope.name.clone());
                }
            }
            if at == 0 {
                break;
            }
            at = scope.parent;
        }
        if !importer && !found {
            trace.graph.uncertain(
                self.file_of(module),
                call.line,
                format!("{name} imports a module by a name that cannot be read"),
                "nothing more was kept",
            );
        }
    }

    /// From now on, calls of `function` count as imports of what their arguments name.
    pub(super) fn add_importer(&mut self, trace: &mut Trace<'_>, function: &str) {
        let mut open: Vec<Box<str>> = vec![function.into()];
        while let Some(function) = open.pop() {
            if !self.importers.insert(function.clone()) {
                continue;
            }
            for (scope, call) in self.calls_by_name.get(&function).cloned().unwrap_or_default() {
                open.extend(self.import_arguments(trace, scope, &call));
            }
        }
    }

    /// Imports what a call of a function that imports names. Returns the function that the call stands in, if that
    /// passes on what cannot be read and says by its name that it imports: it does as much.
    pub(super) fn import_arguments(
        &mut self,
        trace: &mut Trace<'_>,
        (module, unit): Scope,
        call: &Call,
    ) -> Option<Box<str>> {
        let mut unread = false;
        for arg in &call.args {
            let readable = self.import_value(trace, module, &arg.value, call);
            unread |= !readable && matches!(arg.value, Value::Name(_));
        }
        let facts = self.facts_of(module).filter(|_| unread)?;
        let mut callers = facts.ancestors(unit as usize).filter(|unit| unit.kind == UnitKind::Function);
        callers.find(|caller| caller.name.contains("import")).map(|caller| caller.name.clone())
    }

    /// Imports what a value names. Returns whether it could be read.
    pub(super) fn import_value(&mut self, trace: &mut Trace<'_>, module: ModuleId, value: &Value, call: &Call) -> bool {
        match value {
            Value::Str(name) => {
                let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, &**name, call.line));
                let base = match argument(call, 1, &["package"]) {
                    Some(Value::Str(package)) => Some(package.to_string()),
                    _ => self.relative_base(module, 1),
                };
                let cut = self.conditions.is_cut(&self.modules.get(module).name, name, &[]);
                if !cut && !name.starts_with('.') {
                    self.named(trace, &site, name, true);
                }
                if let Some(base) = base.filter(|_| !cut) {
                    self.relative(trace, &site, &base, name);
                }
                true
            }
            Value::Pattern(pattern) => {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, pattern.replace(HOLE, "*"), call.line);
                let site = self.site(module, evidence);
                let relative = pattern.trim_start_matches('.');
                match argument(call, 1, &["package"]).filter(|_| relative.len() < pattern.len()) {
                    Some(Value::Str(package)) => {
                        let glob = format!("{package}.{}", relative.replace(HOLE, "*"));
                        self.import_glob(trace, &site, &glob);
                    }
                    // The package cannot be read: it may be any that a string names.
                    Some(Value::Name(name)) if !matches!(&**name, "__name__" | "__package__") => {
                        self.import_pattern(trace, &site, module, pattern);
                        self.add_ending(trace, &site, &relative.replace(HOLE, "*"));
                    }
                    _ => self.import_pattern(trace, &site, module, pattern),
                }
                pattern.chars().any(|c| c != HOLE && c != '.')
            }
            Value::List(values) => {
                let mut readable = !values.is_empty();
                for value in values {
                    readable &= self.import_value(trace, module, value, call);
                }
                readable
            }
            Value::Name(name) => &**name == "__name__",
            Value::Returned(_) | Value::Other => false,
        }
    }

    /// Imports every module that fits the readable part of a computed name.
    pub(super) fn import_pattern(&mut self, trace: &mut Trace<'_>, site: &Site, module: ModuleId, pattern: &str) {
        let (env, from) = (site.env, site.from);
        let own = self.modules.get(module).package().to_owned();
        let filled = in_module(pattern, &self.modules.get(module).name, &own).into_owned();
        let name = filled.split(':').next().unwrap_or("");
        let valid = |c: char| c == HOLE || matches!(c, '.' | '_' | '-') || c.is_alphanumeric();
        if !name.chars().all(valid) || !name.chars().any(|c| c.is_alphanumeric()) {
            return;
        }
        let glob = name.replace(HOLE, "*");
        if self.conditions.is_cut(&self.modules.get(module).name, &glob, &[]) {
            return;
        }
        let mut globs = Vec::new();
        if let Some(rest) = glob.strip_prefix("*.") {
            // `f"{__package__}.x"`: relative to the module itself, its package, and the packages above.
            let mut base = Some(own.as_str());
            while let Some(package) = base.filter(|package| !package.is_empty()) {
                globs.push(format!("{package}.{rest}"));
                base = super::modules::parent_name(package);
            }
            self.add_ending(trace, site, rest);
        } else if let Some(rest) = glob.strip_prefix('.') {
            globs.push(format!("{own}.{}", rest.trim_start_matches('.')));
        } else if glob.starts_with('*') {
            // `module.rstrip("models") + "urls"`: the end of a sibling's name, somewhere in the same library.
            let top = own.split('.').next().unwrap_or_default();
            let stdlib = from
                .is_some_and(|file| self.envs[env].contains(trace.graph.tree(), file) == Some(self.envs[env].stdlib));
            if !top.is_empty() && !stdlib && glob.trim_matches('*').len() > 2 {
                globs.push(format!("{top}.**.{glob}"));
            }
        } else {
            globs.push(glob.clone());
            if !own.is_empty() {
                globs.push(format!("{own}.{glob}"));
            }
        }
        // `f"p.backends.{x}.Backend"`: what follows the unreadable part may be an object in the module.
        if !glob.starts_with(['*', '.'])
            && let Some((parent, object)) = glob.rsplit_once('.')
            && !object.contains('*')
            && parent.ends_with(".*")
            && globs.iter().all(|glob| self.glob(&trace.graph, env, glob).is_empty())
        {
            globs =
                globs.iter().filter_map(|glob| glob.rsplit_once('.')).map(|(parent, _)| parent.to_owned()).collect();
        }
        for glob in globs {
            // A hole may hold dots, but a whole tree is what `**` asks for: one level more is enough in practice.
            for glob in [glob.clone(), format!("{glob}.__init__")] {
                self.import_glob(trace, site, &glob);
            }
        }
    }

    /// Imports what strings of a module may name, in a scope of this name. Returns whether any names something.
    pub(super) fn import_strings<'t>(
        &mut self,
        trace: &mut Trace<'_>,
        module: ModuleId,
        scope: &str,
        texts: impl Iterator<Item = &'t Text>,
    ) -> bool {
        let (name, base) = (self.modules.get(module).name.clone(), self.relative_base(module, 1));
        let is_cut = |python: &Self, to: &str| python.conditions.is_cut(&name, to, &[scope]);
        let mut found = false;
        for text in texts {
            // `if __name__ == "__main__"` names nothing to import.
            if &*text.value == "__main__" || is_cut(self, &text.value) {
                continue;
            }
            let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, &*text.value, text.line));
            found |= self.named(trace, &site, &text.value, true);
            if let Some(base) = base.as_ref().filter(|base| !is_cut(self, &format!("{base}.{}", text.value))) {
                found |= self.relative(trace, &site, base, &text.value);
            }
            found |= self.import_prefix(trace, &site, &text.value);
        }
        found
    }

    /// When a module imports by a name that cannot be read, then its own strings are the names. Returns whether
    /// any of them was one.
    pub(super) fn import_candidates(&mut self, trace: &mut Trace<'_>, module: ModuleId, facts: &PythonFacts) -> bool {
        let mut found = false;
        let stdlib = self.in_stdlib(&trace.graph, module);
        for unit in &facts.units {
            let exports = facts.all.iter().flatten().filter(|_| unit.kind == UnitKind::Module && !stdlib);
            let exports: Vec<Text> = exports.map(|name| Text { value: name.clone(), line: unit.line }).collect();
            found |= self.import_strings(trace, module, &unit.name, unit.strings.iter().chain(&exports));
            for text in unit.patterns.iter().filter(|text| !text.value.contains('/')) {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, text.value.replace(HOLE, "*"), text.line);
                self.import_pattern(trace, &self.site(module, evidence), module, &text.value);
            }
        }
        found
    }
}
