//! Bundles in small images.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::carchive::tests::{code, program};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::elf::fixture::ElfFile;
use crate::reach::entrypoint::Launch;
use crate::reach::rules::Rules;
use crate::reach::{Context, Request, analyse};
use crate::rootfs::Builder;

const STDLIB: &str = "/usr/local/lib/python3.11";

/// A zip file with these members behind a first line.
fn zipped(first: &str, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    let archive = writer.finish().unwrap().into_inner();
    [first.as_bytes(), &archive].concat()
}

/// Byte code with these strings, as a file.
fn compiled(strings: &[&str]) -> Vec<u8> {
    [&b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0"[..], &code(strings)].concat()
}

/// What of `files` is reached, all of which a package owns, if an image runs a command and has these files of the user's
/// own.
fn reached_with(own: &[(&str, &[u8])], command: &[&str], files: &[&str]) -> Vec<String> {
    let interpreter = ElfFile::new().export("Py_BytesMain").build();
    let mut builder = Builder::new()
        .exe("/usr/local/bin/python3.11", &interpreter)
        .symlink("/usr/local/bin/python3", "python3.11")
        .file(&format!("{STDLIB}/os.py"), b"")
        .exe("/bin/sh", &ElfFile::new().build());
    for (path, content) in own {
        builder = builder.exe(path, content);
    }
    for file in files {
        let content = if file.contains(".so") { ElfFile::new().build() } else { b"pass\n".to_vec() };
        builder = builder.exe(file, &content);
    }
    let rootfs = builder.build();
    let mut owners = Owners::none(&rootfs.tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "everything", "1"));
    let is_own = |node| own.iter().any(|(path, _)| rootfs.tree.get(path) == Some(node));
    rootfs.tree.iter().filter(|&node| !is_own(node)).for_each(|node| owners.claim(node, owner));
    let ctx = Context { workdir: "/".into(), architecture: "amd64".into(), ..Context::default() };
    let launch = Launch::running(command);
    let request = Request::new(&rootfs, &ctx, &owners, &launch);
    let reach = analyse(&request, Rules::new([], [], []).unwrap()).unwrap();
    let is_reached = |file: &&&str| reach.edges.is_reached(rootfs.tree.get(**file).unwrap());
    files.iter().filter(is_reached).map(ToString::to_string).collect()
}

/// The same with one file.
fn reached(path: &str, content: &[u8], command: &[&str], files: &[&str]) -> Vec<String> {
    reached_with(&[(path, content)], command, files)
}

#[test]
fn what_a_frozen_program_starts_reads_and_loads() {
    let start =
        code(&["subprocess", "run", "git", "/usr/share/app/data", "LC_ALL=C sort -u x", "ctypes", "CDLL", "libz.so.1"]);
    let library = ElfFile::new().needed("libpq.so.5").build();
    let frozen = program(&[(b's', "main", &start), (b'b', "libinner.so", &library)]);
    let files = [
        "/usr/bin/git",
        "/usr/bin/sort",
        "/usr/bin/hg",
        "/usr/share/app/data",
        "/usr/share/app/other",
        "/usr/lib/libz.so.1",
        "/usr/lib/libpq.so.5",
        "/usr/lib/libxml2.so.2",
        "/usr/local/lib/python3.11/json.py",
    ];
    let found = reached("/srv/program", &frozen, &["/srv/program"], &files);
    assert_eq!(found, [files[0], files[1], files[3], files[5], files[6]]);
}

#[test]
fn a_zipapp_imports_from_the_interpreter_that_runs_it() {
    let members: [(&str, &[u8]); 3] = [
        ("__main__.py", b"import parts.work\n"),
        ("parts/__init__.pyc", &compiled(&["pass"])),
        ("parts/work.pyc", &compiled(&["xml.etree", "ElementTree", "system", "git log | head", "word"])),
    ];
    let files = [
        "/usr/bin/git",
        "/usr/bin/head",
        "/usr/bin/word",
        "/usr/local/lib/python3.11/xml/__init__.py",
        "/usr/local/lib/python3.11/xml/etree/__init__.py",
        "/usr/local/lib/python3.11/xml/etree/ElementTree.py",
        "/usr/local/lib/python3.11/xml/etree/cElementTree.py",
    ];
    let want = [files[0], files[1], files[2], files[3], files[4], files[5]];
    let plain = zipped("", &members);
    assert_eq!(reached("/srv/a.pyz", &plain, &["python3", "/srv/a.pyz"], &files), want);
    // Nothing in the image's config says that these run.
    for first in ["#!/usr/local/bin/python3\n", "#!/bin/sh\nexec \"$(command -v python3)\" \"$0\" \"$@\"\n"] {
        assert_eq!(reached("/srv/a.pex", &zipped(first, &members), &[], &files), want, "{first}");
    }
    assert_eq!(reached("/srv/a.zip", &zipped("", &members[1..]), &[], &files), [] as [&str; 0]);
}

#[test]
fn libraries_of_modules_in_a_shiv_file() {
    let module = ElfFile::new().export("PyInit__fast").needed("libpq.so.5").string("json").build();
    let archive = zipped(
        "#!/usr/local/bin/python3\n",
        &[("__main__.py", b"pass\n"), ("site-packages/p/_fast.cpython-311-x86_64-linux-gnu.so", &module)],
    );
    let files = ["/usr/lib/libpq.so.5", "/usr/lib/libz.so.1", "/usr/local/lib/python3.11/json.py"];
    assert_eq!(reached("/srv/a.shiv", &archive, &["/srv/a.shiv"], &files), [files[0], files[2]]);
}

#[test]
fn a_module_outside_an_archive_stays_one() {
    let archive = zipped("#!/usr/local/bin/python3\n", &[("__main__.py", b"pass\n"), ("json.py", b"pass\n")]);
    let files = ["/usr/local/lib/python3.11/json.py", "/usr/local/lib/python3.11/csv.py"];
    let second = b"#!/bin/sh\n/srv/a.pyz\npython3 -m json\n";
    let both = reached_with(&[("/srv/a.pyz", &archive), ("/srv/run", second)], &["/srv/run"], &files);
    assert_eq!(both, [files[0]]);
}

#[test]
fn large_bundles_are_read_in_parts() {
    // Data that does not shrink, so that neither file is in memory as a whole when its beginning has been read.
    let mut state = 1_u32;
    let data: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(300_000)
    .collect();
    let work = code(&["subprocess", "run", "git"]);
    let frozen = program(&[(b'x', "first.bin", &data), (b's', "main", &work), (b'x', "last.bin", &data)]);
    let members: [(&str, &[u8]); 3] =
        [("a.bin", &data), ("__main__.pyc", &compiled(&["system", "git log"])), ("z.bin", &data)];
    let archive = zipped("#!/usr/local/bin/python3\n", &members);
    let files = ["/usr/bin/git", "/usr/bin/hg"];
    for bundle in [&frozen, &archive] {
        assert!(bundle.len() > 600_000);
        assert_eq!(reached("/srv/program", bundle, &["/srv/program"], &files), [files[0]]);
    }
}
