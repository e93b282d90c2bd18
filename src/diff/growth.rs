//! What became larger since an earlier report (`bantam.report/1`), by package.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use serde::Deserialize;

use super::packages::Packages;
use crate::owners::Ecosystem;
use crate::report::{self, Change, Growth, PackageGrowth, PackageTotal, Report};
use crate::sbom::Component;
use crate::{Error, Result};

/// Longest report, in bytes.
const MAX_REPORT: u64 = 4 << 30;

/// The versions of a package before and after.
type Versions<'a> = (&'a [String], &'a [String]);

/// What is read of the earlier report.
#[derive(Clone, Debug, Deserialize)]
pub struct Baseline {
    schema: String,
    image: Image,
    totals: Totals,
    packages: Option<Vec<Package>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Image {
    reference: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Totals {
    original: Sums,
    result: Sums,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Sums {
    bytes: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct Package {
    ecosystem: Ecosystem,
    name: String,
    version: String,
    before: u64,
    after: u64,
}

impl Baseline {
    /// Reads a report.
    ///
    /// # Errors
    /// If it is none, or from before there were packages in reports.
    pub fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path, "cannot open the baseline"))?;
        Self::parse(&path.display().to_string(), BufReader::with_capacity(1 << 18, file.take(MAX_REPORT)))
    }

    fn parse(name: &str, input: impl Read) -> Result<Self> {
        let fail = |reason: String| Error::Input { input: name.to_owned(), reason };
        let read: Self = serde_json::from_reader(input).map_err(|error| {
            fail(format!("is no report of one image, as `bantam report IMAGE --json` prints it: {error}"))
        })?;
        if read.schema != report::SCHEMA {
            return Err(fail(format!("is of schema {:?}, not {}", read.schema, report::SCHEMA)));
        }
        if read.packages.is_none() {
            return Err(fail("is a report of an older bantam, which does not list packages; make it anew".into()));
        }
        Ok(read)
    }
}

/// Sizes of a package: as built, and in the smaller image.
#[derive(Default)]
struct Sizes {
    original: Change,
    result: Change,
}

/// Compares a report with an earlier one.
pub fn growth(baseline: &Baseline, report: &Report) -> Growth {
    let old = baseline.packages.as_deref().unwrap_or_default();
    let mut sizes: BTreeMap<(Ecosystem, &str), Sizes> = BTreeMap::new();
    for Package { ecosystem, name, before, after, .. } in old {
        let size = sizes.entry((*ecosystem, name)).or_default();
        size.original.then = size.original.then.saturating_add(*before);
        size.result.then = size.result.then.saturating_add(*after);
    }
    for PackageTotal { ecosystem, name, before, after, .. } in &report.packages {
        let size = sizes.entry((*ecosystem, name)).or_default();
        size.original.now = size.original.now.saturating_add(*before);
        size.result.now = size.result.now.saturating_add(*after);
    }
    let then: Vec<Component> = old.iter().map(|one| component(one.ecosystem, &one.name, &one.version)).collect();
    let now: Vec<Component> =
        report.packages.iter().map(|one| component(one.ecosystem, &one.name, &one.version)).collect();
    let differ = Packages::new(&then, &now);
    let differ: BTreeMap<(Ecosystem, &str), Versions<'_>> = [&differ.gone, &differ.new, &differ.changed]
        .into_iter()
        .flatten()
        .map(|one| ((one.ecosystem, one.name.as_str()), (one.before.as_slice(), one.after.as_slice())))
        .collect();
    let original = Change { then: baseline.totals.original.bytes, now: report.original.bytes };
    let result = Change { then: baseline.totals.result.bytes, now: report.result.bytes };
    let (mut original_unowned, mut result_unowned) = (original, result);
    let mut packages = Vec::new();
    for ((ecosystem, name), Sizes { original, result }) in sizes {
        take(&mut original_unowned, original);
        take(&mut result_unowned, result);
        let versions = differ.get(&(ecosystem, name));
        if versions.is_none() && original.grown() == 0 && result.grown() == 0 {
            continue;
        }
        let same = || -> Vec<String> {
            let mut same: Vec<String> = now
                .iter()
                .filter(|one| (one.ecosystem, one.name.as_str()) == (ecosystem, name))
                .map(|one| one.version.clone())
                .collect();
            same.sort();
            same.dedup();
            same
        };
        let (versions_then, versions_now) =
            versions.map_or_else(|| (same(), same()), |(then, now)| (then.to_vec(), now.to_vec()));
        let name = name.to_owned();
        packages.push(PackageGrowth { ecosystem, name, versions_then, versions_now, original, result });
    }
    packages.sort_by(|a, b| {
        let by = |one: &PackageGrowth| (one.original.grown(), one.result.grown());
        by(b).cmp(&by(a)).then_with(|| (a.ecosystem, &a.name).cmp(&(b.ecosystem, &b.name)))
    });
    Growth { baseline: baseline.image.reference.clone(), original, result, original_unowned, result_unowned, packages }
}

fn take(from: &mut Change, part: Change) {
    from.then = from.then.saturating_sub(part.then);
    from.now = from.now.saturating_sub(part.now);
}

fn component(ecosystem: Ecosystem, name: &str, version: &str) -> Component {
    Component {
        ecosystem,
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: None,
        purl: None,
        cpe: None,
        locations: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sums;

    const THEN: &str = r#"{"schema": "bantam.report/1", "image": {"reference": "app:1", "layers": []}, "notes": [],
        "totals": {"original": {"files": 9, "bytes": 1000}, "result": {"files": 5, "bytes": 500}},
        "packages": [
            {"ecosystem": "dpkg", "name": "libc6", "version": "1", "before": 300, "after": 200},
            {"ecosystem": "dpkg", "name": "perl", "version": "5", "before": 100, "after": 0},
            {"ecosystem": "python", "name": "same", "version": "1", "before": 50, "after": 50}]}"#;

    fn package(ecosystem: Ecosystem, name: &str, version: &str, before: u64, after: u64) -> PackageTotal {
        PackageTotal { ecosystem, name: name.into(), version: version.into(), before, after }
    }

    #[test]
    fn what_became_larger_stands_first_and_all_is_accounted_for() {
        let report = Report {
            original: Sums { files: 9, bytes: 1500 },
            result: Sums { files: 5, bytes: 640 },
            packages: vec![
                package(Ecosystem::Dpkg, "libc6", "2", 310, 190),
                package(Ecosystem::Python, "same", "1", 50, 50),
                package(Ecosystem::Python, "numpy", "2.1", 400, 150),
            ],
            ..Report::default()
        };
        let growth = growth(&Baseline::parse("x", THEN.as_bytes()).unwrap(), &report);
        let change = |then, now| Change { then, now };
        assert_eq!((growth.original, growth.result), (change(1000, 1500), change(500, 640)));
        let shown: Vec<_> = growth
            .packages
            .iter()
            .map(|one| {
                (one.name.as_str(), one.versions_then.join(","), one.versions_now.join(","), one.original, one.result)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("numpy", "".into(), "2.1".into(), change(0, 400), change(0, 150)),
                ("libc6", "1".into(), "2".into(), change(300, 310), change(200, 190)),
                ("perl", "5".into(), "".into(), change(100, 0), change(0, 0)),
            ]
        );
        assert_eq!((growth.original_unowned, growth.result_unowned), (change(550, 740), change(250, 250)));
    }

    #[test]
    fn what_is_no_such_report_is_refused() {
        for (text, words) in [
            ("", "is no report"),
            ("{}", "is no report"),
            (&THEN.replace("bantam.report/1", "bantam.report/9"), "bantam.report/9"),
            (&THEN.replace("\"packages\"", "\"owners\""), "older bantam"),
        ] {
            let error = Baseline::parse("base.json", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("base.json") && error.contains(words), "{error}");
        }
    }
}
