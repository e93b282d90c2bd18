//! Words in text.

/// Words with dots in a text, each once: a program may write them to a configuration file that names modules.
pub(super) fn dotted_words(text: &str) -> Vec<String> {
    let word = |c: char| c == '_' || c == '.' || c.is_alphanumeric();
    let words = text.split(|c| !word(c)).map(|word| word.trim_matches('.')).filter(|word| word.contains('.'));
    let mut words: Vec<String> = words.filter(|word| word.len() < 200).map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}
