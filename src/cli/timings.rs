//! `--timings`: how long each stage took.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use bantam::report::human;

/// Times the stages of a run, which come one after the other.
pub struct Timings {
    start: Instant,
    last: Instant,
    stages: Vec<(&'static str, Duration)>,
    notes: Vec<String>,
}

impl Timings {
    /// Starts the clock.
    pub fn start() -> Self {
        let now = Instant::now();
        Self { start: now, last: now, stages: Vec::new(), notes: Vec::new() }
    }

    /// A stage has ended that began when the last one ended.
    pub fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.stages.push((stage, now - self.last));
        self.last = now;
    }

    /// Something else to print.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Prints a line a stage on standard error: its name, and seconds.
    pub fn print(&self) {
        let mut out = io::stderr().lock();
        let mut line = |name: &str, time: Duration| {
            // Nobody can be told if that fails.
            let _ = writeln!(out, "timing: {name:<10} {:>8.3} s", time.as_secs_f64());
        };
        for &(name, time) in &self.stages {
            line(name, time);
        }
        line("in all", self.last - self.start);
        let memory = peak_memory().map(|bytes| format!("peak memory {}", human(bytes)));
        for note in self.notes.iter().chain(&memory) {
            let _ = writeln!(out, "timing: {note}");
        }
    }
}

/// The most memory that this process has had at one time, in bytes (`VmHWM`: see `proc(5)`).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}
