//! The report as a list of paths.

use std::io::{self, Write};

use super::model::Report;
use super::paths::printable;

/// The paths of everything that goes, one a line. Directories end in `/`.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_list(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for removed in &report.removed {
        let slash = if removed.kind == "directory" { "/" } else { "" };
        writeln!(out, "{}{slash}", printable(removed.path.as_ref()))?;
    }
    Ok(())
}
