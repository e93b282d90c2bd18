//! Writes B-trees of a SQLite database, each page as full as it can be: <https://www.sqlite.org/fileformat2.html>, section 1.6.
//!
//! Cells come in the order of their tree, which leaving some out does not change: nothing here compares keys.

use std::ops::Range;

use super::pages::HEADER;
use super::record::put_varint;
use super::tree::{Cell, kind, local};
use crate::owners::rpm::database::Damage;

/// A database that is being written. Page 1 is there from the start.
pub struct Writer {
    out: Vec<u8>,
    size: usize,
    usable: usize,
}

/// What stands in a page: a cell without the page that is left of it, which only interior pages have.
struct Item {
    child: Option<u32>,
    bytes: Vec<u8>,
}

impl Item {
    /// What it takes, with the pointer to it.
    fn size(&self) -> usize {
        // Freed cells become lists with headers of four bytes, so none is smaller.
        2 + (self.bytes.len() + if self.child.is_some() { 4 } else { 0 }).max(4)
    }
}

impl Writer {
    /// For pages of this size.
    pub fn new(size: usize, usable: usize) -> Self {
        Self { out: vec![0; size], size, usable }
    }

    /// The database: `header` is that of another one, whose settings it takes over.
    pub fn finish(mut self, header: &[u8]) -> Result<Vec<u8>, Damage> {
        let pages = u32::try_from(self.out.len() / self.size).map_err(|_| Damage("too large"))?;
        let counter = header.get(24..28).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
        let counter = counter.wrapping_add(1).to_be_bytes();
        let head = self.out.get_mut(..HEADER).ok_or(Damage("too small"))?;
        head.copy_from_slice(header.get(..HEADER).ok_or(Damage("too small"))?);
        // Section 1.3: change counter, size, no list of free pages, no pages for incremental vacuum, what size and counter go by.
        head[24..28].copy_from_slice(&counter);
        head[28..32].copy_from_slice(&pages.to_be_bytes());
        head[32..40].fill(0);
        head[52..56].fill(0);
        head[64..68].fill(0);
        head[92..96].copy_from_slice(&counter);
        Ok(self.out)
    }

    /// Adds an empty page.
    fn add(&mut self) -> Result<u32, Damage> {
        self.out.resize(self.out.len() + self.size, 0);
        u32::try_from(self.out.len() / self.size).map_err(|_| Damage("too large"))
    }

    fn page(&mut self, number: u32) -> &mut [u8] {
        let start = (number as usize - 1) * self.size;
        &mut self.out[start..start + self.size]
    }

    /// The cell as it stands in a leaf; what of the payload does not fit goes into pages of its own.
    fn item(&mut self, cell: &Cell, is_table: bool) -> Result<Item, Damage> {
        let payload = &cell.payload;
        let here = local(self.usable, is_table, payload.len());
        let mut bytes = Vec::with_capacity(here + 22);
        put_varint(&mut bytes, payload.len() as u64);
        if is_table {
            put_varint(&mut bytes, cell.row as u64);
        }
        bytes.extend_from_slice(&payload[..here]);
        if here < payload.len() {
            let mut rest = payload[here..].chunks(self.usable - 4).peekable();
            let mut number = self.add()?;
            bytes.extend(number.to_be_bytes());
            while let Some(piece) = rest.next() {
                let next = if rest.peek().is_some() { self.add()? } else { 0 };
                let page = self.page(number);
                page[..4].copy_from_slice(&next.to_be_bytes());
                page[4..4 + piece.len()].copy_from_slice(piece);
                number = next;
            }
        }
        Ok(Item { child: None, bytes })
    }

    /// Writes a tree and says where it begins: on a page of its own, or on page 1 (`is_first`).
    pub fn tree(&mut self, cells: Vec<Cell>, is_table: bool, is_first: bool) -> Result<u32, Damage> {
        let mut rows = Vec::with_capacity(cells.len());
        let mut items = Vec::with_capacity(cells.len());
        for cell in cells {
            items.push(self.item(&cell, is_table)?);
            rows.push(cell.row);
        }
        let leaf = if is_table { kind::TABLE_LEAF } else { kind::INDEX_LEAF };
        let interior = if is_table { kind::TABLE_INTERIOR } else { kind::INDEX_INTERIOR };
        let root_base = if is_first { HEADER } else { 0 };
        if total(&items) + 8 + root_base <= self.usable {
            return self.root(is_first, leaf, &items, None);
        }
        let groups = split(&items, self.usable - 8, !is_table);
        let mut level = Vec::new();
        let mut last = 0;
        for group in groups {
            let page = self.add()?;
            self.fill(page, leaf, &items[group.clone()], None);
            // Above the leaves of a table stand the numbers of rows, above those of an index its entries.
            let bytes = if is_table {
                let mut bytes = Vec::new();
                put_varint(&mut bytes, rows[group.end - 1] as u64);
                Some(bytes)
            } else {
                items.get_mut(group.end).map(|item| std::mem::take(&mut item.bytes))
            };
            last = page;
            level.extend(bytes.map(|bytes| Item { child: Some(page), bytes }));
        }
        if is_table {
            level.pop();
        }
        while total(&level) + 12 + root_base > self.usable {
            (level, last) = self.level(level, last, interior)?;
        }
        self.root(is_first, interior, &level, Some(last))
    }

    /// Writes one level of interior pages; what it gives is the level above, with the page right of it.
    fn level(&mut self, mut items: Vec<Item>, right: u32, kind: u8) -> Result<(Vec<Item>, u32), Damage> {
        let mut above = Vec::new();
        let mut last = right;
        for group in split(&items, self.usable - 12, true) {
            let page = self.add()?;
            let next = items.get_mut(group.end).map(|next| (next.child, std::mem::take(&mut next.bytes)));
            let to_the_right = next.as_ref().and_then(|next| next.0).unwrap_or(right);
            self.fill(page, kind, &items[group], Some(to_the_right));
            last = page;
            above.extend(next.map(|(_, bytes)| Item { child: Some(page), bytes }));
        }
        Ok((above, last))
    }

    fn root(&mut self, is_first: bool, kind: u8, items: &[Item], right: Option<u32>) -> Result<u32, Damage> {
        let page = if is_first { 1 } else { self.add()? };
        self.fill(page, kind, items, right);
        Ok(page)
    }

    /// Writes header, pointers and cells of a page.
    fn fill(&mut self, number: u32, kind: u8, items: &[Item], right: Option<u32>) {
        let base = if number == 1 { HEADER } else { 0 };
        let mut end = self.usable;
        let page = self.page(number);
        page[base] = kind;
        page[base + 3..base + 5].copy_from_slice(&(items.len() as u16).to_be_bytes());
        let mut pointer = base + 8;
        if let Some(right) = right {
            page[base + 8..base + 12].copy_from_slice(&right.to_be_bytes());
            pointer += 4;
        }
        for item in items {
            end -= item.size() - 2;
            let child = item.child.map(u32::to_be_bytes);
            let child = child.as_ref().map_or(&b""[..], |bytes| bytes);
            page[end..end + child.len()].copy_from_slice(child);
            page[end + child.len()..end + child.len() + item.bytes.len()].copy_from_slice(&item.bytes);
            page[pointer..pointer + 2].copy_from_slice(&(end as u16).to_be_bytes());
            pointer += 2;
        }
        // 65536 is written as 0.
        page[base + 5..base + 7].copy_from_slice(&(end as u16).to_be_bytes());
    }
}

fn total(items: &[Item]) -> usize {
    items.iter().map(Item::size).sum()
}

/// Groups of items that fit into `room` bytes each. With `between`, one item stands between two groups and is part of neither.
fn split(items: &[Item], room: usize, between: bool) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut start = 0;
    while start < items.len() {
        let mut used = 0;
        let mut end = start;
        while end < items.len() && (end == start || used + items[end].size() <= room) {
            used += items[end].size();
            end += 1;
        }
        // The last group has something, too.
        if between && end + 1 == items.len() {
            end -= 1;
        }
        groups.push(start..end);
        start = if between { end + 1 } else { end };
    }
    groups
}
