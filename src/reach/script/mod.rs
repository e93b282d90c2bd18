//! Scripts: files that begin with `#!`, and those that a shell is given. Shell code is read; of other languages that no
//! analyser knows, the interpreter is all that is reached.

use serde::{Deserialize, Serialize};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{self, Ran, SHELLS};
use super::context::Context;
use super::graph::Graph;
use super::request::Request;
use super::rules::Rules;
use super::shell::facts::ShellFacts;
use super::shell::reader;
use super::shell::shebang::{Shebang, base_name};
use super::trace::Trace;
use crate::rootfs::NodeId;

/// The analyser of scripts.
#[derive(Debug)]
pub struct Script<'a> {
    ctx: &'a Context,
}

/// What a script says.
#[derive(Debug, Serialize, Deserialize)]
pub enum ScriptFacts {
    /// Shell code.
    Shell(Box<ShellFacts>),
    /// Another language: the `#!` line.
    Foreign(Shebang),
}

impl<'a> Analyser<'a> for Script<'a> {
    const NAME: &'static str = "script";
    const LANGUAGE: &'static str = command::SHELL;
    type Facts = ScriptFacts;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        (file.head.starts_with(b"#!") || file.name().ends_with(b".sh")).then_some("script")
    }

    /// What a shell is given, or a script sources.
    fn given(file: &Candidate<'_>) -> Option<Form> {
        (!file.head.contains(&0)).then_some("script")
    }

    fn read(_form: Form, bytes: &[u8]) -> Option<ScriptFacts> {
        let foreign = |shebang: &Shebang| !SHELLS.contains(&base_name(shebang.program()));
        Some(match Shebang::parse(bytes).filter(foreign) {
            Some(shebang) => ScriptFacts::Foreign(shebang),
            None => ScriptFacts::Shell(Box::new(reader::read(bytes))),
        })
    }

    fn listens(_facts: &ScriptFacts, _file: &Candidate<'_>) -> Listens {
        Listens::ForWords
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: ScriptFacts) {
        match facts {
            ScriptFacts::Foreign(shebang) => {
                command::run_interpreter(&mut trace.graph, self.ctx, file, &shebang);
            }
            ScriptFacts::Shell(facts) => {
                resolve(&mut trace.graph, self.ctx, file, &facts);
            }
        }
    }
}

/// Marks what a shell script reaches: its interpreter, its commands, the files it names.
fn resolve(graph: &mut Graph<'_>, ctx: &Context, file: NodeId, facts: &ShellFacts) -> Ran {
    if let Some(shebang) = &facts.shebang {
        command::run_interpreter(graph, ctx, file, shebang);
    }
    if let Some(why) = &facts.unread {
        graph.doubtful_if_own(
            Some(file),
            0,
            format!("part of the script was not read: {why}"),
            "what that part names may be missing",
            "--entry COMMAND",
        );
    }
    command::run_script(graph, ctx, file, facts)
}

#[cfg(test)]
mod tests;
