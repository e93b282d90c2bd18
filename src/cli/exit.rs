//! Exit statuses, and how a failure becomes one.

use std::io;
use std::process::ExitCode;

use clap::error::ErrorKind;

use super::terminal;

/// The exit statuses, which are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: the input cannot be used, or the output cannot be written.
    Failed,
    /// 2: the command line makes no sense.
    Usage,
    /// 3: more could be removed than `--fail-over` allows.
    FailOver,
    /// 4: `diff --exit-code` found a difference.
    Differs,
    /// 5: something makes the result doubtful, and `--strict` forbids that.
    Doubtful,
    /// 5: of several images some failed.
    SomeFailed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::FailOver => 3,
            Exit::Differs => 4,
            Exit::Doubtful | Exit::SomeFailed => 5,
        })
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// The library says so.
    Library(bantam::Error),
    /// Standard output cannot be written to.
    Output(io::Error),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// A failure with a message of its own.
    pub fn other(message: impl Into<String>) -> Self {
        Self::Other(message.into())
    }

    /// Prints the one line about it, and says how to exit.
    pub fn print(self) -> Exit {
        let (exit, message) = match self {
            // Whoever reads has seen enough, as `head` does.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return Exit::Done,
            Self::Output(error) => (Exit::Failed, format!("cannot write to standard output: {error}")),
            Self::Library(bantam::Error::Io { path, source, .. })
                if source.kind() == io::ErrorKind::BrokenPipe && path.as_os_str() == "standard output" =>
            {
                (Exit::Failed, "standard output was closed before all was written".to_owned())
            }
            Self::Library(error @ bantam::Error::Usage(_)) => (Exit::Usage, error.to_string()),
            Self::Library(error) => (Exit::Failed, error.to_string()),
            Self::Other(message) => (Exit::Failed, message),
        };
        terminal::message(&message);
        exit
    }
}

/// Prints what is wrong with the command line as one line, with a hint.
pub fn print_usage(error: &clap::Error) -> Exit {
    let text = error.render().to_string();
    // What follows the first paragraph is a usage summary, which `--help` has too.
    let what = text.split("\n\n").next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    let what = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "no command was given: slim, report, diff, summary, why or profiles"
        }
        _ => what,
    };
    terminal::message(&format!("{what} (see --help)"));
    Exit::Usage
}

impl From<bantam::Error> for Failure {
    fn from(error: bantam::Error) -> Self {
        Self::Library(error)
    }
}

impl From<io::Error> for Failure {
    /// All other I/O errors come wrapped in [`bantam::Error`].
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
