//! `--sbom`: bills of materials beside what a command does.

use std::path::PathBuf;
use std::str::FromStr;

use bantam::Error;
use bantam::analysis::Analysis;
use bantam::output::{self, Written, parse_source_date_epoch};
use bantam::sbom::{Bill, Format};

use super::exit::Failure;

/// A bill that is asked for: `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillFile {
    /// How to write it.
    pub format: Format,
    /// Where to.
    pub path: PathBuf,
}

impl FromStr for BillFile {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Usage(format!("{text:?} is not of the form cyclonedx=FILE or spdx=FILE"));
        let (format, path) = text.split_once('=').ok_or_else(wrong)?;
        let format = format.parse().map_err(|_| wrong())?;
        if path.is_empty() || path == "-" {
            return Err(wrong());
        }
        Ok(Self { format, path: path.into() })
    }
}

/// `SOURCE_DATE_EPOCH`, if it is set.
pub fn source_date_epoch() -> bantam::Result<Option<i64>> {
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty());
    epoch.map(|value| parse_source_date_epoch(&value.to_string_lossy())).transpose()
}

/// Writes the bills of the original image.
pub fn of_original(files: &[BillFile], analysis: &Analysis) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    write(files, &analysis.original.bill(source_date_epoch()?))
}

/// Writes the bills of the image that was written: of what its own records say.
pub fn of_slimmed(files: &[BillFile], analysis: &Analysis, written: &Written) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    write(files, &analysis.bill_of_slimmed(written, source_date_epoch()?)?)
}

fn write(files: &[BillFile], bill: &Bill) -> Result<(), Failure> {
    for file in files {
        output::write_file(&file.path, |mut out| file.format.write(bill, &mut out))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_asked_for_by_format_and_file() {
        let file: BillFile = "spdx=a=b.json".parse().unwrap();
        assert_eq!(file, BillFile { format: Format::Spdx, path: "a=b.json".into() });
        for bad in ["", "spdx", "spdx=", "SPDX=x", "cyclonedx=-", "swid=x"] {
            assert!(bad.parse::<BillFile>().is_err(), "{bad}");
        }
    }
}
