//! Tar headers: ustar blocks, preceded by a PAX extended header where ustar cannot hold a value.
//!
//! Format: POSIX.1-2017, `pax`, sections "ustar Interchange Format" and "pax Extended Header"; extended
//! attributes as `SCHILY.xattr.NAME` records with binary values, as star, GNU tar and Go's `archive/tar` have them.

use std::io::Write;

use tar::{EntryType, Header};

use super::header::BLOCK;
use super::metadata::{Metadata, Xattr};

/// Largest value of an 11-digit octal field (`size`, `mtime`).
const MAX_OCTAL_11: u64 = 0o777_7777_7777;
/// Largest value of a 7-digit octal field (`uid`, `gid`, `devmajor`, `devminor`).
const MAX_OCTAL_7: u64 = 0o777_7777;

/// Everything that is written about one entry.
#[derive(Clone, Debug)]
pub struct EntryHeader<'a> {
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

impl<'a> EntryHeader<'a> {
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
            let member = EntryHeader::member(&name, records.len() as u64);
            out.extend_from_slice(&EntryHeader { entry_type: EntryType::XHeader, ..member }.ustar());
            out.extend_from_slice(&records);
            out.resize(out.len().next_multiple_of(BLOCK), 0);
        }
        out.extend_from_slice(&self.ustar());
        Ok(())
    }

    /// The ustar block on its own. A size of 8 GiB and more and numbers of devices beyond seven octal digits are written in
    /// base 256, as GNU tar does; other values that do not fit are left out (they belong in a PAX header).
    pub fn ustar(&self) -> [u8; BLOCK] {
        let mut header = Header::new_ustar();
        // The crate's setters for devices cut off what octal digits cannot hold, where that for owners goes over to base 256.
        let (major, minor) = self.device;
        let [major, minor] = [major, minor].map(|number| {
            header.set_uid(number.into());
            header.as_old().uid
        });
        let (prefix, name) = match split(self.path) {
            Some(parts) => parts,
            None => (&b""[..], truncated(self.path, self.entry_type)),
        };
        if let Some(ustar) = header.as_ustar_mut() {
            put(&mut ustar.name, name);
            put(&mut ustar.linkname, self.link);
            put(&mut ustar.prefix, prefix);
            (ustar.dev_major, ustar.dev_minor) = (major, minor);
        }
        let up_to = |value: u64, max: u64| if value <= max { value } else { 0 };
        header.set_mode((self.meta.mode & 0o7777).into());
        header.set_uid(up_to(self.meta.uid.into(), MAX_OCTAL_7));
        header.set_gid(up_to(self.meta.gid.into(), MAX_OCTAL_7));
        header.set_size(self.size);
        header.set_mtime(up_to(u64::try_from(self.meta.mtime).unwrap_or(0), MAX_OCTAL_11));
        header.set_entry_type(self.entry_type);
        header.set_cksum();
        // Seven digits and a NUL, where all other writers have six, a NUL and a space.
        let checksum = &mut header.as_old_mut().cksum;
        checksum.copy_within(1.., 0);
        checksum[7] = b' ';
        *header.as_bytes()
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

/// Puts as much of a text into a field as it has room for.
fn put(field: &mut [u8], text: &[u8]) {
    for (to, from) in field.iter_mut().zip(text) {
        *to = *from;
    }
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

    /// The block of a header as it has always been written: fields with their places.
    fn block(fields: &[(usize, &[u8])]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        let always: [(usize, &[u8]); 4] =
            [(100, b"0000644\0"), (108, b"0000000\0"), (116, b"0000000\0"), (257, b"ustar\x0000")];
        let zeros: [(usize, &[u8]); 5] = [
            (124, b"00000000000\0"),
            (136, b"00000000000\0"),
            (148, b"        "),
            (329, b"0000000\0"),
            (337, b"0000000\0"),
        ];
        for (at, bytes) in always.iter().chain(&zeros).chain(fields) {
            block[*at..*at + bytes.len()].copy_from_slice(bytes);
        }
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    }

    #[test]
    fn the_bytes_of_a_block_are_these() {
        let header = EntryHeader::member(b"dir/file", 0o17);
        assert_eq!(header.ustar()[..], block(&[(0, b"dir/file"), (124, b"00000000017\0"), (156, b"0")]));
        let meta = Metadata { mode: 0o104_755, uid: 0o777_7777, gid: 1, mtime: 0o777_7777_7777, mtime_nanos: 5 };
        let link = EntryHeader { link: &[b't'; 120], entry_type: EntryType::Symlink, meta, ..header.clone() };
        let expected: [(usize, &[u8]); 7] = [
            (0, b"dir/file"),
            (100, b"0004755\0"),
            (108, b"7777777\0"),
            (116, b"0000001\0"),
            (124, b"00000000017\0"),
            (136, b"77777777777\0"),
            (156, &[&b"2"[..], &[b't'; 100]].concat()),
        ];
        assert_eq!(link.ustar()[..], block(&expected));
        // What is in records is 0 in the block.
        let meta = Metadata { mode: 0o644, uid: 0o1000_0000, gid: u32::MAX, mtime: 0o1_0000_0000_0000, mtime_nanos: 0 };
        for meta in [meta, Metadata { mtime: -1, ..meta }] {
            let file = EntryHeader { meta, ..header.clone() };
            assert_eq!(file.ustar()[..], block(&[(0, b"dir/file"), (124, b"00000000017\0"), (156, b"0")]));
        }
    }

    #[test]
    fn numbers_beyond_octal_are_base_256() {
        let header = EntryHeader::member(b"f", 1 << 33);
        assert_eq!(
            header.ustar()[..],
            block(&[(0, b"f"), (124, &[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]), (156, b"0")])
        );
        let header =
            EntryHeader { entry_type: EntryType::Block, device: (259, u32::MAX), ..EntryHeader::member(b"d", 0) };
        let expected: [(usize, &[u8]); 4] =
            [(0, b"d"), (156, b"4"), (329, b"0000403\0"), (337, &[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])];
        assert_eq!(header.ustar()[..], block(&expected));
    }

    #[test]
    fn records_come_in_a_header_of_their_own() {
        let name = [&[b'p'; 160][..], b"/n\xff"].concat();
        let xattrs = [("user.\u{e9}".into(), "x\ny".into())];
        let mut out = Vec::new();
        EntryHeader { xattrs: &xattrs, ..EntryHeader::member(&name, 3) }.encode(&mut out).unwrap();
        let records = [b"173 path=".as_slice(), &name, b"\n28 SCHILY.xattr.user.\xc3\xa9=x\ny\n"].concat();
        let size = format!("{:011o}\0", records.len());
        let pax = block(&[(0, b"PaxHeaders/n"), (124, size.as_bytes()), (156, b"x")]);
        let mut expected = [pax, records].concat();
        expected.resize(2 * BLOCK, 0);
        expected.extend(block(&[(0, &name[..100]), (124, b"00000000003\0"), (156, b"0")]));
        assert_eq!(out, expected);
    }
}
