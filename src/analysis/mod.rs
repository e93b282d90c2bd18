//! From an image to a plan, and what can be done with that: a report, explanations, a smaller image.
//!
//! [`analyse`] is all of it in one call. [`Analyst`] is the same in steps, for callers that open several images or
//! want to be told how far things are ([`Observer`]).

mod analyst;
mod attachment;
mod choices;
mod folder;
mod inventory;
mod labels;
mod observer;
mod outcome;
mod recipe;
mod trial;

pub use analyst::Analyst;
pub use attachment::Attachment;
pub use choices::{CacheDir, Choices, Means};
pub use folder::Folder;
pub use inventory::Inventory;
pub use observer::{Observer, Silent, Stage};
pub use outcome::Analysis;
pub use trial::{NamedFiles, Section, Trial, Tried};

use crate::Result;
use crate::image::Image;

/// Decides on every file of the image.
///
/// # Errors
/// If a profile does not load, a glob is malformed, or a layer cannot be read any more.
pub fn analyse(image: Image, choices: &Choices) -> Result<Analysis> {
    Analyst::new(choices, &Means::default(), &Silent)?.analyse(image)
}
