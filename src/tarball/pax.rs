//! PAX extended headers: `"%d %s=%s\n"` records. POSIX.1-2017, pax, "pax Extended Header", and the vendor
//! keywords `SCHILY.xattr.*` (star) and `GNU.sparse.*` (the GNU tar manual, "Storing Sparse Files").

use bstr::ByteSlice;

use super::metadata::Xattr;
use super::number::decimal;
use super::sparse::PaxSparse;

/// What the records of one extended header say about the entry that follows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pax {
    pub path: Option<Vec<u8>>,
    pub link_path: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub uid: Option<u64>,
    pub gid: Option<u64>,
    /// Seconds, and nanoseconds past them.
    pub mtime: Option<(i64, u32)>,
    /// Those of later records come later; see [`Pax::attributes`].
    xattrs: Vec<Xattr>,
    pub sparse: PaxSparse,
}

impl Pax {
    /// Takes in the records of a header; those already there are overridden.
    ///
    /// # Errors
    /// Names the first record that breaks the format.
    pub fn read(&mut self, mut records: &[u8]) -> Result<(), String> {
        while !records.is_empty() {
            let (record, rest) = split_record(records).ok_or("a PAX record has no proper length")?;
            records = rest;
            let (key, value) = record.split_once_str("=").ok_or("a PAX record has no value")?;
            self.set(key, value).ok_or_else(|| format!("the PAX record {} makes no sense", key.as_bstr()))?;
        }
        Ok(())
    }

    /// The extended attributes, sorted by name; of several records for one name the last counts.
    pub fn attributes(&mut self) -> Vec<Xattr> {
        let mut xattrs = std::mem::take(&mut self.xattrs);
        xattrs.reverse();
        xattrs.sort_by(|(one, _), (other, _)| one.cmp(other));
        xattrs.dedup_by(|(later, _), (first, _)| later == first);
        xattrs
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
            // No system has attributes without a name, or with a NUL in it.
            if name.is_empty() || name.contains(&0) {
                return None;
            }
            self.xattrs.push((name.into(), value.into()));
            return Some(());
        }
        if value.is_empty() {
            // "If the <value> field is zero length, it shall delete any header block field": the header's own counts.
            return Some(());
        }
        match key {
            b"path" => self.path = Some(without_nul(value)?),
            b"linkpath" => self.link_path = Some(without_nul(value)?),
            b"size" => self.size = Some(decimal(value)?),
            b"uid" => self.uid = Some(decimal(value)?),
            b"gid" => self.gid = Some(decimal(value)?),
            b"mtime" => self.mtime = Some(time(value)?),
            _ => {
                if let Some(keyword) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.set(keyword, value)?;
                }
            }
        }
        Some(())
    }
}

/// Cuts the first record off: its length counts the digits of the length, the space and the newline.
fn split_record(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = records.iter().take(20).position(|&b| b == b' ')?;
    let len = usize::try_from(decimal(&records[..space])?).ok()?;
    let record = records.get(space + 1..len)?;
    Some((record.strip_suffix(b"\n")?, &records[len..]))
}

fn without_nul(value: &[u8]) -> Option<Vec<u8>> {
    (!value.contains(&0)).then(|| value.to_vec())
}

/// Seconds with an optional fraction, possibly negative; digits past nanoseconds are cut off.
fn time(text: &[u8]) -> Option<(i64, u32)> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once_str(".").unwrap_or((text, b""));
    let seconds = i64::try_from(decimal(whole)?).ok()?;
    let mut nanos = 0;
    for at in 0..9 {
        let digit = match fraction.get(at) {
            Some(&digit @ b'0'..=b'9') => u32::from(digit - b'0'),
            Some(_) => return None,
            None => 0,
        };
        nanos = nanos * 10 + digit;
    }
    Some(match (negative, nanos) {
        (false, _) => (seconds, nanos),
        (true, 0) => (-seconds, 0),
        (true, _) => (-seconds - 1, 1_000_000_000 - nanos),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_and_later_ones_win() {
        let mut pax = Pax::default();
        pax.read(b"12 path=a/b\n12 uid=3000\n21 mtime=1.123456789\n12 path=c/d\n28 SCHILY.xattr.user.x=\0=\n\xff\n")
            .unwrap();
        assert_eq!(pax.path.as_deref(), Some(b"c/d".as_slice()));
        assert_eq!(pax.uid, Some(3000));
        assert_eq!(pax.mtime, Some((1, 123_456_789)));
        assert_eq!(pax.attributes(), [("user.x".into(), b"\0=\n\xff".into())]);
    }

    #[test]
    fn of_attributes_of_one_name_the_last_counts() {
        let mut pax = Pax::default();
        pax.read(b"22 SCHILY.xattr.b=one\n22 SCHILY.xattr.a=two\n24 SCHILY.xattr.b=three\n").unwrap();
        assert_eq!(pax.attributes(), [("a".into(), "two".into()), ("b".into(), "three".into())]);
        for bad in [&b"18 SCHILY.xattr.=\n"[..], b"20 SCHILY.xattr.a\0=\n"] {
            assert!(Pax::default().read(bad).is_err(), "{}", bad.as_bstr());
        }
    }

    #[test]
    fn times_before_the_epoch_count_forward_from_the_second_before() {
        assert_eq!(time(b"-1.5"), Some((-2, 500_000_000)));
        assert_eq!(time(b"-7"), Some((-7, 0)));
        assert_eq!(time(b"5.0000000019"), Some((5, 1)));
        assert_eq!(time(b"5.x"), None);
        assert_eq!(time(b""), None);
    }

    #[test]
    fn broken_records_are_errors() {
        for bad in [&b"8 path=a\n"[..], b"99999999999999999999 a=b\n", b"6 abc\n", b"path=a\n", b"9 path=a\0\n", b"0 "]
        {
            assert!(Pax::default().read(bad).is_err(), "{}", bad.as_bstr());
        }
        assert!(Pax::default().read(b"12 path=a\0b\n").is_err());
        assert!(Pax::default().read(b"9 uid=-1\n").is_err());
    }
}
