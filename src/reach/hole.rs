//! Text of which a part cannot be read.

/// Stands for a part of a word or a name that is known at run time only. From the private use area: it is in no name.
pub const HOLE: char = '\u{F8FF}';
