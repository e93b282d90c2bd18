//! Calls that import something of the caller's own package.

use super::super::names::OWN_PATH;
use super::super::reaching::Reaching;
use super::super::reading::extract::extract;
use super::super::reading::facts::{Call, Value};
use super::super::running::{Frame, ScopeId};
use super::answered::{Answered, Question};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

/// Functions of strings: what they are given are endings of file names.
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

/// Functions of paths, and lists that paths are put in.
const OF_PATHS: &[&str] = &["join", "dirname", "abspath", "realpath", "Path", "append", "insert", "extend", "len"];

/// `lazy_loader.attach`: what the arguments name, relative to the package, or to one that is named itself (JAX's own does that).
pub(super) fn attach(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call) {
    let given = match call.positional(0) {
        Some(Value::Str(package)) => Some(package.to_string()),
        _ => None,
    };
    let own = reaching.search.relative_base(frame.module(), 1);
    for base in [given, own].into_iter().flatten() {
        for name in call.strings() {
            let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, name, call.line));
            reaching.import_relative(trace, &site, &base, name);
        }
    }
}

/// `lazy_loader.attach_stub`: the stub beside the module is read at run time.
pub(super) fn attach_stub(
    answered: &mut Answered,
    reaching: &mut Reaching<'_>,
    trace: &mut Trace<'_>,
    frame: &Frame<'_>,
    call: &Call,
) {
    let Some(file) = frame.file else { return };
    let changes = reaching.search.changes();
    if answered.get(frame.module(), Question::Stub, changes).is_some() {
        return;
    }
    answered.put(frame.module(), Question::Stub, changes, true);
    let tree = trace.graph.tree();
    let stub = format!("{}i", tree.name(file));
    let Some(stub) = tree.child(tree.parent(file), stub.as_bytes()) else { return };
    let evidence = Evidence::at(EvidenceKind::Data, "attach_stub", call.line);
    trace.graph.reach_followed(Some(file), stub, &evidence);
    let Ok(source) = trace.graph.rootfs.read(stub) else { return };
    let facts = extract(&source);
    for unit in 0..facts.units.len() {
        let scope = ScopeId { unit: unit as u32, ..frame.scope };
        reaching.import_statements(trace, &Frame { scope, facts: &facts, ..*frame });
    }
}

/// `config.include(".views")`: a relative name that a function is given is a module of the caller's package, if there
/// is one. What tests and cuts strings is given endings of file names.
pub(super) fn include(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call) {
    let Some(Value::Str(name)) = call.positional(0) else { return };
    if !name.starts_with('.') || OF_STRINGS.contains(&call.function()) {
        return;
    }
    if let Some(base) = reaching.search.relative_base(frame.module(), 1) {
        let site = frame.site(Evidence::at(EvidenceKind::Name, &**name, call.line));
        reaching.import_relative(trace, &site, &base, name);
    }
}

/// A package hands its own folders to a function (`register_plugins(linter, __path__[0])`): it lists them.
pub(super) fn list_own_path(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call) {
    let own = reaching.search.module(frame.module());
    if OF_PATHS.contains(&call.function()) || !own.is_package() {
        return;
    }
    if call.args.iter().any(|arg| matches!(&arg.value, Value::Name(name) if &**name == OWN_PATH)) {
        let glob = format!("{}.*", own.name);
        let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, &*call.callee, call.line));
        reaching.import_glob(trace, &site, &glob);
    }
}
