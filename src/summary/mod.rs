//! Many reports, added up: what a registry full of images would save, by image, package and category, and what it takes to store them.
//! `docs/summary-schema.md` describes the JSON.
//!
//! | file | what it knows |
//! |---|---|
//! | `document` | what is read of reports and of the lines of `slim --from` |
//! | `read` | files of them, in parallel |
//! | `names` | each name once |
//! | `add` | images, packages and categories, added up |
//! | `storage` | blobs that images share, before and after |
//! | `model` | what a summary says |
//! | `text`, `markdown`, `json`, `table`, `page` | how it is printed |

mod add;
mod document;
mod json;
mod markdown;
mod model;
mod names;
mod page;
mod read;
mod storage;
mod table;
mod text;

#[cfg(test)]
mod tests;

pub use json::{SCHEMA, write_json};
pub use markdown::write_markdown;
pub use model::{CategorySum, ImageSum, PackageSum, Saving, Storage, Stored, Summary, Totals};
pub use page::write_html;
pub use read::{file_names, read};
pub use table::write_csv;
pub use text::write_text;
