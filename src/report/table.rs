//! Columns of text that fit a terminal of 80 columns.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::{Palette, Role};

/// Columns of a terminal that nobody made wider.
pub const WIDTH: usize = 80;

/// How many columns `text` takes: East Asian characters take two, accents none.
fn width(text: &str) -> usize {
    text.width()
}

/// As much of the beginning of `characters` as fits `columns`.
fn fitting(characters: impl Iterator<Item = char>, columns: usize) -> Vec<char> {
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or_default();
        taken <= columns
    };
    characters.take_while(fits).collect()
}

/// `text` with spaces after it, so that it takes `columns` at least.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` cut to `columns` at its end.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    fitting(text.chars(), columns.saturating_sub(1)).into_iter().chain(['…']).collect()
}

/// `text` cut to `columns` in its middle: of a path both the top folder and the name count.
pub fn cut_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let head = columns.saturating_sub(1) / 3;
    let tail = columns.saturating_sub(1) - head;
    let tail = fitting(text.chars().rev(), tail);
    fitting(text.chars(), head).into_iter().chain(['…']).chain(tail.into_iter().rev()).collect()
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
    rows: Vec<Option<Row>>,
    /// Columns of the name.
    name: usize,
}

struct Row {
    name: String,
    figures: Vec<String>,
    role: Option<Role>,
}

impl Table {
    /// A table whose names take `name` columns.
    pub fn new(name: usize) -> Self {
        Self { rows: Vec::new(), name }
    }

    fn push<const N: usize>(&mut self, role: Option<Role>, name: String, figures: [String; N]) {
        self.rows.push(Some(Row { name, figures: figures.into(), role }));
    }

    /// Adds the row of headings.
    pub fn head<const N: usize>(&mut self, name: &str, figures: [String; N]) {
        self.push(Some(Role::Heading), cut(name, self.name), figures);
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, name: &str, figures: [String; N]) {
        self.push(None, cut(name, self.name), figures);
    }

    /// Adds a row whose name is cut in its middle if it is too long.
    pub fn row_middle<const N: usize>(&mut self, name: &str, figures: [String; N]) {
        self.push(None, cut_middle(name, self.name), figures);
    }

    /// Adds a row in the colour of its role.
    pub fn row_as<const N: usize>(&mut self, role: Role, name: &str, figures: [String; N]) {
        self.push(Some(role), cut(name, self.name), figures);
    }

    /// Adds a line across.
    pub fn line(&mut self) {
        self.rows.push(None);
    }

    /// Prints the table.
    pub fn write(&self, palette: Palette, out: &mut impl Write) -> io::Result<()> {
        let rows = || self.rows.iter().flatten();
        let columns = rows().map(|row| row.figures.len()).max().unwrap_or_default();
        let widest = |column: usize| {
            rows().filter_map(|row| row.figures.get(column)).map(|cell| width(cell)).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let whole = self.name + widths.iter().map(|column| column + 2).sum::<usize>();
        for row in &self.rows {
            let Some(row) = row else {
                writeln!(out, "{}", palette.paint(Role::Faint, "-".repeat(whole)))?;
                continue;
            };
            let mut line = pad(&row.name, self.name);
            for (figure, column) in row.figures.iter().zip(&widths) {
                line.push_str(&format!("  {figure:>column$}"));
            }
            let line = line.trim_end();
            writeln!(out, "{}", row.role.map_or_else(|| line.to_owned(), |role| palette.paint(role, line)))?;
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
        assert_eq!((cut("日本語", 5), cut_middle("日本語日本語", 8)), ("日本…".into(), "日…本語".into()));
    }
}
