//! Scripts: files that begin with `#!`, and those that a shell is given. Shell code is read; of other languages that no
//! analyser knows, the interpreter is all that is reached.

use serde::{Deserialize, Serialize};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{self, HOSTS, Ran, Unread, reads_shell_code};
use super::context::Context;
use super::evidence::{Evidence, EvidenceKind};
use super::graph::Graph;
use super::notice::{Message, Notice};
use super::request::Request;
use super::rules::Rules;
use super::shell::expand::Outer;
use super::shell::facts::ShellFacts;
use super::shell::reader;
use super::shell::shebang::Shebang;
use super::trace::Trace;
use crate::rootfs::{NodeId, Tree};

mod shells;

use shells::Shells;

/// What OpenRC (`openrc-run(8)`) and Debian's init scripts (`init-d-script(5)`) do with what a script sets.
const HOSTED: [(&str, &str); 3] = [
    ("command", "\nstart-stop-daemon\n\"$command\" $command_args $command_args_foreground\n"),
    ("supervisor", "\nsupervise-daemon\n"),
    ("DAEMON", "\n\"$DAEMON\" $DAEMON_ARGS\n"),
];

/// Where such a script's own settings are, in files of its name: more shell code.
const SETTINGS: [&str; 2] = ["/etc/conf.d/", "/etc/default/"];

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
        let shebang = Shebang::parse(bytes);
        if let Some(foreign) = shebang.filter(|shebang| !reads_shell_code(shebang.program())) {
            return Some(ScriptFacts::Foreign(foreign));
        }
        let facts = reader::read(bytes);
        Some(ScriptFacts::Shell(Box::new(if is_hosted(&facts) { with_host(facts) } else { facts })))
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
                if is_hosted(&facts) {
                    self.settings(&mut trace.graph, file);
                }
                let (_, unread) = resolve(&mut trace.graph, self.ctx, file, &facts);
                self.shells.add_file(self.ctx, trace.graph.names_of(file), file, *facts, unread);
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

impl Script<'_> {
    /// Reads the settings that a host reads before it runs a script.
    fn settings(&self, graph: &mut Graph<'_>, script: NodeId) {
        let name = graph.tree().name(script).to_string();
        for folder in SETTINGS {
            let path = format!("{folder}{name}");
            let evidence = Evidence::new(EvidenceKind::Name, path.as_str());
            if let Some(file) = graph.reach_path(Some(script), Tree::ROOT, path, &evidence) {
                graph.tell(Some(script), Notice::Script { language: command::SHELL, file }, evidence);
            }
        }
    }
}

/// Whether what runs a script brings functions of its own.
fn is_hosted(facts: &ShellFacts) -> bool {
    facts.shebang.as_ref().is_some_and(|shebang| HOSTS.contains(&shebang.program()))
}

/// What a script says, with what its host does after it.
fn with_host(mut facts: ShellFacts) -> ShellFacts {
    let is_set = |variable: &str| facts.assignments.iter().any(|assignment| &*assignment.name == variable);
    let added: String = HOSTED.iter().filter(|(variable, _)| is_set(variable)).map(|(_, code)| *code).collect();
    if added.is_empty() {
        return facts;
    }
    // Read by itself, so that nothing that the script leaves open, or ends, takes it in.
    let host = reader::read(added.as_bytes());
    facts.commands.extend(host.commands);
    facts
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
