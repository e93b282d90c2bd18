//! The seam: what the engine asks of an analyser. Each has a folder of its own, and a line in `analysers.rs`.

use std::any::Any;

use rustc_hash::FxHashSet;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::assumption::Assumption;
use super::evidence::EvidenceKind;
use super::interpreter::Interpreter;
use super::notice::Message;
use super::request::{Reach, Request};
use super::rules::Rules;
use super::source::Source;
use super::trace::{Firing, Trace};
use crate::cache::{Cache, Key};
use crate::rootfs::{NodeId, Rootfs};

/// How an analyser reads a file: its own name for that, unique among all analysers, for it is in the cache's keys.
pub type Form = &'static str;

/// An analyser of one kind of file.
///
/// The functions without `self` are pure: they run on any thread, for several files at once, and what
/// [`read`](Self::read) returns depends on its arguments alone, so that it can be cached. The methods are called by one
/// thread, for files in the order in which they were reached.
pub trait Analyser<'a>: Sized {
    /// Its name: that of its folder.
    const NAME: &'static str;
    /// The language of its files, in notices.
    const LANGUAGE: &'static str = Self::NAME;
    /// Larger files are not read. In bytes.
    const LIMIT: u64 = 32 << 20;
    /// Files are read in parts, by [`read_parts`](Self::read_parts): they may be larger than memory.
    const IN_PARTS: bool = false;
    /// Its files are lists of what is started: one that is too large to be read is a doubt.
    const STARTS: bool = false;
    /// Programs that run files of its language.
    const INTERPRETERS: &'static [&'static Interpreter] = &[];
    /// What a file says.
    type Facts: Serialize + DeserializeOwned + Send + 'static;

    /// How it reads this file, if it does. The first analyser of the list that claims a file reads it.
    fn claim(file: &Candidate<'_>) -> Option<Form>;

    /// How it reads a file that a program of its language is given to run, if it does: such a file needs neither a name nor
    /// a first line that says what it is.
    fn given(_file: &Candidate<'_>) -> Option<Form> {
        None
    }

    /// What a file says that it claimed: the whole of it is given. None if it says nothing after all.
    fn read(form: Form, bytes: &[u8]) -> Option<Self::Facts>;

    /// The same, for those who read only parts of a file.
    fn read_parts(_form: Form, _file: &dyn Source) -> Option<Self::Facts> {
        None
    }

    /// Adds what is not worth caching.
    fn complete(_facts: &mut Self::Facts, _bytes: &[u8]) {}

    /// In what words of the file rules may be waiting, if it is the user's own.
    fn listens(facts: &Self::Facts, file: &Candidate<'_>) -> Listens;

    /// An analyser that has seen nothing yet.
    ///
    /// # Errors
    /// If a rule's glob does not compile, which loading a profile rules out.
    fn new(request: &Request<'a>, rules: &Rules) -> Result<Self, globset::Error>;

    /// The words for which its rules wait.
    fn awaits(&self) -> Awaited {
        Awaited::default()
    }

    /// Words that it waits for are in the image's config, in a command, or in the user's own files.
    fn used(&mut self, _trace: &mut Trace<'_>, _words: &[Box<str>]) {}

    /// A file was reached, whatever it is. Comes before [`resolve`](Self::resolve).
    fn reached(&mut self, _trace: &mut Trace<'_>, _file: NodeId) {}

    /// Marks what a file reaches that it claimed.
    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: Self::Facts);

    /// Takes note of what another analyser found out, or it itself.
    fn told(&mut self, _trace: &mut Trace<'_>, _message: &Message) {}

    /// Carries out its part of a rule that was set off by a path, or by another analyser.
    fn apply(&mut self, _trace: &mut Trace<'_>, _firing: Firing) {}

    /// Nothing is left to be read: does what was put off until then. Returns whether there was anything.
    fn settle(&mut self, _trace: &mut Trace<'_>) -> bool {
        false
    }

    /// An assumption does not hold: what it kept out counts from now on.
    fn doubt(&mut self, _trace: &mut Trace<'_>, _assumption: &Assumption) {}

    /// Adds what people may call files by, besides their paths.
    fn conclude(&mut self, _reach: &mut Reach) {}
}

/// A reached file that an analyser may claim: by its content, its name, its place, or how it was reached.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'c> {
    /// The tree it is in.
    pub rootfs: &'c Rootfs,
    /// The file: a regular one, of at least one byte.
    pub node: NodeId,
    /// Its first 4096 bytes.
    pub head: &'c [u8],
    /// A package put it there.
    pub owned: bool,
    /// The kind of the evidence that reached it first.
    pub reached_by: EvidenceKind,
}

impl<'c> Candidate<'c> {
    /// Its file name.
    pub fn name(&self) -> &'c [u8] {
        self.rootfs.tree.name(self.node)
    }

    /// Whether more follows its first bytes.
    pub fn is_longer(&self) -> bool {
        self.rootfs.tree.inode(self.node).size() > self.head.len() as u64
    }

    /// Whether it is read for names of files, commands and modules: the user's own text is, and configuration.
    pub fn is_readable(&self) -> bool {
        let named = matches!(self.reached_by, EvidenceKind::Name | EvidenceKind::EntryPoint | EvidenceKind::Command);
        let data = self.reached_by == EvidenceKind::Data;
        !self.owned || data || (named && self.rootfs.tree.path(self.node).starts_with(b"/etc/"))
    }
}

/// What is looked for in the text of the user's own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listens {
    /// Nothing.
    No,
    /// Words that rules wait for.
    ForWords,
    /// Those, and names of settings: the name is all there is to go by where nobody says what a setting is given.
    ForSettingsToo,
}

/// Words that rules wait for.
#[derive(Clone, Debug, Default)]
pub struct Awaited {
    /// In all of the user's own files, in commands and in the environment.
    pub words: FxHashSet<Box<str>>,
    /// Names of settings: only where an analyser says so ([`Listens::ForSettingsToo`]).
    pub settings: FxHashSet<Box<str>>,
}

/// What one file says, to the analyser that claimed it.
pub(super) type AnyFacts = Box<dyn Any + Send>;

/// What a file says that is read in parts.
pub(super) type ReadParts = fn(Form, &dyn Source, Option<&Cache>) -> Option<AnyFacts>;

/// An analyser's pure half, whatever its facts are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub language: &'static str,
    pub limit: u64,
    pub starts: bool,
    pub interpreters: &'static [&'static Interpreter],
    pub claim: fn(&Candidate<'_>) -> Option<Form>,
    pub given: fn(&Candidate<'_>) -> Option<Form>,
    pub read: fn(Form, &[u8], Option<&Cache>) -> Option<AnyFacts>,
    /// Reads parts of a file; none for those who read the whole of it.
    pub read_parts: Option<ReadParts>,
    pub listens: fn(&AnyFacts, &Candidate<'_>) -> Listens,
}

/// An analyser's other half, whatever its facts are.
pub(super) trait Resolver<'a> {
    fn name(&self) -> &'static str;
    fn awaits(&self) -> Awaited;
    fn used(&mut self, trace: &mut Trace<'_>, words: &[Box<str>]);
    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId);
    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: AnyFacts);
    fn told(&mut self, trace: &mut Trace<'_>, message: &Message);
    fn apply(&mut self, trace: &mut Trace<'_>, firing: Firing);
    fn settle(&mut self, trace: &mut Trace<'_>) -> bool;
    fn doubt(&mut self, trace: &mut Trace<'_>, assumption: &Assumption);
    fn conclude(&mut self, reach: &mut Reach);
}

/// Starts an analyser.
pub(super) type Start<'a> = fn(&Request<'a>, &Rules) -> Result<Box<dyn Resolver<'a> + 'a>, globset::Error>;

/// The pure half of an analyser.
pub(super) const fn reader<'a, A: Analyser<'a>>() -> Reader {
    Reader {
        language: A::LANGUAGE,
        limit: A::LIMIT,
        starts: A::STARTS,
        interpreters: A::INTERPRETERS,
        claim: A::claim,
        given: A::given,
        read: read::<A>,
        read_parts: if A::IN_PARTS { Some(read_parts::<A>) } else { None },
        listens: |facts, file| facts.downcast_ref().map_or(Listens::No, |facts| A::listens(facts, file)),
    }
}

/// The other half.
pub(super) fn start<'a, A: Analyser<'a> + 'a>(
    request: &Request<'a>,
    rules: &Rules,
) -> Result<Box<dyn Resolver<'a> + 'a>, globset::Error> {
    Ok(Box::new(A::new(request, rules)?))
}

/// What a file says, or said in an earlier run.
fn read<'a, A: Analyser<'a>>(form: Form, bytes: &[u8], cache: Option<&Cache>) -> Option<AnyFacts> {
    let cache = cache.map(|cache| (cache, Key::new(form, bytes)));
    let mut facts = cached(cache, || A::read(form, bytes))?;
    A::complete(&mut facts, bytes);
    Some(Box::new(facts))
}

/// The same, for a file that is read in parts.
fn read_parts<'a, A: Analyser<'a>>(form: Form, file: &dyn Source, cache: Option<&Cache>) -> Option<AnyFacts> {
    let cache = match cache {
        None => None,
        Some(cache) => Some((cache, Key::of(form, file.size(), |at, out| file.read_at(at, out)).ok()?)),
    };
    Some(Box::new(cached(cache, || A::read_parts(form, file))?))
}

fn cached<F: Serialize + DeserializeOwned>(cache: Option<(&Cache, Key)>, read: impl Fn() -> Option<F>) -> Option<F> {
    let Some((cache, key)) = cache else { return read() };
    cache.get::<Option<F>>(&key).unwrap_or_else(|| {
        let facts = read();
        cache.put(key, &facts);
        facts
    })
}

impl<'a, A: Analyser<'a>> Resolver<'a> for A {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn awaits(&self) -> Awaited {
        Analyser::awaits(self)
    }

    fn used(&mut self, trace: &mut Trace<'_>, words: &[Box<str>]) {
        Analyser::used(self, trace, words);
    }

    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        Analyser::reached(self, trace, file);
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: AnyFacts) {
        if let Ok(facts) = facts.downcast() {
            Analyser::resolve(self, trace, file, *facts);
        }
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        Analyser::told(self, trace, message);
    }

    fn apply(&mut self, trace: &mut Trace<'_>, firing: Firing) {
        Analyser::apply(self, trace, firing);
    }

    fn settle(&mut self, trace: &mut Trace<'_>) -> bool {
        Analyser::settle(self, trace)
    }

    fn doubt(&mut self, trace: &mut Trace<'_>, assumption: &Assumption) {
        Analyser::doubt(self, trace, assumption);
    }

    fn conclude(&mut self, reach: &mut Reach) {
        Analyser::conclude(self, reach);
    }
}
