//! The differences for people.

use std::io::{self, Write};

use bstr::BStr;
use serde_json::Value;

use super::compare::{Diff, Summary};
use super::config::ConfigChange;
use super::files::Sums;
use super::packages::Package;
use crate::report::table::{Table, WIDTH, cut, cut_middle, wrap};
use crate::report::{Palette, human, human_signed, printable};

/// Columns of the first column of the table.
const NAME: usize = 34;
/// How many packages of one list are named.
const PACKAGES: usize = 200;
/// How many settings are shown.
const SETTINGS: usize = 40;

/// Prints totals, packages, settings, and the `top` largest names that differ, in at most 80 columns.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_text(diff: &Diff, top: usize, out: &mut impl Write) -> io::Result<()> {
    for (lead, side) in [("before", &diff.before), ("after ", &diff.after)] {
        let reference = printable(BStr::new(&side.reference));
        writeln!(out, "{lead}  {}", cut_middle(&reference, WIDTH - lead.len() - 2))?;
    }
    writeln!(out)?;
    totals(diff, out)?;
    packages(diff, out)?;
    settings(&diff.config, out)?;
    largest(diff, top, out)
}

fn totals(diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    let files = &diff.files;
    let mut table = Table::new(NAME);
    table.row("", ["FILES", "SIZE", "IN ITS LAYERS"].map(str::to_owned));
    let mut whole = |name: &str, side: &Summary| {
        table.row(name, [side.sums.files.to_string(), human(side.sums.bytes), human(side.layer_bytes)]);
    };
    whole("before", &diff.before);
    whole("after", &diff.after);
    table.line();
    let mut part = |name: &str, count: u64, bytes: i64| {
        table.row(name, [count.to_string(), human_signed(bytes), String::new()]);
    };
    let (removed, added) = (Sums::of_files(&files.removed), Sums::of_files(&files.added));
    part("removed", removed.files, removed.bytes.cast_signed().wrapping_neg());
    part("added", added.files, added.bytes.cast_signed());
    let grown =
        |sum: i64, before: u64, after: u64| sum.wrapping_add(after.cast_signed().wrapping_sub(before.cast_signed()));
    let bytes = files.changed.iter().fold(0, |sum, file| grown(sum, file.before, file.after));
    part("changed", files.changed.len() as u64, bytes);
    table.write(Palette::default(), out)
}

fn packages(diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    let packages = &diff.packages;
    let (gone, new, changed) = (packages.gone.len(), packages.new.len(), packages.changed.len());
    writeln!(
        out,
        "\nPACKAGES: {} before, {} after: {gone} gone, {new} new, {changed} in another version",
        diff.before.packages, diff.after.packages
    )?;
    let only = |versions: &[String]| versions.join(", ");
    list("gone", &packages.gone, |package| only(&package.before), out)?;
    list("new", &packages.new, |package| only(&package.after), out)?;
    list("changed", &packages.changed, |package| format!("{} -> {}", only(&package.before), only(&package.after)), out)
}

/// One paragraph an ecosystem.
fn list(
    title: &str,
    packages: &[Package],
    versions: impl Fn(&Package) -> String,
    out: &mut impl Write,
) -> io::Result<()> {
    for group in packages.chunk_by(|a, b| a.ecosystem == b.ecosystem) {
        let Some(first) = group.first() else { continue };
        writeln!(out, "  {title}, {} ({}):", first.ecosystem.as_str(), group.len())?;
        let names = group.iter().take(PACKAGES).map(|package| {
            let text = format!("{} {}", package.name, versions(package));
            cut(&printable(BStr::new(text.trim_end())), WIDTH - 6)
        });
        let rest = (group.len() > PACKAGES).then(|| format!("… {} more in --json", group.len() - PACKAGES));
        wrap(names.chain(rest), WIDTH, ["    ", "    "], ", ", out)?;
    }
    Ok(())
}

fn settings(settings: &[ConfigChange], out: &mut impl Write) -> io::Result<()> {
    if settings.is_empty() {
        return writeln!(out, "\nCONFIG: the same");
    }
    writeln!(out, "\nCONFIG: {} different", settings.len())?;
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "not set".to_owned(), Value::to_string);
    for setting in settings.iter().take(SETTINGS) {
        writeln!(out, "  {}", cut(&printable(BStr::new(&setting.field)), WIDTH - 2))?;
        for (lead, value) in [("  - ", value(&setting.before)), ("  + ", value(&setting.after))] {
            writeln!(out, "{lead}{}", cut(&printable(BStr::new(&value)), WIDTH - lead.len()))?;
        }
    }
    if settings.len() > SETTINGS {
        writeln!(out, "  … {} more in --json", settings.len() - SETTINGS)?;
    }
    Ok(())
}

fn largest(diff: &Diff, top: usize, out: &mut impl Write) -> io::Result<()> {
    let files = &diff.files;
    let removed = files.removed.iter().map(|file| (file.bytes, '-', &file.path));
    let added = files.added.iter().map(|file| (file.bytes, '+', &file.path));
    let changed = files.changed.iter().map(|file| (file.before.abs_diff(file.after), '~', &file.path));
    let mut all: Vec<_> = removed.chain(added).chain(changed).filter(|(bytes, ..)| *bytes > 0).collect();
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.cmp(b.2)));
    all.truncate(top);
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{:>9}     LARGEST DIFFERENCES (- removed, + added, ~ changed)", "SIZE")?;
    for (bytes, sign, path) in all {
        writeln!(out, "{:>9}  {sign}  {}", human(bytes), cut_middle(&printable(path.as_ref()), WIDTH - 14))?;
    }
    Ok(())
}

/// Prints a line for every name that differs: `-`, `+` or `~` and the path, in the order of the paths.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_list(diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    let files = &diff.files;
    let removed = files.removed.iter().map(|file| (&file.path, '-', file.kind == "directory"));
    let added = files.added.iter().map(|file| (&file.path, '+', file.kind == "directory"));
    let changed = files.changed.iter().map(|file| (&file.path, '~', false));
    let mut all: Vec<_> = removed.chain(added).chain(changed).collect();
    all.sort();
    for (path, sign, is_dir) in all {
        writeln!(out, "{sign} {}{}", printable(path.as_ref()), if is_dir { "/" } else { "" })?;
    }
    Ok(())
}
