//! Entry points by the name of their group.

use std::collections::HashSet;

use super::super::reading::facts::{HOLE, MODULE_NAME, PACKAGE_NAME};
use super::super::search::Distributions;

/// Groups whose entry points are commands: their names stand in every installer's code and load nothing.
const COMMAND_GROUPS: &[&str] = &["console_scripts", "gui_scripts"];

/// Readable characters that a computed name of a group must have more than.
const MIN_READABLE: usize = 3;

/// An entry point, and the distribution that has it.
#[derive(Debug)]
pub(in crate::reach::python) struct EntryPoint {
    /// Position of the distribution.
    pub dist: usize,
    /// The group it is in.
    pub group: String,
    /// What it is called there.
    pub name: String,
    /// `module:object`.
    pub target: String,
}

/// What reachable code says that may name a group of entry points.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Groups {
    /// Strings.
    strings: HashSet<Box<str>>,
    /// Computed names in code that reads entry points (`f"{library}.plugins"`).
    patterns: Vec<Box<str>>,
    /// Top-level names of reached modules outside the standard library.
    libraries: HashSet<Box<str>>,
    loaded: HashSet<(usize, Box<str>)>,
}

impl Groups {
    /// Notes a string.
    pub fn add_string(&mut self, text: &str) {
        if !self.strings.contains(text) {
            self.strings.insert(text.into());
        }
    }

    /// Notes a computed name that stands in code which reads entry points.
    pub fn add_pattern(&mut self, pattern: &str) {
        let readable = pattern.chars().filter(|c| c.is_alphanumeric()).count();
        if readable > MIN_READABLE && !pattern.contains('/') && !self.patterns.iter().any(|known| **known == *pattern) {
            self.patterns.push(pattern.into());
        }
    }

    /// Notes a reached top-level module.
    pub fn add_library(&mut self, name: &str) {
        self.libraries.insert(name.into());
    }

    /// The entry points of the groups that may be loaded by now and were not before.
    pub fn named(&self, env: usize, installed: &Distributions) -> Vec<EntryPoint> {
        let mut found = Vec::new();
        for (dist, distribution) in installed.iter() {
            for (group, name, target) in &distribution.entry_points {
                let done = self.loaded.contains(&(env, Box::from(group.as_str())));
                if !done && self.is_named(group) {
                    found.push(EntryPoint { dist, group: group.clone(), name: name.clone(), target: target.clone() });
                }
            }
        }
        found
    }

    /// Notes that a group's entry points are loaded.
    pub fn load(&mut self, env: usize, group: &str) {
        self.loaded.insert((env, group.into()));
    }

    /// Whether reachable code may load a group: a string holds its name, or it starts with the name of a library
    /// that is reached (`spacy_loggers`, `flask.commands`), which may put the name together.
    fn is_named(&self, group: &str) -> bool {
        if COMMAND_GROUPS.contains(&group) || group.contains(HOLE) {
            return false;
        }
        let top = group.split(['.', '_', '-']).next().unwrap_or_default();
        let fits = |pattern: &str| {
            let mut parts = pattern.split([HOLE, MODULE_NAME, PACKAGE_NAME]);
            let (first, last) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
            group.len() > first.len() + last.len() && group.starts_with(first) && group.ends_with(last)
        };
        let computed = || self.patterns.iter().any(|pattern| fits(pattern));
        self.strings.contains(group) || computed() || (top.len() > 2 && self.libraries.contains(top))
    }
}
