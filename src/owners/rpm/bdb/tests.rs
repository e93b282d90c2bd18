use super::*;
use crate::owners::rpm::header::Header;
use crate::owners::rpm::testing::unpacked;

// testdata/make says how they were made.
const LITTLE: &[u8] = include_bytes!("../testdata/Packages-little.gz");
const BIG: &[u8] = include_bytes!("../testdata/Packages-big.gz");

fn names(main: &[u8]) -> Vec<(u32, String)> {
    let name = |record: &Record| (record.number, Header::parse(&record.blob).unwrap().name().unwrap());
    let mut names: Vec<_> = records(main).unwrap().iter().map(name).collect();
    names.sort_unstable();
    names
}

#[test]
fn headers_are_read_in_both_byte_orders() {
    for packed in [LITTLE, BIG] {
        let names = names(&unpacked(packed));
        let names: Vec<_> = names.iter().map(|(number, name)| (*number, name.as_str())).collect();
        assert_eq!(names, [(1, "other"), (2, "mini"), (3, "bulk")]);
    }
}

#[test]
fn a_hash_written_anew_has_the_same_headers_but_for_those_that_go() {
    for packed in [LITTLE, BIG] {
        let main = unpacked(packed);
        let all = with_only(&main, &|_| true).unwrap();
        let sorted = |main: &[u8]| {
            let mut records = records(main).unwrap();
            records.sort_by_key(|record| record.number);
            records
        };
        assert_eq!(sorted(&all), sorted(&main));
        let some = with_only(&main, &|number| number != 3).unwrap();
        assert_eq!(sorted(&some), &sorted(&main)[..2]);
        assert!(some.len() < all.len());
        // The number of the last header is still there.
        let file = &mut File::open(&some).unwrap();
        let order = file.order;
        let last = pairs(file).unwrap().into_iter().find(|pair| pair.number == LAST).unwrap();
        assert_eq!(last.value, order.bytes(3));
    }
}

#[test]
fn many_headers_fill_many_pages() {
    // Values on the page and off it: pages of a bucket follow one another.
    let main = unpacked(LITTLE);
    let file = File::open(&main).unwrap();
    let pairs: Vec<Pair> = (0..500u32)
        .map(|number| Pair {
            key: number.to_le_bytes(),
            number,
            value: vec![number as u8; (number as usize * 37) % 9000],
        })
        .collect();
    let written = super::write::hash_of(&file, pairs).unwrap();
    let found = records(&written).unwrap();
    assert_eq!(found.len(), 499);
    for record in found {
        assert_eq!(record.blob, vec![record.number as u8; (record.number as usize * 37) % 9000]);
    }
}

#[test]
fn damaged_hashes_end_without_a_panic() {
    let main = unpacked(LITTLE);
    for at in (0..main.len()).step_by(197).chain((0..600).step_by(3)) {
        for value in [0, 0xff, main[at] ^ 1] {
            let mut damaged = main.clone();
            damaged[at] = value;
            records(&damaged).ok();
            with_only(&damaged, &|number| number == 2).ok();
        }
    }
    for len in (0..main.len()).step_by(100) {
        records(&main[..len]).ok();
    }
    assert!(records(b"").is_err());
}

#[test]
fn a_chain_that_comes_back_to_itself_ends() {
    let mut main = unpacked(LITTLE);
    let pages = main.len() / 4096;
    let first = (1..pages).find(|page| main[page * 4096 + 25] == 7).unwrap();
    main[first * 4096 + 16..first * 4096 + 20].copy_from_slice(&(first as u32).to_le_bytes());
    assert_eq!(records(&main), Err(Damage("a broken chain of pages")));
}

#[test]
fn hashes_that_are_more_than_rpm_makes_are_not_written() {
    let mut main = unpacked(LITTLE);
    main[page::meta::CHECK] ^= 1;
    assert!(records(&main).is_ok());
    assert!(with_only(&main, &|_| true).is_err());
}
