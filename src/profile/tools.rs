//! Sets of programs that stay because somebody asks for them: `--keep-tools NAME`.

use super::load::ProfileSet;
use super::schema::ToolsRule;
use crate::{Error, Result};

impl ProfileSet {
    /// The sets of these names, in the order given.
    ///
    /// # Errors
    /// If no profile has a set of that name.
    pub fn tools(&self, names: &[String]) -> Result<Vec<&ToolsRule>> {
        names
            .iter()
            .map(|name| self.all_tools().find(|rule| rule.id == *name).ok_or_else(|| self.no_tools(name)))
            .collect()
    }

    fn all_tools(&self) -> impl Iterator<Item = &ToolsRule> {
        self.iter().flat_map(|loaded| &loaded.profile.tools)
    }

    fn no_tools(&self, name: &str) -> Error {
        let names: Vec<&str> = self.all_tools().map(|rule| rule.id.as_str()).collect();
        Error::Usage(format!("no set of tools is called {name:?}; there are {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_found_by_name() {
        let set = ProfileSet::builtin().unwrap();
        let names = ["shell".to_owned(), "net".to_owned()];
        let found = set.tools(&names).unwrap();
        assert_eq!(found.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["shell", "net"]);
        let error = set.tools(&["shel".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("\"shel\"") && error.contains("shell, net, python"), "{error}");
    }
}
