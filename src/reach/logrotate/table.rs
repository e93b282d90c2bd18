//! What logrotate's configuration says, wherever it lies.

use serde::{Deserialize, Serialize};

/// How many scripts and folders are read of one file.
const MAX_ITEMS: usize = 10_000;

/// A configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Shell code that runs before or after, and commands that compress and send mail, each with its 1-based line.
    pub scripts: Vec<(Box<str>, u32)>,
    /// Files and folders of more configuration.
    pub included: Vec<(Box<str>, u32)>,
    /// There was more than is read.
    pub cut: bool,
}

/// Directives whose text, up to `endscript`, is shell code.
const SCRIPTS: [&str; 5] = ["prerotate", "postrotate", "firstaction", "lastaction", "preremove"];

/// Directives whose value is a program.
const PROGRAMS: [&str; 3] = ["compresscmd", "uncompresscmd", "shredcmd"];

/// Reads a configuration.
pub fn read(text: &str) -> Rotation {
    let mut found = Rotation::default();
    let mut script: Option<(String, u32)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if found.scripts.len() + found.included.len() >= MAX_ITEMS {
            found.cut = true;
            break;
        }
        if let Some((code, first)) = &mut script {
            if line == "endscript" {
                found.scripts.push((code.as_str().into(), *first));
                script = None;
            } else {
                code.push_str(line);
                code.push('\n');
            }
            continue;
        }
        let (word, value) = line.split_once([' ', '\t', '=']).map_or((line, ""), |(word, value)| (word, value.trim()));
        let value = value.trim_start_matches(['=', ' ']);
        if SCRIPTS.contains(&word) {
            script = Some((String::new(), number));
        } else if PROGRAMS.contains(&word) && !value.is_empty() {
            found.scripts.push((value.into(), number));
        } else if word == "include" && !value.is_empty() {
            found.included.push((value.into(), number));
        }
    }
    // One that is not closed runs all the same, or nothing does.
    found.scripts.extend(script.map(|(code, line)| (code.into(), line)));
    found
}
