//! Starts the interpreter that a `#!` line names.

use super::runner::{Ran, Runner};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::shell::shebang::Shebang;
use crate::rootfs::NodeId;

/// Marks the interpreter that the `#!` line of the script at `node` names, whatever language that is.
pub fn run_interpreter(graph: &mut Graph, ctx: &Context, node: NodeId, shebang: &Shebang) -> Ran {
    let evidence = Evidence::at(EvidenceKind::Interpreter, shebang.interpreter.clone(), 1);
    let mut argv = shebang.argv();
    argv.push(graph.tree().path(node).to_string());
    let mut runner = Runner::new(graph, ctx, Some(node), evidence, &ctx.workdir);
    let outcome = runner.command(&argv, None);
    let ran = runner.finish(outcome);
    if let Some(name) = &ran.missing {
        graph.uncertain(
            Some(node),
            1,
            format!("the interpreter {name} is not in the image"),
            "nothing was kept for it",
        );
    }
    ran
}
