//! Python on the seam.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::command_line::INTERPRETER;
use super::hint::Hint;
use super::names::NAME;
use super::reading::bytecode::Bytecode;
use super::reading::facts::PythonFacts;
use super::reading::{bytecode, extract, pickled};
use super::resolver::Python;
use super::search::environment;
use crate::reach::analyser::{Analyser, Awaited, Candidate, Form, Listens};
use crate::reach::assumption::{Assume, Assumption};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::interpreter::Interpreter;
use crate::reach::notice::{Message, Notice};
use crate::reach::request::{Reach, Request};
use crate::reach::rules::Rules;
use crate::reach::trace::{Firing, Trace};
use crate::reach::words::dotted_words;
use crate::rootfs::NodeId;

/// Installed source, and the user's own: of that all words with dots are taken too.
const SOURCE: Form = "python";
const OWN_SOURCE: Form = "own python";
const BYTECODE: Form = "bytecode";
const PICKLE: Form = "pickle";

/// What a file says to Python.
#[derive(Debug, Serialize, Deserialize)]
pub enum FileFacts {
    /// What a source says, and the dotted words of the user's own, wherever in it they stand.
    Code(Box<PythonFacts>, Vec<String>),
    /// Byte code that has no source.
    Bytecode(Box<Bytecode>),
    /// Modules that pickled data names.
    Pickle(Vec<String>),
}

impl<'a> Analyser<'a> for Python<'a> {
    const NAME: &'static str = NAME;
    const INTERPRETERS: &'static [&'static Interpreter] = &[&INTERPRETER];
    type Facts = FileFacts;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let (tree, name) = (&file.rootfs.tree, file.name());
        // In `__pycache__` byte code is a copy of the source; elsewhere it stands for a module itself.
        let copy = || tree.name(tree.parent(file.node)) == "__pycache__";
        if name.ends_with(b".pyc") && bytecode::is_bytecode(file.head) && !copy() {
            Some(BYTECODE)
        } else if file.is_readable() && (pickled::is_pickle(name) || pickled::is_pickle_by_content(file.head)) {
            Some(PICKLE)
        } else if extract::looks_like_python(name, file.head) {
            Some(if file.owned { SOURCE } else { OWN_SOURCE })
        } else if !file.owned && extract::is_python_by_content(file.head, file.is_longer()) {
            Some(OWN_SOURCE)
        } else {
            None
        }
    }

    /// Source and byte code are Python whatever they are called, if Python runs them.
    fn given(file: &Candidate<'_>) -> Option<Form> {
        if bytecode::is_bytecode(file.head) {
            return Some(BYTECODE);
        }
        (!file.head.contains(&0)).then_some(if file.owned { SOURCE } else { OWN_SOURCE })
    }

    fn read(form: Form, bytes: &[u8]) -> Option<FileFacts> {
        Some(match form {
            BYTECODE => FileFacts::Bytecode(Box::new(bytecode::read(bytes))),
            PICKLE => FileFacts::Pickle(pickled::names(bytes)),
            _ => {
                let facts = extract::extract(bytes);
                let words = if form == OWN_SOURCE { own_words(&facts, bytes) } else { Vec::new() };
                FileFacts::Code(Box::new(facts), words)
            }
        })
    }

    fn listens(facts: &FileFacts, _file: &Candidate<'_>) -> Listens {
        match facts {
            FileFacts::Code(facts, _) if facts.unparsed.is_some() => Listens::ForSettingsToo,
            FileFacts::Code(..) => Listens::ForWords,
            FileFacts::Bytecode(_) | FileFacts::Pickle(_) => Listens::No,
        }
    }

    fn new(request: &Request<'a>, rules: &Rules) -> Result<Self, globset::Error> {
        let mut python = Python::new(request.rootfs, request.ctx, request.owners, rules)?;
        if request.assume == Assume::Nothing {
            python.reaching.run_everything();
        }
        Ok(python)
    }

    fn awaits(&self) -> Awaited {
        self.reaching.triggers.awaited()
    }

    fn used(&mut self, trace: &mut Trace<'_>, words: &[Box<str>]) {
        self.use_words(trace, words);
    }

    /// A library or an interpreter that was reached by itself starts an environment, which is found from it.
    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        if self.is_named(trace, file) {
            self.reaching.name_path(trace, file);
        }
        let name = self.rootfs.tree.name(file);
        let library = name.starts_with(b"libpython");
        if !library && !environment::is_interpreter(name) {
            return;
        }
        if !self.belongs_to_interpreter(trace, file) {
            self.look_for_interpreter(trace, file);
            if library {
                self.take_frozen_library(trace, file);
            }
        } else if library {
            match self.embedding.is_embedded {
                true => self.look_for_interpreter(trace, file),
                false => self.embedding.libraries.push(file),
            }
        }
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: FileFacts) {
        match facts {
            FileFacts::Code(facts, words) => self.read_source(trace, file, *facts, words),
            FileFacts::Bytecode(code) => self.read_bytecode(trace, file, *code),
            FileFacts::Pickle(names) => {
                for name in names {
                    let evidence = Evidence::new(EvidenceKind::Name, format!("{name} in pickled data"));
                    self.hint(trace, Some(file), Hint::Pickled(name), evidence);
                }
            }
        }
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        let (from, evidence) = (message.from, || message.evidence.clone());
        match &message.notice {
            Notice::Word(word) => self.hint(trace, from, Hint::Name(word.clone()), evidence()),
            Notice::Text(text) => self.read_text(from, text),
            Notice::Started { language: NAME, program } => {
                let node = self.rootfs.tree.get(&program.path).unwrap_or(program.node);
                let is_interpreter = environment::is_interpreter(self.rootfs.tree.name(node));
                self.look_for_interpreter(trace, if is_interpreter { node } else { program.node });
            }
            Notice::Module { language: NAME, name } => {
                self.hint(trace, from, Hint::RunModule(name.clone()), evidence());
            }
            Notice::Code { language: NAME, text } => self.hint(trace, from, Hint::Code(text.clone()), evidence()),
            Notice::Script { language: NAME, file } => self.run_script(trace, message, *file),
            Notice::Executed(file) => self.run_executed(trace, *file),
            Notice::Bundle(bundle) => from.into_iter().for_each(|file| self.take_bundle(trace, file, bundle)),
            Notice::Binary(facts) => from.into_iter().for_each(|file| self.read_binary(trace, file, facts)),
            _ => {}
        }
    }

    fn apply(&mut self, trace: &mut Trace<'_>, firing: Firing) {
        self.carry_out(trace, firing.rule, firing.from);
    }

    fn settle(&mut self, trace: &mut Trace<'_>) -> bool {
        self.run(trace)
    }

    fn doubt(&mut self, trace: &mut Trace<'_>, assumption: &Assumption) {
        match assumption {
            Assumption::Rule(rule) => self.reaching.let_count(rule),
            Assumption::Unused => self.reaching.run_everything(),
        }
        self.run(trace);
    }

    fn conclude(&mut self, reach: &mut Reach) {
        reach.names.extend(self.names_of_modules());
        reach.taken_back.extend(self.reaching.triggers.taken_back());
    }
}

/// The words with dots of the user's own source. Of an import that serves constants, the import says more than its words.
fn own_words(facts: &PythonFacts, bytes: &[u8]) -> Vec<String> {
    let mut words = dotted_words(&String::from_utf8_lossy(bytes));
    let imports = facts.units.iter().flat_map(|unit| &unit.imports);
    let constant = imports.filter(|import| !import.constant_calls.is_empty());
    let constant: HashSet<&str> = constant.map(|import| &*import.module).collect();
    words.retain(|word| !constant.contains(word.as_str()));
    words
}
