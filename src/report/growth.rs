//! What became larger since an earlier report, as reports say it. [`diff::growth`](crate::diff::growth) finds it out.

use std::io::{self, Write};

use serde::Serialize;

use super::markdown::{code, plain};
use super::paths::printable;
use super::size::{human, human_signed, percent};
use crate::owners::Ecosystem;

/// Bytes then and now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// As the earlier report says.
    pub then: u64,
    /// As it is.
    pub now: u64,
}

impl Change {
    /// How many more there are now.
    pub fn grown(self) -> i64 {
        self.now.cast_signed().wrapping_sub(self.then.cast_signed())
    }
}

/// A package that has other files or another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageGrowth {
    /// Which kind of package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its versions then; none if it was not there.
    pub versions_then: Vec<String>,
    /// Its versions now.
    pub versions_now: Vec<String>,
    /// Bytes in the image as it is built.
    pub original: Change,
    /// Bytes in the smaller image.
    pub result: Change,
}

/// How an image differs in size from the one of an earlier report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Growth {
    /// The image of the earlier report.
    pub baseline: String,
    /// The images as they are built.
    pub original: Change,
    /// The smaller images.
    pub result: Change,
    /// What of the first belongs to no package: the user's own files, and what later layers hide.
    pub original_unowned: Change,
    /// What of the second belongs to no package.
    pub result_unowned: Change,
    /// Packages that differ, what became larger by most first.
    pub packages: Vec<PackageGrowth>,
}

impl Growth {
    /// Prints it for a terminal, with `top` packages.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn write_text(&self, top: usize, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\nsince {}", printable(self.baseline.as_str().into()))?;
        for (name, change) in [("original", self.original), ("result", self.result)] {
            writeln!(out, "  {name:<9} {} → {}  {}", human(change.then), human(change.now), signed(change))?;
        }
        for one in self.packages.iter().take(top) {
            let name = printable(one.name.as_str().into());
            let (ecosystem, versions) = (one.ecosystem.as_str(), printable(one.versions().as_str().into()));
            writeln!(
                out,
                "  {:>10}  {name} ({ecosystem}) {versions}; of the result {}",
                plus(one.original),
                plus(one.result)
            )?;
        }
        if self.packages.len() > top {
            writeln!(out, "  … {} more packages", self.packages.len() - top)?;
        }
        writeln!(
            out,
            "  {:>10}  what belongs to no package; of the result {}",
            plus(self.original_unowned),
            plus(self.result_unowned)
        )
    }

    /// Prints it in Markdown, with `top` packages.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn write_markdown(&self, top: usize, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "**Since {}**\n", code(&self.baseline))?;
        writeln!(out, "| | then | now | difference |\n| --- | ---: | ---: | ---: |")?;
        for (name, change) in [("image as built", self.original), ("smaller image", self.result)] {
            writeln!(out, "| {name} | {} | {} | {} |", human(change.then), human(change.now), plain(&signed(change)))?;
        }
        writeln!(out, "\n| package | versions | as built | smaller image |\n| --- | --- | ---: | ---: |")?;
        for one in self.packages.iter().take(top) {
            let name = format!("{} ({})", code(&one.name), one.ecosystem.as_str());
            writeln!(out, "| {name} | {} | {} | {} |", plain(&one.versions()), plus(one.original), plus(one.result))?;
        }
        if self.packages.len() > top {
            writeln!(out, "| … {} more | | | |", self.packages.len() - top)?;
        }
        writeln!(out, "| no package | | {} | {} |\n", plus(self.original_unowned), plus(self.result_unowned))
    }
}

impl PackageGrowth {
    fn versions(&self) -> String {
        let (then, now) = (self.versions_then.join(", "), self.versions_now.join(", "));
        match (self.versions_then.is_empty(), self.versions_now.is_empty()) {
            (true, _) => format!("new: {now}"),
            (_, true) => format!("gone: {then}"),
            _ if then == now => then,
            _ => format!("{then} → {now}"),
        }
    }
}

fn plus(change: Change) -> String {
    let sign = if change.grown() > 0 { "+" } else { "" };
    format!("{sign}{}", human_signed(change.grown()))
}

fn signed(change: Change) -> String {
    let sign = if change.grown() > 0 { "+" } else { "" };
    format!("{} ({sign}{})", plus(change), percent(change.grown(), change.then))
}
