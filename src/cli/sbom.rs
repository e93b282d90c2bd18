//! `--sbom`: bills of materials beside what a command does.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bantam::Error;
use bantam::image::Image;
use bantam::output::{self, Written, parse_source_date_epoch};
use bantam::owners;
use bantam::sbom::{Bill, Request, Subject};

use super::analysis::Analysis;
use super::exit::Failure;

/// `SOURCE_DATE_EPOCH`, if it is set.
pub fn source_date_epoch() -> Result<Option<i64>, Failure> {
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty());
    Ok(epoch.map(|value| parse_source_date_epoch(&value.to_string_lossy())).transpose()?)
}

/// Refuses files that cannot be, before any work is done.
pub fn check(requests: &[Request]) -> Result<(), Failure> {
    for request in requests {
        let parent = parent(&request.path);
        if request.path.is_dir() || !parent.is_dir() {
            let kind = if parent.is_dir() { io::ErrorKind::IsADirectory } else { io::ErrorKind::NotFound };
            return Err(Error::io(&request.path, "cannot write")(kind.into()).into());
        }
    }
    Ok(())
}

/// Writes the bills of the original image.
pub fn of_original(requests: &[Request], analysis: &Analysis) -> Result<(), Failure> {
    if requests.is_empty() {
        return Ok(());
    }
    let subject = subject(&analysis.image)?;
    write(requests, &Bill::new(subject, &analysis.merged.rootfs, &analysis.owners))
}

/// Writes the bills of the image that was written: of what its own records say.
pub fn of_slimmed(requests: &[Request], analysis: &Analysis, written: &Written) -> Result<(), Failure> {
    if requests.is_empty() {
        return Ok(());
    }
    let subject = Subject {
        tags: written.tags.clone(),
        config_digest: written.config_digest.clone(),
        manifest_digest: Some(written.manifest_digest.clone()),
        ..subject(&analysis.image)?
    };
    let rootfs = super::analysis::slimmed(analysis)?;
    let owners = owners::find(&rootfs, &analysis.profiles.owner_rules()?);
    write(requests, &Bill::new(subject, &rootfs, &owners))
}

fn subject(image: &Image) -> Result<Subject, Failure> {
    Ok(Subject {
        tags: image.tags.clone(),
        platform: image.platform.to_string(),
        config_digest: image.config_digest.clone(),
        manifest_digest: image.manifest_digest.clone(),
        created: output::creation_time(&image.config, source_date_epoch()?),
    })
}

fn write(requests: &[Request], bill: &Bill) -> Result<(), Failure> {
    for request in requests {
        write_file(request, bill).map_err(Error::io(&request.path, "cannot write"))?;
    }
    Ok(())
}

/// A file appears whole or not at all; what is no file (a pipe, a terminal) is written to as it is.
fn write_file(request: &Request, bill: &Bill) -> io::Result<()> {
    if fs::metadata(&request.path).is_ok_and(|meta| !meta.is_file()) {
        return request.format.write(bill, &mut fs::File::create(&request.path)?);
    }
    let file = tempfile::Builder::new().permissions(permissions()).tempfile_in(parent(&request.path))?;
    let mut out = BufWriter::new(file);
    request.format.write(bill, &mut out)?;
    out.flush()?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.persist(&request.path).map_err(|error| error.error)?;
    Ok(())
}

/// Those that any new file gets; the process's mask applies.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
