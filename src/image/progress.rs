//! How far the opening of an image is.

/// What happens while an image is opened; for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// So many bytes of the input have been put aside because they cannot be read in place. How many there
    /// will be is not known.
    Spooled(u64),
    /// So many bytes of layers will be read.
    Total(u64),
    /// So many more bytes of layers have been read.
    Read(u64),
}

/// Who is told about [`Event`]s, from several threads at once.
#[derive(Clone, Copy, Default)]
pub struct Listener<'r>(pub Option<&'r (dyn Fn(Event) + Sync)>);

impl Listener<'_> {
    pub(super) fn send(self, event: Event) {
        if let Some(send) = self.0 {
            send(event);
        }
    }
}
