//! The stages of a run, one by one, on inputs that are made here: `cargo bench`.
//!
//! Whole runs on real images, beside other tools: `benches/compare`. How cost grows with an image: `benches/growth`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;

use bantam::image::{Blob, Layer};
use bantam::output::{self, Compression, Destination, Options, Original};
use bantam::owners::Owners;
use bantam::plan::Plan;
use bantam::reach::entrypoint::Launch;
use bantam::reach::python::extract;
use bantam::reach::{self, Context, elf};
use bantam::rootfs::{self, Builder, Rootfs};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;

/// A layer of so many small files, a hundred in a directory.
fn tar(files: usize) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for number in 0..files {
        let content = format!("content of file {number}\n").repeat(1 + number % 50);
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        let path = format!("usr/lib/group-{:03}/some_module_{number:06}.dat", number / 100);
        tar.append_data(&mut header, path, content.as_bytes()).expect("memory takes it");
    }
    tar.into_inner().expect("memory takes it")
}

/// Python source with so many classes and functions, and imports among them.
fn source(functions: usize) -> String {
    let mut text = String::from("import os\nfrom collections import abc, OrderedDict as Ordered\n");
    for number in 0..functions {
        write!(
            text,
            "class Thing{number}(Base, metaclass=Meta):\n    \"\"\"What it is.\"\"\"\n    value = {{'key_{number}': [1, 2, 3]}}\n\n    \
             def method_{number}(self, one, *rest, two=None):\n        if one:\n            import json\n            return \
             json.dumps(self.value)\n        return getattr(self, f'visit_{{two}}')(one, key=\"module_{number}.name\")\n\n"
        )
        .expect("memory takes it");
    }
    text
}

/// A Python installation with so many modules, each of which imports the next ones.
fn installation(modules: usize) -> Rootfs {
    let site = "/usr/lib/python3.11/site-packages";
    let mut builder = Builder::new()
        .exe("/usr/bin/python3.11", b"\x7fELF")
        .file("/usr/lib/python3.11/os.py", b"")
        .file("/app/main.py", b"import package.module_0\n");
    builder = builder.file(&format!("{site}/package/__init__.py"), b"");
    for number in 0..modules {
        let text = format!(
            "from . import module_{}\nimport package.module_{}\n\ndef run_{number}(x):\n    import package.module_{}\n    x.run_{}(x)\n",
            number + 1,
            (number * 7) % modules,
            (number * 13) % modules,
            number + 1
        );
        builder = builder.file(&format!("{site}/package/module_{number}.py"), text.as_bytes());
    }
    builder.build()
}

fn reading(criterion: &mut Criterion) {
    let bytes = tar(20_000);
    let blob = Blob::from(bytes);
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Elements(20_000));
    group.bench_function("tar index", |b| b.iter(|| Layer::from_tar(black_box(blob.clone())).expect("a tar")));
    let layer = Layer::from_tar(blob.clone()).expect("a tar");
    let layers = [layer.clone(), layer.clone(), layer];
    group.throughput(Throughput::Elements(60_000));
    group.bench_function("merge", |b| b.iter(|| rootfs::merge(black_box(&layers)).expect("layers")));
    group.finish();
}

fn facts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("facts");
    // No ELF file is nearer than this one.
    let elf = std::env::current_exe().and_then(std::fs::read).expect("this program");
    group.throughput(Throughput::Bytes(elf.len() as u64));
    group.sample_size(20);
    group.bench_function("ELF", |b| b.iter(|| elf::facts(black_box(&elf)).expect("an ELF file")));
    let python = source(500);
    group.throughput(Throughput::Bytes(python.len() as u64));
    group.bench_function("Python", |b| b.iter(|| extract::extract(black_box(python.as_bytes()))));
    group.finish();
}

fn resolving(criterion: &mut Criterion) {
    let rootfs = installation(1000);
    let owners = Owners::none(&rootfs.tree);
    let env = BTreeMap::from([("PATH".to_owned(), "/usr/bin".to_owned())]);
    let ctx = Context { env, workdir: "/".into(), architecture: "amd64".into(), ..Context::default() };
    let launch = Launch::running(&["python3.11", "/app/main.py"]);
    let request = reach::Request::new(&rootfs, &ctx, &owners, &launch);
    let mut group = criterion.benchmark_group("resolve");
    group.throughput(Throughput::Elements(1000));
    group.sample_size(20);
    group.bench_function("1000 modules", |b| {
        b.iter_batched(
            || reach::Rules::new([], [], []).expect("no rules"),
            |rules| reach::analyse(black_box(&request), rules).expect("no rules"),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn writing(criterion: &mut Criterion) {
    let bytes = tar(20_000);
    let size = bytes.len() as u64;
    let layer = Layer::from_tar(Blob::from(bytes)).expect("a tar");
    let merged = rootfs::merge(&[layer]).expect("a layer");
    let plan = Plan::keep_all(&merged.rootfs.tree);
    let config =
        json!({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}});
    let annotations = BTreeMap::new();
    let source =
        Original { config: &config, annotations: &annotations, tags: &[], manifest_digest: None, config_digest: None };
    let dir = tempfile::tempdir().expect("a directory");
    let destination: Destination = dir.path().join("out.tar").display().to_string().parse().expect("a destination");
    let mut group = criterion.benchmark_group("write");
    group.throughput(Throughput::Bytes(size));
    group.sample_size(10);
    for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
        let options = Options { compression: Some(compression), ..Options::default() };
        group.bench_function(compression.to_string(), |b| {
            b.iter(|| output::write(&merged.rootfs, &plan, &source, &options, &destination, None).expect("written"));
        });
    }
    group.finish();
}

criterion_group!(stages, reading, facts, resolving, writing);
criterion_main!(stages);
