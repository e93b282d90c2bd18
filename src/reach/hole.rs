//! Text of which a part cannot be read.

/// Stands for a part of a word or a name that is known at run time only. From the private use area: it is in no name.
pub const HOLE: char = '\u{F8FF}';

/// Stands for part of a pattern that the shell replaces by the files that fit: two holes.
pub const GLOB: &str = "\u{F8FF}\u{F8FF}";
