//! What an ELF file says about other files, independent of where it stands.

use bstr::BString;
use goblin::elf::dynamic::{DF_1_NODEFLIB, DT_FLAGS_1, DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME};
use goblin::elf::header::ET_REL;
use serde::{Deserialize, Serialize};

use super::dlopen_note::{self, DlopenNote};
use super::golang;
use super::object::Object;
use super::survey::Survey;
use super::texts;
use crate::reach::source::Source;

/// Facts of one ELF file. All lists but those of the dynamic table are sorted and without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElfFacts {
    /// 64-bit, as opposed to 32-bit.
    pub is_64: bool,
    /// Big-endian, as opposed to little-endian.
    pub big_endian: bool,
    /// `e_machine`.
    pub machine: u16,
    /// `PT_INTERP`: the loader, and a sign of a program as opposed to a library.
    pub interpreter: Option<BString>,
    /// `DT_SONAME`.
    pub soname: Option<BString>,
    /// `DT_NEEDED`, in order.
    pub needed: Vec<BString>,
    /// `DT_RPATH` cut at colons.
    pub rpath: Vec<BString>,
    /// `DT_RUNPATH` cut at colons.
    pub runpath: Vec<BString>,
    /// `DF_1_NODEFLIB`: the loader's default directories are not searched for this file's libraries.
    pub no_default_lib: bool,
    /// Names of undefined dynamic symbols.
    pub imports: Vec<Box<str>>,
    /// Libraries that `.note.dlopen` announces, in order.
    pub dlopen: Vec<DlopenNote>,
    /// Strings that name shared libraries (`libz.so.1`, `engines-3/afalg.so`).
    pub libraries: Vec<Box<str>>,
    /// Names of libraries in strings, and parts that names are put together from (`libcudnn_`, `lib%s_cuda%d.so`,
    /// `_avx2.so`), without folders.
    pub stems: Vec<Box<str>>,
    /// Strings that are absolute paths; lists with colons are cut up.
    pub paths: Vec<Box<str>>,
    /// Absolute paths that are words of longer strings (`mime_table /usr/share/x/mime.conf`).
    pub mentions: Vec<Box<str>>,
    /// Strings that are absolute paths but for conversions (`/usr/lib/sox/%s.so`, see printf(3)).
    pub formats: Vec<Box<str>>,
    /// Strings that are ends of paths (`gtk-4.0/modules`, `%s/plugins`), of the files that have `words`.
    pub relatives: Vec<Box<str>>,
    /// First words of strings that look like command lines, if the file imports a function that gives one to a
    /// shell (and is no extension module of Python's, where names are everywhere: so for lines and words, too).
    pub commands: Vec<Box<str>>,
    /// Strings that are written as command lines are.
    pub lines: Vec<Box<str>>,
    /// Strings that are single words, if the file is a program, or imports a function that starts programs or loads
    /// libraries. Most name nothing.
    pub words: Vec<Box<str>>,
    /// The file is a program: it can be started.
    pub program: bool,
    /// It may start programs: it imports a function for that, or nothing at all.
    pub starts: bool,
    /// It is written in Go, and finds programs by their names, to start them. It imports no function for that.
    pub go_starts: bool,
    /// Strings run together without separators, one run a line (Rust, Go; a Cython string table that could not
    /// be cut): search them for what is known.
    pub glued: Box<str>,
    /// What concerns Python; none for a file that has nothing to do with it.
    pub python: Option<PythonBinary>,
}

/// Facts of an ELF file that uses or provides CPython's C API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonBinary {
    /// Modules it can be imported as: what follows `PyInit_` in the symbols it exports.
    pub modules: Vec<Box<str>>,
    /// It is an interpreter (`python3.12`, `libpython3.12.so.1.0`): it exports the functions that start one.
    pub interpreter: bool,
    /// It starts an interpreter from `libpython` (mod_wsgi, PL/Python, uWSGI).
    pub embeds: bool,
    /// Strings that are identifiers or dotted names.
    pub names: Vec<Box<str>>,
    /// Strings that hold Python source with an import statement.
    pub sources: Vec<Box<str>>,
    /// Identifiers and dotted names that stand where something points to in text whose strings are not separated, sorted; what follows
    /// such a string may be part of its name here. None where what points to text is not known, or not all of it.
    pub beginnings: Option<Vec<Box<str>>>,
    /// Made by Cython.
    pub cython: bool,
    /// Made by Cython, but its string table could not be read: it may import anything.
    pub opaque_names: bool,
}

/// The facts of `bytes`; `None` for anything but ELF.
pub fn facts(bytes: &[u8]) -> Option<ElfFacts> {
    facts_of(&bytes)
}

/// The facts of a file that need not be in memory.
pub(super) fn facts_of(file: &dyn Source) -> Option<ElfFacts> {
    read(&Object::parse(file)?)
}

fn read(object: &Object) -> Option<ElfFacts> {
    let mut facts = ElfFacts {
        is_64: object.is_64(),
        big_endian: !object.ctx.le.is_little(),
        machine: object.header.e_machine,
        ..ElfFacts::default()
    };
    // Relocatable files (`.o`, kernel modules) load nothing.
    if object.header.e_type == ET_REL {
        return Some(facts);
    }
    facts.interpreter = object.interpreter().map(BString::from);
    facts.soname = object.dynamic_text(DT_SONAME).into_iter().next().map(BString::from);
    facts.needed = object.dynamic_text(DT_NEEDED).into_iter().map(BString::from).collect();
    facts.rpath = search_path(object, DT_RPATH);
    facts.runpath = search_path(object, DT_RUNPATH);
    facts.no_default_lib = object.dynamic(DT_FLAGS_1).any(|flags| flags & DF_1_NODEFLIB != 0);
    // A library may have an interpreter, too (glibc's prints its version); a static program has none.
    facts.program =
        facts.soname.is_none() && (facts.interpreter.is_some() || facts.needed.is_empty() && object.starts());
    facts.dlopen = dlopen_note::read(&object.notes());
    facts.python = read_symbols(object, &mut facts.imports);
    facts.starts = facts.imports.iter().any(|name| starts_programs(name)) || facts.is_static();
    let data = object.data();
    let survey = Survey::of(object, &data);
    facts.go_starts = golang::starts_programs(object, &data, survey.marks);
    facts.starts |= facts.go_starts;
    texts::read(object, &data, survey, &mut facts);
    Some(facts)
}

fn search_path(object: &Object, tag: u64) -> Vec<BString> {
    let lists = object.dynamic_text(tag);
    let dirs = lists.iter().flat_map(|list| list.split(|&b| b == b':'));
    dirs.filter(|dir| !dir.is_empty()).map(BString::from).collect()
}

/// Fills `imports`, and finds out from imports and exports whether the file concerns Python.
fn read_symbols(object: &Object, imports: &mut Vec<Box<str>>) -> Option<PythonBinary> {
    const STARTS: [&str; 4] = ["Py_Initialize", "Py_InitializeEx", "Py_InitializeFromConfig", "Py_BytesMain"];
    let mut python = PythonBinary::default();
    let mut concerned = false;
    object.symbols(|name, symbol| {
        let Ok(name) = std::str::from_utf8(name) else { return };
        let starts = STARTS.contains(&name);
        if symbol.st_shndx == 0 {
            concerned |= name.starts_with("Py") || name.starts_with("_Py");
            python.embeds |= starts;
            imports.push(name.into());
        } else if let Some(module) = name.strip_prefix("PyInit_") {
            python.modules.push(module.into());
        } else {
            python.interpreter |= starts;
        }
    });
    imports.sort_unstable();
    imports.dedup();
    python.modules.sort_unstable();
    python.modules.dedup();
    (concerned || python.interpreter || !python.modules.is_empty()).then_some(python)
}

/// Functions that run a command line in a shell.
pub(super) const RUN_LINE: [&str; 4] = ["popen", "system", "wordexp", "g_spawn_command_line_sync"];
/// What functions have in their names that look a command up in `PATH`: the C library's and those of other languages'
/// libraries (GLib, Qt, D's `std.process`, GNAT's).
const RUN_WORD: [&str; 7] =
    ["execlp", "execvp", "spawnp", "g_spawn_", "QProcess", "std7process", "locate_exec_on_path"];
/// Functions that load a library.
pub(super) const LOAD: [&str; 7] =
    ["dlmopen", "dlopen", "g_module_open", "g_module_open_full", "lt_dlforeachfile", "lt_dlopen", "lt_dlopenext"];

pub(super) fn imports_any(imports: &[Box<str>], names: &[&str]) -> bool {
    names.iter().any(|name| imports.binary_search_by(|import| (**import).cmp(name)).is_ok())
}

/// Whether a function of this name starts programs: those of the C library, and what other libraries call theirs
/// (skalibs' `child_spawn` and `exec_ae`, Qt's `QProcess::start`).
fn starts_programs(function: &str) -> bool {
    let other = ["regex", "regn", "pcre", "sqlite", "PQ", "execstack"].iter().any(|part| function.contains(part));
    let told = ["exec", "spawn", "popen", "QProcess"].iter().any(|part| function.contains(part));
    (told && !other) || RUN_LINE.contains(&function)
}

impl ElfFacts {
    /// Whether it has a function that looks a command up in `PATH`, or a shell that does, or may have one: nothing is known of
    /// the functions of a program that needs no libraries.
    pub(super) fn looks_commands_up(&self) -> bool {
        let looks_up = |name: &str| RUN_WORD.iter().any(|part| name.contains(part));
        self.go_starts
            || self.is_static()
            || imports_any(&self.imports, &RUN_LINE)
            || self.imports.iter().any(|name| looks_up(name))
    }

    /// A program that brings all that it runs.
    pub(super) fn is_static(&self) -> bool {
        self.program && self.imports.is_empty() && self.needed.is_empty()
    }

    /// Whether it has a function that loads a library.
    pub(super) fn loads_libraries(&self) -> bool {
        imports_any(&self.imports, &LOAD)
    }
}
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reach::elf::fixture::ElfFile;

    fn texts(list: &[Box<str>]) -> Vec<&str> {
        list.iter().map(|text| &**text).collect()
    }

    #[test]
    fn reads_the_dynamic_table_notes_and_strings() {
        let file = ElfFile::new()
            .interpreter("/lib64/ld-linux-x86-64.so.2")
            .soname("libme.so.1")
            .needed("libz.so.1")
            .needed("libc.so.6")
            .rpath("$ORIGIN/../lib:/opt/lib::")
            .no_default_lib()
            .import("iconv_open")
            .import("execvp")
            .import("popen")
            .dlopen(r#"[{"soname":["libfido2.so.1"]}]"#)
            .string("/etc/ssl/openssl.cnf:/etc/pki")
            .string("libssl.so.3")
            .string("gzip -dc")
            .string("not a name");
        let facts = facts(&file.build()).unwrap();
        assert!(facts.is_64 && !facts.big_endian && facts.machine == 62);
        assert_eq!(facts.interpreter, Some("/lib64/ld-linux-x86-64.so.2".into()));
        assert_eq!(facts.soname, Some("libme.so.1".into()));
        assert_eq!(facts.needed, ["libz.so.1", "libc.so.6"]);
        assert_eq!(facts.rpath, ["$ORIGIN/../lib", "/opt/lib"]);
        assert!(facts.runpath.is_empty() && facts.no_default_lib && facts.python.is_none());
        assert_eq!(texts(&facts.imports), ["execvp", "iconv_open", "popen"]);
        assert_eq!(texts(&facts.libraries), ["libssl.so.3"]);
        assert_eq!(texts(&facts.paths), ["/etc/pki", "/etc/ssl/openssl.cnf"]);
        assert_eq!(texts(&facts.commands), ["gzip"]);
        assert_eq!(texts(&facts.words), ["libssl.so.3"]);
        assert_eq!(facts.dlopen.len(), 1);
    }

    #[test]
    fn reads_names_of_extension_modules_only() {
        let file = ElfFile::new().string("os.path").string("from json import loads\n").string("O|s:method");
        let plain = facts(&file.build()).unwrap();
        assert_eq!(plain.python, None);
        let python = facts(&file.clone().import("PyImport_ImportModule").export("PyInit__fast").build())
            .unwrap()
            .python
            .unwrap();
        assert_eq!(texts(&python.modules), ["_fast"]);
        assert_eq!(texts(&python.names), ["os.path"]);
        assert_eq!(texts(&python.sources), ["from json import loads\n"]);
        assert!(!python.interpreter && !python.embeds && !python.cython && !python.opaque_names);
        let embeds = facts(&file.clone().import("Py_Initialize").build()).unwrap().python.unwrap();
        assert!(embeds.embeds && !embeds.interpreter);
        let runs = facts(&file.export("Py_BytesMain").build()).unwrap().python.unwrap();
        assert!(runs.interpreter && !runs.embeds);
    }

    #[test]
    fn the_size_of_the_pieces_that_are_read_does_not_show() {
        let mut file = ElfFile::new().export("PyInit_x").string("/rustc/abc").string(&"a/long/run ".repeat(50));
        for number in 0..50 {
            file = file
                .import("execvp")
                .string(&format!("lib{number}.so.{number}"))
                .string(&format!("from x{number} import y"));
            file = file.data(&[0x48, 0x8d, 0x3d, number, 0, 0, 0, number]).data(&u64::from(number).to_le_bytes());
        }
        let file = file.string("/etc/ssl/openssl.cnf:/etc/pki").string("\u{e9}t\u{e9}").build();
        let mut headless = file.clone();
        headless[40..48].fill(0);
        headless[64 + 4] |= 1;
        let real = std::fs::read("/bin/true").unwrap_or_default();
        for file in [&file, &headless, &real] {
            let of =
                |piece| Object::parse_in_pieces(&file.as_slice(), piece).map(|object| super::read(&object).unwrap());
            let whole = of(1 << 20);
            assert!(whole.as_ref().is_none_or(|facts| !facts.paths.is_empty()));
            for piece in [8, 16, 24, 64, 4096] {
                assert_eq!(of(piece), whole, "{piece}");
            }
        }
    }

    #[test]
    fn two_or_three_letters_name_something_if_a_nul_ends_them() {
        let file = ElfFile::new().import("dlopen").data(b"\x01dd\x02\x03awk\x04\x05sed\0\x06tail\x07tr\0\x01ls");
        assert_eq!(texts(&facts(&file.build()).unwrap().words), ["ls", "sed", "tail", "tr"]);
        let glued = file.section(".gopclntab", b"\0").build();
        assert_eq!(texts(&facts(&glued).unwrap().words), ["awk", "dd", "ls", "sed", "tail", "tr"]);
    }

    #[test]
    fn what_is_for_gpus_and_for_unwinding_is_not_read() {
        let file = ElfFile::new().import("dlopen").string("libhost.so.1").section(".nv_fatbin", b"\0libdevice.so.1\0");
        let facts = facts(&file.section(".eh_frame", b"\0libframe.so.1\0").build()).unwrap();
        assert_eq!(texts(&facts.libraries), ["libhost.so.1"]);
    }

    #[test]
    fn reads_mypyc_and_opaque_cython() {
        let mypyc = ElfFile::new().export("PyInit_x").data(b"\0\x02\x04json\x0fcollections.abc\0").build();
        let python = facts(&mypyc).unwrap().python.unwrap();
        assert_eq!(texts(&python.names), ["collections.abc", "json"]);
        let opaque = ElfFile::new().export("PyInit_x").string("cython_function_or_method").string("BZh91AY&SY").build();
        let python = facts(&opaque).unwrap().python.unwrap();
        assert!(python.cython && python.opaque_names);
    }

    #[test]
    fn strings_start_where_something_points_to() {
        // `lea rdi, [rip + …]` of a string merged into the tail of "xjson", in a file without section headers.
        let mut file = ElfFile::new().export("PyInit_x").data(b"\x48\x8d\x3d\x01\0\0\0xjson\0").build();
        let names = |file: &[u8]| facts(file).unwrap().python.unwrap().names;
        assert_eq!(texts(&names(&file)), ["xjson"]);
        file[40..48].fill(0);
        let executable = 64 + 4;
        file[executable] |= 1;
        assert!(texts(&names(&file)).contains(&"json"));
    }

    #[test]
    fn rust_strings_are_kept_glued_and_cut_by_slices() {
        let mut file = ElfFile::new().export("PyInit_x").string("/rustc/abc").string("datetimedecimalcannot open");
        let at = |file: &ElfFile, text: &str| memchr::memmem::find(&file.build(), text.as_bytes()).unwrap() as u64;
        let start = at(&file, "decimalcannot");
        file = file.data(&[0; 8].map(|_: u8| 0)).data(&[start.to_le_bytes(), 7u64.to_le_bytes()].concat());
        // Data is placed behind what comes before it, so the address holds.
        assert_eq!(at(&file, "decimalcannot"), start);
        let facts = facts(&file.build()).unwrap();
        assert!(facts.glued.contains("datetimedecimalcannot open"));
        let python = facts.python.unwrap();
        assert!(python.names.contains(&"decimal".into()));
        // What stands in the middle of a string begins nowhere.
        let beginnings = python.beginnings.unwrap();
        let begins = |name: &str| beginnings.iter().any(|text| text.starts_with(name));
        assert!(begins("datetime") && begins("decimal") && !begins("time"));
    }

    #[test]
    fn names_begin_where_a_table_of_distances_points_to() {
        // `lea rdi, [rip + …]` of a table with one entry, which leads to "json" within "xjsony".
        let names = |padding: usize| {
            let code = [b"\x48\x8d\x3d".as_slice(), &(padding as i32).to_le_bytes(), &vec![0xff; padding]].concat();
            let table = [5_i32.to_le_bytes().as_slice(), b"xjsony /rustc/a "].concat();
            let mut file = ElfFile::new().export("PyInit_x").data(&[code, table].concat()).build();
            file[40..48].fill(0);
            file[64 + 4] |= 1;
            facts(&file).unwrap().python.unwrap().beginnings.unwrap()
        };
        // Tables are aligned, wherever the file has its data.
        let found = (0..4).filter(|&padding| names(padding).contains(&"jsony".into())).count();
        assert_eq!(found, 1);
    }

    #[test]
    fn where_code_is_not_read_no_beginnings_are_known() {
        let file = ElfFile::new().export("PyInit_x").string("/rustc/abc").string("datetimedecimal");
        assert!(facts(&file.build()).unwrap().python.unwrap().beginnings.is_some());
        let mut other = file.build();
        other[18] = 22; // e_machine: s390
        assert_eq!(facts(&other).unwrap().python.unwrap().beginnings, None);
    }

    #[test]
    fn other_files_have_no_facts() {
        assert_eq!(facts(b""), None);
        assert_eq!(facts(b"#!/bin/sh\n"), None);
        assert_eq!(facts(b"\x7fELF"), None);
        assert_eq!(facts(b"\x7fELF\x03\x01\x01"), None);
    }

    fn sample() -> Vec<u8> {
        let names = "__main__|__name__|cline_in_traceback|json|os";
        let lengths: Vec<u8> = names.split('|').flat_map(|name| (name.len() as u32).to_le_bytes()).collect();
        ElfFile::new()
            .interpreter("/lib/ld.so")
            .needed("libz.so.1")
            .runpath("/opt")
            .import("iconv_open")
            .export("PyInit_x")
            .dlopen(r#"[{"soname":["a.so"]}]"#)
            .string("cython /rustc/ \x04json")
            .data(&lengths)
            .data(names.replace('|', "").as_bytes())
            .build()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        /// Whatever is done to a file, reading it ends, and without a panic.
        #[test]
        fn damaged_files_are_read_without_harm(
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
            words in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![0u64, 1, 0xff, u64::MAX, 1 << 63, 1 << 32])), 0..4),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let mut file = sample();
            for (at, byte) in edits {
                let at = at.index(file.len());
                file[at] = byte;
            }
            for (at, word) in words {
                let at = at.index(file.len() / 8) * 8;
                file[at..at + 8].copy_from_slice(&word.to_le_bytes());
            }
            if let Some(cut) = cut {
                file.truncate(cut.index(file.len()));
            }
            let first = facts(&file);
            prop_assert_eq!(first, facts(&file));
        }
    }

    /// The same with a file that a real linker made: the one that runs.
    #[test]
    fn damage_to_the_headers_of_a_real_file_does_no_harm() {
        let real = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let real = &real[..real.len().min(1 << 18)];
        assert!(facts(real).is_some());
        for at in 0..64 {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut file = real[..1 << 14].to_vec();
                file[at] = byte;
                facts(&file);
            }
        }
    }

    /// Prints the facts of the files named by `ELF_FACTS` (separated by colons).
    #[test]
    #[ignore = "a tool for looking at real files: ELF_FACTS=file:… cargo test elf_facts_of -- --ignored --nocapture"]
    fn elf_facts_of_files() {
        for path in std::env::var("ELF_FACTS").unwrap_or_default().split(':').filter(|path| !path.is_empty()) {
            let bytes = std::fs::read(path).unwrap();
            let start = std::time::Instant::now();
            let facts = facts(&bytes);
            println!("{path} {:?} {} ms", bytes.len(), start.elapsed().as_millis());
            println!("{}", facts.map_or_else(String::new, |facts| serde_json::to_string(&facts).unwrap()));
        }
    }
}
