//! What happened, or would happen, for people and machines.

mod blake3_digest;
mod gone;
mod json;
mod model;
mod paths;
mod size;
mod table;
mod text;
mod uncertain;
mod why;

#[cfg(test)]
mod tests;

pub use json::{SCHEMA, write_json};
pub use model::{
    CategoryTotal, GoneCommand, ImageInfo, LayerInfo, OwnerTotal, Removed, Report, Rewritten, RuleTotal, Sources, Sums,
};
pub use paths::{PathText, printable, shell_word, write_list};
pub use size::{Limit, human};
pub use text::{write_summary, write_text};
pub use why::{Explainer, Explanation, Subject, WHY_SCHEMA, write_why, write_why_json};
