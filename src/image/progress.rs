//! How far the opening of an image is.

/// What happens while an image is opened; for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'e> {
    /// So many more bytes of the input have been put aside because they cannot be read in place. How many there
    /// will be is not known.
    Spooled(u64),
    /// So many bytes of layers will be read.
    Total(u64),
    /// So many more bytes of layers have been read.
    Read(u64),
    /// Of a blob that comes from far away, so much is here. Tries that begin anew begin at 0.
    Arrived {
        /// Its digest.
        digest: &'e str,
        /// Bytes that are here.
        done: u64,
        /// How many there will be.
        size: u64,
    },
}

/// Who is told about [`Event`]s, from several threads at once.
#[derive(Clone, Copy, Default)]
pub struct Listener<'r>(pub Option<&'r (dyn Fn(Event<'_>) + Sync)>);

impl Listener<'_> {
    pub(super) fn send(self, event: Event<'_>) {
        if let Some(send) = self.0 {
            send(event);
        }
    }
}
