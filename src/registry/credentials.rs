//! Who the user is to a registry: what `docker login` and `podman login` have left (`containers-auth.json(5)`, and Docker's
//! `config.json`), or what a credential helper says (docker-credential-helpers, "Development").

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use data_encoding::{BASE64, BASE64_NOPAD};
use serde::Deserialize;

/// What Docker calls the registry of its default domain.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// What helpers say where they have nothing.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// How to prove who one is. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// A name and a password.
    Password(String, String),
    /// What a token server takes instead.
    IdentityToken(String),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// Where logins are kept, the first that has one for a registry counts.
#[derive(Clone, Debug)]
pub struct Credentials {
    files: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthFile {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// Those of this process's user: `REGISTRY_AUTH_FILE` alone where it is set.
    pub fn of_environment() -> Self {
        Self::of(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
    }

    fn of(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        if let Some(file) = variable("REGISTRY_AUTH_FILE") {
            return Self { files: vec![file] };
        }
        let home = variable("HOME");
        let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let runtime = variable("XDG_RUNTIME_DIR").map(|dir| dir.join("containers/auth.json"));
        let config = variable("XDG_CONFIG_HOME").map(|dir| dir.join("containers/auth.json"));
        let docker = variable("DOCKER_CONFIG").map(|dir| dir.join("config.json"));
        let files = [
            runtime,
            config.or_else(|| below_home(".config/containers/auth.json")),
            docker.or_else(|| below_home(".docker/config.json")),
        ];
        Self { files: files.into_iter().flatten().collect() }
    }

    /// The login for a repository, if there is one.
    ///
    /// # Errors
    /// If a file is malformed or a helper fails, in words that hold nothing of what it says.
    pub fn find(&self, domain: &str, repository: &str) -> Result<Option<Login>, String> {
        for file in &self.files {
            if let Some(login) = find_in(file, domain, repository)? {
                return Ok(Some(login));
            }
        }
        Ok(None)
    }
}

fn find_in(path: &Path, domain: &str, repository: &str) -> Result<Option<Login>, String> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: cannot read: {error}", path.display())),
    };
    // The library's message may quote what stands there.
    let file: AuthFile = serde_json::from_slice(&text)
        .map_err(|error| format!("{}: malformed in line {}", path.display(), error.line()))?;
    let server = if domain == "docker.io" { DOCKER_HUB } else { domain };
    if let Some(helper) = file.cred_helpers.get(domain).or_else(|| file.cred_helpers.get(server)) {
        return ask(helper, server);
    }
    for key in keys(domain, repository) {
        let Some((_, entry)) = file.auths.iter().find(|(name, _)| plain(name) == key) else { continue };
        match login(entry) {
            Ok(None) => {}
            Ok(login) => return Ok(login),
            Err(why) => return Err(format!("{}: {key}: {why}", path.display())),
        }
    }
    file.creds_store.as_deref().map_or(Ok(None), |helper| ask(helper, server))
}

/// The names under which a login may stand: the most particular first.
fn keys(domain: &str, repository: &str) -> Vec<String> {
    let domains: &[&str] = if domain == "docker.io" { &["docker.io", "index.docker.io"] } else { &[domain] };
    let mut paths = vec![repository];
    while let Some((front, _)) = paths.last().and_then(|path| path.rsplit_once('/')) {
        paths.push(front);
    }
    let full = domains.iter().flat_map(|domain| paths.iter().map(move |path| format!("{domain}/{path}")));
    full.chain(domains.iter().map(|domain| (*domain).to_owned())).collect()
}

/// A key as Docker once wrote them has a scheme and a version.
fn plain(key: &str) -> &str {
    let key = key.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    key.strip_suffix("/v1").or_else(|| key.strip_suffix("/v2")).unwrap_or(key)
}

fn login(entry: &Entry) -> Result<Option<Login>, &'static str> {
    if let Some(token) = entry.identitytoken.clone().filter(|token| !token.is_empty()) {
        return Ok(Some(Login::IdentityToken(token)));
    }
    if let (Some(user), Some(password)) = (&entry.username, &entry.password) {
        return Ok(Some(Login::Password(user.clone(), password.clone())));
    }
    let Some(auth) = entry.auth.as_deref().map(str::trim).filter(|auth| !auth.is_empty()) else { return Ok(None) };
    let decoded = BASE64.decode(auth.as_bytes()).or_else(|_| BASE64_NOPAD.decode(auth.as_bytes()));
    let decoded = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let both = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or("its login is malformed")?;
    Ok(Some(Login::Password(both.0.into(), both.1.trim_end_matches('\0').into())))
}

/// Asks `docker-credential-HELPER`.
fn ask(helper: &str, server: &str) -> Result<Option<Login>, String> {
    let program = format!("docker-credential-{helper}");
    let fail = |why: &str| format!("{program}, which is to know the login for {server}: {why}");
    let mut process = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| fail(&format!("cannot start: {error}")))?;
    if let Some(mut stdin) = process.stdin.take() {
        // One that does not read may know it all the same.
        let _ = stdin.write_all(server.as_bytes());
    }
    let output = process.wait_with_output().map_err(|error| fail(&error.to_string()))?;
    if !output.status.success() {
        let nothing = String::from_utf8_lossy(&output.stdout).contains(NOT_FOUND);
        return if nothing { Ok(None) } else { Err(fail("failed")) };
    }
    let helped: Helped = serde_json::from_slice(&output.stdout).map_err(|_| fail("its answer is malformed"))?;
    Ok(match (helped.username.as_str(), helped.secret.as_str()) {
        (_, "") => None,
        ("<token>", _) => Some(Login::IdentityToken(helped.secret)),
        _ => Some(Login::Password(helped.username, helped.secret)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(text: &str) -> (tempfile::TempDir, Credentials) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("auth.json");
        std::fs::write(&file, text).unwrap();
        (dir, Credentials { files: vec!["/no/such/file".into(), file] })
    }

    fn password(user: &str, password: &str) -> Option<Login> {
        Some(Login::Password(user.into(), password.into()))
    }

    #[test]
    fn the_most_particular_login_counts() {
        // user:pass, team:word, hub:pw in Base64.
        let (_dir, credentials) = credentials(
            r#"{"auths": {"r.example": {"auth": "dXNlcjpwYXNz"}, "r.example/team": {"auth": "dGVhbTp3b3Jk"},
                "https://index.docker.io/v1/": {"auth": "aHViOnB3"}, "t.example:5000": {"identitytoken": "id"},
                "p.example": {"username": "u", "password": "p"}, "empty.example": {}}}"#,
        );
        for (domain, repository, expected) in [
            ("r.example", "other/app", password("user", "pass")),
            ("r.example", "team/app", password("team", "word")),
            ("r.example", "teams/app", password("user", "pass")),
            ("docker.io", "library/alpine", password("hub", "pw")),
            ("t.example:5000", "a", Some(Login::IdentityToken("id".into()))),
            ("p.example", "a", password("u", "p")),
            ("empty.example", "a", None),
            ("t.example", "a", None),
            ("evil-r.example", "a", None),
        ] {
            assert_eq!(credentials.find(domain, repository).unwrap(), expected, "{domain}/{repository}");
        }
    }

    #[test]
    fn what_is_malformed_is_not_quoted() {
        for text in
            [r#"{"auths": {"r.example": {"auth": "c2VjcmV0"}}}"#, r#"{"auths": {"r.example": "secret"}}"#, "secret"]
        {
            let (_dir, credentials) = credentials(text);
            let error = credentials.find("r.example", "a").unwrap_err();
            assert!(error.contains("auth.json") && !error.contains("secret"), "{error}");
        }
        assert_eq!(format!("{:?}", password("u", "secret")), "Some(Login(…))");
    }

    #[test]
    fn a_helper_that_is_not_there_is_named() {
        let (_dir, credentials) = credentials(r#"{"credHelpers": {"r.example": "no-such-helper"}}"#);
        assert!(credentials.find("r.example", "a").unwrap_err().contains("docker-credential-no-such-helper"));
        assert_eq!(credentials.find("other.example", "a").unwrap(), None);
    }

    #[test]
    fn the_environment_says_where() {
        let of = |set: &[(&str, &str)]| {
            let set: BTreeMap<String, PathBuf> = set.iter().map(|(k, v)| ((*k).into(), v.into())).collect();
            Credentials::of(|name| set.get(name).cloned()).files
        };
        assert_eq!(of(&[("REGISTRY_AUTH_FILE", "/a"), ("HOME", "/h")]), [PathBuf::from("/a")]);
        assert_eq!(
            of(&[("HOME", "/h"), ("XDG_RUNTIME_DIR", "/run/user/1"), ("DOCKER_CONFIG", "/d")]),
            ["/run/user/1/containers/auth.json", "/h/.config/containers/auth.json", "/d/config.json"]
                .map(PathBuf::from)
        );
    }
}
