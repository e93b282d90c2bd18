//! What happened, or would happen, for people and machines.

mod blake3_digest;
mod json;
mod model;
mod paths;
mod size;
mod table;
mod text;

#[cfg(test)]
mod tests;

pub use json::{SCHEMA, write_json};
pub use model::{
    CategoryTotal, ImageInfo, LayerInfo, OwnerTotal, Removed, Report, Rewritten, RuleTotal, Sources, Sums,
};
pub use paths::{printable, write_list};
pub use size::{Limit, human};
pub use text::{write_summary, write_text};
