//! Knowledge as data: what to strip, what to keep, what implies what. Profiles are TOML files; those in
//! `profiles/` are embedded in the binary.

mod builtin;
mod glob;
mod load;
mod matcher;
mod owned;
mod placeholder;
pub mod schema;
mod source;

pub use glob::{GlobIndex, ModuleGlobs, PathGlobs, check_path_glob};
pub use load::{Loaded, Origin, ProfileSet};
pub use matcher::{KeepMatcher, StripMatcher, UserGlobs};
pub use placeholder::Variables;
pub use schema::{
    Condition, CutRule, ElfTrigger, ImpliesRule, KeepRule, Language, OwnedRule, Profile, PythonEffects, PythonTrigger,
    StripRule, Trigger,
};
