//! Standard output and standard error.

use std::io::{self, BufWriter, StdoutLock, Write};

use anstream::stream::RawStream;
use bantam::report::{Palette, printable};

/// Prints one line to standard error, led by the program's name. Nothing can be done if that fails.
pub fn message(text: &str) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(io::stderr(), "bantam: {}", printable(text.as_str().into()));
}

/// Standard output, buffered. To be flushed by the caller, so that errors are seen.
pub fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Colours for a stream: on a terminal, unless `NO_COLOR`, `CLICOLOR` or `TERM` say otherwise.
pub fn palette(stream: &impl RawStream) -> Palette {
    Palette { colour: anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never }
}
