//! Records, the rows of tables and indexes: <https://www.sqlite.org/fileformat2.html>, section 2.1.

/// A number of up to nine bytes, most significant first, and how many bytes it takes.
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        if at == 8 {
            return Some((value << 8 | u64::from(byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// Writes such a number.
pub fn put_varint(out: &mut Vec<u8>, value: u64) {
    if value >> 56 != 0 {
        out.extend((0..8).rev().map(|at| 0x80 | (value >> (8 + 7 * at)) as u8));
        out.push(value as u8);
        return;
    }
    let bytes = (1..8).find(|bytes| value >> (7 * bytes) == 0).unwrap_or(8);
    out.extend((0..bytes).rev().map(|at| if at > 0 { 0x80 } else { 0 } | (value >> (7 * at)) as u8 & 0x7f));
}

/// A value of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number; nothing here asks for one.
    Real,
    /// Bytes.
    Blob(&'a [u8]),
    /// Text in the encoding of the database.
    Text(&'a [u8]),
}

/// The values of a record. Ends early if it is damaged.
pub fn values(record: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let (size, start) = varint(record).unwrap_or_default();
    let end = usize::try_from(size).unwrap_or(usize::MAX).min(record.len());
    let mut types = record.get(start..end).unwrap_or_default();
    let mut body = record.get(end..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (serial, len) = varint(types)?;
        types = &types[len..];
        let size = match serial {
            0 | 8 | 9 => 0,
            1..=4 => serial as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((serial - 12) / 2).ok()?,
        };
        let bytes = body.get(..size)?;
        body = &body[size..];
        Some(match serial {
            0 => Value::Null,
            1..=6 => Value::Integer(integer(bytes)),
            7 => Value::Real,
            8 | 9 => Value::Integer(serial as i64 - 8),
            _ if serial % 2 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        })
    })
}

/// A big-endian number in two's complement.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|&byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |value, &byte| value << 8 | i64::from(byte))
}

/// A record of these values; the last that are text or bytes follow as they are.
pub fn record(values: &[Value<'_>]) -> Vec<u8> {
    let mut types = Vec::new();
    let mut body: Vec<u8> = Vec::new();
    for value in values {
        match value {
            Value::Null | Value::Real => types.push(0),
            Value::Integer(number) => {
                types.push(6);
                body.extend(number.to_be_bytes());
            }
            Value::Blob(bytes) => {
                put_varint(&mut types, bytes.len() as u64 * 2 + 12);
                body.extend_from_slice(bytes);
            }
            Value::Text(bytes) => {
                put_varint(&mut types, bytes.len() as u64 * 2 + 13);
                body.extend_from_slice(bytes);
            }
        }
    }
    // The size of the types counts its own bytes: one, or two from 127 on.
    let mut out = Vec::new();
    let len = types.len() as u64;
    put_varint(&mut out, if len < 127 { len + 1 } else { len + 2 });
    out.extend(types);
    out.extend(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_read_as_written() {
        for value in [0, 1, 127, 128, 16383, 16384, u64::from(u32::MAX), (1 << 56) - 1, 1 << 56, u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            assert_eq!(varint(&bytes), Some((value, bytes.len())), "{value}");
        }
        // The format's own example of the longest.
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0x81]), None);
    }

    #[test]
    fn values_of_every_type_are_read() {
        let record =
            [&[9, 0, 1, 2, 8, 9, 15, 16, 6][..], &[0xff], &[0x01, 0x02], b"x", b"yz", &7i64.to_be_bytes()].concat();
        let all: Vec<_> = values(&record).collect();
        use Value::{Blob, Integer, Null, Text};
        let want = [Null, Integer(-1), Integer(258), Integer(0), Integer(1), Text(b"x"), Blob(b"yz"), Integer(7)];
        assert_eq!(all, want);
        assert_eq!(values(&[3, 1, 10, 0]).count(), 1);
        let mine = super::record(&[Null, Integer(-5), Text(b"ab"), Blob(&[0; 200])]);
        assert_eq!(values(&mine).collect::<Vec<_>>(), [Null, Integer(-5), Text(b"ab"), Blob(&[0; 200])]);
    }
}
