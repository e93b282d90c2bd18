//! `bantam report`: everything that `slim` does, but writing.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bantam::analysis::Analysis;
use bantam::report::{self, TextOptions, human};

use super::analysis::{Doubt, analyse};
use super::args::{General, Print, Report};
use super::exit::{Exit, Failure};
use super::sbom;
use super::terminal;
use super::watch::Watch;

/// Prints the report.
pub fn run(args: &Report, general: &General) -> Result<Exit, Failure> {
    sbom::check(&args.sbom)?;
    let watch = Watch::new(general, &args.input);
    let analysis = analyse(&args.input, &args.selection, Doubt::of_report(&args.print), &watch)?;
    sbom::of_original(&args.sbom, &analysis)?;
    let report = analysis.report();
    write_page(&analysis, &report, &args.print)?;
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
pub fn write_page(analysis: &Analysis, report: &report::Report, print: &Print) -> Result<(), Failure> {
    let Some(path) = &print.html else { return Ok(()) };
    let cannot = |error: io::Error| Failure::other(format!("cannot write {}: {error}", path.display()));
    let explainer = analysis.explainer();
    let folders = report::breakdown(&analysis.basis(), report::By::Folder, report::FOLDERS);
    let accounting = &analysis.original.merged.accounting;
    let page = report::Page { report, explainer: &explainer, accounting, folders: &folders };
    let mut html = Vec::new();
    report::write_html(&page, &mut html).map_err(cannot)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are for their owner alone; this one is to be looked at, as far as the umask allows.
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bantam-").permissions(Permissions::from_mode(0o666));
    let mut file = builder.tempfile_in(parent).map_err(cannot)?;
    file.write_all(&html).map_err(cannot)?;
    file.persist(path).map(|_| ()).map_err(|error| cannot(error.error))
}
