use super::*;
use crate::owners::rpm::testing::header as blob;

const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

fn package() -> Vec<(u32, u32, u32, &'static [u8])> {
    vec![
        (1000, 6, 1, b"bash\0"),
        (1001, 6, 1, b"5.1\0"),
        (1002, 6, 1, b"6.el9\0"),
        (1003, 4, 1, b"\0\0\0\x02"),
        (1022, 6, 1, b"x86_64\0"),
        (1044, 6, 1, b"bash-5.1-6.el9.src.rpm\0"),
        (1116, 4, 4, b"\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x07"),
        (1117, 8, 4, b"bash\0sh\0log\0astray\0"),
        (1118, 8, 2, b"/usr/bin/\0/var/log/\0"),
        (1037, 4, 4, b"\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0\0"),
        (1030, 3, 4, b"\x81\xed\xa1\xff\x81\xa4\x81\xa4"),
        (1034, 4, 4, b"\0\0\0\x07\0\0\0\x08\0\0\0\x09\0\0\0\0"),
        (1036, 8, 4, b"\0bash\0\0\0"),
        (1035, 8, 4, b"d41d8cd98f00b204e9800998ecf8427e\0\0\0\0"),
    ]
}

#[test]
fn reads_what_a_package_is_and_has() {
    let bytes = blob(&package());
    let header = Header::parse(&bytes).unwrap();
    assert_eq!(header.name().as_deref(), Some("bash"));
    assert_eq!(header.version(), "2:5.1-6.el9");
    assert_eq!(header.architecture().as_deref(), Some("x86_64"));
    assert_eq!(header.source().as_deref(), Some("bash (5.1-6.el9)"));
    assert_eq!(header.count(), 4);
    let files = header.files();
    assert_eq!(files.dirs, [b"/usr/bin/", b"/var/log/"]);
    let list: Vec<_> = files.list.iter().map(|file| (file.dir, file.name, file.state, file.target)).collect();
    assert_eq!(
        list,
        [
            (0, &b"bash"[..], State::Installed, &b""[..]),
            (0, b"sh", State::Installed, b"bash"),
            (1, b"log", State::Ghost, b""),
        ]
    );
    assert_eq!(files.list[0].digest, Digest::md5_hex(MD5.as_bytes()));
    assert_eq!(files.list[1].digest, None);
    assert_eq!(files.list.iter().map(|file| file.mtime).collect::<Vec<_>>(), [Some(7), Some(8), Some(9)]);
}

#[test]
fn states_and_the_algorithm_of_hashes_count() {
    let mut tags = package();
    let sha256 = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\0\0\0\0";
    tags.retain(|tag| tag.0 != 1035);
    tags.extend([(1035, 8, 4, &sha256[..]), (5011, 4, 1, b"\0\0\0\x08"), (1029, 1, 4, b"\0\x02\0\0")]);
    // FILESTATES is of type CHAR in headers.
    let bytes = blob(&tags);
    let files = Header::parse(&bytes).unwrap().files();
    assert_eq!(files.list[0].digest, Digest::sha256_hex(&sha256[..64]));
    assert_eq!(
        files.list.iter().map(|file| file.state).collect::<Vec<_>>(),
        [State::Installed, State::Absent, State::Ghost]
    );
}

#[test]
fn old_headers_have_whole_paths() {
    let bytes = blob(&[(1000, 6, 1, b"old\0"), (1027, 8, 3, b"/etc/a\0/etc/b\0/usr/c\0")]);
    let header = Header::parse(&bytes).unwrap();
    let files = header.files();
    assert_eq!(files.dirs, [b"/etc/", b"/usr/"]);
    assert_eq!(
        files.list.iter().map(|file| (file.dir, file.name)).collect::<Vec<_>>(),
        [(0, &b"a"[..]), (0, b"b"), (1, b"c")]
    );
    assert_eq!(header.version(), "");
}

#[test]
fn what_was_added_at_the_installation_wins() {
    let mut tags = package();
    tags.push((1002, 6, 1, b"7\0"));
    assert_eq!(Header::parse(&blob(&tags)).unwrap().version(), "2:5.1-7");
}

#[test]
fn damaged_headers_are_none_or_have_less() {
    let whole = blob(&package());
    for end in 0..whole.len() {
        if let Some(header) = Header::parse(&whole[..end]) {
            header.files();
        }
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] = 0xff;
        if let Some(header) = Header::parse(&damaged) {
            header.version();
            header.files();
            header.source();
        }
    }
    assert!(Header::parse(b"\xff\xff\xff\xff\xff\xff\xff\xff").is_none());
}

#[test]
fn source_packages_have_names_with_dashes() {
    assert_eq!(source("java-17-openjdk-17.0.1-2.el9.src.rpm").as_deref(), Some("java-17-openjdk (17.0.1-2.el9)"));
    assert_eq!(source("(none)"), None);
    assert_eq!(source("a.src.rpm"), None);
}
