//! The reports of several images of an index as one JSON document. `docs/report-schema.md` describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::json::write_json;
use super::model::Report;
use crate::output::WrittenIndex;
use crate::rootfs::{Accounting, Rootfs};
use crate::text;

/// Name and version of the schema, which grows as that of a report.
pub const INDEX_SCHEMA: &str = "bantam.index/1";

/// Such a document in the making: each report is written when there is one, for none is needed after that.
pub struct Reports<W> {
    out: W,
    any: bool,
}

/// The index that was written.
#[derive(Serialize)]
struct Output<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    tags: &'a [String],
    digest: &'a str,
    size: u64,
}

impl<W: Write> Reports<W> {
    /// Begins a document.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn new(mut out: W) -> io::Result<Self> {
        let version = env!("CARGO_PKG_VERSION");
        writeln!(out, "{{\n\"schema\": \"{INDEX_SCHEMA}\",\n\"bantam\": \"{version}\",\n\"images\": [")?;
        Ok(Self { out, any: false })
    }

    /// Adds the report of the next image.
    ///
    /// # Errors
    /// As [`write_json`].
    pub fn add(&mut self, report: &Report, rootfs: &Rootfs, accounting: &Accounting) -> io::Result<()> {
        if self.any {
            writeln!(self.out, ",")?;
        }
        self.any = true;
        write_json(report, rootfs, accounting, &mut self.out)
    }

    /// Ends the document with what was written.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn finish(mut self, written: &WrittenIndex) -> io::Result<W> {
        let WrittenIndex { tags, digest, size, reference } = written;
        write!(self.out, "],\n\"output\": ")?;
        let output = Output { reference: reference.as_deref(), tags, digest, size: *size };
        text::to_json_pretty(&mut self.out, &output)?;
        writeln!(self.out, "\n}}")?;
        self.out.flush()?;
        Ok(self.out)
    }
}
