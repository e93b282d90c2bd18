//! Colours of text on a terminal.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A heading.
    Heading,
    /// Something that goes.
    Goes,
    /// Something that stays.
    Stays,
    /// Something to be aware of.
    Warning,
    /// Something of less weight.
    Faint,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// Whether text is coloured.
    pub colour: bool,
}

impl Palette {
    /// `text` in the colour of its role. Escapes take no columns, so lay text out before.
    pub fn paint(self, role: Role, text: impl Display) -> String {
        if !self.colour {
            return text.to_string();
        }
        let style = match role {
            Role::Heading => Style::new().bold(),
            Role::Goes => AnsiColor::Yellow.on_default(),
            Role::Stays => AnsiColor::Cyan.on_default(),
            Role::Warning => AnsiColor::Red.on_default().bold(),
            Role::Faint => Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }
}
