//! Scripts: files that begin with `#!`, and those that a shell is given. Shell code is read; of other languages that no
//! analyser knows, the interpreter is all that is reached.

use serde::{Deserialize, Serialize};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{self, Ran, SHELLS, Unread};
use super::context::Context;
use super::graph::Graph;
use super::notice::{Message, Notice};
use super::request::Request;
use super::rules::Rules;
use super::shell::expand::Outer;
use super::shell::facts::ShellFacts;
use super::shell::reader;
use super::shell::shebang::{Shebang, base_name};
use super::trace::Trace;
use crate::rootfs::NodeId;

mod shells;

use shells::Shells;

/// Programs that run shell code with functions of their own: OpenRC's, and Debian's for init scripts and services of runit.
const HOSTS: [&str; 4] = ["openrc-run", "runscript", "init-d-script", "invoke-run"];

/// What OpenRC (`openrc-run(8)`) and Debian's init scripts (`init-d-script(5)`) do with what a script sets.
const HOSTED: [(&str, &str); 2] =
    [("command=", "\n\"$command\" $command_args\n"), ("DAEMON=", "\n\"$DAEMON\" $DAEMON_ARGS\n")];

/// The analyser of scripts.
#[derive(Debug)]
pub struct Script<'a> {
    ctx: &'a Context,
    /// All shell code so far, for what one piece of it says about variables of another.
    shells: Shells,
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
        let hosted = |shebang: &Shebang| HOSTS.contains(&shebang.program());
        if Shebang::parse(bytes).as_ref().is_some_and(hosted) {
            return Some(ScriptFacts::Shell(Box::new(reader::read(&with_host(bytes)))));
        }
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
        Ok(Self { ctx: request.ctx, shells: Shells::default() })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: ScriptFacts) {
        match facts {
            ScriptFacts::Foreign(shebang) => {
                command::run_interpreter(&mut trace.graph, self.ctx, file, &shebang);
            }
            ScriptFacts::Shell(facts) => {
                let (_, unread) = resolve(&mut trace.graph, self.ctx, file, &facts);
                self.shells.add_file(self.ctx, &trace.graph.tree().path(file).to_string(), file, *facts, unread);
            }
        }
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        match &message.notice {
            Notice::Script { language: command::SHELL, file } => self.shells.add_source(message.from, *file),
            Notice::OpenCode(code) => self.shells.add_code(&mut trace.graph, self.ctx, message, code),
            _ => {}
        }
    }

    fn settle(&mut self, trace: &mut Trace<'_>) -> bool {
        self.shells.settle(&mut trace.graph, self.ctx)
    }
}

/// The code of a script, with what its host does after it.
fn with_host(bytes: &[u8]) -> Vec<u8> {
    let mut code = bytes.to_vec();
    for (assignment, run) in HOSTED {
        let is_set = |line: &[u8]| line.trim_ascii_start().starts_with(assignment.as_bytes());
        if bytes.split(|&b| b == b'\n').any(is_set) {
            code.extend_from_slice(run.as_bytes());
        }
    }
    code
}

/// Marks what a shell script reaches: its interpreter, its commands, the files it names.
fn resolve(graph: &mut Graph<'_>, ctx: &Context, file: NodeId, facts: &ShellFacts) -> (Ran, Vec<Unread>) {
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
    command::run_script(graph, ctx, file, facts, Outer::default())
}

#[cfg(test)]
mod tests;
