//! Names that mean something wherever they stand, and what a name is.

/// The analyser's name: the language, as notices call it.
pub(super) const NAME: &str = "python";

/// The module that runs as a program.
pub(super) const MAIN: &str = "__main__";

/// What an interpreter imports by itself, if it is on its search path.
pub(super) const STARTUP_MODULES: [&str; 2] = ["sitecustomize", "usercustomize"];

/// What rules call a codec that is looked up by a computed name.
pub(super) const ANY_CODEC: &str = "__codec__";

/// What rules call a handler of errors that is looked up by a computed name.
pub(super) const ANY_ERRORS: &str = "__errors__";

/// What rules call an extension module whose names cannot be read.
pub(super) const OPAQUE_EXTENSION: &str = "__opaque__";

/// A module's own name.
pub(super) const OWN_NAME: &str = "__name__";

/// A module's own package.
pub(super) const OWN_PACKAGE: &str = "__package__";

/// A package's own folders.
pub(super) const OWN_PATH: &str = "__path__";

/// A module's own file.
pub(super) const OWN_FILE: &str = "__file__";

/// Whether this is an identifier as far as module names go.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic()) && chars.all(|c| c == '_' || c.is_alphanumeric())
}

/// `a.b` for `a.b.c`.
pub(super) fn parent_name(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(parent, _)| parent)
}

/// `a` for `a.b.c`.
pub(super) fn top_name(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// `c` for `a.b.c`.
pub(super) fn last_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}
