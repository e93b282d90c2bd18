//! `Packages`, a hash of Berkeley DB: the format that rpm up to 4.16 writes, and what CentOS 7, Amazon Linux 2 and older ones have.
//!
//! The format is that of Berkeley DB's `dbinc/db_page.h` (4.x and 5.3): pages in the byte order of the machine, the first one is about the
//! hash, keys and values take turns on the pages of its buckets, and a value that is larger than a quarter of a page lies in a
//! chain of pages of its own. Keys are numbers of headers; number 0 is that of the last header.

mod page;
#[cfg(test)]
mod tests;
mod write;

use super::database::{Damage, MAX_HEADERS, Record};
use page::{File, Item};
pub use write::with_only;

/// The key of the number that the last header has got.
const LAST: u32 = 0;

/// A key and its value.
struct Pair {
    key: [u8; 4],
    /// The key as a number.
    number: u32,
    value: Vec<u8>,
}

/// All keys with their values, in the order of the file.
fn pairs(file: &mut File<'_>) -> Result<Vec<Pair>, Damage> {
    let mut pairs = Vec::new();
    for number in 1..file.count() {
        let Some(items) = file.items(number)? else { continue };
        for pair in items.chunks(2) {
            let [Item::Data(key), value] = pair else { return Err(Damage("a key without a value")) };
            let key: [u8; 4] = (*key).try_into().map_err(|_| Damage("a key that is no number"))?;
            let value = match *value {
                Item::Data(value) => file.copy(value)?,
                Item::Chain { first, size } => file.chain(first, size)?,
            };
            if pairs.len() > MAX_HEADERS {
                return Err(Damage("too many headers"));
            }
            pairs.push(Pair { key, number: file.order.number(key), value });
        }
    }
    Ok(pairs)
}

/// The headers of a database.
pub fn records(main: &[u8]) -> Result<Vec<Record>, Damage> {
    let pairs = pairs(&mut File::open(main)?)?;
    let headers = pairs.into_iter().filter(|pair| pair.number != LAST);
    Ok(headers.map(|pair| Record { number: pair.number, blob: pair.value }).collect())
}
