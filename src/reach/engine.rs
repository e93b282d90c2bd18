//! The waves: reached files are read and turned into facts by several threads, and one thread resolves the facts in the
//! order in which the files were reached.

use std::time::Instant;

use rustc_hash::FxHashSet;

use super::ahead::{Ahead, Shared};
use super::analyser::{AnyFacts, Form, Resolver};
use super::analysers::{READERS, interpreters, starts};
use super::assumption::{Assume, Assumed, Assumption};
use super::doubts::Doubts;
use super::extraction::{Extracted, Extractor};
use super::graph::Graph;
use super::notice::{Message, Notice};
use super::request::{Effort, Reach, Request};
use super::rules::Rules;
use super::trace::{Cause, Trace};
use super::{command, entrypoint, payload};
use crate::rootfs::NodeId;

/// Runs the analysis, on as many threads as rayon has.
///
/// # Errors
/// If a rule's glob does not compile; profiles are validated when they are loaded, so that cannot happen to theirs.
pub fn analyse(request: &Request<'_>, rules: Rules) -> Result<Reach, globset::Error> {
    let rules = if request.assume == Assume::Nothing { rules.without_cuts() } else { rules };
    let mut analysers = Vec::with_capacity(READERS.len());
    for start in starts() {
        analysers.push(start(request, &rules)?);
    }
    let extractor = Extractor::new(request, analysers.iter().map(|analyser| analyser.awaits()));
    let shared = Shared::new(&extractor);
    std::thread::scope(|scope| {
        let ahead = Ahead::new(&shared);
        for _ in 1..rayon::current_num_threads() {
            // Without the others it only takes longer.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || shared.work());
        }
        let graph = Graph::new(request.rootfs).owned(request.owners).interpreting(interpreters());
        let graph = graph.knowing(rules.commands.clone()).watched(&ahead);
        let trace = Trace::new(graph, rules);
        let mut engine = Engine {
            request,
            extractor: &extractor,
            ahead: &ahead,
            analysers,
            trace,
            doubts: Doubts::default(),
            given: FxHashSet::default(),
        };
        Ok(engine.run())
    })
}

struct Engine<'e, 'a> {
    request: &'e Request<'a>,
    extractor: &'e Extractor<'e>,
    ahead: &'e Ahead<'e>,
    /// In the order of [`READERS`].
    analysers: Vec<Box<dyn Resolver<'a> + 'a>>,
    trace: Trace<'e>,
    doubts: Doubts,
    /// Files that programs of a language are given to run.
    given: FxHashSet<(&'static str, NodeId)>,
}

impl Engine<'_, '_> {
    /// Entry points first, so that `why` shows chains that start there; then the user's own files.
    fn run(&mut self) -> Reach {
        let mut effort = Effort::default();
        let (request, ctx) = (self.request, self.request.ctx);
        let roots = entrypoint::resolve(&mut self.trace.graph, ctx, request.launch);
        self.deliver();
        let commands = roots.commands.iter().flat_map(|(command, _)| &command.argv);
        let env = ctx.env.iter().flat_map(|(name, value)| [name, value]);
        self.use_words(&commands.chain(env).fold(String::new(), |text, word| text + word + "\n"));
        self.exhaust(&mut effort);
        payload::reach(&mut self.trace.graph, request);
        self.trace.graph.rooted = true;
        self.exhaust(&mut effort);
        self.doubts.tell(&mut self.trace.graph, &self.trace.rules, request.owners);
        let uncertainties = std::mem::take(&mut self.trace.graph.uncertainties);
        let mut reach = Reach { roots, uncertainties, fired: self.trace.rules.fired(), ..Reach::default() };
        self.each(|analyser, _| analyser.conclude(&mut reach));
        if request.doubt {
            reach.edges = self.trace.graph.edges.clone();
            reach.assumed = self.doubt(&reach, &mut effort);
            // Files that only assumptions keep out have names, too.
            let mut later = Reach::default();
            self.each(|analyser, _| analyser.conclude(&mut later));
            reach.names.extend(later.names.into_iter().filter(|name| !reach.edges.is_reached(name.file)));
        } else {
            reach.edges = std::mem::take(&mut self.trace.graph.edges);
        }
        Reach { effort, ..reach }
    }

    /// Gives up one assumption after the other.
    fn doubt(&mut self, reach: &Reach, effort: &mut Effort) -> Assumed {
        let mut rules: Vec<&str> = reach.taken_back.iter().map(|taken| taken.rule.as_str()).collect();
        rules.dedup();
        let rules = rules.into_iter().map(|rule| Assumption::Rule(rule.to_owned()));
        let mut by = Vec::new();
        for assumption in rules.chain([Assumption::Unused]) {
            self.each(|analyser, trace| analyser.doubt(trace, &assumption));
            self.deliver();
            let files = self.exhaust(effort);
            if !files.is_empty() {
                by.push((assumption, files));
            }
        }
        self.trace.graph.uncertainties.clear();
        let edges = std::mem::take(&mut self.trace.graph.edges);
        if by.is_empty() { Assumed::default() } else { Assumed { edges, by } }
    }

    /// Resolves reached files until there are no more. Returns them.
    fn exhaust(&mut self, effort: &mut Effort) -> Vec<NodeId> {
        let mut all = Vec::new();
        loop {
            let frontier = self.trace.graph.take_frontier();
            effort.files += frontier.len() as u64;
            let idle = frontier.is_empty();
            all.extend(&frontier);
            for node in frontier {
                let start = Instant::now();
                let extracted = self.ahead.take(node);
                effort.extracting += start.elapsed();
                self.resolve(node, extracted);
            }
            if idle && !self.settle() && !self.trace.graph.has_frontier() {
                return all;
            }
        }
    }

    fn resolve(&mut self, node: NodeId, extracted: Extracted) {
        let tree = &self.request.rootfs.tree;
        self.note_unread(node, extracted.unread);
        if !extracted.words.is_empty() {
            self.each(|analyser, trace| analyser.used(trace, &extracted.words));
        }
        let met = self.trace.rules.of_path(&tree.path(node));
        let cause = Cause { from: Some(node), dir: Some(tree.parent(node)), word: None };
        self.trace.set_off(met, cause, None);
        self.deliver();
        self.each(|analyser, trace| analyser.reached(trace, node));
        self.resolve_facts(node, extracted.facts);
        self.deliver();
    }

    /// Notes a file that was not read.
    fn note_unread(&mut self, node: NodeId, form: Option<Form>) {
        if let Some(form) = form {
            let what = format!("the file is too large to be read, or has too little in it for its size ({form})");
            let effect = "what it starts may be missing";
            self.trace.graph.doubtful_if_own(Some(node), 0, what, effect, "--entry COMMAND");
        }
    }

    fn resolve_facts(&mut self, node: NodeId, facts: Option<(usize, AnyFacts)>) {
        if let Some((reader, facts)) = facts
            && let Some(analyser) = self.analysers.get_mut(reader)
        {
            analyser.resolve(&mut self.trace, node, facts);
        }
    }

    /// What analysers put off. Returns whether there was anything.
    fn settle(&mut self) -> bool {
        let mut any = false;
        self.each(|analyser, trace| any |= analyser.settle(trace));
        self.deliver() || any
    }

    /// Tells everybody what was found out, until nobody has anything to add. Returns whether there was anything.
    fn deliver(&mut self) -> bool {
        let mut any = false;
        loop {
            let fired = self.trace.take_fired();
            let messages = std::mem::take(&mut self.trace.graph.messages);
            if fired.is_empty() && messages.is_empty() {
                return any;
            }
            any = true;
            for firing in fired {
                self.doubts.watch(&self.trace.graph, &self.trace.rules, firing);
                self.each(|analyser, trace| {
                    if firing.by != Some(analyser.name()) {
                        analyser.apply(trace, firing);
                    }
                });
            }
            for message in messages {
                self.pass_on(&message);
            }
        }
    }

    fn pass_on(&mut self, message: &Message) {
        if let Notice::Command(argv) = &message.notice {
            self.use_words(&argv.join("\n"));
            let ctx = self.request.ctx;
            command::run(&mut self.trace.graph, ctx, message.from, argv, &message.evidence, &ctx.workdir);
        }
        self.each(|analyser, trace| analyser.told(trace, message));
        if let Notice::Script { language, file } = message.notice
            && self.given.insert((language, file))
        {
            let Extracted { facts, words, unread } = self.extractor.extract_given(file, language);
            self.note_unread(file, unread);
            self.each(|analyser, trace| analyser.used(trace, &words));
            self.resolve_facts(file, facts);
        }
    }

    /// Tells of the words of a text that rules wait for.
    fn use_words(&mut self, text: &str) {
        let words = self.extractor.awaited_words(text);
        if !words.is_empty() {
            self.each(|analyser, trace| analyser.used(trace, &words));
        }
    }
}

impl<'a> Engine<'_, 'a> {
    fn each(&mut self, mut act: impl FnMut(&mut dyn Resolver<'a>, &mut Trace<'_>)) {
        for analyser in &mut self.analysers {
            act(analyser.as_mut(), &mut self.trace);
        }
    }
}
