//! `bantam slim`: writes a smaller image.

use std::io::{self, Write};

use bantam::analysis::{Analysis, Analyst};
use bantam::diff::Baseline;
use bantam::image::Reference;
use bantam::output::{self, Compression, Destination, Written};
use bantam::report::{self, Report, human};

use super::analysis::{Doubt, analyse, choices, network};
use super::args::{General, Slim};
use super::exit::{Exit, Failure};
use super::fleet;
use super::platforms;
use super::sbom;
use super::several;
use super::terminal;
use super::watch::Watch;

/// Slims the image.
pub fn run(args: &Slim, general: &General) -> Result<Exit, Failure> {
    if let Some(list) = &args.from {
        return fleet::run(list, args, general);
    }
    let destination: Option<Destination> = args.output.as_deref().map(str::parse).transpose()?;
    let Some(destination) = destination.as_ref().filter(|_| !args.dry_run) else {
        return dry_run(args, general);
    };
    let input = args.input();
    let writing = writing(args, destination)?;
    check_outputs(args, Some(destination))?;
    if args.print.is_wanted() && matches!(destination, Destination::Stdout) {
        let message = "the image goes to standard output, so the report cannot be printed there";
        return Err(bantam::Error::Usage(message.into()).into());
    }
    output::try_out(destination, &writing)?;
    if platforms::are_several(&input) {
        if args.growth.baseline.is_some() {
            let message = "a baseline is the report of one platform: name one with --platform";
            return Err(bantam::Error::Usage(message.into()).into());
        }
        return several::slim(args, general, destination, &writing);
    }
    let watch = Watch::new(general, &input);
    let analysis = analyse(
        &input,
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
    let growth = super::report::growth(&args.growth, &analysis.report())?;
    if let Some(grown) = growth.as_ref().and_then(|growth| super::report::grown(&args.growth, growth.result)) {
        let mut report = analysis.report();
        report.growth = growth;
        if args.print.is_wanted() {
            super::report::print(&analysis, &report, &args.print)?;
        }
        terminal::message(&format!("nothing was written: the new image {grown}"));
        return Ok(Exit::FailOver);
    }
    let written = analysis.write_attached(destination, &writing, &args.attachments(), &watch)?;
    if let Some(path) = &args.digest_file {
        output::write_file(path, |out| out.write_all(written.manifest_digest.as_bytes()))?;
    }
    sbom::of_slimmed(&args.sbom, &analysis, &written)?;
    watch.lap("writing");
    let mut report = analysis.report();
    report.output = Some(report::Output::of(&written));
    report.growth = growth;
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
    let input = args.input();
    let watch = Watch::new(general, &input);
    let network = network(&args.means.registries);
    let analysis = analyse(&input, &args.selection, &network, Doubt::of_report(&args.print), &watch)?;
    let mut report = analysis.report();
    report.growth = super::report::growth(&args.growth, &report)?;
    super::report::write_page(&analysis, &report, args.print.html.as_deref())?;
    super::report::print(&analysis, &report, &args.print)?;
    watch.print_timings();
    if let Some(grown) = report.growth.as_ref().and_then(|growth| super::report::grown(&args.growth, growth.result)) {
        terminal::message(&format!("the new image {grown}"));
        return Ok(Exit::FailOver);
    }
    Ok(if args.strict && analysis.is_doubtful() { Exit::Doubtful } else { Exit::Done })
}

/// Refuses outputs that cannot be, before any work is done.
fn check_outputs(args: &Slim, destination: Option<&Destination>) -> Result<(), Failure> {
    if let Some(path) = &args.growth.baseline {
        Baseline::read(path)?;
    }
    let mut files = super::report::files(&args.print, &args.sbom);
    files.extend(args.digest_file.as_deref());
    let input = Reference::parse(&args.input().image)?;
    Ok(Analyst::check_outputs(&choices(&args.selection)?, &input, destination, &files)?)
}

/// How the image is to be written.
fn writing(args: &Slim, destination: &Destination) -> Result<output::Options, Failure> {
    let compression = compression(args.compression.as_deref(), args.level, destination)?;
    let source_date_epoch = sbom::source_date_epoch()?;
    destination.check_names(&args.tag)?;
    can_attach(args, destination)?;
    let (tags, network) = (args.tag.clone(), network(&args.means.registries));
    Ok(output::Options { compression, tags, source_date_epoch, network, ..output::Options::default() })
}

/// Refuses to attach something to what is in no registry.
pub fn can_attach(args: &Slim, destination: &Destination) -> Result<(), bantam::Error> {
    if args.attach.is_empty() || matches!(destination, Destination::Registry(_)) {
        return Ok(());
    }
    let message = "only to an image in a registry something can be attached: write to docker://HOST/REPOSITORY";
    Err(bantam::Error::Usage(message.into()))
}

/// The compression that is asked for; a level alone is one of what the destination is usually compressed with.
pub fn compression(
    name: Option<&str>,
    level: Option<u32>,
    destination: &Destination,
) -> Result<Option<Compression>, bantam::Error> {
    Ok(match (name, level) {
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
    })
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
