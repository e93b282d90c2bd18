//! What an analysis is asked, and what it answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::assumption::{Assume, Assumed};
use super::context::Context;
use super::entrypoint::{Launch, Roots};
use super::evidence::Uncertainty;
use super::graph::Edges;
use super::rules::TakenBack;
use crate::cache::Cache;
use crate::owners::Owners;
use crate::rootfs::{NodeId, Rootfs};

/// What to analyse.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The image's tree.
    pub rootfs: &'a Rootfs,
    /// The image's configuration.
    pub ctx: &'a Context,
    /// Who put files there.
    pub owners: &'a Owners,
    /// Commands that start the program.
    pub launch: &'a Launch,
    /// Files that are not to count as the user's own although nobody owns them: baggage that is stripped anyway.
    pub baggage: &'a [bool],
    /// Files that are kept by the user's word, by option (`--keep`): they count as entry points.
    pub kept: &'a [(String, Vec<NodeId>)],
    /// How much is assumed about the program.
    pub assume: Assume,
    /// Whether to find out what only assumptions keep out. That takes longer.
    pub doubt: bool,
    /// Facts of earlier runs.
    pub cache: Option<&'a Cache>,
}

impl<'a> Request<'a> {
    /// The usual analysis: nothing is baggage, kept by word, doubted or known from earlier runs.
    pub fn new(rootfs: &'a Rootfs, ctx: &'a Context, owners: &'a Owners, launch: &'a Launch) -> Self {
        let (baggage, kept) = (&[], &[]);
        Self { rootfs, ctx, owners, launch, baggage, kept, assume: Assume::Usual, doubt: false, cache: None }
    }
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Reach {
    /// The files reached, and the edges that reached them.
    pub edges: Edges,
    /// What the entry points came to.
    pub roots: Roots,
    /// What could not be known.
    pub uncertainties: Vec<Uncertainty>,
    /// What people call reached files by, besides their paths: by analyser, in the order reached.
    pub names: Vec<FileName>,
    /// The `implies` rules that were set off, by id.
    pub fired: Vec<String>,
    /// What `cut` and `conditional` rules took back.
    pub taken_back: Vec<TakenBack>,
    /// What only assumptions keep out, if that was asked for.
    pub assumed: Assumed,
    /// What it took.
    pub effort: Effort,
}

/// What a reached file is called by, besides its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileName {
    /// What kind of name it is.
    pub kind: NameKind,
    /// The name.
    pub name: String,
    /// The file.
    pub file: NodeId,
}

/// The kinds of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameKind {
    /// Of a library: its soname, or its file name.
    Soname,
    /// Of a module of a language.
    Module,
}

/// What an analysis took. Nothing of it is in any result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    /// Time by the clock for which resolving had to wait until files were read and turned into facts.
    pub extracting: Duration,
    /// How many reached files were looked at.
    pub files: u64,
}
