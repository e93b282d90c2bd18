//! A list of images: `SOURCE [TARGET [OPTIONS]]` a line, words as a shell would read them, `#` before what is no part of it.

use std::collections::BTreeMap;
use std::io::Read;

use super::share::Share;
use super::template::filled;
use crate::image::{Reference, Transport};
use crate::output::Destination;
use crate::{Error, Result};

/// Longest list, in bytes: some 400,000 images.
const MAX_BYTES: u64 = 64 << 20;

/// An image to be made.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in the list, counted from 1.
    pub line: u64,
    /// The original.
    pub source: Reference,
    /// The original, as it is written.
    pub source_text: String,
    /// Where the new image goes.
    pub target: Destination,
    /// The same, as it would be written.
    pub target_text: String,
    /// Options of its own.
    pub options: Vec<String>,
}

/// The images of a list.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// In order.
    pub entries: Vec<Entry>,
}

impl List {
    /// Reads a list. `target` is the template for lines without one.
    ///
    /// # Errors
    /// Names the line: if it has no target, or one that something else is written to or read from; if the list is too long.
    pub fn read(name: &str, input: impl Read, target: Option<&str>) -> Result<Self> {
        let mut text = String::new();
        let read = input.take(MAX_BYTES + 1).read_to_string(&mut text);
        read.map_err(Error::io(name, "cannot read the list"))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(Error::Usage(format!("{name}: is longer than {MAX_BYTES} bytes; make several lists of it")));
        }
        let mut entries = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let at = |error: Error| match error {
                Error::Usage(reason) => Error::Usage(format!("{name}:{number}: {reason}")),
                other => other,
            };
            entries.extend(entry(number, line, target).map_err(at)?);
        }
        check(name, &entries)?;
        Ok(Self { entries })
    }

    /// The images of a part of the list.
    pub fn share(&self, share: Share) -> impl Iterator<Item = &Entry> {
        (0..).zip(&self.entries).filter(move |(number, _)| share.has(*number)).map(|(_, entry)| entry)
    }
}

/// A line; nothing if it is empty, or a comment.
fn entry(line: u64, text: &str, target: Option<&str>) -> Result<Option<Entry>> {
    let words = shlex::split(text).ok_or_else(|| Error::Usage("a quotation mark is not closed".into()))?;
    let mut words = words.into_iter();
    let Some(source_text) = words.next() else { return Ok(None) };
    let source = Reference::parse(&source_text)?;
    if source.transport == Transport::Stdin {
        return Err(Error::Usage("an image of a list cannot come from standard input".into()));
    }
    let own = words.next();
    if let Some(own) = own.as_ref().filter(|own| own.starts_with('-') && own.as_str() != "-") {
        return Err(Error::Usage(format!("{own}: options stand behind SOURCE and TARGET")));
    }
    let template = own.as_deref().or(target).ok_or_else(|| {
        Error::Usage("names no target; write one behind the source, or a template for all with -o".into())
    })?;
    let target_text = filled(template, &source)?;
    let target: Destination = target_text.parse()?;
    if target == Destination::Stdout {
        return Err(Error::Usage("images of a list cannot go to standard output".into()));
    }
    Ok(Some(Entry { line, source, source_text, target, target_text, options: words.collect() }))
}

/// Refuses lists whose result would depend on the order of their lines.
fn check(name: &str, entries: &[Entry]) -> Result<()> {
    let mut targets: BTreeMap<String, u64> = BTreeMap::new();
    for Entry { line, target, target_text, .. } in entries {
        if let Some(other) = targets.insert(place(target), *line) {
            return Err(Error::Usage(format!("{name}:{line}: {target_text} is the target of line {other} as well")));
        }
    }
    for Entry { line, source, source_text, .. } in entries {
        if let Some(other) = source_place(source).and_then(|place| targets.get(&place)) {
            return Err(Error::Usage(format!("{name}:{line}: {source_text} is the target of line {other}")));
        }
    }
    Ok(())
}

/// The same for whatever is the same place.
fn place(target: &Destination) -> String {
    match target {
        Destination::Stdout => "-".into(),
        Destination::Registry(image) => format!("docker://{image}"),
        Destination::Daemon(name) => format!("docker-daemon:{}", name.canonical()),
        Destination::Archive { path, .. } => format!("file:{}", path.display()),
        Destination::Layout { path, reference } => {
            format!("oci:{}:{}", path.display(), reference.as_deref().unwrap_or_default())
        }
    }
}

fn source_place(source: &Reference) -> Option<String> {
    match &source.transport {
        Transport::Registry(image) => Some(format!("docker://{image}")),
        Transport::Oci => Some(format!("oci:{}:{}", source.path.display(), source.name.as_deref().unwrap_or_default())),
        Transport::Daemon(_) | Transport::Stdin => None,
        _ => Some(format!("file:{}", source.path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, target: Option<&str>) -> Result<List> {
        List::read("images.txt", text.as_bytes(), target)
    }

    #[test]
    fn lines_are_words() {
        let list = read(
            "# all\n\ndocker://r.example/a:1\ndocker://r.example/b:1 oci:out:b --keep '/a b' # why\n",
            Some("{repo}:{tag}-slim"),
        );
        let list = list.unwrap();
        let shown: Vec<_> =
            list.entries.iter().map(|one| (one.line, one.target_text.as_str(), one.options.clone())).collect();
        let options = vec!["--keep".to_owned(), "/a b".to_owned()];
        assert_eq!(shown, [(3, "docker://r.example/a:1-slim", vec![]), (4, "oci:out:b", options)]);
        let part: Vec<u64> = list.share(Share { index: 1, of: 2 }).map(|one| one.line).collect();
        assert_eq!(part, [4]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, words) in [
            ("a.tar", "images.txt:1: names no target"),
            ("\na.tar 'b", "images.txt:2: a quotation mark"),
            ("- b.tar", "standard input"),
            ("a.tar -", "standard output"),
            ("a.tar --keep x", "options stand behind"),
            ("a.tar b.tar\nc.tar b.tar", "images.txt:2: b.tar is the target of line 1"),
            (
                "docker://app docker://r.example/x\nb.tar docker://docker.io/library/app:latest",
                "images.txt:1: docker://app is the target of line 2",
            ),
            ("a.tar {tag}.tar", "has no tag"),
            ("a.tar ostree:x", "cannot write to ostree"),
        ] {
            let error = read(text, None).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
