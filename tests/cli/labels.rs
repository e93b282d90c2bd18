//! Labels in the image, and the options that say the same.

use crate::archive::Image;
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
