//! What others say that a program may import or run. Hints are taken in every environment, those found later too.

use super::reading::facts::PythonFacts;

/// Something that may name or be Python code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// `python -m NAME`, `runpy`: the module runs as a program.
    RunModule(String),
    /// Source given on a command line or to `exec`.
    Code(String),
    /// What byte code without source says besides its names.
    Bytecode(Box<PythonFacts>),
    /// A word that may name a module or an object in one (`main:app`, `demo.wsgi`, `celery.Celery`).
    Name(String),
    /// A module, or a module and an object (`a.b:C`), that pickled data names.
    Pickled(String),
}
