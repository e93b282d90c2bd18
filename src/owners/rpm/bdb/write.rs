//! Writes a hash anew: as many buckets as its keys need, one page after the other, chains behind them.

use super::page::{File, HEADER, item, kind, meta};
use super::{LAST, Pair, pairs};
use crate::owners::rpm::database::Damage;

/// What the hash function is tried on, with its closing zero byte.
const CHECK: &[u8] = b"%$sniglet^&\0";

/// Keys of a bucket, on average. A key with a value of its own pages takes 21 bytes of a page.
const PER_BUCKET: usize = 64;

/// Fowler's, Noll's and Vo's hash function (FNV-1 from 0), which hashes of these versions use.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, &byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(byte))
}

/// The database anew, with the headers that `keeps` says yes to.
pub fn with_only(main: &[u8], keeps: &dyn Fn(u32) -> bool) -> Result<Vec<u8>, Damage> {
    let mut file = File::open(main)?;
    let is_plain = file.first()?.get(meta::META_FLAGS) == Some(&0)
        && file.meta(meta::FLAGS)? == 0
        && file.meta(meta::PARTS)? == 0
        && file.meta(meta::CHECK)? == hash(CHECK);
    if !is_plain {
        return Err(Damage("a hash with checksums, parts or a function of its own"));
    }
    let mut pairs = pairs(&mut file)?;
    pairs.retain(|pair| pair.number == LAST || keeps(pair.number));
    hash_of(&file, pairs)
}

/// A hash of these keys and values, with the settings of another one.
pub(super) fn hash_of(file: &File<'_>, mut pairs: Vec<Pair>) -> Result<Vec<u8>, Damage> {
    let buckets = pairs.len().div_ceil(PER_BUCKET).next_power_of_two().max(2);
    let bucket = |pair: &Pair| hash(&pair.key) as usize & (buckets - 1);
    pairs.sort_by_key(|pair| (bucket(pair), pair.key));
    let mut writer = Writer { out: vec![0; file.size * (1 + buckets)], file };
    let mut rest = pairs.as_slice();
    for number in 0..buckets {
        let (own, others) = rest.split_at(rest.partition_point(|pair| bucket(pair) <= number));
        writer.bucket(1 + number as u32, own)?;
        rest = others;
    }
    writer.meta(buckets, pairs.len())?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: Vec<u8>,
    file: &'a File<'a>,
}

impl Writer<'_> {
    fn put(&mut self, page: u32, at: usize, bytes: &[u8]) {
        let start = page as usize * self.file.size + at;
        self.out[start..start + bytes.len()].copy_from_slice(bytes);
    }

    fn put_number(&mut self, page: u32, at: usize, number: u32) {
        self.put(page, at, &self.file.order.bytes(number));
    }

    fn put_short(&mut self, page: u32, at: usize, number: usize) {
        // A page of 65536 bytes says 0, as its own end does not fit.
        self.put(page, at, &self.file.order.short(number as u16));
    }

    fn add(&mut self) -> Result<u32, Damage> {
        let number = u32::try_from(self.out.len() / self.file.size).map_err(|_| Damage("too large"))?;
        self.out.resize(self.out.len() + self.file.size, 0);
        Ok(number)
    }

    /// Writes the header of a page, with the log sequence number of the first page: these files have no log.
    fn head(&mut self, page: u32, kind: u8, previous: u32, level: u8) -> Result<(), Damage> {
        let sequence: [u8; 8] = self.file.first()?[..8].try_into().map_err(|_| Damage("too small"))?;
        self.put(page, 0, &sequence);
        self.put_number(page, 8, page);
        self.put_number(page, 12, previous);
        self.put(page, 24, &[level, kind]);
        Ok(())
    }

    /// Writes the keys of a bucket, on its page and on those that follow it.
    fn bucket(&mut self, first: u32, pairs: &[Pair]) -> Result<(), Damage> {
        let kind = if self.file.is_sorted()? { kind::HASH } else { kind::HASH_UNSORTED };
        let mut page = first;
        self.head(page, kind, 0, 0)?;
        let (mut count, mut end) = (0, self.file.size);
        for pair in pairs {
            let key = [&[item::DATA][..], &pair.key].concat();
            let value = self.value(&pair.value)?;
            if HEADER + 2 * (count + 2) + key.len() + value.len() > end {
                self.close(page, count, end);
                let next = self.add()?;
                self.put_number(page, 16, next);
                self.head(next, kind, page, 0)?;
                (page, count, end) = (next, 0, self.file.size);
            }
            for bytes in [key, value] {
                end -= bytes.len();
                self.put(page, end, &bytes);
                self.put_short(page, HEADER + 2 * count, end);
                count += 1;
            }
        }
        self.close(page, count, end);
        Ok(())
    }

    fn close(&mut self, page: u32, count: usize, end: usize) {
        self.put_short(page, 20, count);
        self.put_short(page, 22, end);
    }

    /// The item of a value; one that is larger than a quarter of a page goes into pages of its own.
    fn value(&mut self, value: &[u8]) -> Result<Vec<u8>, Damage> {
        if value.len() <= self.file.size / 4 {
            return Ok([&[item::DATA][..], value].concat());
        }
        let size = u32::try_from(value.len()).map_err(|_| Damage("too large"))?;
        let mut first = 0;
        let mut previous = 0;
        for piece in value.chunks(self.file.size - HEADER) {
            let page = self.add()?;
            self.head(page, kind::OVERFLOW, previous, 0)?;
            // So many items lead here, and so many bytes are on it.
            self.put_short(page, 20, 1);
            self.put_short(page, 22, piece.len());
            self.put(page, HEADER, piece);
            if previous == 0 {
                first = page;
            } else {
                self.put_number(previous, 16, page);
            }
            previous = page;
        }
        let order = self.file.order;
        Ok([&[item::OFF_PAGE, 0, 0, 0][..], &order.bytes(first), &order.bytes(size)].concat())
    }

    /// Writes the first page: the one of before, but for what it says of buckets and pages.
    fn meta(&mut self, buckets: usize, keys: usize) -> Result<(), Damage> {
        let before = self.file.first()?;
        self.put(0, 0, before);
        let last = (self.out.len() / self.file.size - 1) as u32;
        let (buckets, keys) = (buckets as u32, keys as u32);
        for (at, number) in [
            (meta::FREE, 0),
            (meta::LAST_PAGE, last),
            (meta::KEYS, keys),
            (meta::VALUES, keys),
            (meta::MAX_BUCKET, buckets - 1),
            (meta::HIGH_MASK, buckets - 1),
            (meta::LOW_MASK, buckets / 2 - 1),
            (meta::ELEMENTS, keys),
        ] {
            self.put_number(0, at, number);
        }
        // For each doubling, its first page less its first bucket: they follow one another from page 1 on. Those to come have none.
        for (doubling, at) in (meta::SPARES..meta::SPARES_END).step_by(4).enumerate() {
            self.put_number(0, at, u32::from(doubling <= buckets.trailing_zeros() as usize));
        }
        Ok(())
    }
}
