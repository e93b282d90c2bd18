//! Where in a profile's text something stands, for error messages.

use toml::de::{DeTable, DeValue};

/// A profile's text, parsed a second time for the places of its values.
pub struct SourceMap<'a> {
    text: &'a str,
    root: Option<DeTable<'a>>,
}

impl<'a> SourceMap<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, root: DeTable::parse(text).ok().map(toml::Spanned::into_inner) }
    }

    /// 1-based line of a byte offset.
    pub fn line_at(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset.min(self.text.len())).unwrap_or_default();
        memchr::memchr_iter(b'\n', before).count() + 1
    }

    /// 1-based line of a value: keys and array positions from the root down. Where the last steps lead nowhere, the
    /// line of what holds them.
    pub fn line_of(&self, steps: &[Step<'_>]) -> usize {
        let Some(root) = &self.root else { return 1 };
        let mut line = 1;
        let mut value: Option<&DeValue<'_>> = None;
        for step in steps {
            let next = match (step, value) {
                (Step::Key(key), None) => root.get(*key),
                (Step::Key(key), Some(DeValue::Table(table))) => table.get(*key),
                (Step::At(at), Some(DeValue::Array(array))) => array.get(*at),
                _ => None,
            };
            let Some(next) = next else { break };
            line = self.line_at(next.span().start);
            value = Some(next.get_ref());
        }
        line
    }
}

/// A step on the way to a value.
#[derive(Clone, Copy)]
pub enum Step<'a> {
    /// Into a table.
    Key(&'a str),
    /// Into an array.
    At(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_of_a_value() {
        let map =
            SourceMap::new("name = 'x'\n[[strip]]\nid = 'a'\n[[strip]]\nid = 'b'\nglobs = [\n  '/x',\n  '/y',\n]\n");
        let strip = [Step::Key("strip"), Step::At(1)];
        assert_eq!(map.line_of(&[strip[0], strip[1], Step::Key("id")]), 5);
        assert_eq!(map.line_of(&[strip[0], strip[1], Step::Key("globs"), Step::At(1)]), 8);
        assert_eq!(map.line_of(&[strip[0], strip[1], Step::Key("nothing")]), map.line_of(&strip));
    }
}
