//! The report for machines. `docs/report-schema.md` describes it.

use std::io::{self, Write};

use bstr::{BStr, ByteSlice};
use rayon::prelude::*;
use serde::{Serialize, Serializer};

use super::blake3_digest;
use super::model::{CategoryTotal, ImageInfo, OwnerTotal, Report, RuleTotal, Sums};
use crate::reach::Uncertainty;
use crate::rootfs::{Accounting, Rootfs};

/// Name and version of the schema. The number grows when a field changes its meaning or goes; new fields may come
/// without that.
pub const SCHEMA: &str = "bantam.report/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    bantam: &'static str,
    image: &'a ImageInfo,
    totals: Totals,
    categories: &'a [CategoryTotal],
    rules: &'a [RuleTotal],
    owners: &'a [OwnerTotal],
    removed: Vec<File<'a>>,
    superseded: Vec<Hidden<'a>>,
    rewritten: Vec<Changed<'a>>,
    notes: &'a [String],
    uncertainties: &'a [Uncertainty],
}

#[derive(Serialize)]
struct Totals {
    original: Sums,
    result: Sums,
    removed: Removed,
}

#[derive(Serialize)]
struct Removed {
    files: u64,
    bytes: i64,
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(flatten)]
    path: Path<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
    bytes: u64,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    layer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<String>,
}

#[derive(Serialize)]
struct Hidden<'a> {
    #[serde(flatten)]
    path: Path<'a>,
    bytes: u64,
    layer: &'a str,
}

#[derive(Serialize)]
struct Changed<'a> {
    #[serde(flatten)]
    path: Path<'a>,
    before: u64,
    after: u64,
}

/// A path as text, and in hex too where it is no UTF-8.
#[derive(Serialize)]
struct Path<'a> {
    #[serde(serialize_with = "lossy")]
    path: &'a BStr,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
}

fn lossy<S: Serializer>(path: &BStr, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_str_lossy())
}

impl<'a> From<&'a BStr> for Path<'a> {
    fn from(path: &'a BStr) -> Self {
        let path_hex = path.to_str().is_err().then(|| path.iter().map(|byte| format!("{byte:02x}")).collect());
        Self { path, path_hex }
    }
}

/// Prints the report as one JSON document. Hashes the contents of all regular files that go.
///
/// # Errors
/// If a layer cannot be read any more, or `out` not be written to.
pub fn write_json(report: &Report, rootfs: &Rootfs, accounting: &Accounting, out: &mut impl Write) -> io::Result<()> {
    let layer = |index: u32| report.image.layers.get(index as usize).map_or("", |layer| layer.digest.as_str());
    let removed: io::Result<Vec<File<'_>>> = report
        .removed
        .par_iter()
        .map(|file| {
            Ok(File {
                path: Path::from(BStr::new(&file.path)),
                kind: file.kind,
                bytes: file.bytes,
                category: &file.category,
                rule: file.rule.as_deref(),
                owner: file.owner.as_deref(),
                layer: layer(file.layer),
                blake3: blake3_digest::of(rootfs, file.node)?,
            })
        })
        .collect();
    let superseded = accounting.superseded.iter().map(|file| Hidden {
        path: Path::from(BStr::new(&file.path)),
        bytes: file.bytes,
        layer: layer(file.layer),
    });
    let rewritten = report.rewritten.iter().map(|file| Changed {
        path: Path::from(BStr::new(&file.path)),
        before: file.before,
        after: file.after,
    });
    let document = Document {
        schema: SCHEMA,
        bantam: env!("CARGO_PKG_VERSION"),
        image: &report.image,
        totals: Totals {
            original: report.original,
            result: report.result,
            removed: Removed { files: report.removed_files(), bytes: report.removed_bytes() },
        },
        categories: &report.categories,
        rules: &report.rules,
        owners: &report.owners,
        removed: removed?,
        superseded: superseded.collect(),
        rewritten: rewritten.collect(),
        notes: &report.notes,
        uncertainties: &report.uncertainties,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
