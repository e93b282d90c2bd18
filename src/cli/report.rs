//! `bantam report`: everything that `slim` does, but writing.

use std::io::{self, Write};
use std::path::Path;

use bantam::analysis::{Analysis, Analyst};
use bantam::image::Reference;
use bantam::output;
use bantam::report::{self, TextOptions, human};

use super::analysis::{Doubt, analyse, choices, network};
use super::args::{General, Print, Report};
use super::exit::{Exit, Failure};
use super::sbom::{self, BillFile};
use super::terminal;
use super::watch::Watch;

/// Prints the report.
pub fn run(args: &Report, general: &General) -> Result<Exit, Failure> {
    let input = Reference::parse(&args.input.image)?;
    Analyst::check_outputs(&choices(&args.selection)?, &input, None, &files(&args.print, &args.sbom))?;
    let watch = Watch::new(general, &args.input);
    let network = network(&args.input.registries);
    let analysis = analyse(&args.input, &args.selection, &network, Doubt::of_report(&args.print), &watch)?;
    sbom::of_original(&args.sbom, &analysis)?;
    let report = analysis.report();
    write_page(&analysis, &report, args.print.html.as_deref())?;
    print(&analysis, &report, &args.print)?;
    watch.lap("reporting");
    watch.print_timings();
    if args.strict && analysis.is_doubtful() {
        return Ok(Exit::Doubtful);
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
