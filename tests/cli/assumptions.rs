//! What is assumed about a program is said, and can be given up.

use std::collections::BTreeSet;

use crate::bench::Bench;

const IMAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tiny-python.tar");

fn removed(report: &serde_json::Value) -> BTreeSet<String> {
    let removed = report["removed"].as_array().unwrap();
    removed.iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn giving_up_an_assumption_keeps_what_the_report_says() {
    let bench = Bench::new();
    let usual = bench.run(&format!("report {IMAGE} --json")).done().json();
    let help = |report: &serde_json::Value| {
        let all = report["assumptions"].as_array().unwrap();
        all.iter().find(|one| one["rule"] == "python-help").cloned()
    };
    let said = help(&usual).expect("the fixture does not use help()");
    assert_eq!(said["option"], "--no-rule python-help");
    assert_eq!(said["taken_back"][0]["name"], "pydoc");
    assert!(said["taken_back"][0]["path"].as_str().unwrap().ends_with("/_sitebuiltins.py"));
    let without = bench.run(&format!("report {IMAGE} --json --no-rule python-help")).done().json();
    assert_eq!(help(&without), None);
    let pydoc = removed(&usual).into_iter().find(|path| path.ends_with("/pydoc.py")).unwrap();
    assert!(!removed(&without).contains(&pydoc));
    let why = bench.run(&format!("why {IMAGE} {pydoc}")).done();
    assert!(why.text().contains("assumed by rule python-help"), "{}", why.text());
    assert!(why.text().contains("to keep it: --no-rule python-help"), "{}", why.text());
}

#[test]
fn without_assumptions_less_goes_and_none_is_left() {
    let bench = Bench::new();
    let usual = bench.run(&format!("report {IMAGE} --json")).done().json();
    let nothing = bench.run(&format!("report {IMAGE} --json --assume nothing")).done().json();
    assert_eq!(nothing["assumptions"].as_array().map(Vec::len), Some(0));
    let (usual, nothing) = (removed(&usual), removed(&nothing));
    assert!(nothing.len() < usual.len() && nothing.is_subset(&usual), "{:?}", nothing.difference(&usual));
    bench.run(&format!("slim {IMAGE} -o out.tar --assume nothing")).done();
    let left: BTreeSet<String> =
        bench.tree("out.tar").iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    let files = usual.difference(&nothing).filter(|path| !path.ends_with('/'));
    assert!(files.clone().count() > 0 && files.clone().all(|path| left.contains(path)));
}

#[test]
fn what_is_no_rule_that_takes_something_is_refused() {
    let bench = Bench::new();
    bench.run(&format!("report {IMAGE} --no-rule nosuch")).refused(2, "no rule is called \"nosuch\"");
    bench.run(&format!("report {IMAGE} --no-rule django-apps")).refused(2, "takes nothing away");
    bench.run(&format!("report {IMAGE} --assume everything")).refused(2, "usual, nothing");
}
