//! `/etc/ld.so.cache`: where `ldconfig` found each soname.
//!
//! Three layouts: the old one (`ld.so-1.7.0`), the new one (`glibc-ld.so.cache1.1`), and the old one with the
//! new one behind it. From glibc's `sysdeps/generic/dl-cache.h`. Byte order is that of the image's machine.

use super::object::until_nul;

const OLD_MAGIC: &[u8] = b"ld.so-1.7.0";
const NEW_MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const OLD_HEADER: usize = 16;
const OLD_ENTRY: usize = 12;
const NEW_HEADER: usize = 48;
const NEW_ENTRY: usize = 24;

/// One line of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry<'a> {
    /// The name that is looked up.
    pub soname: &'a [u8],
    /// The file it stands for.
    pub path: &'a [u8],
    /// Only for processors with certain features.
    pub hwcaps: bool,
}

/// Reads all entries in the order the loader tries them; an unreadable cache has none, as for the loader.
pub fn parse(bytes: &[u8]) -> Vec<CacheEntry<'_>> {
    // The number of libraries tells the byte order: the right reading is the one that fits the file.
    read(bytes, u32::from_le_bytes).or_else(|| read(bytes, u32::from_be_bytes)).unwrap_or_default()
}

type Order = fn([u8; 4]) -> u32;

fn word(bytes: &[u8], at: usize, order: Order) -> Option<usize> {
    let raw = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(order(raw)).ok()
}

fn read(bytes: &[u8], order: Order) -> Option<Vec<CacheEntry<'_>>> {
    if bytes.starts_with(NEW_MAGIC) {
        return read_new(bytes, order);
    }
    if !bytes.starts_with(OLD_MAGIC) {
        return None;
    }
    let count = word(bytes, 12, order)?;
    let end = count.checked_mul(OLD_ENTRY)?.checked_add(OLD_HEADER)?;
    let strings = bytes.get(end..)?;
    let padded = end.checked_next_multiple_of(8)?;
    if let Some(behind) = bytes.get(padded..).filter(|behind| behind.starts_with(NEW_MAGIC)) {
        return read_new(behind, order);
    }
    let text = |at: usize| Some(until_nul(strings.get(word(bytes, at, order)?..)?));
    let entries = (0..count).map(|index| OLD_HEADER + index * OLD_ENTRY);
    Some(
        entries
            .filter_map(|at| Some(CacheEntry { soname: text(at + 4)?, path: text(at + 8)?, hwcaps: false }))
            .collect(),
    )
}

fn read_new(bytes: &[u8], order: Order) -> Option<Vec<CacheEntry<'_>>> {
    let count = word(bytes, 20, order)?;
    bytes.get(..count.checked_mul(NEW_ENTRY)?.checked_add(NEW_HEADER)?)?;
    let text = |at: usize| Some(until_nul(bytes.get(word(bytes, at, order)?..)?));
    let entry = |index: usize| {
        let at = NEW_HEADER + index * NEW_ENTRY;
        let hwcaps = bytes.get(at + 16..at + 24)?.iter().any(|&b| b != 0);
        Some(CacheEntry { soname: text(at + 4)?, path: text(at + 8)?, hwcaps })
    };
    Some((0..count).filter_map(entry).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A cache in the new layout; `hwcaps` is the raw field.
    pub(in super::super) fn new_cache(entries: &[(&str, &str, u64)], little: bool) -> Vec<u8> {
        let put = |value: u32| if little { value.to_le_bytes() } else { value.to_be_bytes() };
        let mut table = Vec::new();
        let mut strings = Vec::new();
        let base = NEW_HEADER + entries.len() * NEW_ENTRY;
        for (soname, path, hwcaps) in entries {
            let mut add = |text: &str| {
                let at = base + strings.len();
                strings.extend_from_slice(text.as_bytes());
                strings.push(0);
                put(at as u32)
            };
            let (soname, path) = (add(soname), add(path));
            table.extend_from_slice(&put(0x0303));
            table.extend_from_slice(&soname);
            table.extend_from_slice(&path);
            table.extend_from_slice(&[0; 4]);
            table.extend_from_slice(&hwcaps.to_le_bytes());
        }
        let mut out = NEW_MAGIC.to_vec();
        out.extend_from_slice(&put(entries.len() as u32));
        out.extend_from_slice(&put(strings.len() as u32));
        out.resize(NEW_HEADER, 0);
        [out, table, strings].concat()
    }

    fn shown(bytes: &[u8]) -> Vec<String> {
        let line = |e: &CacheEntry| {
            format!("{} {} {}", String::from_utf8_lossy(e.soname), String::from_utf8_lossy(e.path), e.hwcaps)
        };
        parse(bytes).iter().map(line).collect()
    }

    #[test]
    fn reads_all_layouts() {
        let entries = [("libz.so.1", "/lib/hw/libz.so.1", 1 << 62), ("libz.so.1", "/lib/libz.so.1", 0)];
        let expected = ["libz.so.1 /lib/hw/libz.so.1 true", "libz.so.1 /lib/libz.so.1 false"];
        assert_eq!(shown(&new_cache(&entries, true)), expected);
        assert_eq!(shown(&new_cache(&entries, false)), expected);

        let mut old = OLD_MAGIC.to_vec();
        old.push(0);
        for value in [1u32, 3, 0, 10] {
            old.extend_from_slice(&value.to_le_bytes());
        }
        let mut both = old.clone();
        old.extend_from_slice(b"libz.so.1\0/lib/libz.so.1\0");
        assert_eq!(shown(&old), ["libz.so.1 /lib/libz.so.1 false"]);
        both.resize(both.len().next_multiple_of(8), 0);
        both.extend_from_slice(&new_cache(&entries, true));
        assert_eq!(shown(&both), expected);
    }

    #[test]
    fn damaged_caches_have_no_entries() {
        let cache = new_cache(&[("libz.so.1", "/lib/libz.so.1", 0)], true);
        for end in 0..cache.len() {
            parse(&cache[..end]);
        }
        let mut huge = cache.clone();
        huge[20..24].copy_from_slice(&[0xff; 4]);
        assert_eq!(parse(&huge), []);
        assert_eq!(parse(b"no cache"), []);
    }
}
