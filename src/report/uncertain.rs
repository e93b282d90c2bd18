//! Uncertainties for people: a script-heavy image has thousands, most of a few kinds.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bstr::BStr;

use super::paths::printable;
use super::style::{Palette, Role};
use super::table::{WIDTH, cut_middle, wrap};
use crate::reach::Uncertainty;

/// How many kinds are printed.
const KINDS: usize = 10;
/// How many files of each.
const FILES: usize = 3;
/// How many things that make a result doubtful are printed one by one.
const DOUBTS: usize = 20;

/// Uncertainties that differ by names only.
pub(super) struct Group<'a> {
    /// The first of them.
    pub first: &'a Uncertainty,
    /// All of them.
    pub all: Vec<&'a Uncertainty>,
    /// What they say without names.
    pub what: String,
    /// What was done about them, without names.
    pub effect: String,
    /// How many there are.
    pub count: usize,
    /// In the order of their first appearance: path, first line, count.
    files: Vec<(&'a str, u32, usize)>,
}

impl Group<'_> {
    /// The option that settles those of them that make the result doubtful.
    pub fn settle(&self) -> Option<&str> {
        self.all.iter().find_map(|one| one.settle.as_deref())
    }
}

/// Prints the commonest kinds, each with the files that have the most of it.
pub fn write(all: &[Uncertainty], palette: Palette, out: &mut impl Write) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let heading = format!("UNCERTAIN, {} in all (--json has every one)", all.len());
    writeln!(out, "\n{}", palette.paint(Role::Heading, heading))?;
    let groups = groups(all);
    for group in groups.iter().take(KINDS) {
        let one = group.count == 1;
        let what = if one { &group.first.what } else { &group.what };
        let effect = if one { &group.first.effect } else { &group.effect };
        let settle = group.settle().map_or(String::new(), |option| format!(" [{option}]"));
        let line = format!("{} -> {}{settle}", printable(BStr::new(what)), printable(BStr::new(effect)));
        let lead = format!("{:>5} x ", group.count);
        wrap(line.split(' '), WIDTH, [&lead, "        "], " ", out)?;
        let mut files = group.files.clone();
        files.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        for (path, line, count) in files.iter().take(FILES) {
            let path = if path.is_empty() { "the image's config" } else { path };
            let line = if *line == 0 { String::new() } else { format!(":{line}") };
            let times = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            let room = WIDTH.saturating_sub(10 + line.len() + times.len());
            writeln!(out, "          {}{line}{times}", cut_middle(&printable(BStr::new(path)), room))?;
        }
        if files.len() > FILES {
            writeln!(out, "          … and {} more files", files.len() - FILES)?;
        }
    }
    if groups.len() > KINDS {
        let rest: usize = groups.iter().skip(KINDS).map(|group| group.count).sum();
        writeln!(out, "  … and {rest} more of {} other kinds", groups.len() - KINDS)?;
    }
    Ok(())
}

/// Prints a line for each thing that makes the result doubtful, the option that settles it at the end.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_doubts<'a>(doubts: impl Iterator<Item = &'a Uncertainty>, out: &mut impl Write) -> io::Result<()> {
    let doubts: Vec<&Uncertainty> = doubts.collect();
    for one in doubts.iter().take(DOUBTS) {
        let place = if one.path.is_empty() { "the image's config" } else { &one.path };
        let line = if one.line == 0 { String::new() } else { format!(":{}", one.line) };
        let settle = one.settle.as_deref().unwrap_or_default();
        let text = format!("{place}{line}: {} -> {} [{settle}]", one.what, one.effect);
        writeln!(out, "doubt: {}", printable(BStr::new(&text)))?;
    }
    match doubts.len().checked_sub(DOUBTS) {
        None | Some(0) => Ok(()),
        Some(rest) => writeln!(out, "doubt: {rest} more: see `bantam report`"),
    }
}

/// The groups, the largest first.
pub(super) fn groups(all: &[Uncertainty]) -> Vec<Group<'_>> {
    let mut found: Vec<Group<'_>> = Vec::new();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut places: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for one in all {
        let key = (without_names(&one.what), without_names(&one.effect));
        let at = *known.entry(key).or_insert_with_key(|(what, effect)| {
            let (what, effect) = (what.clone(), effect.clone());
            found.push(Group { first: one, all: Vec::new(), what, effect, count: 0, files: Vec::new() });
            found.len() - 1
        });
        let Some(group) = found.get_mut(at) else { continue };
        group.count += 1;
        group.all.push(one);
        let file = *places.entry((at, &one.path)).or_insert_with(|| {
            group.files.push((&one.path, one.line, 0));
            group.files.len() - 1
        });
        if let Some((_, _, count)) = group.files.get_mut(file) {
            *count += 1;
        }
    }
    found.sort_by_key(|group| std::cmp::Reverse(group.count));
    found
}

/// `text` with everything but plain words of prose taken out: names of modules, files and commands, and what
/// follows a colon.
fn without_names(text: &str) -> String {
    let (head, tail) = text.split_once(": ").map_or((text, false), |(head, _)| (head, true));
    let prose = |word: &str| {
        let word = word.trim_end_matches([',', ';', ':']);
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '\'' || c == '-')
    };
    let words: Vec<&str> = head.split_whitespace().map(|word| if prose(word) { word } else { "…" }).collect();
    let mut masked = words.join(" ");
    // Names that look like prose stand at known places only: after these words.
    for lead in ["import of ", "interpreter "] {
        if let Some(rest) = masked.strip_prefix(lead)
            && let Some((_, rest)) = rest.split_once(' ')
        {
            masked = format!("{lead}… {rest}");
        }
    }
    if tail { masked + ": …" } else { masked }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uncertainty(path: &str, line: u32, what: &str, effect: &str) -> Uncertainty {
        Uncertainty { path: path.into(), line, what: what.into(), effect: effect.into(), settle: None }
    }

    #[test]
    fn names_are_not_what_makes_a_kind() {
        assert_eq!(without_names("import of yaml was not found"), "import of … was not found");
        assert_eq!(without_names("kept the modules of a.b_c"), "kept the modules of …");
        assert_eq!(without_names("part of the script was not read: if"), "part of the script was not read: …");
        assert_eq!(without_names("libX.so.1 is not where the loader looks"), "… is not where the loader looks");
    }

    #[test]
    fn thousands_take_a_few_lines() {
        let mut all = Vec::new();
        for i in 0..3000 {
            let path = format!("/usr/lib/python3.11/site-packages/package/module_{:02}.py", i % 40);
            all.push(uncertainty(&path, i + 1, &format!("import of name{i} was not found"), "nothing"));
        }
        for i in 0..20 {
            let what = format!("kind{}", "x".repeat(i));
            all.push(uncertainty("", 0, &what, "kept"));
        }
        all.push(uncertainty("/app/odd\u{1b}[31m.py", 7, "computed name", "kept all of package plugins"));
        let mut out = Vec::new();
        write(&all, Palette::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text);
    }
}
