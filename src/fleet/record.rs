//! What became of an image of a list, as a line of JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::list::Entry;
use crate::image::{Blobs, Image, Looked};
use crate::output::Written;
use crate::report::{CategoryTotal, PackageTotal, Report, Sums};
use crate::text;

/// Name and version of the schema. The number grows when a field changes its meaning or goes; new fields may come without that.
pub const SCHEMA: &str = "bantam.fleet/1";

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The new image was written.
    Slimmed,
    /// It was there already, made from the same original by the same version with the same options.
    Skipped,
    /// Nothing was written, as the result would be doubtful (`--strict`).
    Doubtful,
    /// Nothing was written, or not all.
    Failed,
}

/// An image where it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Digest of its manifest; of its config if it has no manifest.
    pub digest: String,
    /// What it takes there.
    #[serde(flatten)]
    pub stored: Blobs,
}

impl Side {
    /// Of an image that was looked at.
    pub fn of_looked(looked: &Looked) -> Self {
        Self { digest: looked.digest().to_owned(), stored: looked.blobs.clone() }
    }

    /// Of one that was opened.
    pub fn of_image(image: &Image) -> Self {
        let digest = image.manifest_digest.as_ref().unwrap_or(&image.config_digest);
        Self { digest: digest.clone(), stored: Blobs::of_image(image) }
    }

    /// Of one that was written.
    pub fn of_written(written: &Written) -> Self {
        Self { digest: written.manifest_digest.clone(), stored: written.blobs() }
    }
}

/// A report without files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summed {
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// Regular files of all layers.
    pub original: Sums,
    /// Those of the new image.
    pub result: Sums,
    /// What goes, by category.
    pub categories: Vec<CategoryTotal>,
    /// Every package that has files.
    pub packages: Vec<PackageTotal>,
    /// How many things make the result doubtful.
    pub doubts: u64,
}

impl Summed {
    /// Of a report.
    pub fn of(report: Report, doubts: u64) -> Self {
        let Report { image, original, result, categories, packages, .. } = report;
        Self { platform: image.platform, original, result, categories, packages, doubts }
    }
}

/// The line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record<'a> {
    pub(super) schema: &'static str,
    pub(super) bantam: &'static str,
    pub(super) line: u64,
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    /// How it ended.
    pub status: Status,
    /// Why, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// The new image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
    /// What goes and what stays, where that was found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Summed>,
    /// How long it took.
    pub milliseconds: u64,
}

impl<'a> Record<'a> {
    /// A line on which nothing is said yet but how it ended.
    pub fn new(entry: &'a Entry, status: Status) -> Self {
        Self {
            schema: SCHEMA,
            bantam: env!("CARGO_PKG_VERSION"),
            line: entry.line,
            source: &entry.source_text,
            target: &entry.target_text,
            status,
            error: None,
            before: None,
            after: None,
            report: None,
            milliseconds: 0,
        }
    }

    /// Writes the line at once, so that lines of several processes to one file stand whole beside one another, and are there when the
    /// process ends early.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut line = Vec::new();
        text::to_json(&mut line, self)?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()
    }
}
