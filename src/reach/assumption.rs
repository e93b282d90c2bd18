//! What the analysis assumes about a program, and what only that keeps out.
//!
//! Two things are assumed: what `cut` and `conditional` rules say, and that code does not run whose name nothing uses. Once
//! all is found that counts, the assumptions are given up one after the other, and what is reached then is theirs.

use serde::{Deserialize, Serialize};

use super::graph::Edges;
use crate::rootfs::NodeId;

/// How much is assumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assume {
    /// What rules say, and that code does not run whose name nothing uses.
    #[default]
    Usual,
    /// Nothing: every import statement of reachable code counts, and every name.
    Nothing,
}

/// Something that is assumed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Assumption {
    /// What the rule of this id says.
    Rule(String),
    /// That functions, blocks for programs and the standard library's fallbacks do not run for which nothing was found that
    /// runs them.
    Unused,
}

/// The files that only assumptions keep out.
#[derive(Clone, Debug, Default)]
pub struct Assumed {
    /// The edges that would reach them, besides all that count.
    pub edges: Edges,
    /// The assumptions that keep something out, in the order in which they were given up, each with what that reached.
    pub by: Vec<(Assumption, Vec<NodeId>)>,
}
