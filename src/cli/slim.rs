//! `bantam slim`: writes a smaller image.

use std::io::{self, Write};
use std::path::Path;

use bantam::output::{self, Compression, Destination, Options, Original, Written};
use bantam::report::{self, Report, human};

use super::analysis::Analysis;
use super::args::{General, Selection, Slim, Switch};
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::sbom;
use super::terminal;

/// Slims the image.
pub fn run(args: &Slim, general: &General) -> Result<Exit, Failure> {
    let progress = Progress::new(general);
    let destination = match &args.output {
        Some(destination) if !args.dry_run => destination,
        _ => {
            let analysis = Analysis::new(&args.input, &args.selection, progress)?;
            let report = analysis.report();
            super::report::write_page(&analysis, &report, &args.print)?;
            super::report::print(&analysis, &report, &args.print)?;
            analysis.timings.print();
            return Ok(Exit::Done);
        }
    };
    let options = options(args, destination)?;
    output::check(&options, destination)?;
    sbom::check(&args.sbom)?;
    if args.print.is_wanted() && matches!(destination, Destination::Stdout) {
        let message = "the image goes to standard output, so the report cannot be printed there";
        return Err(bantam::Error::Usage(message.into()).into());
    }
    let mut analysis = Analysis::new(&args.input, &args.selection, progress)?;
    let written = write(&analysis, &options, destination, progress)?;
    sbom::of_slimmed(&args.sbom, &analysis, &written)?;
    analysis.timings.lap("writing");
    let report = analysis.report();
    super::report::write_page(&analysis, &report, &args.print)?;
    if !general.quiet {
        // The image is written: that this cannot be said is no failure.
        let _ = summary(&report, &written, &mut io::stderr().lock());
    }
    if args.print.is_wanted() {
        super::report::print(&analysis, &report, &args.print)?;
    }
    analysis.timings.print();
    Ok(Exit::Done)
}

fn options(args: &Slim, destination: &Destination) -> Result<Options, Failure> {
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
    let path = bantam::image::Reference::parse(&args.input.image)?.path;
    Ok(Options {
        compression,
        tags: args.tag.clone(),
        source_date_epoch: sbom::source_date_epoch()?,
        created_by: created_by(&args.selection),
        input: (!path.as_os_str().is_empty()).then_some(path),
    })
}

/// The command for the image's history: what decides about files, and nothing that differs between two machines.
fn created_by(selection: &Selection) -> String {
    let mut words = vec!["bantam slim".to_owned()];
    let mut option = |name: &str, value: &str| words.push(format!("{name} {}", report::shell_word(value)));
    for file in &selection.profile {
        let name = file.file_name().map_or_else(|| file.to_string_lossy(), |name| Path::new(name).to_string_lossy());
        option("--profile", &name);
    }
    selection.no_profile.iter().for_each(|name| option("--no-profile", name));
    selection.strip.iter().for_each(|glob| option("--strip", glob));
    selection.keep.iter().for_each(|glob| option("--keep", glob));
    selection.entry.iter().for_each(|command| option("--entry", command));
    words.extend(selection.no_strip.then(|| "--no-strip".to_owned()));
    words.extend((selection.strip_symbols == Switch::Off).then(|| "--strip-symbols=off".to_owned()));
    words.extend(selection.no_prune.then(|| "--no-prune".to_owned()));
    words.extend(selection.dedupe.then(|| "--dedupe".to_owned()));
    words.join(" ")
}

fn write(
    analysis: &Analysis,
    options: &Options,
    destination: &Destination,
    progress: Progress,
) -> Result<Written, Failure> {
    let image = &analysis.image;
    let source = Original {
        config: &image.config,
        annotations: &image.manifest_annotations,
        tags: &image.tags,
        manifest_digest: image.manifest_digest.as_deref(),
        config_digest: Some(&image.config_digest),
    };
    let stage = progress.bytes("writing");
    let tell = |done, total| stage.at(done, total);
    Ok(output::write(&analysis.merged.rootfs, &analysis.plan, &source, options, destination, Some(&tell))?)
}

fn summary(report: &Report, written: &Written, out: &mut impl Write) -> io::Result<()> {
    report::write_summary(report, terminal::palette(&io::stderr()), out)?;
    for note in &report.notes {
        writeln!(out, "note: {}", report::printable(note.as_str().into()))?;
    }
    let place = written.path.as_ref().map_or_else(|| "standard output".into(), |path| path.display().to_string());
    let names = if written.tags.is_empty() { String::new() } else { format!(" as {}", written.tags.join(", ")) };
    writeln!(
        out,
        "wrote {place}{names}: one layer, {} stored, image ID {}",
        human(written.layer_size),
        written.config_digest
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_says_what_decided_about_files_and_no_paths() {
        let selection = Selection {
            profile: vec!["/home/me/mine.toml".into()],
            no_profile: vec!["docs".into()],
            strip: vec!["/opt/*".into()],
            keep: Vec::new(),
            no_strip: false,
            strip_symbols: Switch::Off,
            no_prune: true,
            dedupe: true,
            entry: vec!["it's me".into()],
        };
        assert_eq!(
            created_by(&selection),
            "bantam slim --profile mine.toml --no-profile docs --strip '/opt/*' --entry 'it'\\''s me' --strip-symbols=off --no-prune --dedupe"
        );
    }
}
