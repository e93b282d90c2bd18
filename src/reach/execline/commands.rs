//! execline's own commands: how their words and blocks come before the program that they run.
//!
//! From the page of each: <https://skarnet.org/software/execline/>, and from the code of versions that have other options.

use super::script::Item;

/// What the blocks of a command hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocks {
    /// Programs, whatever the command is.
    #[default]
    Unknown,
    /// Programs.
    Programs,
    /// Words, each with a block of a program: `case`, `trap`.
    Cases,
    /// Words that are no programs.
    Words,
    /// Commands that run nothing: `multisubstitute`.
    Directives,
}

/// How a command is written: options, words, blocks, then a program and its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Syntax {
    /// Short options without a value.
    flags: &'static str,
    /// Short options that take a value, attached or as the next word.
    valued: &'static str,
    /// Words between the options and the program, blocks not counted.
    words: usize,
    /// What its blocks hold.
    pub blocks: Blocks,
    /// Whether what follows is run: not by `exit` and the like.
    pub runs: bool,
}

/// A command's own items.
#[derive(Clone, Copy, Debug)]
pub struct Own<'i> {
    /// Options, their values, words, and blocks.
    pub all: &'i [Item],
    /// Those after the options.
    pub operands: &'i [Item],
    /// What it runs.
    pub rest: &'i [Item],
    /// The value of the option `-D`.
    pub default: Option<&'i str>,
    /// It is given an option that it is not known to have: where its own items end is a guess.
    pub unknown: bool,
}

/// The syntax of the command of this name, if it is one of execline's, or of s6-overlay's.
pub fn syntax(name: &str) -> Option<Syntax> {
    let runs = !matches!(name, "exit" | "dollarat" | "homeof");
    let (flags, valued, words, blocks) = match name {
        "background" => ("d", "", 0, Blocks::Programs),
        "pipeline" => ("drw", "", 0, Blocks::Programs),
        "foreground" => ("", "", 0, Blocks::Programs),
        "if" => ("Xnt", "x", 0, Blocks::Programs),
        "ifelse" | "ifte" => ("Xn", "", 0, Blocks::Programs),
        "ifthenelse" => ("Xs", "", 0, Blocks::Programs),
        "tryexec" => ("ncl", "a", 0, Blocks::Programs),
        "exec" => ("cl", "a", 0, Blocks::Unknown),
        "loopwhilex" => ("n", "ox", 0, Blocks::Unknown),
        "emptyenv" => ("pcoP", "", 0, Blocks::Unknown),
        "with-contenv" => ("", "", 0, Blocks::Unknown),
        "shift" => ("", "nb", 0, Blocks::Unknown),
        "elgetpositionals" => ("", "P", 0, Blocks::Unknown),
        "elgetopt" => ("", "D", 1, Blocks::Unknown),
        "runblock" => ("Pr", "n", 1, Blocks::Unknown),
        "trap" => ("x", "t", 0, Blocks::Cases),
        "case" => ("SsEeinN", "", 1, Blocks::Cases),
        "wait" => ("Iiaor", "t", 0, Blocks::Words),
        "multisubstitute" => ("", "", 0, Blocks::Directives),
        "multidefine" => ("0rCcNns", "d", 1, Blocks::Words),
        "define" => ("sCcNn", "d", 2, Blocks::Unknown),
        "importas" | "import" => ("iusCcNn", "Dd", if name == "import" { 1 } else { 2 }, Blocks::Unknown),
        "elglob" => ("vwsme0", "", 2, Blocks::Unknown),
        "backtick" => ("iIxNnEe", "D", 1, Blocks::Programs),
        "withstdinas" => ("iINnEe!", "D", 1, Blocks::Unknown),
        "forx" => ("Eep", "ox", 1, Blocks::Words),
        "forbacktickx" => ("EepNnCc0", "oxd", 1, Blocks::Programs),
        "forstdin" => ("EepNnCc0", "oxd", 1, Blocks::Unknown),
        "cd" | "execline-cd" | "umask" | "execline-umask" => ("", "", 1, Blocks::Unknown),
        "posix-cd" => ("LP", "", 1, Blocks::Unknown),
        "posix-umask" => ("S", "", 1, Blocks::Unknown),
        "getcwd" => ("Ee", "", 1, Blocks::Unknown),
        "getpid" => ("EePp", "", 1, Blocks::Unknown),
        "unexport" | "fdclose" | "fdreserve" => ("", "", 1, Blocks::Unknown),
        "fdblock" => ("n", "", 1, Blocks::Unknown),
        "envfile" => ("iI", "", 1, Blocks::Unknown),
        "export" | "fdswap" | "piperw" => ("", "", 2, Blocks::Unknown),
        "fdmove" => ("c", "", 2, Blocks::Unknown),
        "redirfd" => ("rwuaxnb", "", 2, Blocks::Unknown),
        "heredoc" => ("d", "", 2, Blocks::Unknown),
        "exit" | "homeof" => ("", "", 1, Blocks::Unknown),
        "dollarat" => ("n0", "d", 0, Blocks::Unknown),
        _ => return None,
    };
    Some(Syntax { flags, valued, words, blocks, runs })
}

impl Syntax {
    /// Which of the items after the command's name are its own. Options end where the first word is none, as they do for
    /// the commands themselves.
    pub fn own<'i>(&self, items: &'i [Item]) -> Own<'i> {
        let (mut rest, mut unknown, mut default) = (items, false, None);
        while let Some((Item::Word(word, _), after)) = rest.split_first()
            && let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty())
        {
            rest = after;
            if letters == "-" {
                break;
            }
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                if self.valued.contains(letter) {
                    let mut value = Some(letters.as_str());
                    if letters.as_str().is_empty() {
                        value = rest.first().and_then(Item::word);
                        rest = rest.get(1..).unwrap_or_default();
                    }
                    default = if letter == 'D' { value } else { default };
                    break;
                }
                unknown |= !self.flags.contains(letter);
            }
        }
        let operands = rest;
        let mut words = self.words;
        while let Some((item, after)) = rest.split_first() {
            match item {
                Item::Block(_) => rest = after,
                Item::Word(..) if words > 0 => {
                    words -= 1;
                    rest = after;
                }
                Item::Word(..) => break,
            }
        }
        let before = |all: &'i [Item]| all.get(..all.len().saturating_sub(rest.len())).unwrap_or_default();
        Own { all: before(items), operands: before(operands), rest, default, unknown }
    }
}
