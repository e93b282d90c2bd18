//! execline's own commands: how their words and blocks come before the program that they run.
//!
//! From the page of each: <https://skarnet.org/software/execline/>.

/// How a command is written: options, words, blocks, then a program and its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Syntax {
    /// Short options that take a value, attached or as the next word.
    pub valued: &'static str,
    /// Words between the options and the program, blocks not counted.
    pub words: usize,
}

/// The syntax of the command of this name, if it is one of execline's, or of s6-overlay's.
pub fn syntax(name: &str) -> Option<Syntax> {
    let (valued, words) = match name {
        "background" | "foreground" | "pipeline" | "ifthenelse" | "ifte" | "tryexec" | "runblock" | "emptyenv"
        | "loopwhilex" | "multisubstitute" | "dollarat" | "with-contenv" | "trap" | "fdswap" | "shift" => {
            ("npvrxtd", 0)
        }
        "exec" => ("a", 0),
        "if" | "ifelse" => ("xt", 0),
        "wait" => ("t", 0),
        "elgetpositionals" => ("P", 0),
        "cd" | "umask" | "execline-cd" | "execline-umask" | "posix-cd" | "posix-umask" | "getcwd" | "getpid"
        | "homeof" | "unexport" | "fdclose" | "fdblock" | "fdreserve" | "envfile" | "withstdinas" | "elgetopt" => {
            ("EI", 1)
        }
        "backtick" => ("D", 1),
        "case" | "forx" | "forbacktickx" | "forstdin" => ("nodx", 1),
        "define" | "importas" | "multidefine" | "elglob" => ("dDC", 2),
        "export" | "fdmove" | "redirfd" | "piperw" | "heredoc" => ("d", 2),
        _ => return None,
    };
    Some(Syntax { valued, words })
}
