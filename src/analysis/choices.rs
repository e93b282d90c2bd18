//! What the caller asks for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::image::{OpenOptions, Platform, Reference, Transport};
use crate::network::Network;
use crate::output::{self, Recipe};
use crate::plan::Bytecode;
use crate::reach::Assume;
use crate::report::shell_word;
use crate::tarball::Limits;

/// What decides about files, apart from the image: all of it is in the result's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Files of profiles besides the built-in ones.
    pub profiles: Vec<PathBuf>,
    /// Names of built-in profiles that are left out.
    pub without_profiles: Vec<String>,
    /// Globs of what stays, whatever else says that it goes. The label `bantam.keep` adds more.
    pub keep: Vec<String>,
    /// Globs of what goes, directories with all that is in them. The label `bantam.strip` adds more.
    pub strip: Vec<String>,
    /// Other commands that the image is started with, each one line as a shell would read it. Labels add more.
    pub entries: Vec<String>,
    /// Sets of programs that stay though nothing starts them: ids of `[[tools]]` of profiles.
    pub tools: Vec<String>,
    /// Ids of rules that are left out.
    pub without_rules: Vec<String>,
    /// How much is assumed about the program.
    pub assume: Assume,
    /// Whether labels of the image are obeyed.
    pub labels: bool,
    /// Whether the profiles' strip rules apply.
    pub strip_rules: bool,
    /// Whether files go for not being reached.
    pub prune: bool,
    /// Whether ELF files that stay lose debug information and symbols.
    pub strip_symbols: bool,
    /// Whether identical files of packages become one: see [`crate::plan::dedupe()`].
    pub dedupe: bool,
    /// What becomes of byte code.
    pub bytecode: Bytecode,
}

impl Default for Choices {
    /// All that the program does by itself.
    fn default() -> Self {
        Self {
            profiles: Vec::new(),
            without_profiles: Vec::new(),
            keep: Vec::new(),
            strip: Vec::new(),
            entries: Vec::new(),
            tools: Vec::new(),
            without_rules: Vec::new(),
            assume: Assume::Usual,
            labels: true,
            strip_rules: true,
            prune: true,
            strip_symbols: true,
            dedupe: false,
            bytecode: Bytecode::Strip,
        }
    }
}

impl Choices {
    /// The command for the image's history: what decides about files, and nothing that differs between two machines.
    pub fn history(&self) -> String {
        let mut words = vec!["bantam slim".to_owned()];
        let mut option = |name: &str, value: &str| words.push(format!("{name} {}", shell_word(value)));
        for file in &self.profiles {
            let name = file.file_name().map_or(file.as_path(), Path::new);
            option("--profile", &name.to_string_lossy());
        }
        self.without_profiles.iter().for_each(|name| option("--no-profile", name));
        self.without_rules.iter().for_each(|id| option("--no-rule", id));
        self.strip.iter().for_each(|glob| option("--strip", glob));
        self.keep.iter().for_each(|glob| option("--keep", glob));
        self.tools.iter().for_each(|set| option("--keep-tools", set));
        self.entries.iter().for_each(|command| option("--entry", command));
        words.extend((self.assume == Assume::Nothing).then(|| "--assume nothing".to_owned()));
        words.extend((!self.labels).then(|| "--no-labels".to_owned()));
        words.extend((!self.strip_rules).then(|| "--no-strip".to_owned()));
        words.extend((!self.strip_symbols).then(|| "--strip-symbols=off".to_owned()));
        words.extend((!self.prune).then(|| "--no-prune".to_owned()));
        words.extend(self.dedupe.then(|| "--dedupe".to_owned()));
        words.extend(matches!(self.bytecode, Bytecode::Keep { .. }).then(|| "--bytecode keep".to_owned()));
        words.join(" ")
    }
}

/// A directory for results of earlier runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheDir {
    /// Where it is; it is made if it is not there.
    pub path: PathBuf,
    /// How large it may become, in bytes.
    pub limit: u64,
}

/// With what means an image is opened and analysed. None of it shows in the result.
#[derive(Clone, Debug)]
pub struct Means {
    /// Which of several platforms of an image.
    pub platform: Option<Platform>,
    /// How many bytes of decompressed layers may stay in memory; more is kept in unlinked files.
    pub memory: u64,
    /// How much the image may hold.
    pub limits: Limits,
    /// How registries are reached.
    pub network: Arc<Network>,
    /// Results of earlier runs.
    pub cache: Option<CacheDir>,
    /// Whether to find out what only assumptions keep out: for reports and explanations. It takes longer, and does not
    /// show in the image.
    pub doubt: bool,
}

impl Default for Means {
    /// Any platform, 32 MiB of memory, no cache.
    fn default() -> Self {
        let OpenOptions { memory, limits, network, .. } = OpenOptions::default();
        Self { platform: None, memory, limits, network, cache: None, doubt: false }
    }
}

/// `options` with what does not depend on the caller's taste: the history's line, and the input, which is never written to.
pub(super) fn completed(
    options: &output::Options,
    choices: &Choices,
    input: &Reference,
    recipe: Recipe,
) -> output::Options {
    let source = match &input.transport {
        Transport::Registry(image) => Some(image.clone()),
        _ => None,
    };
    output::Options {
        created_by: choices.history(),
        input: input.file().map(Path::to_owned),
        source,
        recipe: Some(recipe),
        ..options.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_says_what_decided_about_files_and_no_paths() {
        let choices = Choices {
            profiles: vec!["/home/me/mine.toml".into()],
            without_profiles: vec!["docs".into()],
            without_rules: vec!["python-help".into()],
            assume: Assume::Nothing,
            strip: vec!["/opt/*".into()],
            strip_symbols: false,
            prune: false,
            dedupe: true,
            bytecode: Bytecode::Keep { latest: Some(1) },
            entries: vec!["it's me".into()],
            ..Choices::default()
        };
        assert_eq!(
            choices.history(),
            "bantam slim --profile mine.toml --no-profile docs --no-rule python-help --strip '/opt/*' --entry 'it'\\''s me' --assume nothing --strip-symbols=off --no-prune --dedupe --bytecode keep"
        );
        assert_eq!(Choices::default().history(), "bantam slim");
    }
}
