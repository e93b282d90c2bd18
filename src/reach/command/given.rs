//! Words that commands are given by others: what `find` finds, what `xargs` and `parallel` read.

use super::program::SHELLS;
use super::runner::Runner;
use crate::reach::hole::{GLOB, HOLE};
use crate::reach::shell::shebang::base_name;
use crate::rootfs::NodeId;

/// How many lines of a text are tried one by one; the rest counts as one that cannot be read.
const MAX_INPUTS: usize = 64;

/// How many bytes the commands that are made for them may have together, about.
const MAX_BYTES: usize = 1 << 20;

/// Stands for a file in the commands of `find`, and for a word in those of `parallel`.
pub(super) const PLACE: &str = "{}";

/// Puts what cannot be read in the place of the files that `find` finds.
pub(super) fn name_found(argv: &mut [String]) {
    for word in argv {
        *word = word.replace(PLACE, &HOLE.to_string());
    }
}

/// Whether a command of `find` runs the files that it finds, or gives them to a shell.
pub(super) fn runs_found(argv: &[String]) -> bool {
    let runs = argv.first().is_some_and(|first| first == PLACE || SHELLS.contains(&base_name(first)));
    runs && argv.iter().any(|word| word.contains(PLACE))
}

/// The commands that `xargs` runs, whose own command is `argv`, with the text that it reads.
pub(super) fn with_input(args: &[String], argv: &[String], input: Option<&str>) -> Vec<Vec<String>> {
    let own = args.get(..args.len().saturating_sub(argv.len())).unwrap_or_default();
    let text = input.map_or_else(|| HOLE.to_string(), str::to_owned);
    match place(own) {
        Some(place) => {
            let size = argv.iter().map(String::len).sum();
            let mut left = MAX_BYTES;
            lines(&text, size).iter().map(|line| with(argv, &place, line, &mut left)).collect()
        }
        None => {
            let mut words: Vec<String> = text.split_whitespace().take(MAX_INPUTS).map(str::to_owned).collect();
            if text.split_whitespace().nth(MAX_INPUTS).is_some() {
                words.push(HOLE.to_string());
            }
            vec![[argv, &words].concat()]
        }
    }
}

/// What `xargs -I` replaces, the last one of several.
fn place(own: &[String]) -> Option<String> {
    let mut place = None;
    let mut rest = own.iter();
    while let Some(arg) = rest.next() {
        if let Some(value) = arg.strip_prefix("--replace") {
            place = Some(value.strip_prefix('=').unwrap_or(PLACE).to_owned());
        }
        let Some(short) = arg.strip_prefix('-').filter(|short| !short.starts_with('-')) else { continue };
        // All others have no value: `-0rI{}`.
        let Some((at, option)) = short.char_indices().find(|(_, c)| "aEILnPsdeil".contains(*c)) else { continue };
        let attached = short.get(at + option.len_utf8()..).filter(|value| !value.is_empty());
        match (option, attached) {
            ('i', value) => place = Some(value.unwrap_or(PLACE).to_owned()),
            ('e' | 'l', _) => {}
            (_, value) => {
                let value = value.or_else(|| rest.next().map(String::as_str));
                if option == 'I' {
                    place = value.map(str::to_owned);
                }
            }
        }
    }
    place
}

fn with(argv: &[String], place: &str, value: &str, left: &mut usize) -> Vec<String> {
    argv.iter().map(|word| filled(word, place, value, left)).collect()
}

/// A text with a value in every place; with what cannot be read once the values would be longer than what is `left`.
fn filled(text: &str, place: &str, value: &str, left: &mut usize) -> String {
    if place.is_empty() {
        return text.to_owned();
    }
    let size = text.matches(place).count().saturating_mul(value.len());
    let rest = left.checked_sub(size);
    *left = rest.unwrap_or_default();
    let hole = HOLE.to_string();
    text.replace(place, if rest.is_none() { &hole } else { value })
}

/// Lines of a text, each once, for commands of so many bytes.
fn lines(text: &str, size: usize) -> Vec<String> {
    let max = MAX_INPUTS.min(MAX_BYTES / size.max(1));
    let mut all: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if all.len() >= max {
            all.push(HOLE.to_string());
            break;
        }
        if !all.iter().any(|known| known == line) {
            all.push(line.to_owned());
        }
    }
    all
}

/// The code that `parallel` runs for each of its inputs: they stand in the place of `{}`, or at the end. `None` where it reads
/// them. Parts of them, and one of several (`{.}`, `{2}`), cannot be read.
pub(super) fn for_each(argv: &[String], inputs: Option<&[String]>) -> String {
    let (code, has_parts) = without_parts(&argv.join(" "));
    let text = inputs.map_or_else(|| HOLE.to_string(), |inputs| inputs.join("\n"));
    let mut left = MAX_BYTES;
    let made = |input: &String| match (argv.is_empty(), code.contains(PLACE)) {
        (true, _) => input.clone(),
        (_, true) => filled(&code, PLACE, input, &mut left),
        _ if has_parts => code.clone(),
        _ => format!("{code} {input}"),
    };
    lines(&text, code.len()).iter().map(made).collect::<Vec<_>>().join("\n")
}

/// The code of `parallel` with what cannot be read in the place of `{1}`, `{/.}`, `{=…=}` and the like, and whether any
/// surely stand for the input. Braces of shells stay.
fn without_parts(code: &str) -> (String, bool) {
    let (mut out, mut rest, mut has_parts) = (String::new(), code, false);
    // Whether an expression of Perl's may still end.
    let mut closes = true;
    while let Some((before, inner)) = rest.split_once('{') {
        out.push_str(before);
        let perl = inner.strip_prefix('=').filter(|_| closes).and_then(|inner| inner.split_once("=}"));
        closes &= perl.is_some() || !inner.starts_with('=');
        let ends = |c: char| c.is_whitespace() || "{},;'\"()$`".contains(c);
        let name = inner.find(ends).and_then(|at| inner.split_at_checked(at));
        let name = name.filter(|(name, _)| !name.is_empty() && !before.ends_with('$'));
        let part = perl.or_else(|| Some((name?.0, name?.1.strip_prefix('}')?)));
        match part {
            Some((name, after)) => {
                out.push(HOLE);
                // `awk {print}` is followed by the input all the same.
                has_parts |= perl.is_some() || name.chars().all(|c| c.is_ascii_digit() || "./#%+-".contains(c));
                rest = after;
            }
            None => {
                out.push('{');
                rest = inner;
            }
        }
    }
    (out + rest, has_parts)
}

impl Runner<'_, '_, '_> {
    /// Runs all of these commands but the last one, which is returned.
    pub(super) fn all_but_last(&mut self, mut all: Vec<Vec<String>>) -> Vec<String> {
        let last = all.pop().unwrap_or_default();
        for argv in all {
            self.nested(&argv);
        }
        last
    }

    /// Marks the files in the folders that `find` searches.
    pub(super) fn files_found(&mut self, args: &[String]) {
        let begins = |arg: &&String| !arg.starts_with(['-', '(', '!']);
        self.files_below(args.iter().take_while(begins));
    }

    /// Marks the files in folders, and in those in them: they may run, and those that are shell code may be sourced.
    pub(super) fn files_below<'f>(&mut self, folders: impl Iterator<Item = &'f String>) {
        let tree = self.graph.tree();
        let programs: Vec<NodeId> = self.ctx.path().filter_map(|dir| tree.follow(dir)).collect();
        for folder in folders {
            if !self.step() {
                break;
            }
            self.files_in(folder, &programs);
        }
    }

    fn files_in(&mut self, folder: &str, programs: &[NodeId]) {
        // All of the image is no list of scripts, and neither is a folder of everyone's programs.
        let tree = self.graph.tree();
        let holds_programs = |folder: &String| {
            let dir = tree.follow(folder);
            dir.is_none_or(|dir| programs.iter().any(|&program| tree.is_within(program, dir)))
        };
        let folders = self.absolute(folder.trim_end_matches('/'));
        for folder in folders.iter().filter(|&folder| !holds_programs(folder)) {
            let evidence = self.evidence.clone();
            for depth in [GLOB.to_owned(), format!("{GLOB}/{GLOB}")] {
                let files = self.files_of(&format!("{folder}/{depth}"), &evidence);
                self.source(&files);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::reach::command::run;
    use crate::reach::context::Context;
    use crate::reach::evidence::{Evidence, EvidenceKind};
    use crate::reach::graph::Graph;
    use crate::rootfs::Builder;

    fn words(line: &str) -> Vec<String> {
        line.split_ascii_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_filled_in_is_bounded_for_all_words_together() {
        let argv = vec!["{}{}{}{}{}{}{}{}{}{}".to_owned(); 10_000];
        let args = [words("-I {}"), argv.clone()].concat();
        let made = with_input(&args, &argv, Some(&"x".repeat(100_000)));
        assert!(made.iter().flatten().map(String::len).sum::<usize>() < 4 * MAX_BYTES);
    }

    #[test]
    fn words_that_are_read_stand_where_options_say() {
        let argv = words("run {} x");
        let filled = |own: &str, input: Option<&str>| {
            let args = [words(own), argv.clone()].concat();
            with_input(&args, &argv, input).iter().map(|argv| argv.join(" ").replace(HOLE, "?")).collect::<Vec<_>>()
        };
        assert_eq!(filled("-n 1", Some("a b\nc")), ["run {} x a b c"]);
        assert_eq!(filled("-I {}", Some("a b\nc")), ["run a b x", "run c x"]);
        assert_eq!(filled("-Ix", Some("a")), ["run {} a"]);
        assert_eq!(filled("-i", None), ["run ? x"]);
        // What GNU xargs does with these.
        for own in ["-0I{}", "-rI{}", "-0 -I {}", "-rI {}", "-tP 2 -I{}", "-ri", "-eI -i", "-IX -I{}", "-E -I -i"] {
            assert_eq!(filled(own, Some("a")), ["run a x"], "{own}");
        }
        for own in ["-eI -n1", "-d I", "-dI", "-E -I"] {
            assert_eq!(filled(own, Some("a")), ["run {} x a"], "{own}");
        }
        assert_eq!(filled("", None), ["run {} x ?"]);
        assert_eq!(
            filled("-I {}", Some(&(0..1000).map(|i| format!("{i}\n")).collect::<String>())).len(),
            MAX_INPUTS + 1
        );
        assert_eq!(for_each(&words("a -b {}"), Some(&words("x y"))), "a -b x\na -b y");
        assert_eq!(for_each(&words("a -b"), Some(&words("x y"))), "a -b x\na -b y");
        assert_eq!(for_each(&[], Some(&words("x y"))), "x\ny");
        let shown = |code: &str| for_each(&words(code), Some(&words("x"))).replace(HOLE, "?");
        assert_eq!(shown("a {1} {} {.} {//}/{/.} {= s/ /{}/ =} {2..}"), "a ? x ? ?/? ? ?");
        assert_eq!(shown("a {.}"), "a ?");
        assert_eq!(shown("awk {print}"), "awk ? x");
        assert_eq!(shown("{ a; } ${B} {c,d} {e;} {"), "{ a; } ${B} {c,d} {e;} { x");
        assert_eq!(for_each(&words("a {}"), Some(&words("{.}"))), "a {.}");
        assert_eq!(for_each(&words("a"), None), format!("a {HOLE}"));
    }

    #[test]
    fn what_is_made_of_them_stays_small() {
        let (many, long) = ("{}".repeat(100_000), "x".repeat(100_000));
        assert!(for_each(std::slice::from_ref(&many), Some(&vec![long.clone(); 3])).len() < MAX_BYTES * 2);
        let inputs: String = (0..100).map(|i| format!("{i}\n")).collect();
        let argv = [long, "{}".to_owned()];
        let made = with_input(&[&words("-I {}")[..], &argv].concat(), &argv, Some(&inputs));
        assert!(made.iter().flatten().map(String::len).sum::<usize>() < MAX_BYTES * 2);
        assert_eq!(made.last().unwrap()[1], HOLE.to_string());
    }

    /// How long it takes to run a command of `find`, in seconds, and whether it runs `/app/d/x`.
    fn find(args: &str) -> (u64, bool) {
        let image = Builder::new().exe("/usr/bin/find", b"\x7fELF").exe("/bin/sh", b"\x7fELF");
        let rootfs = image.file("/app/d/x", b"a").build();
        let mut graph = Graph::new(&rootfs);
        let (ctx, start) = (Context::default(), Instant::now());
        run(&mut graph, &ctx, None, &words(args), &Evidence::new(EvidenceKind::Command, ""), "/");
        (start.elapsed().as_secs(), graph.is_reached(rootfs.tree.get("/app/d/x").unwrap()))
    }

    #[test]
    fn many_folders_and_commands_of_find_end_quickly() {
        assert!(find("find /app/d -exec ls {} ; -exec sh {} ;").1);
        assert!(!find("find /app/d -exec ls {} ;").1);
        let hostile = format!("find {} /app/d {}", "/a/b/c/d ".repeat(4000), "-exec sh {} ; ".repeat(4000));
        let (seconds, found) = find(&hostile);
        assert!(seconds < 20, "{seconds} s");
        assert!(found);
        let (seconds, _) = find(&format!("find {} -exec sh {{}} ;", "/a/b/c/d ".repeat(1_000_000)));
        assert!(seconds < 20, "{seconds} s");
    }
}
