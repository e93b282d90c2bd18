//! Small ELF files for tests.

/// Writes a shared library or program with a dynamic table, symbols, read-only data and a note.
#[derive(Clone, Debug)]
pub(in crate::reach) struct ElfFile {
    machine: u16,
    interpreter: Option<&'static str>,
    dynamic: Vec<(u64, String)>,
    flags_1: u64,
    imports: Vec<&'static str>,
    exports: Vec<&'static str>,
    data: Vec<u8>,
    note: Vec<u8>,
    sections: Vec<(&'static str, Vec<u8>)>,
}

const DT_NEEDED: u64 = 1;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;

impl ElfFile {
    /// An empty x86-64 library.
    pub(in crate::reach) fn new() -> Self {
        Self {
            machine: 62,
            interpreter: None,
            dynamic: Vec::new(),
            flags_1: 0,
            imports: Vec::new(),
            exports: Vec::new(),
            data: vec![0],
            note: Vec::new(),
            sections: Vec::new(),
        }
    }
    pub(in crate::reach) fn machine(mut self, machine: u16) -> Self {
        self.machine = machine;
        self
    }
    pub(in crate::reach) fn interpreter(mut self, path: &'static str) -> Self {
        self.interpreter = Some(path);
        self
    }
    fn with(mut self, tag: u64, text: &str) -> Self {
        self.dynamic.push((tag, text.to_owned()));
        self
    }
    pub(in crate::reach) fn needed(self, name: &str) -> Self {
        self.with(DT_NEEDED, name)
    }
    pub(in crate::reach) fn soname(self, name: &str) -> Self {
        self.with(DT_SONAME, name)
    }
    pub(in crate::reach) fn rpath(self, dirs: &str) -> Self {
        self.with(DT_RPATH, dirs)
    }
    pub(in crate::reach) fn runpath(self, dirs: &str) -> Self {
        self.with(DT_RUNPATH, dirs)
    }
    pub(in crate::reach) fn no_default_lib(mut self) -> Self {
        self.flags_1 = 0x800;
        self
    }
    pub(in crate::reach) fn import(mut self, name: &'static str) -> Self {
        self.imports.push(name);
        self
    }
    pub(in crate::reach) fn export(mut self, name: &'static str) -> Self {
        self.exports.push(name);
        self
    }
    /// A C string in read-only data.
    pub(in crate::reach) fn string(mut self, text: &str) -> Self {
        self.data.extend_from_slice(text.as_bytes());
        self.data.push(0);
        self
    }
    /// Bytes where read-only data begins.
    pub(in crate::reach) fn first(mut self, bytes: &[u8]) -> Self {
        self.data = bytes.to_vec();
        self
    }
    /// Bytes in read-only data, at a multiple of four from its start.
    pub(in crate::reach) fn data(mut self, bytes: &[u8]) -> Self {
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        self.data.extend_from_slice(bytes);
        self
    }
    /// A section of its own with read-only data.
    pub(in crate::reach) fn section(mut self, name: &'static str, bytes: &[u8]) -> Self {
        self.sections.push((name, bytes.to_vec()));
        self
    }
    /// The JSON of a `.note.dlopen`.
    pub(in crate::reach) fn dlopen(mut self, json: &str) -> Self {
        let mut text = json.as_bytes().to_vec();
        text.push(0);
        for word in [4, text.len() as u32, 0x407c_0c0a] {
            self.note.extend_from_slice(&word.to_le_bytes());
        }
        self.note.extend_from_slice(b"FDO\0");
        text.resize(text.len().next_multiple_of(4), 0);
        self.note.extend_from_slice(&text);
        self
    }

    /// The file's bytes; file offsets and addresses are the same.
    pub(in crate::reach) fn build(&self) -> Vec<u8> {
        let mut out = vec![0; 64 + 4 * 56];
        let mut strings = vec![0u8];
        let mut text = |name: &str| {
            let at = strings.len() as u64;
            strings.extend_from_slice(name.as_bytes());
            strings.push(0);
            at
        };
        let mut symbols = vec![0u8; 24];
        let named = self.imports.iter().map(|name| (name, 0u16)).chain(self.exports.iter().map(|name| (name, 1)));
        for (name, section) in named {
            symbols.extend_from_slice(&(text(name) as u32).to_le_bytes());
            symbols.extend_from_slice(&[0x12, 0]);
            symbols.extend_from_slice(&section.to_le_bytes());
            symbols.extend_from_slice(&[0; 16]);
        }
        let mut entries: Vec<(u64, u64)> = self.dynamic.iter().map(|(tag, name)| (*tag, text(name))).collect();
        let mut place = |bytes: &[u8]| {
            out.resize(out.len().next_multiple_of(8), 0);
            let at = out.len() as u64;
            out.extend_from_slice(bytes);
            (at, bytes.len() as u64)
        };
        let interpreter = self.interpreter.map(|path| place(&[path.as_bytes(), b"\0"].concat()));
        let symbol_table = place(&symbols);
        let string_table = place(&strings);
        let chains = symbols.len() as u32 / 24;
        let hash = place(&[1u32, chains].map(u32::to_le_bytes).concat());
        let words = [(5, string_table.0), (10, string_table.1), (6, symbol_table.0), (4, hash.0)];
        entries.extend(words.into_iter().chain([(0x6fff_fffb, self.flags_1), (0, 0)]));
        let raw: Vec<u8> =
            entries.iter().flat_map(|&(tag, value)| [tag, value].map(u64::to_le_bytes).concat()).collect();
        let dynamic = place(&raw);
        let data = place(&self.data);
        let note = place(&self.note);
        let others: Vec<_> = self.sections.iter().map(|(name, bytes)| (*name, place(bytes))).collect();
        let mut texts = b"\0.rodata\0.shstrtab\0".to_vec();
        let others = others.into_iter().map(|(name, area)| {
            let at = texts.len() as u32;
            texts.extend_from_slice(&[name.as_bytes(), b"\0"].concat());
            (at, area)
        });
        let others: Vec<_> = others.collect();
        let names = place(&texts);
        let section = |name: u32, kind: u32, flags: u64, (at, size): (u64, u64)| {
            let mut header = [name, kind].map(u32::to_le_bytes).concat();
            header.extend([flags, at, at, size, 0, 1, 0].map(u64::to_le_bytes).concat());
            header
        };
        let mut sections = [section(0, 0, 0, (0, 0)), section(1, 1, 2, data), section(9, 3, 0, names)].concat();
        sections.extend(others.iter().flat_map(|&(name, area)| section(name, 1, 2, area)));
        let count = (sections.len() / 64) as u16;
        let sections = place(&sections);
        let whole = (0, out.len() as u64);
        let segments = [(1u32, Some(whole)), (2, Some(dynamic)), (3, interpreter), (4, Some(note).filter(|n| n.1 > 0))];
        let mut at = 64;
        for (kind, (offset, size)) in segments.into_iter().filter_map(|(kind, area)| Some((kind, area?))) {
            let header = [
                [kind, 4].map(u32::to_le_bytes).concat(),
                [offset, offset, offset, size, size, 8].map(u64::to_le_bytes).concat(),
            ];
            out[at..at + 56].copy_from_slice(&header.concat());
            at += 56;
        }
        let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        header.extend([3, self.machine].map(u16::to_le_bytes).concat());
        header.extend(1u32.to_le_bytes());
        header.extend([0, 64, sections.0].map(u64::to_le_bytes).concat());
        header.extend(0u32.to_le_bytes());
        header.extend([64, 56, ((at - 64) / 56) as u16, 64, count, 2].map(u16::to_le_bytes).concat());
        out[..64].copy_from_slice(&header);
        out
    }
}
