//! The report for people.

use std::io::{self, Write};

use bstr::BStr;

use super::model::Report;
use super::paths::printable;
use super::size::{human, human_signed, percent};
use super::table::{Table, WIDTH, cut, cut_middle, wrap};
use super::uncertain;

/// Columns of the first column of the tables.
const NAME: usize = 34;
/// How many notes are printed.
const NOTES: usize = 20;
/// How many of the commands that go are named.
const COMMANDS: usize = 40;

/// Prints tables by category and owner, and the `top` largest entries of each kind.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_text(report: &Report, top: usize, out: &mut impl Write) -> io::Result<()> {
    head(report, out)?;
    if report.pruning_off.is_some() {
        writeln!(out)?;
        pruning_off(report, out)?;
    }
    writeln!(out)?;
    categories(report, out)?;
    owners(report, top, out)?;
    largest(report, top, out)?;
    commands(report, out)?;
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

/// The most important thing to know about a run that removes little.
fn pruning_off(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if let Some(why) = &report.pruning_off {
        let why = format!("PRUNING IS OFF: {}", printable(BStr::new(why)));
        wrap(why.split(' '), WIDTH, ["", ""], " ", out)?;
    }
    Ok(())
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
    let mut table = Table::new(NAME + 8);
    table.row("WHAT GOES, BY PACKAGE", ["FILES", "SIZE", "STAYS"].map(str::to_owned));
    for owner in report.owners.iter().take(top) {
        let name = format!("{} {} ({})", owner.name, owner.version, owner.ecosystem.as_str());
        let figures = [owner.sums.files.to_string(), human(owner.sums.bytes), human(owner.stays.bytes)];
        table.row(&printable(BStr::new(&name)), figures);
    }
    let rest = report.owners.iter().skip(top);
    let count = rest.len();
    if count > 0 {
        let (files, bytes, stays) = rest.fold((0, 0, 0), |(files, bytes, stays), owner| {
            (files + owner.sums.files, bytes + owner.sums.bytes, stays + owner.stays.bytes)
        });
        table.row(&format!("{count} more"), [files.to_string(), human(bytes), human(stays)]);
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

fn commands(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let count = report.commands.len();
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "\nCOMMANDS THAT GO, {count} in all; to start the image with one, give it as --entry")?;
    let names = report.commands.iter().take(COMMANDS).map(|command| printable(BStr::new(&command.name)));
    let rest = (count > COMMANDS).then(|| format!("… {} more in --json", count - COMMANDS));
    wrap(names.chain(rest), WIDTH, ["  ", "  "], ", ", out)
}

fn notes(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if !report.notes.is_empty() {
        writeln!(out, "\nNOTES")?;
    }
    for note in report.notes.iter().take(NOTES) {
        writeln!(out, "  {}", printable(BStr::new(note)))?;
    }
    more(report.notes.len(), "notes", out)?;
    uncertain::write(&report.uncertainties, out)
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
    pruning_off(report, out)?;
    let mut table = Table::new(NAME);
    for category in &report.categories {
        let name = format!("  {}", printable(BStr::new(&category.name)));
        table.row(&name, [category.files.to_string(), human_signed(category.bytes)]);
    }
    table.write(out)
}
