//! `rpmdb.sqlite`, read and written as bytes: a table `Packages` of headers, and tables and indexes that say which header has
//! which name, file or provision. rpm's `lib/backend/sqlite.c` has the schema, <https://www.sqlite.org/fileformat2.html> the format.
//!
//! SQLite itself is not used, as it opens files, trusts what is in them more than an image should be, and is C.

mod pages;
pub mod record;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use std::collections::{HashMap, HashSet};

use super::database::{Damage, MAX_HEADERS, Record};
use pages::{HEADER, Pages};
use record::{Value, record, values};
use tree::{Cell, walk};
use write::Writer;

/// The table of headers.
const PACKAGES: &[u8] = b"Packages";

/// The column in which other tables name a header.
const NUMBER: &[u8] = b"hnum";

/// Where the table of tables begins.
const SCHEMA: u32 = 1;

const DAMAGED: Damage = Damage("a damaged schema");

/// A row of the table of tables.
struct Object {
    row: i64,
    kind: Vec<u8>,
    name: Vec<u8>,
    /// The table that an index is of.
    table: Vec<u8>,
    root: u32,
    sql: Option<Vec<u8>>,
}

impl Object {
    fn parse(cell: &Cell) -> Option<Self> {
        let mut values = values(&cell.payload);
        let mut text = || match values.next()? {
            Value::Text(text) => Some(text.to_vec()),
            _ => None,
        };
        let (kind, name, table) = (text()?, text()?, text()?);
        let root = match values.next()? {
            Value::Integer(root) => u32::try_from(root).ok()?,
            Value::Null => 0,
            _ => return None,
        };
        let sql = match values.next()? {
            Value::Text(sql) => Some(sql.to_vec()),
            _ => None,
        };
        Some(Self { row: cell.row, kind, name, table, root, sql })
    }

    fn cell(&self) -> Cell {
        let text = |bytes| Value::Text(bytes);
        let sql = self.sql.as_deref().map_or(Value::Null, Value::Text);
        let values = [text(&self.kind), text(&self.name), text(&self.table), Value::Integer(i64::from(self.root)), sql];
        Cell { row: self.row, payload: record(&values) }
    }

    /// The position of the column that names a header, in the statement that made the table.
    fn number_column(&self) -> Option<usize> {
        let sql = self.sql.as_deref()?;
        let open = sql.iter().position(|&byte| byte == b'(')?;
        sql[open + 1..].split(|&byte| byte == b',').position(|column| {
            let mut words =
                column.split(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\'' | b'"' | b'`' | b'[' | b']'));
            words.find(|word| !word.is_empty()) == Some(NUMBER)
        })
    }
}

fn schema(pages: &mut Pages<'_>) -> Result<Vec<Object>, Damage> {
    // Text in UTF-16 would have to be read otherwise; rpm never writes it. 0 is a database without tables.
    let encoding = pages.look(SCHEMA)?.get(56..60).ok_or(DAMAGED)?;
    if !matches!(encoding, [0, 0, 0, 0 | 1]) {
        return Err(Damage("text in UTF-16"));
    }
    let mut objects = Vec::new();
    walk(pages, SCHEMA, true, &mut |cell| {
        objects.push(Object::parse(&cell).ok_or(DAMAGED)?);
        Ok(())
    })?;
    Ok(objects)
}

/// The headers of a database.
pub fn records(main: &[u8], log: &[u8]) -> Result<Vec<Record>, Damage> {
    // rpm makes an empty file if it is asked before anything is installed.
    if main.is_empty() && log.is_empty() {
        return Ok(Vec::new());
    }
    let mut pages = Pages::open(main, log)?;
    let objects = schema(&mut pages)?;
    let Some(packages) = objects.iter().find(|object| object.name == PACKAGES) else { return Ok(Vec::new()) };
    let mut records = Vec::new();
    walk(&mut pages, packages.root, true, &mut |cell| {
        let number = u32::try_from(cell.row).map_err(|_| Damage("a number of a header that rpm has not"))?;
        let blob =
            values(&cell.payload).find_map(|value| if let Value::Blob(blob) = value { Some(blob) } else { None });
        if records.len() == MAX_HEADERS {
            return Err(Damage("too many headers"));
        }
        records.extend(blob.map(|blob| Record { number, blob: blob.to_vec() }));
        Ok(())
    })?;
    Ok(records)
}

/// The database anew, with the headers that `keeps` says yes to and what other tables say of them.
pub fn with_only(main: &[u8], log: &[u8], keeps: &dyn Fn(u32) -> bool) -> Result<Vec<u8>, Damage> {
    let keeps = |number: i64| u32::try_from(number).is_ok_and(keeps);
    let mut columns: HashMap<Vec<u8>, Option<usize>> = HashMap::new();
    without(main, log, &mut |table, cell| {
        if table.name == PACKAGES {
            return !keeps(cell.row);
        }
        let column = match columns.get(&table.name) {
            Some(&column) => column,
            None => *columns.entry(table.name.clone()).or_insert_with(|| table.number_column()),
        };
        match column.and_then(|column| values(&cell.payload).nth(column)) {
            Some(Value::Integer(number)) => !keeps(number),
            _ => false,
        }
    })
}

/// The rows of a table, if there is one of this name.
pub fn rows(main: &[u8], log: &[u8], table: &[u8], take: &mut dyn FnMut(i64, &[u8])) -> Result<(), Damage> {
    let mut pages = Pages::open(main, log)?;
    let objects = schema(&mut pages)?;
    let Some(found) = objects.iter().find(|object| object.kind == b"table" && object.name == table) else {
        return Ok(());
    };
    walk(&mut pages, found.root, true, &mut |cell| {
        take(cell.row, &cell.payload);
        Ok(())
    })
}

/// Whether a row goes, given its table's name, its number and its values.
pub type Goes<'g> = dyn FnMut(&[u8], i64, &[u8]) -> bool + 'g;

/// The database anew, without the rows that `goes` says yes to.
pub fn without_rows(main: &[u8], log: &[u8], goes: &mut Goes<'_>) -> Result<Vec<u8>, Damage> {
    without(main, log, &mut |table, cell| goes(&table.name, cell.row, &cell.payload))
}

fn without(main: &[u8], log: &[u8], goes: &mut dyn FnMut(&Object, &Cell) -> bool) -> Result<Vec<u8>, Damage> {
    let mut pages = Pages::open(main, log)?;
    let header = pages.look(SCHEMA)?.get(..HEADER).ok_or(DAMAGED)?;
    let mut objects = schema(&mut pages)?;
    let mut writer = Writer::new(pages.size, pages.usable);
    // Rows that go, by table. Indexes name them and come after.
    let mut gone: HashMap<Vec<u8>, HashSet<i64>> = HashMap::new();
    for object in objects.iter_mut().filter(|object| object.kind == b"table" && object.root > 0) {
        let mut rows = HashSet::new();
        let mut cells = Vec::new();
        walk(&mut pages, object.root, true, &mut |cell| {
            if goes(object, &cell) {
                rows.insert(cell.row);
            } else {
                cells.push(cell);
            }
            Ok(())
        })?;
        object.root = writer.tree(cells, true, false)?;
        gone.insert(object.name.clone(), rows);
    }
    for object in objects.iter_mut().filter(|object| object.kind == b"index" && object.root > 0) {
        let rows = gone.get(&object.table).ok_or(DAMAGED)?;
        let mut cells = Vec::new();
        walk(&mut pages, object.root, false, &mut |cell| {
            // The last column of an index is the row that has the others.
            match values(&cell.payload).last() {
                Some(Value::Integer(row)) if rows.contains(&row) => {}
                Some(Value::Integer(_)) => cells.push(cell),
                _ => return Err(Damage("an index whose entries name no rows")),
            }
            Ok(())
        })?;
        object.root = writer.tree(cells, false, false)?;
    }
    writer.tree(objects.iter().map(Object::cell).collect(), true, true)?;
    writer.finish(header)
}
