//! What `echo` and `printf` print: see their pages in POSIX.1-2024.

use super::facts::{Piece, Word};

/// How much of what a format makes is followed, in bytes and words; the rest cannot be read.
const MAX_SIZE: usize = 64 << 10;

/// What one of them prints with these arguments. `None` for any other command.
pub(in crate::reach) fn printed(name: &str, args: &[Word]) -> Option<Vec<Piece>> {
    let is_option = |word: &&Word| word.literal().is_some_and(|text| text.starts_with('-') && text.len() > 1);
    match name {
        "echo" => {
            let words: Vec<Vec<Piece>> = args.iter().skip_while(is_option).map(|word| interpreted(&word.0)).collect();
            Some(words.join(&Piece::Text(" ".to_owned())))
        }
        "printf" => {
            let dashes = args.first().is_some_and(|word| word.literal().as_deref() == Some("--"));
            let (format, words) = args.get(usize::from(dashes)..)?.split_first()?;
            Some(formatted(format, words))
        }
        _ => None,
    }
}

fn formatted(format: &Word, mut words: &[Word]) -> Vec<Piece> {
    let Some(text) = format.literal() else {
        let all = std::iter::once(format).chain(words).map(|word| interpreted(&word.0));
        return all.collect::<Vec<_>>().join(&Piece::Text("\n".to_owned()));
    };
    let mut out = Vec::new();
    let mut size = 0;
    loop {
        let before = words.len();
        let mut rest = text.as_str();
        while let Some((plain, conversion)) = rest.split_once('%') {
            out.push(Piece::Text(unescaped(plain)));
            let end =
                conversion.find(|c: char| !c.is_ascii_digit() && !"-+ #.*'".contains(c)).unwrap_or(conversion.len());
            let mut chars = conversion.get(end..).unwrap_or_default().chars();
            match chars.next() {
                Some('%') => out.push(Piece::Text("%".to_owned())),
                Some('(') => out.push(Piece::Unknown),
                _ => {
                    if let Some((word, others)) = words.split_first() {
                        out.extend(interpreted(&word.0));
                        words = others;
                    }
                }
            }
            rest = chars.as_str();
        }
        out.push(Piece::Text(unescaped(rest)));
        size += text.len() + before - words.len();
        if size > MAX_SIZE {
            out.push(Piece::Unknown);
            return out;
        }
        // The format is used again as long as words are left.
        if words.is_empty() || words.len() == before {
            return out;
        }
    }
}

/// The pieces of a word that say something. Not all shells interpret backslashes everywhere: where they do not, none means much.
fn interpreted(pieces: &[Piece]) -> Vec<Piece> {
    let said = pieces.iter().filter(|piece| !matches!(piece, Piece::Split) && **piece != Piece::Text(String::new()));
    let plain = said.map(|piece| match piece {
        Piece::Text(text) => Piece::Text(unescaped(text)),
        piece => piece.clone(),
    });
    plain.collect()
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'r') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c @ ('\\' | '"' | '\'')) => out.push(c),
                Some('0') => {}
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What bash 5.2 and dash 0.5.12 print for the same, but for the blanks that a width adds.
    #[test]
    fn formats_are_followed() {
        for (name, args, expected) in [
            ("echo", &["-n", "a", "b"][..], "a b"),
            ("printf", &["a\\nb\\n"], "a\nb\n"),
            ("printf", &["%s/bin/%s\\n", "/usr", "x"], "/usr/bin/x\n"),
            ("printf", &["%s\\n", "a", "b"], "a\nb\n"),
            ("printf", &["--", "%-5s%%", "a"], "a%"),
            ("printf", &["a", "b"], "a"),
            ("printf", &["%d:", "1", "2"], "1:2:"),
            ("printf", &["%s"], ""),
        ] {
            let words: Vec<Word> = args.iter().map(|arg| Word::text(arg)).collect();
            let found = Word(printed(name, &words).unwrap()).literal();
            assert_eq!(found.as_deref(), Some(expected), "{name} {args:?}");
        }
        assert_eq!(printed("cat", &[]), None);
    }

    #[test]
    fn long_formats_are_not_repeated_for_ever() {
        let mut words = vec![Word::text("a"); 10_000];
        words.insert(0, Word::text(&format!("%s{}", "x".repeat(10_000))));
        let pieces = printed("printf", &words).unwrap();
        assert!(pieces.len() < 100 && pieces.last() == Some(&Piece::Unknown));
    }
}
