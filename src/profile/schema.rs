//! The shape of a profile file. Unknown keys are errors.
//!
//! *Path globs* are [`globset`] patterns over absolute paths, where `*` and `?` stop at `/` and `**` does not.
//! *Module globs* are the same over dotted names, with `.` in the place of `/`: `celery.app.*`, `numpy.**`.

use serde::Deserialize;

/// One profile file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Unique name, the same as the file's stem for a built-in one.
    pub name: String,
    /// One sentence for `bantam profiles`.
    pub description: String,
    /// Baggage that goes unless something reached needs it.
    #[serde(default)]
    pub strip: Vec<StripRule>,
    /// Files that stay.
    #[serde(default)]
    pub keep: Vec<KeepRule>,
    /// Edges that no parser can see.
    #[serde(default)]
    pub implies: Vec<ImpliesRule>,
    /// Edges that do not count.
    #[serde(default)]
    pub cut: Vec<CutRule>,
}

/// Names baggage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripRule {
    /// Unique among all rules of all profiles; `kebab-case`.
    pub id: String,
    /// The heading it is counted under in reports.
    pub category: String,
    /// Path globs of what goes.
    pub globs: Vec<String>,
    /// Path globs of what stays all the same.
    #[serde(default)]
    pub except: Vec<String>,
    /// Strips files that evidence reaches too (byte code caches, message catalogues …). Without it evidence
    /// beats the glob.
    #[serde(default)]
    pub even_if_reached: bool,
    /// Only files that an owner put there, never the user's own payload.
    #[serde(default)]
    pub owned_only: bool,
    /// Why it may go, in one sentence.
    pub reason: String,
}

/// Names files that stay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// Path globs of what stays.
    pub globs: Vec<String>,
    /// Why, in one sentence.
    pub reason: String,
}

/// When any part of [`when`](Self::when) is reached, everything named here is reached too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpliesRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// What sets it off.
    pub when: Trigger,
    /// Module globs that count as imported.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Names below *each reached package* that count as imported once the rule is set off, as module globs
    /// relative to the package (`templatetags.*`, `management.commands.*`).
    #[serde(default)]
    pub submodules: Vec<String>,
    /// Path globs that count as reached. `{dir}` stands for the directory of the file that set the rule off.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Why, in one sentence.
    pub reason: String,
}

/// What sets an [`ImpliesRule`] off: any of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Module globs of reached Python modules.
    #[serde(default)]
    pub module: Vec<String>,
    /// Globs over sonames and file names of reached ELF libraries (`libcrypto.so.*`).
    #[serde(default)]
    pub soname: Vec<String>,
    /// Globs over symbols that reached ELF files import (`iconv_open`).
    #[serde(default)]
    pub symbol: Vec<String>,
    /// Globs over sonames and file names of ELF files whose symbols do not count: they import them for uses that
    /// need nothing (`libstdc++.so*` and `iconv_open`).
    #[serde(default)]
    pub except: Vec<String>,
    /// Path globs of reached files.
    #[serde(default)]
    pub path: Vec<String>,
}

/// An import that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// Module globs of the importer.
    pub from: Vec<String>,
    /// Module globs of what it imports.
    pub to: Vec<String>,
    /// Only imports inside these functions or classes (names, any depth); empty means anywhere.
    #[serde(default)]
    pub within: Vec<String>,
    /// Why it does not count, in one sentence.
    pub reason: String,
}
