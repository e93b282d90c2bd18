//! What goes from between things that are loaded: patchelf(1) puts what it makes longer behind everything else, symbols too.
//!
//! What lies behind moves to the front, by multiples of the alignment of all segments there: a segment may be anywhere in the
//! file as long as its place and its address are the same modulo its alignment (System V gABI, "Program Header"). Addresses
//! and the bytes of segments stay what they were; where segments and sections are in the file is written anew. The loader goes
//! by these headers. Programs may know other ways to their own file, so that only libraries are changed so.

use std::ops::Range;

use goblin::elf::header::ET_DYN;
use goblin::elf::program_header as ph;

use super::cut::SectionRole;
use super::headers::{Headers, has_bytes, place_of};

const BEFORE: &str = "they lie before something that is loaded";
/// Pages have at least this size, in bytes, whatever segments are aligned to.
const PAGE: u64 = 4096;

/// Parts of a file that go.
#[derive(Debug, Default)]
pub(super) struct Holes {
    /// What goes, in order.
    pub(super) cut: Vec<Range<u64>>,
    /// The stretches between what is needed of which something goes, in order.
    gaps: Vec<Range<u64>>,
}

impl Holes {
    /// Finds what can go from between what is `needed`.
    ///
    /// # Errors
    /// If sections that go lie there and must not, in words for the user.
    pub(super) fn new(
        headers: &Headers,
        roles: &[SectionRole],
        mut needed: Vec<Range<u64>>,
    ) -> Result<Self, &'static str> {
        needed.sort_unstable_by_key(|range| (range.start, range.end));
        let mut gaps = Vec::new();
        let mut at = 0;
        for range in &needed {
            if range.start > at {
                gaps.push(at..range.start);
            }
            at = at.max(range.end);
        }
        let going = headers.sections.iter().zip(roles);
        let going = going.filter(|&(one, &role)| role == SectionRole::Goes && has_bytes(one) && one.sh_offset < at);
        let going: Vec<Range<u64>> = going.map(|(one, _)| place_of(one)).collect();
        if going.is_empty() {
            return Ok(Self::default());
        }
        let within = |gap: &Range<u64>, one: &Range<u64>| gap.start <= one.start && one.end <= gap.end;
        if !going.iter().all(|one| gaps.iter().any(|gap| within(gap, one))) || !may_move(headers) {
            return Err(BEFORE);
        }
        gaps.retain(|gap| going.iter().any(|one| within(gap, one)));
        let mut holes = Self::default();
        for gap in gaps {
            let behind = headers.segments.iter().filter(|one| one.p_offset >= gap.end);
            let align = behind.map(|one| one.p_align).fold(PAGE, u64::max);
            let length = (gap.end - gap.start) / align * align;
            if length > 0 {
                holes.cut.push(gap.start..gap.start + length);
                holes.gaps.push(gap);
            }
        }
        if holes.cut.is_empty() { Err(BEFORE) } else { Ok(holes) }
    }

    /// Whether something lies where something goes.
    pub(super) fn touch(&self, place: &Range<u64>) -> bool {
        self.gaps.iter().any(|gap| place.start < gap.end && gap.start < place.end)
    }

    /// The new place of what is at a place.
    pub(super) fn moved(&self, place: u64) -> u64 {
        let gone = self.cut.iter().filter(|cut| cut.start < place).map(|cut| place.min(cut.end) - cut.start);
        place - gone.sum::<u64>()
    }

    /// What is left of a part of the file.
    pub(super) fn between(&self, part: Range<u64>) -> Vec<Range<u64>> {
        let mut left = Vec::new();
        let mut at = part.start;
        for cut in &self.cut {
            left.push(at..cut.start);
            at = cut.end;
        }
        left.push(at..part.end);
        left
    }
}

/// Whether parts of a file may change their places: it is a library, and its program headers are where they are looked for
/// first, and can be written anew.
fn may_move(headers: &Headers) -> bool {
    let header = &headers.header;
    let aligned = |one: &ph::ProgramHeader| one.p_align <= 1 || one.p_align.is_power_of_two();
    header.e_type == ET_DYN
        && header.e_phoff == u64::from(header.e_ehsize)
        && headers.segments.iter().all(|one| one.p_type != ph::PT_INTERP && aligned(one))
}
