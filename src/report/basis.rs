//! What reports and explanations are made from.

use crate::owners::Owners;
use crate::plan::Plan;
use crate::profile::ProfileSet;
use crate::reach::{Context, Reach};
use crate::rootfs::{Accounting, Rootfs};

/// An image, its tree, and what is to become of it.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// The merged tree.
    pub rootfs: &'a Rootfs,
    /// What each layer brought.
    pub accounting: &'a Accounting,
    /// Who put the files there.
    pub owners: &'a Owners,
    /// Where rules and their reasons stand.
    pub profiles: &'a ProfileSet,
    /// What becomes of the files.
    pub plan: &'a Plan,
    /// What the analysis found out; nothing where it did not run (`--no-prune`).
    pub reach: Option<&'a Reach>,
    /// What the image's config says about how its program runs.
    pub context: &'a Context,
}
