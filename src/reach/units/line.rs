//! Command lines of units: see `systemd.service(5)`, "COMMAND LINES", and `systemd.unit(5)`, "SPECIFIERS".

use std::collections::BTreeMap;

use super::file::Name;
use crate::reach::hole::HOLE;

/// How many words one line may have.
const MAX_WORDS: usize = 4096;

/// How many bytes what variables and specifiers stand for in one word may come to.
const MAX_LEN: usize = 64 << 10;

/// How many bytes what variables stand for in one line may come to.
const MAX_LINE: usize = 4 << 20;

/// Values of variables.
pub(super) type Environment = BTreeMap<String, String>;

/// Splits a value into words: quotes and backslashes are taken away.
pub(super) fn words(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = value.chars().peekable();
    while found.len() < MAX_WORDS {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            break;
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(c) = chars.next_if(|c| quote.is_some() || !c.is_whitespace()) {
            match c {
                '\\' => match chars.next() {
                    Some('n') => word.push('\n'),
                    Some('t') => word.push('\t'),
                    Some('s') => word.push(' '),
                    Some('x') => {
                        let digits: String = chars.by_ref().take(2).collect();
                        word.extend(u8::from_str_radix(&digits, 16).ok().map(char::from));
                    }
                    other => word.extend(other),
                },
                '"' | '\'' if quote.is_none() => quote = Some(c),
                c if quote == Some(c) => quote = None,
                c => word.push(c),
            }
        }
        found.push(word);
    }
    found
}

/// The argument vectors of a command line: several, where `;` stands between them.
pub(super) fn commands(value: &str, environment: &Environment) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut room = MAX_LINE;
    for words in words(value).split(|word| word == ";") {
        let Some((first, rest)) = words.split_first() else { continue };
        let program = first.trim_start_matches(['@', '-', ':', '+', '!', '|']);
        let marks = first.len() - program.len();
        // With `@` the next word is what the program is told that it is called.
        let renamed = first.get(..marks).is_some_and(|marks| marks.contains('@'));
        let mut argv = vec![program.to_owned()];
        for word in rest.iter().skip(usize::from(renamed)) {
            match word.strip_prefix('$').filter(|name| is_name(name)) {
                // Alone it is split at blanks.
                Some(name) => match environment.get(name).filter(|value| value.len() <= room) {
                    Some(value) => {
                        room -= value.len();
                        argv.extend(self::words(value));
                    }
                    None => argv.push(HOLE.to_string()),
                },
                None => {
                    let word = if word.len() <= room { substituted(word, environment) } else { HOLE.to_string() };
                    room = room.saturating_sub(word.len());
                    argv.push(word);
                }
            }
        }
        all.push(argv);
    }
    all
}

/// Fills in `${NAME}`.
fn substituted(word: &str, environment: &Environment) -> String {
    let mut parts = word.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once('}').unwrap_or(("", part));
        match environment.get(name) {
            Some(value) if out.len() < MAX_LEN => out.push_str(value),
            _ => out.push(HOLE),
        }
        out.push_str(after);
    }
    out
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Fills in the specifiers of a unit's value that are known without a running system.
pub(super) fn specified(value: &str, unit: &str) -> String {
    let name = Name::of(unit);
    let instance = name.and_then(|name| name.instance).filter(|instance| !instance.is_empty());
    let prefix = name.map_or("", |name| name.prefix);
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let hole = HOLE.to_string();
        let text = match chars.next() {
            Some('%') => "%",
            Some('n') => unit,
            Some('N') => unit.rsplit_once('.').map_or(unit, |(stem, _)| stem),
            Some('p') => prefix,
            Some('P') => &unescaped(prefix),
            Some('j') => prefix.rsplit('-').next().unwrap_or_default(),
            Some('i') => instance.unwrap_or(&hole),
            Some('I') => &instance.map_or(hole, unescaped),
            Some('f') => &format!("/{}", unescaped(instance.unwrap_or(prefix))),
            Some('t') => "/run",
            Some('S') => "/var/lib",
            Some('C') => "/var/cache",
            Some('L') => "/var/log",
            Some('E') => "/etc",
            Some('T') => "/tmp",
            Some('V') => "/var/tmp",
            _ => &hole,
        };
        if out.len() < MAX_LEN {
            out.push_str(text);
        }
    }
    out
}

/// A name as it was before it was made part of a unit's: see `systemd-escape(1)`.
fn unescaped(name: &str) -> String {
    words(&name.replace('-', "/").replace(['"', '\''], "")).concat()
}

/// Assignments of `Environment=` and of environment files.
pub(super) fn assign(words: &[String], environment: &mut Environment) {
    for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
        environment.insert(name.to_owned(), value.to_owned());
    }
}

/// Assignments in the text of an `EnvironmentFile=`.
pub(super) fn assign_lines(text: &str, environment: &mut Environment) {
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])).take(MAX_WORDS) {
        if let Some((name, value)) = line.split_once('=') {
            environment.insert(name.trim().to_owned(), words(value.trim()).join(" "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(value: &str) -> Vec<Vec<String>> {
        let mut environment = Environment::new();
        assign(&words("A=one 'B=two words' C=/etc"), &mut environment);
        commands(value, &environment)
    }

    #[test]
    fn words_are_split_and_unquoted() {
        assert_eq!(
            words(r#"/bin/sh -c 'a "b"; c'  "d e" f\ g \x41"#),
            ["/bin/sh", "-c", "a \"b\"; c", "d e", "f g", "A"]
        );
        assert_eq!(words("  "), Vec::<String>::new());
    }

    #[test]
    fn marks_variables_and_several_commands() {
        assert_eq!(argv("-+/bin/a -x"), [["/bin/a", "-x"]]);
        assert_eq!(argv("@/bin/a name -x"), [["/bin/a", "-x"]]);
        assert_eq!(argv("/bin/a $B ${B} --d=${C}/x"), [["/bin/a", "two", "words", "two words", "--d=/etc/x"]]);
        assert_eq!(argv("/bin/a $NONE"), [vec!["/bin/a".to_owned(), HOLE.to_string()]]);
        assert_eq!(argv("/bin/a b ; /bin/c"), [vec!["/bin/a", "b"], vec!["/bin/c"]]);
    }

    #[test]
    fn specifiers_are_filled_in() {
        assert_eq!(
            specified("%i %I %p %n %N 100%%", "a-b@dev-x.service"),
            "dev-x dev/x a-b a-b@dev-x.service a-b@dev-x 100%"
        );
        assert_eq!(specified("%i", "a@.service"), HOLE.to_string());
        assert_eq!(specified("%t/%h", "a.service"), format!("/run/{HOLE}"));
    }

    #[test]
    fn environment_files_are_read() {
        let mut environment = Environment::new();
        assign_lines("# X=1\nA=\"-f  x\"\n B=y\n", &mut environment);
        assert_eq!(
            environment.into_iter().collect::<Vec<_>>(),
            [("A".into(), "-f  x".into()), ("B".into(), "y".into())]
        );
    }
}
