//! Names that are programs.

use super::super::reading::facts::PythonFacts;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;
use crate::rootfs::{NodeId, Tree};

/// Whether `PATH` has a program of this name.
pub(in crate::reach::python) fn is_program(ctx: &Context, tree: &Tree, name: &str) -> bool {
    let runs = |dir: &str| {
        let found = tree.resolve(format!("{dir}/{name}")).map(|found| tree.inode(found.node));
        found.is_some_and(|inode| inode.is_file() && inode.meta.mode & 0o111 != 0)
    };
    !name.is_empty() && !name.contains('/') && ctx.path().any(runs)
}

/// Runs what strings in a file are programs that count: it looks them up by constants, or by what cannot be read.
pub(in crate::reach::python) fn run_strings(
    graph: &mut Graph<'_>,
    ctx: &Context,
    file: NodeId,
    facts: &PythonFacts,
    counts: impl Fn(&str) -> bool,
) {
    let tree = graph.tree();
    let strings = facts.units.iter().flat_map(|unit| &unit.strings);
    for text in strings.filter(|text| is_program(ctx, tree, &text.value) && counts(&text.value)) {
        let evidence = Evidence::at(EvidenceKind::Command, &*text.value, text.line);
        graph.tell(Some(file), Notice::Command(vec![text.value.to_string()]), evidence);
    }
}

/// Runs what names in a file are programs: with some libraries a name is enough to run one.
pub(super) fn run_names(graph: &mut Graph<'_>, ctx: &Context, file: NodeId, facts: &PythonFacts) {
    let tree = graph.tree();
    for unit in &facts.units {
        for name in unit.used().filter(|name| is_program(ctx, tree, name)) {
            let evidence = Evidence::at(EvidenceKind::Command, name, unit.line);
            graph.tell(Some(file), Notice::Command(vec![name.to_string()]), evidence);
        }
    }
}
