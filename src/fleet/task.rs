//! One image of a list, and all that is asked for it.

use super::list::Entry;
use super::record::{Record, Side, Status, Summed};
use crate::analysis::{Analyst, Attachment, Choices, Means, Observer};
use crate::output;
use crate::report;
use crate::{Error, Result};

/// What is to be made.
#[derive(Clone, Debug)]
pub struct Task {
    /// From what, and where it goes.
    pub entry: Entry,
    /// What decides about files.
    pub choices: Choices,
    /// By what means it is read.
    pub means: Means,
    /// How it is written.
    pub options: output::Options,
    /// What is put beside it.
    pub attachments: Vec<Attachment>,
    /// Whether nothing is written if the result is doubtful.
    pub strict: bool,
}

impl Task {
    /// Makes the image, unless it is there: made from the same original by the same version with the same options, as annotations of
    /// its manifest say. No layer is read to find that out. That the image cannot be made is in the record.
    pub fn run(&self, observer: &dyn Observer) -> Record<'_> {
        self.work(observer).unwrap_or_else(|error| Record {
            error: Some(error.to_string()),
            ..Record::new(&self.entry, Status::Failed)
        })
    }

    fn work(&self, observer: &dyn Observer) -> Result<Record<'_>> {
        let Self { entry, choices, means, options, attachments, strict } = self;
        Analyst::check_outputs(choices, &entry.source, Some(&entry.target), &[])?;
        let analyst = Analyst::new(choices, means, observer)?;
        let made = analyst.made_before(&entry.target, options, attachments);
        if !made.is_empty() {
            let source = analyst.look(&entry.source)?;
            if let Some((_, there)) = made.iter().find(|(original, _)| original == source.digest()) {
                return Ok(Record {
                    before: Some(Side::of_looked(&source)),
                    after: Some(Side::of_looked(there)),
                    ..Record::new(entry, Status::Skipped)
                });
            }
        }
        output::try_out(&entry.target, options)?;
        let analysis = analyst.analyse(analyst.open(&entry.source)?)?;
        let doubts = analysis.doubts().count() as u64;
        let before = Some(Side::of_image(&analysis.original.image));
        if *strict && analysis.is_doubtful() {
            let mut said = Vec::new();
            report::write_doubts(analysis.doubts(), &mut said)
                .map_err(Error::content("cannot say what is doubtful"))?;
            let words: Vec<String> = String::from_utf8_lossy(&said).split_whitespace().map(ToOwned::to_owned).collect();
            let error = Some(format!("{}: {}", entry.source, words.join(" ")));
            let report = Some(Summed::of(analysis.report(), doubts));
            return Ok(Record { error, before, report, ..Record::new(entry, Status::Doubtful) });
        }
        let written = analysis.write_attached(&entry.target, options, attachments, observer)?;
        Ok(Record {
            before,
            after: Some(Side::of_written(&written)),
            report: Some(Summed::of(analysis.report(), doubts)),
            ..Record::new(entry, Status::Slimmed)
        })
    }
}
