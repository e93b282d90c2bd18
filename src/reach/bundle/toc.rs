//! The table of a `PYZ`: a marshalled list of names with places, see `Python/marshal.c`.

use super::budget::MAX_MEMBERS;

/// Marks an object that others refer to.
const FLAG_REF: u8 = 0x80;
/// Lists and tuples within one another.
const MAX_DEPTH: u32 = 8;

/// A name, where its code begins, and how long it is.
pub(super) type Entry<'a> = (&'a str, usize, usize);

/// A marshalled object, as far as such a table holds any.
#[derive(Clone, Debug)]
enum Object<'a> {
    Text(&'a str),
    Number(i64),
    List(Vec<Object<'a>>),
    Nothing,
}

/// The entries of a table; none if it is damaged.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Entry<'_>>> {
    let mut reader = Reader { rest: bytes, references: Vec::new() };
    let Object::List(entries) = reader.object(0)? else { return None };
    entries.iter().map(entry).collect()
}

/// `(name, (kind, at, length))`
fn entry<'a>(object: &Object<'a>) -> Option<Entry<'a>> {
    let Object::List(pair) = object else { return None };
    let [Object::Text(name), Object::List(place)] = pair.as_slice() else { return None };
    let [_, Object::Number(at), Object::Number(length)] = place.as_slice() else { return None };
    Some((name, usize::try_from(*at).ok()?, usize::try_from(*length).ok()?))
}

struct Reader<'a> {
    rest: &'a [u8],
    references: Vec<Object<'a>>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn object(&mut self, depth: u32) -> Option<Object<'a>> {
        let mark = self.byte()?;
        let place = (mark & FLAG_REF != 0).then(|| {
            self.references.push(Object::Nothing);
            self.references.len() - 1
        });
        let object = match mark & !FLAG_REF {
            b'N' => Object::Nothing,
            b'i' => Object::Number(self.number()?.into()),
            b'z' | b'Z' => {
                let length = self.byte()?.into();
                Object::Text(std::str::from_utf8(self.take(length)?).ok()?)
            }
            b'a' | b'A' | b'u' | b't' | b's' => {
                let length = usize::try_from(self.number()?).ok()?;
                Object::Text(std::str::from_utf8(self.take(length)?).ok()?)
            }
            b'r' => {
                // Lists are not copied: many references to a long one would take any amount of memory.
                let found = usize::try_from(self.number()?).ok().and_then(|at| self.references.get(at));
                found.filter(|found| !matches!(found, Object::List(_)))?.clone()
            }
            b')' => {
                let length = self.byte()?.into();
                self.list(length, depth)?
            }
            b'(' | b'[' => {
                let length = usize::try_from(self.number()?).ok()?;
                self.list(length, depth)?
            }
            _ => return None,
        };
        if let Some(known) = place.and_then(|place| self.references.get_mut(place))
            && !matches!(object, Object::List(_))
        {
            *known = object.clone();
        }
        Some(object)
    }

    fn list(&mut self, length: usize, depth: u32) -> Option<Object<'a>> {
        if length > MAX_MEMBERS || depth >= MAX_DEPTH {
            return None;
        }
        (0..length).map(|_| self.object(depth + 1)).collect::<Option<Vec<_>>>().map(Object::List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists_with_references() {
        // `marshal.dumps([("a.b", (0, 17, 5)), ("c", (1, 22, 5))])` of Python 3.11, where 5 is one and the same object.
        let table = b"[\x02\0\0\0)\x02\xfa\x03a.b)\x03\xe9\0\0\0\0\xe9\x11\0\0\0\xe9\x05\0\0\0\
                      )\x02\xda\x01c)\x03\xe9\x01\0\0\0\xe9\x16\0\0\0r\x03\0\0\0";
        assert_eq!(read(table), Some(vec![("a.b", 17, 5), ("c", 22, 5)]));
        for end in 0..table.len() {
            assert_eq!(read(&table[..end]), None);
        }
    }

    #[test]
    fn what_refers_to_itself_or_nests_without_end_is_refused() {
        assert_eq!(read(b"\xdb\x01\0\0\0r\0\0\0\0"), None);
        assert_eq!(read(&b"\x29\x01".repeat(1000)), None);
        assert_eq!(read(b"[\xff\xff\xff\x7f"), None);
    }
}
