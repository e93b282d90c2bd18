//! Which languages a file was made from that store strings by their lengths, by the marks of their compilers and run-time
//! libraries, and what else their strings have in front.

use super::object::Object;
use super::survey::Marks;

/// How strings may be stored in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Strings {
    /// Nothing stands between them: a run of text is many strings.
    pub(super) glued: bool,
    /// Nothing ends them, and others may be told by their places in a table only.
    pub(super) short: bool,
    /// Blanks fill them up.
    pub(super) filled: bool,
}

/// How the strings of the file are stored in whose data these marks are.
pub(super) fn strings(object: &Object, marks: Marks, imports: &[Box<str>]) -> Strings {
    let compiler = object.section(b".comment").is_some_and(|text| object.find(&[text], [b"rustc version"])[0]);
    let Marks { rust, ada, pascal, .. } = marks;
    let glued =
        compiler || rust || object.section(b".go.buildinfo").is_some() || object.section(b".gopclntab").is_some();
    // Fortran's run-time libraries: gfortran's, LLVM's.
    let fortran = imports.iter().any(|name| name.starts_with("_gfortran_") || name.starts_with("_Fortran"));
    Strings { glued, short: glued || ada || pascal || fortran, filled: fortran }
}

/// The strings of a table in which blanks fill each up to the length of the longest (Fortran's `character(len=8)`).
pub(super) fn filled(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_filled = memchr::memmem::find(run, b"  ").is_some();
    let words = run.split(|&b| b == b' ').filter(|word| word.len() >= 2);
    words.take(if is_filled { usize::MAX } else { 0 })
}

/// The text of a string with its length in front, where the run of text that it is found in begins with that length.
///
/// - Nim's literals follow a word with the length and a flag in its second highest bit (`NIM_STRLIT_FLAG` of its run-time
///   library): on little-endian machines the byte before the text is `@`.
/// - Pascal's short strings have a byte for their length in front: from 32 on it is text, too.
pub(super) fn behind_length(run: &[u8]) -> Option<&[u8]> {
    let (&first, text) = run.split_first()?;
    (first == b'@' || usize::from(first) == text.len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::facts::facts;
    use super::super::fixture::ElfFile;

    fn words(file: &ElfFile) -> Vec<Box<str>> {
        facts(&file.build()).unwrap().words
    }

    fn program() -> ElfFile {
        ElfFile::new().interpreter("/lib/ld.so").import("execvp")
    }

    /// Where the data of the program lies in it.
    fn place(file: &ElfFile, text: &[u8]) -> u64 {
        memchr::memmem::find(&file.build(), text).unwrap() as u64
    }

    #[test]
    fn short_strings_that_no_nul_ends_count_where_something_points_to_them() {
        let file = program().data(b"\x01nl\x02").data(&[1; 24]).data(b"od\x04").data(&[1; 24]).data(b"\x03awk\xff");
        let none: Vec<Box<str>> = Vec::new();
        assert_eq!(words(&file), none, "chance");
        let (nl, length) = (place(&file, b"nl"), place(&file, b"\x03awk"));
        let file = file.data(&[0; 4]).data(&[nl.to_le_bytes(), length.to_le_bytes()].concat());
        let aligned = (place(&file, &nl.to_le_bytes()) % 8) as usize;
        let file =
            if aligned == 0 { file } else { file.data(&[0; 4]).data(&[nl, length].map(u64::to_le_bytes).concat()) };
        assert_eq!(words(&file), ["awk", "nl"].map(Box::from), "and where it points to their lengths");
    }

    #[test]
    fn short_strings_count_in_files_of_languages_that_store_lengths() {
        let file = program().data(b"\x01nl\x02");
        assert!(words(&file).is_empty());
        assert_eq!(words(&file.clone().import("_gfortran_set_args")), ["nl".into()]);
        assert!(words(&file.clone().string("GNAT Version: 12.2.0")).contains(&"nl".into()));
        assert!(words(&file.clone().string("FPC 3.2.2 for x86_64 - Linux")).contains(&"nl".into()));
        assert_eq!(words(&file.machine(243)), ["nl".into()], "of that machine's code nothing is known");
    }

    /// As gfortran and GNAT write them: `lea` of each, the lengths elsewhere.
    #[test]
    fn strings_end_where_the_next_one_starts_that_something_points_to() {
        let file = program().data(b"gzipnl\0\0");
        let start = place(&file, b"gzipnl");
        let pointers = [start, start + 4].map(u64::to_le_bytes).concat();
        let file = file.data(&pointers);
        let file = if place(&file, &pointers).is_multiple_of(8) {
            file
        } else {
            program().data(b"gzipnl\0\0\0\0\0\0").data(&pointers)
        };
        assert_eq!(words(&file), ["gzip", "gzipnl", "nl"].map(Box::from));
    }

    /// `mov edi, address` of a program with a fixed address.
    #[test]
    fn code_that_is_not_moved_names_addresses_as_they_are() {
        let code = program().data(b"\xbf\0\0\0\0\xc7\x44\x24\x08\0\0\0\0\x01");
        let mut file = code.data(b"\x01nl\x02").data(&[1; 24]).data(b"od\x04").build();
        let at = |text: &[u8], file: &[u8]| memchr::memmem::find(file, text).unwrap();
        let (code, store) = (at(b"\xbf\0", &file), at(b"\xc7\x44", &file));
        let (nl, od) = (at(b"nl\x02", &file) as u32, at(b"od\x04", &file) as u32);
        file[code + 1..code + 5].copy_from_slice(&nl.to_le_bytes());
        file[store + 4..store + 8].copy_from_slice(&od.to_le_bytes());
        // No sections: all of the one segment is code, too.
        file[40..48].fill(0);
        file[64 + 4] |= 1;
        let found = |file: &[u8]| ["nl", "od"].map(|word| facts(file).unwrap().words.contains(&word.into()));
        assert_eq!(found(&file), [false, false], "a shared object");
        file[16] = 2;
        assert_eq!(found(&file), [true, true]);
    }

    #[test]
    fn blanks_fill_strings_of_fortran() {
        let file = program().string("nl      sort    ").string("fmt, please");
        assert!(words(&file).is_empty());
        assert_eq!(words(&file.import("_gfortran_set_args")), ["nl", "sort"].map(Box::from));
    }

    #[test]
    fn strings_may_begin_where_the_data_begins() {
        let file = |text: &[u8]| program().first(text);
        let start = place(&file(b"taccat\0\0"), b"taccat");
        let words = words(&file(b"taccat\0\0").data(&[start, start + 3].map(u64::to_le_bytes).concat()));
        assert_eq!(words, ["cat", "tac", "taccat"].map(Box::from));
    }

    #[test]
    fn lengths_in_front_of_strings() {
        let long = "/usr/lib/something/long/enough/or/so";
        let pascal = format!("{}{long}", char::from(long.len() as u8));
        let file = program().data(b"\x03\0\0\0\0\0\0\x40tac\0").string(&pascal);
        let facts = facts(&file.build()).unwrap();
        assert!(facts.words.contains(&"tac".into()), "{:?}", facts.words);
        assert_eq!(facts.paths, [long.into()]);
    }
}
