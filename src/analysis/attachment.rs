//! Documents that go beside the new image into its registry.

use super::outcome::Analysis;
use crate::output::{self, Destination, Written};
use crate::registry::Artifact;
use crate::report::{self, Report};
use crate::sbom::Format;
use crate::{Error, Result};

/// A document about the new image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// Its bill of materials.
    Bill(Format),
    /// What went and what stayed.
    Report,
}

impl Analysis {
    /// Puts documents about an image that was written to a registry, and has no name yet, beside it, as artifacts that refer to it
    /// (OCI 1.1). No time in them is later than that of the options.
    ///
    /// # Errors
    /// If it was written to something else than a registry, or the registry does not take them.
    pub fn attach(
        &self,
        attachments: &[Attachment],
        report: &Report,
        written: &Written,
        destination: &Destination,
        options: &output::Options,
    ) -> Result<()> {
        if attachments.is_empty() {
            return Ok(());
        }
        let Destination::Registry(image) = destination else {
            return Err(Error::Usage("only to an image in a registry (docker://) something can be attached".into()));
        };
        output::attach(options, image, written, &self.artifacts(attachments, report, written, options)?)
    }

    pub(super) fn artifacts(
        &self,
        attachments: &[Attachment],
        report: &Report,
        written: &Written,
        options: &output::Options,
    ) -> Result<Vec<Artifact>> {
        attachments.iter().map(|one| self.artifact(*one, report, written, options)).collect()
    }

    fn artifact(
        &self,
        attachment: Attachment,
        report: &Report,
        written: &Written,
        options: &output::Options,
    ) -> Result<Artifact> {
        let mut bytes = Vec::new();
        let cannot = Error::content("cannot write a document about the image");
        let (kind, title) = match attachment {
            Attachment::Bill(format) => {
                let bill = self.bill_of_slimmed(written, options.source_date_epoch)?;
                format.write(&bill, &mut bytes).map_err(cannot)?;
                match format {
                    Format::CycloneDx => ("application/vnd.cyclonedx+json", "sbom.cdx.json"),
                    Format::Spdx => ("application/spdx+json", "sbom.spdx.json"),
                }
            }
            Attachment::Report => {
                let merged = &self.original.merged;
                report::write_json(report, &merged.rootfs, &merged.accounting, &mut bytes).map_err(cannot)?;
                ("application/vnd.bantam.report+json", "report.json")
            }
        };
        Ok(Artifact { kind, title, bytes })
    }
}
