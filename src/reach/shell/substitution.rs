//! What command substitutions stand for, where that can be known.

use super::facts::{Change, Command, Piece, Word};
use super::lexer::is_name_start;
use super::printed::printed;
use super::shebang::base_name;

/// What a substitution of these commands stands for, where that can be known: the place of the script
/// (`dirname "$0"`, `cd "$(dirname "$0")" && pwd`, `readlink -f "$0"`), a program (`command -v NAME`), what is printed.
pub(super) fn stands_for(commands: &[Command]) -> Vec<Piece> {
    let mut value = vec![Piece::Unknown];
    for command in commands {
        let Some(name) = command.words.first().and_then(Word::literal) else { return vec![Piece::Unknown] };
        let is_option = |word: &&Word| word.literal().is_some_and(|text| text.starts_with('-'));
        let operand = command.words.iter().skip(1).rfind(|word| !is_option(word)).map(|word| told(word).collect());
        match (base_name(&name), operand) {
            ("dirname", Some(operand)) => {
                let operand: Vec<Piece> = operand;
                value = match operand.as_slice() {
                    [Piece::Script] => vec![Piece::ScriptDir],
                    [Piece::ScriptDir] => vec![Piece::ScriptDir, Piece::Text("/..".to_owned())],
                    [Piece::Variable { name, quoted, .. }] if name.starts_with(is_name_start) => {
                        let change = Change::End { pattern: "/*".into(), longest: false };
                        vec![Piece::Changed { name: name.clone(), quoted: *quoted, change }]
                    }
                    _ => vec![Piece::Unknown],
                }
            }
            ("basename", Some(operand)) => {
                let change = Change::Beginning { pattern: "*/".into(), longest: true };
                value = match operand.as_slice() {
                    [Piece::Script] => vec![Piece::Changed { name: "0".into(), quoted: true, change }],
                    [Piece::Variable { name, quoted, .. }] if name.starts_with(is_name_start) => {
                        vec![Piece::Changed { name: name.clone(), quoted: *quoted, change }]
                    }
                    _ => vec![Piece::Unknown],
                }
            }
            (name @ ("echo" | "printf"), Some(_)) => {
                value = printed(name, command.words.get(1..).unwrap_or_default()).unwrap_or_default();
            }
            // Files that a pattern stands for.
            ("ls", Some(operand)) if operand.contains(&Piece::Glob) => value = operand,
            ("cd" | "readlink" | "realpath", Some(operand)) => value = operand,
            ("command" | "which" | "type", Some(operand)) => value = operand,
            ("pwd" | "true", _) => {}
            _ => return vec![Piece::Unknown],
        }
    }
    value
}

/// The pieces of a word that say something.
fn told(word: &Word) -> impl Iterator<Item = Piece> + '_ {
    word.0.iter().filter(|piece| **piece != Piece::Text(String::new()) && **piece != Piece::Split).cloned()
}
