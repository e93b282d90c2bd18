//! `container-manifest-2`, which Azure Linux leaves in images without a database, so that scanners know what is there: a line a package, with what
//! `rpm -qa --qf` prints for name, version and release, times of installation and build, vendor, epoch, size, architecture, epoch as a
//! number, and source package, between tabs. `container-manifest-1` beside it has `NAME-VERSION-RELEASE.ARCHITECTURE` only (azurelinux,
//! `toolkit/tools/imagegen/installutils/installutils.go`). Nothing there says which files are whose: they stay.

use bstr::ByteSlice;

use super::header;
use crate::owners::claim::read_record;
use crate::owners::{Ecosystem, Owner, Owners};
use crate::rootfs::Rootfs;

/// Where it is.
pub(crate) const PATH: &str = "/var/lib/rpmmanifest/container-manifest-2";

/// Where the shorter list is.
const SHORT: &str = "/var/lib/rpmmanifest/container-manifest-1";

/// A package of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Epoch, version and release.
    pub version: String,
    /// Its architecture.
    pub architecture: Option<String>,
    /// Its source package, as [`header::source`] gives it.
    pub source: Option<String>,
}

/// The packages that the text lists.
pub fn lines(text: &[u8]) -> Vec<Line> {
    let known = |value: &str| Some(value).filter(|value| !matches!(*value, "" | "(none)")).map(str::to_owned);
    let line = |line: &[u8]| {
        let line = line.to_str_lossy();
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let (version, release) = field(1).rsplit_once('-')?;
        let epoch = field(5).parse().or_else(|_| field(8).parse()).ok();
        Some(Line {
            name: known(field(0))?,
            version: header::version(epoch, version, release),
            architecture: known(field(7)),
            source: header::source(field(9)),
        })
    };
    text.lines().filter_map(line).collect()
}

/// The packages that the shorter list has.
pub fn short_lines(text: &[u8]) -> Vec<Line> {
    let line = |line: &[u8]| {
        let line = line.trim().to_str_lossy();
        let (rest, architecture) = line.rsplit_once('.')?;
        let (rest, release) = rest.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-').filter(|(name, _)| !name.is_empty())?;
        let version = header::version(None, version, release);
        Some(Line { name: name.to_owned(), version, architecture: Some(architecture.to_owned()), source: None })
    };
    text.lines().filter_map(line).collect()
}

/// Adds the packages of an image that has such a list, the longer one where there are both.
pub(super) fn find(rootfs: &Rootfs, owners: &mut Owners) {
    type Read = fn(&[u8]) -> Vec<Line>;
    let lists: [(&str, Read); 2] = [(PATH, lines), (SHORT, short_lines)];
    let found = lists.into_iter().find_map(|(path, read)| Some((rootfs.tree.follow(path)?, read)));
    let Some((node, read)) = found else { return };
    for line in read(&read_record(rootfs, owners, node).unwrap_or_default()) {
        owners.add(Owner {
            architecture: line.architecture,
            source: line.source,
            records: vec![node],
            ..Owner::new(Ecosystem::Rpm, line.name, line.version)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_are_packages() {
        let found =
            short_lines(b"python3-libs-3.9.14-1.cm2.x86_64\nmariner-release-2.0-37.cm2.noarch\r\n\nx\n-1-1.x\na-1.x\n");
        let found: Vec<_> =
            found.iter().map(|line| (&*line.name, &*line.version, line.architecture.as_deref())).collect();
        assert_eq!(
            found,
            [("python3-libs", "3.9.14-1.cm2", Some("x86_64")), ("mariner-release", "2.0-37.cm2", Some("noarch"))]
        );
    }

    #[test]
    fn lines_are_packages() {
        let text = b"glibc\t2.38-8.azl3\t1721\t1720\tMicrosoft Corporation\t(none)\t1078\tx86_64\t0\tglibc-2.38-8.azl3.src.rpm\n\
            bind\t9.1-1\t1\t1\tM\t32\t10\tnoarch\t32\tbind-9.1-1.src.rpm\r\nshort\n\t1-1\n";
        let found = lines(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].version.as_str()), ("glibc", "2.38-8.azl3"));
        assert_eq!(found[0].source.as_deref(), Some("glibc (2.38-8.azl3)"));
        assert_eq!((found[1].version.as_str(), found[1].architecture.as_deref()), ("32:9.1-1", Some("noarch")));
    }
}
