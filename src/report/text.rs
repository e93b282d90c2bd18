//! The report for people.

use std::io::{self, Write};

use bstr::BStr;

use super::breakdown::Part;
use super::model::Report;
use super::paths::printable;
use super::size::{human, human_signed, percent};
use super::style::{Palette, Role};
use super::table::{Table, WIDTH, cut, cut_middle, pad, wrap};
use super::uncertain;

/// Columns of the first column of the tables.
const NAME: usize = 34;
/// How many notes are printed.
const NOTES: usize = 20;
/// How many of the commands that go are named.
const COMMANDS: usize = 40;

/// How the report for people looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions<'a> {
    /// How many of the largest entries of each kind are printed.
    pub top: usize,
    /// A breakdown that the user asked for, in place of all other tables and lists.
    pub parts: Option<&'a [Part]>,
    /// Whether to use colours.
    pub palette: Palette,
}

/// Prints tables by category and owner, and the largest entries of each kind, in 80 columns.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_text(report: &Report, options: TextOptions<'_>, out: &mut impl Write) -> io::Result<()> {
    let TextOptions { top, parts, palette } = options;
    head(report, palette, out)?;
    if report.pruning_off.is_some() {
        writeln!(out)?;
        pruning_off(report, palette, out)?;
    }
    writeln!(out)?;
    if let Some(parts) = parts {
        return breakdown(report, parts, top, palette, out);
    }
    categories(report, palette, out)?;
    owners(report, top, palette, out)?;
    largest(report, top, palette, out)?;
    commands(report, palette, out)?;
    super::assumed::write(&report.assumptions, top, palette, out)?;
    notes(report, palette, out)
}

fn head(report: &Report, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let image = &report.image;
    let layers = image.layers.len();
    let plural = if layers == 1 { "" } else { "s" };
    let rest = format!(": {}, {layers} layer{plural}", printable(BStr::new(&image.platform)));
    let name = printable(BStr::new(&image.reference));
    let name = cut_middle(&name, WIDTH.saturating_sub(rest.chars().count()).max(20));
    writeln!(out, "{}{rest}", palette.paint(Role::Heading, name))
}

/// The most important thing to know about a run that removes little.
fn pruning_off(report: &Report, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let Some(why) = &report.pruning_off else { return Ok(()) };
    let why = format!("PRUNING IS OFF: {}", printable(BStr::new(why)));
    let mut lines = Vec::new();
    wrap(why.split(' '), WIDTH, ["", ""], " ", &mut lines)?;
    for line in String::from_utf8_lossy(&lines).lines() {
        writeln!(out, "{}", palette.paint(Role::Warning, line))?;
    }
    Ok(())
}

fn categories(report: &Report, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let whole = report.original.bytes;
    let mut table = Table::new(NAME);
    table.head("CATEGORY", ["FILES", "SIZE", "SHARE"].map(str::to_owned));
    let row = |name: &str, files: u64, bytes: i64| {
        (name.to_owned(), [files.to_string(), human_signed(bytes), percent(bytes, whole)])
    };
    for category in &report.categories {
        let (name, figures) = row(&printable(BStr::new(&category.name)), category.files, category.bytes);
        table.row(&name, figures);
    }
    table.line();
    let (name, figures) = row("goes", report.removed_files(), report.removed_bytes());
    table.row_as(Role::Goes, &name, figures);
    let (name, figures) = row("stays", report.result.files, report.result.bytes.cast_signed());
    table.row_as(Role::Stays, &name, figures);
    let (name, figures) = row("original", report.original.files, whole.cast_signed());
    table.row(&name, figures);
    table.write(palette, out)
}

fn breakdown(report: &Report, parts: &[Part], top: usize, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(NAME + 4);
    table.head("", ["FILES", "GOES", "SHARE", "STAYS"].map(str::to_owned));
    let figures = |part: &Part| {
        let share = percent(part.bytes, report.original.bytes);
        [part.files.to_string(), human_signed(part.bytes), share, human(part.stays.bytes)]
    };
    for part in parts.iter().take(top) {
        table.row_middle(&part.name, figures(part));
    }
    let rest = parts.iter().skip(top);
    let count = rest.len();
    if count > 0 {
        table.row(&format!("{count} more"), figures(&Part::sum(rest)));
    }
    table.line();
    table.row("all", figures(&Part::sum(parts.iter())));
    table.write(palette, out)
}

fn owners(report: &Report, top: usize, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    if report.owners.is_empty() || top == 0 {
        return Ok(());
    }
    let mut table = Table::new(NAME + 8);
    table.head("WHAT GOES, BY PACKAGE", ["FILES", "SIZE", "STAYS"].map(str::to_owned));
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
    table.write(palette, out)
}

fn largest(report: &Report, top: usize, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    const WHY: usize = 22;
    let files = report.largest_removed(top);
    if files.is_empty() {
        return Ok(());
    }
    let heading = format!("{:>9}  {:<WHY$}  LARGEST FILES THAT GO", "SIZE", "WHY");
    writeln!(out, "\n{}", palette.paint(Role::Heading, heading))?;
    for file in files {
        let why = file.rule.as_deref().or(file.owner.as_deref()).unwrap_or_default();
        let why = pad(&cut(&printable(BStr::new(why)), WHY), WHY);
        let path = cut_middle(&printable(BStr::new(&file.path)), WIDTH - WHY - 13);
        writeln!(out, "{:>9}  {}  {path}", human(file.bytes), palette.paint(Role::Faint, why))?;
    }
    Ok(())
}

fn commands(report: &Report, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let count = report.commands.len();
    if count == 0 {
        return Ok(());
    }
    let heading = format!("COMMANDS THAT GO, {count} in all; to start the image with one, give it as --entry");
    writeln!(out, "\n{}", palette.paint(Role::Heading, heading))?;
    let names = report.commands.iter().take(COMMANDS).map(|command| printable(BStr::new(&command.name)));
    let rest = (count > COMMANDS).then(|| format!("… {} more in --json", count - COMMANDS));
    wrap(names.chain(rest), WIDTH, ["  ", "  "], ", ", out)
}

fn notes(report: &Report, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    if !report.notes.is_empty() {
        writeln!(out, "\n{}", palette.paint(Role::Heading, "NOTES"))?;
    }
    for note in report.notes.iter().take(NOTES) {
        wrap(printable(BStr::new(note)).split(' '), WIDTH, ["  ", "    "], " ", out)?;
    }
    more(report.notes.len(), "notes", out)?;
    uncertain::write(&report.uncertainties, palette, out)
}

fn more(count: usize, what: &str, out: &mut impl Write) -> io::Result<()> {
    if count > NOTES { writeln!(out, "  … {} more {what}; --json has them all", count - NOTES) } else { Ok(()) }
}

/// Prints the few lines that follow a finished run: before, after, and what went by category.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_summary(report: &Report, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    let (before, after) = (report.original.bytes, report.result.bytes);
    let name = printable(BStr::new(&report.image.reference));
    let change = format!(": {} -> {} ({} less)", human(before), human(after), percent(report.removed_bytes(), before));
    let name = cut_middle(&name, WIDTH.saturating_sub(change.chars().count()).max(20));
    writeln!(out, "{name}{}", palette.paint(Role::Heading, change))?;
    pruning_off(report, palette, out)?;
    let mut table = Table::new(NAME);
    for category in &report.categories {
        let name = format!("  {}", printable(BStr::new(&category.name)));
        table.row(&name, [category.files.to_string(), human_signed(category.bytes)]);
    }
    table.write(palette, out)
}
