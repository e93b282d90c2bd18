//! Names that a computed import takes from somewhere else: constants of other modules, prefixes, and functions that
//! import and are passed on to be called.

use super::calls::{is_importer, positional};
use super::facts::{Call, ImportNames, PythonFacts, UnitKind, Value};
use super::live::Scope;
use super::modules::ModuleId;
use super::resolver::Python;
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;

impl Python<'_> {
    /// `"p.backends."`: the modules of a package, where names are put together with it.
    pub(super) fn import_prefix(&mut self, trace: &mut Trace<'_>, site: &Site, text: &str) -> bool {
        let Some(package) = text.strip_suffix('.').filter(|package| package.len() > 2 && !package.ends_with('.'))
        else {
            return false;
        };
        if package.starts_with('.') || !self.exists(&trace.graph, site.env, package) {
            return false;
        }
        self.import_glob(trace, site, &format!("{package}.*"));
        true
    }

    /// An import by a name that cannot be read, in a scope that uses constants of other modules of its library: their
    /// strings are the names (`for name in settings.PLUGINS: import_module(name)`).
    pub(super) fn import_shared_constants(
        &mut self,
        graph: &Graph<'_>,
        (module, unit): Scope,
        facts: &PythonFacts,
    ) -> bool {
        let own = self.modules.get(module).clone();
        let (env, from) = (own.env, self.file_of(module));
        let stdlib = self.envs[env].stdlib;
        if from.is_some_and(|file| self.envs[env].contains(graph.tree(), file) == Some(stdlib)) {
            return false;
        }
        let scope = &facts.units[unit as usize];
        // `tables.NAMES`, `from tables import NAMES`: modules by full name, with what is taken from them.
        let mut sources: Vec<String> = Vec::new();
        for import in facts.units.iter().flat_map(|unit| &unit.imports) {
            let base = match self.relative_base(module, import.level) {
                Some(base) if import.level > 0 && import.module.is_empty() => base,
                Some(base) if import.level > 0 => format!("{base}.{}", import.module),
                _ => import.module.to_string(),
            };
            match &import.names {
                ImportNames::Names(names) => {
                    for name in names.iter().filter(|name| scope.uses(name)) {
                        let full = format!("{base}.{name}");
                        if self.exists(graph, env, &full) {
                            sources.push(full);
                        } else if is_constant(name) || name.starts_with(char::is_uppercase) {
                            sources.push(base.clone());
                        }
                    }
                }
                ImportNames::Module => sources.push(base),
                ImportNames::Star => {}
            }
        }
        let top = own.name.split('.').next().unwrap_or_default();
        let user = from.is_none_or(|file| self.owners.of(file).is_none());
        sources.retain(|source| user || source.split('.').next() == Some(top));
        sources.sort();
        sources.dedup();
        let mut found = false;
        for source in sources {
            for id in self.modules.find(graph.tree(), &self.envs, env, &source) {
                if id != module && !self.constants_wanted.contains(&(id, (module, unit))) {
                    self.constants_wanted.push((id, (module, unit)));
                    found = true;
                }
            }
        }
        found
    }

    /// Imports by the constants that were wanted, of those modules that have been read by now. Returns whether there
    /// were any.
    pub(super) fn resolve_shared_constants(&mut self, trace: &mut Trace<'_>) -> bool {
        let mut any = false;
        for (id, (user, unit)) in self.constants_wanted.clone() {
            let (Some(facts), Some(using)) = (self.facts_of(id), self.facts_of(user)) else { continue };
            if !self.constants_done.insert((id, (user, unit))) {
                continue;
            }
            any = true;
            let scope = &using.units[unit as usize];
            if facts.bound.iter().any(|name| scope.uses(name) && (is_constant(name) || is_class(&facts, name))) {
                self.import_constants(trace, id, &facts);
            }
        }
        any
    }

    /// Imports what the strings of a module's and its classes' bodies name.
    fn import_constants(&mut self, trace: &mut Trace<'_>, module: ModuleId, facts: &PythonFacts) {
        for unit in facts.units.iter().filter(|unit| matches!(unit.kind, UnitKind::Module | UnitKind::Class)) {
            self.import_strings(trace, module, &unit.name, unit.strings.iter());
        }
    }

    /// `map(import_module, names)`, `partial(import_module, package=__name__)`: what stands beside the function, or
    /// the strings of the file, are its arguments.
    pub(super) fn passed_importer(&mut self, trace: &mut Trace<'_>, scope: Scope, call: &Call, facts: &PythonFacts) {
        let passed = |value: &Value| matches!(value, Value::Name(name) if is_importer(name));
        if !call.args.iter().any(|arg| passed(&arg.value)) {
            return;
        }
        let mut readable = false;
        for arg in call.args.iter().filter(|arg| !passed(&arg.value) && &*arg.keyword != "package") {
            if matches!(arg.value, Value::Str(_) | Value::List(_) | Value::Pattern(_)) {
                readable |= self.import_value(trace, scope.0, &arg.value, call);
            }
        }
        if !readable {
            self.import_candidates(trace, scope.0, facts);
            self.import_shared_constants(&trace.graph, scope, facts);
        }
    }

    /// `config.include(".views")`: a relative name that a function is given is a module of the caller's package, if there
    /// is one. What tests and cuts strings is given endings of file names.
    pub(super) fn relative_argument(&mut self, trace: &mut Trace<'_>, module: ModuleId, call: &Call) {
        const OF_STRINGS: &[&str] = &[
            "endswith",
            "startswith",
            "removesuffix",
            "removeprefix",
            "replace",
            "split",
            "rsplit",
            "partition",
            "rpartition",
            "with_suffix",
            "count",
            "find",
            "index",
            "strip",
            "lstrip",
            "rstrip",
            "join",
            "get",
            "print",
        ];
        let last = call.callee.rsplit('.').next().unwrap_or_default();
        let Some(Value::Str(name)) = positional(call, 0) else { return };
        if !name.starts_with('.') || OF_STRINGS.contains(&last) {
            return;
        }
        if let Some(base) = self.relative_base(module, 1) {
            let site = self.site(module, Evidence::at(EvidenceKind::Name, &**name, call.line));
            self.relative(trace, &site, &base, name);
        }
    }

    /// A package hands its own folders to a function (`register_plugins(linter, __path__[0])`): it lists them.
    pub(super) fn passed_path(&mut self, trace: &mut Trace<'_>, module: ModuleId, call: &Call) {
        const PATHS: &[&str] = &["join", "dirname", "abspath", "realpath", "Path", "append", "insert", "extend", "len"];
        let last = call.callee.rsplit('.').next().unwrap_or_default();
        let own = self.modules.get(module).clone();
        if PATHS.contains(&last) || !own.is_package() {
            return;
        }
        if call.args.iter().any(|arg| matches!(&arg.value, Value::Name(name) if &**name == "__path__")) {
            let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, &*call.callee, call.line));
            self.import_glob(trace, &site, &format!("{}.*", own.name));
        }
    }
}

/// Whether a module defines a class of this name with strings in its body.
fn is_class(facts: &PythonFacts, name: &str) -> bool {
    let named = |unit: &&super::facts::Unit| unit.kind == UnitKind::Class && &*unit.name == name;
    facts.units.iter().filter(named).any(|unit| !unit.strings.is_empty())
}

fn is_constant(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|c| c == '_' || c.is_uppercase() || c.is_ascii_digit())
}
