//! What a new image is called: words in braces stand for parts of the original's name.

use crate::image::{Reference, Transport};
use crate::{Error, Result};

/// The parts of a reference that templates can name.
struct Parts {
    /// All but the tag, transport included: `docker://r.example/team/app`.
    repo: String,
    /// The repository without transport and host: `team/app`; of a file its name without suffixes.
    path: String,
    host: Option<String>,
    tag: Option<String>,
}

impl Parts {
    fn of(source: &Reference) -> Self {
        let text = source.to_string();
        match &source.transport {
            Transport::Registry(image) => Self {
                repo: format!("docker://{}/{}", image.domain(), image.repository()),
                path: image.repository().to_owned(),
                host: Some(image.domain().to_owned()),
                tag: image.tag().map(ToOwned::to_owned),
            },
            Transport::Daemon(_) => {
                let name = text.strip_prefix("docker-daemon:").unwrap_or(&text);
                let (path, tag) = match name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
                    Some((path, tag)) => (path, Some(tag.to_owned())),
                    None => (name, Some("latest".to_owned())),
                };
                Self { repo: format!("docker-daemon:{path}"), path: path.to_owned(), host: None, tag }
            }
            _ => {
                let file = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let cut = [".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tgz", ".tar"];
                let stem = cut.iter().find_map(|suffix| file.strip_suffix(suffix)).unwrap_or(&file);
                let tag = source.name.clone();
                let whole =
                    tag.as_ref().map_or(text.as_str(), |tag| text.strip_suffix(&format!(":{tag}")).unwrap_or(&text));
                let repo = cut.iter().find_map(|suffix| whole.strip_suffix(suffix)).unwrap_or(whole);
                Self { repo: repo.to_owned(), path: stem.to_owned(), host: None, tag }
            }
        }
    }

    fn value(&self, word: &str) -> Option<&str> {
        match word {
            "repo" => Some(&self.repo),
            "path" => Some(&self.path),
            "name" => self.path.rsplit('/').next(),
            "host" => self.host.as_deref(),
            "tag" => self.tag.as_deref(),
            _ => None,
        }
    }
}

/// Puts the parts of the original's name in place of `{repo}`, `{host}`, `{path}`, `{name}` and `{tag}`.
///
/// # Errors
/// If a word in braces is none of these, or the original's name has no such part.
pub fn filled(template: &str, source: &Reference) -> Result<String> {
    let parts = Parts::of(source);
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let unclosed = || Error::Usage(format!("{template:?}: a brace is not closed"));
        let (word, after) = after.split_once('}').ok_or_else(unclosed)?;
        let value = parts.value(word).ok_or_else(|| {
            Error::Usage(match word {
                "tag" | "host" => format!("{template:?}: {source} has no {word} to put in place of {{{word}}}"),
                _ => format!("{template:?}: {{{word}}} is none of {{repo}}, {{host}}, {{path}}, {{name}}, {{tag}}"),
            })
        })?;
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_names() {
        let filled = |template: &str, source: &str| filled(template, &Reference::parse(source).unwrap());
        for (template, source, expected) in [
            ("{repo}:{tag}-slim", "docker://r.example:5000/team/app:1", "docker://r.example:5000/team/app:1-slim"),
            ("{repo}:{tag}-slim", "docker://alpine", "docker://docker.io/library/alpine:latest-slim"),
            ("docker://mirror/{path}:{tag}", "docker://r.example/team/app:1", "docker://mirror/team/app:1"),
            ("oci:out/{host}/{name}:{tag}", "docker://r.example/team/app:1", "oci:out/r.example/app:1"),
            ("{repo}:{tag}-slim", "docker-daemon:team/app", "docker-daemon:team/app:latest-slim"),
            ("oci:out:{name}-{tag}", "oci:in/app:v1", "oci:out:app-v1"),
            ("{repo}-slim.tar", "in/app.tar.gz", "in/app-slim.tar"),
            ("fixed.tar", "in/app.tar", "fixed.tar"),
        ] {
            assert_eq!(filled(template, source).unwrap(), expected, "{template} {source}");
        }
        for (template, source) in [
            ("{repo}:{tag}", "app.tar"),
            ("oci:{host}", "app.tar"),
            ("{what}", "app.tar"),
            ("{repo", "app.tar"),
            ("{tag}", "docker://r.example/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        ] {
            assert!(matches!(filled(template, source), Err(Error::Usage(_))), "{template} {source}");
        }
    }
}
