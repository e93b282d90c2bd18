use super::record::put_varint;
use super::*;
use crate::owners::rpm::header::Header;
use crate::owners::rpm::testing::unpacked;

// testdata/make says how they were made.
const PLAIN: &[u8] = include_bytes!("../testdata/rpmdb.sqlite.gz");
const LOGGED: &[u8] = include_bytes!("../testdata/logged.sqlite.gz");
const LOG: &[u8] = include_bytes!("../testdata/logged.sqlite-wal.gz");

fn names(main: &[u8], log: &[u8]) -> Vec<(u32, String)> {
    let records = records(main, log).unwrap();
    records.iter().map(|record| (record.number, Header::parse(&record.blob).unwrap().name().unwrap())).collect()
}

fn want(names: &[(u32, &str)]) -> Vec<(u32, String)> {
    names.iter().map(|(number, name)| (*number, (*name).to_owned())).collect()
}

#[test]
fn headers_of_a_database_of_rpm_are_read() {
    let main = unpacked(PLAIN);
    assert_eq!(names(&main, b""), want(&[(1, "other"), (2, "mini"), (3, "bulk")]));
    let records = records(&main, b"").unwrap();
    let mini = Header::parse(&records[1].blob).unwrap();
    assert_eq!((mini.version().as_str(), mini.architecture().as_deref()), ("3:1.0-2.el9", Some("noarch")));
    assert_eq!(mini.source().as_deref(), Some("mini (1.0-2.el9)"));
    let files = mini.files();
    let paths: Vec<_> = files.list.iter().map(|file| [files.dirs[file.dir], file.name].concat()).collect();
    assert_eq!(paths, [&b"/etc/mini.conf"[..], b"/usr/bin/mini", b"/usr/bin/mini-link", b"/var/log/mini.log"]);
    assert_eq!(Header::parse(&records[2].blob).unwrap().files().list.len(), 601);
}

#[test]
fn what_the_log_has_counts_and_becomes_part_of_the_database() {
    let (main, log) = (unpacked(LOGGED), unpacked(LOG));
    assert_eq!(names(&main, b""), want(&[(1, "other"), (2, "mini"), (3, "bulk")]));
    let newer = want(&[(2, "mini"), (3, "bulk"), (77, "mini")]);
    assert_eq!(names(&main, &log), newer);
    assert_eq!(names(&with_only(&main, &log, &|_| true).unwrap(), b""), newer);
    // A frame whose checksum is wrong ends the log, and with it the transaction.
    let mut cut = log.clone();
    let last = cut.len() - 1;
    cut[last] ^= 1;
    assert_eq!(names(&main, &cut), want(&[(1, "other"), (2, "mini"), (3, "bulk")]));
}

/// A row or an entry, as a number and its values.
fn dump(main: &[u8]) -> Vec<(Vec<u8>, Vec<Cell>)> {
    let mut pages = Pages::open(main, b"").unwrap();
    let objects = schema(&mut pages).unwrap();
    let mut all = Vec::new();
    for object in objects {
        let mut cells = Vec::new();
        let mut take = |cell| {
            cells.push(cell);
            Ok(())
        };
        walk(&mut pages, object.root, object.kind == b"table", &mut take).unwrap();
        all.push((object.name, cells));
    }
    all
}

#[test]
fn a_database_written_anew_has_the_same_rows_but_for_those_that_go() {
    let main = unpacked(PLAIN);
    let before = dump(&main);
    assert_eq!(dump(&with_only(&main, b"", &|_| true).unwrap()), before);
    let after = dump(&with_only(&main, b"", &|number| number != 3).unwrap());
    assert_eq!(
        after.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        before.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    let count = |dump: &[(Vec<u8>, Vec<Cell>)], name: &str| {
        dump.iter().find(|(known, _)| known == name.as_bytes()).unwrap().1.len()
    };
    for (name, all, some) in [("Packages", 3, 2), ("Basenames", 607, 6), ("Basenames_key_idx", 607, 6), ("Name", 3, 2)]
    {
        assert_eq!((count(&before, name), count(&after, name)), (all, some), "{name}");
    }
    let none = with_only(&main, b"", &|_| false).unwrap();
    assert_eq!(records(&none, b"").unwrap(), []);
    assert_eq!(count(&dump(&none), "sqlite_sequence"), 1);
}

/// Whether SQLite itself finds nothing wrong is asked by `tests/rpm/run`; here are trees of several levels that it is not asked about.
#[test]
fn trees_of_many_levels_are_read_as_written() {
    for rows in [0, 1, 2, 5, 60, 61, 62, 63, 500, 5000] {
        let cells: Vec<Cell> =
            (0..rows).map(|row| Cell { row, payload: vec![row as u8; 1 + (row as usize * 7) % 900] }).collect();
        for is_table in [true, false] {
            let mut header = vec![0; HEADER];
            header[..16].copy_from_slice(b"SQLite format 3\0");
            header[16..18].copy_from_slice(&512u16.to_be_bytes());
            let mut writer = Writer::new(512, 512);
            let root = writer.tree(cells.clone(), is_table, is_table && rows % 2 == 0).unwrap();
            let main = writer.finish(&header).unwrap();
            let mut found = Vec::new();
            let mut take = |cell| {
                found.push(cell);
                Ok(())
            };
            walk(&mut Pages::open(&main, b"").unwrap(), root, is_table, &mut take).unwrap();
            let numbered = |cell: &Cell| Cell { row: if is_table { cell.row } else { 0 }, ..cell.clone() };
            assert!(found == cells.iter().map(numbered).collect::<Vec<_>>(), "{rows} {is_table}");
        }
    }
}

#[test]
fn damaged_databases_end_without_a_panic() {
    let main = unpacked(PLAIN);
    for at in (0..main.len()).step_by(997).chain((0..600).step_by(7)) {
        let mut damaged = main.clone();
        damaged[at] ^= 0xff;
        records(&damaged, b"").ok();
        with_only(&damaged, b"", &|number| number == 2).ok();
    }
    for len in (1..main.len()).step_by(10_000) {
        assert!(with_only(&main[..len], b"", &|_| true).is_err(), "{len}");
    }
    // A page that leads to itself, and text in UTF-16.
    let mut looped = main.clone();
    looped[100] = 5;
    looped[103..105].copy_from_slice(&[0, 0]);
    looped[108..112].copy_from_slice(&1u32.to_be_bytes());
    assert!(records(&looped, b"").is_err());
    let mut wide = main;
    wide[59] = 2;
    assert_eq!(records(&wide, b""), Err(Damage("text in UTF-16")));
}

/// In a row of the schema, on the first of two pages.
#[test]
fn a_row_that_says_it_is_larger_than_memory_is_damaged() {
    for less in 0..520 {
        let mut main = vec![0; 1024];
        main[..24].copy_from_slice(b"SQLite format 3\0\x02\0\x02\x02\0\x40\x20\x20");
        main[100..110].copy_from_slice(&[13, 0, 0, 0, 1, 0, 0, 0, 0, 112]);
        let mut cell = Vec::new();
        put_varint(&mut cell, u64::MAX - less);
        put_varint(&mut cell, 1);
        main[112..112 + cell.len()].copy_from_slice(&cell);
        // Whatever of it is on the first page, the second is next.
        for at in (112 + cell.len() + 3..512).step_by(4) {
            main[at] = 2;
        }
        assert!(records(&main, b"").is_err(), "{less}");
    }
}
