//! The summary in Markdown, for a comment or a pipeline's job page.

use std::io::{self, Write};

use super::model::Summary;
use super::text::{costly, failed, headline};
use crate::report::markdown::{code, plain};
use crate::report::{human, human_signed};

/// Prints the sums, and tables with `top` rows.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_markdown(summary: &Summary, top: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### bantam: {} images\n", summary.totals.images)?;
    for line in headline(summary) {
        writeln!(out, "- {}", plain(&line))?;
    }
    let images = summary.images.iter().filter_map(|image| {
        let files = image.files?;
        let doubt = if image.doubts > 0 { "doubtful" } else { "" };
        Some(format!("{} | {} | {} | {doubt}", code(&image.name), human(files.before), human(files.after)))
    });
    table(
        out,
        "Images, what saves most first",
        "image | before | after | remark",
        "--- | ---: | ---: | ---",
        images,
        top,
    )?;
    let packages = summary.packages.iter().map(|one| {
        let goes = one.before.cast_signed().wrapping_sub(one.after.cast_signed());
        let name = format!("{} ({})", code(&one.name), plain(&one.ecosystem));
        format!("{name} | {} | {} | {}", one.images, human_signed(goes), human(one.after))
    });
    table(out, "Packages", "package | images | goes | stays", "--- | ---: | ---: | ---:", packages, top)?;
    let categories = summary
        .categories
        .iter()
        .map(|one| format!("{} | {} | {}", plain(&one.name), one.images, human_signed(one.bytes)));
    table(out, "Why things go", "category | images | goes", "--- | ---: | ---:", categories, top)?;
    let costly = costly(summary);
    let rows = costly.iter().map(|(image, stored)| {
        format!("{} | {} | {}", code(&image.name), human(stored.share_before), human(stored.share_after))
    });
    table(
        out,
        "Take more in the registry than before",
        "image | share before | share after",
        "--- | ---: | ---:",
        rows,
        top,
    )?;
    let failed = failed(summary)
        .map(|image| format!("{} | {}", code(&image.name), plain(image.error.as_deref().unwrap_or_default())));
    table(out, "Failed", "image | why", "--- | ---", failed, top)
}

fn table(
    out: &mut impl Write,
    title: &str,
    head: &str,
    rule: &str,
    rows: impl Iterator<Item = String>,
    top: usize,
) -> io::Result<()> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() || top == 0 {
        return Ok(());
    }
    writeln!(out, "\n**{title}**\n\n| {head} |\n| {rule} |")?;
    for row in rows.by_ref().take(top) {
        writeln!(out, "| {row} |")?;
    }
    let more = rows.count();
    if more > 0 {
        writeln!(out, "\n… {more} more")?;
    }
    Ok(())
}
