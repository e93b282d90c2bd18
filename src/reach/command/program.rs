//! What kind of program a file is, judged by its name: shells, interpreters with a prompt, programs that idle.

use serde::{Deserialize, Serialize};

/// Shells whose scripts this crate reads.
pub const SHELLS: [&str; 8] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"];

/// Programs that run shell code with functions of their own: OpenRC's, and Debian's for init scripts and services of runit.
pub const HOSTS: [&str; 4] = ["openrc-run", "runscript", "init-d-script", "invoke-run"];

/// Whether a program of this name reads shell code.
pub fn reads_shell_code(name: &str) -> bool {
    SHELLS.contains(&name) || HOSTS.contains(&name)
}

/// Other programs that prompt for commands when they are started without operands.
const PROMPTS: [&str; 27] = [
    "fish", "csh", "tcsh", "ipython", "ipython3", "bpython", "ptpython", "node", "nodejs", "deno", "bun", "irb", "pry",
    "php", "lua", "luajit", "tclsh", "R", "julia", "ghci", "jshell", "scala", "psql", "mysql", "mariadb", "sqlite3",
    "gdb",
];

/// What a program does once it is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// What its arguments say.
    #[default]
    Runs,
    /// Whatever someone types.
    Prompts,
    /// Nothing: it keeps the container alive, so that someone can start other programs in it.
    Idles,
}

/// Judges a program that is neither a wrapper, nor a shell, nor an interpreter that an analyser knows.
pub(super) fn mode(name: &str, args: &[String]) -> Mode {
    let bare = args
        .iter()
        .all(|arg| matches!(arg.as_str(), "-i" | "-l" | "-q" | "-a" | "-s" | "--interactive" | "--login" | "--quiet"));
    let first = args.first().map(String::as_str);
    match name {
        _ if bare && PROMPTS.contains(&name) => Mode::Prompts,
        "sleep" | "pause" => Mode::Idles,
        "cat" if args.is_empty() => Mode::Idles,
        "tail"
            if args.last().is_some_and(|arg| arg == "/dev/null") && first.is_some_and(|arg| arg.starts_with('-')) =>
        {
            Mode::Idles
        }
        _ => Mode::Runs,
    }
}
