//! A bar for every stage, on standard error, and below it one for every blob on its way from or to a registry.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use bantam::{image, output};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{General, When};
use super::terminal;

const BAR: &str = "{msg:<10} [{bar:30}] {bytes:>10} of {total_bytes:<10} {binary_bytes_per_sec:>14} {eta:>5} left";
const BLOB: &str = "{msg:<12} [{bar:28}] {bytes:>10} of {total_bytes:<10}";
const SPINNER: &str = "{msg:<10} {spinner} {elapsed}";
/// How many digits of a blob's digest are shown: as many as Docker shows.
const DIGITS: usize = 12;

/// Draws the bars of one stage at a time, names the stages, or keeps still.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is shown.
    None,
    /// Bars, on a terminal.
    Bars,
    /// One line a stage, where bars were asked for and there is no terminal.
    Lines,
}

/// The bar of a stage, which goes when this does, with those of blobs.
pub struct Bar {
    all: MultiProgress,
    stage: ProgressBar,
    /// By digest.
    blobs: BTreeMap<String, ProgressBar>,
}

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
            bar.stage.enable_steady_tick(Duration::from_millis(100));
        }
        bar
    }

    /// A stage of so many bytes (0 if that turns out later).
    pub fn bytes(self, name: &'static str) -> Bar {
        self.start(ProgressBar::new(0), BAR, name)
    }

    fn start(self, bar: ProgressBar, template: &str, name: &'static str) -> Bar {
        if self == Self::Lines {
            terminal::message(name);
        }
        let bars = self == Self::Bars;
        let target = if bars { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let all = MultiProgress::with_draw_target(target);
        let stage = styled(all.add(bar), template, name);
        Bar { all, stage, blobs: BTreeMap::new() }
    }
}

fn styled(bar: ProgressBar, template: &str, message: impl Into<String>) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.with_message(message.into())
}

impl Bar {
    /// Takes note of what happens while an image is opened.
    pub fn opening(&mut self, event: image::Event<'_>) {
        match event {
            image::Event::Spooled(bytes) | image::Event::Read(bytes) => self.stage.inc(bytes),
            image::Event::Total(bytes) => {
                self.stage.set_position(0);
                self.stage.set_length(bytes);
            }
            image::Event::Arrived { digest, done, size } => self.blob(digest, done, size),
        }
    }

    /// Takes note of what happens while an image is written.
    pub fn writing(&mut self, event: output::Event<'_>) {
        match event {
            output::Event::Packed { done, total } => {
                self.stage.set_length(total);
                self.stage.set_position(done);
            }
            output::Event::Sent { digest, done, size } => self.blob(digest, done, size),
        }
    }

    /// So much of a blob is where it should be.
    fn blob(&mut self, digest: &str, done: u64, size: u64) {
        if done >= size {
            if let Some(bar) = self.blobs.remove(digest) {
                bar.finish_and_clear();
                self.all.remove(&bar);
            }
            return;
        }
        if let Some(bar) = self.blobs.get(digest) {
            bar.set_position(done);
            return;
        }
        let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
        let bar = styled(self.all.add(ProgressBar::new(size)), BLOB, digits.get(..DIGITS).unwrap_or(digits));
        bar.set_position(done);
        self.blobs.insert(digest.to_owned(), bar);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.blobs.values().for_each(ProgressBar::finish_and_clear);
        self.stage.finish_and_clear();
    }
}
