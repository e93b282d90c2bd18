//! The packages of an image as a software bill of materials: CycloneDX or SPDX, in JSON.
//!
//! A [`Bill`] lists what the image's own records say is there, as scanners read them: Debian, Alpine and conda
//! packages, Python distributions, and a CPython that was installed without a package. The bill of a slimmed image is
//! made from the tree as the plan leaves it ([`crate::plan::apply`]), so it says what the records in that image say.
//!
//! The same image gives the same bytes: components are sorted, the time is the image's own, and the serial number is
//! derived from the rest.

mod bill;
mod cyclonedx;
mod format;
mod os_release;
mod purl;
mod serial;
mod spdx;
mod subject;

pub use bill::{Bill, Component};
pub use cyclonedx::write_cyclonedx;
pub use format::Format;
pub use os_release::OsRelease;
pub use spdx::write_spdx;
pub use subject::Subject;
