//! What is shown and timed while the library works.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bantam::analysis::{Observer, Stage};
use bantam::{image, output};

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
    /// Where they are wanted.
    timings: Option<Timings>,
    bar: Option<Bar>,
}

impl Watch {
    /// Starts the clock.
    pub fn new(general: &General, input: &Input) -> Self {
        let timings = input.means.resources.timings.then(Timings::start);
        Self { seen: Mutex::new(Seen { timings, bar: None }), ..Self::untimed(general) }
    }

    /// Times nothing.
    pub fn untimed(general: &General) -> Self {
        Self { progress: Progress::new(general), seen: Mutex::new(Seen { timings: None, bar: None }) }
    }

    /// A stage of the command's own has ended.
    pub fn lap(&self, stage: &'static str) {
        if let Some(timings) = &mut self.seen().timings {
            timings.lap(stage);
        }
    }

    /// Prints how long all took, if that was asked for.
    pub fn print_timings(&self) {
        if let Some(timings) = &self.seen().timings {
            timings.print();
        }
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
        if matches!(stage, Stage::Reading | Stage::Plan | Stage::Writing) {
            self.seen().bar = None;
        }
        // What is written beside the image counts as writing too: the command says when that is over.
        if stage != Stage::Writing {
            self.lap(stage.as_str());
        }
    }

    fn opening(&self, event: image::Event<'_>) {
        if let Some(bar) = &mut self.seen().bar {
            bar.opening(event);
        }
    }

    fn writing(&self, event: output::Event<'_>) {
        if let Some(bar) = &mut self.seen().bar {
            bar.writing(event);
        }
    }

    fn measured(&self, figure: String) {
        if let Some(timings) = &mut self.seen().timings {
            timings.note(figure);
        }
    }

    fn warned(&self, warning: &str) {
        terminal::message(warning);
    }
}
