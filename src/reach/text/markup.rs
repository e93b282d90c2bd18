//! What markup says: attributes and elements are settings, too (ImageMagick's `delegates.xml`, fontconfig, Maven).

/// How many attributes are read of one line.
const MAX_ATTRIBUTES: usize = 1000;

/// The attributes and the elements of one line, by name, with their entities decoded.
pub(super) fn settings(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('=')
        && found.len() < MAX_ATTRIBUTES
    {
        let (before, after) = rest.split_at(at);
        let name = before.rsplit(|c: char| !is_name(c)).next().unwrap_or_default();
        rest = after.get(1..).unwrap_or_default();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let Some((value, after)) = rest.get(1..).and_then(|inner| inner.split_once(quote)) else { break };
        rest = after;
        if !name.is_empty() {
            found.push((key(name), decoded(value)));
        }
    }
    if let Some((name, value)) = element(line) {
        found.push((key(name), decoded(value)));
    }
    found
}

/// `<NAME>VALUE</NAME>`.
fn element(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
    let name = tag.split(char::is_whitespace).next()?;
    let (value, _) = rest.split_once("</")?;
    (!value.is_empty() && !name.is_empty() && name.chars().all(is_name)).then_some((name, value))
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')
}

fn key(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// See section 4.6 of XML 1.0, "Predefined Entities".
fn decoded(value: &str) -> String {
    let entities = [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    entities.into_iter().fold(value.to_owned(), |value, (entity, text)| value.replace(entity, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_elements_are_settings() {
        let found = settings(
            "<delegate decode=\"dot\" Stealth-x='a' command='&quot;dot&quot; -x &lt; &quot;%i&quot; &amp;&amp; b'/>",
        );
        let expected = [("decode", "dot"), ("stealth_x", "a"), ("command", "\"dot\" -x < \"%i\" && b")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(settings("  <exec a=\"b\">x y</exec>")[1], ("exec".to_owned(), "x y".to_owned()));
        assert!(settings("a == b = c <x").is_empty());
    }
}
