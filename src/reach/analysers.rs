//! The one list of analysers. The first that claims a file reads it: those that look for a file's content come first, then
//! those that know its place or its name, and text, which takes what is left, last.

use super::analyser::{Reader, Start, reader, start};
use super::interpreter::Interpreter;

/// Makes the two halves of the list, in the same order.
macro_rules! analysers {
    ($($analyser:ty),* $(,)?) => {
        /// Their pure halves.
        pub(super) static READERS: [Reader; [$(stringify!($analyser)),*].len()] = [$(reader::<$analyser>()),*];

        /// Their other halves, in the same order.
        pub(super) fn starts<'a>() -> [Start<'a>; READERS.len()] {
            [$(start::<$analyser>),*]
        }
    };
}

analysers![
    super::elf::Elf<'_>,
    super::python::Python<'_>,
    super::script::Script<'_>,
    super::crontab::Crontab<'_>,
    super::text::Text<'_>,
];

/// The interpreters that they know.
pub(super) fn interpreters() -> Vec<&'static Interpreter> {
    READERS.iter().filter_map(|reader| reader.interpreter).collect()
}
