//! One 512-byte tar header: v7, ustar, star, GNU and PAX share it. See `tar(5)` and POSIX.1-2017, pax,
//! "ustar Interchange Format". Where the dialects leave room, the reading is that of Go's `archive/tar`,
//! because that is what container engines unpack layers with.

use tar::{GnuHeader, Header};

use super::number::{number, octal, text};

/// Size of a tar block in bytes; headers and contents are padded to it.
pub const BLOCK: usize = 512;

/// Magic and version of ustar, with which [`tar::OldHeader::pad`] starts. PAX and star have them, too.
const USTAR: &[u8; 8] = b"ustar\x0000";
/// The same of GNU's dialect.
const GNU: &[u8; 8] = b"ustar  \0";
/// Length of the magic alone.
const MAGIC: usize = 6;

/// How many bytes of ustar's prefix are one in star's dialect: times follow.
const STAR_PREFIX: usize = 131;
/// What a header of star's dialect ends in.
const STAR_TRAILER: &[u8] = b"tar\0";

/// A header block whose checksum is right.
#[derive(Clone, Copy)]
pub struct CheckedHeader<'b> {
    block: &'b Header,
}

impl<'b> CheckedHeader<'b> {
    /// Checks the checksum; `None` if it is wrong.
    pub fn check(block: &'b mut Header) -> Option<Self> {
        let checksum = &block.as_old().cksum;
        let stored = octal(checksum)?;
        // The checksum field itself counts as spaces. Some old writers summed signed bytes.
        let spaces = i64::from(b' ') * checksum.len() as i64;
        let unsigned = |bytes: &[u8]| bytes.iter().map(|&byte| i64::from(byte)).sum::<i64>();
        let signed = |bytes: &[u8]| bytes.iter().map(|&byte| i64::from(byte as i8)).sum::<i64>();
        let is_sum = |sum: &dyn Fn(&[u8]) -> i64| stored == sum(block.as_bytes()) - sum(checksum) + spaces;
        if !is_sum(&unsigned) && !is_sum(&signed) {
            return None;
        }
        // The magic says which dialect it is, whatever version follows; the views of the crate ask for both.
        let mark = &mut block.as_old_mut().pad[..USTAR.len()];
        for dialect in [USTAR, GNU] {
            if mark.starts_with(&dialect[..MAGIC]) {
                mark.copy_from_slice(dialect);
            }
        }
        Some(Self { block })
    }

    /// The type flag.
    pub fn flag(&self) -> u8 {
        self.block.as_old().linkflag[0]
    }

    /// The name, put together with the prefix where the dialect has one.
    pub fn name(&self) -> Vec<u8> {
        let name = text(&self.block.as_old().name);
        // GNU keeps times where ustar keeps the prefix.
        let prefix = self.block.as_ustar().map_or(&b""[..], |ustar| {
            let star = ustar.pad.ends_with(STAR_TRAILER);
            text(if star { &ustar.prefix[..STAR_PREFIX] } else { &ustar.prefix })
        });
        if prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    /// The target of a link.
    pub fn link_name(&self) -> Vec<u8> {
        text(&self.block.as_old().linkname).to_vec()
    }

    /// Permission bits and whatever else the writer put there.
    pub fn mode(&self) -> Option<i64> {
        number(&self.block.as_old().mode)
    }

    /// Numeric owner.
    pub fn uid(&self) -> Option<i64> {
        number(&self.block.as_old().uid)
    }

    /// Numeric group.
    pub fn gid(&self) -> Option<i64> {
        number(&self.block.as_old().gid)
    }

    /// Bytes of content that follow.
    pub fn size(&self) -> Option<i64> {
        number(&self.block.as_old().size)
    }

    /// Modification time in seconds since the epoch.
    pub fn mtime(&self) -> Option<i64> {
        number(&self.block.as_old().mtime)
    }

    /// Major and minor number of a device. Their fields are looked at whatever the dialect.
    pub fn device(&self) -> Option<(i64, i64)> {
        let block = self.in_dialect(USTAR);
        let ustar = block.as_ustar()?;
        Some((number(&ustar.dev_major)?, number(&ustar.dev_minor)?))
    }

    /// What `read` makes of GNU's fields for sparse files, which are looked at whatever the dialect.
    pub fn gnu<T>(&self, read: impl FnOnce(&GnuHeader) -> Option<T>) -> Option<T> {
        read(self.in_dialect(GNU).as_gnu()?)
    }

    /// The block, marked as one of this dialect.
    fn in_dialect(&self, mark: &[u8; 8]) -> Header {
        let mut block = self.block.clone();
        block.as_old_mut().pad[..mark.len()].copy_from_slice(mark);
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_prefix(prefix: &[u8], name: &[u8]) -> Header {
        let mut header = Header::new_ustar();
        let ustar = header.as_ustar_mut().unwrap();
        ustar.prefix[..prefix.len()].copy_from_slice(prefix);
        ustar.name[..name.len()].copy_from_slice(name);
        header
    }

    fn name(mut header: Header) -> Vec<u8> {
        header.set_cksum();
        CheckedHeader::check(&mut header).unwrap().name()
    }

    #[test]
    fn the_checksum_is_checked_and_the_prefix_joined() {
        let mut header = Header::new_ustar();
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(90));
        header.set_path(&long).unwrap();
        header.set_size(7);
        header.set_cksum();
        let parsed = CheckedHeader::check(&mut header).unwrap();
        assert_eq!(parsed.name(), long.as_bytes());
        assert_eq!(parsed.size(), Some(7));
        header.as_mut_bytes()[0] ^= 1;
        assert!(CheckedHeader::check(&mut header).is_none());
    }

    #[test]
    fn sums_of_signed_bytes_are_checksums_too() {
        let mut header = with_prefix(b"", b"\xff\xfe");
        header.set_cksum();
        let sum = header.cksum().unwrap();
        assert!(CheckedHeader::check(&mut header.clone()).is_some());
        let field = |sum: u32| format!("{sum:06o}\0 ").into_bytes();
        header.as_old_mut().cksum.copy_from_slice(&field(sum - 512));
        assert!(CheckedHeader::check(&mut header.clone()).is_some());
        header.as_old_mut().cksum.copy_from_slice(&field(sum - 256));
        assert!(CheckedHeader::check(&mut header).is_none());
    }

    #[test]
    fn the_magic_decides_whether_there_is_a_prefix() {
        assert_eq!(name(with_prefix(b"dir", b"file")), b"dir/file");
        let mut other_version = with_prefix(b"dir", b"file");
        other_version.as_ustar_mut().unwrap().version = *b"  ";
        assert_eq!(name(other_version), b"dir/file");
        let mut star = with_prefix(&[b'p'; 150], b"file");
        star.as_ustar_mut().unwrap().pad[8..].copy_from_slice(STAR_TRAILER);
        assert_eq!(name(star), [&[b'p'; STAR_PREFIX][..], b"/file"].concat());
        for mark in [GNU, b"ustar x0", &[0; 8]] {
            let mut other = with_prefix(b"dir", b"file");
            other.as_old_mut().pad[..8].copy_from_slice(mark);
            assert_eq!(name(other), b"file");
        }
    }

    #[test]
    fn devices_have_numbers_in_every_dialect() {
        for mark in [USTAR, GNU, &[0; 8], b"ustar\0xx"] {
            let mut header = Header::new_ustar();
            header.set_device_major(8).unwrap();
            header.set_device_minor(1).unwrap();
            header.as_old_mut().pad[..8].copy_from_slice(mark);
            header.set_cksum();
            assert_eq!(CheckedHeader::check(&mut header).unwrap().device(), Some((8, 1)));
        }
    }
}
