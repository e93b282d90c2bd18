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
    super::bundle::Bundles<'_>,
    super::elf::Elf<'_>,
    super::python::Python<'_>,
    super::execline::Execline<'_>,
    super::foreign::Foreign<'_>,
    super::script::Script<'_>,
    super::crontab::Crontab<'_>,
    super::logrotate::Logrotate<'_>,
    super::login::Login<'_>,
    super::inetd::Inetd<'_>,
    super::inittab::Inittab<'_>,
    super::units::Units<'_>,
    super::nix::Nix<'_>,
    super::text::Text<'_>,
];

/// The interpreters that they know.
pub(super) fn interpreters() -> Vec<&'static Interpreter> {
    READERS.iter().flat_map(|reader| reader.interpreters).copied().collect()
}
