//! What is shown and timed while the library works.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bantam::analysis::{Observer, Stage};
use bantam::image;

use super::args::{General, Input};
use super::progress::{Bar, Progress};
use super::terminal;
use super::timings::Timings;

/// Shows a bar for what takes time, and times all stages.
pub struct Watch {
    progress: Progress,
    seen: Mutex<Seen>,
}

struct Seen {
    timings: Timings,
    bar: Option<Bar>,
}

impl Watch {
    /// Starts the clock.
    pub fn new(general: &General, input: &Input) -> Self {
        let seen = Seen { timings: Timings::new(input.resources.timings), bar: None };
        Self { progress: Progress::new(general), seen: Mutex::new(seen) }
    }

    /// A stage of the command's own has ended.
    pub fn lap(&self, stage: &'static str) {
        self.seen().timings.lap(stage);
    }

    /// Prints how long all took, if that was asked for.
    pub fn print_timings(&self) {
        self.seen().timings.print();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watch {
    fn began(&self, stage: Stage) {
        let bar = match stage {
            Stage::Reading => self.progress.bytes("reading"),
            // All that follows, until the plan stands.
            Stage::Merging => self.progress.spinner("analysing"),
            Stage::Writing => self.progress.bytes("writing"),
            _ => return,
        };
        self.seen().bar = Some(bar);
    }

    fn ended(&self, stage: Stage) {
        let mut seen = self.seen();
        if matches!(stage, Stage::Reading | Stage::Plan | Stage::Writing) {
            seen.bar = None;
        }
        // What is written beside the image counts as writing too: the command says when that is over.
        if stage != Stage::Writing {
            seen.timings.lap(stage.as_str());
        }
    }

    fn opening(&self, event: image::Event) {
        if let Some(bar) = &self.seen().bar {
            bar.opening(event);
        }
    }

    fn wrote(&self, done: u64, total: u64) {
        if let Some(bar) = &self.seen().bar {
            bar.at(done, total);
        }
    }

    fn measured(&self, figure: String) {
        self.seen().timings.note(figure);
    }

    fn warned(&self, warning: &str) {
        terminal::message(warning);
    }
}
