//! The seam: whose code is read, and when it counts.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::facts::ForeignFacts;
use super::interpreters::INTERPRETERS;
use super::language::Language;
use super::libraries::{Libraries, is_in_library};
use super::package::Packages;
use super::started::{self, Trust};
use super::{LANGUAGE, reader};
use crate::owners::Owners;
use crate::reach::analyser::{Analyser, Candidate, Form, Listens};
use crate::reach::command;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::interpreter::Interpreter;
use crate::reach::notice::{Message, Notice};
use crate::reach::request::Request;
use crate::reach::rules::Rules;
use crate::reach::shell::shebang::{Shebang, base_name};
use crate::reach::trace::{Firing, Trace};
use crate::rootfs::{NodeId, Tree};

/// Rules by which a runtime's library stays as a whole begin so.
const RUNTIME: &str = "runtime-";

/// The analyser of code in languages without one.
#[derive(Debug)]
pub struct Foreign<'a> {
    ctx: &'a Context,
    owners: &'a Owners,
    libraries: Libraries,
    packages: Packages,
    /// Programs that run code which nobody reads.
    runtimes: BTreeSet<NodeId>,
    /// Files that start them, and have been looked at.
    callers: FxHashSet<(NodeId, NodeId)>,
    /// Files that are run by a command.
    given: FxHashSet<NodeId>,
    /// Code in arguments, and where it stands: each is read once, for code may start itself.
    codes: HashSet<(Option<NodeId>, String)>,
    /// A program that runs JavaScript is reached.
    has_javascript: bool,
    /// JavaScript that waits for one.
    pages: Vec<(NodeId, ForeignFacts)>,
}

/// What a file says, and its text where that is a template.
#[derive(Debug, Serialize, Deserialize)]
pub struct WholeCode {
    facts: ForeignFacts,
    /// Not part of what is cached.
    #[serde(skip)]
    template: Option<Arc<str>>,
}

impl<'a> Analyser<'a> for Foreign<'a> {
    const NAME: &'static str = LANGUAGE;
    const INTERPRETERS: &'static [&'static Interpreter] = &INTERPRETERS;
    type Facts = WholeCode;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        if file.head.contains(&0) {
            return None;
        }
        if let Some(shebang) = Shebang::parse(file.head) {
            let program = base_name(shebang.program());
            let known = || Language::of_interpreter(program).or_else(|| Language::of_file(file.name()));
            return (!command::reads_shell_code(program)).then(|| known().unwrap_or(Language::Unknown).form());
        }
        let language = Language::of_file(file.name())?;
        let path = file.rootfs.tree.path(file.node).to_string();
        let named =
            matches!(file.reached_by, EvidenceKind::EntryPoint | EvidenceKind::Command | EvidenceKind::Interpreter);
        // Packages bring scripts for browsers, too.
        let page = language == Language::JavaScript
            && file.owned
            && !named
            && !is_in_library(&path)
            && !path.contains("/nodejs/");
        (!page).then(|| language.form())
    }

    fn given(file: &Candidate<'_>) -> Option<Form> {
        let language = Language::of_file(file.name()).unwrap_or(Language::Unknown);
        (!file.head.contains(&0)).then(|| language.form())
    }

    fn read(form: Form, bytes: &[u8]) -> Option<WholeCode> {
        Some(WholeCode { facts: reader::read(bytes, Language::of_form(form)), template: None })
    }

    fn complete(code: &mut WholeCode, bytes: &[u8]) {
        code.template = code.facts.template.then(|| String::from_utf8_lossy(bytes).into());
    }

    fn listens(_code: &WholeCode, _file: &Candidate<'_>) -> Listens {
        Listens::ForWords
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self {
            ctx: request.ctx,
            owners: request.owners,
            libraries: Libraries::default(),
            packages: Packages::default(),
            runtimes: BTreeSet::new(),
            callers: FxHashSet::default(),
            given: FxHashSet::default(),
            codes: HashSet::default(),
            has_javascript: false,
            pages: Vec::new(),
        })
    }

    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        let name = trace.graph.tree().name(file);
        let runs = std::str::from_utf8(name).is_ok_and(|name| {
            Language::of_interpreter(name) == Some(Language::JavaScript) || name.starts_with("libnode.so")
        });
        if runs && !self.has_javascript {
            self.has_javascript = true;
            for (file, facts) in std::mem::take(&mut self.pages) {
                self.run(trace, file, facts, Trust::Everything);
            }
        }
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, code: WholeCode) {
        let WholeCode { facts, template } = code;
        if let Some(shebang) = &facts.shebang {
            let ran = command::run_interpreter(&mut trace.graph, self.ctx, file, shebang);
            if let Some(program) = ran.program.filter(|_| facts.unknown) {
                self.packages.keep(&mut trace.graph, self.owners, Some(file), program);
            }
        }
        let owned = self.owners.of(file).is_some();
        if let Some(text) = template.filter(|_| !owned) {
            trace.graph.tell(Some(file), Notice::Text(text), Evidence::new(EvidenceKind::Name, ""));
        }
        let path = trace.graph.tree().path(file).to_string();
        let own = !owned && !is_in_library(&path);
        let runs = self.given.contains(&file) || is_asked_for(&trace.graph, file);
        if own && facts.script_of_pages && !self.has_javascript && !runs {
            self.pages.push((file, facts));
        } else if own {
            self.run(trace, file, facts, Trust::Everything);
        } else if runs {
            let trust = self.trust(file, &facts);
            self.run(trace, file, facts, trust);
        } else if let Some(facts) = self.libraries.wait(trace.graph.tree(), file, facts) {
            self.run(trace, file, facts, Trust::Commands);
        }
    }

    /// A runtime without an analyser was reached.
    fn apply(&mut self, trace: &mut Trace<'_>, firing: Firing) {
        if let Some(file) = firing.from.filter(|_| trace.rules.implies().get(firing.rule).callers) {
            self.runtimes.insert(trace.graph.target(file));
        }
    }

    /// What starts such a runtime has code for it, wherever its package put it.
    fn settle(&mut self, trace: &mut Trace<'_>) -> bool {
        let mut any = false;
        for &runtime in &self.runtimes {
            let callers: Vec<NodeId> = trace.graph.callers(runtime).flatten().collect();
            for caller in callers.into_iter().filter(|&caller| self.owners.of(caller).is_some()) {
                if self.callers.insert((caller, runtime)) {
                    self.packages.keep_caller(&mut trace.graph, self.owners, caller, runtime);
                    any = true;
                }
            }
        }
        any
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        match &message.notice {
            Notice::Script { language: LANGUAGE, file } => {
                self.given.insert(*file);
                if let Some(facts) = self.libraries.take(*file) {
                    let trust = self.trust(*file, &facts);
                    self.run(trace, *file, facts, trust);
                }
            }
            Notice::Code { language: LANGUAGE, text } if self.codes.insert((message.from, text.clone())) => {
                let facts = reader::read(text.as_bytes(), Language::Unknown);
                let owned = message.from.is_some_and(|from| self.owners.of(from).is_some());
                let trust = if owned { Trust::Commands } else { Trust::Everything };
                self.run(trace, message.from.unwrap_or(Tree::ROOT), facts, trust);
            }
            Notice::Started { language, program } => {
                let name = trace.graph.tree().name(program.node).to_string();
                if *language == LANGUAGE || name.starts_with("pypy") {
                    self.packages.keep(&mut trace.graph, self.owners, message.from, program.node);
                }
            }
            _ => {}
        }
    }
}

impl Foreign<'_> {
    /// How much a file that is run says: all of it, unless a package put it there that writes its commands as commands.
    fn trust(&self, file: NodeId, facts: &ForeignFacts) -> Trust {
        let installed = self.owners.of(file).is_some() && !facts.unknown;
        if installed { Trust::Commands } else { Trust::Everything }
    }

    /// Code runs: what it starts is reached, and the libraries that it may ask for run, too.
    fn run(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: ForeignFacts, trust: Trust) {
        let mut agenda = vec![(file, facts, trust)];
        while let Some((file, facts, trust)) = agenda.pop() {
            started::resolve(&mut trace.graph, self.ctx, file, &facts, trust);
            self.note(&mut trace.graph, file, &facts, trust);
            let asked = self.libraries.ask(&facts.words);
            agenda.extend(asked.into_iter().map(|(file, facts)| (file, facts, Trust::Commands)));
        }
    }

    /// Says what could not be read of the user's own code and of programs.
    fn note(&self, graph: &mut Graph<'_>, file: NodeId, facts: &ForeignFacts, trust: Trust) {
        if file == Tree::ROOT || trust == Trust::Commands && !self.given.contains(&file) {
            return;
        }
        if let Some(line) = facts.computed {
            let what = "starts a program whose name is known at run time only";
            graph.uncertain(Some(file), line, what, "kept the programs that strings of the file name");
        }
        if facts.unread {
            let effect = "what that part starts may be missing";
            graph.uncertain(Some(file), 0, "part of the code was not read: it is too large", effect);
        }
    }
}

/// Whether a file is reached for itself: not with all of a runtime's library, and not because it lies there.
fn is_asked_for(graph: &Graph<'_>, file: NodeId) -> bool {
    let mut node = file;
    for _ in 0..16 {
        let Some(edge) = graph.edge(node) else { return false };
        match edge.evidence.kind {
            EvidenceKind::Symlink => match edge.from {
                Some(from) => node = from,
                None => return true,
            },
            EvidenceKind::Rule => return !edge.evidence.detail.starts_with(RUNTIME),
            kind => return !matches!(kind, EvidenceKind::Payload | EvidenceKind::Data),
        }
    }
    true
}
