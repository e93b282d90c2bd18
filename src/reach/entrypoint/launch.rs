//! What a container of the image starts, read once: commands from the config, its labels and `--entry`, and what they
//! find around them.
//!
//! The fields of the config are those of the OCI image specification, "Image Configuration", and of Docker's
//! extensions to it (Healthcheck, Shell).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::image::RunConfig;
use crate::reach::context::Context;
use crate::reach::shell::facts::ShellFacts;
use crate::reach::shell::reader;

/// The label that adds an entry point; `bantam.entry.NAME` adds more.
pub const LABEL: &str = "bantam.entry";

/// How containers of an image start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// Environment, working directory, user, architecture.
    pub context: Context,
    /// The commands, in the order: image, health check, labels, options.
    pub commands: Vec<EntryCommand>,
    /// Mount points: the config's Volumes.
    pub volumes: Vec<String>,
}

/// Who gives a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GivenBy {
    /// Entrypoint and Cmd, concatenated as the container engine does.
    Image,
    /// The health check.
    Healthcheck,
    /// A label of the image.
    Label,
    /// The user's `--entry`.
    Option,
}

/// A command that a container may start with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCommand {
    /// What is executed: program and arguments. Where the command is shell code, that is a shell with the code.
    pub argv: Vec<String>,
    /// Who gives it.
    pub given_by: GivenBy,
    /// The same for people: `Entrypoint`, `Cmd`, `Healthcheck`, `label bantam.entry`, `--entry`.
    pub shown: String,
    /// As it is written there, without a shell that is not: a list of words, or one line.
    text: Vec<String>,
}

impl EntryCommand {
    fn new(given_by: GivenBy, shown: impl Into<String>, argv: Vec<String>, text: Vec<String>) -> Self {
        Self { argv, given_by, shown: shown.into(), text }
    }

    /// A line of a label or an option.
    fn line(given_by: GivenBy, shown: &str, line: &str, shell: &[String]) -> Self {
        Self::new(given_by, shown, argv_of(line, shell), vec![line.to_owned()])
    }

    /// Every word that is written in it, those of shell code split at blanks and shell punctuation.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        const PUNCTUATION: &[char] = &[';', '&', '|', '(', ')', '<', '>', '`', '"', '\'', '$', '{', '}', '=', ','];
        let ends = |c: char| c.is_whitespace() || PUNCTUATION.contains(&c);
        self.text.iter().flat_map(move |text| text.split(ends)).filter(|word| !word.is_empty())
    }
}

impl Launch {
    /// From the config of an image for `architecture`; `entries` are other commands it is started with (`--entry`), each
    /// one line as a shell would read it.
    pub fn of(config: &RunConfig, architecture: &str, entries: &[String]) -> Self {
        let workdir = if config.working_dir.is_empty() { "/" } else { &config.working_dir };
        let context = Context {
            env: config.env_map(),
            workdir: workdir.to_owned(),
            user: config.user.clone(),
            architecture: architecture.to_owned(),
        };
        let labels = labelled(&config.labels, &config.shell);
        let entries = entries.iter().filter(|line| !line.trim().is_empty());
        let entries = entries.map(|line| EntryCommand::line(GivenBy::Option, "--entry", line, &config.shell));
        let commands = of_image(config).into_iter().chain(healthcheck(config)).chain(labels).chain(entries);
        Self { context, commands: commands.collect(), volumes: config.volumes.clone() }
    }

    /// An image that does nothing but run this command.
    pub fn running(argv: &[&str]) -> Self {
        let cmd = argv.iter().map(|&word| word.to_owned()).collect();
        Self::of(&RunConfig { cmd, ..RunConfig::default() }, "", &[])
    }

    /// The words of all commands.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.commands.iter().flat_map(EntryCommand::words)
    }
}

fn of_image(config: &RunConfig) -> Option<EntryCommand> {
    let argv: Vec<String> = config.entrypoint.iter().chain(&config.cmd).cloned().collect();
    let shown = if config.entrypoint.is_empty() { "Cmd" } else { "Entrypoint" };
    let any = argv.iter().any(|word| !word.is_empty());
    any.then(|| EntryCommand::new(GivenBy::Image, shown, argv.clone(), argv))
}

fn healthcheck(config: &RunConfig) -> Option<EntryCommand> {
    let (kind, rest) = config.healthcheck.split_first()?;
    let argv = match kind.as_str() {
        "CMD" => rest.to_vec(),
        "CMD-SHELL" => in_shell(&config.shell, &rest.join(" ")),
        _ => return None,
    };
    (!argv.is_empty()).then(|| EntryCommand::new(GivenBy::Healthcheck, "Healthcheck", argv, rest.to_vec()))
}

fn labelled(labels: &BTreeMap<String, String>, shell: &[String]) -> Vec<EntryCommand> {
    let is_entry = |label: &str| label.strip_prefix(LABEL).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let mut found = Vec::new();
    for (label, value) in labels.iter().filter(|(label, _)| is_entry(label)) {
        let lines = value.lines().filter(|line| !line.trim().is_empty());
        let shown = format!("label {label}");
        found.extend(lines.map(|line| EntryCommand::line(GivenBy::Label, &shown, line, shell)));
    }
    found
}

fn in_shell(shell: &[String], code: &str) -> Vec<String> {
    let mut argv = if shell.is_empty() { vec!["/bin/sh".to_owned(), "-c".to_owned()] } else { shell.to_vec() };
    argv.push(code.to_owned());
    argv
}

/// Splits a line into words as a shell does. A line that is more than one plain command needs a shell.
fn argv_of(line: &str, shell: &[String]) -> Vec<String> {
    let facts = reader::read(line.as_bytes());
    plain(&facts).unwrap_or_else(|| in_shell(shell, line))
}

fn plain(facts: &ShellFacts) -> Option<Vec<String>> {
    let [command] = facts.commands.as_slice() else { return None };
    if !facts.assignments.is_empty() || !facts.words.is_empty() || facts.unread.is_some() {
        return None;
    }
    command.words.iter().map(|word| word.literal()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn health_checks_labels_and_options_are_commands() {
        let config = RunConfig {
            cmd: list(&["python3", "main.py"]),
            healthcheck: list(&["CMD-SHELL", "curl -f localhost || exit 1"]),
            labels: BTreeMap::from([
                ("bantam.entry".to_owned(), "gunicorn a:b\n\nsleep 1".to_owned()),
                ("bantam.entry.two".to_owned(), "tini -- curl".to_owned()),
                ("bantam.entryway".to_owned(), "no".to_owned()),
            ]),
            ..RunConfig::default()
        };
        let launch = Launch::of(&config, "amd64", &list(&["gunicorn 'x y' c:d", "curl a | gunicorn", " "]));
        let shown: Vec<_> = launch.commands.iter().map(|command| command.shown.as_str()).collect();
        let labels = ["label bantam.entry", "label bantam.entry", "label bantam.entry.two"];
        assert_eq!(shown, [&["Cmd", "Healthcheck"][..], &labels, &["--entry", "--entry"]].concat());
        assert_eq!(launch.commands[1].argv, ["/bin/sh", "-c", "curl -f localhost || exit 1"]);
        assert_eq!(launch.commands[5].argv, ["gunicorn", "x y", "c:d"]);
        assert_eq!(launch.commands[6].argv, ["/bin/sh", "-c", "curl a | gunicorn"]);
    }

    #[test]
    fn words_are_those_that_are_written() {
        let config = RunConfig { healthcheck: list(&["CMD-SHELL", "PORT=80 curl -f $HOST"]), ..RunConfig::default() };
        let launch = Launch::of(&config, "amd64", &list(&["a 'b c' | d"]));
        let words: Vec<&str> = launch.words().collect();
        assert_eq!(words, ["PORT", "80", "curl", "-f", "HOST", "a", "b", "c", "d"], "no shell, which nobody wrote");
        let none = RunConfig { healthcheck: list(&["NONE"]), cmd: list(&[""]), ..RunConfig::default() };
        assert!(Launch::of(&none, "amd64", &[]).commands.is_empty());
    }
}
