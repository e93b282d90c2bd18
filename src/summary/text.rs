//! The summary for people at a terminal.

use std::io::{self, Write};

use super::model::{ImageSum, Stored, Summary};
use crate::report::{human, human_signed, printable};

/// Prints the sums, and `top` rows of each list.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_text(summary: &Summary, top: usize, out: &mut impl Write) -> io::Result<()> {
    for line in headline(summary) {
        writeln!(out, "{line}")?;
    }
    let images: Vec<&ImageSum> = summary.images.iter().filter(|image| image.files.is_some()).collect();
    section(out, "images, what saves most first", images.len(), top, images.iter(), |image| {
        let files = image.files.unwrap_or_default();
        let doubt = if image.doubts > 0 { "  doubtful" } else { "" };
        format!("{:>10} → {:>10}  {}{doubt}", human(files.before), human(files.after), shown(&image.name))
    })?;
    section(out, "packages", summary.packages.len(), top, summary.packages.iter(), |one| {
        let goes = one.before.cast_signed().wrapping_sub(one.after.cast_signed());
        let (name, ecosystem) = (shown(&one.name), shown(&one.ecosystem));
        format!(
            "{:>10} of {:>10}  {name} ({ecosystem}) in {}",
            human_signed(goes),
            human(one.before),
            so_many(one.images)
        )
    })?;
    section(out, "why things go", summary.categories.len(), top, summary.categories.iter(), |one| {
        format!("{:>10}  {} in {}", human_signed(one.bytes), shown(&one.name), so_many(one.images))
    })?;
    let costly = costly(summary);
    section(
        out,
        "images that take more in the registry than before",
        costly.len(),
        top,
        costly.iter(),
        |(image, stored)| format!("{:>10}  {}", format!("+{}", human(stored.costs)), shown(&image.name)),
    )?;
    let failed: Vec<&ImageSum> = failed(summary).collect();
    section(out, "failed", failed.len(), top, failed.iter(), |image| {
        format!("{}: {}", shown(&image.name), shown(image.error.as_deref().unwrap_or_default()))
    })
}

/// So many images.
fn so_many(count: u64) -> String {
    format!("{count} image{}", if count == 1 { "" } else { "s" })
}

/// Those that could not be made, by name.
pub(super) fn failed(summary: &Summary) -> impl Iterator<Item = &ImageSum> {
    summary.images.iter().filter(|image| matches!(image.status.as_str(), "failed" | "doubtful"))
}

/// Those that take more in the registry than before, what costs most first.
pub(super) fn costly(summary: &Summary) -> Vec<(&ImageSum, Stored)> {
    let mut found: Vec<_> = summary
        .images
        .iter()
        .filter_map(|image| Some((image, image.stored.filter(|stored| stored.costs > 0)?)))
        .collect();
    found.sort_by(|a, b| b.1.costs.cmp(&a.1.costs).then_with(|| a.0.name.cmp(&b.0.name)));
    found
}

/// The sums in sentences.
pub(super) fn headline(summary: &Summary) -> Vec<String> {
    let (totals, storage) = (&summary.totals, &summary.storage);
    let mut lines = vec![format!(
        "{} images: {} slimmed, {} there already, {} failed, {} doubtful",
        totals.images, totals.slimmed, totals.skipped, totals.failed, totals.doubtful
    )];
    if totals.reported > 0 {
        let of =
            if totals.reported < totals.images { format!(" of {} of them", totals.reported) } else { String::new() };
        lines.push(format!(
            "files{of}: {} → {}{}",
            human(totals.before),
            human(totals.after),
            less(totals.before, totals.after)
        ));
    }
    if storage.images > 0 {
        lines.push(format!(
            "stored, each blob once: {} → {}{}; {} while originals and new images are there",
            human(storage.before),
            human(storage.after),
            less(storage.before, storage.after),
            human(storage.together)
        ));
    }
    if storage.costly > 0 {
        lines.push(format!(
            "{} images take more after than before, {} in all: what they shared with others is in one layer now",
            storage.costly,
            human(storage.costs)
        ));
    }
    lines
}

pub(super) fn less(before: u64, after: u64) -> String {
    let share = |part: u64| part as f64 * 100.0 / before.max(1) as f64;
    match after.cmp(&before) {
        std::cmp::Ordering::Less => format!(", {:.1}% less", share(before - after)),
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!(", {:.1}% MORE", share(after - before)),
    }
}

fn shown(text: &str) -> String {
    printable(text.into())
}

fn section<T>(
    out: &mut impl Write,
    title: &str,
    count: usize,
    top: usize,
    rows: impl Iterator<Item = T>,
    row: impl Fn(T) -> String,
) -> io::Result<()> {
    if count == 0 || top == 0 {
        return Ok(());
    }
    writeln!(out, "\n{title}: {count}")?;
    for one in rows.take(top) {
        writeln!(out, "  {}", row(one))?;
    }
    if count > top {
        writeln!(out, "  … {} more", count - top)?;
    }
    Ok(())
}
