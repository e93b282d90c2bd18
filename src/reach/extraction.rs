//! From a file's bytes to facts: who reads it, and how much of it is read.

use bstr::ByteSlice;

use super::analyser::{AnyFacts, Awaited, Candidate, Form, Listens};
use super::analysers::READERS;
use super::evidence::EvidenceKind;
use super::request::Request;
use super::source::Stored;
use crate::rootfs::NodeId;

/// How much of a file those are shown who may claim it, in bytes.
const HEAD: u64 = 4096;

/// No file counts for more than this many bytes of memory.
const MAX_WEIGHT: u64 = 64 << 20;
/// The same for one that is read in parts.
const MAX_WEIGHT_IN_PARTS: u64 = 4 << 20;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Extracted {
    /// To whom it says something: the place among the [`READERS`].
    pub facts: Option<(usize, AnyFacts)>,
    /// The words in it that rules wait for, if it is the user's own.
    pub words: Vec<Box<str>>,
    /// It says what is started and is too large to be read, or is little but holes: what it was taken for.
    pub unread: Option<Form>,
}

/// Turns files into facts. Several threads may do so at once.
#[derive(Debug)]
pub(super) struct Extractor<'a> {
    request: Request<'a>,
    awaited: Awaited,
}

impl<'a> Extractor<'a> {
    /// `awaited` is what each analyser waits for.
    pub fn new(request: &Request<'a>, awaited: impl Iterator<Item = Awaited>) -> Self {
        let mut all = Awaited::default();
        for one in awaited {
            all.words.extend(one.words);
            all.settings.extend(one.settings);
        }
        Self { request: *request, awaited: all }
    }

    /// The words of a text that rules wait for, each once.
    pub fn awaited_words(&self, text: &str) -> Vec<Box<str>> {
        self.words(text, Listens::ForWords)
    }

    fn words(&self, text: &str, listens: Listens) -> Vec<Box<str>> {
        let Awaited { words, settings } = &self.awaited;
        let wanted =
            |word: &&str| words.contains(*word) || (listens == Listens::ForSettingsToo && settings.contains(*word));
        let all = text.split(|c: char| !(c == '_' || c.is_alphanumeric())).filter(|word| !word.is_empty());
        // Options are words of their own: `-W default`.
        let options = text.split_whitespace().filter(|word| word.starts_with('-'));
        let mut found: Vec<Box<str>> = all.chain(options).filter(wanted).map(Box::from).collect();
        found.sort();
        found.dedup();
        found
    }

    /// How many bytes of memory reading a file may take, about; more than none. Libraries are read in parts.
    pub fn weight(&self, node: NodeId) -> u64 {
        let tree = &self.request.rootfs.tree;
        let most = if tree.name(node).contains_str(".so") { MAX_WEIGHT_IN_PARTS } else { MAX_WEIGHT };
        tree.inode(node).size().clamp(1, most)
    }

    /// What a file says that was reached by evidence of this kind.
    pub fn extract(&self, node: NodeId, reached_by: EvidenceKind) -> Extracted {
        self.read(node, reached_by, |file| {
            READERS.iter().enumerate().find_map(|(place, reader)| Some((place, (reader.claim)(file)?)))
        })
    }

    /// What a file says to the analyser of the language of a program that is given it to run, if that would not read it
    /// otherwise.
    pub fn extract_given(&self, node: NodeId, language: &str) -> Extracted {
        self.read(node, EvidenceKind::Command, |file| {
            let (place, reader) = READERS.iter().enumerate().find(|(_, reader)| reader.language == language)?;
            let claimed = READERS.iter().find_map(|other| (other.claim)(file).map(|_| other.language));
            if claimed == Some(language) { None } else { Some((place, (reader.given)(file)?)) }
        })
    }

    /// What a file says to the reader at a place, in a form, that `choose` names.
    fn read(
        &self,
        node: NodeId,
        reached_by: EvidenceKind,
        choose: impl Fn(&Candidate<'_>) -> Option<(usize, Form)>,
    ) -> Extracted {
        let rootfs = self.request.rootfs;
        let inode = rootfs.tree.inode(node);
        let mut bytes = Vec::new();
        if !inode.is_file() || inode.size() == 0 || rootfs.read_prefix(node, HEAD, &mut bytes).is_err() {
            return Extracted::default();
        }
        let owned = self.request.owners.of(node).is_some();
        let head = bytes.clone();
        let file = Candidate { rootfs, node, head: &head, owned, reached_by };
        let Some((place, form)) = choose(&file) else { return Extracted::default() };
        let reader = &READERS[place];
        let more = inode.size() > bytes.len() as u64;
        let hollow = more && rootfs.is_hollow(node);
        if hollow || inode.size() > reader.limit {
            return Extracted { unread: (reader.starts || hollow).then_some(form), ..Extracted::default() };
        }
        if let Some(read) = reader.read_parts.filter(|_| more) {
            let facts = read(form, &Stored { rootfs, node }, self.request.cache).map(|facts| (place, facts));
            return Extracted { facts, ..Extracted::default() };
        }
        if more && rootfs.read_prefix(node, reader.limit, &mut bytes).is_err() {
            return Extracted::default();
        }
        let Some(facts) = (reader.read)(form, &bytes, self.request.cache) else { return Extracted::default() };
        let words = match (reader.listens)(&facts, &file) {
            Listens::No => Vec::new(),
            _ if owned => Vec::new(),
            listens => self.words(&String::from_utf8_lossy(&bytes), listens),
        };
        Extracted { facts: Some((place, facts)), words, unread: None }
    }
}
