//! People who log in over the network: the programs that serve them, PAM's `pam_exec`, and commands of `authorized_keys`.

use serde::{Deserialize, Serialize};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{Outcome, Runner, run_lines};
use super::context::Context;
use super::decoding;
use super::entrypoint::GivenBy;
use super::evidence::{Evidence, EvidenceKind};
use super::notice::{Message, Notice};
use super::request::{Reach, Request};
use super::rules::Rules;
use super::trace::{Firing, Trace};
use crate::rootfs::NodeId;

/// How many commands are read of one file.
const MAX_COMMANDS: usize = 10_000;

const PAM: Form = "pam";
const KEYS: Form = "authorized keys";

/// The analyser of logins.
#[derive(Debug)]
pub struct Login<'a> {
    ctx: &'a Context,
    /// The user said what they run.
    is_named: bool,
    /// Servers that were only seen to be there.
    idle: Vec<NodeId>,
    /// What lets them log in.
    server: Option<String>,
}

/// Commands that a file says are run, each with its 1-based line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginCommands {
    /// The commands.
    pub commands: Vec<(Box<str>, u32)>,
    /// There was more than is read.
    pub cut: bool,
}

impl<'a> Analyser<'a> for Login<'a> {
    const NAME: &'static str = "login";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = LoginCommands;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let path = file.rootfs.tree.path(file.node);
        let form = match file.name() {
            b"authorized_keys" | b"authorized_keys2" => KEYS,
            _ if path.starts_with(b"/etc/pam.d/") || path == "/etc/pam.conf" => PAM,
            _ => return None,
        };
        (!file.head.contains(&0)).then_some(form)
    }

    fn read(form: Form, bytes: &[u8]) -> Option<LoginCommands> {
        let text = decoding::text(bytes);
        Some(if form == PAM { stack(&text) } else { keys(&text) })
    }

    fn listens(_facts: &LoginCommands, _file: &Candidate<'_>) -> Listens {
        Listens::ForWords
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        let named = |given| matches!(given, GivenBy::Label | GivenBy::Option);
        let is_named = request.launch.commands.iter().any(|command| named(command.given_by));
        Ok(Self { ctx: request.ctx, is_named, idle: Vec::new(), server: None })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: LoginCommands) {
        if facts.cut {
            trace.graph.cut_short(file);
        }
        let evidence = Evidence::new(EvidenceKind::Command, "login");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        run_lines(&mut runner, facts.commands.iter().map(|(code, line)| (&**code, *line)));
        runner.finish(Outcome::default());
    }

    /// A server of logins was reached: what its shells read counts in any case.
    fn apply(&mut self, trace: &mut Trace<'_>, firing: Firing) {
        let Some(server) = firing.from.filter(|_| trace.rules.implies().get(firing.rule).logins) else { return };
        let by = trace.graph.edge(server).map(|edge| edge.evidence.kind);
        if by.is_some_and(|kind| !kind.is_weak()) || trace.graph.is_executed(trace.graph.target(server)) {
            self.serve(trace, server);
        } else {
            self.idle.push(trace.graph.target(server));
        }
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        if let Notice::Executed(file) = message.notice
            && self.idle.contains(&file)
        {
            self.serve(trace, file);
        }
    }

    fn conclude(&mut self, reach: &mut Reach) {
        if let Some(server) = self.server.as_ref().filter(|_| !self.is_named) {
            reach.roots.keep_all.get_or_insert_with(|| {
                format!(
                    "{server} lets people log in, who may run any program, so nothing is pruned; say what they run with \
                     --entry 'COMMAND'"
                )
            });
        }
    }
}

impl Login<'_> {
    /// A server of logins runs.
    fn serve(&mut self, trace: &mut Trace<'_>, server: NodeId) {
        if self.server.is_some() {
            return;
        }
        let path = trace.graph.tree().path(server).to_string();
        let evidence = Evidence::new(EvidenceKind::Command, path.as_str());
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(server), evidence, "/");
        runner.log_in(None);
        runner.finish(Outcome::default());
        if self.is_named {
            let what = format!("{path} lets people log in, who may run any program");
            trace.graph.doubtful(
                Some(server),
                0,
                what,
                "kept what --entry and labels say that they run",
                "--entry COMMAND",
            );
        }
        self.server = Some(path);
    }
}

/// The programs that `pam_exec` runs, see `pam_exec(8)`: its first argument that is a path.
pub fn stack(text: &str) -> LoginCommands {
    let command = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| !word.ends_with("pam_exec.so"));
        words.next()?;
        let words: Vec<&str> = words.skip_while(|word| !word.starts_with('/')).collect();
        (!words.is_empty()).then(|| words.join(" ").into())
    };
    commands(text, command)
}

/// What `command="…"` says before a key, see `sshd(8)`, "AUTHORIZED_KEYS FILE FORMAT".
pub fn keys(text: &str) -> LoginCommands {
    let command = |line: &str| {
        let (_, rest) = line.split_once("command=\"")?;
        let mut command = String::new();
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => command.extend(chars.next()),
                '"' => return Some(command.into()),
                c => command.push(c),
            }
        }
        None
    };
    commands(text, command)
}

fn commands(text: &str, command: impl Fn(&str) -> Option<Box<str>>) -> LoginCommands {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with('#'));
    let mut found = lines.filter_map(|(number, line)| Some((command(line)?, number)));
    let commands = found.by_ref().take(MAX_COMMANDS).collect();
    LoginCommands { commands, cut: found.next().is_some() }
}

#[cfg(test)]
mod tests;
