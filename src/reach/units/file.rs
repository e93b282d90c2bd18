//! What a unit file says, or another file in its syntax: see `systemd.syntax(7)`.

use serde::{Deserialize, Serialize};

/// How many settings are read of one file.
const MAX_SETTINGS: usize = 10_000;

/// How many bytes a value may have.
const MAX_VALUE: usize = 64 << 10;

/// A file: its settings, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitFile {
    /// `key=value` lines below a section's heading.
    pub settings: Vec<Setting>,
    /// There was more than is read.
    pub cut: bool,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The section.
    pub section: Box<str>,
    /// The key, as written.
    pub key: Box<str>,
    /// The value, with continued lines joined by blanks.
    pub value: Box<str>,
    /// 1-based line on which it starts.
    pub line: u32,
}

/// Reads a file. Lines that are none of the syntax are passed over.
pub fn read(text: &str) -> UnitFile {
    let mut file = UnitFile::default();
    let mut section: Box<str> = "".into();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if file.settings.len() >= MAX_SETTINGS {
            file.cut = true;
            break;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.into();
            continue;
        }
        let Some((key, value)) = trimmed.split_once('=') else { continue };
        let mut value = value.trim().to_owned();
        // Comments between continued lines do not end them.
        while value.ends_with('\\') {
            value.pop();
            let next = lines.find(|(line, _)| !line.trim_start().starts_with(['#', ';']));
            file.cut |= next.is_some() && value.len() >= MAX_VALUE;
            let Some((next, _)) = next.filter(|_| value.len() < MAX_VALUE) else { break };
            value.push(' ');
            value.push_str(next.trim());
        }
        let value = value.trim().into();
        file.settings.push(Setting { section: section.clone(), key: key.trim().into(), value, line: number });
    }
    file
}

/// What the name of a unit says of it: see `systemd.unit(5)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'n> {
    /// What comes before `@`, or before the type.
    pub prefix: &'n str,
    /// What stands between `@` and the type; empty in a template.
    pub instance: Option<&'n str>,
    /// What comes after the last dot.
    pub kind: &'n str,
}

/// The types of units.
const KINDS: [&str; 11] =
    ["service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice", "scope", "device"];

impl<'n> Name<'n> {
    /// Takes a name apart; none if it is not a unit's.
    pub fn of(name: &'n str) -> Option<Self> {
        let (stem, kind) = name.rsplit_once('.')?;
        let is_known = KINDS.contains(&kind) && !stem.is_empty() && !name.contains('/');
        let (prefix, instance) = match stem.split_once('@') {
            Some((prefix, instance)) => (prefix, Some(instance)),
            None => (stem, None),
        };
        is_known.then_some(Self { prefix, instance, kind })
    }

    /// The template that an instance is made from.
    pub fn template(&self) -> Option<String> {
        self.instance.filter(|instance| !instance.is_empty())?;
        Some(format!("{}@.{}", self.prefix, self.kind))
    }

    /// The names whose folders `NAME.d` hold drop-ins for it, its own first: those of its template, of its prefixes that end
    /// in a dash, and that of its type.
    pub fn drop_ins(&self, name: &str) -> Vec<String> {
        let mut all = vec![name.to_owned()];
        all.extend(self.template());
        let dashes = self.prefix.char_indices().filter(|(at, c)| *c == '-' && at + 1 < self.prefix.len());
        all.extend(
            dashes.take(16).map(|(at, _)| format!("{}.{}", self.prefix.get(..=at).unwrap_or_default(), self.kind)),
        );
        all.push(self.kind.to_owned());
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_sections_and_go_on_after_backslashes() {
        let text = "# x\n[Unit]\nWants = a.service  b.service\n[Service]\nExecStart=/bin/a \\\n # no\n  -x \\\n;no\n y\nnothing\nExecStop=\n";
        let found: Vec<_> = read(text)
            .settings
            .into_iter()
            .map(|s| format!("{}.{}={}:{}", s.section, s.key, s.value, s.line))
            .collect();
        assert_eq!(
            found,
            ["Unit.Wants=a.service  b.service:3", "Service.ExecStart=/bin/a  -x  y:5", "Service.ExecStop=:11"]
        );
        assert_eq!(&*read("[Service]\nExecStart=/bin/a \\").settings[0].value, "/bin/a");
    }

    #[test]
    fn names_have_prefixes_instances_and_types() {
        let getty = Name::of("getty@tty1.service").unwrap();
        assert_eq!((getty.prefix, getty.instance, getty.kind), ("getty", Some("tty1"), "service"));
        assert_eq!(getty.template().as_deref(), Some("getty@.service"));
        assert_eq!(Name::of("getty@.service").unwrap().template(), None);
        assert_eq!(Name::of("dbus-org.x.y.service").unwrap().prefix, "dbus-org.x.y");
        assert!(Name::of("README").is_none() && Name::of("a.conf").is_none() && Name::of(".service").is_none());
        let all = Name::of("foo-bar-baz.service").unwrap().drop_ins("foo-bar-baz.service");
        assert_eq!(all, ["foo-bar-baz.service", "foo-.service", "foo-bar-.service", "service"]);
    }
}
