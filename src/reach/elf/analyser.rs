//! ELF files on the seam.

use std::sync::Arc;

use super::configuration;
use super::facts::{ElfFacts, facts, facts_of};
use super::linker::Linker;
use super::naming::{COMMAND, Naming};
use super::triggers::Triggers;
use crate::reach::analyser::{Analyser, Candidate, Form, Listens};
use crate::reach::assumption::Assumption;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::notice::{Binary, Binding, Message, Notice};
use crate::reach::request::{FileName, NameKind, Reach, Request};
use crate::reach::rules::{RuleId, Rules};
use crate::reach::source::Source;
use crate::reach::trace::{Cause, Firing, Trace};
use crate::rootfs::{NodeId, Rootfs};

/// Files of this size, in bytes, are read at once.
const WHOLE: u64 = 4 << 20;

/// The analyser of ELF files.
#[derive(Debug)]
pub struct Elf<'a> {
    rootfs: &'a Rootfs,
    ctx: &'a Context,
    linker: Linker<'a>,
    naming: Naming<'a>,
    triggers: Triggers,
    /// The first interpreter that was reached: what its programs load by name is looked for as it would.
    interpreter: Option<NodeId>,
    /// What was to be loaded before there was one.
    waiting: Vec<(NodeId, String, Evidence)>,
    sonames: Vec<FileName>,
}

impl<'a> Analyser<'a> for Elf<'a> {
    const NAME: &'static str = "elf";
    const LIMIT: u64 = u64::MAX;
    const IN_PARTS: bool = true;
    type Facts = Box<ElfFacts>;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        file.head.starts_with(b"\x7fELF").then_some("elf")
    }

    fn read(_form: Form, bytes: &[u8]) -> Option<Box<ElfFacts>> {
        facts(bytes).map(Box::new)
    }

    fn read_parts(_form: Form, file: &dyn Source) -> Option<Box<ElfFacts>> {
        // A read for each part of a small file would take longer than one for all of it.
        if file.size() > WHOLE {
            return facts_of(file).map(Box::new);
        }
        let mut bytes = vec![0; file.size() as usize];
        file.read_at(0, &mut bytes).ok()?;
        facts(&bytes).map(Box::new)
    }

    fn listens(_facts: &Box<ElfFacts>, _file: &Candidate<'_>) -> Listens {
        Listens::No
    }

    fn new(request: &Request<'a>, rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self {
            rootfs: request.rootfs,
            ctx: request.ctx,
            linker: Linker::new(request.rootfs, request.ctx).with_host(rules.of_host()?),
            naming: Naming::new(request.rootfs, request.ctx, request.owners),
            triggers: Triggers::new(rules)?,
            interpreter: None,
            waiting: Vec::new(),
            sonames: Vec::new(),
        })
    }

    /// Configuration in which libraries find the modules that they load is no ELF file.
    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        for (module, name) in configuration::modules(self.rootfs, self.ctx, file) {
            trace.graph.reach_followed(Some(file), module, &Evidence::new(EvidenceKind::Name, name));
        }
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, mut facts: Box<ElfFacts>) {
        let name = self.rootfs.tree.name(file).to_string();
        let soname = facts.soname.as_ref().map(ToString::to_string).filter(|soname| *soname != name);
        let names: Vec<String> = std::iter::once(name).chain(soname).collect();
        facts.libraries.retain(|library| !self.triggers.is_cut(file, &names, library));
        self.linker.resolve(&mut trace.graph, file, &facts);
        let is_cut = |path: &str| self.triggers.is_cut(file, &names, path);
        self.naming.resolve(&mut trace.graph, file, &facts, is_cut);
        if names.iter().any(|name| name == "libc.so.6") {
            self.name_services(trace, file);
        }
        self.set_off(trace, file, &names, &facts);
        self.sonames.extend(names.into_iter().filter(|name| name.contains(".so")).map(|name| FileName {
            kind: NameKind::Soname,
            name,
            file,
        }));
        let binary = binary(*facts);
        if binary.binding.as_ref().is_some_and(|binding| binding.is_interpreter) {
            self.interpreter.get_or_insert(file);
            for (from, library, evidence) in std::mem::take(&mut self.waiting) {
                self.linker.dlopen(&mut trace.graph, from, file, &library, &evidence);
            }
        }
        let evidence = Evidence::new(EvidenceKind::Name, "");
        trace.graph.tell(Some(file), Notice::Binary(Arc::new(binary)), evidence);
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        if let Notice::Libraries(text) = &message.notice
            && let Some(from) = message.from
        {
            self.naming.libraries(&mut trace.graph, from, text, &message.evidence);
        }
        if let Notice::Load(library) = &message.notice
            && let Some(from) = message.from
        {
            // A program that brings its own interpreter loads for itself.
            match self
                .interpreter
                .filter(|_| !self.linker.knows(from))
                .or(Some(from))
                .filter(|&by| self.linker.knows(by))
            {
                Some(by) => _ = self.linker.dlopen(&mut trace.graph, from, by, library, &message.evidence),
                None => self.waiting.push((from, library.clone(), message.evidence.clone())),
            }
        }
    }

    fn apply(&mut self, trace: &mut Trace<'_>, firing: Firing) {
        self.carry_out(trace, firing.rule);
    }

    fn doubt(&mut self, trace: &mut Trace<'_>, assumption: &Assumption) {
        if let Assumption::Rule(rule) = assumption {
            self.let_count(trace, rule);
        }
    }

    fn conclude(&mut self, reach: &mut Reach) {
        reach.names.append(&mut self.sonames);
        reach.taken_back.extend(self.triggers.taken_back());
    }
}

impl Elf<'_> {
    /// What glibc loads where nobody configures its name services.
    fn name_services(&self, trace: &mut Trace<'_>, libc: NodeId) {
        let tree = &self.rootfs.tree;
        if tree.follow(configuration::NAME_SERVICE).is_some() {
            return;
        }
        for (module, name) in configuration::default_modules(tree) {
            let evidence = Evidence::new(EvidenceKind::Name, format!("{name}, without nsswitch.conf"));
            trace.graph.reach_followed(Some(libc), module, &evidence);
        }
    }

    /// Sets off the rules that wait for a library of these names, or for a symbol that it imports.
    fn set_off(&mut self, trace: &mut Trace<'_>, file: NodeId, names: &[String], facts: &ElfFacts) {
        let cause = Cause { from: Some(file), dir: Some(self.rootfs.tree.parent(file)), word: None };
        for name in names {
            for rule in trace.set_off(self.triggers.of_soname(name), cause, Some(Self::NAME)) {
                self.carry_out(trace, rule);
            }
        }
        for symbol in &facts.imports {
            for rule in trace.set_off(self.triggers.of_symbol(symbol, names), cause, Some(Self::NAME)) {
                self.carry_out(trace, rule);
            }
        }
    }

    fn carry_out(&mut self, trace: &mut Trace<'_>, rule: RuleId) {
        if trace.rules.implies().lets_count(rule) {
            let id = trace.rules.implies().get(rule).id.clone();
            self.let_count(trace, &id);
        }
    }

    /// Lets names of libraries, of folders of them, and of commands count that a rule took back.
    fn let_count(&mut self, trace: &mut Trace<'_>, rule: &str) {
        for (file, library) in self.triggers.let_count(rule) {
            if library.starts_with('/') {
                self.naming.folder(&mut trace.graph, file, &library);
                continue;
            }
            if let Some(command) = library.strip_prefix(COMMAND) {
                self.naming.command(&mut trace.graph, file, command);
                continue;
            }
            let evidence = Evidence::new(EvidenceKind::Dlopen, format!("string {library}"));
            self.linker.dlopen(&mut trace.graph, file, file, &library, &evidence);
        }
    }
}

/// What the runtimes of languages want to know.
fn binary(facts: ElfFacts) -> Binary {
    let ElfFacts { needed, glued, python, .. } = facts;
    let binding = python.map(|python| Binding {
        language: "python",
        is_interpreter: python.interpreter,
        names: python.names,
        glued,
        beginnings: python.beginnings,
        sources: python.sources,
        opaque: python.opaque_names,
    });
    Binary { needed, binding }
}
