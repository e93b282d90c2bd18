//! Why a file counts as reached.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rootfs::NodeId;

/// The kinds of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// Named by Entrypoint, Cmd, Healthcheck, a label or `--entry`.
    EntryPoint,
    /// The user's own file: no package owns it.
    Payload,
    /// A symlink on the way to a reached file.
    Symlink,
    /// `PT_INTERP` of an ELF file, or the `#!` line of a script.
    Interpreter,
    /// `DT_NEEDED`.
    Needed,
    /// Loaded at run time by name: a string or a `.note.dlopen` names it.
    Dlopen,
    /// Data that an imported symbol implies.
    Symbol,
    /// An import statement.
    Import,
    /// A computed import (`import_module`, `__import__` …).
    DynamicImport,
    /// A string that names a module or a file.
    Name,
    /// A command that a program or script runs.
    Command,
    /// Data beside reached code.
    Data,
    /// Metadata of a reached distribution.
    Metadata,
    /// What an interpreter needs to start.
    Startup,
    /// A rule of a profile.
    Rule,
}

impl EvidenceKind {
    /// Evidence that does not beat a strip rule: that a file belongs to nobody, or lies beside reached code.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Payload | Self::Data)
    }

    /// Evidence of a program that is started.
    pub fn starts(self) -> bool {
        matches!(self, Self::EntryPoint | Self::Command)
    }

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EntryPoint => "entry-point",
            Self::Payload => "payload",
            Self::Symlink => "symlink",
            Self::Interpreter => "interpreter",
            Self::Needed => "needed",
            Self::Dlopen => "dlopen",
            Self::Symbol => "symbol",
            Self::Import => "import",
            Self::DynamicImport => "dynamic-import",
            Self::Name => "name",
            Self::Command => "command",
            Self::Data => "data",
            Self::Metadata => "metadata",
            Self::Startup => "startup",
            Self::Rule => "rule",
        }
    }
}

/// One piece of evidence: what kind, what exactly, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What kind.
    pub kind: EvidenceKind,
    /// What it says: the soname, the module, the rule's id, the command …
    pub detail: Arc<str>,
    /// 1-based line in the file it comes from; 0 where lines mean nothing.
    #[serde(skip_serializing_if = "is_zero")]
    pub line: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(line: &u32) -> bool {
    *line == 0
}

impl Evidence {
    /// Evidence without a line.
    pub fn new(kind: EvidenceKind, detail: impl Into<Arc<str>>) -> Self {
        Self { kind, detail: detail.into(), line: 0 }
    }

    /// Evidence at a line of a source file.
    pub fn at(kind: EvidenceKind, detail: impl Into<Arc<str>>, line: u32) -> Self {
        Self { kind, detail: detail.into(), line }
    }
}

/// An edge that reached a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The file the evidence stands in; none for the image's config.
    pub from: Option<NodeId>,
    /// The evidence.
    pub evidence: Evidence,
}

/// Something the analysis could not know, and what it kept because of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// The file it stands in; empty for the image's config.
    pub path: String,
    /// 1-based line; 0 where lines mean nothing.
    pub line: u32,
    /// What could not be read or resolved.
    pub what: String,
    /// What was done about it ("kept every module of package x").
    pub effect: String,
    /// The option that settles it, where the result is doubtful until then: something that the image needs may be missing.
    pub settle: Option<String>,
}
