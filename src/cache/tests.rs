use super::*;

fn open(dir: &Path) -> Cache {
    Cache::open(dir, DEFAULT_LIMIT).unwrap()
}

fn keep(dir: &Path, limit: u64, entries: &[(&str, String)]) {
    let cache = Cache::open(dir, limit).unwrap();
    for (name, value) in entries {
        cache.put(Key::new("test", name.as_bytes()), value);
    }
    cache.save().unwrap();
}

fn find(dir: &Path, name: &str) -> Option<String> {
    open(dir).get(&Key::new("test", name.as_bytes()))
}

fn packs(dir: &Path) -> Vec<PathBuf> {
    list(dir).unwrap().into_iter().map(|listed| listed.path).collect()
}

#[test]
fn what_is_saved_is_found_by_its_kind_and_bytes() {
    let dir = tempfile::tempdir().unwrap();
    keep(dir.path(), DEFAULT_LIMIT, &[("a", "one".into()), ("b", "two".into())]);
    assert_eq!(find(dir.path(), "a"), Some("one".into()));
    let cache = open(dir.path());
    assert_eq!(cache.get::<String>(&Key::new("test", b"b")), Some("two".into()));
    assert_eq!(cache.get::<String>(&Key::new("other", b"b")), None);
    assert_eq!(cache.get::<String>(&Key::new("test", b"c")), None);
    assert_eq!(cache.found(), (1, 2));
    assert_eq!(packs(dir.path()).len(), 1, "nothing unfinished is left");
}

#[test]
fn what_is_not_saved_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let cache = open(dir.path());
    cache.put(Key::new("test", b"a"), &"one");
    drop(cache);
    assert!(packs(dir.path()).is_empty());
}

#[test]
fn damage_is_taken_for_absence() {
    let dir = tempfile::tempdir().unwrap();
    keep(dir.path(), DEFAULT_LIMIT, &[("a", "one".into()), ("b", "two".into())]);
    let pack = packs(dir.path()).remove(0);
    let whole = fs::read(&pack).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        fs::write(&pack, &bytes).unwrap();
        for (name, value) in [("a", "one"), ("b", "two")] {
            let found = find(dir.path(), name);
            assert!(found.is_none() || found.as_deref() == Some(value), "byte {at}");
        }
        fs::write(&pack, &whole[..at]).unwrap();
        assert_eq!(find(dir.path(), "a"), None, "cut at byte {at}");
    }
    // A run that finds damage puts the entries there anew.
    let mut bytes = whole;
    bytes[1] ^= 1;
    fs::write(&pack, &bytes).unwrap();
    let cache = open(dir.path());
    assert_eq!(cache.get::<String>(&Key::new("test", b"a")), None);
    cache.put(Key::new("test", b"a"), &"one");
    cache.save().unwrap();
    assert_eq!(find(dir.path(), "a"), Some("one".into()));
    assert!(!pack.exists());
}

#[test]
fn two_runs_at_once_keep_what_both_found() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()), open(dir.path()));
    one.put(Key::new("test", b"a"), &"one");
    one.put(Key::new("test", b"both"), &"same");
    two.put(Key::new("test", b"b"), &"two");
    two.put(Key::new("test", b"both"), &"same");
    one.save().unwrap();
    two.save().unwrap();
    for (name, value) in [("a", "one"), ("b", "two"), ("both", "same")] {
        assert_eq!(find(dir.path(), name).as_deref(), Some(value));
    }
}

#[test]
fn small_packs_are_joined() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..20 {
        keep(dir.path(), DEFAULT_LIMIT, &[(&format!("n{number}"), number.to_string())]);
    }
    assert!(packs(dir.path()).len() <= MAX_SMALL_PACKS, "{}", packs(dir.path()).len());
    for number in 0..20 {
        assert_eq!(find(dir.path(), &format!("n{number}")), Some(number.to_string()));
    }
}

#[test]
fn the_directory_stays_within_its_limit_and_what_is_used_stays() {
    let dir = tempfile::tempdir().unwrap();
    let limit = 20_000;
    let day = Duration::from_secs(86_400);
    keep(dir.path(), limit, &[("used", "u".repeat(1000))]);
    for number in 0..30 {
        // All packs look old, and the first one is used in every run.
        for path in packs(dir.path()) {
            let file = File::open(&path).unwrap();
            let before = file.metadata().unwrap().modified().unwrap();
            file.set_modified(before - day).unwrap();
        }
        let cache = Cache::open(dir.path(), limit).unwrap();
        assert_eq!(cache.get::<String>(&Key::new("test", b"used")), Some("u".repeat(1000)), "run {number}");
        cache.put(Key::new("test", format!("n{number}").as_bytes()), &"x".repeat(3000));
        cache.save().unwrap();
        let total: u64 = list(dir.path()).unwrap().iter().map(|listed| listed.len).sum();
        assert!(total <= limit, "{total} bytes after run {number}");
    }
    assert_eq!(find(dir.path(), "n0"), None);
    assert!(find(dir.path(), "n29").is_some());
}

#[test]
fn files_of_others_are_left_alone_and_abandoned_ones_go() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("README"), "not ours").unwrap();
    for name in [".unfinished-old", ".unfinished-new"] {
        fs::write(path(name), "half").unwrap();
    }
    let long_ago = SystemTime::now() - 2 * ABANDONED;
    File::open(path(".unfinished-old")).unwrap().set_modified(long_ago).unwrap();
    keep(dir.path(), 1, &[("a", "one".into())]);
    assert!(path("README").exists() && path(".unfinished-new").exists() && !path(".unfinished-old").exists());
}

#[test]
fn a_cache_that_cannot_be_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(Cache::open(&file, 1).is_err());
}
