//! The part of an image's config that says how its program runs: OCI image spec, config.md, "config", and what Docker adds.

use std::collections::BTreeMap;

use serde_json::Value;

/// How a container of the image starts. A field that is missing or `null` in the config is empty here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunConfig {
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// Arguments of the entry point, or the program where there is none.
    pub cmd: Vec<String>,
    /// Environment, `NAME=value`, in order.
    pub env: Vec<String>,
    /// Where the program starts; empty means `/`.
    pub working_dir: String,
    /// User and group, by name or number: `user[:group]`.
    pub user: String,
    /// `Healthcheck.Test`: `["CMD", …]`, `["CMD-SHELL", line]`, `["NONE"]`.
    pub healthcheck: Vec<String>,
    /// The shell of shell-form instructions, where it is not the usual one.
    pub shell: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Paths of declared volumes.
    pub volumes: Vec<String>,
}

impl RunConfig {
    /// Reads the fields of an image config. What has the wrong type counts as missing.
    pub fn of(config: &Value) -> Self {
        let field = |name: &str| config.get("config").and_then(|config| config.get(name));
        let text = |name: &str| field(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        // Docker reads a text where a list is expected as a list of one (`strslice`).
        let list = |value: Option<&Value>| -> Vec<String> {
            let items = value.and_then(Value::as_array).into_iter().flatten().chain(value);
            items.filter_map(Value::as_str).map(Into::into).collect()
        };
        let map = |name: &str| field(name).and_then(Value::as_object).into_iter().flatten();
        let mut volumes: Vec<String> = map("Volumes").map(|(path, _)| path.clone()).collect();
        volumes.sort();
        Self {
            entrypoint: list(field("Entrypoint")),
            cmd: list(field("Cmd")),
            env: list(field("Env")),
            working_dir: text("WorkingDir"),
            user: text("User"),
            healthcheck: list(field("Healthcheck").and_then(|check| check.get("Test"))),
            shell: list(field("Shell")),
            labels: map("Labels").filter_map(|(key, value)| Some((key.clone(), value.as_str()?.into()))).collect(),
            volumes,
        }
    }

    /// The environment by name; of several settings of one name the last counts.
    pub fn env_map(&self) -> BTreeMap<String, String> {
        self.env.iter().filter_map(|setting| setting.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_is_a_list_of_one() {
        let run = RunConfig::of(&json!({"config": {"Entrypoint": "/bin/app", "Cmd": "run now", "Env": ["A=1"]}}));
        assert_eq!(
            (run.entrypoint, run.cmd, run.env),
            (vec!["/bin/app".into()], vec!["run now".into()], vec!["A=1".into()])
        );
    }

    #[test]
    fn missing_null_and_mistyped_fields_are_empty() {
        let config = json!({"config": {
            "Entrypoint": null, "Cmd": ["python", "app.py"], "Env": ["A=1", "A=2=3", "B"], "User": 7,
            "Healthcheck": {"Test": ["CMD-SHELL", "true"]}, "Volumes": {"/b": {}, "/a": {}}, "Labels": {"x": "y"},
        }});
        let run = RunConfig::of(&config);
        assert_eq!(run.cmd, ["python", "app.py"]);
        assert!(run.entrypoint.is_empty() && run.user.is_empty());
        assert_eq!(run.env_map(), [("A".into(), "2=3".into())].into());
        assert_eq!(run.healthcheck, ["CMD-SHELL", "true"]);
        assert_eq!(run.volumes, ["/a", "/b"]);
        assert_eq!(run.labels["x"], "y");
        assert_eq!(RunConfig::of(&json!(null)), RunConfig::default());
    }
}
