//! What an ELF file says about other files, independent of where it stands.

use bstr::BString;
use goblin::elf::dynamic::{DF_1_NODEFLIB, DT_FLAGS_1, DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME};
use goblin::elf::header::ET_REL;
use serde::{Deserialize, Serialize};

use super::cython::{self, Table};
use super::dlopen_note::{self, DlopenNote};
use super::mypyc;
use super::object::{Object, Region};
use super::references::References;
use super::strings::{Collector, Wanted};

/// Facts of one ELF file. All lists but those of the dynamic table are sorted and without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElfFacts {
    /// 64-bit, as opposed to 32-bit.
    pub is_64: bool,
    /// Big-endian, as opposed to little-endian.
    pub big_endian: bool,
    /// `e_machine`.
    pub machine: u16,
    /// `e_type`.
    pub file_type: u16,
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
    /// Strings that are absolute paths; lists with colons are cut up.
    pub paths: Vec<Box<str>>,
    /// Strings that may be commands or first words of command lines, if the file imports a function that
    /// looks commands up in `PATH` (and has nothing to do with Python, where names are everywhere).
    pub commands: Vec<Box<str>>,
    /// Strings run together without separators, one run a line (Rust, Go; a Cython string table that could not
    /// be cut): search them for what is known, with [`names`](Self::names).
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
    /// Made by Cython.
    pub cython: bool,
    /// Made by Cython, but its string table could not be read: it may import anything.
    pub opaque_names: bool,
}

/// At most this many bytes of strings without separators are kept of one file.
const MAX_GLUED: usize = 2 << 20;
/// Shorter runs of text between other bytes are chance.
const MIN_GLUED: usize = 4;

impl ElfFacts {
    /// Whether a string of the file names `name`: is it, or (where strings have no separators) holds it.
    /// A holding match is weak evidence for a short name.
    pub fn names(&self, name: &str) -> bool {
        let listed = |python: &PythonBinary| python.names.binary_search_by(|item| (**item).cmp(name)).is_ok();
        self.python.as_ref().is_some_and(listed)
            || memchr::memmem::find(self.glued.as_bytes(), name.as_bytes()).is_some()
    }
}

/// The facts of `bytes`; `None` for anything but ELF.
pub fn facts(bytes: &[u8]) -> Option<ElfFacts> {
    let object = Object::parse(bytes)?;
    let mut facts = ElfFacts {
        is_64: object.is_64(),
        big_endian: !object.ctx.le.is_little(),
        machine: object.header.e_machine,
        file_type: object.header.e_type,
        ..ElfFacts::default()
    };
    // Relocatable files (`.o`, kernel modules) load nothing.
    if object.header.e_type == ET_REL {
        return Some(facts);
    }
    facts.interpreter = object.interpreter().map(BString::from);
    facts.soname = object.dynamic_text(DT_SONAME).first().map(|&name| name.into());
    facts.needed = object.dynamic_text(DT_NEEDED).into_iter().map(BString::from).collect();
    facts.rpath = search_path(&object, DT_RPATH);
    facts.runpath = search_path(&object, DT_RUNPATH);
    facts.no_default_lib = object.dynamic(DT_FLAGS_1).any(|flags| flags & DF_1_NODEFLIB != 0);
    facts.dlopen = dlopen_note::read(object.notes());
    facts.python = read_symbols(&object, &mut facts.imports);
    read_strings(&object, &mut facts);
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
    for (name, symbol) in object.symbols() {
        let Ok(name) = std::str::from_utf8(name) else { continue };
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
    }
    imports.sort_unstable();
    imports.dedup();
    python.modules.sort_unstable();
    python.modules.dedup();
    (concerned || python.interpreter || !python.modules.is_empty()).then_some(python)
}

/// Whether the file imports a function that runs a command it looks up in `PATH`.
fn runs_commands(imports: &[Box<str>]) -> bool {
    const RUN: [&str; 8] =
        ["execlp", "execvp", "execvpe", "popen", "posix_spawnp", "system", "wordexp", "g_spawn_async"];
    RUN.iter().any(|name| imports.binary_search_by(|import| (**import).cmp(name)).is_ok())
}

/// Whether strings are stored by length rather than by a NUL at their end.
fn has_glued_strings(object: &Object, data: &[Region]) -> bool {
    let compiler =
        object.section(b".comment").is_some_and(|text| memchr::memmem::find(text, b"rustc version").is_some());
    let rust = || {
        let finder = memchr::memmem::Finder::new("/rustc/");
        data.iter().any(|region| finder.find(region.bytes).is_some())
    };
    compiler || object.section(b".go.buildinfo").is_some() || object.section(b".gopclntab").is_some() || rust()
}

fn read_strings(object: &Object, facts: &mut ElfFacts) {
    let data = object.data();
    let references = References::collect(object, &data);
    let wanted =
        Wanted { names: facts.python.is_some(), commands: facts.python.is_none() && runs_commands(&facts.imports) };
    let mut found = Collector { wanted, ..Collector::default() };
    let mut glued = String::new();
    let keeps_glued = has_glued_strings(object, &data);
    for region in &data {
        for (start, run) in runs(region.bytes) {
            add_run(&mut found, region.address.saturating_add(start as u64), run, &references, keeps_glued);
            if keeps_glued && run.len() >= MIN_GLUED {
                add_glued(&mut found, &mut glued, run);
            }
        }
        for &(address, length) in &references.slices {
            let start = address.checked_sub(region.address).and_then(|start| usize::try_from(start).ok());
            if let Some(text) = start.and_then(|start| region.bytes.get(start..start.checked_add(length)?)) {
                found.add(text);
            }
        }
        // Nothing marks a module of mypyc's for sure; what is no table of strings yields none.
        if facts.python.as_ref().is_some_and(|python| !python.modules.is_empty()) {
            mypyc::strings(region.bytes).for_each(|text| found.add(text));
        }
    }
    if let Some(python) = &mut facts.python {
        python.cython = !python.modules.is_empty() && cython::is_cython(&data);
        if python.cython {
            // Before 3.2 every string is a C string, and has been seen above.
            let readable = ["__main__", "__name__", "__test__"].iter().all(|name| found.names.contains(name));
            match cython::table(object, &data, &references) {
                Table::Split(strings) => strings.iter().for_each(|text| found.add(text)),
                Table::Block(block) => runs(&block).for_each(|(_, run)| add_glued(&mut found, &mut glued, run)),
                Table::Absent => python.opaque_names = !readable,
            }
        }
        python.names = std::mem::take(&mut found.names).into_sorted();
        python.sources = std::mem::take(&mut found.sources).into_sorted();
    }
    facts.libraries = found.libraries.into_sorted();
    facts.paths = found.paths.into_sorted();
    facts.commands = found.commands.into_sorted();
    facts.glued = glued.into();
}

/// Looks at a run of text as a whole, and at what starts where something points into it: a string that the
/// linker merged into the tail of another one, or (`glued`) one that ends where the next one starts.
fn add_run(found: &mut Collector, address: u64, run: &[u8], references: &References, glued: bool) {
    found.add(run);
    let inner = references.between(address, address.saturating_add(run.len() as u64));
    let offset = |start: &u64| usize::try_from(start - address).ok();
    for (index, start) in inner.iter().enumerate() {
        let Some(tail) = offset(start).and_then(|start| run.get(start..)) else { continue };
        found.add(tail);
        if glued && let Some(end) = inner.get(index + 1) {
            let length = usize::try_from(end - start).unwrap_or(usize::MAX);
            tail.get(..length).into_iter().for_each(|piece| found.add(piece));
        }
    }
}

fn add_glued(found: &mut Collector, glued: &mut String, run: &[u8]) {
    let Ok(text) = std::str::from_utf8(run) else { return };
    found.add_glued(text);
    if glued.len() + text.len() < MAX_GLUED {
        glued.push_str(text);
        glued.push('\n');
    }
}

/// Runs of printable ASCII, tabs and line ends, of two bytes at least, and where they start.
fn runs(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let printable = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..)?;
            let start = at + rest.iter().position(|&b| printable(b))?;
            let run = bytes.get(start..)?;
            let length = run.iter().position(|&b| !printable(b)).unwrap_or(run.len());
            at = start + length;
            if length >= 2 {
                return Some((start, run.get(..length)?));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
