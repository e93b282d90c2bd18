//! Many images, one after the other: a list of them, the share of it that one of several processes takes, and a line on what became
//! of each. `docs/fleet-schema.md` describes the lines.
//!
//! | file | what it knows |
//! |---|---|
//! | `list` | what a list of images says, and which lines are whose |
//! | `template` | what a new image is called, from the name of the original |
//! | `share` | which part of the list is meant, as engines say it |
//! | `task` | how an image is made, unless it is there |
//! | `record` | what became of an image |

mod list;
mod record;
mod share;
mod task;
mod template;

pub use list::{Entry, List};
pub use record::{Record, SCHEMA, Side, Status, Summed};
pub use share::Share;
pub use task::Task;
