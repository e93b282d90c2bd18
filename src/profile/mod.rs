//! Knowledge as data: what to strip, what to keep, what implies what. Profiles are TOML files; those in
//! `profiles/` are embedded in the binary.

mod owned;
pub mod schema;

pub use schema::{CutRule, ImpliesRule, KeepRule, OwnedRule, Profile, StripRule, Trigger};
