//! Images, added up.

use std::collections::BTreeMap;

use super::document::{Category, Document, Package, Sums};
use super::model::{CategorySum, ImageSum, PackageSum, Saving, Summary};
use super::names::Names;
use super::storage::{Blobs, Sides};
use crate::image::StoredBlob;

/// What a document says of one image.
pub struct Found {
    image: ImageSum,
    /// Source and target of a list's line: a later line about the same takes its place.
    key: Option<(String, String)>,
    /// Digest of the new image.
    digest: String,
    files: (u64, u64),
    categories: Vec<Category>,
    packages: Vec<Package>,
    before: Vec<StoredBlob>,
    after: Option<Vec<StoredBlob>>,
}

impl Found {
    /// The images that a document is about.
    ///
    /// # Errors
    /// If it is of another schema, or not complete.
    pub fn of(document: Document) -> Result<Vec<Self>, String> {
        match document.schema.as_str() {
            "bantam.report/1" => Self::report(document).map(|found| vec![found]),
            "bantam.index/1" => document.images.into_iter().map(Self::report).collect(),
            "bantam.fleet/1" => Self::line(document).map(|found| vec![found]),
            other => {
                Err(format!("{other:?} is no schema of a report (bantam.report/1, bantam.index/1, bantam.fleet/1)"))
            }
        }
    }

    fn report(document: Document) -> Result<Self, String> {
        let (Some(image), Some(totals)) = (document.image, document.totals) else {
            return Err("a report without image and totals".into());
        };
        let doubts = document.uncertainties.iter().filter(|one| one.settle.is_some()).count() as u64;
        let of_owner = |owner: super::document::Owner| Package {
            before: owner.bytes.saturating_add(owner.stays.bytes),
            after: owner.stays.bytes,
            ecosystem: owner.ecosystem,
            name: owner.name,
        };
        let owners = document.owners;
        let packages = document.packages.unwrap_or_else(|| owners.into_iter().map(of_owner).collect());
        let target =
            document.output.as_ref().and_then(|output| output.reference.clone().or(output.tags.first().cloned()));
        let status = if document.output.is_some() { "slimmed" } else { "reported" };
        Ok(Self {
            image: ImageSum {
                name: image.reference,
                target,
                platform: image.platform,
                status: status.into(),
                doubts,
                files: Some(saving(totals.original, totals.result)),
                ..ImageSum::default()
            },
            key: None,
            digest: String::new(),
            files: (totals.original.files, totals.result.files),
            categories: document.categories,
            packages,
            before: image.blobs,
            after: document.output.and_then(|output| output.blobs),
        })
    }

    fn line(document: Document) -> Result<Self, String> {
        let (Some(source), Some(target), Some(status)) = (document.source, document.target, document.status) else {
            return Err("a line without source, target and status".into());
        };
        if !["slimmed", "skipped", "doubtful", "failed"].contains(&status.as_str()) {
            return Err(format!("{status:?} is no status of an image"));
        }
        let mut found = Self {
            image: ImageSum {
                name: source.clone(),
                target: Some(target.clone()),
                status,
                error: document.error,
                ..ImageSum::default()
            },
            key: Some((source, target)),
            digest: document.after.as_ref().map(|side| side.digest.clone()).unwrap_or_default(),
            files: (0, 0),
            categories: Vec::new(),
            packages: Vec::new(),
            before: document.before.map(|side| side.blobs).unwrap_or_default(),
            after: document.after.map(|side| side.blobs),
        };
        if let Some(report) = document.report {
            found.image.platform = report.platform;
            found.image.doubts = report.doubts;
            found.image.files = Some(saving(report.original, report.result));
            found.files = (report.original.files, report.result.files);
            found.categories = report.categories;
            found.packages = report.packages;
        }
        Ok(found)
    }
}

fn saving(before: Sums, after: Sums) -> Saving {
    Saving { before: before.bytes, after: after.bytes }
}

/// An image, its names as numbers.
struct Kept {
    image: ImageSum,
    digest: String,
    files: (u64, u64),
    categories: Vec<(u32, u64, i64)>,
    packages: Vec<(u32, u64, u64)>,
    sides: Sides,
}

/// Takes in what was found, in order, and adds it up in the end.
#[derive(Default)]
pub struct Adder {
    blobs: Blobs,
    categories: Names,
    packages: Names,
    lines: BTreeMap<(String, String), usize>,
    kept: Vec<Kept>,
}

impl Adder {
    /// Takes in an image.
    pub fn add(&mut self, found: Found) {
        let Found { image, key, digest, files, categories, packages, before, after } = found;
        let at = key.as_ref().and_then(|key| self.lines.get(key)).copied();
        if let Some(there) = at.and_then(|at| self.kept.get(at)) {
            // Of what was skipped the earlier line says more, if it is about the same image.
            let says_more = there.image.files.is_some() && there.digest == digest && !digest.is_empty();
            if image.status == "skipped" && says_more {
                return;
            }
        }
        let categories =
            categories.into_iter().map(|one| (self.categories.number(&one.name), one.files, one.bytes)).collect();
        let package = |one: Package, names: &mut Names| {
            // No ecosystem has a blank in its name.
            (names.number(&format!("{} {}", one.ecosystem, one.name)), one.before, one.after)
        };
        let packages = packages.into_iter().map(|one| package(one, &mut self.packages)).collect();
        let sides = Sides { before: self.blobs.numbers(&before), after: after.map(|blobs| self.blobs.numbers(&blobs)) };
        let kept = Kept { image, digest, files, categories, packages, sides };
        match at.and_then(|at| self.kept.get_mut(at)) {
            Some(place) => *place = kept,
            None => {
                self.lines.extend(key.map(|key| (key, self.kept.len())));
                self.kept.push(kept);
            }
        }
    }

    /// Adds all up.
    pub fn finish(self) -> Summary {
        let mut summary = Summary::default();
        let mut categories = vec![CategorySum::default(); self.categories.len()];
        let mut packages = vec![PackageSum::default(); self.packages.len()];
        let mut sides = Vec::with_capacity(self.kept.len());
        // A package can be in an image in several versions.
        let mut last_image = vec![usize::MAX; self.packages.len()];
        let mut stays = vec![0_u64; self.packages.len()];
        for (number, kept) in self.kept.into_iter().enumerate() {
            let totals = &mut summary.totals;
            totals.images += 1;
            match kept.image.status.as_str() {
                "slimmed" => totals.slimmed += 1,
                "skipped" => totals.skipped += 1,
                "failed" => totals.failed += 1,
                _ => {}
            }
            totals.doubtful += u64::from(kept.image.doubts > 0);
            if let Some(files) = kept.image.files {
                totals.reported += 1;
                totals.before = totals.before.saturating_add(files.before);
                totals.after = totals.after.saturating_add(files.after);
                totals.files_before = totals.files_before.saturating_add(kept.files.0);
                totals.files_after = totals.files_after.saturating_add(kept.files.1);
            }
            for (category, files, bytes) in kept.categories {
                let Some(sum) = categories.get_mut(category as usize) else { continue };
                sum.images += 1;
                sum.files = sum.files.saturating_add(files);
                sum.bytes = sum.bytes.saturating_add(bytes);
            }
            for &(package, before, after) in &kept.packages {
                let at = package as usize;
                let (Some(sum), Some(last), Some(stays)) =
                    (packages.get_mut(at), last_image.get_mut(at), stays.get_mut(at))
                else {
                    continue;
                };
                if *last != number {
                    (*last, *stays) = (number, 0);
                    sum.images += 1;
                    sum.gone += 1;
                }
                // It is not gone if a version of it stays.
                sum.gone -= u64::from(*stays == 0 && after > 0);
                *stays = stays.saturating_add(after);
                sum.before = sum.before.saturating_add(before);
                sum.after = sum.after.saturating_add(after);
            }
            sides.push(kept.sides);
            summary.images.push(kept.image);
        }
        summary.storage = self.blobs.say(&sides, &mut summary.images);
        for (number, sum) in (0..).zip(&mut categories) {
            sum.name = self.categories.name(number).to_owned();
        }
        for (number, sum) in (0..).zip(&mut packages) {
            let (ecosystem, name) = self.packages.name(number).split_once(' ').unwrap_or_default();
            (sum.ecosystem, sum.name) = (ecosystem.to_owned(), name.to_owned());
        }
        categories.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        let goes = |one: &PackageSum| i128::from(one.before) - i128::from(one.after);
        packages
            .sort_by(|a, b| goes(b).cmp(&goes(a)).then_with(|| (&a.ecosystem, &a.name).cmp(&(&b.ecosystem, &b.name))));
        summary
            .images
            .sort_by(|a, b| b.saved().cmp(&a.saved()).then_with(|| (&a.name, &a.target).cmp(&(&b.name, &b.target))));
        (summary.categories, summary.packages) = (categories, packages);
        summary
    }
}
