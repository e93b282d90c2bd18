//! Blobs that images share, before and after: a registry stores each once.

use super::model::{ImageSum, Storage, Stored};
use super::names::Names;
use crate::image::StoredBlob;

/// The blobs of all images.
#[derive(Default)]
pub struct Blobs {
    digests: Names,
    bytes: Vec<u64>,
}

/// The blobs of an image, by number: each once.
#[derive(Default)]
pub struct Sides {
    pub before: Vec<u32>,
    /// Nothing if there is no new image.
    pub after: Option<Vec<u32>>,
}

impl Blobs {
    /// The numbers of these blobs.
    pub fn numbers(&mut self, blobs: &[StoredBlob]) -> Vec<u32> {
        let mut numbers: Vec<u32> = Vec::with_capacity(blobs.len());
        for blob in blobs {
            let number = self.digests.number(&blob.digest);
            if self.bytes.len() < self.digests.len() {
                self.bytes.push(blob.bytes);
            }
            numbers.push(number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn bytes(&self, number: u32) -> u64 {
        self.bytes.get(number as usize).copied().unwrap_or_default()
    }

    fn sum(&self, numbers: &[u32]) -> u64 {
        numbers.iter().fold(0, |sum, &number| sum.saturating_add(self.bytes(number)))
    }

    /// How many images have each blob.
    fn users<'s>(&self, images: impl Iterator<Item = &'s [u32]>) -> Vec<u32> {
        let mut users = vec![0_u32; self.bytes.len()];
        for number in images.flatten() {
            if let Some(count) = users.get_mut(*number as usize) {
                *count += 1;
            }
        }
        users
    }

    /// Bytes of those that are used.
    fn distinct(&self, users: &[u32]) -> u64 {
        let used = users.iter().zip(&self.bytes).filter(|(users, _)| **users > 0);
        used.fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    /// Says of each image what it takes, and what all do.
    pub fn say(&self, sides: &[Sides], images: &mut [ImageSum]) -> Storage {
        let before = self.users(sides.iter().map(|one| one.before.as_slice()));
        let after = self.users(sides.iter().map(|one| one.after.as_deref().unwrap_or(&one.before)));
        let both: Vec<u32> = before.iter().zip(&after).map(|(before, after)| before | after).collect();
        let mut storage = Storage {
            before: self.distinct(&before),
            after: self.distinct(&after),
            together: self.distinct(&both),
            ..Storage::default()
        };
        let of = |users: &[u32], number: u32| users.get(number as usize).copied().unwrap_or(1).max(1);
        let share = |users: &[u32], numbers: &[u32]| {
            let parts = numbers.iter().map(|&number| self.bytes(number) / u64::from(of(users, number)));
            parts.fold(0_u64, u64::saturating_add)
        };
        for (one, image) in sides.iter().zip(images) {
            let Some(new) = one.after.as_deref().filter(|_| !one.before.is_empty()) else { continue };
            let own: Vec<u32> = one.before.iter().copied().filter(|&number| of(&before, number) == 1).collect();
            // What the new image has and no original: it comes on top if this image alone is slimmed.
            let more: Vec<u32> = new
                .iter()
                .copied()
                .filter(|&number| before.get(number as usize).is_none_or(|&users| users == 0))
                .collect();
            let (share_before, share_after) = (share(&before, &one.before), share(&after, new));
            let own_before = self.sum(&own);
            let stored = Stored {
                before: self.sum(&one.before),
                share_before,
                own_before,
                after: self.sum(new),
                share_after,
                costs: share_after.saturating_sub(share_before),
                costs_alone: self.sum(&more).saturating_sub(own_before),
            };
            storage.images += 1;
            storage.costly += u64::from(stored.costs > 0);
            storage.costs = storage.costs.saturating_add(stored.costs);
            image.stored = Some(stored);
        }
        storage
    }
}
