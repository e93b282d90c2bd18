//! A line an image, for spreadsheets: CSV (RFC 4180).

use std::io::{self, Write};

use super::model::{Saving, Stored, Summary};
use crate::report::printable;

/// Prints a table with a header. Numbers that are not known are empty. Texts that a spreadsheet would take for a formula begin with an
/// apostrophe.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_csv(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "image",
        "target",
        "platform",
        "status",
        "doubts",
        "files_before",
        "files_after",
        "stored_before",
        "share_before",
        "own_before",
        "stored_after",
        "share_after",
        "costs",
        "costs_alone",
        "error",
    ])?;
    for image in &summary.images {
        let files = |value: fn(Saving) -> u64| image.files.map(|files| value(files).to_string()).unwrap_or_default();
        let stored =
            |value: fn(Stored) -> u64| image.stored.map(|stored| value(stored).to_string()).unwrap_or_default();
        table.write_record([
            text(&image.name),
            text(image.target.as_deref().unwrap_or_default()),
            text(&image.platform),
            text(&image.status),
            image.doubts.to_string(),
            files(|files| files.before),
            files(|files| files.after),
            stored(|stored| stored.before),
            stored(|stored| stored.share_before),
            stored(|stored| stored.own_before),
            stored(|stored| stored.after),
            stored(|stored| stored.share_after),
            stored(|stored| stored.costs),
            stored(|stored| stored.costs_alone),
            text(image.error.as_deref().unwrap_or_default()),
        ])?;
    }
    table.flush()
}

fn text(text: &str) -> String {
    let text = printable(text.into());
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}
