//! What `${NAME%PATTERN}` and its like make of a value.

use super::facts::Change;
use crate::reach::hole::HOLE;

/// Longer values are not changed but unknown: trying a pattern at every place takes time.
const MAX_LEN: usize = 512;

/// The value after a change. What cannot be read before cannot be read after it.
pub(super) fn changed(value: &str, change: &Change) -> String {
    if value.contains(HOLE) || value.len() > MAX_LEN {
        return HOLE.to_string();
    }
    match change {
        Change::Lower => value.to_lowercase(),
        Change::Upper => value.to_uppercase(),
        Change::Beginning { pattern, longest } => {
            let fits = |&at: &usize| value.get(..at).is_some_and(|part| matches(pattern, part));
            let at = if *longest { places(value).rfind(fits) } else { places(value).find(fits) };
            value.get(at.unwrap_or_default()..).unwrap_or_default().to_owned()
        }
        Change::End { pattern, longest } => {
            let fits = |&at: &usize| value.get(at..).is_some_and(|part| matches(pattern, part));
            let at = if *longest { places(value).find(fits) } else { places(value).rfind(fits) };
            value.get(..at.unwrap_or(value.len())).unwrap_or_default().to_owned()
        }
    }
}

/// The places between its characters, and both ends.
fn places(value: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
    value.char_indices().map(|(at, _)| at).chain(std::iter::once(value.len()))
}

/// Whether a pattern of `*`, `?` and characters fits all of a text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The last `*`, and where what it stands for ends as far as is known.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(&c), _) if c == '?' || text.get(t) == Some(&c) => {
                p += 1;
                t += 1;
            }
            (_, Some((at, end))) => {
                star = Some((at, end + 1));
                p = at + 1;
                t = end + 1;
            }
            _ => return false,
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What bash 5.2 prints for the same.
    #[test]
    fn values_change_as_in_bash() {
        let end = |pattern: &str, longest| Change::End { pattern: pattern.into(), longest };
        let beginning = |pattern: &str, longest| Change::Beginning { pattern: pattern.into(), longest };
        for (value, change, after) in [
            ("awk -f x y", end(" *", true), "awk"),
            ("awk -f x y", end(" *", false), "awk -f x"),
            ("/usr/bin/awk", beginning("*/", true), "awk"),
            ("/usr/bin/awk", beginning("*/", false), "usr/bin/awk"),
            ("start.sh", end(".sh", false), "start"),
            ("start.sh", end(".py", false), "start.sh"),
            ("abcabc", end("b?*", true), "a"),
            ("abcabc", beginning("?b", false), "cabc"),
            ("", beginning("*", true), ""),
            ("Awk", Change::Lower, "awk"),
            ("awk", Change::Upper, "AWK"),
        ] {
            assert_eq!(changed(value, &change), after, "{value} {change:?}");
        }
        assert_eq!(changed(&format!("a{HOLE}"), &end("*", true)), HOLE.to_string());
    }
}
