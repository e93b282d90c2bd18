//! Tests of the extractor: forms of code, conditions, strings, hostile input, and a real Python installation.

mod conditions;
mod forms;
mod installed;
mod robustness;
mod strings;

use super::super::facts::{Call, Import, ImportNames, PythonFacts, Unit, UnitKind, Value};
use super::super::words::Words;
use super::{extract, looks_like_python};

fn facts(source: &str) -> PythonFacts {
    let facts = extract(source.as_bytes());
    assert_eq!(facts.unparsed, None, "does not parse: {source}");
    facts
}

/// Facts of the only scope of a source.
fn module(source: &str) -> Unit {
    let mut facts = facts(source);
    assert_eq!(facts.units.len(), 1, "more than one scope: {source}");
    facts.units.remove(0)
}

/// An import as `module`, `..module:a,b` or `module:*`, with a `?` after it if optional.
fn show(import: &Import) -> String {
    let names = match &import.names {
        ImportNames::Module => String::new(),
        ImportNames::Names(names) => format!(":{}", names.join(",")),
        ImportNames::Star => ":*".to_owned(),
    };
    let dots = ".".repeat(import.level as usize);
    format!("{dots}{}{names}{}", import.module, if import.optional { "?" } else { "" })
}

fn imports(unit: &Unit) -> Vec<String> {
    unit.imports.iter().map(show).collect()
}

/// Imports of all scopes of a source.
fn all_imports(source: &str) -> Vec<String> {
    facts(source).units.iter().flat_map(imports).collect()
}

fn strings(unit: &Unit) -> Vec<&str> {
    unit.strings.iter().map(|s| &*s.value).collect()
}

/// Patterns of a source's only scope, `*` for a hole.
fn patterns(source: &str) -> Vec<String> {
    module(source).patterns.iter().map(|s| readable(&s.value)).collect()
}

fn readable(pattern: &str) -> String {
    use super::super::facts::{HOLE, MODULE_NAME, PACKAGE_NAME};
    pattern.replace(HOLE, "*").replace(MODULE_NAME, "<name>").replace(PACKAGE_NAME, "<package>")
}

/// A call as `callee(arguments)`: strings quoted, patterns with `*`, names bare, the rest `_`.
fn show_call(call: &Call) -> String {
    fn value(v: &Value) -> String {
        match v {
            Value::Str(text) => format!("{text:?}"),
            Value::Pattern(text) => format!("`{}`", readable(text)),
            Value::List(values) => format!("[{}]", values.iter().map(value).collect::<Vec<_>>().join(", ")),
            Value::Name(name) => name.to_string(),
            Value::Returned(name) => format!("{name}()"),
            Value::Many => "*".to_owned(),
            Value::Constant => "constant".to_owned(),
            Value::Other => "_".to_owned(),
        }
    }
    let args = call.args.iter().map(|arg| match &*arg.keyword {
        "" => value(&arg.value),
        keyword => format!("{keyword}={}", value(&arg.value)),
    });
    format!("{}({})", call.callee, args.collect::<Vec<_>>().join(", "))
}

/// Calls of a source's only scope.
fn calls(source: &str) -> Vec<String> {
    module(source).calls.iter().map(show_call).collect()
}

fn kinds(facts: &PythonFacts) -> Vec<(UnitKind, &str, u32)> {
    facts.units.iter().map(|u| (u.kind, &*u.name, u.parent)).collect()
}
