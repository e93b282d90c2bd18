//! Pages of a hash.

use crate::owners::rpm::database::Damage;

/// What every page begins with.
pub const HEADER: usize = 26;

/// What marks a hash, in the byte order of the file.
const MAGIC: u32 = 0x0006_1561;

/// Versions of hashes whose pages are as described here.
const VERSIONS: std::ops::RangeInclusive<u32> = 8..=10;

/// From this version on, keys on a page are sorted.
const SORTED_FROM: u32 = 9;

/// Types of pages.
pub mod kind {
    pub const HASH_UNSORTED: u8 = 2;
    pub const OVERFLOW: u8 = 7;
    pub const HASH_META: u8 = 8;
    pub const HASH: u8 = 13;
}

/// Types of items on a page of a bucket.
pub mod item {
    pub const DATA: u8 = 1;
    pub const OFF_PAGE: u8 = 3;
}

/// Places on the first page.
pub mod meta {
    pub const MAGIC: usize = 12;
    pub const VERSION: usize = 16;
    pub const PAGE_SIZE: usize = 20;
    pub const ENCRYPTION: usize = 24;
    pub const TYPE: usize = 25;
    /// Whether pages have checksums.
    pub const META_FLAGS: usize = 26;
    pub const FREE: usize = 28;
    pub const LAST_PAGE: usize = 32;
    pub const PARTS: usize = 36;
    pub const KEYS: usize = 40;
    pub const VALUES: usize = 44;
    /// Whether keys may have several values.
    pub const FLAGS: usize = 48;
    pub const MAX_BUCKET: usize = 72;
    pub const HIGH_MASK: usize = 76;
    pub const LOW_MASK: usize = 80;
    pub const ELEMENTS: usize = 88;
    /// The hash of a certain text, which tells hash functions apart.
    pub const CHECK: usize = 92;
    pub const SPARES: usize = 96;
    pub const SPARES_END: usize = 224;
}

const DAMAGED: Damage = Damage("a damaged page");

/// The byte order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    /// Four bytes as a number.
    pub fn number(self, bytes: [u8; 4]) -> u32 {
        if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }

    /// A number as bytes.
    pub fn bytes(self, number: u32) -> [u8; 4] {
        if self == Self::Little { number.to_le_bytes() } else { number.to_be_bytes() }
    }

    /// A small number as bytes.
    pub fn short(self, number: u16) -> [u8; 2] {
        if self == Self::Little { number.to_le_bytes() } else { number.to_be_bytes() }
    }
}

/// What stands on a page of a bucket.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// Bytes.
    Data(&'a [u8]),
    /// Bytes on pages of their own.
    Chain {
        /// The first of them.
        first: u32,
        /// How many bytes.
        size: u32,
    },
}

/// A hash as bytes.
pub struct File<'a> {
    main: &'a [u8],
    /// Its byte order.
    pub order: Order,
    /// Bytes of a page.
    pub size: usize,
    /// Pages of chains that have been read: each is part of one only.
    read: Vec<bool>,
    /// How many bytes on pages of buckets may still be copied: items may overlap.
    left: usize,
}

impl<'a> File<'a> {
    /// Reads the first page.
    pub fn open(main: &'a [u8]) -> Result<Self, Damage> {
        let magic = main.get(meta::MAGIC..meta::MAGIC + 4).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        let order = [Order::Little, Order::Big].into_iter().find(|order| order.number(magic) == MAGIC);
        let order = order.ok_or(Damage("no hash of Berkeley DB"))?;
        let mut file = Self { main, order, size: 512, read: Vec::new(), left: main.len() };
        let size = file.meta(meta::PAGE_SIZE)? as usize;
        let is_known = VERSIONS.contains(&file.meta(meta::VERSION)?) && main.get(meta::TYPE) == Some(&kind::HASH_META);
        let is_plain = main.get(meta::ENCRYPTION) == Some(&0);
        if !is_known || !is_plain || !size.is_power_of_two() || !(512..=65536).contains(&size) {
            return Err(Damage("a hash of an unknown form"));
        }
        file.size = size;
        file.read = vec![false; main.len() / size];
        Ok(file)
    }

    /// A number on the first page.
    pub fn meta(&self, at: usize) -> Result<u32, Damage> {
        let bytes = self.main.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).ok_or(DAMAGED)?;
        Ok(self.order.number(bytes))
    }

    /// The first page.
    pub fn first(&self) -> Result<&'a [u8], Damage> {
        self.main.get(..self.size).ok_or(DAMAGED)
    }

    /// How many pages there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.read.len()).unwrap_or(u32::MAX)
    }

    /// Whether keys on a page are sorted.
    pub fn is_sorted(&self) -> Result<bool, Damage> {
        Ok(self.meta(meta::VERSION)? >= SORTED_FROM)
    }

    fn page(&self, number: u32) -> Result<&'a [u8], Damage> {
        let start = (number as usize).checked_mul(self.size).ok_or(DAMAGED)?;
        start.checked_add(self.size).and_then(|end| self.main.get(start..end)).ok_or(DAMAGED)
    }

    fn number(&self, page: &[u8], at: usize) -> Result<u32, Damage> {
        let bytes = page.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).ok_or(DAMAGED)?;
        Ok(self.order.number(bytes))
    }

    fn short(&self, page: &[u8], at: usize) -> Result<usize, Damage> {
        let two: [u8; 2] = page.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).ok_or(DAMAGED)?;
        let number = if self.order == Order::Little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) };
        Ok(usize::from(number))
    }

    /// What stands on a page of a bucket; none if it is a page of another kind.
    pub fn items(&self, number: u32) -> Result<Option<Vec<Item<'a>>>, Damage> {
        let page = self.page(number)?;
        if !matches!(page[25], kind::HASH | kind::HASH_UNSORTED) {
            return Ok(None);
        }
        let mut end = self.size;
        let mut items = Vec::new();
        for at in 0..self.short(page, 20)? {
            // Items lie from the end of the page to the front, each up to where the one before begins.
            let start = self.short(page, HEADER + 2 * at)?;
            let bytes = page.get(start..end).ok_or(DAMAGED)?;
            items.push(match bytes.split_first().ok_or(DAMAGED)? {
                (&item::DATA, data) => Item::Data(data),
                (&item::OFF_PAGE, _) => Item::Chain { first: self.number(bytes, 4)?, size: self.number(bytes, 8)? },
                _ => return Err(Damage("a key with several values")),
            });
            end = start;
        }
        Ok(Some(items))
    }

    /// Copies the bytes of an item.
    pub fn copy(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Damage> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(DAMAGED)?;
        Ok(bytes.to_vec())
    }

    /// The bytes of a chain of pages. No page is read twice, so that the chain ends.
    pub fn chain(&mut self, first: u32, size: u32) -> Result<Vec<u8>, Damage> {
        const BROKEN: Damage = Damage("a broken chain of pages");
        let mut bytes = Vec::new();
        let mut next = first;
        while next != 0 {
            let page = self.page(next)?;
            let is_new = self.read.get_mut(next as usize).is_some_and(|read| !std::mem::replace(read, true));
            if page[25] != kind::OVERFLOW || !is_new {
                return Err(BROKEN);
            }
            let end = HEADER + self.short(page, 22)?;
            bytes.extend_from_slice(page.get(HEADER..end).ok_or(BROKEN)?);
            next = self.number(page, 16)?;
        }
        if bytes.len() == size as usize { Ok(bytes) } else { Err(BROKEN) }
    }
}
