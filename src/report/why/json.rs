//! Explanations for machines. `docs/report-schema.md` describes them.

use std::io::{self, Write};

use serde::Serialize;

use super::explanation::Explanation;
use crate::report::model::ImageInfo;
use crate::text;

/// Name and version of the schema; see [`SCHEMA`](crate::report::SCHEMA) for when the number grows.
pub const SCHEMA: &str = "bantam.why/1";

#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    bantam: &'static str,
    reference: &'a str,
    platform: &'a str,
    config_digest: &'a str,
    query: &'a str,
    pruning_off: Option<&'a str>,
}

/// Prints explanations as one JSON document, one to a line: there may be as many as the image has files.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_why_json<'a>(
    image: &ImageInfo,
    query: &str,
    pruning_off: Option<&str>,
    explanations: impl Iterator<Item = Explanation<'a>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let head = Head {
        schema: SCHEMA,
        bantam: env!("CARGO_PKG_VERSION"),
        reference: &image.reference,
        platform: &image.platform,
        config_digest: &image.config_digest,
        query,
        pruning_off,
    };
    let mut text = Vec::new();
    text::to_json(&mut text, &head)?;
    out.write_all(text.strip_suffix(b"}").unwrap_or(&text))?;
    out.write_all(b",\"files\":[")?;
    for (i, explanation) in explanations.enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        text::to_json(out, &explanation)?;
    }
    writeln!(out, "\n]}}")
}
