//! Headers and databases for tests.

use std::io::Read;

/// A header of these tags: number, type, count and bytes.
pub(crate) fn header(tags: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
    let mut index = Vec::new();
    let mut store = Vec::new();
    for (tag, kind, count, bytes) in tags {
        let aligned = match *kind {
            3 => 2,
            4 => 4,
            _ => 1,
        };
        while store.len() % aligned != 0 {
            store.push(0);
        }
        for number in [*tag, *kind, store.len() as u32, *count] {
            index.extend(number.to_be_bytes());
        }
        store.extend_from_slice(bytes);
    }
    let counts = [tags.len() as u32, store.len() as u32].map(u32::to_be_bytes).concat();
    [counts, index, store].concat()
}

/// A package with these regular files.
pub(crate) fn package(name: &str, files: &[&str]) -> Vec<u8> {
    let name = format!("{name}\0");
    let paths: Vec<u8> = files.iter().flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect();
    header(&[
        (1000, 6, 1, name.as_bytes()),
        (1001, 6, 1, b"1\0"),
        (1002, 6, 1, b"2\0"),
        (1022, 6, 1, b"x86_64\0"),
        (1027, 8, files.len() as u32, &paths),
    ])
}

/// A database in rpm's own format (ndb), with a gap in front of every blob: see rpm's `rpmpkg.c`.
pub(crate) fn ndb(blobs: &[(u32, &[u8])]) -> Vec<u8> {
    let mut table = [&b"RpmP"[..], &0u32.to_le_bytes(), &7u32.to_le_bytes(), &1u32.to_le_bytes()].concat();
    table.extend([&9u32.to_le_bytes()[..], &[0; 12]].concat());
    let mut body = Vec::new();
    for (number, blob) in blobs {
        body.extend([0; 32]);
        let start = (4096 + body.len()) / 16;
        let size = (blob.len() as u32).to_le_bytes();
        body.extend([&b"BlbS"[..], &number.to_le_bytes(), &7u32.to_le_bytes(), &size].concat());
        body.extend_from_slice(blob);
        while (body.len() + 12) % 16 != 0 {
            body.push(0);
        }
        body.extend([&b"sum!"[..], &size, b"BlbE"].concat());
        let count = (4096 + body.len()) / 16 - start;
        table.extend([&b"Slot"[..], &number.to_le_bytes(), &(start as u32).to_le_bytes()].concat());
        table.extend((count as u32).to_le_bytes());
        // A slot that is free again.
        table.extend([&b"Slot"[..], &[0; 12]].concat());
    }
    while table.len() < 4096 {
        table.extend([&b"Slot"[..], &[0; 12]].concat());
    }
    [table, body].concat()
}

/// What a file of `testdata` holds.
pub(crate) fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}
