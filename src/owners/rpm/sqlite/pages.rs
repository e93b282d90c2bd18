//! Pages of a SQLite database and of its write-ahead log: <https://www.sqlite.org/fileformat2.html>, sections 1.3 and 4.

use std::collections::HashMap;

use crate::owners::rpm::database::Damage;

/// What every database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The size of a database's header, which is the beginning of page 1.
pub const HEADER: usize = 100;

/// Sizes of the log's own header and of each frame's.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The pages of a database as its log leaves them.
pub struct Pages<'a> {
    main: &'a [u8],
    newer: HashMap<u32, &'a [u8]>,
    /// Bytes of a page.
    pub size: usize,
    /// Those of them that are used.
    pub usable: usize,
    /// Which pages have been read: a page is part of one tree only.
    read: Vec<bool>,
    /// How many bytes of cells may still be read: a page may point to one cell any number of times.
    left: usize,
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

impl<'a> Pages<'a> {
    /// Reads the header of a database, and the frames of its log.
    pub fn open(main: &'a [u8], log: &'a [u8]) -> Result<Self, Damage> {
        const NO_DATABASE: Damage = Damage("no SQLite database");
        // A database may be in its log altogether.
        let first = if main.is_empty() { log.get(LOG_HEADER + FRAME_HEADER..).unwrap_or_default() } else { main };
        let header = first.get(..HEADER).filter(|header| header.starts_with(MAGIC)).ok_or(NO_DATABASE)?;
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65536,
            size => usize::from(size),
        };
        let usable = size.saturating_sub(usize::from(header[20]));
        // 480 is what SQLite asks for.
        if size < 512 || !size.is_power_of_two() || usable < 480 {
            return Err(NO_DATABASE);
        }
        let newer = frames(log, size);
        let last = newer.keys().copied().max().unwrap_or_default() as usize;
        let count = (main.len() / size).max(last.min(log.len() / size + main.len() / size));
        Ok(Self { main, newer, size, usable, read: vec![false; count + 1], left: main.len() + log.len() })
    }

    /// Counts bytes of cells.
    pub fn spend(&mut self, bytes: usize) -> Result<(), Damage> {
        self.left = self.left.checked_sub(bytes).ok_or(Damage("cells that overlap"))?;
        Ok(())
    }

    /// The page with this number, the first of which is 1. No page is given out twice.
    pub fn take(&mut self, page: u32) -> Result<&'a [u8], Damage> {
        let at = page as usize;
        match self.read.get_mut(at) {
            Some(read) if at > 0 && !*read => *read = true,
            _ => return Err(Damage("a page that is not there, or is used twice")),
        }
        self.look(page)
    }

    /// The page with this number, which may be taken later.
    pub fn look(&self, page: u32) -> Result<&'a [u8], Damage> {
        if let Some(page) = self.newer.get(&page) {
            return Ok(page);
        }
        let start = (page as usize).checked_sub(1).and_then(|before| before.checked_mul(self.size));
        start
            .and_then(|start| self.main.get(start..start.checked_add(self.size)?))
            .ok_or(Damage("a page that is not there"))
    }
}

/// The newest pages that transactions in the log have committed.
fn frames(log: &[u8], size: usize) -> HashMap<u32, &[u8]> {
    let mut committed = HashMap::new();
    let mut pending = Vec::new();
    let Some(header) = log.get(..LOG_HEADER) else { return committed };
    let order: fn([u8; 4]) -> u32 = match number(header, 0) {
        Some(0x377f_0682) => u32::from_le_bytes,
        Some(0x377f_0683) => u32::from_be_bytes,
        _ => return committed,
    };
    let sum = checksum(order, (0, 0), &header[..24]);
    if number(header, 8) != u32::try_from(size).ok() || stored(header, 24) != Some(sum) {
        return committed;
    }
    let mut sum = sum;
    for frame in log[LOG_HEADER..].chunks_exact(FRAME_HEADER + size) {
        let (head, page) = frame.split_at(FRAME_HEADER);
        sum = checksum(order, checksum(order, sum, &head[..8]), page);
        // What is left of an earlier log has other salts.
        if head[8..16] != header[16..24] || stored(head, 16) != Some(sum) {
            break;
        }
        pending.push((number(head, 0).unwrap_or_default(), page));
        if number(head, 4) != Some(0) {
            committed.extend(pending.drain(..));
        }
    }
    committed
}

fn stored(bytes: &[u8], at: usize) -> Option<(u32, u32)> {
    Some((number(bytes, at)?, number(bytes, at + 4)?))
}

/// Section 4.2: two sums over pairs of numbers.
fn checksum(order: fn([u8; 4]) -> u32, start: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    bytes.chunks_exact(8).fold(start, |(one, two), pair| {
        let at = |from: usize| order([pair[from], pair[from + 1], pair[from + 2], pair[from + 3]]);
        let one = one.wrapping_add(at(0)).wrapping_add(two);
        (one, two.wrapping_add(at(4)).wrapping_add(one))
    })
}
