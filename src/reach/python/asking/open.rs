//! What code asked for that may be answered later.

use super::answered::Answered;
use super::constants::SharedConstants;
use super::importers::Importers;
use super::packages::NamedPackages;

/// Questions that stay open: packages that have yet to be named, functions that may turn out to import.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Asking {
    pub(super) packages: NamedPackages,
    pub(super) importers: Importers,
    pub(super) constants: SharedConstants,
    pub(super) answered: Answered,
    /// Code of the user's own imports a module by a name that cannot be read: words of the configuration may be it.
    pub(in crate::reach::python) imports_words: bool,
    /// Objects import whatever attribute they are asked for.
    pub(super) imports_attributes: bool,
    /// Code of the user's own starts modules by names that cannot be read.
    pub(super) starts_modules: bool,
}
