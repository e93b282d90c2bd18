//! The Python analyser: holds the parts, and hands on what one finds out for another.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::asking::Asking;
use super::codecs::Codecs;
use super::embedding::Embedding;
use super::hint::Hint;
use super::names::{MAIN, is_identifier};
use super::plugins::Plugins;
use super::reaching::{By, Reaching};
use super::reading::extension::ExtensionFacts;
use super::reading::facts::PythonFacts;
use super::reading::values_of_text::{lists_distributions, lone_words};
use super::search::{MadeOf, ModuleId};
use super::site::{Expected, Site};
use super::triggers::Triggers;
use crate::owners::Owners;
use crate::reach::bundle::Bundle;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::request::{FileName, NameKind};
use crate::reach::rules::{RuleId, Rules};
use crate::reach::trace::Trace;
use crate::rootfs::{NodeId, Rootfs};

/// As what a file runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its `__main__` block runs too.
    Program,
    /// It was imported, or may be.
    Module,
}

/// The Python analyser.
#[derive(Debug)]
pub struct Python<'a> {
    pub(super) rootfs: &'a Rootfs,
    pub(super) ctx: &'a Context,
    pub(super) owners: &'a Owners,
    pub(super) embedding: Embedding,
    pub(super) reaching: Reaching<'a>,
    pub(super) asking: Asking,
    pub(super) codecs: Codecs,
    pub(super) given: HandedOver,
}

/// What was handed over so far: it counts in environments that are found later, too.
#[derive(Debug, Default)]
pub(super) struct HandedOver {
    /// Files that were reached by other means than an import.
    pub(super) scripts: Vec<(NodeId, Role)>,
    /// Words of the configuration and of commands.
    pub(super) hints: Vec<(Option<NodeId>, Hint, Evidence)>,
    /// Archives of modules.
    pub(super) bundles: Vec<(NodeId, Arc<Bundle>)>,
    /// Words that stand alone in the user's own text, and where: they count only with those of the configuration.
    lone_words: BTreeMap<Box<str>, NodeId>,
    /// Words count as names of modules of the standard library, too.
    words_taken: bool,
    /// Words that may name plugins, and those plugins.
    pub(super) plugins: Plugins,
}

impl<'a> Python<'a> {
    /// An analyser that knows no interpreter yet.
    ///
    /// # Errors
    /// If a rule's glob does not compile, which loading a profile rules out.
    pub fn new(
        rootfs: &'a Rootfs,
        ctx: &'a Context,
        owners: &'a Owners,
        rules: &Rules,
    ) -> Result<Self, globset::Error> {
        Ok(Self {
            rootfs,
            ctx,
            owners,
            embedding: Embedding::default(),
            reaching: Reaching::new(rootfs, ctx, owners, Triggers::new(rules)?),
            asking: Asking::default(),
            codecs: Codecs::default(),
            given: HandedOver::default(),
        })
    }

    /// The names of the modules that are reached and have files, in the order they were.
    pub(super) fn names_of_modules(&self) -> Vec<FileName> {
        let name = |&id: &ModuleId| {
            let module = self.reaching.search.module(id);
            let file = match module.made_of {
                MadeOf::File(_, file) | MadeOf::Zip(file) => file,
                MadeOf::Namespace => *module.dirs.first()?,
            };
            Some(FileName { kind: NameKind::Module, name: module.name.to_string(), file })
        };
        self.reaching.running.modules.in_order().iter().filter_map(name).collect()
    }

    /// Whether a file is that of a reached module. One that was only looked up is none.
    pub fn is_reached(&self, file: NodeId) -> bool {
        let modules = &self.reaching.running.modules;
        self.reaching.search.of_file(file).iter().any(|&id| modules.has(id))
    }

    /// Hands over the facts of a file that was reached.
    pub fn supply(&mut self, file: NodeId, facts: PythonFacts) {
        self.reaching.running.code.add_source(file, facts);
        for id in self.reaching.search.of_file(file).to_vec() {
            self.reaching.settle_taken(id);
            self.asking.note_read(id);
            self.start_reached(id);
        }
    }

    /// Hands over what an extension module (or any reached ELF file) says.
    pub fn supply_extension(&mut self, file: NodeId, facts: ExtensionFacts) {
        // C code calls methods by name too. The interpreter's own needs no more than them and what it imports.
        let name = self.reaching.search.tree().name(file);
        let library = memchr::memmem::find(name, b".so").is_some();
        if library && self.reaching.search.is_stdlib_of_any(file) {
            self.supply_names(&facts.names);
        } else {
            for part in facts.names.iter().flat_map(|name| name.split('.')) {
                self.reaching.running.live.add(part);
            }
        }
        self.reaching.running.code.add_extension(file, facts);
        for id in self.reaching.search.of_file(file).to_vec() {
            self.start_reached(id);
        }
    }

    fn start_reached(&mut self, id: ModuleId) {
        if self.reaching.running.modules.has(id) {
            self.reaching.start_body(id);
        }
    }

    /// Names that a reached file uses that is no Python module (an interpreter calls methods by name).
    pub fn supply_names(&mut self, names: &[Box<str>]) {
        for part in names.iter().flat_map(|name| name.split('.')) {
            self.reaching.running.live.add_method(part);
        }
    }

    /// Reads the identifiers of text data (templates, configuration): they may call methods by name.
    pub fn read_text(&mut self, from: Option<NodeId>, text: &str) {
        if let Some(file) = from.filter(|&file| self.reaching.is_users(file))
            && !lists_distributions(self.rootfs.tree.name(file))
        {
            self.given.plugins.add_words(text);
            for word in lone_words(text) {
                self.given.lone_words.entry(word.into()).or_insert(file);
            }
        }
        for word in text.split(|c: char| !(c == '_' || c.is_alphanumeric())) {
            if word.len() > 2 && word.len() < 64 {
                self.reaching.running.live.add(word);
            }
        }
    }

    /// Words of the configuration, of commands and of the user's own files, whatever they mean there.
    pub fn use_words(&mut self, trace: &mut Trace<'_>, words: &[Box<str>]) {
        for word in words {
            self.reaching.use_name(trace, None, word);
            self.reaching.use_computed(trace, None, word);
        }
    }

    /// Carries out a rule that was set off by a file, in every environment.
    pub(super) fn carry_out(&mut self, trace: &mut Trace<'_>, rule: RuleId, file: Option<NodeId>) {
        self.reaching.carry_out(trace, rule, &By { file, dir: None, env: None });
    }

    /// Takes words that the configuration or a command line gave.
    pub(super) fn hint(&mut self, trace: &mut Trace<'_>, from: Option<NodeId>, hint: Hint, evidence: Evidence) {
        if let Hint::Name(words) = &hint {
            self.given.plugins.add_words(words);
        }
        for env in self.reaching.search.environments() {
            self.take_hint(trace, &Site { env, from, evidence: evidence.clone() }, &hint);
        }
        self.given.hints.push((from, hint, evidence));
    }

    pub(super) fn take_hint(&mut self, trace: &mut Trace<'_>, site: &Site, hint: &Hint) {
        let Self { reaching, asking, .. } = self;
        match hint {
            Hint::RunModule(name) => {
                let main = format!("{name}.{MAIN}");
                for name in ["runpy", name.as_str(), &main] {
                    reaching.import(trace, site, name);
                }
                for name in [name, &main] {
                    for id in self.reaching.search.find(site.env, name) {
                        if let MadeOf::File(_, file) = self.reaching.search.module(id).made_of {
                            self.reaching.name_path(trace, file);
                            self.adopt_in(&mut trace.graph, site.env, file, Role::Program);
                        }
                    }
                }
            }
            Hint::Code(code) => self.run_snippet(site.env, code, site.from),
            Hint::Bytecode(facts) => self.run_facts(site.env, (**facts).clone(), site.from),
            Hint::Pickled(word) => {
                for part in word.split(['.', ':']) {
                    reaching.running.live.add(part);
                }
                asking.import_named(reaching, trace, site, word, Expected::Name);
            }
            Hint::Name(word) => {
                for part in word.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                    reaching.running.live.add_string(part);
                }
                reaching.metadata.groups.add_string(word);
                // A plain word such as `test` or `code` is hardly ever meant to be the standard library's module.
                let meant = asking.imports_words || word.contains(['.', ':']);
                // `setup.py` is a file, and no name of a module that has something called `py`.
                let is_file = word.strip_suffix(".py").is_some_and(is_identifier);
                if is_file {
                    return;
                }
                if meant || reaching.search.has_outside_stdlib(site.env, word) {
                    let module = asking.import_named(reaching, trace, site, word, Expected::Name);
                    if let Some(module) = module
                        && self.is_of_command(site.from, site.evidence.kind)
                    {
                        self.reaching.name_module(trace, site.env, module);
                    }
                }
            }
        }
    }

    /// Works through the agenda. Returns whether there was anything to do.
    pub fn run(&mut self, trace: &mut Trace<'_>) -> bool {
        let mut worked = false;
        loop {
            self.reaching.running.start_ready();
            if self.reaching.running.agenda.is_done() {
                if self.find_more(trace) {
                    continue;
                }
                if self.reaching.running.agenda.is_done() {
                    return worked;
                }
            }
            worked = true;
            for scope in self.reaching.running.agenda.take() {
                self.run_scope(trace, scope);
            }
        }
    }

    /// Takes the words of the configuration once more, and those of the environment, once code of the user's own imports by
    /// a name that cannot be read. Returns whether that is new.
    fn take_words(&mut self, trace: &mut Trace<'_>) -> bool {
        if !self.asking.imports_words {
            return false;
        }
        let lone = std::mem::take(&mut self.given.lone_words);
        for (word, &file) in &lone {
            self.import_lone_word(trace, file, word);
        }
        if std::mem::replace(&mut self.given.words_taken, true) {
            return !lone.is_empty();
        }
        for (from, hint, evidence) in self.given.hints.clone() {
            if matches!(hint, Hint::Name(_)) {
                for env in self.reaching.search.environments() {
                    self.take_hint(trace, &Site { env, from, evidence: evidence.clone() }, &hint);
                }
            }
        }
        for (variable, value) in &self.ctx.env {
            for word in value.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.contains('/')) {
                let evidence = Evidence::new(EvidenceKind::Name, format!("{word} in {variable}"));
                self.hint(trace, None, Hint::Name(word.to_owned()), evidence);
            }
        }
        true
    }

    /// A word that stands alone in text of the user's own is the name of a module, if there is one.
    fn import_lone_word(&mut self, trace: &mut Trace<'_>, file: NodeId, word: &str) {
        for env in self.reaching.search.environments() {
            let evidence = Evidence::new(EvidenceKind::Name, word);
            self.reaching.import(trace, &Site { env, from: Some(file), evidence }, word);
        }
    }

    /// What can be answered only once everything so far has run. Returns whether there was anything.
    fn find_more(&mut self, trace: &mut Trace<'_>) -> bool {
        if self.take_words(trace) || self.run_plugins(trace) {
            return true;
        }
        let Self { reaching, asking, .. } = self;
        reaching.retry_missing(trace)
            || asking.load_groups(reaching, trace)
            || reaching.metadata.reach_required(&mut trace.graph, &reaching.search)
            || asking.import_constants(reaching, trace)
    }
}
