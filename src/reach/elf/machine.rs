//! What the loader's search depends on besides the file: machine, libc, and the names both go by.

use goblin::elf::header::{
    ELFCLASS32, ELFCLASS64, ELFDATA2MSB, EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_PPC64, EM_RISCV, EM_S390,
    EM_X86_64,
};

use super::facts::ElfFacts;

/// Which C library's loader loads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Libc {
    Glibc,
    Musl,
}

impl Libc {
    /// The libc that a file's own words name.
    pub(super) fn of(facts: &ElfFacts) -> Option<Self> {
        if let Some(interpreter) = &facts.interpreter {
            let musl = memchr::memmem::find(interpreter, b"/ld-musl-").is_some();
            return Some(if musl { Self::Musl } else { Self::Glibc });
        }
        facts.needed.iter().find_map(|name| match name.as_slice() {
            b"libc.so.6" => Some(Self::Glibc),
            b"libc.so" => Some(Self::Musl),
            name if name.starts_with(b"libc.musl-") || name.starts_with(b"ld-musl-") => Some(Self::Musl),
            _ => None,
        })
    }
}

/// Class, byte order and machine: the loader passes over libraries that differ in any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Machine {
    pub(super) is_64: bool,
    pub(super) big_endian: bool,
    pub(super) machine: u16,
}

/// As many bytes of a file as [`Machine::of_header`] looks at.
pub(super) const HEADER: u64 = 20;

impl Machine {
    pub(super) fn of(facts: &ElfFacts) -> Self {
        Self { is_64: facts.is_64, big_endian: facts.big_endian, machine: facts.machine }
    }

    /// From the first [`HEADER`] bytes of a file; `None` for anything but ELF.
    pub(super) fn of_header(bytes: &[u8]) -> Option<Self> {
        let class = *bytes.get(4)?;
        if !bytes.starts_with(b"\x7fELF") || !matches!(class, ELFCLASS32 | ELFCLASS64) {
            return None;
        }
        let big_endian = *bytes.get(5)? == ELFDATA2MSB;
        let raw = [*bytes.get(18)?, *bytes.get(19)?];
        let machine = if big_endian { u16::from_be_bytes(raw) } else { u16::from_le_bytes(raw) };
        Some(Self { is_64: class == ELFCLASS64, big_endian, machine })
    }

    /// Names of the machine: Debian's multiarch directories, values of `$PLATFORM`, names in musl's paths.
    pub(super) fn names(self) -> Names {
        let names = |multiarch, platform, musl| Names { multiarch, platform, musl };
        match (self.machine, self.is_64, self.big_endian) {
            (EM_X86_64, true, _) => names(&["x86_64-linux-gnu"], &["x86_64", "haswell", "xeon_phi"], &["x86_64"]),
            (EM_X86_64, false, _) => names(&["x86_64-linux-gnux32"], &["x86_64"], &["x32"]),
            (EM_386, ..) => names(&["i386-linux-gnu", "i686-linux-gnu"], &["i686", "i586", "i386"], &["i386"]),
            (EM_AARCH64, _, false) => names(&["aarch64-linux-gnu"], &["aarch64"], &["aarch64"]),
            (EM_AARCH64, _, true) => names(&["aarch64_be-linux-gnu"], &["aarch64"], &["aarch64_be"]),
            (EM_ARM, ..) => {
                names(&["arm-linux-gnueabihf", "arm-linux-gnueabi"], &["v7l", "v6l", "v8l"], &["armhf", "armv7", "arm"])
            }
            (EM_RISCV, true, _) => names(&["riscv64-linux-gnu"], &["riscv64"], &["riscv64"]),
            (EM_PPC64, _, false) => {
                names(&["powerpc64le-linux-gnu"], &["power8", "power9", "power10"], &["powerpc64le"])
            }
            (EM_PPC64, _, true) => names(&["powerpc64-linux-gnu"], &["power7", "power8"], &["powerpc64"]),
            (EM_S390, true, _) => names(&["s390x-linux-gnu"], &["z13", "z14", "z15", "z16"], &["s390x"]),
            (EM_LOONGARCH, true, _) => names(&["loongarch64-linux-gnu"], &["loongarch64"], &["loongarch64"]),
            _ => names(&[], &[], &[]),
        }
    }
}

/// See [`Machine::names`].
pub(super) struct Names {
    pub(super) multiarch: &'static [&'static str],
    pub(super) platform: &'static [&'static str],
    pub(super) musl: &'static [&'static str],
}
