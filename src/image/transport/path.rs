//! Files and directories on this machine.

use std::fs::{File, Metadata};
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::archive;
use super::skopeo_dir::SkopeoDir;
use crate::image::blob::Blob;
use crate::image::compression::Decoder;
use crate::image::load::Means;
use crate::image::reference::{Reference, Transport};
use crate::image::source::Source;
use crate::image::store::Store;
use crate::registry::RemoteImage;
use crate::{Error, Result};

pub fn connect(reference: &Reference, means: Means<'_>) -> Result<Box<dyn Source>> {
    let path = &reference.path;
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    let meta = match path.metadata() {
        Ok(meta) => meta,
        Err(error) => return Err(absent(reference, error)),
    };
    if meta.is_dir() {
        let opened = Store::dir(path).map_err(Error::io(path, "cannot open"))?;
        return match &reference.transport {
            Transport::Dir => Ok(Box::new(SkopeoDir::open(opened).map_err(fail)?)),
            Transport::Any if SkopeoDir::is_one(&opened) => Ok(Box::new(SkopeoDir::open(opened).map_err(fail)?)),
            Transport::Oci | Transport::Any => Ok(Box::new(opened)),
            _ => Err(fail("a directory, where an archive was named".into())),
        };
    }
    match reference.transport {
        Transport::Oci => Err(fail("not a directory; an OCI layout in a tar is oci-archive:".into())),
        Transport::Dir => Err(fail("not a directory".into())),
        _ => archive::open(open_file(path, &meta, means)?, reference, means),
    }
}

/// The bytes of a file.
pub fn file(reference: &Reference, means: Means<'_>) -> Result<Blob> {
    let path = &reference.path;
    let meta = path.metadata().map_err(Error::io(path, "cannot open"))?;
    if meta.is_dir() {
        let reason = "a directory; a root file system is read as a tar: tar -C DIR -c . | bantam … rootfs:-";
        return Err(Error::Input { input: reference.to_string(), reason: reason.into() });
    }
    open_file(path, &meta, means)
}

/// A bare name that is no file may be meant as an image's name.
fn absent(reference: &Reference, error: io::Error) -> Error {
    let text = reference.to_string();
    let may_be_name = !text.starts_with(['.', '/']) && !text.ends_with(".tar") && text.parse::<RemoteImage>().is_ok();
    if reference.transport != Transport::Any || error.kind() != io::ErrorKind::NotFound || !may_be_name {
        return Error::io(&reference.path, "cannot open")(error);
    }
    let reason = format!(
        "there is no such file; of a registry it is docker://{text}, of the Docker daemon docker-daemon:{text}"
    );
    Error::Input { input: text, reason }
}

fn open_file(path: &Path, meta: &Metadata, means: Means<'_>) -> Result<Blob> {
    let file = File::open(path).map_err(Error::io(path, "cannot open"))?;
    // A pipe or device cannot be read from any place.
    if !meta.is_file() {
        let stream = Decoder::Plain(BufReader::new(file));
        return archive::spool(stream, means.spooler, means.report).map_err(Error::io(path, "cannot read"));
    }
    let len = file.metadata().map_err(Error::io(path, "cannot open"))?.len();
    Ok(Blob::file(Arc::new(file), 0, len))
}
