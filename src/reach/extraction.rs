//! From a file's bytes to facts: what kind of file it is, and how much of it is read.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::engine::Request;
use super::evidence::EvidenceKind;
use super::facts::{Facts, Form};
use super::python::{bytecode, extract, pickled};
use super::text;
use crate::cache::Key;
use crate::rootfs::NodeId;

/// Larger files are no source code and no configuration.
const MAX_SOURCE: u64 = 32 << 20;
/// Larger ELF files are analysed by their beginning only.
const MAX_ELF: u64 = 2 << 30;

/// What a file says, and the words in it that rules wait for.
pub(super) type Extracted = (Facts, Vec<Box<str>>);

/// Turns files into facts. Several threads may do so at once.
#[derive(Debug)]
pub(super) struct Extractor<'a> {
    pub request: &'a Request<'a>,
    /// Names that rules wait for: they are looked for in the user's own files, whatever those are.
    pub awaited: FxHashSet<Box<str>>,
    /// Names of settings that rules wait for: they are looked for where no Python says what they are given.
    pub settings: FxHashSet<Box<str>>,
}

impl Extractor<'_> {
    /// The words of a text that rules wait for, each once.
    pub fn awaited_words(&self, text: &str) -> Vec<Box<str>> {
        self.words(text, |word| self.awaited.contains(word))
    }

    fn words(&self, text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Box<str>> {
        let words = text.split(|c: char| !(c == '_' || c.is_alphanumeric()));
        let mut found: Vec<Box<str>> = words.filter(|word| wanted(word)).map(Box::from).collect();
        found.sort();
        found.dedup();
        found
    }

    /// What a file says that was reached by evidence of this kind, and the awaited words in it if it is the user's own.
    pub fn extract(&self, node: NodeId, kind: EvidenceKind) -> Extracted {
        let mut bytes = Vec::new();
        let facts = self.extract_facts(node, kind, &mut bytes);
        let own = matches!(facts, Facts::Python(..) | Facts::Script(_) | Facts::Foreign(_) | Facts::Text { .. })
            && self.request.owners.of(node).is_none();
        if !own {
            return (facts, Vec::new());
        }
        // Where no Python says what a setting is given, its name is all there is to go by.
        let or_settings = match &facts {
            Facts::Python(facts, _) => facts.unparsed.is_some(),
            Facts::Text { .. } => text::is_configuration(self.request.rootfs.tree.name(node)),
            _ => false,
        };
        let text = match &facts {
            Facts::Text { content, .. } => Cow::Borrowed(content.as_str()),
            _ => String::from_utf8_lossy(&bytes),
        };
        let words =
            self.words(&text, |word| self.awaited.contains(word) || (or_settings && self.settings.contains(word)));
        (facts, words)
    }

    /// Facts depend on a file's bytes and name alone; whether text is read, on how the file was reached too.
    fn extract_facts(&self, node: NodeId, kind: EvidenceKind, bytes: &mut Vec<u8>) -> Facts {
        let rootfs = self.request.rootfs;
        let inode = rootfs.tree.inode(node);
        if !inode.is_file() || inode.size() == 0 {
            return Facts::Nothing;
        }
        if rootfs.read_prefix(node, 4096, bytes).is_err() {
            return Facts::Nothing;
        }
        let name = rootfs.tree.name(node);
        let elf = bytes.starts_with(b"\x7fELF");
        let limit = if elf { MAX_ELF } else { MAX_SOURCE };
        if inode.size() > limit {
            return Facts::Nothing;
        }
        let python = !elf && extract::looks_like_python(name, bytes);
        let script = !elf && !python && (bytes.starts_with(b"#!") || name.ends_with(b".sh"));
        let form = if elf {
            Form::Elf
        } else if name.ends_with(b".pyc") && bytecode::is_bytecode(bytes) && self.is_module(node) {
            Form::Bytecode
        } else if pickled::is_pickle(name) && self.reads_text(node, kind) {
            Form::Pickle
        } else if python {
            Form::Python { own: self.request.owners.of(node).is_none() }
        } else if script {
            Form::Script
        } else if self.reads_text(node, kind) && !bytes.contains(&0) {
            Form::Text
        } else {
            return Facts::Nothing;
        };
        if inode.size() > bytes.len() as u64 && rootfs.read_prefix(node, limit, bytes).is_err() {
            return Facts::Nothing;
        }
        let mut facts = self.read(form, bytes);
        if let Facts::Text { content, .. } = &mut facts {
            *content = String::from_utf8_lossy(bytes).into_owned();
        }
        facts
    }

    /// What is read of a file, or was in an earlier run.
    fn read(&self, form: Form, bytes: &[u8]) -> Facts {
        let Some(cache) = self.request.cache else { return Facts::read(form, bytes) };
        let key = Key::new(form.kind(), bytes);
        if let Some(facts) = cache.get(&key) {
            return facts;
        }
        let facts = Facts::read(form, bytes);
        cache.put(key, &facts);
        facts
    }

    /// Whether byte code stands for a module itself: in `__pycache__` it is a copy of the source.
    fn is_module(&self, node: NodeId) -> bool {
        let tree = &self.request.rootfs.tree;
        tree.name(tree.parent(node)) != "__pycache__"
    }

    /// Whose text is read for names of files, commands and modules: the user's own, and configuration.
    fn reads_text(&self, node: NodeId, kind: EvidenceKind) -> bool {
        let tree = &self.request.rootfs.tree;
        let named = matches!(kind, EvidenceKind::Name | EvidenceKind::EntryPoint | EvidenceKind::Command);
        let data = kind == EvidenceKind::Data;
        self.request.owners.of(node).is_none() || data || (named && tree.path(node).starts_with(b"/etc/"))
    }
}
