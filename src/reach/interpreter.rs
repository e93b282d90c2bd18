//! What an analyser says of its language's interpreter: which programs are one, and what their arguments ask for.

use bstr::BString;
use serde::{Deserialize, Serialize};

use crate::rootfs::NodeId;

/// A program that a command starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Program {
    /// The absolute path it is started by, symlinks not followed: a virtual environment is found from it.
    pub path: BString,
    /// The program itself.
    pub node: NodeId,
}

/// An interpreter, as far as command lines go.
#[derive(Debug)]
pub struct Interpreter {
    /// The language, as notices call it.
    pub language: &'static str,
    /// Whether a program of this file name is one.
    pub is_named: fn(&str) -> bool,
    /// Whether a file with this beginning is a script of the language all the same, though its `#!` line names a shell.
    pub is_launcher: fn(&[u8]) -> bool,
    /// Reads its arguments, the program's name not among them.
    pub read: for<'a> fn(&'a [String]) -> Invocation<'a>,
}

/// What an interpreter is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation<'a> {
    /// What it runs.
    pub runs: Runs<'a>,
    /// What that is passed.
    pub arguments: &'a [String],
}

/// What an interpreter runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs<'a> {
    /// A module, by its name.
    Module(&'a str),
    /// The text of an argument.
    Code(&'a str),
    /// A file, or a directory or archive that the language runs like one.
    File(&'a str),
    /// Code on standard input.
    Input,
    /// Whatever someone types; code, where standard input is no terminal.
    Prompt,
    /// Nothing: it says its version or the like.
    Nothing,
}
