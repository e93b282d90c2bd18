//! A bar for every stage, on standard error.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use bantam::image;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{General, When};
use super::terminal;

const BAR: &str = "{msg:<10} [{bar:30}] {bytes:>10} of {total_bytes:<10} {binary_bytes_per_sec:>14} {eta:>5} left";
const SPINNER: &str = "{msg:<10} {spinner} {elapsed}";

/// Draws one bar at a time, names the stages, or keeps still.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is shown.
    None,
    /// Bars, on a terminal.
    Bars,
    /// One line a stage, where bars were asked for and there is no terminal.
    Lines,
}

/// The bar of a stage, which goes when this does.
pub struct Bar(ProgressBar);

impl Progress {
    /// As the user asked for.
    pub fn new(general: &General) -> Self {
        match (general.progress, stderr().is_terminal()) {
            (When::Auto, true) if !general.quiet => Self::Bars,
            (When::Always, true) => Self::Bars,
            (When::Always, false) => Self::Lines,
            _ => Self::None,
        }
    }

    /// A stage that takes an unknown time.
    pub fn spinner(self, name: &'static str) -> Bar {
        let bar = self.start(ProgressBar::new_spinner(), SPINNER, name);
        if self == Self::Bars {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Bar(bar)
    }

    /// A stage of so many bytes (0 if that turns out later).
    pub fn bytes(self, name: &'static str) -> Bar {
        Bar(self.start(ProgressBar::new(0), BAR, name))
    }

    fn start(self, bar: ProgressBar, template: &str, name: &'static str) -> ProgressBar {
        if self == Self::Lines {
            terminal::message(name);
        }
        let bars = self == Self::Bars;
        bar.set_draw_target(if bars { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(name);
        bar
    }
}

impl Bar {
    /// Takes note of what happens while an image is opened.
    pub fn opening(&self, event: image::Event) {
        match event {
            image::Event::Spooled(bytes) => self.0.set_position(bytes),
            image::Event::Total(bytes) => {
                self.0.set_position(0);
                self.0.set_length(bytes);
            }
            image::Event::Read(bytes) => self.0.inc(bytes),
        }
    }

    /// So many of so many bytes are done.
    pub fn at(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
