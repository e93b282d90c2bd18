//! What a crontab says, wherever it lies.

use serde::{Deserialize, Serialize};

/// How many jobs are read of one table.
const MAX_JOBS: usize = 10_000;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CronTable {
    /// `NAME=value` lines, in order.
    pub environment: Vec<(Box<str>, Box<str>)>,
    /// The jobs, in order.
    pub jobs: Vec<Job>,
    /// There was more than is read.
    pub cut: bool,
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
pub fn read(text: &str) -> CronTable {
    let mut table = CronTable::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if table.jobs.len() + table.environment.len() >= MAX_JOBS {
            table.cut = true;
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

/// Reads anacron's table, see `anacrontab(5)`: a period in days or `@monthly`, a delay in minutes and the job's name come
/// before the command.
pub fn read_anacron(text: &str) -> CronTable {
    let mut table = CronTable::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if table.jobs.len() + table.environment.len() >= MAX_JOBS {
            table.cut = true;
            break;
        }
        let number_or_name = |field: &str| field.starts_with('@') || field.bytes().all(|b| b.is_ascii_digit());
        match (line.split([' ', '\t']).next(), line.split_once('=')) {
            (Some(period), _) if !period.is_empty() && number_or_name(period) => {
                let mut rest = line;
                for _ in 0..3 {
                    rest = rest.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
                }
                if !rest.is_empty() {
                    table.jobs.push(Job { text: rest.into(), line: number });
                }
            }
            (_, Some((name, value))) if !line.starts_with('#') => {
                table.environment.push((unquoted(name.trim()).into(), unquoted(value.trim()).into()));
            }
            _ => {}
        }
    }
    table
}

/// What follows the five fields of a time, or a nickname such as `@daily`, in a line of a table; other configuration has
/// such lines, too.
pub(in crate::reach) fn after_time(line: &str) -> Option<&str> {
    if line.starts_with('@') {
        let (_, job) = line.split_once([' ', '\t'])?;
        let job = job.trim_start();
        return (!job.is_empty()).then_some(job);
    }
    let mut rest = line;
    for names in [&[][..], &[], &[], &MONTHS, &DAYS] {
        let (field, after) = rest.split_once([' ', '\t'])?;
        if !is_time(field, names) {
            return None;
        }
        rest = after.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

/// What months and days of the week may be called, in any case.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Whether this is a field of a time: numbers, steps, ranges and lists of them, or names of these.
fn is_time(field: &str, names: &[&str]) -> bool {
    let mark = |c: char| matches!(c, '/' | ',' | '-' | '~');
    let number = |part: &str| part.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '?'));
    let name = |part: &str| names.iter().any(|name| name.eq_ignore_ascii_case(part));
    field.split(mark).all(|part| number(part) || name(part)) && field.split(mark).any(|part| !part.is_empty())
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
        assert_eq!(jobs("this line says nothing about times\n1 2 3 now mon a\n0 0 * SEP-oct Mon,3 a"), ["a"]);
        assert_eq!(read("x\n\n0 0 * * * a").jobs[0].line, 3);
    }

    #[test]
    fn a_percent_sign_ends_the_command() {
        assert_eq!(jobs("0 0 * * * mail x%hello%you"), ["mail x"]);
        assert_eq!(jobs(r"0 0 * * * date +\%F"), ["date +%F"]);
    }

    #[test]
    fn tables_of_anacron_have_a_period_a_delay_and_a_name() {
        let table =
            read_anacron("# 1 2 x y\nRANDOM_DELAY=45\n1\t5  cron.daily\trun-parts a\n@monthly 45 m b c\n7 1 only\n");
        let jobs: Vec<(&str, u32)> = table.jobs.iter().map(|job| (&*job.text, job.line)).collect();
        assert_eq!(jobs, [("run-parts a", 3), ("b c", 4)]);
        assert_eq!(table.environment, [("RANDOM_DELAY".into(), "45".into())]);
    }

    #[test]
    fn the_environment_is_read() {
        let table = read("PATH = /opt/bin:/bin\nSHELL=\"/bin/bash\"\n@daily x=1 y");
        let expected = [("PATH", "/opt/bin:/bin"), ("SHELL", "/bin/bash")];
        assert_eq!(table.environment, expected.map(|(name, value)| (name.into(), value.into())));
        assert_eq!(table.jobs.len(), 1);
    }
}
