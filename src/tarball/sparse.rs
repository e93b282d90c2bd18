//! Maps of sparse files in the four ways GNU tar writes them: its old header type `S`, and the PAX formats
//! 0.0, 0.1 and 1.0. See the GNU tar manual, "Storing Sparse Files".

use tar::GnuSparseHeader;
use thin_vec::ThinVec;

use super::metadata::Segment;
use super::number::{decimal, number};

/// The `GNU.sparse.*` records of an extended header.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PaxSparse {
    major: Option<u64>,
    minor: Option<u64>,
    /// The file's real name; the header's is made up.
    pub name: Option<Vec<u8>>,
    size: Option<u64>,
    /// Offsets and lengths in turn, of formats 0.0 and 0.1.
    map: Vec<u64>,
}

/// Where the map of a PAX sparse file is.
#[derive(Debug, PartialEq, Eq)]
pub enum PaxMap {
    /// In the records: (offset, length) pairs.
    InHeader(Vec<(u64, u64)>),
    /// In front of the content, format 1.0.
    InContent,
}

impl PaxSparse {
    /// Takes in one record, given without the `GNU.sparse.`; `None` if it makes no sense.
    pub fn set(&mut self, keyword: &[u8], value: &[u8]) -> Option<()> {
        match keyword {
            b"major" => self.major = Some(decimal(value)?),
            b"minor" => self.minor = Some(decimal(value)?),
            b"name" => self.name = Some(value.to_vec()).filter(|name| !name.contains(&0)),
            b"size" | b"realsize" => self.size = Some(decimal(value)?),
            b"offset" | b"numbytes" => self.map.push(decimal(value)?),
            b"map" => {
                self.map = value.split(|&b| b == b',').map(decimal).collect::<Option<_>>()?;
            }
            _ => {}
        }
        Some(())
    }

    /// The file's real size and where its map is; `None` if this is no sparse file.
    pub fn map(&self) -> Option<(u64, PaxMap)> {
        let map = match (self.major, self.minor) {
            (Some(1), Some(0)) => PaxMap::InContent,
            (Some(0), Some(0 | 1)) | (None, None) if !self.map.is_empty() => {
                PaxMap::InHeader(self.map.chunks(2).map(|pair| (pair[0], *pair.get(1).unwrap_or(&u64::MAX))).collect())
            }
            _ => return None,
        };
        Some((self.size?, map))
    }
}

/// Adds the (offset, length) pairs of a GNU sparse header; a pair without offset or length ends the list.
pub fn gnu_pairs(fields: &[GnuSparseHeader], pairs: &mut Vec<(u64, u64)>) -> Option<()> {
    for pair in fields.iter().take_while(|pair| !pair.is_empty()) {
        pairs.push((u64::try_from(number(&pair.offset)?).ok()?, u64::try_from(number(&pair.numbytes)?).ok()?));
    }
    Some(())
}

/// The runs of data of a file of `size` bytes whose stored bytes are the `stored` ones at `at` in the layer.
/// `None` if the map is out of order, overlaps, reaches past the file, or holds other than `stored` bytes.
pub fn segments(pairs: &[(u64, u64)], size: u64, at: u64, stored: u64) -> Option<ThinVec<Segment>> {
    let mut runs = ThinVec::new();
    let (mut end, mut taken) = (0, 0u64);
    for &(start, len) in pairs {
        if start < end {
            return None;
        }
        end = start.checked_add(len).filter(|&end| end <= size)?;
        if len > 0 {
            runs.push(Segment { start, offset: at.checked_add(taken)?, len });
            taken = taken.checked_add(len)?;
        }
    }
    (taken == stored).then_some(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(list: &[(&str, &str)]) -> Option<PaxSparse> {
        let mut sparse = PaxSparse::default();
        for (keyword, value) in list {
            sparse.set(keyword.as_bytes(), value.as_bytes())?;
        }
        Some(sparse)
    }

    #[test]
    fn the_three_pax_formats_are_told_apart() {
        let pairs = PaxMap::InHeader(vec![(0, 3), (10, 2)]);
        let old = [
            ("size", "12"),
            ("numblocks", "2"),
            ("offset", "0"),
            ("numbytes", "3"),
            ("offset", "10"),
            ("numbytes", "2"),
        ];
        assert_eq!(records(&old).unwrap().map(), Some((12, pairs)));
        let pairs = PaxMap::InHeader(vec![(0, 3), (10, 2)]);
        let middle = [("size", "12"), ("numblocks", "2"), ("name", "f"), ("map", "0,3,10,2")];
        assert_eq!(records(&middle).unwrap().map(), Some((12, pairs)));
        let new = [("major", "1"), ("minor", "0"), ("name", "f"), ("realsize", "12")];
        assert_eq!(records(&new).unwrap().map(), Some((12, PaxMap::InContent)));
        assert_eq!(PaxSparse::default().map(), None);
        assert_eq!(records(&[("map", "0,x")]), None);
    }

    #[test]
    fn maps_that_lie_are_refused() {
        let runs = segments(&[(0, 3), (10, 2), (12, 0)], 12, 512, 5).unwrap();
        assert_eq!(*runs, [Segment { start: 0, offset: 512, len: 3 }, Segment { start: 10, offset: 515, len: 2 }]);
        assert_eq!(segments(&[(0, 3), (2, 2)], 12, 0, 5), None, "overlap");
        assert_eq!(segments(&[(0, 3), (10, 3)], 12, 0, 6), None, "past the end");
        assert_eq!(segments(&[(0, 3)], 12, 0, 5), None, "bytes left over");
        assert_eq!(segments(&[(u64::MAX, 2)], u64::MAX, 0, 2), None, "overflow");
        assert_eq!(segments(&[(5, u64::MAX)], 12, 0, 5), None, "a pair without a length");
    }
}
