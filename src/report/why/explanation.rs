//! What is said of a file.

use serde::Serialize;

use crate::owners::Ecosystem;
use crate::reach::EvidenceKind;
use crate::report::paths::PathText;

/// The verdict on a name, and everything that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation<'a> {
    /// The name.
    #[serde(flatten)]
    pub path: PathText,
    /// `file`, `directory`, `symlink`, `device` or `fifo`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where a symlink points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The reached Python module that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<&'a str>,
    /// Whether it stays.
    pub stays: bool,
    /// Which reason.
    pub reason: Reason,
    /// The same in words.
    pub sentence: String,
    /// Whose file it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerName<'a>>,
    /// The rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName<'a>>,
    /// How an entry point reaches it, the entry point first. Empty if nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Step<'a>>,
    /// Rules that are evidence in the chain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain_rules: Vec<RuleName<'a>>,
    /// What is assumed, if only that keeps it out: then the chain is what would reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumption: Option<AssumptionName<'a>>,
    /// New size in bytes of a file that stays with other content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten: Option<u64>,
    /// What would have kept a file that goes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_keep: Vec<Remedy>,
}

/// The reasons for verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Stays: the program reaches it.
    Reached,
    /// Stays: the image's command names it.
    EntryPoint,
    /// Stays: no package owns it.
    Payload,
    /// Stays: a rule or `--keep` names it.
    KeepRule,
    /// Stays: a directory that is needed.
    Directory,
    /// Stays: a symlink that stays leads to it.
    LinkTarget,
    /// Stays: a symlink to a directory that stays or that a program may write to.
    DirectoryLink,
    /// Stays: configuration.
    Configuration,
    /// Stays: the record of a package of which something stays.
    Record,
    /// Stays: valid byte code of a module that stays, with `--bytecode keep`.
    Bytecode,
    /// Stays: pruning is off and no rule names it.
    NotExamined,
    /// Goes: a rule or `--strip` names it.
    StripRule,
    /// Goes: it has an owner and nothing reaches it.
    NotReached,
}

/// Which package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OwnerName<'a> {
    /// Which kind of package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: &'a str,
    /// Its version; may be empty.
    pub version: &'a str,
}

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RuleName<'a> {
    /// Its id, or the user's own glob: `--keep GLOB`, `label bantam.strip GLOB`.
    pub id: &'a str,
    /// The profile it stands in; absent for the user's own globs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<&'a str>,
    /// Why, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
}

/// Which assumption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssumptionName<'a> {
    /// The rule's id; absent where no rule is behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'a str>,
    /// What is assumed, in one sentence.
    pub reason: String,
    /// The option that gives it up.
    pub option: String,
}

/// An edge: the file it leads to, and the evidence for it, which stands in the file of the step before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step<'a> {
    /// The file.
    #[serde(flatten)]
    pub path: PathText,
    /// The Python module that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<&'a str>,
    /// What kind of evidence.
    pub kind: EvidenceKind,
    /// What it says: the soname, the module, the rule's id, the command …
    pub detail: &'a str,
    /// 1-based line in the file of the step before; 0 where lines mean nothing.
    #[serde(skip_serializing_if = "is_zero")]
    pub line: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(line: &u32) -> bool {
    *line == 0
}

/// An option that would have kept a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// As it is written on the command line.
    pub option: String,
    /// When to use it, or what else it does.
    pub effect: &'static str,
}
