//! Programs in Go: what their tables of functions say. These stay in stripped files, for Go prints them when it panics, and
//! hold no function that nothing calls.

use super::object::{Object, Part};
use super::survey::Marks;

/// Functions that find programs by their names, and those that start them.
const STARTS: [&[u8]; 4] =
    [b"os/exec.Command\0", b"os/exec.LookPath\0", b"os/exec.(*Cmd).Start\0", b"os/exec.CommandContext\0"];

/// Whether the file, whose data this is, is written in Go and finds programs by their names, to start them.
pub(super) fn starts_programs(object: &Object, data: &[Part], marks: Marks) -> bool {
    let is_go = marks.go || [&b".go.buildinfo"[..], b".gopclntab"].iter().any(|name| object.section(name).is_some());
    is_go && object.find(data, STARTS).contains(&true)
}
