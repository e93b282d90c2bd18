//! What an extension module says.

/// What a reached extension module says about other modules.
#[derive(Clone, Debug, Default)]
pub struct ExtensionFacts {
    /// Identifiers and dotted names in its read-only data, sorted.
    pub names: Vec<Box<str>>,
    /// Strings run together without separators: searched for the names of modules that exist.
    pub glued: Box<str>,
    /// Identifiers and dotted names that begin in them where something points to, sorted, each with what follows it; none if that is not
    /// known.
    pub beginnings: Option<Vec<Box<str>>>,
    /// Python source with import statements.
    pub sources: Vec<Box<str>>,
    /// Its names cannot be read (a compressed string table).
    pub opaque: bool,
}
