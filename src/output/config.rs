//! The new image's config: the original's, with one layer and a history that says so.

use serde_json::{Map, Value, json};

use super::timestamp;
use crate::{Error, Result};

/// Top-level fields that would be false about the new image: names of layers of the version 1 format that are not in
/// it, and BuildKit's inline cache, which maps build steps to layers by position and so would hand the squashed
/// layer to a later build as the result of the first step.
const FALSE_NOW: [&str; 6] = ["id", "parent", "parent_id", "layer_id", "throwaway", "moby.buildkit.cache.v0"];

/// What there is to say about the squash.
pub(super) struct Change<'a> {
    /// Digest of the new layer's uncompressed tar.
    pub diff_id: &'a str,
    /// The command, for the history.
    pub created_by: &'a str,
    /// `SOURCE_DATE_EPOCH`, if set.
    pub epoch: Option<i64>,
}

/// The config of the squashed image.
///
/// All fields are carried over, unknown ones too, except:
/// - `rootfs.diff_ids` lists the one layer;
/// - `history` keeps its entries, each now marked `empty_layer`, and gets one for the new layer, so that entries
///   with a layer and layers are equal in number, as readers check;
/// - `created` and the `created` of history entries are limited to `SOURCE_DATE_EPOCH` if that is set. Otherwise the image keeps its
///   date and the new entry gets the same;
/// - the fields in [`FALSE_NOW`] go. `container_config` and its like stay: they say how the original was built,
///   as the history does.
///
/// # Errors
/// If `original` is not a JSON object.
pub(super) fn squashed(original: &Value, change: &Change) -> Result<Value> {
    let Value::Object(original) = original else {
        return Err(Error::Usage("the image's config is not a JSON object".into()));
    };
    let mut config = original.clone();
    for field in FALSE_NOW {
        // Keeps the order of the rest.
        config.shift_remove(field);
    }
    if let Some(created) = config.get_mut("created") {
        limit(created, change.epoch);
    }
    let created = match change.epoch {
        Some(epoch) => Some(Value::from(timestamp::format(epoch))),
        None => config.get("created").filter(|created| created.is_string()).cloned(),
    };

    let mut rootfs = take_object(&mut config, "rootfs");
    let layers = rootfs.get("diff_ids").and_then(Value::as_array).map_or(0, Vec::len);
    rootfs.insert("type".into(), "layers".into());
    rootfs.insert("diff_ids".into(), json!([change.diff_id]));
    config.insert("rootfs".into(), rootfs.into());

    let mut history = Vec::new();
    if let Some(Value::Array(earlier)) = config.get_mut("history") {
        history = std::mem::take(earlier);
    }
    history.retain(Value::is_object);
    for entry in history.iter_mut().filter_map(Value::as_object_mut) {
        entry.insert("empty_layer".into(), true.into());
        if let Some(created) = entry.get_mut("created") {
            limit(created, change.epoch);
        }
    }
    let mut entry = Map::new();
    if let Some(created) = created {
        entry.insert("created".into(), created);
    }
    entry.insert("created_by".into(), change.created_by.into());
    let plural = if layers == 1 { "" } else { "s" };
    let comment = format!(
        "bantam {}: {layers} layer{plural} made into this one, without unneeded files",
        env!("CARGO_PKG_VERSION")
    );
    entry.insert("comment".into(), comment.into());
    history.push(entry.into());
    config.insert("history".into(), history.into());
    Ok(config.into())
}

/// The object at `field`, empty if there is none; its place in the order is kept.
fn take_object(config: &mut Map<String, Value>, field: &str) -> Map<String, Value> {
    match config.get_mut(field) {
        Some(Value::Object(object)) => std::mem::take(object),
        _ => Map::new(),
    }
}

/// Sets a time that is later than `epoch` to it.
fn limit(time: &mut Value, epoch: Option<i64>) {
    if let (Some(text), Some(epoch)) = (time.as_str(), epoch)
        && timestamp::is_after(text, epoch)
    {
        *time = timestamp::format(epoch).into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original() -> Value {
        json!({
            "architecture": "arm64", "os": "linux", "variant": "v8", "x-unknown": {"deep": [1, 2.5, null]},
            "id": "1", "parent": "2", "moby.buildkit.cache.v0": "e30=",
            "created": "2024-05-06T07:08:09.123456789Z",
            "config": {"Cmd": ["app"], "Healthcheck": {"Test": ["NONE"]}, "X": 1, "Entrypoint": null},
            "container_config": {"Cmd": ["x"]},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:a", "sha256:b"], "y": 1},
            "history": [{"created": "2020-01-01T00:00:00Z", "created_by": "ADD"}, {"empty_layer": true}, {"created_by": "RUN", "z": 2}],
        })
    }

    fn squash(epoch: Option<i64>) -> Value {
        squashed(&original(), &Change { diff_id: "sha256:c", created_by: "bantam slim", epoch }).unwrap()
    }

    #[test]
    fn what_is_not_about_layers_is_carried_over_in_order() {
        let (config, original) = (squash(None), original());
        for field in ["architecture", "os", "variant", "x-unknown", "created", "config", "container_config"] {
            assert_eq!(config[field], original[field], "{field}");
        }
        let kept: Vec<_> = config.as_object().unwrap().keys().collect();
        let gone = ["id", "parent", "moby.buildkit.cache.v0"];
        let expected: Vec<_> =
            original.as_object().unwrap().keys().filter(|key| !gone.contains(&key.as_str())).collect();
        assert_eq!(kept, expected);
        assert_eq!(config["rootfs"], json!({"type": "layers", "diff_ids": ["sha256:c"], "y": 1}));
    }

    #[test]
    fn history_has_one_entry_with_a_layer() {
        let config = squash(None);
        let history = config["history"].as_array().unwrap();
        assert_eq!(history.len(), 4);
        let full: Vec<_> = history.iter().filter(|entry| entry.get("empty_layer") != Some(&json!(true))).collect();
        assert_eq!(full, [history.last().unwrap()]);
        assert_eq!(full[0]["created"], "2024-05-06T07:08:09.123456789Z");
        assert!(full[0]["comment"].as_str().unwrap().contains("2 layers"));
        assert_eq!(history[2], json!({"created_by": "RUN", "z": 2, "empty_layer": true}));
    }

    #[test]
    fn source_date_epoch_limits_every_time() {
        let config = squash(Some(1_600_000_000));
        assert_eq!(config["created"], "2020-09-13T12:26:40Z");
        assert_eq!(config["history"][0]["created"], "2020-01-01T00:00:00Z");
        assert_eq!(config["history"][3]["created"], "2020-09-13T12:26:40Z");
    }

    #[test]
    fn odd_configs_are_made_regular() {
        for odd in [json!({}), json!({"history": null, "rootfs": 7}), json!({"history": [1, "x"]})] {
            let config = squashed(&odd, &Change { diff_id: "d", created_by: "b", epoch: None }).unwrap();
            assert_eq!(config["rootfs"]["diff_ids"], json!(["d"]));
            assert_eq!(config["history"].as_array().unwrap().len(), 1);
        }
        assert!(squashed(&json!([]), &Change { diff_id: "d", created_by: "b", epoch: None }).is_err());
    }
}
