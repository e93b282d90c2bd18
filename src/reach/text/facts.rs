//! What a text file says about other files, independent of where it stands and of its format.

use serde::{Deserialize, Serialize};

use super::markup;
use crate::reach::command::is_name;
use crate::reach::{crontab, decoding};

/// How many bytes of a file are read.
const MAX_SIZE: usize = 1 << 20;

/// How many words and settings are kept of one file.
const MAX_ITEMS: usize = 20_000;

/// How many lines one value may span.
const MAX_LINES: usize = 64;

/// Facts of one text file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFacts {
    /// Lines with a key and a value, and what a crontab runs (key `cron`).
    pub settings: Vec<KeyValue>,
    /// Absolute paths, each with its line; `*` as written.
    pub paths: Vec<(Box<str>, u32)>,
    /// Dotted names and `module:attribute`, each with its line.
    pub names: Vec<(Box<str>, u32)>,
}

/// `key = value`, `key: value`, `key value;`, `"key": value,`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyValue {
    /// The key in lower case, with `_` for `-`.
    pub key: Box<str>,
    /// The value without quotes; the elements of a list on a line each.
    pub value: Box<str>,
    /// The value is a list.
    pub list: bool,
    /// 1-based line.
    pub line: u32,
}

/// Reads a text file. One that is not UTF-8, has NUL bytes or is larger than 1 MiB has no facts.
pub fn read(bytes: &[u8]) -> TextFacts {
    let mut facts = TextFacts::default();
    if bytes.len() > MAX_SIZE || bytes.contains(&0) {
        return facts;
    }
    let text = decoding::text(bytes);
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) || trimmed.starts_with("//") {
            continue;
        }
        words(&mut facts, trimmed, number);
        if facts.settings.len() >= MAX_ITEMS {
            continue;
        }
        if trimmed.contains('<') || trimmed.ends_with('>') {
            let all = markup::settings(trimmed).into_iter();
            facts.settings.extend(all.map(|(key, value)| KeyValue {
                key: key.into(),
                value: value.into(),
                list: false,
                line: number,
            }));
        }
        if let Some(command) = crontab::after_time(trimmed) {
            facts.settings.push(KeyValue { key: "cron".into(), value: command.into(), list: false, line: number });
        } else if let Some((key, value)) = setting(trimmed) {
            let (value, list) = whole(value, line, lines.get(i + 1..).unwrap_or_default());
            facts.settings.push(KeyValue { key: key.into(), value: value.into(), list, line: number });
        }
    }
    facts
}

fn words(facts: &mut TextFacts, line: &str, number: u32) {
    let separators = |c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | ',' | ';' | '=' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '|' | '`')
    };
    for word in line.split(separators) {
        if facts.paths.len() + facts.names.len() >= MAX_ITEMS {
            return;
        }
        let word = word.trim_end_matches([':', '.']);
        if let Some(at) = word.find('/') {
            // `unix:/run/app.sock`, `file:///srv/app`, but not `https://host/path` and not `a/b`.
            let (before, path) = word.split_at(at);
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.starts_with('/')
                && path.len() > 1
                && (before.is_empty() || before.ends_with([':', '@']) || before.starts_with('-'))
            {
                facts.paths.push((path.into(), number));
            }
        } else if word.contains(['.', ':']) && is_name(word) {
            facts.names.push((word.into(), number));
        }
    }
}

/// Splits a line into key and value.
fn setting(line: &str) -> Option<(String, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
    // JSON on one line: the first key of the object.
    let line = line.strip_prefix('{').map_or(line, |inner| inner.trim_start().trim_end_matches('}'));
    let at = line.find(['=', ':', ' ', '\t'])?;
    let (key, rest) = line.split_at(at);
    let key = key.trim_matches(['"', '\'']);
    if key.is_empty() || key.len() > 64 || !key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        return None;
    }
    let value = rest.trim_start().strip_prefix([':', '=']).unwrap_or(rest).trim();
    Some((key.to_lowercase().replace('-', "_"), value))
}

/// The whole of a value that starts on a line: continued lines, lists.
fn whole(value: &str, line: &str, rest: &[&str]) -> (String, bool) {
    let value = value.trim_end_matches([',', ';']).trim_end();
    if let Some(inner) = value.strip_prefix('[') {
        let mut elements = inner.to_owned();
        for next in rest.iter().take(MAX_LINES) {
            if elements.contains(']') {
                break;
            }
            elements.push_str(next);
        }
        let inner = elements.split(']').next().unwrap_or_default();
        let elements: Vec<&str> =
            inner.split(',').map(|word| unquoted(word.trim())).filter(|word| !word.is_empty()).collect();
        return (elements.join("\n"), true);
    }
    let deeper = |next: &&&str| indentation(next) > indentation(line) && !next.trim().is_empty();
    if matches!(value, "" | "|" | ">" | "|-" | ">-") {
        let same = |next: &&&str| indentation(next) >= indentation(line) && next.trim_start().starts_with("- ");
        let items: Vec<&str> =
            rest.iter().take(MAX_LINES).take_while(same).filter_map(|next| next.trim().strip_prefix("- ")).collect();
        if !items.is_empty() {
            return (items.iter().map(|item| unquoted(item.trim())).collect::<Vec<_>>().join("\n"), true);
        }
        let text: Vec<&str> = rest.iter().take(MAX_LINES).take_while(deeper).map(|next| next.trim()).collect();
        return (text.join("\n"), false);
    }
    // A value of an INI file or a unit goes on in lines that are indented deeper, or after a backslash.
    let mut text = unquoted(value).to_owned();
    for next in rest.iter().take(MAX_LINES) {
        if let Some(before) = text.strip_suffix('\\') {
            text = format!("{before} {}", next.trim());
        } else if deeper(&next) && setting(next.trim()).is_none_or(|(key, _)| key.starts_with('_')) {
            text = format!("{text} {}", next.trim());
        } else {
            break;
        }
    }
    (text, false)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn unquoted(word: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote)) {
            return inner;
        }
    }
    word
}
