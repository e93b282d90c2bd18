//! `${NAME}` in the globs of strip and keep rules, filled in from the image's config.

use std::collections::BTreeMap;

/// The values of placeholders.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    env: BTreeMap<String, String>,
    languages: Vec<String>,
}

/// What a glob without its placeholders looks like when it is checked before any image is known.
const SAMPLE: &str = "/sample";

impl Variables {
    /// From the environment of the image's config.
    pub fn new(env: &BTreeMap<String, String>) -> Self {
        Self { env: env.clone(), languages: languages(env) }
    }

    /// All globs that `pattern` stands for: none where a placeholder has no value. Values are taken literally.
    pub fn expand(&self, pattern: &str) -> Vec<String> {
        expand(pattern, &|name| match name {
            "languages" => self.languages.iter().map(|language| globset::escape(language)).collect(),
            name => self.env.get(name).and_then(|value| directory(value)).into_iter().collect(),
        })
    }
}

/// `pattern` with every placeholder replaced by something harmless.
pub fn without_placeholders(pattern: &str) -> String {
    let sample = |name: &str| vec![if name == "languages" { &SAMPLE[1..] } else { SAMPLE }.to_owned()];
    expand(pattern, &sample).pop().unwrap_or_default()
}

fn expand(pattern: &str, values: &dyn Fn(&str) -> Vec<String>) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once("${") else { return vec![pattern.to_owned()] };
    let Some((name, after)) = rest.split_once('}') else { return vec![pattern.to_owned()] };
    let tails = expand(after, values);
    let heads = values(name);
    heads.iter().flat_map(|value| tails.iter().map(move |tail| format!("{before}{value}{tail}"))).collect()
}

/// A directory named by an environment variable, escaped for use in a glob. The root and relative paths do not
/// count: a rule about a tool's folder must not end up naming everything.
fn directory(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if !value.starts_with('/') || parts.is_empty() || parts.contains(&"..") {
        return None;
    }
    Some(format!("/{}", globset::escape(&parts.join("/"))))
}

/// The languages an image asks for, in all spellings a catalogue may be filed under: see `gettext(3)`.
fn languages(env: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"] {
        let Some(value) = env.get(name) else { continue };
        for locale in value.split(':') {
            let (plain, modifier) = locale.split_once('@').map_or((locale, None), |(l, m)| (l, Some(m)));
            let territory = plain.split('.').next().unwrap_or_default();
            let language = territory.split('_').next().unwrap_or_default();
            if matches!(language, "" | "C" | "POSIX") {
                continue;
            }
            let spellings = [Some(locale), Some(plain), Some(territory), Some(language)].into_iter().flatten();
            found.extend(spellings.map(str::to_owned));
            if let Some(modifier) = modifier {
                found.push(format!("{territory}@{modifier}"));
                found.push(format!("{language}@{modifier}"));
            }
        }
    }
    found.retain(|language| !language.contains('/'));
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables::new(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn values_come_from_the_environment_and_are_literal() {
        let vars = variables(&[("CARGO_HOME", "/usr/local/ca[r]go/"), ("ROOT", "/"), ("REL", "x/y")]);
        assert_eq!(vars.expand("${CARGO_HOME}/registry/**"), ["/usr/local/ca[[]r[]]go/registry/**"]);
        assert!(vars.expand("${UNSET}/**").is_empty());
        assert!(vars.expand("${ROOT}/**").is_empty());
        assert!(vars.expand("${REL}/**").is_empty());
        assert_eq!(vars.expand("/plain/{a,b}"), ["/plain/{a,b}"]);
    }

    #[test]
    fn languages_of_the_image_in_all_spellings() {
        let vars = variables(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C.UTF-8")]);
        assert_eq!(vars.expand("/l/${languages}/**"), ["/l/de/**", "/l/de_DE/**", "/l/de_DE.UTF-8/**"]);
        assert!(variables(&[("LANG", "C.UTF-8")]).expand("/l/${languages}/**").is_empty());
        assert_eq!(without_placeholders("/l/${languages}/**"), "/l/sample/**");
        assert_eq!(without_placeholders("${HOME}/**"), "/sample/**");
    }
}
