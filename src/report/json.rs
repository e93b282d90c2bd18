//! The report for machines. `docs/report-schema.md` describes it.

use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;

use super::growth::Growth;
use super::model::{
    AssumptionTotal, CategoryTotal, GoneCommand, ImageInfo, Output, OwnerTotal, PackageTotal, Report, RuleTotal, Sums,
};
use super::paths::PathText;
use crate::reach::Uncertainty;
use crate::rootfs::{Accounting, Rootfs};
use crate::text;

/// Name and version of the schema. The number grows when a field changes its meaning or goes; new fields may come
/// without that.
pub const SCHEMA: &str = "bantam.report/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    bantam: &'static str,
    image: &'a ImageInfo,
    pruning_off: Option<&'a str>,
    totals: Totals,
    categories: &'a [CategoryTotal],
    rules: &'a [RuleTotal],
    owners: &'a [OwnerTotal],
    packages: &'a [PackageTotal],
    commands: &'a [GoneCommand],
    removed: Vec<File<'a>>,
    superseded: Vec<Hidden<'a>>,
    rewritten: Vec<Changed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    linked: Vec<Joined>,
    notes: &'a [String],
    assumptions: &'a [AssumptionTotal],
    uncertainties: Vec<Open<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<&'a Growth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a Output>,
}

#[derive(Serialize)]
struct Open<'a> {
    path: &'a str,
    line: u32,
    what: &'a str,
    effect: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settle: Option<&'a str>,
}

impl<'a> Open<'a> {
    fn of(one: &'a Uncertainty) -> Self {
        let Uncertainty { path, line, what, effect, settle } = one;
        Self { path, line: *line, what, effect, settle: settle.as_deref() }
    }
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
    path: PathText,
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
    path: PathText,
    bytes: u64,
    layer: &'a str,
}

#[derive(Serialize)]
struct Joined {
    #[serde(flatten)]
    path: PathText,
    to: String,
    bytes: u64,
}

#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    path: PathText,
    before: u64,
    after: u64,
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
                path: PathText(file.path.clone()),
                kind: file.kind,
                bytes: file.bytes,
                category: &file.category,
                rule: file.rule.as_deref(),
                owner: file.owner.as_deref(),
                layer: layer(file.layer),
                blake3: rootfs.blake3(file.node)?,
            })
        })
        .collect();
    let superseded = accounting.superseded.iter().map(|file| Hidden {
        path: PathText(file.path.clone()),
        bytes: file.bytes,
        layer: layer(file.layer),
    });
    let rewritten = report.rewritten.iter().map(|file| Changed {
        path: PathText(file.path.clone()),
        before: file.before,
        after: file.after,
    });
    let linked = report.linked.iter().map(|file| Joined {
        path: PathText(file.path.clone()),
        to: file.to.to_string(),
        bytes: file.bytes,
    });
    let document = Document {
        schema: SCHEMA,
        bantam: env!("CARGO_PKG_VERSION"),
        image: &report.image,
        pruning_off: report.pruning_off.as_deref(),
        totals: Totals {
            original: report.original,
            result: report.result,
            removed: Removed { files: report.removed_files(), bytes: report.removed_bytes() },
        },
        categories: &report.categories,
        rules: &report.rules,
        owners: &report.owners,
        packages: &report.packages,
        commands: &report.commands,
        removed: removed?,
        superseded: superseded.collect(),
        rewritten: rewritten.collect(),
        linked: linked.collect(),
        notes: &report.notes,
        assumptions: &report.assumptions,
        uncertainties: report.uncertainties.iter().map(Open::of).collect(),
        growth: report.growth.as_ref(),
        output: report.output.as_ref(),
    };
    text::to_json_pretty(out, &document)?;
    writeln!(out)
}
