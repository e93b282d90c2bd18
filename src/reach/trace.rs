//! What is handed from analyser to analyser.

use super::graph::Graph;
use super::rules::Rules;

/// What analysers work on together: the graph under construction and the rules that wait.
#[derive(Debug)]
pub struct Trace<'a> {
    /// The files reached so far, and what analysers ask of each other.
    pub graph: Graph<'a>,
    /// The rules, and which of them have been set off.
    pub rules: Rules,
}
