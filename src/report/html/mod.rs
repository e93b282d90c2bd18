//! The report as one page that needs nothing else: no network, no other file.
//!
//! The page names the hashes of its one style sheet and one script in a content security policy of its own, which
//! allows nothing else. What comes from the image is text everywhere: the template escapes it, the embedded data has
//! no `<`, and the script never makes markup of it.

mod assets;
mod data;
mod document;
mod folders;
mod island;
mod packages;
mod page;

pub(crate) use assets::STYLE;
pub(crate) use document::document;
pub(crate) use island::island;
pub(crate) use page::thousands;

use std::io::{self, Write};

use super::breakdown::Part;
use super::model::Report;
use super::why::Explainer;
use crate::rootfs::Accounting;

/// How many folders the table has that stands in the page before its script runs.
pub const FOLDERS: usize = 40;

/// What the page is about.
pub struct Page<'a> {
    /// What goes and what stays, added up.
    pub report: &'a Report,
    /// Why, for every file.
    pub explainer: &'a Explainer<'a>,
    /// What later layers hide.
    pub accounting: &'a Accounting,
    /// The largest folders: some [`FOLDERS`] parts of a breakdown by folder.
    pub folders: &'a [Part],
}

/// Writes the page. Same image and options, same bytes.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_html(page: &Page<'_>, out: &mut impl Write) -> io::Result<()> {
    let packages = packages::packages(page.explainer);
    let data = data::data(page.explainer, page.accounting, &packages);
    let json = island::island(&data)?;
    let markup = page::page(page.report, &packages, page.folders, &json);
    out.write_all(markup.into_string().as_bytes())
}
