//! B-trees of a SQLite database, read in order: <https://www.sqlite.org/fileformat2.html>, section 1.6.

use super::pages::{HEADER, Pages};
use super::record::varint;
use crate::owners::rpm::database::Damage;

/// Trees of real databases have a handful of levels.
const MAX_DEPTH: usize = 32;

/// Kinds of pages.
pub mod kind {
    pub const INDEX_INTERIOR: u8 = 2;
    pub const TABLE_INTERIOR: u8 = 5;
    pub const INDEX_LEAF: u8 = 10;
    pub const TABLE_LEAF: u8 = 13;
}

/// A row of a table or an entry of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The row's number; 0 in an index.
    pub row: i64,
    /// The record.
    pub payload: Vec<u8>,
}

const DAMAGED: Damage = Damage("a damaged page");

/// How many bytes of a payload are in the tree's own page.
pub fn local(usable: usize, is_table: bool, payload: usize) -> usize {
    let most = if is_table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if payload <= most {
        return payload;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let some = least + (payload - least) % (usable - 4);
    if some <= most { some } else { least }
}

/// A page of a tree on the way down.
struct Level<'a> {
    page: &'a [u8],
    kind: u8,
    /// Where the header is.
    base: usize,
    cells: usize,
    next: usize,
}

impl<'a> Level<'a> {
    fn open(pages: &mut Pages<'a>, number: u32, is_table: bool) -> Result<Self, Damage> {
        let page = pages.take(number)?;
        let base = if number == 1 { HEADER } else { 0 };
        let kind = *page.get(base).ok_or(DAMAGED)?;
        let fits = match kind {
            kind::TABLE_INTERIOR | kind::TABLE_LEAF => is_table,
            kind::INDEX_INTERIOR | kind::INDEX_LEAF => !is_table,
            _ => false,
        };
        let cells = usize::from(pair(page, base + 3)?);
        if fits { Ok(Self { page, kind, base, cells, next: 0 }) } else { Err(DAMAGED) }
    }

    fn is_leaf(&self) -> bool {
        matches!(self.kind, kind::TABLE_LEAF | kind::INDEX_LEAF)
    }

    fn cell(&self, at: usize) -> Result<&'a [u8], Damage> {
        let pointers = self.base + if self.is_leaf() { 8 } else { 12 };
        let start = usize::from(pair(self.page, pointers + 2 * at)?);
        self.page.get(start..).ok_or(DAMAGED)
    }

    /// The page left of a cell; right of the last one, if there are no more.
    fn child(&self, at: usize) -> Result<u32, Damage> {
        let bytes = if at < self.cells { self.cell(at)? } else { self.page.get(self.base + 8..).ok_or(DAMAGED)? };
        Ok(u32::from_be_bytes(bytes.get(..4).ok_or(DAMAGED)?.try_into().map_err(|_| DAMAGED)?))
    }
}

fn pair(page: &[u8], at: usize) -> Result<u16, Damage> {
    let two = page.get(at..at + 2).ok_or(DAMAGED)?;
    Ok(u16::from_be_bytes([two[0], two[1]]))
}

/// Gives the cells of the tree whose first page is `root` to `take`, in the order of the tree.
pub fn walk<'a>(
    pages: &mut Pages<'a>,
    root: u32,
    is_table: bool,
    take: &mut dyn FnMut(Cell) -> Result<(), Damage>,
) -> Result<(), Damage> {
    let mut path = vec![Level::open(pages, root, is_table)?];
    while let Some(level) = path.last_mut() {
        let at = level.next;
        level.next += 1;
        if level.is_leaf() {
            if at < level.cells {
                take(cell(pages, level.cell(at)?, is_table)?)?;
            } else {
                path.pop();
            }
            continue;
        }
        // Between two pages of an index is an entry of its own.
        if at > 0 && at <= level.cells && !is_table {
            let bytes = level.cell(at - 1)?.get(4..).ok_or(DAMAGED)?;
            take(cell(pages, bytes, is_table)?)?;
        }
        if at > level.cells {
            path.pop();
            continue;
        }
        let child = level.child(at)?;
        if path.len() >= MAX_DEPTH {
            return Err(DAMAGED);
        }
        let child = Level::open(pages, child, is_table)?;
        path.push(child);
    }
    Ok(())
}

/// Reads a cell and the pages its payload goes on in.
fn cell<'a>(pages: &mut Pages<'a>, bytes: &'a [u8], is_table: bool) -> Result<Cell, Damage> {
    let (size, mut at) = varint(bytes).ok_or(DAMAGED)?;
    let size = usize::try_from(size).map_err(|_| DAMAGED)?;
    let mut row = 0;
    if is_table {
        let (number, len) = varint(&bytes[at..]).ok_or(DAMAGED)?;
        row = number as i64;
        at += len;
    }
    let here = local(pages.usable, is_table, size);
    pages.spend(here + 1)?;
    let mut payload = bytes.get(at..at + here).ok_or(DAMAGED)?.to_vec();
    let mut next = bytes.get(at + here..).unwrap_or_default();
    while payload.len() < size {
        let number = next.get(..4).ok_or(DAMAGED)?;
        let page = pages.take(u32::from_be_bytes(number.try_into().map_err(|_| DAMAGED)?))?;
        next = &page[..4];
        let end = pages.usable.min((size - payload.len()).saturating_add(4));
        payload.extend_from_slice(&page[4..end]);
    }
    Ok(Cell { row, payload })
}
