//! What an analysis found, and what can be made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attachment::Attachment;
use super::choices::{self, Choices};
use super::inventory::Inventory;
use super::labels;
use super::observer::{Observer, Stage, staged};
use super::recipe::recipe;
use crate::diff::{self, Diff};
use crate::output::{self, Destination, IndexWriter, Original, Recipe, Written};
use crate::owners::{self, Rule};
use crate::plan::{self, Plan};
use crate::profile::ProfileSet;
use crate::reach::entrypoint::Launch;
use crate::reach::{Reach, Uncertainty};
use crate::report::{self, Basis, Explainer, Report};
use crate::rootfs::Rootfs;
use crate::sbom::{Bill, Subject};
use crate::{Error, Result};

/// An image and what is to become of it.
#[derive(Debug)]
pub struct Analysis {
    /// The image as it is.
    pub original: Inventory,
    /// How its containers start.
    pub launch: Launch,
    /// What the program reaches; nothing where pruning is off.
    pub reach: Option<Reach>,
    /// The verdict on every file.
    pub plan: Plan,
    /// What to tell the user besides.
    pub notes: Vec<String>,
    /// The rules that applied.
    pub profiles: Arc<ProfileSet>,
    pub(super) owner_rules: Arc<[Rule]>,
    pub(super) choices: Choices,
}

impl Analysis {
    /// What reports are made from.
    pub fn basis(&self) -> Basis<'_> {
        Basis {
            rootfs: &self.original.merged.rootfs,
            accounting: &self.original.merged.accounting,
            owners: &self.original.owners,
            profiles: &self.profiles,
            plan: &self.plan,
            reach: self.reach.as_ref(),
            context: &self.launch.context,
        }
    }

    /// What the plan does, added up.
    pub fn report(&self) -> Report {
        let mut report = Report::new(self.original.info(), &self.basis());
        report.notes.extend(labels::note(&report.rules));
        report.notes.extend(self.notes.iter().cloned());
        report.notes.extend(self.left_out());
        report
    }

    /// What was said about the original does not hold for another image.
    fn left_out(&self) -> Option<String> {
        let left_out = &self.original.image.left_out;
        let first = left_out.first()?;
        let more = if left_out.len() > 1 { format!(" and {} more", left_out.len() - 1) } else { String::new() };
        Some(format!("beside the image stands {first}{more}: that does not hold for the new image and is not copied"))
    }

    /// What makes the result doubtful: see [`Uncertainty::settle`]. Nothing does where pruning is off, as every program stays.
    pub fn doubts(&self) -> impl Iterator<Item = &Uncertainty> {
        let reach = self.reach.iter().filter(|reach| reach.roots.keep_all.is_none());
        reach.flat_map(|reach| &reach.uncertainties).filter(|one| one.settle.is_some())
    }

    /// Whether anything does.
    pub fn is_doubtful(&self) -> bool {
        self.doubts().next().is_some()
    }

    /// Says why, file by file.
    pub fn explainer(&self) -> Explainer<'_> {
        Explainer::new(self.basis())
    }

    /// Writes the smaller image. The history's line and the input that must not be overwritten are filled in.
    ///
    /// # Errors
    /// As [`output::write`].
    pub fn write(
        &self,
        destination: &Destination,
        options: &output::Options,
        observer: &dyn Observer,
    ) -> Result<Written> {
        self.write_attached(destination, options, &[], observer)
    }

    /// Writes it as [`write`](Self::write) does, to a registry, and puts documents about it beside it before it gets its names.
    ///
    /// # Errors
    /// As [`write`](Self::write) and [`attach`](Self::attach).
    pub fn write_attached(
        &self,
        destination: &Destination,
        options: &output::Options,
        attachments: &[Attachment],
        observer: &dyn Observer,
    ) -> Result<Written> {
        let recipe = self.recipe(destination, options, attachments);
        let options = choices::completed(options, &self.choices, &self.original.image.reference, recipe);
        let tell = |event: output::Event<'_>| observer.writing(event);
        let documents = |written: &Written| {
            if attachments.is_empty() {
                return Ok(Vec::new());
            }
            let mut report = self.report();
            report.output = Some(report::Output::of(written));
            self.artifacts(attachments, &report, written, &options)
        };
        let what = (&self.original.merged.rootfs, &self.plan);
        staged(observer, Stage::Writing, || {
            output::write_attached(what, &self.source(), &options, destination, Some(&tell), &documents)
        })
    }

    /// Writes the smaller image into an index, which gives it these annotations. It is as [`write`](Self::write) does it.
    ///
    /// # Errors
    /// As [`output::write`].
    pub fn write_into(
        &self,
        index: &mut IndexWriter<'_>,
        options: &output::Options,
        annotations: &BTreeMap<String, String>,
        observer: &dyn Observer,
    ) -> Result<Written> {
        let recipe = self.recipe(index.destination(), options, &[]);
        let options = choices::completed(options, &self.choices, &self.original.image.reference, recipe);
        let tell = |event: output::Event<'_>| observer.writing(event);
        let what = (&self.original.merged.rootfs, &self.plan);
        staged(observer, Stage::Writing, || index.add(what, &self.source(), &options, annotations, Some(&tell)))
    }

    fn recipe(&self, destination: &Destination, options: &output::Options, attachments: &[Attachment]) -> Recipe {
        let compression = options.compression.unwrap_or_else(|| destination.default_compression());
        recipe(&self.choices, &self.profiles, compression, options, attachments)
    }

    /// What the new image takes over.
    fn source(&self) -> Original<'_> {
        let image = &self.original.image;
        Original {
            config: &image.config,
            annotations: &image.manifest_annotations,
            tags: &image.tags,
            manifest_digest: image.manifest_digest.as_deref(),
            config_digest: Some(&image.config_digest),
        }
    }

    /// The tree of the smaller image, as reading it would give it.
    ///
    /// # Errors
    /// If a layer cannot be read any more, or there is no room for new contents in a temporary file.
    pub fn slimmed(&self) -> Result<Rootfs> {
        plan::apply(&self.original.merged.rootfs, &self.plan)
            .map_err(Error::content("cannot put the new tree together"))
    }

    /// The bill of materials of the image that was written: of what its own records say. No time in it is later than
    /// `epoch` (seconds since 1970).
    ///
    /// # Errors
    /// As [`slimmed`](Self::slimmed).
    pub fn bill_of_slimmed(&self, written: &Written, epoch: Option<i64>) -> Result<Bill> {
        let subject = Subject {
            tags: written.tags.clone(),
            config_digest: written.config_digest.clone(),
            manifest_digest: Some(written.manifest_digest.clone()),
            ..self.original.subject(epoch)
        };
        let rootfs = self.slimmed()?;
        let owners = owners::find(&rootfs, &self.owner_rules);
        Ok(Bill::new(subject, &rootfs, &owners))
    }

    /// How the smaller image differs from the original.
    ///
    /// # Errors
    /// As [`slimmed`](Self::slimmed).
    pub fn diff(&self) -> Result<Diff> {
        let slimmed = self.slimmed()?;
        let owners = owners::find(&slimmed, &self.owner_rules);
        let before = self.original.side();
        let after = diff::Side {
            reference: format!("{} slimmed", before.reference),
            config_digest: None,
            rootfs: &slimmed,
            owners: &owners,
            layer_bytes: diff::file_bytes(&slimmed.tree),
            ..before.clone()
        };
        Diff::new(&before, &after).map_err(Error::content("a layer cannot be read any more"))
    }
}
