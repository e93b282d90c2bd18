//! The summary for a comment on a pull request or for a pipeline's job page, in GitHub's and GitLab's Markdown.

use std::io::{self, Write};

use bstr::BStr;

use super::breakdown::Part;
use super::model::Report;
use super::paths::printable;
use super::size::{human, human_signed, percent};

/// How many commands that go are named.
const COMMANDS: usize = 60;
/// How many notes and uncertainties are printed.
const NOTES: usize = 20;

/// Prints before and after, tables by category and package with `top` rows, the largest files that go, and what
/// else is worth knowing. `parts` is a breakdown that the user asked for; it takes the place of the tables.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_markdown(report: &Report, parts: Option<&[Part]>, top: usize, out: &mut impl Write) -> io::Result<()> {
    let image = &report.image;
    writeln!(out, "### bantam: {}\n", code(&image.reference))?;
    let (before, after) = (report.original.bytes, report.result.bytes);
    writeln!(
        out,
        "**{} → {}**, {} less: {} of {} files go ({}).\n",
        human(before),
        human(after),
        percent(report.removed_bytes(), before),
        report.removed_files(),
        report.original.files,
        plain(&image.platform),
    )?;
    if let Some(why) = &report.pruning_off {
        writeln!(out, "> **Pruning is off:** {}\n", plain(why))?;
    }
    if let Some(growth) = &report.growth {
        growth.write_markdown(top, out)?;
    }
    match parts {
        Some(parts) => breakdown(report, parts, top, out)?,
        None => {
            categories(report, out)?;
            packages(report, top, out)?;
            files(report, top, out)?;
        }
    }
    commands(report, out)?;
    let notes = report.notes.iter().map(|note| plain(note));
    section("Notes", report.notes.len(), notes, out)?;
    let uncertain = report.uncertainties.iter().map(|one| {
        let path = if one.path.is_empty() { "the image's config".into() } else { code(&one.path) };
        let line = if one.line == 0 { String::new() } else { format!(" line {}", one.line) };
        let settle = one.settle.as_ref().map_or(String::new(), |option| format!(" ({})", code(option)));
        format!("{path}{line}: {} → {}{settle}", plain(&one.what), plain(&one.effect))
    });
    section("Uncertain", report.uncertainties.len(), uncertain, out)
}

fn categories(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let whole = report.original.bytes;
    writeln!(out, "| what goes | files | size | share |\n| --- | ---: | ---: | ---: |")?;
    for category in &report.categories {
        let (size, share) = (human_signed(category.bytes), percent(category.bytes, whole));
        writeln!(out, "| {} | {} | {size} | {share} |", plain(&category.name), category.files)?;
    }
    let (size, share) = (human_signed(report.removed_bytes()), percent(report.removed_bytes(), whole));
    writeln!(out, "| **goes** | **{}** | **{size}** | **{share}** |\n", report.removed_files())
}

fn breakdown(report: &Report, parts: &[Part], top: usize, out: &mut impl Write) -> io::Result<()> {
    let whole = report.original.bytes;
    writeln!(out, "| | files that go | goes | share | stays |\n| --- | ---: | ---: | ---: | ---: |")?;
    for part in parts.iter().take(top) {
        let (goes, share) = (human_signed(part.bytes), percent(part.bytes, whole));
        writeln!(out, "| {} | {} | {goes} | {share} | {} |", code(&part.name), part.files, human(part.stays.bytes))?;
    }
    if parts.len() > top {
        writeln!(out, "| … {} more | | | | |", parts.len() - top)?;
    }
    writeln!(out)
}

fn packages(report: &Report, top: usize, out: &mut impl Write) -> io::Result<()> {
    let count = report.owners.len();
    if count == 0 || top == 0 {
        return Ok(());
    }
    let gone = report.owners.iter().filter(|owner| owner.stays.files == 0).count();
    writeln!(out, "<details><summary>Packages: {gone} go, {} become smaller</summary>\n", count - gone)?;
    writeln!(out, "| package | files that go | goes | stays |\n| --- | ---: | ---: | ---: |")?;
    for owner in report.owners.iter().take(top) {
        let name = format!("{} {}", owner.name, owner.version);
        let (goes, stays) = (human(owner.sums.bytes), human(owner.stays.bytes));
        let ecosystem = owner.ecosystem.as_str();
        writeln!(out, "| {} ({ecosystem}) | {} | {goes} | {stays} |", code(name.trim_end()), owner.sums.files)?;
    }
    if count > top {
        writeln!(out, "| … {} more | | | |", count - top)?;
    }
    writeln!(out, "\n</details>\n")
}

fn files(report: &Report, top: usize, out: &mut impl Write) -> io::Result<()> {
    let files = report.largest_removed(top);
    if files.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>Largest files that go</summary>\n")?;
    writeln!(out, "| file | size | why |\n| --- | ---: | --- |")?;
    for file in files {
        let why = file.rule.as_deref().or(file.owner.as_deref()).unwrap_or_default();
        writeln!(out, "| {} | {} | {} |", code(&printable(file.path.as_ref())), human(file.bytes), code(why))?;
    }
    writeln!(out, "\n</details>\n")
}

fn commands(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let count = report.commands.len();
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "<details><summary>Commands that go: {count}</summary>\n")?;
    let names: Vec<String> = report.commands.iter().take(COMMANDS).map(|command| code(&command.name)).collect();
    let rest = if count > COMMANDS { format!(" … {} more", count - COMMANDS) } else { String::new() };
    writeln!(out, "{}{rest}\n\n</details>\n", names.join(", "))
}

fn section(title: &str, count: usize, lines: impl Iterator<Item = String>, out: &mut impl Write) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "<details><summary>{title}: {count}</summary>\n")?;
    for line in lines.take(NOTES) {
        writeln!(out, "- {line}")?;
    }
    if count > NOTES {
        writeln!(out, "- … {} more", count - NOTES)?;
    }
    writeln!(out, "\n</details>\n")
}

/// `text` as a span of code that fits a table's cell: nothing in it is markup, whatever it holds.
pub(crate) fn code(text: &str) -> String {
    let text = printable(BStr::new(text));
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // The only escape that tables read inside of code.
    let text = text.replace('|', "\\|");
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// `text` with everything escaped that could be markup, a mention or a reference to an issue.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(BStr::new(text)).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An empty comment keeps a name from following.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_text() {
        assert_eq!(code("/a/b"), "`/a/b`");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("``<img src=x>"), "``` ``<img src=x> ```");
        assert_eq!(code("a\n\n# b"), "`a\\n\\n# b`");
        assert_eq!(
            plain("<img> @me #1 [x](y) a_b | &lt;"),
            "&lt;img&gt; @<!-- -->me #<!-- -->1 \\[x\\](y) a\\_b \\| &amp;lt;"
        );
        assert_eq!(plain("a\n- b"), "a\\\\n- b");
    }
}
