//! What runs: the code that has been read, the modules reached, the names in use, the scopes that have still to run.

mod agenda;
mod code;
mod live;
mod modules;
mod scope;
mod stand_ins;
mod unread;

use agenda::Agenda;
use code::Code;
pub(super) use live::FunctionKind;
use live::LiveNames;
use modules::ReachedModules;
pub(super) use scope::{Frame, ScopeId};
use stand_ins::StandIns;
use unread::Unread;

/// The state of everything that runs.
#[derive(Debug, Default)]
pub(super) struct Running {
    /// What the reached files say.
    pub(super) code: Code,
    /// How far modules have got.
    pub(super) modules: ReachedModules,
    /// The names in use.
    pub(super) live: LiveNames,
    /// What stands in for modules that exist, and may run all the same.
    pub(super) stand_ins: StandIns,
    /// What has still to run.
    pub(super) agenda: Agenda,
    /// What is taken from modules that have not been read.
    pub(super) unread: Unread,
    /// All code of reached modules runs, whatever uses its names.
    pub(super) everything: bool,
    exports_used: bool,
}

impl Running {
    /// Starts the scopes whose names have come into use.
    pub(super) fn start_ready(&mut self) {
        for scope in self.live.take_ready() {
            self.agenda.start(scope);
        }
    }

    /// Notes a string outside the standard library: it may name a module whose import is made to fail.
    pub(super) fn start_stand_ins(&mut self, text: &str) {
        for scope in self.stand_ins.name(text) {
            self.agenda.start(scope);
        }
    }

    /// Notes that somebody reads lists of exports as lists. Returns whether that is new.
    pub(super) fn use_exports(&mut self) -> bool {
        !std::mem::replace(&mut self.exports_used, true)
    }

    /// Whether somebody reads lists of exports as lists.
    pub(super) fn uses_exports(&self) -> bool {
        self.exports_used
    }
}
