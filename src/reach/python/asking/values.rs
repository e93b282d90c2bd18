//! Values that name modules to import.

use super::super::names::{OWN_NAME, OWN_PACKAGE};
use super::super::reaching::Reaching;
use super::super::reading::callees;
use super::super::reading::extract::attribute_setter;
use super::super::reading::facts::{Call, HOLE, UnitKind, Value};
use super::super::running::{Frame, ScopeId};
use super::super::search::ModuleId;
use super::super::site::Expected;
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

impl Asking {
    /// Imports what a value names that stands in a call. Returns whether it could be read.
    pub(super) fn import_value(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        value: &Value,
        call: &Call,
    ) -> bool {
        match value {
            Value::Str(name) => {
                self.import_text(reaching, trace, module, name, call);
                true
            }
            Value::Pattern(pattern) => {
                self.import_computed(reaching, trace, module, pattern, call);
                pattern.chars().any(|c| c != HOLE && c != '.')
            }
            Value::List(values) => {
                let mut readable = !values.is_empty();
                for value in values {
                    readable &= self.import_value(reaching, trace, module, value, call);
                }
                readable
            }
            Value::Name(name) => &**name == OWN_NAME,
            Value::Returned(_) | Value::Many | Value::Constant | Value::Other => false,
        }
    }

    fn import_text(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        name: &str,
        call: &Call,
    ) {
        let site = reaching.site(module, Evidence::at(EvidenceKind::DynamicImport, name, call.line));
        let base = match call.argument(1, &["package"]) {
            Some(Value::Str(package)) => Some(package.to_string()),
            _ => reaching.search.relative_base(module, 1),
        };
        if reaching.is_cut(module, name, &[]) {
            return;
        }
        if !name.starts_with('.') {
            self.import_named(reaching, trace, &site, name, Expected::Name);
        }
        if let Some(base) = base {
            reaching.import_relative(trace, &site, &base, name);
        }
    }

    fn import_computed(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        pattern: &str,
        call: &Call,
    ) {
        let evidence = Evidence::at(EvidenceKind::DynamicImport, pattern.replace(HOLE, "*"), call.line);
        let site = reaching.site(module, evidence);
        let relative = pattern.trim_start_matches('.');
        match call.argument(1, &["package"]).filter(|_| relative.len() < pattern.len()) {
            Some(Value::Str(package)) => {
                let glob = format!("{package}.{}", relative.replace(HOLE, "*"));
                reaching.import_glob(trace, &site, &glob);
            }
            // The package cannot be read: it may be any that a string names.
            Some(Value::Name(name)) if !matches!(&**name, OWN_NAME | OWN_PACKAGE) => {
                self.import_pattern(reaching, trace, &site, module, pattern);
                self.import_ending(reaching, trace, &site, &relative.replace(HOLE, "*"));
            }
            _ => self.import_pattern(reaching, trace, &site, module, pattern),
        }
    }

    /// From now on, calls of `function` count as imports of what their arguments name.
    pub(super) fn add_importer(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, function: &str) {
        let mut open: Vec<Box<str>> = vec![function.into()];
        while let Some(function) = open.pop() {
            for (scope, call) in self.importers.add(&function) {
                open.extend(self.import_arguments(reaching, trace, scope, &call));
            }
        }
    }

    /// An import by an attribute of the object itself: whatever string a class gives an attribute of that name is imported.
    pub(super) fn import_attribute(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        value: &Value,
    ) {
        if let Value::Name(name) = value
            && let Some(attribute) = name.strip_prefix("self.").or_else(|| name.strip_prefix("cls."))
            && !attribute.contains('.')
            && !reaching.search.is_stdlib(module)
        {
            self.add_importer(reaching, trace, &attribute_setter(attribute));
        }
    }

    /// Imports what a call of a function that imports names. Returns the function that the call stands in, if that
    /// passes on what cannot be read and says by its name that it imports: it does as much.
    pub(super) fn import_arguments(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        scope: ScopeId,
        call: &Call,
    ) -> Option<Box<str>> {
        let mut unread = false;
        for arg in &call.args {
            let readable = self.import_value(reaching, trace, scope.module, &arg.value, call);
            if !readable {
                self.import_attribute(reaching, trace, scope.module, &arg.value);
            }
            unread |= !readable && matches!(arg.value, Value::Name(_));
        }
        import_joined(reaching, trace, scope, call);
        let facts = reaching.facts_of(scope.module).filter(|_| unread)?;
        let mut callers = facts.ancestors(scope.unit as usize).filter(|unit| unit.kind == UnitKind::Function);
        callers.find(|caller| caller.name.contains("import")).map(|caller| caller.name.clone())
    }

    /// `map(import_module, names)`, `partial(import_module, package=__name__)`: what stands beside the function, or
    /// the strings of the file, are its arguments.
    pub fn import_beside(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        let passed = |value: &Value| matches!(value, Value::Name(name) if callees::is_importer(name));
        if !call.args.iter().any(|arg| passed(&arg.value)) {
            return;
        }
        let mut readable = false;
        for arg in call.args.iter().filter(|arg| !passed(&arg.value) && &*arg.keyword != "package") {
            if matches!(arg.value, Value::Str(_) | Value::List(_) | Value::Pattern(_)) {
                readable |= self.import_value(reaching, trace, frame.module(), &arg.value, call);
            }
        }
        if !readable {
            self.import_candidates(reaching, trace, frame.module(), frame.facts);
            self.want_constants(reaching, frame);
        }
    }
}

/// `load("package.plugins", ["one", "two"])`: a function that imports may join what it is given, the package first.
fn import_joined(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, scope: ScopeId, call: &Call) {
    let Some((first, rest)) = call.args.split_first() else { return };
    let Value::Str(package) = &first.value else { return };
    let names: Vec<&str> = rest.iter().flat_map(|arg| arg.value.strings()).collect();
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        let site = reaching.site(scope.module, Evidence::at(EvidenceKind::DynamicImport, name, call.line));
        reaching.import_relative(trace, &site, package, name);
    }
}
