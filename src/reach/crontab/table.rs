//! What a crontab says, wherever it lies.

use serde::{Deserialize, Serialize};

/// How many jobs are read of one table.
const MAX_JOBS: usize = 10_000;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// `NAME=value` lines, in order.
    pub environment: Vec<(Box<str>, Box<str>)>,
    /// The jobs, in order.
    pub jobs: Vec<Job>,
}

/// A line with a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What comes after the time, up to the first `%` that no backslash stands before: text after it is the command's input.
    pub text: Box<str>,
    /// 1-based line.
    pub line: u32,
}

/// Reads a table. Lines that are none of a table's are passed over.
pub fn read(text: &str) -> Table {
    let mut table = Table::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if table.jobs.len() + table.environment.len() >= MAX_JOBS {
            break;
        }
        if let Some(job) = after_time(line) {
            table.jobs.push(Job { text: without_input(job).into(), line: number });
        } else if let Some((name, value)) = line.split_once('=') {
            let (name, value) = (unquoted(name.trim()), unquoted(value.trim()));
            table.environment.push((name.into(), value.into()));
        }
    }
    table
}

/// What follows the five fields of a time, or a nickname such as `@daily`.
fn after_time(line: &str) -> Option<&str> {
    let mut rest = line;
    let fields = if line.starts_with('@') { 1 } else { 5 };
    for _ in 0..fields {
        let (field, after) = rest.split_once([' ', '\t'])?;
        let time = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '/' | ',' | '-' | '~' | '?');
        let numeric = field.contains(|c: char| c.is_ascii_digit() || matches!(c, '*' | '?' | '~'));
        let name = field.len() >= 3 && field.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, ',' | '-'));
        if fields == 5 && !(field.chars().all(time) && (numeric || name)) {
            return None;
        }
        rest = after.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

fn without_input(text: &str) -> String {
    let mut command = String::new();
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '%' if escaped => {
                command.pop();
                command.push('%');
            }
            '%' => break,
            _ => command.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    command
}

fn unquoted(word: &str) -> &str {
    let inner = |quote: char| word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(text: &str) -> Vec<String> {
        read(text).jobs.into_iter().map(|job| job.text.into()).collect()
    }

    #[test]
    fn times_come_before_commands() {
        assert_eq!(jobs("*/5 0-6 1,15 jan mon root  a b\n"), ["root  a b"]);
        assert_eq!(jobs("@reboot a\n@daily\tb"), ["a", "b"]);
        assert_eq!(jobs("# 1 2 3 4 5 a\nMAILTO=x\n1 2 3 4 a\nmake it so please now ok"), Vec::<String>::new());
        assert_eq!(read("x\n\n0 0 * * * a").jobs[0].line, 3);
    }

    #[test]
    fn a_percent_sign_ends_the_command() {
        assert_eq!(jobs("0 0 * * * mail x%hello%you"), ["mail x"]);
        assert_eq!(jobs(r"0 0 * * * date +\%F"), ["date +%F"]);
    }

    #[test]
    fn the_environment_is_read() {
        let table = read("PATH = /opt/bin:/bin\nSHELL=\"/bin/bash\"\n@daily x=1 y");
        let expected = [("PATH", "/opt/bin:/bin"), ("SHELL", "/bin/bash")];
        assert_eq!(table.environment, expected.map(|(name, value)| (name.into(), value.into())));
        assert_eq!(table.jobs.len(), 1);
    }
}
