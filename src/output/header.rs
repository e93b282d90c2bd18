//! Tar headers: ustar blocks, preceded by a PAX extended header where ustar cannot hold a value.
//!
//! Format: POSIX.1-2017, `pax`, sections "ustar Interchange Format" and "pax Extended Header"; extended
//! attributes as `SCHILY.xattr.NAME` records with binary values, as star, GNU tar and Go's `archive/tar` have them.

use std::io::Write;

use crate::rootfs::{Metadata, Xattr};

/// Size of a tar block in bytes; headers and contents are padded to it.
pub const BLOCK: usize = 512;

/// Largest value of an 11-digit octal field (`size`, `mtime`).
const MAX_OCTAL_11: u64 = 0o777_7777_7777;
/// Largest value of a 7-digit octal field (`uid`, `gid`, `devmajor`, `devminor`).
const MAX_OCTAL_7: u64 = 0o777_7777;

/// The type of an entry (`typeflag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryType {
    Regular,
    HardLink,
    Symlink,
    CharDevice,
    BlockDevice,
    Directory,
    Fifo,
}

impl EntryType {
    fn flag(self) -> u8 {
        match self {
            Self::Regular => b'0',
            Self::HardLink => b'1',
            Self::Symlink => b'2',
            Self::CharDevice => b'3',
            Self::BlockDevice => b'4',
            Self::Directory => b'5',
            Self::Fifo => b'6',
        }
    }
}

/// Everything a header says about one entry.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    /// Path without a leading slash; directories end in one.
    pub path: &'a [u8],
    /// Target of a hard or symbolic link, else empty.
    pub link: &'a [u8],
    pub entry_type: EntryType,
    pub meta: Metadata,
    /// Bytes of content that follow.
    pub size: u64,
    /// Major and minor number of a device.
    pub device: (u32, u32),
    pub xattrs: &'a [Xattr],
}

impl<'a> Header<'a> {
    /// A plain file owned by 0:0, mode 0644, dated 1970: what the members of an image archive look like.
    pub fn member(path: &'a [u8], size: u64) -> Self {
        let meta = Metadata { mode: 0o644, ..Metadata::default() };
        Self { path, link: b"", entry_type: EntryType::Regular, meta, size, device: (0, 0), xattrs: &[] }
    }

    /// Appends the header's blocks to `out`.
    ///
    /// # Errors
    /// A description of what tar cannot hold.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), String> {
        let records = self.pax_records()?;
        if !records.is_empty() {
            let name = pax_name(self.path);
            out.extend_from_slice(&Header::member(&name, records.len() as u64).ustar());
            out.extend_from_slice(&records);
            out.resize(out.len().next_multiple_of(BLOCK), 0);
            let flag = out.len() - records.len().next_multiple_of(BLOCK) - BLOCK;
            set_flag(&mut out[flag..flag + BLOCK], b'x');
        }
        out.extend_from_slice(&self.ustar());
        Ok(())
    }

    /// The ustar block on its own. A size of 8 GiB and more is written in base 256, as GNU tar does; other values
    /// that do not fit are left out (they belong in a PAX header).
    pub fn ustar(&self) -> [u8; BLOCK] {
        let mut block = [0u8; BLOCK];
        let (prefix, name) = match split(self.path) {
            Some(parts) => parts,
            None => (&b""[..], truncated(self.path, self.entry_type)),
        };
        put(&mut block[..100], name);
        octal(&mut block[100..108], u64::from(self.meta.mode & 0o7777));
        octal(&mut block[108..116], u64::from(self.meta.uid));
        octal(&mut block[116..124], u64::from(self.meta.gid));
        number(&mut block[124..136], self.size);
        octal(&mut block[136..148], u64::try_from(self.meta.mtime).unwrap_or(0));
        block[156] = self.entry_type.flag();
        put(&mut block[157..257], &self.link[..self.link.len().min(100)]);
        block[257..265].copy_from_slice(b"ustar\x0000");
        number(&mut block[329..337], u64::from(self.device.0));
        number(&mut block[337..345], u64::from(self.device.1));
        put(&mut block[345..500], prefix);
        checksum(&mut block);
        block
    }

    /// The records that ustar has no room for. Attributes come last: readers that split records at line ends
    /// then still see the others.
    fn pax_records(&self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        if !self.path.is_ascii() || split(self.path).is_none() {
            record(&mut out, b"path", self.path);
        }
        if !self.link.is_ascii() || self.link.len() > 100 {
            record(&mut out, b"linkpath", self.link);
        }
        if self.size > MAX_OCTAL_11 {
            record(&mut out, b"size", self.size.to_string().as_bytes());
        }
        if u64::from(self.meta.uid) > MAX_OCTAL_7 {
            record(&mut out, b"uid", self.meta.uid.to_string().as_bytes());
        }
        if u64::from(self.meta.gid) > MAX_OCTAL_7 {
            record(&mut out, b"gid", self.meta.gid.to_string().as_bytes());
        }
        let fits = u64::try_from(self.meta.mtime).is_ok_and(|seconds| seconds <= MAX_OCTAL_11);
        if !fits || self.meta.mtime_nanos != 0 {
            record(&mut out, b"mtime", decimal_time(self.meta.mtime, self.meta.mtime_nanos).as_bytes());
        }
        for (name, value) in self.xattrs {
            if name.is_empty() || name.iter().any(|&b| b == b'=' || b == 0) {
                return Err(format!("extended attribute name {name:?} cannot be stored in a tar archive"));
            }
            record(&mut out, &[b"SCHILY.xattr.", name.as_slice()].concat(), value);
        }
        for text in [self.path, self.link] {
            if text.contains(&0) {
                return Err("a name holds a NUL byte".into());
            }
        }
        Ok(out)
    }
}

/// Splits a path into ustar's prefix (at most 155 bytes) and name (1 to 100 bytes) at a slash.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    if path.len() <= 100 {
        return Some((b"", path));
    }
    // The name is shortest with the last slash that is not the path's end; the longest prefix that fits wins.
    let body = path.strip_suffix(b"/").unwrap_or(path);
    let at = body.iter().take(156).rposition(|&b| b == b'/')?;
    let (prefix, name) = (&path[..at], &path[at + 1..]);
    (!prefix.is_empty() && name.len() <= 100).then_some((prefix, name))
}

/// What stands in the name field when the real path is in a PAX record: its start, never ending in a slash for
/// anything but a directory, so that no reader takes it for one.
fn truncated(path: &[u8], entry_type: EntryType) -> &[u8] {
    let mut name = &path[..path.len().min(100)];
    while let (false, [rest @ .., b'/']) = (entry_type == EntryType::Directory, name) {
        name = rest;
    }
    name
}

/// The name of a PAX header entry. Only readers without PAX see it.
fn pax_name(path: &[u8]) -> Vec<u8> {
    let body = path.strip_suffix(b"/").unwrap_or(path);
    let base = body.rsplit(|&b| b == b'/').next().unwrap_or(body);
    let mut name = b"PaxHeaders/".to_vec();
    name.extend(base.iter().filter(|b| b.is_ascii_graphic()).take(80));
    name
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
fn record(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut len = rest;
    while len != rest + digits(len) {
        len = rest + digits(len);
    }
    // Writing to a vector cannot fail.
    let _ = write!(out, "{len} ");
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}

fn digits(n: usize) -> usize {
    n.checked_ilog10().unwrap_or(0) as usize + 1
}

/// A PAX time: decimal seconds, a fraction only where there is one.
fn decimal_time(seconds: i64, nanos: u32) -> String {
    if nanos == 0 {
        return seconds.to_string();
    }
    // Before the epoch the fraction counts away from zero: -2 s + 0.25 s is written -1.75.
    let (sign, whole, fraction) = if seconds < 0 {
        ("-", (seconds + 1).unsigned_abs(), 1_000_000_000u32.saturating_sub(nanos))
    } else {
        ("", seconds.unsigned_abs(), nanos)
    };
    let text = format!("{sign}{whole}.{fraction:09}");
    text.trim_end_matches('0').to_owned()
}

fn put(field: &mut [u8], text: &[u8]) {
    for (to, from) in field.iter_mut().zip(text) {
        *to = *from;
    }
}

/// Zero-padded octal digits and a NUL; zero if the value has too many digits.
fn octal(field: &mut [u8], value: u64) {
    let width = field.len() - 1;
    let value = if value >> (3 * width) == 0 { value } else { 0 };
    put(field, format!("{value:0width$o}").as_bytes());
}

/// Octal where it fits, else big-endian binary with the top bit set.
fn number(field: &mut [u8], value: u64) {
    if value >> (3 * (field.len() - 1)) == 0 {
        return octal(field, value);
    }
    let bytes = value.to_be_bytes();
    for (to, from) in field.iter_mut().rev().zip(bytes.iter().rev()) {
        *to = *from;
    }
    field[0] |= 0x80;
}

fn set_flag(block: &mut [u8], flag: u8) {
    block[156] = flag;
    checksum(block);
}

fn checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&b| u64::from(b)).sum();
    put(&mut block[148..156], format!("{sum:06o}\0").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_lengths_count_themselves_across_digit_boundaries() {
        for len in [1, 5, 85, 90, 92, 93, 94, 980, 990, 9980, 9990] {
            let mut out = Vec::new();
            record(&mut out, b"key", &vec![b'v'; len]);
            let said: usize = std::str::from_utf8(out.split(|&b| b == b' ').next().unwrap()).unwrap().parse().unwrap();
            assert_eq!(said, out.len());
        }
    }

    #[test]
    fn times_before_the_epoch_count_away_from_zero() {
        assert_eq!(decimal_time(1, 500_000_000), "1.5");
        assert_eq!(decimal_time(-2, 250_000_000), "-1.75");
        assert_eq!(decimal_time(-1, 500_000_000), "-0.5");
        assert_eq!(decimal_time(-7, 0), "-7");
        assert_eq!(decimal_time(0, 1), "0.000000001");
    }

    #[test]
    fn long_paths_split_at_a_slash_or_go_to_a_record() {
        let long = [&b"d".repeat(150)[..], b"/", &b"n".repeat(100)[..]].concat();
        assert_eq!(split(&long).map(|(p, n)| (p.len(), n.len())), Some((150, 100)));
        assert_eq!(split(&b"x".repeat(101)), None);
        assert_eq!(split(&[&b"d".repeat(156)[..], b"/n"].concat()), None);
        // A directory's closing slash is no place to split.
        assert_eq!(split(&[&b"d".repeat(120)[..], b"/"].concat()), None);
    }

    #[test]
    fn sizes_beyond_octal_are_base_256() {
        let mut field = [0; 12];
        number(&mut field, 1 << 33);
        assert_eq!(field, [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    }
}
