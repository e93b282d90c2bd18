use proptest::prelude::*;

use super::*;
use crate::tarball::{Segment, TarEntry};

/// A tar in memory.
struct Bytes<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl TarInput for Bytes<'_> {
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.skip(buf.len() as u64)? as usize;
        buf[..count].copy_from_slice(&self.bytes[self.at - count..self.at]);
        Ok(count)
    }

    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let count = count.min((self.bytes.len() - self.at) as u64);
        self.at += count as usize;
        Ok(count)
    }

    fn position(&self) -> u64 {
        self.at as u64
    }
}

fn read(bytes: &[u8]) -> Result<TarIndex, String> {
    index(&mut Bytes { bytes, at: 0 }, &Budget::default()).map_err(|error| match error {
        TarError::Io(error) => error.to_string(),
        TarError::Format(reason) => reason,
    })
}

/// A header and its content, padded.
fn entry(kind: u8, name: &str, size: u64, content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_old_mut().linkflag = [kind];
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(7);
    header.set_size(size);
    header.set_cksum();
    padded(header.as_bytes(), content)
}

fn padded(header: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = [header, content].concat();
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn pax(records: &[(&str, &[u8])]) -> Vec<u8> {
    let mut content = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut len = rest + 1;
        while len != rest + len.to_string().len() {
            len += 1;
        }
        content.extend_from_slice(format!("{len} {key}=").as_bytes());
        content.extend_from_slice(value);
        content.push(b'\n');
    }
    entry(b'x', "pax", content.len() as u64, &content)
}

fn only(index: &TarIndex) -> &TarEntry {
    assert_eq!(index.entries().len(), 1);
    &index.entries()[0]
}

#[test]
fn pax_records_override_the_header() {
    let long = "d/".repeat(200) + "file";
    let records: [(&str, &[u8]); 7] = [
        ("path", long.as_bytes()),
        ("size", b"5"),
        ("uid", b"4000000000"),
        ("gid", b"7"),
        ("mtime", b"1700000000.123456789"),
        ("SCHILY.xattr.user.b", b"2"),
        ("SCHILY.xattr.security.capability", b"\x01\0\0\x02="),
    ];
    let bytes = [pax(&records), entry(b'0', "short", 0, b"hello"), entry(b'5', "next", 0, b"")].concat();
    let index = read(&bytes).unwrap();
    let first = &index.entries()[0];
    assert_eq!(index.path(first), long);
    assert!(matches!(first.kind, EntryKind::File { offset, size: 5 } if &bytes[offset as usize..][..5] == b"hello"));
    assert_eq!((first.meta.uid, first.meta.gid), (4_000_000_000, 7));
    assert_eq!((first.meta.mtime, first.meta.mtime_nanos), (1_700_000_000, 123_456_789));
    let names: Vec<_> = first.xattrs.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["security.capability", "user.b"]);
    assert_eq!(first.xattrs[0].1, b"\x01\0\0\x02=");
    let next = &index.entries()[1];
    assert_eq!(
        (index.path(next), next.meta.uid, next.xattrs.len()),
        ("next".into(), 0, 0),
        "records are for one entry"
    );
}

#[test]
fn gnu_long_names_and_links() {
    let (name, target) = ("n".repeat(300), "t".repeat(300));
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_size(0);
    header.set_mode(0o755);
    builder.append_link(&mut header, &name, &target).unwrap();
    let index = read(&builder.into_inner().unwrap()).unwrap();
    let EntryKind::Symlink(text) = only(&index).kind else { panic!("a symlink") };
    assert_eq!((index.path(only(&index)), index.text(text)), (name.as_str().into(), target.as_str().into()));
    assert_eq!(only(&index).meta.mode, 0o777);
}

#[test]
fn types_and_numbers_of_every_kind() {
    let mut device = Header::new_ustar();
    device.set_entry_type(EntryType::Block);
    device.as_old_mut().name[..3].copy_from_slice(b"dev");
    device.set_device_major(8).unwrap();
    device.set_device_minor(1).unwrap();
    device.set_mode(0o104_755);
    // 2^22 does not fit seven octal digits: base 256.
    device.set_uid(1 << 22);
    device.set_gid(1);
    device.set_size(0);
    device.as_old_mut().mtime = [0xff; 12];
    device.set_cksum();
    let parts = [
        device.as_bytes().to_vec(),
        entry(b'6', "fifo", 0, b""),
        entry(0, "old-dir/", 0, b""),
        entry(b'7', "contiguous", 1, b"x"),
        entry(b'g', "pax_global_header", 3, b"abc"),
        // No content follows a hard link, whatever its size says.
        entry(b'1', "link", 700, b""),
    ];
    let index = read(&parts.concat()).unwrap();
    let kinds: Vec<_> = index.entries().iter().map(|entry| entry.kind.clone()).collect();
    assert!(
        matches!(
            kinds.as_slice(),
            [
                EntryKind::BlockDevice(8, 1),
                EntryKind::Fifo,
                EntryKind::Directory,
                EntryKind::File { size: 1, .. },
                EntryKind::HardLink(_)
            ]
        ),
        "{kinds:?}"
    );
    let device = &index.entries()[0].meta;
    assert_eq!((device.mode, device.uid, device.mtime), (0o4755, 1 << 22, -1));
}

fn runs(index: &TarIndex, bytes: &[u8]) -> (String, u64, Vec<(u64, String)>) {
    let entry = only(index);
    let EntryKind::Sparse { size, runs } = &entry.kind else { panic!("a sparse file: {:?}", entry.kind) };
    let text = |run: &Segment| String::from_utf8_lossy(&bytes[run.offset as usize..][..run.len as usize]).into_owned();
    (index.path(entry).to_string(), *size, runs.iter().map(|run| (run.start, text(run))).collect())
}

#[test]
fn sparse_files_of_all_formats() {
    let expected = ("real".to_owned(), 3000, vec![(0, "abc".to_owned()), (2000, "de".to_owned())]);
    let sparse = |records: &[(&str, &[u8])], content: &[u8]| {
        [pax(records), entry(b'0', "GNUSparseFile.0/real", content.len() as u64, content)].concat()
    };
    let zero_zero = sparse(
        &[
            ("path", b"real"),
            ("GNU.sparse.size", b"3000"),
            ("GNU.sparse.numblocks", b"2"),
            ("GNU.sparse.offset", b"0"),
            ("GNU.sparse.numbytes", b"3"),
            ("GNU.sparse.offset", b"2000"),
            ("GNU.sparse.numbytes", b"2"),
        ],
        b"abcde",
    );
    let zero_one = sparse(
        &[
            ("GNU.sparse.major", b"0"),
            ("GNU.sparse.minor", b"1"),
            ("GNU.sparse.name", b"real"),
            ("GNU.sparse.size", b"3000"),
            ("GNU.sparse.map", b"0,3,2000,2,3000,0"),
        ],
        b"abcde",
    );
    let mut content = b"3\n0\n3\n2000\n2\n3000\n0\n".to_vec();
    content.resize(BLOCK, 0);
    content.extend_from_slice(b"abcde");
    let one_zero = sparse(
        &[
            ("GNU.sparse.major", b"1"),
            ("GNU.sparse.minor", b"0"),
            ("GNU.sparse.name", b"real"),
            ("GNU.sparse.realsize", b"3000"),
        ],
        &content,
    );
    for bytes in [zero_zero, zero_one, one_zero] {
        assert_eq!(runs(&read(&bytes).unwrap(), &bytes), expected);
    }
}

#[test]
fn old_gnu_sparse_files_with_a_map_that_goes_on() {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNUSparse);
    header.set_path("real").unwrap();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(7);
    header.set_size(6);
    let field = |at: u64, len: u64| format!("{at:011o}\0{len:011o}\0").into_bytes();
    let gnu = header.as_gnu_mut().unwrap();
    for (slot, at) in gnu.sparse.iter_mut().zip([0, 100, 200, 300]) {
        slot.offset.copy_from_slice(&field(at, 1)[..12]);
        slot.numbytes.copy_from_slice(&field(at, 1)[12..]);
    }
    gnu.isextended = [1];
    gnu.realsize.copy_from_slice(&field(3000, 0)[..12]);
    header.set_cksum();
    let more = padded(&[field(400, 2), field(3000, 0)].concat(), b"");
    let bytes = [header.as_bytes().to_vec(), more, padded(b"", b"abcdef")].concat();
    let pieces = [(0, "a"), (100, "b"), (200, "c"), (300, "d"), (400, "ef")];
    let expected = ("real".to_owned(), 3000, pieces.map(|(at, text)| (at, text.to_owned())).to_vec());
    assert_eq!(runs(&read(&bytes).unwrap(), &bytes), expected);
}

#[test]
fn the_end_of_the_tar() {
    let file = entry(b'0', "f", 1, b"x");
    assert_eq!(read(b"").unwrap().entries().len(), 0);
    assert_eq!(read(&[0; 1024]).unwrap().entries().len(), 0);
    assert_eq!(read(&file).unwrap().entries().len(), 1, "without end marker");
    assert_eq!(read(&file[..BLOCK + 1]).unwrap().entries().len(), 1, "without padding");
    assert_eq!(read(&[&file[..], &[0; 1024], &b"rubbish".repeat(100)].concat()).unwrap().entries().len(), 1);
    assert!(read(&[&file[..], &[0; 512], &file].concat()).unwrap_err().contains("end marker"));
}

#[test]
fn damage_is_described_with_the_entry() {
    let file = entry(b'0', "dir/file", 600, &[7; 600]);
    for (bytes, says) in [
        (b"hello".repeat(200), "not a tar"),
        (file[..512 + 100].to_vec(), "dir/file ends after 100 of 600 bytes"),
        ([&file[..], &[1; 512]].concat(), "broken tar header at byte 1536"),
        ([&file[..], &file[..100]].concat(), "100 bytes where a tar header should be"),
        (entry(b'V', "label", 0, b""), "unknown type 'V'"),
        (entry(b'x', "pax", 3 << 20, b""), "more than 1048576"),
        (entry(b'L', "long", 600, &[b'n'; 100]), "truncated"),
        ([pax(&[("uid", b"4294967296")]), entry(b'0', "f", 0, b"")].concat(), "f: the owner makes no sense"),
        ([pax(&[("path", &[b'a'; 4096])]), entry(b'0', "f", 0, b"")].concat(), "more than 4095 bytes"),
        ([pax(&[("linkpath", &[b'a'; 4096])]), entry(b'2', "f", 0, b"")].concat(), "more than 4095 bytes"),
        (pax(&[("path", b"f")]), "no entry follows"),
        ([pax(&[("GNU.sparse.map", b"0,9"), ("GNU.sparse.size", b"3")]), entry(b'0', "f", 9, &[1; 9])].concat(), "map"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.contains(says), "{error:?} should contain {says:?}");
        assert!(!error.contains('\n'));
    }
}

proptest! {
    /// Whatever bytes are changed, reading ends in an index or an error, and files lie within the tar.
    #[test]
    fn damaged_tars_do_no_harm(changes in proptest::collection::vec((0usize..6000, any::<u8>()), 0..12), cut in 0usize..6000) {
        let mut content = b"1\n0\n3\n".to_vec();
        content.resize(BLOCK, 0);
        content.extend_from_slice(b"abc");
        let mut bytes = [
            pax(&[("path", b"x"), ("SCHILY.xattr.user.a", b"1")]),
            entry(b'0', "a", 3, b"abc"),
            entry(b'L', "l", 5, b"name\0"),
            entry(b'S', "s", 3, b"abc"),
            pax(&[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"9")]),
            entry(b'0', "b", content.len() as u64, &content),
        ].concat();
        for (at, byte) in changes {
            let len = bytes.len();
            bytes[at % len] = byte;
            // A right checksum lets the change through to where it matters.
            let block = at % len / BLOCK * BLOCK;
            let mut header = Header::new_old();
            header.as_mut_bytes().copy_from_slice(&bytes[block..block + BLOCK]);
            header.set_cksum();
            bytes[block..block + BLOCK].copy_from_slice(header.as_bytes());
        }
        bytes.truncate(cut.max(1));
        if let Ok(index) = read(&bytes) {
            for entry in index.entries() {
                match &entry.kind {
                    EntryKind::File { offset, size } => prop_assert!(offset + size <= bytes.len() as u64),
                    EntryKind::Sparse { size, runs } => for run in runs {
                        prop_assert!(run.offset + run.len <= bytes.len() as u64 && run.start + run.len <= *size);
                    },
                    _ => {}
                }
            }
        }
    }
}
