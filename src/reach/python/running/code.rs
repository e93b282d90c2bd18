//! What the reached files say, by module.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::reading::extension::ExtensionFacts;
use super::super::reading::facts::PythonFacts;
use super::super::search::{MadeOf, Module, ModuleId};
use crate::rootfs::NodeId;

/// Source given on a command line or in another file, and the file it stands in.
type Snippet = (Option<NodeId>, Arc<PythonFacts>);

/// The facts of files that have been read, and of source without a file of its own.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Code {
    sources: FxHashMap<NodeId, Arc<PythonFacts>>,
    extensions: FxHashMap<NodeId, Arc<ExtensionFacts>>,
    snippets: FxHashMap<ModuleId, Snippet>,
    /// Names in snippets of which no statement says which are imported.
    held: FxHashMap<ModuleId, Arc<ExtensionFacts>>,
}

impl Code {
    /// Adds what a source file says.
    pub fn add_source(&mut self, file: NodeId, facts: PythonFacts) {
        self.sources.insert(file, Arc::new(facts));
    }

    /// Adds what an extension module says.
    pub fn add_extension(&mut self, file: NodeId, facts: ExtensionFacts) {
        self.extensions.insert(file, Arc::new(facts));
    }

    /// Adds source that stands somewhere in a file, or in none.
    pub fn add_snippet(&mut self, id: ModuleId, file: Option<NodeId>, facts: PythonFacts) {
        self.snippets.insert(id, (file, Arc::new(facts)));
    }

    /// Adds names in such code that may be those of modules.
    pub fn add_held(&mut self, id: ModuleId, names: Vec<Box<str>>) {
        self.held.insert(id, Arc::new(ExtensionFacts { names, ..ExtensionFacts::default() }));
    }

    /// Those names.
    pub fn held(&self, id: ModuleId) -> Option<Arc<ExtensionFacts>> {
        self.held.get(&id).cloned()
    }

    /// Whether a module is source without a file of its own.
    pub fn is_snippet(&self, id: ModuleId) -> bool {
        self.snippets.contains_key(&id)
    }

    /// Whether a file has been read.
    pub fn has(&self, file: NodeId) -> bool {
        self.sources.contains_key(&file) || self.is_extension(file)
    }

    /// Whether a file has been read as an extension module.
    pub fn is_extension(&self, file: NodeId) -> bool {
        self.extensions.contains_key(&file)
    }

    /// The facts of an extension module.
    pub fn extension(&self, file: NodeId) -> Option<Arc<ExtensionFacts>> {
        self.extensions.get(&file).cloned()
    }

    /// What a module says, if its file has been read.
    pub fn of(&self, id: ModuleId, module: &Module) -> Option<Arc<PythonFacts>> {
        match (self.snippets.get(&id), module.made_of) {
            (Some((_, facts)), _) => Some(facts.clone()),
            (None, MadeOf::File(_, file)) => self.sources.get(&file).cloned(),
            (None, _) => None,
        }
    }

    /// The file that a module's evidence stands in.
    pub fn file_of(&self, id: ModuleId, module: &Module) -> Option<NodeId> {
        match (self.snippets.get(&id), module.made_of) {
            (Some((file, _)), _) => *file,
            (None, MadeOf::File(_, file) | MadeOf::Zip(file)) => Some(file),
            (None, MadeOf::Namespace) => None,
        }
    }
}
