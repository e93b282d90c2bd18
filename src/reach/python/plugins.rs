//! Plugins that a loader finds by their file names, where the user's own words name them: rules say which modules are some.

use std::collections::HashSet;

use rustc_hash::FxHashSet;

use super::hint::Hint;
use super::resolver::{Python, Role};
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::rules::RuleId;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// How many bytes of words are kept.
const MAX_WORDS: usize = 64 << 20;

/// What plugins there are, and what words may name them.
#[derive(Debug, Default)]
pub(super) struct Plugins {
    words: HashSet<Box<str>>,
    /// Of the words, in bytes.
    size: usize,
    /// Words have come since the plugins were last looked at.
    is_new: bool,
    /// The rules and environments whose plugins are known.
    listed: FxHashSet<(RuleId, usize)>,
    /// Those that no word has named so far.
    idle: Vec<Plugin>,
    /// A word has named one.
    any: bool,
}

#[derive(Debug)]
struct Plugin {
    env: usize,
    rule: RuleId,
    module: String,
    /// It is loaded with all others that lie beside it.
    together: bool,
}

impl Plugin {
    /// The folder that it lies in, if all of that is loaded at once.
    fn folder(&self) -> Option<(usize, &str)> {
        let (folder, _) = self.module.rsplit_once('.').filter(|_| self.together)?;
        Some((self.env, folder))
    }
}

impl Plugins {
    /// Adds words that may name plugins.
    pub(super) fn add_words(&mut self, text: &str) {
        for word in text.split(|c: char| !(c == '_' || c.is_alphanumeric())).filter(|word| word.len() > 1) {
            if self.size + word.len() <= MAX_WORDS && !self.words.contains(word) {
                self.size += word.len();
                self.words.insert(word.into());
                self.is_new = true;
            }
        }
    }

    /// Whether a word names a module. Where there are too many words to know, it is one of them.
    fn is_named(&self, module: &str) -> bool {
        let name = module.rsplit('.').next().unwrap_or(module);
        self.size + name.len() > MAX_WORDS || self.words.contains(name)
    }

    /// Takes the plugins that are named.
    fn take_named(&mut self) -> Vec<Plugin> {
        if !std::mem::take(&mut self.is_new) {
            return Vec::new();
        }
        let idle = std::mem::take(&mut self.idle);
        let folders: HashSet<(usize, String)> = idle
            .iter()
            .filter(|plugin| self.is_named(&plugin.module))
            .filter_map(|plugin| plugin.folder().map(|(env, folder)| (env, folder.to_owned())))
            .collect();
        let is_beside =
            |plugin: &Plugin| plugin.folder().is_some_and(|(env, folder)| folders.contains(&(env, folder.to_owned())));
        let (named, idle) = idle.into_iter().partition(|plugin| self.is_named(&plugin.module) || is_beside(plugin));
        self.idle = idle;
        self.any |= !named.is_empty();
        named
    }
}

impl Python<'_> {
    /// Runs the plugins that words name. Returns whether there were any.
    pub(super) fn run_plugins(&mut self, trace: &mut Trace<'_>) -> bool {
        let plugins = &mut self.given.plugins;
        for rule in self.reaching.effects.plugin_rules.clone() {
            let effects = &trace.rules.implies().get(rule).python;
            let together = effects.plugin_folders.iter().map(|glob| (glob.clone(), true));
            let globs: Vec<(String, bool)> =
                effects.plugins.iter().map(|glob| (glob.clone(), false)).chain(together).collect();
            for env in self.reaching.search.environments() {
                if plugins.listed.insert((rule, env)) {
                    for (glob, together) in &globs {
                        let modules = self.reaching.search.glob(env, glob).into_iter();
                        let plugin = |module| Plugin { env, rule, module, together: *together };
                        plugins.idle.extend(modules.map(plugin));
                    }
                    plugins.is_new = true;
                }
            }
        }
        let mut named = plugins.take_named();
        if !plugins.any && trace.graph.rooted && !plugins.idle.is_empty() {
            plugins.any = true;
            named = std::mem::take(&mut plugins.idle);
            let what = "nothing in the image says which plugins run";
            trace.graph.uncertain(None, 0, what, format!("kept all {}", named.len()));
        }
        if named.is_empty() && !plugins.idle.is_empty() && trace.graph.rooted {
            let what = "a program runs plugins that text names, which may come from outside of the image".to_owned();
            let effect = "those that no word of the image names do not count as run".to_owned();
            trace.graph.uncertain_once(None, 0, what, effect);
        }
        for Plugin { env, rule, module, .. } in &named {
            let ids = self.reaching.search.find(*env, module);
            let files: Vec<NodeId> = ids.into_iter().filter_map(|id| self.reaching.search.module(id).file()).collect();
            self.reaching.effects.plugins.extend(&files);
            let evidence = Evidence::new(EvidenceKind::Rule, trace.rules.implies().get(*rule).id.as_str());
            let site = Site { env: *env, from: None, evidence };
            self.take_hint(trace, &site, &Hint::RunModule(module.clone()));
            // Its source may be sent to any other interpreter.
            for file in files {
                self.adopt(trace, file, Role::Program);
            }
        }
        !named.is_empty()
    }
}
