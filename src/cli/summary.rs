//! `bantam summary`: many reports, added up.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bantam::{Error, output, summary};

use super::args::Summary;
use super::exit::{Exit, Failure};
use super::terminal;

/// Prints the summary.
pub fn run(args: &Summary) -> Result<Exit, Failure> {
    let mut files = args.files.clone();
    if let Some(list) = &args.from {
        let (name, input): (&str, Box<dyn Read>) = match list.as_str() {
            "-" => ("standard input", Box::new(io::stdin().lock())),
            _ => (list, Box::new(File::open(list).map_err(Error::io(list, "cannot open the list"))?)),
        };
        files.extend(summary::file_names(name, input)?);
    }
    if files.is_empty() {
        return Err(Error::Usage("no report is named: name files, or a list of them with --from".into()).into());
    }
    let inputs: Vec<&Path> = files.iter().map(PathBuf::as_path).filter(|path| path.as_os_str() != "-").collect();
    output::check(None, args.html.as_deref().as_slice(), &inputs)?;
    let summary = summary::read(&files)?;
    if let Some(path) = &args.html {
        output::write_file(path, |mut out| summary::write_html(&summary, &mut out))?;
    }
    let mut out = terminal::stdout();
    if args.json {
        summary::write_json(&summary, &mut out)?;
    } else if args.csv {
        summary::write_csv(&summary, &mut out)?;
    } else if args.markdown {
        summary::write_markdown(&summary, args.top, &mut out)?;
    } else {
        summary::write_text(&summary, args.top, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
