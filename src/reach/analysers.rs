//! The one list of analysers. The first that claims a file reads it.

use super::analyser::{Reader, Start, reader, start};
use super::crontab::Crontab;
use super::elf::Elf;
use super::interpreter::Interpreter;
use super::python::Python;
use super::script::Script;
use super::text::Text;

/// Their pure halves.
pub(super) static READERS: [Reader; 5] =
    [reader::<Elf>(), reader::<Python>(), reader::<Script>(), reader::<Crontab>(), reader::<Text>()];

/// Their other halves, in the same order.
pub(super) fn starts<'a>() -> [Start<'a>; READERS.len()] {
    [start::<Elf>, start::<Python>, start::<Script>, start::<Crontab>, start::<Text>]
}

/// The interpreters that they know.
pub(super) fn interpreters() -> Vec<&'static Interpreter> {
    READERS.iter().filter_map(|reader| reader.interpreter).collect()
}
