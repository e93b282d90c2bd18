//! `bantam report`: everything that `slim` does, but writing.

use std::io::Write;

use bantam::report::{self, human};

use super::analysis::Analysis;
use super::args::{General, Print, Report};
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal;

/// Prints the report.
pub fn run(args: &Report, general: &General) -> Result<Exit, Failure> {
    let analysis = Analysis::new(&args.input, &args.selection, Progress::new(general))?;
    let report = analysis.report();
    print(&analysis, &report, &args.print)?;
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
    let mut out = terminal::stdout();
    if print.json {
        report::write_json(report, &analysis.merged.rootfs, &analysis.merged.accounting, &mut out)?;
    } else if print.list {
        report::write_list(report, &mut out)?;
    } else {
        report::write_text(report, print.top, &mut out)?;
    }
    out.flush()?;
    Ok(())
}
