//! The rules of a run: profiles and the user's own globs, compiled for one image.

use std::collections::BTreeSet;

use crate::Result;
use crate::profile::{KeepMatcher, ProfileSet, StripMatcher, UserGlobs};
use crate::reach::Edges;
use crate::rootfs::Tree;

use super::setting::Setting;
use super::verdict::{KeepReason, Plan, Verdict};

/// What the user asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// `--keep` globs.
    pub keep: Vec<String>,
    /// `--strip` globs.
    pub strip: Vec<String>,
    /// `--no-strip`: strip rules of profiles are off. The user's own globs are not.
    pub no_strip: bool,
    /// `--no-prune`: nothing goes for not being reached.
    pub no_prune: bool,
}

/// Profiles and choices, compiled for one image.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(super) keep: UserGlobs,
    pub(super) strip: UserGlobs,
    pub(super) keep_rules: KeepMatcher,
    pub(super) strip_rules: StripMatcher,
    pub(super) prune: bool,
}

impl Rules {
    /// Compiles everything. With `reached`, rules for caches of a tool are off where that tool is reached.
    ///
    /// # Errors
    /// The first bad glob of the user's.
    pub fn new(
        profiles: &ProfileSet,
        choices: &Choices,
        setting: &Setting,
        tree: &Tree,
        reached: Option<&Edges>,
    ) -> Result<Self> {
        let variables = setting.variables();
        let canonical = |globs: &[String]| globs.iter().map(|glob| canonical_glob(tree, glob)).collect::<Vec<_>>();
        let reached_names = reached.map(|edges| {
            let programs =
                tree.iter().filter(|&node| edges.is_reached(node) && tree.inode(node).meta.mode & 0o111 != 0);
            programs
                .filter(|&node| !tree.inode(node).is_dir())
                .map(|node| tree.name(node))
                .collect::<std::collections::HashSet<_>>()
        });
        let running = |program: &String| {
            let name = bstr::BStr::new(program.as_bytes());
            setting.runs(program) || reached_names.as_ref().is_some_and(|names| names.contains(name))
        };
        Ok(Self {
            keep: UserGlobs::new("--keep", &canonical(&choices.keep))?,
            strip: UserGlobs::new("--strip", &canonical(&choices.strip))?,
            keep_rules: KeepMatcher::new(profiles, &variables)?,
            strip_rules: StripMatcher::new(profiles, &variables, |rule| {
                !choices.no_strip && !rule.unless_running.iter().any(running)
            })?,
            prune: !choices.no_prune,
        })
    }
}

impl Rules {
    /// A sentence for every glob of the user's that decides on nothing: most likely it is misspelt.
    pub fn idle_globs(&self, tree: &Tree, plan: &Plan) -> Vec<String> {
        let mut used = BTreeSet::new();
        for node in tree.iter() {
            match plan.verdict(node) {
                Verdict::Strip(reason) if reason.is_users() => used.insert(&*reason.rule),
                Verdict::Keep(KeepReason::Rule(rule)) if rule.starts_with("--keep ") => used.insert(&**rule),
                _ => false,
            };
        }
        let named = |option: &'static str, globs: &UserGlobs| -> Vec<String> {
            globs.iter().map(|glob| format!("{option} {glob}")).collect()
        };
        let all = named("--keep", &self.keep).into_iter().chain(named("--strip", &self.strip));
        all.filter(|glob| !used.contains(glob.as_str()))
            .map(|glob| format!("{glob} names nothing in the image"))
            .collect()
    }
}

/// The glob with symlinks in its literal leading directories followed: whoever writes `/bin/x` means `/usr/bin/x`
/// where `/bin` is a symlink.
pub fn canonical_glob(tree: &Tree, glob: &str) -> String {
    let literal = glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len());
    // The last part may be a symlink that is meant itself.
    let Some(end) = glob[..literal].rfind('/') else { return glob.to_owned() };
    let (dir, rest) = glob.split_at(end);
    match tree.follow(dir) {
        Some(node) if node != Tree::ROOT => match std::str::from_utf8(&tree.path(node)) {
            Ok(path) => globset::escape(path) + rest,
            Err(_) => glob.to_owned(),
        },
        _ => glob.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn user_globs_follow_symlinked_directories() {
        let tree = Builder::new().file("/usr/bin/x", b"").symlink("/bin", "usr/bin").dir("/a*").build().tree;
        assert_eq!(canonical_glob(&tree, "/bin/x"), "/usr/bin/x");
        assert_eq!(canonical_glob(&tree, "/bin/*"), "/usr/bin/*");
        assert_eq!(canonical_glob(&tree, "/bin"), "/bin");
        assert_eq!(canonical_glob(&tree, "/none/*"), "/none/*");
        assert_eq!(canonical_glob(&tree, "**/x"), "**/x");
    }
}
