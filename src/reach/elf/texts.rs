//! The strings of an ELF file: found in its data piece by piece, cut where something points to, and sorted by what they
//! may name.

use super::beginnings::Beginnings;
use super::compilers;
use super::cython::{self, StringTable};
use super::facts::{ElfFacts, LOAD, PythonBinary, RUN_LINE, imports_any};
use super::immediates;
use super::mypyc;
use super::object::{Object, Part, Region};
use super::references::References;
use super::runs::{each_run, runs};
use super::strings::{Collector, Wanted};
use super::survey::Survey;

/// At most this many bytes of strings without separators are kept of one file.
const MAX_GLUED: usize = 2 << 20;
/// Longer tails of text are not looked at: nothing that is named is longer.
const MAX_TAIL: usize = 4096;
/// Shorter runs of text between other bytes are chance, unless a NUL ends them or something points to them.
const MIN_GLUED: usize = 4;
/// What stands before a string of a language that stores lengths is no longer: a length, a capacity.
const MAX_HEADER: u64 = 16;
/// Of a Python module no more data is held in memory: the largest known have some 60 MB.
const MAX_HELD: u64 = 256 << 20;

/// Adds to `facts` what the strings in the data of a file name. `survey` is of the same data.
pub(super) fn read(object: &Object, data: &[Part], survey: Survey, facts: &mut ElfFacts) {
    let plain = facts.python.as_ref().is_none_or(|python| python.modules.is_empty() && !python.interpreter);
    let wanted = Wanted {
        names: facts.python.is_some(),
        commands: plain && imports_any(&facts.imports, &RUN_LINE),
        lines: plain && facts.starts,
        // A library may start for a program what the program names.
        words: plain && (facts.program || facts.starts || imports_any(&facts.imports, &LOAD)),
    };
    let mut found = Collector { wanted, ..Collector::default() };
    let mut glued = String::new();
    let stored = compilers::strings(object, survey.marks, &facts.imports);
    let Survey { mut references, .. } = survey;
    // Data of programs in code: what starts none names none there.
    let has_texts = wanted.words && facts.starts;
    let is_module = facts.python.as_ref().is_some_and(|python| !python.modules.is_empty());
    let mut beginnings =
        (is_module && stored.glued && References::reads_code(object)).then(|| Beginnings::within(MAX_GLUED));
    let reads_texts = has_texts || beginnings.is_some();
    references.read_code(object, if reads_texts { MAX_TAIL } else { 0 }, |code| {
        if reads_texts {
            immediates::texts(code, |text| {
                if has_texts {
                    found.add(text);
                }
                if let Some(beginnings) = &mut beginnings {
                    beginnings.add(text);
                }
            });
        }
    });
    if beginnings.is_some() {
        references.read_relative_tables(object);
    }
    let slices = references.slices();
    let all_short = stored.short || !References::reads_code(object);
    for &part in data {
        each_run(object, part, |address, run, ends| {
            // Compressed data is full of these.
            if run.len() < MIN_GLUED && !ends && !all_short && !is_meant(&references, address, run) {
                return;
            }
            add_run(&mut found, address, run, &references);
            if stored.filled {
                compilers::filled(run).for_each(|text| found.add(text));
            }
            if stored.glued && run.len() >= MIN_GLUED {
                add_glued(&mut found, &mut glued, run);
            }
            if let Some(beginnings) = &mut beginnings {
                beginnings.add_run(address, run, &references);
            }
        });
    }
    for &(address, length) in slices.iter().filter(|slice| data.iter().any(|part| part.holds(**slice))) {
        object.peek(address, length as u64, |text| {
            found.add(text);
            Some(())
        });
    }
    if let Some(python) = &mut facts.python {
        if !python.modules.is_empty() {
            read_module(object, data, &references, python, &mut found, &mut glued);
        }
        python.names = std::mem::take(&mut found.names).into_sorted();
        // Of a table that could not be cut nothing is known.
        python.beginnings = beginnings.filter(|_| !python.cython).and_then(Beginnings::into_sorted);
        python.sources = std::mem::take(&mut found.sources).into_sorted();
    }
    facts.libraries = found.libraries.into_sorted();
    facts.stems = found.stems.into_sorted();
    facts.paths = found.paths.into_sorted();
    facts.mentions = found.mentions.into_sorted();
    facts.formats = found.formats.into_sorted();
    facts.relatives = found.relatives.into_sorted();
    facts.commands = found.commands.into_sorted();
    facts.lines = found.lines.into_sorted();
    facts.words = found.words.into_sorted();
    facts.glued = glued.into();
}

/// What compilers of Python put into modules in ways of their own.
fn read_module(
    object: &Object,
    data: &[Part],
    references: &References,
    python: &mut PythonBinary,
    found: &mut Collector,
    glued: &mut String,
) {
    let size: u64 = data.iter().map(|part| part.size).sum();
    let held: Option<Vec<_>> =
        data.iter().filter(|_| size <= MAX_HELD).map(|part| Some((part.address, object.bytes(*part)?))).collect();
    let held = held.unwrap_or_default();
    let data: Vec<Region> = held.iter().map(|(address, bytes)| Region { address: *address, bytes }).collect();
    if size > MAX_HELD {
        python.opaque_names = true;
    }
    for region in &data {
        // Nothing marks a module of mypyc's for sure; what is no table of strings yields none.
        mypyc::strings(region.bytes).for_each(|text| found.add(text));
    }
    python.cython = cython::is_cython(&data);
    if python.cython {
        // Before 3.2 every string is a C string, and has been seen above.
        let readable = ["__main__", "__name__", "__test__"].iter().all(|name| found.names.contains(name));
        match cython::table(object, &data, references) {
            StringTable::Split(strings) => strings.iter().for_each(|text| found.add(text)),
            StringTable::Block(block) => runs(&block, |_, run| add_glued(found, glued, run)),
            StringTable::Absent => python.opaque_names = !readable,
        }
    }
}

/// Whether something points to a run of text, into it, or to a header before it.
fn is_meant(references: &References, address: u64, run: &[u8]) -> bool {
    references.any(address.saturating_sub(MAX_HEADER), address.saturating_add(run.len() as u64))
}

/// Looks at a run of text as a whole, and at what starts where something points into it: a string that the
/// linker merged into the tail of another one, or one that ends where the next one starts.
fn add_run(found: &mut Collector, address: u64, run: &[u8], references: &References) {
    found.add(run);
    compilers::behind_length(run).into_iter().for_each(|text| found.add(text));
    let inner = references.between(address, address.saturating_add(run.len() as u64));
    let offset = |start: &u64| usize::try_from(start - address).ok();
    for (index, start) in inner.iter().enumerate() {
        let Some(tail) = offset(start).and_then(|start| run.get(start..)) else { continue };
        if tail.len() <= MAX_TAIL {
            found.add(tail);
        }
        if let Some(end) = inner.get(index + 1) {
            let length = usize::try_from(end - start).unwrap_or(usize::MAX);
            tail.get(..length.min(MAX_TAIL)).into_iter().for_each(|piece| found.add(piece));
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
