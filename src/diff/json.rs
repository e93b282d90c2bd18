//! The differences for machines. `docs/diff-schema.md` describes them.

use std::io::{self, Write};

use serde::Serialize;

use super::compare::{Diff, Summary};
use super::config::ConfigChange;
use super::files::{Aspect, Changed, File, Sums};
use super::packages::Packages;
use crate::report::PathText;
use crate::text;

/// Name and version of the schema. The number grows when a field changes its meaning or goes; new fields may come
/// without that.
pub const SCHEMA: &str = "bantam.diff/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    bantam: &'static str,
    before: &'a Summary,
    after: &'a Summary,
    files: Files<'a>,
    packages: &'a Packages,
    config: &'a [ConfigChange],
}

#[derive(Serialize)]
struct Files<'a> {
    totals: Totals,
    removed: Vec<Name>,
    added: Vec<Name>,
    changed: Vec<Other<'a>>,
}

#[derive(Serialize)]
struct Totals {
    removed: Sums,
    added: Sums,
}

#[derive(Serialize)]
struct Name {
    #[serde(flatten)]
    path: PathText,
    #[serde(rename = "type")]
    kind: &'static str,
    bytes: u64,
}

#[derive(Serialize)]
struct Other<'a> {
    #[serde(flatten)]
    path: PathText,
    what: &'a [Aspect],
    before: u64,
    after: u64,
}

/// Prints the differences as one JSON document.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_json(diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    let names = |files: &[File]| files.iter().map(name).collect();
    let files = &diff.files;
    let document = Document {
        schema: SCHEMA,
        bantam: env!("CARGO_PKG_VERSION"),
        before: &diff.before,
        after: &diff.after,
        files: Files {
            totals: Totals { removed: Sums::of_files(&files.removed), added: Sums::of_files(&files.added) },
            removed: names(&files.removed),
            added: names(&files.added),
            changed: files.changed.iter().map(other).collect(),
        },
        packages: &diff.packages,
        config: &diff.config,
    };
    text::to_json_pretty(out, &document)?;
    writeln!(out)
}

fn name(file: &File) -> Name {
    Name { path: PathText(file.path.clone()), kind: file.kind, bytes: file.bytes }
}

fn other(file: &Changed) -> Other<'_> {
    Other { path: PathText(file.path.clone()), what: &file.aspects, before: file.before, after: file.after }
}
