//! `--sbom`: bills of materials beside what a command does.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bantam::Error;
use bantam::analysis::Analysis;
use bantam::output::{Written, parse_source_date_epoch};
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
pub fn source_date_epoch() -> Result<Option<i64>, Failure> {
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty());
    Ok(epoch.map(|value| parse_source_date_epoch(&value.to_string_lossy())).transpose()?)
}

/// Refuses files that cannot be, before any work is done.
pub fn check(files: &[BillFile]) -> Result<(), Failure> {
    for file in files {
        let parent = parent(&file.path);
        if file.path.is_dir() || !parent.is_dir() {
            let kind = if parent.is_dir() { io::ErrorKind::IsADirectory } else { io::ErrorKind::NotFound };
            return Err(Error::io(&file.path, "cannot write")(kind.into()).into());
        }
    }
    Ok(())
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
        write_file(file, bill).map_err(Error::io(&file.path, "cannot write"))?;
    }
    Ok(())
}

/// A file appears whole or not at all; what is no file (a pipe, a terminal) is written to as it is.
fn write_file(target: &BillFile, bill: &Bill) -> io::Result<()> {
    if fs::metadata(&target.path).is_ok_and(|meta| !meta.is_file()) {
        return target.format.write(bill, &mut fs::File::create(&target.path)?);
    }
    let file = tempfile::Builder::new().permissions(permissions()).tempfile_in(parent(&target.path))?;
    let mut out = BufWriter::new(file);
    target.format.write(bill, &mut out)?;
    out.flush()?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.persist(&target.path).map_err(|error| error.error)?;
    Ok(())
}

/// Those that any new file gets; the process's mask applies.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
