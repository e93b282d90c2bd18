//! What a plan has to know of the image's config.

use std::collections::BTreeSet;

use crate::image::RunConfig;
use crate::profile::Variables;
use crate::reach::Context;
use crate::rootfs::{NodeId, Tree};

/// The parts of an image's config that strip rules look at.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// Environment and working directory.
    pub context: Context,
    /// Entrypoint, Cmd, Healthcheck and every `--entry`, word by word as they stand there; shell forms as one word.
    pub commands: Vec<String>,
    /// Mount points: the config's Volumes.
    pub volumes: Vec<String>,
}

impl Setting {
    /// From the config of an image for `architecture`; `entries` are other commands it is started with.
    pub fn of(config: &RunConfig, architecture: &str, entries: impl IntoIterator<Item = String>) -> Self {
        let workdir = if config.working_dir.is_empty() { "/" } else { &config.working_dir };
        // The first word of a health check says what kind it is.
        let healthcheck = config.healthcheck.iter().skip(1);
        let commands = config.entrypoint.iter().chain(&config.cmd).chain(healthcheck).cloned().chain(entries);
        Self {
            context: Context {
                env: config.env_map(),
                workdir: workdir.to_owned(),
                user: config.user.clone(),
                architecture: architecture.to_owned(),
            },
            commands: commands.collect(),
            volumes: config.volumes.clone(),
        }
    }

    /// Values for placeholders in globs.
    pub fn variables(&self) -> Variables {
        Variables::new(&self.context.env)
    }

    /// The words of the commands, shell forms split at blanks and shell punctuation.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        const PUNCTUATION: &[char] = &[';', '&', '|', '(', ')', '<', '>', '`', '"', '\'', '$', '{', '}', '=', ','];
        let split = |c: char| c.is_whitespace() || PUNCTUATION.contains(&c);
        self.commands.iter().flat_map(move |command| command.split(split)).filter(|word| !word.is_empty())
    }

    /// Whether a word of the commands is this program, with or without its folder.
    pub fn runs(&self, program: &str) -> bool {
        self.words().any(|word| word.rsplit('/').next() == Some(program))
    }

    /// Everything that the config names by path and that exists, symlinks followed: the working directory, words of
    /// the commands, directories in environment variables. The root and the folders for temporary files that
    /// `TMPDIR` and the like name do not count.
    pub fn named(&self, tree: &Tree) -> BTreeSet<NodeId> {
        let workdir = tree.follow(&self.context.workdir).unwrap_or(Tree::ROOT);
        let mut named: BTreeSet<NodeId> =
            self.words().filter_map(|word| tree.resolve_from(workdir, word)).map(|r| r.node).collect();
        named.insert(workdir);
        for (name, value) in &self.context.env {
            if !matches!(name.as_str(), "TMPDIR" | "TEMP" | "TMP" | "TEMPDIR") {
                let paths = value.split([':', ',', ';', ' ']).filter(|part| part.starts_with('/'));
                named.extend(paths.filter_map(|path| tree.follow(path)));
            }
        }
        named.extend(self.volumes.iter().filter_map(|path| tree.follow(path)));
        named.remove(&Tree::ROOT);
        named
    }

    /// Directories that must be there when the program starts: working directory, volumes, `HOME`.
    pub fn needed_directories(&self, tree: &Tree) -> BTreeSet<NodeId> {
        let home = self.context.env.get("HOME");
        let paths = self.volumes.iter().chain([&self.context.workdir]).chain(home);
        paths.filter_map(|path| tree.follow(path)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn commands_are_found_in_words_and_shell_forms() {
        let setting = Setting {
            commands: ["/bin/sh", "-c", "cd /src && exec /usr/local/go/bin/go run ."].map(str::to_owned).into(),
            ..Setting::default()
        };
        assert!(setting.runs("go") && setting.runs("sh"));
        assert!(!setting.runs("cargo") && !setting.runs("run."));
    }

    #[test]
    fn what_the_config_names() {
        let tree = Builder::new().file("/tmp/app/main.py", b"").file("/tmp/x", b"").dir("/opt/data").build().tree;
        let mut setting = Setting { commands: vec!["python".into(), "main.py".into()], ..Setting::default() };
        setting.context.workdir = "/tmp/app".into();
        setting.context.env.insert("DATA".into(), "/none:/opt/data".into());
        setting.context.env.insert("TMPDIR".into(), "/tmp".into());
        let named: Vec<_> = setting.named(&tree).into_iter().map(|node| tree.path(node).to_string()).collect();
        assert_eq!(named, ["/tmp/app", "/tmp/app/main.py", "/opt/data"]);
    }
}
