//! `--platform`: which of the images of an index; `slim` takes several, and writes an index again.

use std::io;
use std::str::FromStr;

use bantam::Error;
use bantam::analysis::Analyst;
use bantam::image::{Listing, Platform, Reference};
use bantam::output::{self, Destination, IndexWriter, OriginalIndex};
use bantam::report;

use super::analysis::{Doubt, choices, means};
use super::args::{General, Input, Slim};
use super::exit::{Exit, Failure};
use super::terminal;
use super::watch::Watch;

/// One platform, or all that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Each image of an index.
    All,
    /// Images for this one.
    One(Platform),
}

impl FromStr for Wanted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

/// The platform that is wanted, where only one can be.
///
/// # Errors
/// If several are.
pub fn one(input: &Input) -> Result<Option<Platform>, Failure> {
    match input.platform.as_slice() {
        [] => Ok(None),
        [Wanted::One(platform)] => Ok(Some(platform.clone())),
        _ => Err(Error::Usage("only `slim` takes several platforms at a time: name one with --platform".into()).into()),
    }
}

/// Whether an index is to be written.
pub fn are_several(input: &Input) -> bool {
    input.platform.len() > 1 || input.platform.contains(&Wanted::All)
}

/// Slims an image for each platform that is wanted, and writes an index of them.
pub fn slim(
    args: &Slim,
    general: &General,
    destination: &Destination,
    options: &output::Options,
) -> Result<Exit, Failure> {
    if args.print.is_wanted() || args.print.html.is_some() || !args.sbom.is_empty() {
        let message = "reports and bills are about one platform: name one with --platform, or attach them (--attach)";
        return Err(Error::Usage(message.into()).into());
    }
    let reference = Reference::parse(&args.input.image)?;
    let watch = Watch::untimed(general);
    let (choices, means) = (choices(&args.selection), means(&args.input, None, &options.network, Doubt::Idle));
    let mut index = IndexWriter::new(destination, options)?;
    let listing = Analyst::new(&choices, &means, &watch)?.listing(&reference, &platforms(&args.input))?;
    for listed in &listing.images {
        let analyst = Analyst::new(&choices, &means, &watch)?;
        let image = analyst.open(&listed.reference)?;
        let analysis = analyst.analyse(image)?;
        if args.strict && analysis.is_doubtful() {
            report::write_doubts(analysis.doubts(), &mut io::stderr().lock())?;
            let message = format!(
                "nothing was written: the result for {} would be doubtful, which --strict forbids",
                listed.platform
            );
            terminal::message(&message);
            return Ok(Exit::Doubtful);
        }
        let written = analysis.write_into(&mut index, options, &listed.annotations, &watch)?;
        let mut report = analysis.report();
        report.output = Some(report::Output::of(&written));
        analysis.attach(&args.attachments(), &report, &written, destination, options)?;
        if !general.quiet {
            let mut out = io::stderr().lock();
            // That this cannot be said is no failure.
            let _ = report::write_summary(&report, terminal::palette(&io::stderr()), &mut out);
            let _ = report::write_doubts(analysis.doubts(), &mut out);
        }
    }
    finish(args, general, index, &listing)
}

fn finish(args: &Slim, general: &General, index: IndexWriter<'_>, listing: &Listing) -> Result<Exit, Failure> {
    let Listing { digest, annotations, tags, left_out, images } = listing;
    let written = index.finish(&OriginalIndex { digest: digest.as_deref(), annotations, tags })?;
    if let Some(path) = &args.digest_file {
        output::write_file(path, |out| out.write_all(written.digest.as_bytes()))?;
    }
    if !general.quiet {
        if !left_out.is_empty() {
            let number = left_out.len();
            terminal::message(&format!(
                "{number} attestations or other artifacts of the original do not hold for the new image and were not copied"
            ));
        }
        let platforms: Vec<String> = images.iter().map(|image| image.platform.to_string()).collect();
        let names = if written.tags.is_empty() { String::new() } else { format!(" as {}", written.tags.join(", ")) };
        terminal::message(&format!("wrote an index of {}{names}: {}", platforms.join(", "), written.digest));
    }
    Ok(Exit::Done)
}

fn platforms(input: &Input) -> Vec<Platform> {
    if input.platform.contains(&Wanted::All) {
        return Vec::new();
    }
    let named = input.platform.iter().filter_map(|wanted| match wanted {
        Wanted::One(platform) => Some(platform.clone()),
        Wanted::All => None,
    });
    named.collect()
}
