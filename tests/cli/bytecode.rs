//! Byte code goes, or stays where the interpreter would take it.

use crate::archive::{Image, Layer};
use crate::bench::{Bench, open};

const LIB: &str = "usr/lib/python3.11";
const USED: &[u8] = b"x = 1\n";

/// Byte code of CPython 3.11 (PEP 552) for a source of this size that was last changed when the layers' files were.
fn compiled(size: usize) -> Vec<u8> {
    let mut bytes = b"\xa7\x0d\x0d\x0a\0\0\0\0".to_vec();
    bytes.extend(1_600_000_000_u32.to_le_bytes());
    bytes.extend(u32::try_from(size).unwrap().to_le_bytes());
    bytes.extend([b'x'; 100]);
    bytes
}

fn bench() -> Bench {
    let of_39 = [b"\x61\x0d", &compiled(USED.len())[2..]].concat();
    let cached = |name: &str| format!("{LIB}/__pycache__/{name}.pyc");
    let files = [
        (cached("used.cpython-311"), compiled(USED.len())),
        (cached("used.cpython-311.opt-1"), compiled(USED.len())),
        (cached("used.cpython-39"), of_39),
        (cached("stale.cpython-311"), compiled(USED.len() + 1)),
        (cached("unused.cpython-311"), compiled(USED.len())),
    ];
    let mut layer = Layer::new()
        .file_with_mode("app/run", 0o755, "#!/usr/bin/python3.11\nimport used, stale\n")
        .file_with_mode("usr/bin/python3.11", 0o755, "x")
        .file(&format!("{LIB}/os.py"), "");
    let mut list = "/usr/bin/python3.11\n".to_owned();
    for name in ["used", "stale", "unused"] {
        layer = layer.file(&format!("{LIB}/{name}.py"), USED);
        list += &format!("/{LIB}/{name}.py\n");
    }
    for (path, content) in files {
        layer = layer.file(&path, content);
    }
    layer = layer
        .file("var/lib/dpkg/status", "Package: p\nStatus: install ok installed\nVersion: 1\n")
        .file("var/lib/dpkg/info/p.list", list);
    let bench = Bench::new();
    Image::new(vec![layer.tar()]).docker().save(bench.path("app.tar"));
    bench
}

fn kept(bench: &Bench, image: &str) -> Vec<String> {
    let tree = bantam::rootfs::merge(&open(&bench.path("."), image).layers).unwrap().rootfs.tree;
    let paths = tree.iter().map(|node| tree.path(node).to_string());
    paths.filter_map(|path| path.strip_prefix("/usr/lib/python3.11/").map(str::to_owned)).collect()
}

#[test]
fn what_the_interpreter_would_take_stays_if_asked() {
    let bench = bench();
    let said = bench.run("slim app.tar -o default.tar").done().stderr;
    assert!(said.contains("byte code of 2 Python modules that stay"), "{said}");
    assert_eq!(kept(&bench, "default.tar"), ["os.py", "stale.py", "used.py"]);
    let said = bench.run("slim app.tar -o quick.tar --bytecode keep").done().stderr;
    assert!(!said.contains("byte code of"), "{said}");
    let quick = ["__pycache__", "__pycache__/used.cpython-311.opt-1.pyc", "__pycache__/used.cpython-311.pyc"];
    assert_eq!(kept(&bench, "quick.tar"), [&quick[..], &["os.py", "stale.py", "used.py"]].concat());
    // Whatever would take it away.
    bench.run("slim app.tar -o other.tar --bytecode keep --no-profile bytecode").done();
    assert_eq!(kept(&bench, "other.tar"), kept(&bench, "quick.tar"));
    bench.run("slim app.tar -o mine.tar --bytecode keep --strip **/*.pyc").done();
    assert_eq!(kept(&bench, "mine.tar"), kept(&bench, "default.tar"));
    let why = bench.run("why app.tar /usr/lib/python3.11/__pycache__/used.cpython-311.pyc --bytecode keep").done();
    let why = why.text();
    assert!(why.contains("--bytecode keep asks for it"), "{why}");
}

#[test]
fn byte_code_of_sources_whose_time_is_set_back_goes() {
    let bench = bench();
    bench
        .run_with("slim app.tar -o quick.tar --bytecode keep", &[("SOURCE_DATE_EPOCH", "1599999999")], Vec::new())
        .done();
    assert_eq!(kept(&bench, "quick.tar"), ["os.py", "stale.py", "used.py"]);
    bench
        .run_with("slim app.tar -o quick.tar --bytecode keep", &[("SOURCE_DATE_EPOCH", "1600000000")], Vec::new())
        .done();
    assert_eq!(kept(&bench, "quick.tar").len(), 6);
}
