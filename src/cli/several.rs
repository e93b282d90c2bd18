//! `slim` with several platforms: an image for each, an index of them, and what is said of each.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use bantam::Error;
use bantam::analysis::{Analysis, Analyst};
use bantam::image::{Listed, Listing, Platform, Reference};
use bantam::output::{self, Destination, IndexWriter, OriginalIndex, WrittenIndex};
use bantam::report::{self, Report, Reports};

use super::analysis::{Doubt, choices, means};
use super::args::{General, Slim};
use super::exit::{Exit, Failure};
use super::platforms;
use super::sbom::{self, BillFile};
use super::terminal;
use super::watch::Watch;

/// What stands in the name of a file that there is one of for each platform.
const PLACE: &str = "{platform}";

/// Slims an image for each platform that is wanted, and writes an index of them.
pub fn slim(
    args: &Slim,
    general: &General,
    destination: &Destination,
    options: &output::Options,
) -> Result<Exit, Failure> {
    if args.print.is_wanted() && !args.print.json {
        let message = "such a report is about one platform: name one with --platform, or ask for --json or --html";
        return Err(Error::Usage(message.into()).into());
    }
    let input = args.input();
    let reference = Reference::parse(&input.image)?;
    let watch = Watch::untimed(general);
    let doubt = if args.print.json { Doubt::of_report(&args.print) } else { Doubt::of_page(&args.print) };
    let (choices, means) = (choices(&args.selection)?, means(&input, None, &options.network, doubt));
    let mut index = IndexWriter::new(destination, options)?;
    let analyst = Analyst::new(&choices, &means, &watch)?;
    let listing = analyst.listing(&reference, &platforms::named(&input))?;
    let beside: Vec<Beside> =
        listing.images.iter().map(|one| Beside::of(args, &one.platform)).collect::<Result<_, _>>()?;
    let mut files: Vec<&Path> = beside.iter().flat_map(Beside::files).collect();
    files.extend(args.digest_file.as_deref());
    Analyst::check_outputs(&choices, &reference, Some(destination), &files)?;
    let mut document = args.print.json.then(document).transpose()?;
    for (listed, beside) in listing.images.iter().zip(&beside) {
        let analysis = analyst.analyse(analyst.open(&listed.reference)?)?;
        if args.strict && analysis.is_doubtful() {
            return doubtful(&analysis, listed);
        }
        let written = analysis.write_into(&mut index, options, &listed.annotations, &watch)?;
        let mut report = analysis.report();
        report.output = Some(report::Output::of(&written));
        analysis.attach(&args.attachments(), &report, &written, destination, options)?;
        sbom::of_slimmed(&beside.bills, &analysis, &written)?;
        super::report::write_page(&analysis, &report, beside.page.as_deref())?;
        if let Some(document) = &mut document {
            let merged = &analysis.original.merged;
            document.add(&report, &merged.rootfs, &merged.accounting).map_err(cannot_put_aside)?;
        }
        say_one(&analysis, &report, general);
    }
    let written = finish(args, general, index, &listing)?;
    if let Some(document) = document {
        print(document, &written)?;
    }
    Ok(Exit::Done)
}

fn doubtful(analysis: &Analysis, listed: &Listed) -> Result<Exit, Failure> {
    report::write_doubts(analysis.doubts(), &mut io::stderr().lock())?;
    let platform = &listed.platform;
    terminal::message(&format!(
        "nothing was written: the result for {platform} would be doubtful, which --strict forbids"
    ));
    Ok(Exit::Doubtful)
}

fn say_one(analysis: &Analysis, report: &Report, general: &General) {
    if !general.quiet {
        let mut out = io::stderr().lock();
        // That this cannot be said is no failure.
        let _ = report::write_summary(report, terminal::palette(&io::stderr()), &mut out);
        let _ = report::write_doubts(analysis.doubts(), &mut out);
    }
}

fn finish(args: &Slim, general: &General, index: IndexWriter<'_>, listing: &Listing) -> Result<WrittenIndex, Failure> {
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
    Ok(written)
}

/// A document that waits in an unnamed file until all is written.
fn document() -> Result<Reports<BufWriter<File>>, Failure> {
    let file = tempfile::tempfile().map_err(cannot_put_aside)?;
    Ok(Reports::new(BufWriter::new(file)).map_err(cannot_put_aside)?)
}

fn cannot_put_aside(source: io::Error) -> Error {
    Error::Io { path: std::env::temp_dir(), action: "cannot put the report aside", source }
}

fn print(document: Reports<BufWriter<File>>, written: &WrittenIndex) -> Result<(), Failure> {
    let file = document.finish(written).and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error));
    let mut file = file.map_err(cannot_put_aside)?;
    file.rewind().map_err(cannot_put_aside)?;
    let mut out = terminal::stdout();
    io::copy(&mut file, &mut out)?;
    out.flush()?;
    Ok(())
}

/// The files that are written beside the image for one platform.
struct Beside {
    bills: Vec<BillFile>,
    page: Option<PathBuf>,
}

impl Beside {
    fn of(args: &Slim, platform: &Platform) -> Result<Self, Error> {
        let bill = |bill: &BillFile| Ok(BillFile { path: file_for(&bill.path, platform)?, format: bill.format });
        let page = args.print.html.as_ref().map(|path| file_for(path, platform)).transpose()?;
        Ok(Self { bills: args.sbom.iter().map(bill).collect::<Result<_, Error>>()?, page })
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        self.bills.iter().map(|bill| bill.path.as_path()).chain(self.page.as_deref())
    }
}

/// The file for one platform: what is about each needs a name for each.
fn file_for(path: &Path, platform: &Platform) -> Result<PathBuf, Error> {
    let Some(text) = path.to_str().filter(|text| text.contains(PLACE)) else {
        let path = path.display();
        return Err(Error::Usage(format!(
            "{path}: of several platforms each gets a file of its own: write {PLACE} into its name, as in report-{PLACE}.html"
        )));
    };
    // The image says what it is for, and is not to say where files go.
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
    Ok(text.replace(PLACE, &platform.to_string().chars().map(plain).collect::<String>()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_has_a_file_and_stays_in_its_folder() {
        let file = |path: &str, platform: &str| file_for(Path::new(path), &platform.parse().unwrap());
        assert_eq!(file("out/{platform}.html", "linux/arm/v7").unwrap(), Path::new("out/linux-arm-v7.html"));
        let hostile = Platform { os: "../../etc/x".into(), architecture: "\n".into(), variant: String::new() };
        let file = file_for(Path::new("out/{platform}.html"), &hostile).unwrap();
        assert_eq!(file.parent().unwrap(), Path::new("out"));
        assert!(file_for(Path::new("out.html"), &hostile).unwrap_err().to_string().contains("out.html: of several"));
    }
}
