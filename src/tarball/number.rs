//! Numbers as tar has them: octal, base 256, decimal. See `tar(5)`, "Numeric Extensions".

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
pub fn octal(field: &[u8]) -> Option<i64> {
    let padding = |b: &u8| *b == 0 || *b == b' ';
    let start = field.iter().position(|b| !padding(b)).unwrap_or(field.len());
    let digits = text(&field[start..]).trim_ascii_end();
    digits.iter().try_fold(0i64, |value, &digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

/// Decimal digits without sign, as in PAX records.
pub fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, &digit| match digit {
        b'0'..=b'9' => value.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// A text field: it ends at the first NUL, if there is one.
pub fn text(field: &[u8]) -> &[u8] {
    field.split(|&b| b == 0).next().unwrap_or_default()
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
}
