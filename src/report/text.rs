//! The report for people.

use std::io::{self, Write};

use bstr::BStr;

use super::model::Report;
use super::paths::printable;
use super::size::{human, human_signed, percent};
use super::table::{Table, WIDTH, cut, cut_middle};

/// Columns of the first column of the tables.
const NAME: usize = 34;
/// How many notes and uncertainties are printed in full.
const NOTES: usize = 20;

/// Prints tables by category and owner, and the `top` largest entries of each kind.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_text(report: &Report, top: usize, out: &mut impl Write) -> io::Result<()> {
    head(report, out)?;
    writeln!(out)?;
    categories(report, out)?;
    owners(report, top, out)?;
    largest(report, top, out)?;
    notes(report, out)
}

fn head(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let image = &report.image;
    let layers = image.layers.len();
    let plural = if layers == 1 { "" } else { "s" };
    writeln!(
        out,
        "{}: {}, {layers} layer{plural}",
        printable(BStr::new(&image.reference)),
        printable(BStr::new(&image.platform))
    )
}

fn categories(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let whole = report.original.bytes;
    let mut table = Table::new(NAME);
    table.row("CATEGORY", ["FILES", "SIZE", "SHARE"].map(str::to_owned));
    let row = |table: &mut Table, name: &str, files: u64, bytes: i64| {
        table.row(name, [files.to_string(), human_signed(bytes), percent(bytes, whole)]);
    };
    for category in &report.categories {
        row(&mut table, &printable(BStr::new(&category.name)), category.files, category.bytes);
    }
    table.line();
    row(&mut table, "goes", report.removed_files(), report.removed_bytes());
    row(&mut table, "stays", report.result.files, report.result.bytes.cast_signed());
    row(&mut table, "original", report.original.files, whole.cast_signed());
    table.write(out)
}

fn owners(report: &Report, top: usize, out: &mut impl Write) -> io::Result<()> {
    if report.owners.is_empty() || top == 0 {
        return Ok(());
    }
    let mut table = Table::new(NAME + 10);
    table.row("NOT REACHED, BY PACKAGE", ["FILES", "SIZE"].map(str::to_owned));
    for owner in report.owners.iter().take(top) {
        let name = format!("{} {} ({})", owner.name, owner.version, owner.ecosystem.as_str());
        table.row(&printable(BStr::new(&name)), [owner.sums.files.to_string(), human(owner.sums.bytes)]);
    }
    let rest = report.owners.iter().skip(top);
    let count = rest.len();
    if count > 0 {
        let (files, bytes) = rest.fold((0, 0), |sum, owner| (sum.0 + owner.sums.files, sum.1 + owner.sums.bytes));
        table.row(&format!("{count} more"), [files.to_string(), human(bytes)]);
    }
    writeln!(out)?;
    table.write(out)
}

fn largest(report: &Report, top: usize, out: &mut impl Write) -> io::Result<()> {
    let mut files: Vec<_> = report.removed.iter().filter(|file| file.bytes > 0).collect();
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    files.truncate(top);
    if files.is_empty() {
        return Ok(());
    }
    const WHY: usize = 22;
    writeln!(out, "\n{:>9}  {:<WHY$}  LARGEST FILES THAT GO", "SIZE", "WHY")?;
    for file in files {
        let why = file.rule.as_deref().or(file.owner.as_deref()).unwrap_or_default();
        let why = cut(&printable(BStr::new(why)), WHY);
        let path = cut_middle(&printable(BStr::new(&file.path)), WIDTH - WHY - 13);
        writeln!(out, "{:>9}  {why:<WHY$}  {path}", human(file.bytes))?;
    }
    Ok(())
}

fn notes(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if !report.notes.is_empty() {
        writeln!(out, "\nNOTES")?;
    }
    for note in report.notes.iter().take(NOTES) {
        writeln!(out, "  {}", printable(BStr::new(note)))?;
    }
    more(report.notes.len(), "notes", out)?;
    if !report.uncertainties.is_empty() {
        writeln!(out, "\nUNCERTAIN")?;
    }
    for what in report.uncertainties.iter().take(NOTES) {
        let place = match (what.path.as_str(), what.line) {
            ("", _) => String::new(),
            (path, 0) => format!("{path}: "),
            (path, line) => format!("{path}:{line}: "),
        };
        writeln!(out, "  {}", printable(BStr::new(&format!("{place}{} -> {}", what.what, what.effect))))?;
    }
    more(report.uncertainties.len(), "uncertainties", out)
}

fn more(count: usize, what: &str, out: &mut impl Write) -> io::Result<()> {
    if count > NOTES { writeln!(out, "  … {} more {what}; --json has them all", count - NOTES) } else { Ok(()) }
}

/// Prints the few lines that follow a finished run: before, after, and what went by category.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_summary(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let (before, after) = (report.original.bytes, report.result.bytes);
    writeln!(
        out,
        "{}: {} -> {} ({} less)",
        printable(BStr::new(&report.image.reference)),
        human(before),
        human(after),
        percent(report.removed_bytes(), before)
    )?;
    let mut table = Table::new(NAME);
    for category in &report.categories {
        let name = format!("  {}", printable(BStr::new(&category.name)));
        table.row(&name, [category.files.to_string(), human_signed(category.bytes)]);
    }
    table.write(out)
}
