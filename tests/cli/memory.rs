//! `--max-memory`: a run that would take more ends, with nothing left behind.

use crate::archive::{Image, Layer};
use crate::bench::Bench;

#[test]
fn a_run_that_takes_more_memory_than_it_may_ends() {
    let bench = Bench::new();
    // A syntax tree takes many times its source. This one is within what is read of a source.
    let source = "a = [1, 2, (3, 4), b.c(d)]\n".repeat(60_000);
    let app = Layer::new()
        .file_with_mode("app/run", 0o755, "#!/usr/bin/python3\nimport a\n")
        .file_with_mode("usr/bin/python3", 0o755, "\x7fELF")
        .file("app/a.py", source);
    Image::new(vec![app.tar()]).docker().save(bench.path("app.tar"));
    let before = bench.names();
    for command in ["slim app.tar -o out.tar", "slim app.tar -o oci:out", "report app.tar"] {
        bench.run(&format!("{command} --max-memory 40MB")).refused(1, "--max-memory");
        assert_eq!(bench.names(), before, "{command}");
    }
    bench.run("slim app.tar -o out.tar --max-memory 4GB").done();
}
