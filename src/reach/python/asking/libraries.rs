//! Shared libraries that code loads by name.

use super::super::names::is_identifier;
use super::super::reading::facts::{Call, HOLE, Text, Value};
use super::super::running::Frame;
use crate::reach::elf::stems;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;

/// A call that loads the library that a value names.
pub(super) fn load(graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call, value: Option<&Value>) {
    let evidence = Evidence::at(EvidenceKind::Dlopen, &*call.callee, call.line);
    for name in named(graph, frame, value) {
        graph.tell(frame.file, Notice::Load(name), evidence.clone());
    }
}

/// A call that looks for a library by its short name.
pub(super) fn find(graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call, value: Option<&Value>) {
    let evidence = Evidence::at(EvidenceKind::Dlopen, &*call.callee, call.line);
    let names = match value {
        Some(Value::Str(name)) => of_short_name(graph, name),
        // In byte code any of its words may be the name.
        Some(Value::Other) if call.line == 0 => {
            let strings = &frame.unit().strings;
            let is_short = |short: &str| strings.iter().any(|text| *text.value == *short);
            let stem = |name: &str| name.strip_prefix("lib")?.split_once(".so").map(|(stem, _)| is_short(stem));
            installed(graph, "", |name| stem(name) == Some(true))
        }
        _ => return,
    };
    for name in names {
        graph.tell(frame.file, Notice::Load(name), evidence.clone());
    }
}

/// Strings with names of libraries: what is loaded by them need not be the argument of a call that loads (`glob`, `os.path.join`).
/// Patterns have holes.
pub(super) fn mention(graph: &mut Graph<'_>, frame: &Frame<'_>, text: &Text) {
    if !text.value.contains(".so") {
        return;
    }
    let evidence = Evidence::at(EvidenceKind::Dlopen, &*text.value.replace(HOLE, "*"), text.line);
    for stem in stems(&text.value.replace(HOLE, "*")) {
        graph.tell(frame.file, Notice::Libraries(stem.to_owned()), evidence.clone());
    }
}

/// The libraries that a value names; where it cannot be read, those that strings of the file name.
fn named(graph: &Graph<'_>, frame: &Frame<'_>, value: Option<&Value>) -> Vec<String> {
    if let Some(Value::Pattern(pattern)) = value
        && !pattern.contains('/')
        && pattern.contains(".so")
    {
        let glob = globset::Glob::new(&pattern.replace(HOLE, "*")).ok().map(|glob| glob.compile_matcher());
        return installed(graph, "", |name| glob.as_ref().is_some_and(|glob| glob.is_match(name)));
    }
    let mut names = value.map(Value::strings).unwrap_or_default();
    if names.is_empty() {
        let in_file = frame.facts.units.iter().flat_map(|unit| &unit.strings).map(|text| &*text.value);
        names.extend(in_file.filter(|text| text.contains(".so") && !text.starts_with('.')));
        let here = frame.enclosing().flat_map(|unit| &unit.strings).map(|text| &*text.value);
        names.extend(here.filter(|text| text.starts_with("lib") && is_identifier(text)));
    }
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    // cffi's `dlopen("foo")` looks for a library as `find_library` does.
    let short: Vec<String> = names.iter().filter(|name| is_identifier(name)).cloned().collect();
    names.extend(short.iter().flat_map(|name| of_short_name(graph, name)));
    names.sort();
    names.dedup();
    names
}

/// The file names that `ctypes.util.find_library` may find for a short name: it asks `ldconfig` or a compiler, and
/// both know libraries with a version after their name.
fn of_short_name(graph: &Graph<'_>, short: &str) -> Vec<String> {
    let plain = format!("lib{short}.so");
    let versioned = format!("{plain}.");
    let mut names = installed(graph, &versioned, |_| true);
    names.insert(0, plain);
    names
}

/// The file names in the usual library folders that begin so, and fit.
fn installed(graph: &Graph<'_>, begin: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let names = graph.library_names();
    let first = names.partition_point(|name| name.as_str() < begin);
    let begun = names.iter().skip(first).take_while(|name| name.starts_with(begin));
    begun.filter(|name| fits(name)).cloned().collect()
}
