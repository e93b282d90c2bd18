//! What two configs say of how their images run.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Fields beside `config` that say what an image runs on.
const PLATFORM: [&str; 4] = ["architecture", "os", "os.version", "variant"];

/// A setting of the config that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigChange {
    /// Its field: `Cmd`, `Env.PATH`, `Labels.version`.
    pub field: String,
    /// Its value in the first image; none if it is not set.
    pub before: Option<Value>,
    /// Its value in the second.
    pub after: Option<Value>,
}

/// The settings that differ, in the order of their names.
pub(super) fn compare(before: &Value, after: &Value) -> Vec<ConfigChange> {
    let mut found: BTreeMap<String, [Option<Value>; 2]> = BTreeMap::new();
    for (side, config) in [before, after].into_iter().enumerate() {
        for (field, value) in settings(config) {
            if let Some(slot) = found.entry(field).or_default().get_mut(side) {
                *slot = Some(value);
            }
        }
    }
    let differing = found.into_iter().filter(|(_, [before, after])| before != after);
    differing.map(|(field, [before, after])| ConfigChange { field, before, after }).collect()
}

/// Every setting that says something, environment and maps name by name.
fn settings(config: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for field in PLATFORM {
        found.extend(config.get(field).map(|value| (field.to_owned(), value.clone())));
    }
    for (field, value) in config.get("config").and_then(Value::as_object).into_iter().flatten() {
        match value {
            Value::Object(map) => {
                found.extend(map.iter().map(|(key, value)| (format!("{field}.{key}"), value.clone())));
            }
            Value::Array(list) if field == "Env" => {
                for setting in list.iter().filter_map(Value::as_str) {
                    let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
                    found.push((format!("{field}.{name}"), value.into()));
                }
            }
            _ => found.push((field.clone(), value.clone())),
        }
    }
    // An empty field is what engines write for one that is not set; a volume's value is an empty object.
    let is_set = |value: &Value| {
        !(value.is_null() || value == &Value::Bool(false) || value.as_array().is_some_and(Vec::is_empty))
    };
    found.retain(|(field, value)| is_set(value) && (value != "" || field.contains('.')));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_compared_one_by_one() {
        let before = json!({"os": "linux", "created": "x", "config": {
            "Env": ["A=1", "B=2"], "Cmd": ["x"], "Labels": {"v": "1"}, "User": "", "Entrypoint": null,
            "Volumes": {"/data": {}}, "Tty": false,
        }});
        let after = json!({"os": "linux", "history": [], "config": {
            "Env": ["A=1", "B=3", "C="], "Cmd": ["x"], "Volumes": {"/data": {}, "/more": {}},
        }});
        let found = compare(&before, &after);
        let fields: Vec<&str> = found.iter().map(|setting| setting.field.as_str()).collect();
        assert_eq!(fields, ["Env.B", "Env.C", "Labels.v", "Volumes./more"]);
        assert_eq!((&found[0].before, &found[0].after), (&Some(json!("2")), &Some(json!("3"))));
        assert_eq!((&found[2].before, &found[2].after), (&Some(json!("1")), &None));
        assert!(compare(&before, &before).is_empty() && compare(&json!([]), &json!(null)).is_empty());
    }
}
