//! Programs whose arguments hold another command: `tini -- gunicorn app`, `env A=b python`, `gosu app redis-server`.

use super::given::for_each;
use super::program::SHELLS;

/// How the options of a program that runs another are written.
struct Syntax {
    names: &'static [&'static str],
    /// Short options that take a value, attached or as the next word.
    valued: &'static str,
    /// Long options that take the next word as value if no `=` is in them.
    long_valued: &'static [&'static str],
    /// Words between the options and the command.
    operands: usize,
    /// `NAME=value` words may come before the command.
    assignments: bool,
}

const fn syntax(names: &'static [&'static str], valued: &'static str, operands: usize) -> Syntax {
    Syntax { names, valued, long_valued: &[], operands, assignments: false }
}

/// From the manual page of each program. Shell builtins that run a command are among them.
const WRAPPERS: &[Syntax] = &[
    syntax(&["tini", "tini-static", "docker-init", "catatonit"], "peg", 0),
    Syntax { long_valued: &["--rewrite"], ..syntax(&["dumb-init"], "r", 0) },
    Syntax { long_valued: &["--unset", "--chdir", "--argv0"], assignments: true, ..syntax(&["env"], "uCa", 0) },
    syntax(&["exec"], "a", 0),
    syntax(
        &["command", "builtin", "nohup", "setsid", "eatmydata", "linux32", "linux64", "with-contenv", "catchsegv"],
        "",
        0,
    ),
    syntax(
        &["gosu", "su-exec", "setuidgid", "s6-setuidgid", "s6-envuidgid", "envuidgid", "envdir", "s6-envdir"],
        "",
        1,
    ),
    Syntax {
        long_valued: &[
            "--ambient-caps",
            "--inh-caps",
            "--bounding-set",
            "--ruid",
            "--euid",
            "--reuid",
            "--rgid",
            "--egid",
            "--regid",
            "--groups",
            "--securebits",
            "--pdeathsig",
            "--selinux-label",
            "--apparmor-profile",
            "--ptracer",
        ],
        ..syntax(&["setpriv"], "", 0)
    },
    Syntax { long_valued: &["--adjustment"], ..syntax(&["nice"], "n", 0) },
    Syntax { long_valued: &["--class", "--classdata"], ..syntax(&["ionice"], "cn", 0) },
    syntax(&["chrt"], "TPD", 1),
    syntax(&["taskset"], "", 1),
    Syntax {
        long_valued: &["--cpunodebind", "--membind", "--interleave", "--physcpubind"],
        ..syntax(&["numactl"], "NmiCl", 0)
    },
    Syntax { long_valued: &["--kill-after", "--signal"], ..syntax(&["timeout"], "ks", 1) },
    Syntax { long_valued: &["--input", "--output", "--error"], ..syntax(&["stdbuf"], "ioe", 0) },
    syntax(&["chroot"], "", 1),
    Syntax {
        long_valued: &["--user", "--group", "--chdir", "--host", "--prompt", "--close-from"],
        assignments: true,
        ..syntax(&["sudo", "doas"], "ugCDhpRrTtU", 0)
    },
    Syntax {
        long_valued: &["--arg-file", "--delimiter", "--max-args", "--max-procs", "--max-chars", "--process-slot-var"],
        ..syntax(&["xargs"], "aEILnPsd", 0)
    },
    Syntax { long_valued: &["--format", "--output"], ..syntax(&["time"], "fo", 0) },
    Syntax { long_valued: &["--timeout", "--wait", "--conflict-exit-code"], ..syntax(&["flock"], "wEc", 1) },
    syntax(&["chpst"], "ubUen/lmdofpcrtCP", 0),
    syntax(&["softlimit", "s6-softlimit"], "admfoplcsrt", 0),
    syntax(&["s6-applyuidgid"], "ugG", 0),
    syntax(&["s6-env", "s6-fghack", "s6-notifyoncheck", "execlineb"], "dswtn", 0),
    syntax(&["busybox", "toybox"], "", 0),
    syntax(&["entr"], "", 0),
    Syntax { long_valued: &["--wd", "--root"], ..syntax(&["unshare"], "RwSG", 0) },
    syntax(&["prlimit"], "", 0),
    syntax(&["strace"], "abeEIoOpPsSuUX", 0),
    syntax(&["ltrace"], "aAeFlnopsux", 0),
];

/// What a wrapper does with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrapped<'a> {
    /// Runs this command, which has at least one word.
    Command {
        /// `NAME=value` words before the command.
        assignments: Vec<&'a str>,
        /// The command.
        argv: Vec<String>,
    },
    /// Passes this code to a shell.
    Code(String),
    /// Starts an interactive shell.
    Shell,
    /// Runs nothing.
    Nothing,
}

/// Reads the arguments of a program. `None` where it is to be read as [`WRAPPERS`] say, or runs nothing.
type Special = for<'a> fn(&'a [String]) -> Option<Wrapped<'a>>;

/// Programs that more is to be known of than a [`Syntax`] says: those that take code for a shell, or name their program by an
/// option. See `su(1)`, `runuser(1)`, `find(1)`, `flock(1)`, `sudo(8)`, `env(1)`, `script(1)`, `watch(1)`, `entr(1)`,
/// `parallel(1)`, `start-stop-daemon(8)`, `supervise-daemon(8)`.
const SPECIALS: [(&str, Special); 14] = [
    ("su", |args| Some(switch_user(args))),
    ("runuser", |args| {
        let user = args.iter().any(|arg| is_user_option(arg));
        Some(if user { read(&RUNUSER, args) } else { switch_user(args) })
    }),
    ("find", |args| Some(command(Vec::new(), found(args)?.0))),
    ("start-stop-daemon", |args| Some(daemon(args))),
    ("supervise-daemon", |args| Some(daemon(args))),
    ("flock", |args| {
        let at = args.iter().position(|arg| arg == "-c" || arg == "--command")?;
        Some(args.get(at + 1).map_or(Wrapped::Nothing, |code| Wrapped::Code(code.clone())))
    }),
    ("sudo", options_only),
    ("doas", options_only),
    ("env", env_split),
    ("script", |args| Some(scripted(args))),
    ("watch", |args| Some(joined(read(&WATCH, args)))),
    ("entr", |args| {
        let code = args.first().is_some_and(|arg| is_short(arg) && arg.contains('s'));
        args.get(1).filter(|_| code).cloned().map(Wrapped::Code)
    }),
    ("parallel", parallel),
    ("chroot", |args| {
        let syntax = WRAPPERS.iter().find(|syntax| syntax.names.contains(&"chroot"))?;
        let wrapped = read(syntax, args);
        Some(if wrapped == Wrapped::Nothing { Wrapped::Shell } else { wrapped })
    }),
];

const RUNUSER: Syntax = Syntax { long_valued: &["--user", "--group"], ..syntax(&[], "ugG", 0) };
const WATCH: Syntax = Syntax { long_valued: &["--interval"], ..syntax(&[], "n", 0) };

/// Whether a program of this name runs what its arguments say, and so nothing by itself.
pub fn is_wrapper(name: &str) -> bool {
    SPECIALS.iter().any(|(special, _)| *special == name)
        || LAUNCHERS.contains(&name)
        || WRAPPERS.iter().any(|syntax| syntax.names.contains(&name))
}

/// Whether a program or a builtin of this name runs words that it is given, or reads them as code.
pub fn runs_words(name: &str) -> bool {
    is_wrapper(name) || name == "eval" || SHELLS.contains(&name)
}

/// How many of a wrapper's words, from the end, are the command that it runs. `None` if no program of this name is known to
/// run another.
pub(crate) fn unwrapped(name: &str, args: &[String]) -> Option<usize> {
    match unwrap(name, args)? {
        Wrapped::Command { argv, .. } => Some(argv.len().min(args.len())),
        Wrapped::Code(_) => None,
        Wrapped::Shell | Wrapped::Nothing => Some(0),
    }
}

/// Reads the arguments of the program called `name`. `None` if it is not known to run another.
pub(super) fn unwrap<'a>(name: &str, args: &'a [String]) -> Option<Wrapped<'a>> {
    let special = SPECIALS.iter().find(|(special, _)| *special == name).and_then(|(_, read)| read(args));
    special.or_else(|| {
        let found = WRAPPERS.iter().find(|syntax| syntax.names.contains(&name))?;
        Some(read(found, args))
    })
}

/// The first command that `find` runs, and the arguments after it.
pub(super) fn found(args: &[String]) -> Option<(Vec<String>, &[String])> {
    let at = args.iter().position(|arg| matches!(arg.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir"))?;
    let rest = args.get(at + 1..)?;
    let argv: Vec<String> = rest.iter().take_while(|arg| *arg != ";" && *arg != "+").cloned().collect();
    Some((argv.clone(), rest.get(argv.len()..)?))
}

/// `script [-c CODE] [FILE]`.
fn scripted(args: &[String]) -> Wrapped<'_> {
    let attached = args.iter().find_map(|arg| arg.strip_prefix("--command=")).map(str::to_owned);
    let next = |is_meant: &dyn Fn(&String) -> bool| args.get(args.iter().position(is_meant)? + 1).cloned();
    let code = attached.or_else(|| next(&|arg| arg == "--command"));
    let code = code.or_else(|| next(&|arg| is_short(arg) && arg.ends_with('c')));
    code.map_or(Wrapped::Shell, Wrapped::Code)
}

/// A shell reads the words of a command, joined.
fn joined(wrapped: Wrapped<'_>) -> Wrapped<'_> {
    match wrapped {
        Wrapped::Command { argv, .. } => Wrapped::Code(argv.join(" ")),
        wrapped => wrapped,
    }
}

fn parallel(args: &[String]) -> Option<Wrapped<'_>> {
    let inputs = args.iter().position(|arg| arg.starts_with(":::"));
    let syntax = Syntax { long_valued: PARALLEL_VALUED, ..syntax(&[], "jNnLIPSaCdsE", 0) };
    let argv = match read(&syntax, args.get(..inputs.unwrap_or(args.len()))?) {
        Wrapped::Command { argv, .. } => argv,
        _ => Vec::new(),
    };
    // Without a command its inputs are the commands.
    Some(Wrapped::Code(for_each(&argv, inputs.and_then(|at| args.get(at + 1..)))))
}

/// `sudo -i` and the like start a shell.
fn options_only(args: &[String]) -> Option<Wrapped<'_>> {
    (!args.is_empty() && args.iter().all(|arg| arg.starts_with('-'))).then_some(Wrapped::Shell)
}

/// Long options of GNU parallel that take the next word as value.
const PARALLEL_VALUED: &[&str] = &[
    "--jobs",
    "--max-procs",
    "--arg-file",
    "--colsep",
    "--delimiter",
    "--delay",
    "--joblog",
    "--load",
    "--max-args",
    "--memfree",
    "--nice",
    "--results",
    "--retries",
    "--sshlogin",
    "--tagstring",
    "--timeout",
    "--tmpdir",
    "--workdir",
];

/// Programs that run the first program among their arguments, whatever options come before it.
pub(super) const LAUNCHERS: [&str; 32] = [
    "annotate-output",
    "authbind",
    "bwrap",
    "cgexec",
    "chronic",
    "cpulimit",
    "daemon",
    "daemonize",
    "dbus-launch",
    "dbus-run-session",
    "dockerize",
    "fakechroot",
    "fakeroot",
    "fghack",
    "firejail",
    "ifne",
    "nsenter",
    "perf",
    "pgrphack",
    "pkexec",
    "proot",
    "run-one",
    "setarch",
    "setlock",
    "ssh-agent",
    "systemd-cat",
    "systemd-run",
    "torsocks",
    "unbuffer",
    "valgrind",
    "wait-for-it",
    "xvfb-run",
];

fn is_user_option(arg: &str) -> bool {
    arg.starts_with("-u") || arg.starts_with("--user")
}

fn command<'a>(assignments: Vec<&'a str>, argv: Vec<String>) -> Wrapped<'a> {
    if argv.is_empty() { Wrapped::Nothing } else { Wrapped::Command { assignments, argv } }
}

fn read<'a>(syntax: &Syntax, args: &'a [String]) -> Wrapped<'a> {
    let mut rest = args.iter();
    let mut assignments = Vec::new();
    let mut operands = syntax.operands;
    while let Some(arg) = rest.clone().next() {
        if arg == "--" {
            rest.next();
            for _ in 0..operands {
                rest.next();
            }
            break;
        }
        if arg.starts_with("--") {
            rest.next();
            if syntax.long_valued.contains(&arg.as_str()) {
                rest.next();
            }
        } else if let Some(short) = arg.strip_prefix('-') {
            rest.next();
            // A value that is not attached to its option is the next word.
            let valued = short.find(|c| syntax.valued.contains(c));
            if valued.is_some_and(|at| short.chars().nth(at + 1).is_none()) {
                rest.next();
            }
        } else if syntax.assignments && arg.contains('=') {
            assignments.push(arg.as_str());
            rest.next();
        } else if operands > 0 {
            operands -= 1;
            rest.next();
        } else {
            break;
        }
    }
    command(assignments, rest.cloned().collect())
}

/// `env -S "A=b python3 -u" script`: the string is split into words, which come before the others.
fn env_split(args: &[String]) -> Option<Wrapped<'_>> {
    for (i, arg) in args.iter().enumerate() {
        let string = if let Some(attached) = arg.strip_prefix("--split-string=") {
            (attached, i + 1)
        } else if arg == "--split-string" || (is_short(arg) && arg.ends_with('S')) {
            (args.get(i + 1)?.as_str(), i + 2)
        } else if is_short(arg) && arg.contains('S') {
            (arg.split_once('S')?.1, i + 1)
        } else if arg.starts_with('-') {
            continue;
        } else {
            return None;
        };
        let mut words: Vec<String> = string.0.split_ascii_whitespace().map(str::to_owned).collect();
        words.extend(args.get(string.1..)?.iter().cloned());
        let mut assignments = Vec::new();
        let rest = words.iter().position(|word| !word.starts_with('-') && !word.contains('='))?;
        assignments.extend(string.0.split_ascii_whitespace().take(rest).filter(|word| word.contains('=')));
        return Some(command(assignments, words.split_off(rest)));
    }
    None
}

/// `start-stop-daemon --start --exec PROGRAM [--startas PROGRAM] [OPTION…] [-- ARG…]`, see `start-stop-daemon(8)`;
/// `supervise-daemon NAME --start PROGRAM -- ARG…`, see `supervise-daemon(8)`.
fn daemon(args: &[String]) -> Wrapped<'_> {
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let (own, rest) = args.split_at(end);
    let value = |short: &str, long: &str| {
        let named = |arg: &String| arg == short || arg == long;
        let attached = own.iter().find_map(|arg| arg.strip_prefix(long)?.strip_prefix('='));
        let next = own.iter().position(named).and_then(|at| own.get(at + 1)).map(String::as_str);
        attached.or(next)
    };
    let program = value("-a", "--startas").or_else(|| value("-x", "--exec")).or_else(|| value("-S", "--start"));
    let program = program.filter(|program| !program.starts_with('-')).map(str::to_owned);
    let Some(program) = program else { return Wrapped::Nothing };
    command(Vec::new(), std::iter::once(program).chain(rest.iter().skip(1).cloned()).collect())
}

fn is_short(arg: &str) -> bool {
    arg.starts_with('-') && !arg.starts_with("--")
}

/// `su [-] [USER] [-c CODE] [-- ARG…]`, see `su(1)`.
fn switch_user(args: &[String]) -> Wrapped<'_> {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "-c" || arg == "--command" || (is_short(arg) && arg.ends_with('c') && arg.len() > 1) {
            return args.next().map_or(Wrapped::Nothing, |code| Wrapped::Code(code.clone()));
        }
        if let Some(code) = arg.strip_prefix("--command=") {
            return Wrapped::Code(code.to_owned());
        }
    }
    Wrapped::Shell
}

#[cfg(test)]
mod tests;
