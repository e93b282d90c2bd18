//! Recipes of `make` and `just`: lines of shell code that are indented. See the manual of GNU make, "How to Write Recipes", and
//! that of just.

use super::runner::Runner;

/// How large a file of recipes may be, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What the files are called, in the order in which they are looked for.
const MAKEFILES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
const JUSTFILES: [&str; 3] = ["justfile", "Justfile", ".justfile"];

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
        let files: Vec<_> = names.iter().flat_map(|name| self.files(name, &evidence)).collect();
        let rootfs = self.graph.rootfs;
        for file in files {
            let mut bytes = Vec::new();
            // All of its recipes run at once: one that starts make again adds nothing.
            if self.recipes.insert(file)
                && rootfs.tree.inode(file).is_file()
                && rootfs.read_prefix(file, MAX_FILE, &mut bytes).is_ok()
            {
                let code = shell_code(&String::from_utf8_lossy(&bytes));
                self.code(None, &code);
            }
        }
    }
}

fn attached(arg: &str, option: &str) -> Option<String> {
    let value = arg.strip_prefix(option)?;
    let value = if option.starts_with("--") { value.strip_prefix('=')? } else { value };
    (!value.is_empty()).then(|| value.to_owned())
}

/// The recipes as shell code: variables of the file are variables of the shell.
fn shell_code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        if let Some(recipe) = line.strip_prefix('\t').or_else(|| line.strip_prefix("    ")) {
            let recipe = recipe.trim_start().trim_start_matches(['@', '-', '+']);
            code.push_str(&references(recipe));
        } else if let Some((name, value)) = assignment(line) {
            let value = references(value.trim_matches('"')).replace('"', "\\\"");
            code.push_str(&format!("{name}=\"{value}\""));
        }
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

/// `$(NAME)`, `{{NAME}}` as `${NAME}`; `$$` is the shell's own sign.
fn references(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
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
        } else if let Some((reference, after)) =
            named("$(", ")").or_else(|| named("${", "}")).or_else(|| named("{{", "}}"))
        {
            out.push_str(&reference);
            rest = after;
        } else {
            out.extend(rest.chars().next());
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_become_shell_code() {
        let makefile = "TOOL := awk -f\nall: x\n\t@$(TOOL) prog $$HOME ${OTHER}\n\t-rm x\n";
        assert_eq!(shell_code(makefile), "TOOL=\"awk -f\"\n\n${TOOL} prog $HOME ${OTHER}\nrm x\n");
        assert_eq!(shell_code("tool := \"awk\"\nrun:\n    {{tool}} x\n"), "tool=\"awk\"\n\n${tool} x\n");
        assert_eq!(references("$(shell date) {{ f(x) }} $"), "$(shell date) {{ f(x) }} $");
    }
}
