//! The languages whose code is read for the programs that it starts: as much of their syntax as it takes to tell strings from
//! comments.

use crate::reach::analyser::Form;

/// A language without an analyser of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `perlop(1)`, "Quote and Quote-like Operators".
    Perl,
    /// Ruby.
    Ruby,
    /// PHP: code stands between `<?php` and `?>`.
    Php,
    /// JavaScript, and TypeScript.
    JavaScript,
    /// Lua.
    Lua,
    /// Tcl and Expect, where words need no quotes.
    Tcl,
    /// awk.
    Awk,
    /// Any other.
    Unknown,
}

/// What a pair of backticks holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backticks {
    /// A command.
    Command,
    /// A string.
    Template,
    /// Nothing in particular.
    None,
}

/// The languages, with the name of the form in which each is read.
const FORMS: [(Language, Form); 8] = [
    (Language::Perl, "foreign perl"),
    (Language::Ruby, "foreign ruby"),
    (Language::Php, "foreign php"),
    (Language::JavaScript, "foreign javascript"),
    (Language::Lua, "foreign lua"),
    (Language::Tcl, "foreign tcl"),
    (Language::Awk, "foreign awk"),
    (Language::Unknown, "foreign"),
];

/// The names of their interpreters, without a version.
const INTERPRETERS: [(&str, Language); 32] = [
    ("perl", Language::Perl),
    ("suidperl", Language::Perl),
    ("plackup", Language::Perl),
    ("ruby", Language::Ruby),
    ("jruby", Language::Ruby),
    ("truffleruby", Language::Ruby),
    ("mruby", Language::Ruby),
    ("php", Language::Php),
    ("php-cgi", Language::Php),
    ("php-cli", Language::Php),
    ("node", Language::JavaScript),
    ("nodejs", Language::JavaScript),
    ("bun", Language::JavaScript),
    ("deno", Language::JavaScript),
    ("tsx", Language::JavaScript),
    ("ts-node", Language::JavaScript),
    ("zx", Language::JavaScript),
    ("qjs", Language::JavaScript),
    ("gjs", Language::JavaScript),
    ("lua", Language::Lua),
    ("luajit", Language::Lua),
    ("texlua", Language::Lua),
    ("tclsh", Language::Tcl),
    ("wish", Language::Tcl),
    ("expect", Language::Tcl),
    ("jimsh", Language::Tcl),
    ("awk", Language::Awk),
    ("gawk", Language::Awk),
    ("mawk", Language::Awk),
    ("nawk", Language::Awk),
    ("bwk", Language::Awk),
    ("original-awk", Language::Awk),
];

/// What files of theirs are called.
const EXTENSIONS: [(&str, Language); 37] = [
    ("pl", Language::Perl),
    ("pm", Language::Perl),
    ("plx", Language::Perl),
    ("psgi", Language::Perl),
    ("cgi", Language::Perl),
    ("fcgi", Language::Perl),
    ("rb", Language::Ruby),
    ("ru", Language::Ruby),
    ("rake", Language::Ruby),
    ("rbw", Language::Ruby),
    ("gemspec", Language::Ruby),
    ("erb", Language::Unknown),
    ("php", Language::Php),
    ("php3", Language::Php),
    ("php4", Language::Php),
    ("php5", Language::Php),
    ("php7", Language::Php),
    ("phps", Language::Php),
    ("phtml", Language::Php),
    ("inc", Language::Php),
    ("phar", Language::Php),
    ("js", Language::JavaScript),
    ("mjs", Language::JavaScript),
    ("cjs", Language::JavaScript),
    ("jsx", Language::JavaScript),
    ("ts", Language::JavaScript),
    ("mts", Language::JavaScript),
    ("cts", Language::JavaScript),
    ("tsx", Language::JavaScript),
    ("lua", Language::Lua),
    ("tcl", Language::Tcl),
    ("tm", Language::Tcl),
    ("exp", Language::Tcl),
    ("awk", Language::Awk),
    ("scm", Language::Unknown),
    ("lisp", Language::Unknown),
    ("raku", Language::Unknown),
];

/// Files of theirs that are called so, whatever is in them.
const NAMES: [(&str, Language); 6] = [
    ("Rakefile", Language::Ruby),
    ("Gemfile", Language::Ruby),
    ("Guardfile", Language::Ruby),
    ("Capfile", Language::Ruby),
    ("Vagrantfile", Language::Ruby),
    ("cpanfile", Language::Perl),
];

impl Language {
    /// The language of an interpreter, by its file name: `perl5.36-x86_64-linux-gnu`, `php8.2`, `lua5.4`.
    pub(super) fn of_interpreter(name: &str) -> Option<Self> {
        let known = |name: &str| INTERPRETERS.iter().find(|(known, _)| *known == name).map(|&(_, language)| language);
        let digit = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
        let unversioned = name.get(..digit).unwrap_or(name).trim_end_matches('-');
        known(name).or_else(|| known(unversioned))
    }

    /// The language of a file, by its name.
    pub(super) fn of_file(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        let named = NAMES.iter().find(|(known, _)| *known == name);
        let extension = || {
            let (_, extension) = name.rsplit_once('.')?;
            EXTENSIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension))
        };
        named.or_else(extension).map(|&(_, language)| language)
    }

    pub(super) fn form(self) -> Form {
        FORMS.iter().find(|(language, _)| *language == self).map_or("foreign", |&(_, form)| form)
    }

    /// The language that is read in a form.
    pub(super) fn of_form(form: &str) -> Self {
        FORMS.iter().find(|(_, name)| *name == form).map_or(Self::Unknown, |&(language, _)| language)
    }

    /// What begins a comment that ends with its line.
    pub(super) fn line_comments(self) -> &'static [&'static str] {
        match self {
            Self::Perl | Self::Ruby | Self::Awk => &["#"],
            Self::Php => &["#", "//"],
            Self::JavaScript => &["//"],
            Self::Lua => &["--"],
            // Of these only what stands at the beginning of a line is surely one.
            Self::Tcl | Self::Unknown => &[],
        }
    }

    /// Whether comments stand between `/*` and `*/`.
    pub(super) fn has_block_comments(self) -> bool {
        matches!(self, Self::Php | Self::JavaScript)
    }

    pub(super) fn backticks(self) -> Backticks {
        match self {
            Self::Perl | Self::Ruby | Self::Php | Self::Unknown => Backticks::Command,
            Self::JavaScript => Backticks::Template,
            Self::Lua | Self::Tcl | Self::Awk => Backticks::None,
        }
    }

    /// Whether strings are written `q{…}`, `qx(…)` and the like.
    pub(super) fn has_quote_operators(self) -> bool {
        matches!(self, Self::Perl | Self::Unknown)
    }

    /// Whether strings are written `%x(…)`, `%w[…]` and the like.
    pub(super) fn has_percent_literals(self) -> bool {
        matches!(self, Self::Ruby | Self::Unknown)
    }

    /// Whether `<<WORD` begins a here-document.
    pub(super) fn has_here_documents(self) -> bool {
        matches!(self, Self::Perl | Self::Ruby | Self::Php | Self::Unknown)
    }

    /// Whether `/…/` may be a pattern.
    pub(super) fn has_patterns(self) -> bool {
        matches!(self, Self::Perl | Self::Ruby | Self::JavaScript | Self::Awk)
    }

    /// Whether words are commands without any quotes around them: each line is one.
    pub(super) fn is_bare(self) -> bool {
        matches!(self, Self::Tcl | Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_known_whatever_their_version() {
        for (name, language) in [
            ("perl", Language::Perl),
            ("perl5.36-x86_64-linux-gnu", Language::Perl),
            ("php8.2", Language::Php),
            ("php-cgi8.2", Language::Php),
            ("ruby3.1", Language::Ruby),
            ("nodejs", Language::JavaScript),
            ("lua5.4", Language::Lua),
            ("tclsh8.6", Language::Tcl),
            ("mawk", Language::Awk),
        ] {
            assert_eq!(Language::of_interpreter(name), Some(language), "{name}");
        }
        for name in ["perldoc", "phpize", "nodemon", "guile", "3perl", ""] {
            assert_eq!(Language::of_interpreter(name), None, "{name}");
        }
    }

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(Language::of_file(b"a.b.PL"), Some(Language::Perl));
        assert_eq!(Language::of_file(b"Rakefile"), Some(Language::Ruby));
        assert_eq!(Language::of_file(b"pl"), None);
        assert_eq!(Language::of_file(b"\xff.rb"), None);
    }

    #[test]
    fn every_form_is_that_of_one_language() {
        for (language, form) in FORMS {
            assert_eq!((Language::of_form(form), language.form()), (language, form));
        }
    }
}
