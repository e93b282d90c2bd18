//! One 512-byte tar header: v7, ustar, star, GNU and PAX share it. See `tar(5)` and POSIX.1-2017, pax,
//! "ustar Interchange Format". Where the dialects leave room, the reading is that of Go's `archive/tar`,
//! because that is what container engines unpack layers with.

/// Size of a tar block in bytes.
pub const BLOCK: usize = 512;

/// A header block whose checksum is right.
#[derive(Clone, Copy)]
pub struct Header<'b> {
    block: &'b [u8; BLOCK],
}

impl<'b> Header<'b> {
    /// Checks the checksum; `None` if it is wrong.
    pub fn parse(block: &'b [u8; BLOCK]) -> Option<Self> {
        // The checksum field itself counts as spaces. Some old writers summed signed bytes.
        let (mut unsigned, mut signed) = (0i64, 0i64);
        for (at, &byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&at) { b' ' } else { byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte as i8);
        }
        let stored = octal(&block[148..156])?;
        (stored == unsigned || stored == signed).then_some(Self { block })
    }

    /// The type flag.
    pub fn flag(&self) -> u8 {
        self.block[156]
    }

    /// The name, put together with the prefix where the dialect has one.
    pub fn name(&self) -> Vec<u8> {
        let name = text(&self.block[0..100]);
        // GNU keeps times where ustar keeps the prefix; its magic ends in a space.
        let prefix: &[u8] = match (&self.block[257..263], &self.block[508..512]) {
            (b"ustar\0", b"tar\0") => text(&self.block[345..476]),
            (b"ustar\0", _) => text(&self.block[345..500]),
            _ => b"",
        };
        if prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    /// The target of a link.
    pub fn link_name(&self) -> Vec<u8> {
        text(&self.block[157..257]).to_vec()
    }

    /// Permission bits and whatever else the writer put there.
    pub fn mode(&self) -> Option<i64> {
        number(&self.block[100..108])
    }

    /// Numeric owner.
    pub fn uid(&self) -> Option<i64> {
        number(&self.block[108..116])
    }

    /// Numeric group.
    pub fn gid(&self) -> Option<i64> {
        number(&self.block[116..124])
    }

    /// Bytes of content that follow.
    pub fn size(&self) -> Option<i64> {
        number(&self.block[124..136])
    }

    /// Modification time in seconds since the epoch.
    pub fn mtime(&self) -> Option<i64> {
        number(&self.block[136..148])
    }

    /// Major and minor number of a device.
    pub fn device(&self) -> Option<(i64, i64)> {
        Some((number(&self.block[329..337])?, number(&self.block[337..345])?))
    }

    /// GNU sparse header: the first four (offset, length) pairs, whether more blocks of them follow, and the real size.
    pub fn gnu_sparse(&self) -> (&'b [u8], bool, Option<i64>) {
        (&self.block[386..482], self.block[482] != 0, number(&self.block[483..495]))
    }
}

/// A text field: it ends at the first NUL, if there is one.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&b| b == 0).next().unwrap_or_default()
}

/// A numeric field: octal text, or big-endian binary in two's complement where the top bit of the first byte is set.
pub fn number(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => {
            // Bit 6 of the first byte is the sign: the marker bit takes the place of its copy.
            let negative = first & 0x40 != 0;
            let mut value = if negative { i64::from(first | 0x80) | !0xff } else { i64::from(first & 0x7f) };
            for &byte in &field[1..] {
                value = value.checked_mul(256)? | i64::from(byte);
            }
            Some(value)
        }
        _ => octal(field),
    }
}

/// Octal digits padded with spaces or NULs on either side; an empty field is 0.
fn octal(field: &[u8]) -> Option<i64> {
    let padding = |b: &u8| *b == 0 || *b == b' ';
    let start = field.iter().position(|b| !padding(b)).unwrap_or(field.len());
    let digits = text(&field[start..]).trim_ascii_end();
    digits.iter().try_fold(0i64, |value, &digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_binary_and_may_be_negative() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(number(b"0000689\0"), None);
        assert_eq!(number(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), Some(0x7fff_ffff));
        assert_eq!(number(&[0xff; 12]), Some(-1));
        let mut minus_two_hours = [0xff; 12];
        minus_two_hours[10..].copy_from_slice(&(-7200i16).to_be_bytes());
        assert_eq!(number(&minus_two_hours), Some(-7200));
        assert_eq!(number(&[0x80, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None, "does not fit 63 bits");
    }

    #[test]
    fn the_checksum_is_checked_and_the_prefix_joined() {
        let mut header = tar::Header::new_ustar();
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(90));
        header.set_path(&long).unwrap();
        header.set_size(7);
        header.set_cksum();
        let mut block = *header.as_bytes();
        let parsed = Header::parse(&block).unwrap();
        assert_eq!(parsed.name(), long.as_bytes());
        assert_eq!(parsed.size(), Some(7));
        block[0] ^= 1;
        assert!(Header::parse(&block).is_none());
    }
}
