//! Any bytes as a database of rpm in one of its formats, or as the log of one in SQLite's: read, and written without some headers.
#![no_main]

use bantam::owners::rpm::database::{Database, Format};

#[derive(Clone, Copy)]
enum Kind {
    Main(Format),
    Log,
}

const KINDS: [Kind; 4] = [Kind::Main(Format::Sqlite), Kind::Main(Format::Ndb), Kind::Main(Format::Bdb), Kind::Log];

/// A database without tables, in pages of 512 bytes, as SQLite makes it.
fn empty() -> Vec<u8> {
    let mut main = vec![0; 512];
    main[..24].copy_from_slice(b"SQLite format 3\0\x02\0\x02\x02\0\x40\x20\x20");
    main[28..32].copy_from_slice(&1u32.to_be_bytes());
    main[56..60].copy_from_slice(&1u32.to_be_bytes());
    main[100..108].copy_from_slice(&[13, 0, 0, 0, 0, 2, 0, 0]);
    main
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((kind, content)) = bantam_fuzz::choose(&KINDS, bytes) else { return };
    let empty = empty();
    let database = match *kind {
        Kind::Main(format) => Database { format, main: content, log: &[] },
        Kind::Log => Database { format: Format::Sqlite, main: &empty, log: content },
    };
    if database.records().is_ok() {
        let _ = database.with_only(&|number| number % 2 == 0);
    }
});
