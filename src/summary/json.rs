//! The summary for machines. `docs/summary-schema.md` describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::model::Summary;
use crate::text;

/// Name and version of the schema. The number grows when a field changes its meaning or goes; new fields may come without that.
pub const SCHEMA: &str = "bantam.summary/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    bantam: &'static str,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// Prints it as one JSON document.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_json(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    text::to_json_pretty(out, &Document { schema: SCHEMA, bantam: env!("CARGO_PKG_VERSION"), summary })?;
    writeln!(out)
}
