//! Command lines that make no sense exit with 2 and one line.

use crate::archive::Image;
use crate::bench::Bench;

#[test]
fn usage_errors_are_one_line_and_status_2() {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    let cases = [
        ("slim", "IMAGE"),
        ("slim app.tar", "--output"),
        ("slim app.tar -o out.tar --no-such", "--no-such"),
        ("slim app.tar -o out.tar --threads 0", "--threads"),
        ("slim app.tar -o ostree:x", "ostree"),
        ("slim app.tar -o out.tar --compression lzma", "lzma"),
        ("slim app.tar -o out.tar --no-profile nonsense", "nonsense"),
        ("slim app.tar -o out.tar --strip [", "["),
        ("report app.tar --json --list", "--list"),
        ("report app.tar --fail-over much", "much"),
        ("report app.tar --platform nonsense", "nonsense"),
        ("frobnicate", "frobnicate"),
        ("profiles show nonsense", "nonsense"),
    ];
    for (words, named) in cases {
        bench.run(words).refused(2, named);
    }
    assert_eq!(bench.names(), ["app.tar"]);
}

#[test]
fn help_and_version_go_to_standard_output() {
    let bench = Bench::new();
    for words in ["--help", "slim --help", "--version", "help report"] {
        let ended = bench.run(words).done();
        assert!(!ended.stdout.is_empty() && ended.stderr.is_empty(), "{words}");
    }
    assert!(bench.run("--help").text().contains("Exit status:"));
}

#[test]
fn a_profile_with_a_mistake_is_named_with_its_line() {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    std::fs::write(bench.path("mine.toml"), "name = \"mine\"\ndescription = \"x\"\nunknown = 1\n").unwrap();
    bench.run("slim app.tar -o out.tar --profile mine.toml").refused(1, "mine.toml:3: ");
}

#[test]
fn quiet_says_nothing() {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    let ended = bench.run("slim app.tar -o out.tar --quiet").done();
    assert!(ended.stdout.is_empty() && ended.stderr.is_empty(), "{}", ended.stderr);
    assert!(bench.run("slim app.tar -o again.tar").done().stderr.contains("again.tar"));
}
