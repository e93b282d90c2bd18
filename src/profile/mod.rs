//! Knowledge as data: what to strip, what to keep, what implies what. Profiles are TOML files; those in
//! `profiles/` are embedded in the binary.

mod builtin;
mod conditions;
mod glob;
mod load;
mod matcher;
mod naming;
mod owned;
mod placeholder;
pub mod schema;
mod source;
mod tools;
mod user;

pub use conditions::source_of;
pub use glob::{GlobIndex, ModuleGlobs, PathGlobs, check_path_glob};
pub use load::{Loaded, Origin, ProfileSet};
pub use matcher::{KeepMatcher, StripMatcher};
pub use naming::{Matchers, Naming, Premises};
pub use placeholder::Variables;
pub use schema::{
    CommandRule, Condition, ConditionalRule, CutRule, ElfTrigger, HostRule, ImpliesRule, KeepRule, Language, OwnedRule,
    Profile, PythonEffects, PythonTrigger, StripRule, ToolsRule, Trigger,
};
pub use user::{Given, NamedBy, UserGlob, UserGlobs, Wish, canonical_glob};
