//! `bantam slim`: writes a smaller image.

use std::io::{self, Write};

use bantam::analysis::{Analysis, Analyst};
use bantam::image::Reference;
use bantam::output::{self, Compression, Destination, Written};
use bantam::report::{self, Report, human};

use super::analysis::{Doubt, analyse, choices, network};
use super::args::{General, Slim};
use super::exit::{Exit, Failure};
use super::platforms;
use super::sbom;
use super::several;
use super::terminal;
use super::watch::Watch;

/// Slims the image.
pub fn run(args: &Slim, general: &General) -> Result<Exit, Failure> {
    let Some(destination) = args.output.as_ref().filter(|_| !args.dry_run) else {
        return dry_run(args, general);
    };
    let writing = writing(args, destination)?;
    check_outputs(args, Some(destination))?;
    if args.print.is_wanted() && matches!(destination, Destination::Stdout) {
        let message = "the image goes to standard output, so the report cannot be printed there";
        return Err(bantam::Error::Usage(message.into()).into());
    }
    output::try_out(destination, &writing)?;
    if platforms::are_several(&args.input) {
        return several::slim(args, general, destination, &writing);
    }
    let watch = Watch::new(general, &args.input);
    let analysis = analyse(
        &args.input,
        &args.selection,
        &writing.network,
        if args.print.is_wanted() { Doubt::of_report(&args.print) } else { Doubt::of_page(&args.print) },
        &watch,
    )?;
    if args.strict && analysis.is_doubtful() {
        report::write_doubts(analysis.doubts(), &mut io::stderr().lock())?;
        terminal::message("nothing was written: the result would be doubtful, which --strict forbids");
        return Ok(Exit::Doubtful);
    }
    let written = analysis.write_attached(destination, &writing, &args.attachments(), &watch)?;
    if let Some(path) = &args.digest_file {
        output::write_file(path, |out| out.write_all(written.manifest_digest.as_bytes()))?;
    }
    sbom::of_slimmed(&args.sbom, &analysis, &written)?;
    watch.lap("writing");
    let mut report = analysis.report();
    report.output = Some(report::Output::of(&written));
    super::report::write_page(&analysis, &report, args.print.html.as_deref())?;
    if !general.quiet {
        // The image is written: that this cannot be said is no failure.
        let _ = summary(&analysis, &report, destination, &written, &mut io::stderr().lock());
    }
    if args.print.is_wanted() {
        super::report::print(&analysis, &report, &args.print)?;
    }
    watch.print_timings();
    Ok(Exit::Done)
}

fn dry_run(args: &Slim, general: &General) -> Result<Exit, Failure> {
    check_outputs(args, None)?;
    let watch = Watch::new(general, &args.input);
    let network = network(&args.input.registries);
    let analysis = analyse(&args.input, &args.selection, &network, Doubt::of_report(&args.print), &watch)?;
    let report = analysis.report();
    super::report::write_page(&analysis, &report, args.print.html.as_deref())?;
    super::report::print(&analysis, &report, &args.print)?;
    watch.print_timings();
    Ok(if args.strict && analysis.is_doubtful() { Exit::Doubtful } else { Exit::Done })
}

/// Refuses outputs that cannot be, before any work is done.
fn check_outputs(args: &Slim, destination: Option<&Destination>) -> Result<(), Failure> {
    let mut files = super::report::files(&args.print, &args.sbom);
    files.extend(args.digest_file.as_deref());
    let input = Reference::parse(&args.input.image)?;
    Ok(Analyst::check_outputs(&choices(&args.selection)?, &input, destination, &files)?)
}

/// How the image is to be written.
fn writing(args: &Slim, destination: &Destination) -> Result<output::Options, Failure> {
    let compression = match (&args.compression, args.level) {
        (Some(name), level) => Some(Compression::parse(name, level)?),
        (None, Some(level)) => {
            let name = match destination.default_compression() {
                Compression::None => "none",
                Compression::Gzip(_) => "gzip",
                Compression::Zstd(_) => "zstd",
            };
            Some(Compression::parse(name, Some(level))?)
        }
        (None, None) => None,
    };
    let source_date_epoch = sbom::source_date_epoch()?;
    destination.check_names(&args.tag)?;
    if !args.attach.is_empty() && !matches!(destination, Destination::Registry(_)) {
        let message = "only to an image in a registry something can be attached: write to docker://HOST/REPOSITORY";
        return Err(bantam::Error::Usage(message.into()).into());
    }
    let (tags, network) = (args.tag.clone(), network(&args.input.registries));
    Ok(output::Options { compression, tags, source_date_epoch, network, ..output::Options::default() })
}

fn summary(
    analysis: &Analysis,
    report: &Report,
    destination: &Destination,
    written: &Written,
    out: &mut impl Write,
) -> io::Result<()> {
    report::write_summary(report, terminal::palette(&io::stderr()), out)?;
    for note in &report.notes {
        writeln!(out, "note: {}", report::printable(note.as_str().into()))?;
    }
    report::write_doubts(analysis.doubts(), out)?;
    let place = match (&written.reference, &written.path) {
        (Some(reference), _) => format!("docker://{reference}"),
        (None, Some(path)) => report::printable(path.as_os_str().as_encoded_bytes().into()).to_string(),
        (None, None) if matches!(destination, Destination::Daemon(_)) => "the daemon's image".into(),
        (None, None) => "standard output".into(),
    };
    let names = if written.tags.is_empty() { String::new() } else { format!(" as {}", written.tags.join(", ")) };
    writeln!(
        out,
        "wrote {place}{names}: one layer, {} stored, image ID {}",
        human(written.layer_size),
        written.config_digest
    )
}
