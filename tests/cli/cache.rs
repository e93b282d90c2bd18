//! `--cache`: the same result, sooner.

use std::fs;

use crate::archive::Image;
use crate::bench::Bench;

/// A small Python installation with ELF files, scripts and text.
const IMAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tiny-python.tar");

/// How many entries were found in the cache, and how many were new.
fn counts(stderr: &str) -> (u64, u64) {
    let line = stderr.lines().find_map(|line| line.strip_prefix("timing: cache: ")).expect("a line about the cache");
    let numbers: Vec<u64> = line.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    (numbers[0], numbers[1])
}

#[test]
fn a_cached_run_gives_the_same_bytes_and_the_same_report() {
    let bench = Bench::new();
    let report = |options: &str| bench.run(&format!("report {IMAGE} --json --timings {options}")).done();
    let plain = report("");
    let cold = report("--cache cache");
    let warm = report("--cache cache");
    let ((none, new), (found, missed)) = (counts(&cold.stderr), counts(&warm.stderr));
    assert!(none == 0 && new > 100, "{none} {new}");
    assert!(found > 0 && missed == 0, "{found} {missed}");
    assert!(plain.stdout == cold.stdout && plain.stdout == warm.stdout);
    bench.run(&format!("slim {IMAGE} -o plain.tar")).done();
    bench.run(&format!("slim {IMAGE} -o warm.tar --cache cache")).done();
    assert!(bench.bytes("plain.tar") == bench.bytes("warm.tar"));
    let why = |options: &str| bench.run(&format!("why {IMAGE} /usr/** --json {options}")).done().stdout;
    assert!(why("") == why("--cache cache"));
}

#[test]
fn what_a_report_found_serves_the_other_commands() {
    let bench = Bench::new();
    let counted = |command: &str| {
        let ended = bench.run(&format!("{command} --cache cache --timings")).done();
        (counts(&ended.stderr), ended.stdout)
    };
    assert!(counted(&format!("report {IMAGE}")).0.1 > 100);
    for command in [format!("why {IMAGE} pydoc"), format!("slim {IMAGE} -o out.tar")] {
        assert_eq!(counted(&command).0.1, 0, "{command}");
    }
    // The other way round it is looked for anew what assumptions keep out, and the files' facts serve.
    let bench = Bench::new();
    bench.run(&format!("slim {IMAGE} -o out.tar --cache cache")).done();
    let report = |options: &str| bench.run(&format!("report {IMAGE} --json {options}")).done().stdout;
    assert!(report("--cache cache") == report(""));
}

/// A folder with a smaller image, `app.tar`.
fn small() -> Bench {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    bench
}

#[test]
fn options_decide_as_they_do_without_a_cache() {
    let bench = small();
    bench.run("report app.tar --list --cache cache").done();
    for options in ["--entry /bin/sh --keep /usr/**", "--no-prune", "--no-profile docs"] {
        let run = |cache: &str| bench.run(&format!("report app.tar --json {options} {cache}")).done().stdout;
        let plain = run("");
        assert!(plain == run("--cache cache"), "{options}");
        assert!(plain == run("--cache cache"), "{options}, again");
    }
}

#[test]
fn another_command_line_takes_over_what_files_say() {
    let bench = small();
    let report =
        |options: &str| counts(&bench.run(&format!("report app.tar --list --timings {options}")).done().stderr);
    let (_, cold) = report("--cache cache");
    let (found, new) = report("--cache cache --keep /etc/nothing");
    assert!(cold > 1 && found + 1 == cold && new == 1, "{cold} {found} {new}");
}

#[test]
fn damage_in_the_cache_changes_nothing() {
    let bench = small();
    let report = || bench.run("report app.tar --json --timings --cache cache").done();
    let good = report();
    for file in fs::read_dir(bench.path("cache")).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        for byte in bytes.iter_mut().step_by(61) {
            *byte ^= 0xff;
        }
        fs::write(&path, bytes).unwrap();
    }
    fs::write(bench.path("cache/stranger.pack"), "not a pack").unwrap();
    let again = report();
    assert!(good.stdout == again.stdout);
    assert!(counts(&again.stderr).1 > 0);
    let mended = report();
    assert!(good.stdout == mended.stdout);
    assert_eq!(counts(&mended.stderr).1, 0);
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    let bench = small();
    let report = || bench.run("report app.tar --json --cache cache").done().stdout;
    let plain = bench.run("report app.tar --json").done().stdout;
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(report)).collect();
        runs.into_iter().for_each(|run| assert!(run.join().unwrap() == plain));
    });
    assert!(report() == plain);
    for file in fs::read_dir(bench.path("cache")).unwrap() {
        assert!(file.unwrap().file_name().to_string_lossy().ends_with(".pack"));
    }
}

#[test]
fn a_cache_needs_a_place_and_its_size_a_cache() {
    let bench = small();
    fs::write(bench.path("file"), "").unwrap();
    bench.run("report app.tar --cache file").refused(1, "cannot make the cache");
    assert_eq!(bench.run("report app.tar --cache-size 1MB").code, Some(2));
    assert_eq!(bench.run("report app.tar --cache c --cache-size large").code, Some(2));
}

#[test]
fn a_cache_that_others_can_write_to_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let bench = small();
    let plain = bench.run("report app.tar --json --cache cache").done().stdout;
    let mode = |name: &str| fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("cache"), 0o700);
    let pack = bench.path("cache").read_dir().unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    assert_eq!(mode(&format!("cache/{pack}")), 0o600);
    fs::set_permissions(bench.path("cache"), fs::Permissions::from_mode(0o777)).unwrap();
    let ended = bench.run("report app.tar --json --timings --cache cache").done();
    assert!(ended.stdout == plain);
    assert!(ended.stderr.contains("bantam: cache: the cache is not used: others can write to it"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("timing: cache:"), "{}", ended.stderr);
    // One pack that others can change is as if it were not there.
    fs::set_permissions(bench.path("cache"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(bench.path("cache").join(pack), fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(counts(&bench.run("report app.tar --json --timings --cache cache").done().stderr).0, 0);
}

/// Killed whenever: nothing half-made stays.
#[test]
fn a_run_that_is_stopped_leaves_nothing() {
    let bench = Bench::new();
    for after in [5, 10, 20, 40, 80, 160, 320] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bantam"));
        command.args(["slim", IMAGE, "-o", "out.tar", "--cache", "cache", "--html", "x.html", "-q"]);
        let mut run = command.current_dir(bench.path(".")).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(after));
        std::process::Command::new("kill").args(["-TERM", &run.id().to_string()]).status().unwrap();
        run.wait().unwrap();
        let known = |name: &str| ["out.tar", "cache", "x.html"].contains(&name);
        assert!(bench.names().iter().all(|name| known(name)), "{:?}", bench.names());
        let cached = fs::read_dir(bench.path("cache")).into_iter().flatten();
        let names: Vec<_> = cached.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(names.iter().all(|name| name.ends_with(".pack")), "{names:?}");
    }
}
