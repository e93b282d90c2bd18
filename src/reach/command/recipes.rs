//! Recipes of `make` and `just`: lines of shell code that are indented. See the manual of GNU make, "How to Write Recipes",
//! "Including Other Makefiles", "Recursive Use of make", and that of just, "Imports", "Modules".

use bstr::ByteSlice;

use super::runner::Runner;
use crate::reach::hole::HOLE;
use crate::rootfs::NodeId;

/// How large a file of recipes may be, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// How many files of recipes one script may run.
const MAX_FILES: usize = 64;

/// What the files are called, in the order in which they are looked for.
const MAKEFILES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
const JUSTFILES: [&str; 3] = ["justfile", "Justfile", ".justfile"];

/// What begins a line that takes another file in.
const INCLUDES: [&str; 7] = ["include ", "-include ", "sinclude ", "import ", "import? ", "mod ", "mod? "];

impl Runner<'_, '_, '_> {
    /// Runs the recipes of the file that `make` or `just` reads with these arguments.
    pub(super) fn recipes(&mut self, program: &str, args: &[String]) {
        let named = |options: &[&str]| {
            let at = args.iter().position(|arg| options.contains(&arg.as_str()));
            let next = at.and_then(|at| args.get(at + 1)).cloned();
            next.or_else(|| args.iter().find_map(|arg| options.iter().find_map(|option| attached(arg, option))))
        };
        if let Some(dir) = named(&["-C", "--directory", "-d", "--working-directory"]) {
            self.change_dir(&dir);
        }
        let names: Vec<String> = match named(&["-f", "--file", "--makefile", "--justfile"]) {
            Some(name) => vec![name],
            None if program == "just" => JUSTFILES.map(str::to_owned).to_vec(),
            None => MAKEFILES.map(str::to_owned).to_vec(),
        };
        let evidence = self.evidence.clone();
        let mut files: Vec<NodeId> = names.iter().flat_map(|name| self.files(name, &evidence)).collect();
        // Files that one takes in share its variables, so their code runs as one.
        let mut code = format!("MAKE={program}\n");
        while let Some(file) = files.pop() {
            // All of its recipes run at once: one that starts make again adds nothing.
            if self.recipes.contains(&file) {
                continue;
            }
            if self.recipes.len() >= MAX_FILES {
                self.recipes_unread("more files of recipes than are followed");
                break;
            }
            self.recipes.insert(file);
            let Some(text) = self.recipes_in(file) else { continue };
            for name in included(&text) {
                if name.contains(['$', '{']) {
                    self.recipes_unread("a file of recipes whose name is known at run time only");
                }
                if !self.step() {
                    break;
                }
                files.extend(self.included(file, &name));
            }
            code.push_str(&shell_code(&text));
            if code.len() as u64 > MAX_FILE {
                self.recipes_unread("files of recipes that are too large");
                break;
            }
        }
        if code.lines().count() > 1 {
            self.code(None, &code);
        }
    }

    /// The text of a file of recipes.
    fn recipes_in(&mut self, file: NodeId) -> Option<String> {
        let rootfs = self.graph.rootfs;
        let inode = rootfs.tree.inode(file);
        if !inode.is_file() {
            return None;
        }
        if inode.size() > MAX_FILE {
            self.recipes_unread("a file of recipes that is too large");
        }
        let mut bytes = Vec::new();
        rootfs.read_prefix(file, MAX_FILE, &mut bytes).ok()?;
        Some(bytes.to_str_lossy().into_owned())
    }

    /// The files of a name that a line takes in, from the folder of the file, or from where the commands start. A module of
    /// just's has no suffix.
    fn included(&mut self, file: NodeId, name: &str) -> Vec<NodeId> {
        let beside = self.graph.tree().path(self.graph.tree().parent(file)).to_string();
        let evidence = self.evidence.clone();
        let mut found = Vec::new();
        // A pattern, and `$(VAR)` as far as it goes.
        let name = name.replace(['*', '?', '%'], &HOLE.to_string());
        for path in [
            format!("{beside}/{name}"),
            name.clone(),
            format!("{beside}/{name}.just"),
            format!("{beside}/{name}/mod.just"),
        ] {
            found.extend(self.files_of(&path, &evidence));
        }
        found
    }

    fn recipes_unread(&mut self, what: &str) {
        let (from, line) = (self.from, self.evidence.line);
        let effect = "what its recipes start may be missing";
        self.graph.doubtful_if_own_once(from, line, what.to_owned(), effect, "--entry COMMAND");
    }
}

fn attached(arg: &str, option: &str) -> Option<String> {
    let value = arg.strip_prefix(option)?;
    let value = if option.starts_with("--") { value.strip_prefix('=')? } else { value };
    (!value.is_empty()).then(|| value.to_owned())
}

/// The names in lines that take other files in.
fn included(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in text.lines() {
        let Some(rest) = INCLUDES.iter().find_map(|word| line.strip_prefix(word)) else { continue };
        let rest = rest.split('#').next().unwrap_or_default();
        names.extend(rest.split_whitespace().map(|name| name.trim_matches(['\'', '"']).to_owned()));
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The recipes as shell code: variables of the file are variables of the shell.
fn shell_code(text: &str) -> String {
    let mut code = String::new();
    let mut continued = false;
    for line in text.lines() {
        let recipe = line.strip_prefix('\t').or_else(|| line.strip_prefix("    "));
        if continued {
            // Signs for make stand at the beginning of a command only.
            code.push_str(&references(recipe.unwrap_or(line).trim_start()));
        } else if let Some(recipe) = recipe {
            let recipe = recipe.trim_start().trim_start_matches(['@', '-', '+']);
            code.push_str(&references(recipe));
        } else if let Some((name, value)) = assignment(line) {
            let value = references(value.trim_matches('"')).replace('"', "\\\"");
            code.push_str(&format!("{name}=\"{value}\""));
        } else if let Some((_, recipe)) = line.split_once(';').filter(|(target, _)| target.contains(':')) {
            code.push_str(&references(recipe.trim_start().trim_start_matches(['@', '-', '+'])));
        }
        continued = line.ends_with('\\') && (recipe.is_some() || continued);
        code.push('\n');
    }
    code
}

/// `NAME = value`, `NAME := value`, `NAME ?= value`, `export NAME = value`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', ' ', '\t']).trim();
    let named = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    (named && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())).then_some((name, value.trim()))
}

/// An expression of just's, as something that shell code does not know the value of, with the words in it.
fn computed(expression: &str) -> String {
    if expression.trim() == "just_executable()" {
        return "just".to_owned();
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let words: Vec<&str> = expression.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
    format!("$(: {})", words.join(" "))
}

/// `$(NAME)`, `{{NAME}}` as `${NAME}`; `$$` is the shell's own sign.
fn references(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    // Whether an expression of just's may still end.
    let mut closes = true;
    while let Some(at) = rest.find(['$', '{']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let named = |open: &str, close: &str| {
            let inner = rest.strip_prefix(open)?.trim_start();
            let (name, after) = inner.split_at(inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?);
            let after = after.trim_start().strip_prefix(close)?;
            (!name.is_empty()).then(|| (format!("${{{name}}}"), after))
        };
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("$(shell ") {
            out.push_str("$(");
            rest = after;
        } else if let Some((reference, after)) =
            named("$(", ")").or_else(|| named("${", "}")).or_else(|| named("{{", "}}"))
        {
            out.push_str(&reference);
            rest = after;
        } else if let Some(inner) = rest.strip_prefix("{{").filter(|_| closes)
            && let Some((expression, after)) = inner.split_once("}}")
        {
            out.push_str(&computed(expression));
            rest = after;
        } else {
            closes &= !rest.starts_with("{{");
            out.extend(rest.chars().next());
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    out + rest
}

#[cfg(test)]
mod tests;
