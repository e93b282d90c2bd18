//! Labels in the image, and the options that say the same.

use crate::archive::{Image, Layer};
use crate::bench::Bench;

fn removed(image: &Image, options: &str) -> Vec<String> {
    let bench = Bench::new();
    image.docker().save(bench.path("app.tar"));
    bench.run(&format!("report app.tar --list {options}")).done().text().lines().map(str::to_owned).collect()
}

#[test]
fn keep_and_strip_are_taken_from_labels_as_from_options() {
    let image = Image::sample();
    let plain = removed(&image, "");
    assert!(plain.iter().any(|path| path.ends_with("app.1")) && !plain.iter().any(|path| path == "/app/capable"));
    let labelled = image.clone().label("bantam.keep", "/usr/share/man/**").label("bantam.strip", "/app/capable /no/*");
    let by_label = removed(&labelled, "");
    assert!(!by_label.iter().any(|path| path.ends_with("app.1")), "{by_label:?}");
    assert!(by_label.iter().any(|path| path == "/app/capable"), "{by_label:?}");
    assert_eq!(by_label, removed(&image, "--keep /usr/share/man/** --strip /app/capable"));
}

#[test]
fn a_glob_from_a_label_is_called_that() {
    let bench = Bench::new();
    let image = Image::sample().label("bantam.keep", "/usr/share/man/**").label("bantam.strip", "/app/capable /no/*");
    image.docker().save(bench.path("app.tar"));
    let kept = bench.run("why app.tar /usr/share/man/man1/app.1").done();
    assert!(kept.text().contains("label bantam.keep /usr/share/man/** names it"), "{}", kept.text());
    let gone = bench.run("why app.tar /app/capable").done();
    assert!(gone.text().contains("label bantam.strip /app/capable names it"), "{}", gone.text());
    assert!(gone.text().contains("that glob in the image's label takes it"), "{}", gone.text());
    let report = bench.run("report app.tar --json --strip /app/data --strip /nothing").done().json();
    let ids: Vec<&str> = report["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"label bantam.strip /app/capable") && ids.contains(&"--strip /app/data"), "{ids:?}");
    let notes = report["notes"].to_string();
    assert!(notes.contains("label bantam.strip /no/* names nothing in the image"), "{notes}");
    assert!(notes.contains("--strip /nothing names nothing in the image"), "{notes}");
    let bad = Image::sample().label("bantam.keep", "*.map");
    bad.docker().save(bench.path("bad.tar"));
    bench.run("report bad.tar").refused(1, "bad.tar: label bantam.keep: bad glob \"*.map\"");
}

#[test]
fn an_entry_is_taken_from_a_label_as_from_an_option() {
    let bench = Bench::new();
    let image = Image::sample();
    let labelled = image.clone().label("bantam.entry", "/app/capable --flag");
    labelled.docker().save(bench.path("labelled.tar"));
    image.docker().save(bench.path("plain.tar"));
    let by_label = bench.run("why labelled.tar /app/capable").done();
    let by_option = bench.run("why plain.tar /app/capable --entry /app/capable").done();
    let neither = bench.run("why plain.tar /app/capable").done();
    assert!(by_label.text().contains("label bantam.entry"), "{}", by_label.text());
    assert!(by_option.text().contains("--entry"), "{}", by_option.text());
    assert!(!neither.text().contains("command names it"), "{}", neither.text());
}

#[test]
fn rules_see_the_commands_of_every_label() {
    let layer = Layer::new()
        .file_with_mode("app/run", 0o755, "#!/bin/sh\ncat /app/data\n")
        .file("go/pkg/mod/cache/download/x.zip", "zip")
        .file("tmp/plugins/one.txt", "one")
        .file("tmp/other.txt", "two");
    let image = Image::new(vec![layer.tar()]);
    let gone = |image: &Image, options: &str| -> Vec<String> {
        removed(image, options).into_iter().filter(|path| path.ends_with(".zip") || path.ends_with(".txt")).collect()
    };
    let all = ["/go/pkg/mod/cache/download/x.zip", "/tmp/other.txt", "/tmp/plugins/one.txt"];
    assert_eq!(gone(&image, ""), all);
    // The cache of a tool that runs stays, and what a command names.
    assert_eq!(gone(&image, "--entry go"), all[1..]);
    assert_eq!(gone(&image, "--entry /tmp/plugins"), all[..2]);
    for label in ["bantam.entry", "bantam.entry.web"] {
        assert_eq!(gone(&image.clone().label(label, "go run ."), ""), all[1..], "{label}");
        assert_eq!(gone(&image.clone().label(label, "/app/run --with /tmp/plugins"), ""), all[..2], "{label}");
    }
}

#[test]
fn tools_stay_on_demand_with_what_they_need() {
    let status = "Package: dash\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n";
    let layer = Layer::new()
        .file_with_mode("app/run", 0o755, "\x7fELF")
        .file_with_mode("bin/dash", 0o755, "#!/bin/loader\n")
        .file_with_mode("bin/loader", 0o755, "\x7fELF")
        .symlink("bin/sh", "dash")
        .file("var/lib/dpkg/status", status)
        .file("var/lib/dpkg/info/dash.list", "/bin\n/bin/dash\n/bin/loader\n/bin/sh\n");
    let image = Image::new(vec![layer.tar()]);
    let gone = |options: &str| -> Vec<String> {
        removed(&image, options).into_iter().filter(|path| path.starts_with("/bin/")).collect()
    };
    assert_eq!(gone(""), ["/bin/dash", "/bin/loader", "/bin/sh"]);
    assert_eq!(gone("--keep-tools net"), gone(""));
    assert_eq!(gone("--keep-tools net,shell"), Vec::<String>::new());
    let bench = Bench::new();
    image.docker().save(bench.path("app.tar"));
    let why = bench.run("why app.tar /bin/sh --keep-tools shell").done();
    assert!(why.text().contains("--keep-tools shell"), "{}", why.text());
    bench.run("report app.tar --keep-tools shel").refused(2, "no set of tools is called \"shel\"");
}

#[test]
fn what_a_label_takes_is_said_and_labels_can_be_left_out() {
    let bench = Bench::new();
    let image = Image::sample().label("bantam.strip", "/app/capable");
    image.docker().save(bench.path("app.tar"));
    let took = "label bantam.strip takes 1 file, 1 B (/app/capable 1 B)";
    let summary = bench.run("slim app.tar -o out.tar").done();
    assert!(summary.stderr.contains(took) && summary.stderr.contains("--no-labels"), "{}", summary.stderr);
    let report = bench.run("report app.tar --json").done().json();
    assert!(report["notes"].to_string().contains(took), "{}", report["notes"]);
    let why = bench.run("why app.tar /app/capable").done();
    assert!(why.text().contains("--no-labels"), "{}", why.text());
    // Left out, nothing of them counts.
    let without = removed(&image, "--no-labels");
    assert!(!without.iter().any(|path| path.starts_with("/app")), "{without:?}");
    assert_eq!(without, removed(&Image::sample(), ""));
    let config = |options: &str| {
        bench.run(&format!("slim app.tar -o out.tar {options}")).done();
        crate::bench::open(&bench.path("."), "out.tar").config["history"].to_string()
    };
    assert!(config("--no-labels").contains("bantam slim --no-labels") && !config("").contains("--no-labels"));
}

#[test]
fn a_label_cannot_take_what_the_image_starts() {
    let bench = Bench::new();
    for glob in ["/**", "/app", "/app/run", "/**/run", "/app/r?n"] {
        Image::sample().label("bantam.strip", glob).docker().save(bench.path("app.tar"));
        for command in ["slim app.tar -o out.tar", "report app.tar", "slim app.tar -o out.tar --no-prune"] {
            bench.run(command).refused(1, &format!("app.tar: label bantam.strip {glob} takes /app/run"));
        }
        assert_eq!(bench.names(), ["app.tar"]);
        bench.run("report app.tar --no-labels").done();
    }
    // Nor what it needs for that. Whoever runs bantam may.
    let layer = Layer::new().file_with_mode("app/run", 0o755, "#!/bin/interpreter\n");
    let layer = layer.file_with_mode("bin/interpreter", 0o755, "\x7fELF");
    let image = Image::new(vec![layer.tar()]);
    image.clone().label("bantam.strip", "/bin/*").docker().save(bench.path("app.tar"));
    bench.run("report app.tar").refused(1, "label bantam.strip /bin/* takes /bin/interpreter");
    image.docker().save(bench.path("app.tar"));
    bench.run("report app.tar --strip /bin/*").done();
}

#[test]
fn labels_are_bounded() {
    let bench = Bench::new();
    for (label, value) in
        [("bantam.strip", "/x ".repeat(101)), ("bantam.keep", "/x".repeat(9000)), ("bantam.entry.a", "x\n".repeat(101))]
    {
        Image::sample().label(label, &value).docker().save(bench.path("app.tar"));
        bench.run("report app.tar").refused(1, &format!("app.tar: label {label}: "));
        bench.run("report app.tar --no-labels").done();
    }
}
