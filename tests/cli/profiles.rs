//! `bantam profiles test`, for those who write profiles.

use std::fs;
use std::os::unix::fs::symlink;

use crate::archive::Image;
use crate::bench::{Bench, Ended};

const MINE: &str = r#"name = "mine"
description = "Ours."

[[strip]]
id = "our-notes"
category = "notes"
globs = ["/app/*.txt", "/usr/share/man/**", "/opt/none/**"]
reason = "Nobody reads them."

[[keep]]
id = "our-readme"
globs = ["/usr/share/doc/app/README"]
reason = "Shown at the start."

[[implies]]
id = "our-data"
when.path = ["/app/run"]
paths = ["/app/capable"]
reason = "The program opens it."

[[cut]]
id = "our-debugger"
language = "python"
from = ["app"]
to = ["pdb"]
reason = "Never on."
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    fs::write(bench.path("mine.toml"), MINE).unwrap();
    bench
}

#[track_caller]
fn says(ended: &Ended, lines: &[&str]) {
    for line in lines {
        assert!(ended.text().lines().any(|found| found == *line), "{line:?} is not in\n{}", ended.text());
    }
}

#[test]
fn a_profile_is_tried_on_an_image() {
    let bench = bench();
    Image::sample().docker().save(bench.path("app.tar"));
    let ended = bench.run("profiles test mine.toml --image app.tar").done();
    says(
        &ended,
        &[
            "strip       our-notes: names 1 file, 3.0 kB; removes 0 files, 0 B",
            "    /usr/share/man/man1/app.1",
            "    warning: the glob \"/app/*.txt\" names nothing",
            "    warning: the glob \"/opt/none/**\" names nothing",
            "keep        our-readme: names 1 file, 500 B; keeps 1 file, 500 B",
            "cut         our-debugger: takes back nothing",
        ],
    );
    assert!(ended.text().contains("implies     our-data: brings in 1 file, 1 B"), "{}", ended.text());
}

#[test]
fn a_profile_is_tried_on_a_directory_and_nothing_outside_it() {
    let bench = bench();
    for (name, content) in [("outside/secret.txt", "x"), ("root/app/a.txt", "12"), ("root/app/b.txt", "345")] {
        fs::create_dir_all(bench.path(name).parent().unwrap()).unwrap();
        fs::write(bench.path(name), content).unwrap();
    }
    symlink("../../outside/secret.txt", bench.path("root/app/c.txt")).unwrap();
    symlink("../outside", bench.path("root/opt")).unwrap();
    let ended = bench.run("profiles test mine.toml --tree root").done();
    says(
        &ended,
        &[
            "strip       our-notes: names 3 files, 5 B",
            "    /app/a.txt",
            "    /app/c.txt",
            "implies     our-data: no mistakes; --image says what it brings in",
            "    warning: the glob \"/app/capable\" names nothing",
        ],
    );
    assert!(!ended.text().contains("secret"), "{}", ended.text());
    assert_eq!(bench.names(), ["mine.toml", "outside", "root"]);
    assert_eq!(bench.run("profiles test mine.toml --tree nowhere").code, Some(1));
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let bench = bench();
    assert!(bench.run("profiles test mine.toml").done().text().starts_with("mine: 4 rules, no mistakes"));
    fs::write(bench.path("bad.toml"), MINE.replace("\"/opt/none/**\"", "\"opt/none/**\"")).unwrap();
    bench.run("profiles test bad.toml").refused(1, "bad.toml:7: bad glob \"opt/none/**\": paths are absolute");
    fs::write(bench.path("twice.toml"), MINE.replace("our-readme", "our-notes")).unwrap();
    bench.run("profiles test twice.toml").refused(1, "duplicate id \"our-notes\"");
    bench.run("profiles test none.toml").refused(1, "none.toml: cannot read the profile");
    bench.run("profiles test mine.toml --tree . --image x").refused(2, "cannot be used with");
    let docs = bench.run("profiles show docs").done();
    fs::write(bench.path("docs.toml"), docs.text()).unwrap();
    let ended = bench.run("profiles test docs.toml").done();
    assert!(ended.text().starts_with("in the place of the built-in profile docs\n"), "{}", ended.text());
}

#[test]
fn a_rule_about_imports_says_what_it_does_to_a_real_program() {
    let bench = bench();
    fs::write(
        bench.path("cuts.toml"),
        r#"name = "cuts"
description = "Ours."

[[implies]]
id = "never-set-off"
when.python.module = ["no.such.module"]
python.modules = ["json"]
reason = "Nobody has it."

[[conditional]]
id = "no-json"
language = "python"
from = ["json.*"]
to = ["_json"]
when.python.name = ["no_such_name_anywhere"]
reason = "A test."
"#,
    )
    .unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tiny-python.tar");
    let ended = bench.run(&format!("profiles test cuts.toml --image {fixture}")).done();
    says(&ended, &["implies     never-set-off: is not set off"]);
    let text = ended.text();
    let cut = text.split("conditional no-json: takes back ").nth(1).unwrap_or_else(|| panic!("{text}"));
    assert!(cut.lines().skip(1).any(|line| line.starts_with("    _json in json.")), "{text}");
}
