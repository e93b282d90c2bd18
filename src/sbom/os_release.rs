//! Which distribution an image is made from: os-release(5).

use bstr::ByteSlice;

use crate::rootfs::Rootfs;

/// Where the file may be, the one that counts first.
const PATHS: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// Larger files are no `os-release`.
const MAX_SIZE: u64 = 64 << 10;

/// The fields that name a distribution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// `ID`: `debian`, `alpine`; lower case.
    pub id: String,
    /// `VERSION_ID`, or else `VERSION_CODENAME`; empty where there is none.
    pub version: String,
    /// `PRETTY_NAME`.
    pub name: String,
}

impl OsRelease {
    /// Reads the image's file; nothing if there is none that names a distribution.
    pub fn read(rootfs: &Rootfs) -> Option<Self> {
        let node = PATHS.iter().find_map(|path| rootfs.tree.follow(path))?;
        let mut text = Vec::new();
        rootfs.read_prefix(node, MAX_SIZE, &mut text).ok()?;
        Self::parse(&text)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.trim().split_once_str("="));
            let value = lines.rfind(|(key, _)| *key == name.as_bytes()).map(|(_, value)| unquoted(value));
            value.unwrap_or_default()
        };
        let id = value("ID").to_ascii_lowercase();
        let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if id.is_empty() || !id.chars().all(is_id) {
            return None;
        }
        let version = Some(value("VERSION_ID")).filter(|version| !version.is_empty());
        Some(Self { id, version: version.unwrap_or_else(|| value("VERSION_CODENAME")), name: value("PRETTY_NAME") })
    }
}

/// A value as a shell would read it; these files know quotes and backslashes, and no variables.
fn unquoted(value: &[u8]) -> String {
    let value = value.trim();
    let quoted = |quote: &[u8]| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(plain) = quoted(b"'") {
        return plain.to_str_lossy().into_owned();
    }
    let text = quoted(b"\"").unwrap_or(value).to_str_lossy().into_owned();
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn reads_quotes_and_either_place() {
        let text =
            b"PRETTY_NAME=\"Debian \\\"GNU\\\"\"\n# ID=no\nID=Debian\nVERSION_ID='12'\nVERSION_CODENAME=bookworm\n";
        let want = OsRelease { id: "debian".into(), version: "12".into(), name: "Debian \"GNU\"".into() };
        let rootfs = Builder::new().file("/usr/lib/os-release", text).build();
        assert_eq!(OsRelease::read(&rootfs), Some(want));
        assert_eq!(OsRelease::parse(b"ID=debian\nVERSION_CODENAME=sid").unwrap().version, "sid");
    }

    #[test]
    fn a_file_that_names_no_distribution_is_none() {
        for text in [&b""[..], b"ID=", b"NAME=x", b"ID=a/b", b"\xff=\xff\n"] {
            assert_eq!(OsRelease::parse(text), None);
        }
        assert_eq!(OsRelease::read(&Builder::new().build()), None);
    }
}
