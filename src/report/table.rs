//! Columns of text that fit a terminal of 80 columns.

use std::io::{self, Write};

/// Columns of a terminal that nobody made wider.
pub const WIDTH: usize = 80;

/// How many columns `text` takes, a character being one.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// `text` cut to `columns` at its end.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    text.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

/// `text` cut to `columns` in its middle: of a path both the top folder and the name count.
pub fn cut_middle(text: &str, columns: usize) -> String {
    let length = width(text);
    if length <= columns {
        return text.to_owned();
    }
    let head = columns.saturating_sub(1) / 3;
    let tail = columns.saturating_sub(1) - head;
    text.chars().take(head).chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

/// Prints words, as many on a line of `columns` as there is room for, with `between` between two. The first line is
/// led by the first of `leads`, all others by the second.
pub fn wrap(
    words: impl Iterator<Item = impl AsRef<str>>,
    columns: usize,
    leads: [&str; 2],
    between: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let [mut lead, next] = leads;
    let end = between.trim_end();
    let mut line = String::new();
    for word in words {
        let word = word.as_ref();
        let taken = width(lead) + width(&line) + width(between) + width(word) + width(end);
        if !line.is_empty() && taken > columns {
            writeln!(out, "{lead}{line}{end}")?;
            line.clear();
            lead = next;
        }
        if !line.is_empty() {
            line.push_str(between);
        }
        line.push_str(word);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{lead}{line}") }
}

/// Rows of a name followed by figures, which are set flush right.
pub struct Table {
    /// None is a line across.
    rows: Vec<Option<(String, Vec<String>)>>,
    /// Columns of the name.
    name: usize,
}

impl Table {
    /// A table whose names take `name` columns.
    pub fn new(name: usize) -> Self {
        Self { rows: Vec::new(), name }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, name: &str, figures: [String; N]) {
        self.rows.push(Some((cut(name, self.name), figures.into())));
    }

    /// Adds a line across.
    pub fn line(&mut self) {
        self.rows.push(None);
    }

    /// Prints the table.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let rows = || self.rows.iter().flatten();
        let columns = rows().map(|(_, figures)| figures.len()).max().unwrap_or_default();
        let widest = |column: usize| {
            rows().filter_map(|(_, figures)| figures.get(column)).map(|cell| width(cell)).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let whole = self.name + widths.iter().map(|column| column + 2).sum::<usize>();
        for row in &self.rows {
            let Some((name, figures)) = row else {
                writeln!(out, "{}", "-".repeat(whole))?;
                continue;
            };
            let mut line = format!("{name:<0$}", self.name);
            for (figure, column) in figures.iter().zip(&widths) {
                line.push_str(&format!("  {figure:>column$}"));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_between_separators() {
        let wrapped = |between| {
            let mut out = Vec::new();
            wrap("aa bb cc dddddddddddd e".split(' '), 10, ["> ", "  "], between, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(wrapped(" "), "> aa bb cc\n  dddddddddddd\n  e\n");
        assert_eq!(wrapped(", "), "> aa, bb,\n  cc,\n  dddddddddddd,\n  e\n");
    }

    #[test]
    fn long_text_is_cut_where_it_says_least() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 4), "abc…");
        let path = cut_middle("/usr/lib/python3.11/site-packages/numpy/core/_multiarray_umath.so", 32);
        assert_eq!(path, "/usr/lib/p…/_multiarray_umath.so");
        assert_eq!(path.chars().count(), 32);
    }
}
