//! What analysers tell one another. The words are those of no language in particular: who can do something with a notice
//! does, and nobody knows who that is.

use std::sync::Arc;

use bstr::BString;

use super::bundle::Bundle;
use super::command::OpenCode;
use super::evidence::Evidence;
use super::interpreter::Program;
use crate::rootfs::NodeId;

/// Something that was found out, and where it stands.
#[derive(Clone, Debug)]
pub struct Message {
    /// The file that says so; none for the image's config.
    pub from: Option<NodeId>,
    /// What is said.
    pub notice: Notice,
    /// The evidence of what comes of it.
    pub evidence: Evidence,
}

/// What is said. A `language` is an analyser's [`LANGUAGE`](super::analyser::Analyser::LANGUAGE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A word was used that may name a module, or an object in one (`main:app`, `demo.wsgi`, `celery.Celery`).
    Word(String),
    /// A text was read that may call functions by name (a template, settings).
    Text(Arc<str>),
    /// An interpreter was started.
    Started {
        /// Whose interpreter it is.
        language: &'static str,
        /// The interpreter.
        program: Program,
    },
    /// A module runs as a program (`python -m NAME`).
    Module {
        /// The language of the module.
        language: &'static str,
        /// Its name.
        name: String,
    },
    /// Code runs that stands in an argument, or in another file.
    Code {
        /// The language it is in.
        language: &'static str,
        /// The code.
        text: String,
    },
    /// A file, or a directory, runs as a program of a language, whatever it is called.
    Script {
        /// The language of who runs it.
        language: &'static str,
        /// The file.
        file: NodeId,
    },
    /// A command runs a file that was reached before as something else: analysers that go by how a file was reached first look
    /// again. Each file once.
    Executed(NodeId),
    /// A library is loaded by name, as by `dlopen(3)`.
    Load(String),
    /// Code names libraries of its own software or of others, whole or in part: a file name, in which `*` stands for any text.
    Libraries(String),
    /// A command runs: its argument vector.
    Command(Vec<String>),
    /// Shell code stands in an argument or a setting, and variables in it may be set elsewhere.
    OpenCode(Arc<OpenCode>),
    /// What a reached ELF file says to the runtimes of languages: they load such files, or are such files themselves.
    Binary(Arc<Binary>),
    /// A reached file is an archive of code, which runs.
    Bundle(Arc<Bundle>),
}

/// An ELF file, as the runtime of a language sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binary {
    /// `DT_NEEDED`: the libraries it is linked with.
    pub needed: Vec<BString>,
    /// What it has to do with a language; none for most files.
    pub binding: Option<Binding>,
}

/// Native code that uses or provides a language's C interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The language.
    pub language: &'static str,
    /// It is the interpreter, or its library.
    pub is_interpreter: bool,
    /// Identifiers and dotted names in its read-only data, sorted.
    pub names: Vec<Box<str>>,
    /// Strings run together without separators.
    pub glued: Box<str>,
    /// Identifiers and dotted names that begin in them where something points to, sorted, each with what follows it; none if that is not
    /// known.
    pub beginnings: Option<Vec<Box<str>>>,
    /// Source text of the language.
    pub sources: Vec<Box<str>>,
    /// Its names cannot be read (a compressed string table).
    pub opaque: bool,
}
