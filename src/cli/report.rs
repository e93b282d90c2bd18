//! `bantam report`: everything that `slim` does, but writing.

use std::io::{self, Write};
use std::path::Path;

use bantam::analysis::{Analysis, Analyst};
use bantam::diff::{self, Baseline};
use bantam::image::Reference;
use bantam::output;
use bantam::report::{self, TextOptions, human};

use super::analysis::{Doubt, analyse, choices, network};
use super::args::{General, Growth, Print, Report};
use super::exit::{Exit, Failure};
use super::sbom::{self, BillFile};
use super::terminal;
use super::watch::Watch;

/// Prints the report.
pub fn run(args: &Report, general: &General) -> Result<Exit, Failure> {
    let input = Reference::parse(&args.input.image)?;
    Analyst::check_outputs(&choices(&args.selection)?, &input, None, &files(&args.print, &args.sbom))?;
    if let Some(path) = &args.growth.baseline {
        // What is wrong with it is said before any work is done.
        Baseline::read(path)?;
    }
    let watch = Watch::new(general, &args.input);
    let network = network(&args.input.means.registries);
    let analysis = analyse(&args.input, &args.selection, &network, Doubt::of_report(&args.print), &watch)?;
    sbom::of_original(&args.sbom, &analysis)?;
    let mut report = analysis.report();
    report.growth = growth(&args.growth, &report)?;
    write_page(&analysis, &report, args.print.html.as_deref())?;
    print(&analysis, &report, &args.print)?;
    watch.lap("reporting");
    watch.print_timings();
    if args.strict && analysis.is_doubtful() {
        return Ok(Exit::Doubtful);
    }
    if let Some(grown) = report.growth.as_ref().and_then(|growth| grown(&args.growth, growth.original)) {
        terminal::message(&format!("the image as it is built {grown}"));
        return Ok(Exit::FailOver);
    }
    let removed = u64::try_from(report.removed_bytes()).unwrap_or_default();
    match args.fail_over {
        Some(limit) if limit.is_exceeded(removed, report.original.bytes) => {
            if !general.quiet {
                let (removed, original) = (human(removed), human(report.original.bytes));
                terminal::message(&format!("{removed} of {original} could be removed, more than {limit}"));
            }
            Ok(Exit::FailOver)
        }
        _ => Ok(Exit::Done),
    }
}

/// How it differs from the image of the earlier report, if one is named.
pub fn growth(args: &Growth, report: &report::Report) -> Result<Option<report::Growth>, Failure> {
    let Some(path) = &args.baseline else { return Ok(None) };
    Ok(Some(diff::growth(&Baseline::read(path)?, report)))
}

/// What to say if it is larger by more than is allowed.
pub fn grown(args: &Growth, change: report::Change) -> Option<String> {
    let limit = args.fail_on_growth?;
    let grown = u64::try_from(change.grown()).ok().filter(|&grown| limit.is_exceeded(grown, change.then))?;
    Some(format!("is {} larger than {} of the baseline, more than {limit}", human(grown), human(change.then)))
}

/// Prints a report in the form asked for.
pub fn print(analysis: &Analysis, report: &report::Report, print: &Print) -> Result<(), Failure> {
    let parts = print.by.map(|by| report::breakdown(&analysis.basis(), by.into(), print.top));
    let palette = terminal::palette(&io::stdout());
    let mut out = terminal::stdout();
    if print.json {
        report::write_json(report, &analysis.original.merged.rootfs, &analysis.original.merged.accounting, &mut out)?;
    } else if print.list {
        report::write_list(report, &mut out)?;
    } else if print.markdown {
        report::write_markdown(report, parts.as_deref(), print.top, &mut out)?;
    } else {
        report::write_text(report, TextOptions { top: print.top, parts: parts.as_deref(), palette }, &mut out)?;
        if let Some(growth) = &report.growth {
            growth.write_text(print.top, &mut out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Writes the page that was asked for, if one was. It appears whole or not at all.
pub fn write_page(analysis: &Analysis, report: &report::Report, path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let explainer = analysis.explainer();
    let folders = report::breakdown(&analysis.basis(), report::By::Folder, report::FOLDERS);
    let accounting = &analysis.original.merged.accounting;
    let page = report::Page { report, explainer: &explainer, accounting, folders: &folders };
    Ok(output::write_file(path, |mut out| report::write_html(&page, &mut out))?)
}

/// The files that are written beside what is printed.
pub fn files<'a>(print: &'a Print, bills: &'a [BillFile]) -> Vec<&'a Path> {
    bills.iter().map(|bill| bill.path.as_path()).chain(print.html.as_deref()).collect()
}
