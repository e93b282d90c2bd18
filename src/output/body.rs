//! The content of one file of the layer, from wherever it is.

use std::borrow::Cow;
use std::ops::Range;

use crate::image::Blob;
use crate::plan::Edit;
use crate::rootfs::{Content, Rootfs, Segment};

/// What is left of a file's content.
pub(super) enum Body<'a> {
    Memory(&'a [u8]),
    Stored {
        layer: &'a Blob,
        segments: Cow<'a, [Segment]>,
        /// The first segment that does not end before `at`.
        segment: usize,
        at: u64,
        size: u64,
    },
    /// New bytes, then stored ones, then new ones.
    Edited {
        head: &'a [u8],
        stored: Box<Body<'a>>,
        /// Stored ones that come after those.
        later: &'a [Range<u64>],
        tail: &'a [u8],
    },
}

impl<'a> Body<'a> {
    pub fn stored(rootfs: &'a Rootfs, content: &'a Content) -> Result<Self, String> {
        let layer = rootfs.layers.get(content.layer as usize).ok_or("its layer is missing")?;
        Ok(Self::Stored { layer, segments: content.segments(), segment: 0, at: 0, size: content.size })
    }

    pub fn edited(rootfs: &'a Rootfs, content: &'a Content, edit: &'a Edit) -> Result<Self, String> {
        if edit.kept.iter().any(|range| range.end > content.size) {
            return Err("it is shorter than it was".to_owned());
        }
        let mut stored = Self::stored(rootfs, content)?;
        stored.move_to(0..0);
        Ok(Self::Edited { head: &edit.head, stored: Box::new(stored), later: &edit.kept, tail: &edit.tail })
    }

    /// What is stored comes from these places, which are behind those before.
    fn move_to(&mut self, range: Range<u64>) {
        if let Self::Stored { at, size, .. } = self {
            (*at, *size) = (range.start, range.end);
        }
    }

    /// How many bytes are to come.
    pub fn left(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Stored { at, size, .. } => size - at,
            Self::Edited { head, stored, later, tail } => {
                let later: u64 = later.iter().map(|range| range.end - range.start).sum();
                (head.len() + tail.len()) as u64 + stored.left() + later
            }
        }
    }

    /// Reads some bytes, none only at the end.
    pub fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let want = usize::try_from(self.left()).unwrap_or(usize::MAX).min(out.len());
        let out = &mut out[..want];
        match self {
            Self::Memory(bytes) => {
                let (now, later) = bytes.split_at(want);
                out.copy_from_slice(now);
                *bytes = later;
                Ok(want)
            }
            Self::Edited { head, stored, later, tail } => {
                if head.is_empty() {
                    while let (0, Some((next, others))) = (stored.left(), later.split_first()) {
                        stored.move_to(next.clone());
                        *later = others;
                    }
                    if stored.left() > 0 {
                        return stored.read(out);
                    }
                }
                let part = if head.is_empty() { tail } else { head };
                let (now, later) = part.split_at(want.min(part.len()));
                out[..now.len()].copy_from_slice(now);
                *part = later;
                Ok(now.len())
            }
            Self::Stored { layer, segments, segment, at, .. } => {
                while segments.get(*segment).is_some_and(|run| run.start.saturating_add(run.len) <= *at) {
                    *segment += 1;
                }
                let n = match segments.get(*segment) {
                    Some(run) if run.start <= *at => {
                        let into = *at - run.start;
                        let n = usize::try_from(run.len - into).unwrap_or(usize::MAX).min(want);
                        let offset = run.offset.checked_add(into).ok_or(std::io::ErrorKind::UnexpectedEof)?;
                        layer.read_exact_at(&mut out[..n], offset)?;
                        n
                    }
                    hole_before => {
                        let gap = hole_before.map_or(u64::MAX, |run| run.start - *at);
                        let n = usize::try_from(gap).unwrap_or(usize::MAX).min(want);
                        out[..n].fill(0);
                        n
                    }
                };
                *at += n as u64;
                Ok(n)
            }
        }
    }
}
