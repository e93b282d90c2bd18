//! Programs that lines of tables start and that are not in the image: units, tables of init, cron and inetd, what logrotate
//! and logins run, execline.

use std::collections::HashSet;

use super::runner::{Outcome, Runner};
use super::script::run_code;
use crate::reach::hole::HOLE;

/// How many programs are remembered of one line: those that it tests for, and those that are not there.
const MAX_NAMES: usize = 256;

/// What a line of a table asks for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Programs that are not in the image, each with its line.
    missing: Vec<(String, u32)>,
    /// Programs that it looks for before it starts them: `[ -x PROGRAM ] && PROGRAM`.
    tested: HashSet<String>,
}

impl Runner<'_, '_, '_> {
    /// Runs the command of a line: a program of it that is not there is a doubt.
    pub(crate) fn run_line(&mut self, argv: &[String]) -> Outcome {
        self.run_line_tested(argv, &[])
    }

    /// The same, where it only runs if these files are there.
    pub(crate) fn run_line_tested(&mut self, argv: &[String], tested: &[String]) -> Outcome {
        self.asked = Some(Asked::default());
        self.test_for(tested);
        let outcome = self.command(argv, None);
        if let Some(name) = &outcome.missing {
            self.miss(name);
        }
        let missing = self.missed();
        self.note_missing(missing);
        outcome
    }

    /// Notes that the program of a line is known at run time only.
    pub(crate) fn note_unknown(&mut self, outcome: &Outcome) {
        // What a shell cannot read of its code is told of by itself.
        if let Some(name) = outcome.unknown.as_ref().filter(|_| outcome.program.is_none()) {
            let what = format!("a command whose name is known at run time only: {name}");
            let line = self.evidence.line;
            self.graph.doubtful_if_own_once(self.from, line, what, "nothing was kept for it", "--entry COMMAND");
        }
    }

    /// Runs the code of a line.
    pub(crate) fn run_code_line(&mut self, code: &str) -> Outcome {
        let (outcome, missing) = self.try_code_line(code);
        self.note_missing(missing);
        outcome
    }

    /// The same, but only returns which programs are not there, each with its line.
    pub(crate) fn try_code_line(&mut self, code: &str) -> (Outcome, Vec<(String, u32)>) {
        self.asked = Some(Asked::default());
        let outcome = run_code(self, code);
        (outcome, self.missed())
    }

    /// Notes programs that are not there.
    pub(crate) fn note_missing(&mut self, missing: Vec<(String, u32)>) {
        for (name, line) in missing {
            self.graph.absent(self.from, line, &name);
        }
    }

    /// A command of a line asks whether there are such programs.
    pub(super) fn test_for(&mut self, words: &[String]) {
        let Some(asked) = &mut self.asked else { return };
        for word in words.iter().filter(|word| !word.starts_with('-') && word.len() > 1) {
            if asked.tested.len() < MAX_NAMES {
                asked.tested.insert(word.clone());
            }
        }
    }

    /// A command of a line starts a program that is not there.
    pub(super) fn miss(&mut self, name: &str) {
        let line = self.evidence.line;
        if let Some(asked) = &mut self.asked
            && !name.is_empty()
            && !name.contains(HOLE)
            && asked.missing.iter().all(|(other, _)| other != name)
        {
            match asked.missing.len() < MAX_NAMES {
                true => asked.missing.push((name.to_owned(), line)),
                false => self.graph.absent(self.from, line, name),
            }
        }
    }

    /// What the line starts, does not look for, and is not there.
    fn missed(&mut self) -> Vec<(String, u32)> {
        let Asked { missing, tested } = self.asked.take().unwrap_or_default();
        let in_path = |folder: &str| self.path.iter().any(|dir| dir.trim_end_matches('/') == folder);
        // A path and a bare name are the same program where `PATH` has the folder.
        fn bare(path: &str, in_path: impl Fn(&str) -> bool) -> Option<&str> {
            path.rsplit_once('/').filter(|(folder, _)| in_path(folder)).map(|(_, name)| name)
        }
        let by_path: HashSet<&str> = tested.iter().filter_map(|path| bare(path, in_path)).collect();
        let is_tested = |name: &str| {
            tested.contains(name)
                || by_path.contains(name)
                || bare(name, in_path).is_some_and(|name| tested.contains(name))
        };
        missing.into_iter().filter(|(name, _)| !is_tested(name)).collect()
    }
}

#[cfg(test)]
mod tests;
