//! What happened, or would happen, for people and machines.

mod adding;
mod assumed;
mod basis;
mod breakdown;
mod gone;
mod growth;
pub(crate) mod html;
mod json;
mod list;
pub(crate) mod markdown;
mod model;
mod paths;
mod several;
mod size;
mod style;
pub(crate) mod table;
mod text;
mod uncertain;
mod why;

#[cfg(test)]
mod tests;

pub use basis::Basis;
pub use breakdown::{By, Part, breakdown};
pub use growth::{Change, Growth, PackageGrowth};
pub use html::{FOLDERS, Page, write_html};
pub use json::{SCHEMA, write_json};
pub use list::write_list;
pub use markdown::write_markdown;
pub use model::{
    AssumptionTotal, CategoryTotal, GoneCommand, ImageInfo, LayerInfo, Linked, Output, OwnerTotal, PackageTotal,
    Removed, Report, Rewritten, RuleTotal, Sums, TakenBackName,
};
pub use paths::{PathText, printable, shell_word};
pub use several::{INDEX_SCHEMA, Reports};
pub use size::{Limit, human, human_signed, parse_size};
pub use style::{Palette, Role};
pub use text::{TextOptions, write_summary, write_text};
pub use uncertain::write_doubts;
pub use why::{Explainer, Explanation, WHY_SCHEMA, write_why, write_why_json};
