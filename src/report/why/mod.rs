//! Why a file stays or goes: the chain of evidence from an entry point, or the reason in words.

mod explain;
mod explanation;
mod find;
mod json;
mod text;

#[cfg(test)]
mod tests;

pub use explain::Explainer;
pub use explanation::{Explanation, Reason};
pub use json::{SCHEMA as WHY_SCHEMA, write_why_json};
pub use text::write_why;
