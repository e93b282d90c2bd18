//! Where the daemon listens: `DOCKER_HOST`, or the context that is in use (docker(1), "Environment variables"; "Docker contexts").

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

const USUAL: &str = "/var/run/docker.sock";

/// An address to speak to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A socket in the file system.
    Socket(PathBuf),
    /// Host and port, in the clear.
    Host(String),
}

impl Place {
    /// That of this process's user.
    ///
    /// # Errors
    /// If it is none that can be spoken to, in words that say what to do.
    pub fn of_environment() -> Result<Self, String> {
        Self::of(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        if let Some(host) = variable("DOCKER_HOST") {
            let encrypted = variable("DOCKER_TLS_VERIFY").is_some();
            return Self::parse(&host, encrypted, "DOCKER_HOST");
        }
        let home = variable("HOME").map(|home| Path::new(&home).join(".docker"));
        let Some(config) = variable("DOCKER_CONFIG").map(PathBuf::from).or(home) else {
            return Ok(Self::Socket(USUAL.into()));
        };
        let json =
            |path: PathBuf| std::fs::read(path).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        let current = || Some(json(config.join("config.json"))?["currentContext"].as_str()?.to_owned());
        let context = variable("DOCKER_CONTEXT").or_else(current).filter(|name| name != "default");
        let Some(context) = context else { return Ok(Self::Socket(USUAL.into())) };
        let digits = data_encoding::HEXLOWER.encode(&Sha256::digest(&context));
        let meta = json(config.join("contexts/meta").join(digits).join("meta.json"));
        let host = meta.as_ref().and_then(|meta| meta["Endpoints"]["docker"]["Host"].as_str());
        let host = host.ok_or_else(|| format!("Docker's context {context:?} says no host; set DOCKER_HOST"))?;
        Self::parse(host, false, &format!("Docker's context {context:?}"))
    }

    fn parse(host: &str, encrypted: bool, origin: &str) -> Result<Self, String> {
        let instead = "use a socket (unix://), or an archive: docker save IMAGE | bantam slim -";
        match host.split_once("://") {
            Some(("unix", path)) => Ok(Self::Socket(path.into())),
            Some(("tcp" | "http", _)) if encrypted => {
                Err(format!("{origin}: daemons with certificates (DOCKER_TLS_VERIFY) are not spoken to; {instead}"))
            }
            Some(("tcp" | "http", host)) if !host.contains('@') => Ok(Self::Host(host.trim_end_matches('/').into())),
            Some((scheme, _)) => Err(format!("{origin}: {scheme}:// is not spoken; {instead}")),
            None => Err(format!("{origin} is malformed; {instead}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_or_a_context_says_where() {
        let home = tempfile::tempdir().unwrap();
        let docker = home.path().join(".docker");
        let meta = docker.join("contexts/meta").join(data_encoding::HEXLOWER.encode(&Sha256::digest("rootless")));
        std::fs::create_dir_all(&meta).unwrap();
        std::fs::write(
            meta.join("meta.json"),
            r#"{"Endpoints": {"docker": {"Host": "unix:///run/user/1/docker.sock"}}}"#,
        )
        .unwrap();
        let place = |set: &[(&str, &str)]| {
            let set = [set, &[("HOME", home.path().to_str().unwrap())]].concat();
            Place::of(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(place(&[]), Ok(Place::Socket(USUAL.into())));
        assert_eq!(
            place(&[("DOCKER_HOST", "unix:///run/podman/podman.sock")]),
            Ok(Place::Socket("/run/podman/podman.sock".into()))
        );
        assert_eq!(place(&[("DOCKER_HOST", "tcp://127.0.0.1:2375")]), Ok(Place::Host("127.0.0.1:2375".into())));
        let rootless = Place::Socket("/run/user/1/docker.sock".into());
        assert_eq!(place(&[("DOCKER_CONTEXT", "rootless")]), Ok(rootless.clone()));
        std::fs::write(docker.join("config.json"), r#"{"currentContext": "rootless"}"#).unwrap();
        assert_eq!(place(&[]), Ok(rootless));
        assert_eq!(place(&[("DOCKER_CONTEXT", "default")]), Ok(Place::Socket(USUAL.into())));
        for (bad, says) in [("ssh://me@host", "ssh://"), ("nothing", "malformed")] {
            assert!(place(&[("DOCKER_HOST", bad)]).unwrap_err().contains(says));
        }
        let encrypted = place(&[("DOCKER_HOST", "tcp://host:2376"), ("DOCKER_TLS_VERIFY", "1")]);
        assert!(encrypted.unwrap_err().contains("docker save"));
        assert!(place(&[("DOCKER_CONTEXT", "gone")]).unwrap_err().contains("gone"));
    }
}
