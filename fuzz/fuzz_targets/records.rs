//! Any bytes as one of the records of packages: read, trimmed and listed in a bill of materials.
#![no_main]

use bantam::image::RunConfig;

const SITE: &str = "/usr/lib/python3/dist-packages";

const RECORDS: [(&str, &str); 25] = [
    ("/var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nConffiles:\n /etc/a 0\n\n"),
    ("/var/lib/dpkg/info/a.list", "/usr/bin/a\n"),
    ("/var/lib/dpkg/info/a.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n"),
    ("/var/lib/dpkg/info/a.conffiles", "/etc/a\nremove-on-upgrade /etc/b\n"),
    ("/var/lib/dpkg/diversions", "/usr/bin/a\n/usr/bin/b\nb\n"),
    ("/var/lib/dpkg/statoverride", "root root 755 /usr/bin/a\n"),
    ("/var/lib/dpkg/alternatives/x", "auto\n/usr/bin/x\n\n/usr/bin/a\n5\n\n"),
    ("/var/lib/dpkg/status.d/b", "Package: b\n"),
    ("/var/lib/dpkg/status.d/b.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/b\n"),
    ("/lib/apk/db/installed", "P:c\nV:1\nF:usr/bin\nM:0:0:755\nR:c\nZ:Q1\n\n"),
    ("/usr/lib/python3/dist-packages/d-1.dist-info/RECORD", "d.py,sha256=x,1\n\"q\"\"\",,\n"),
    ("/usr/lib/python3/dist-packages/d-1.dist-info/METADATA", "Name: d\nVersion: 1\nRequires-Dist: e\n"),
    ("/usr/lib/python3/dist-packages/d-1.dist-info/entry_points.txt", "[console_scripts]\nd = d:main\n"),
    ("/usr/lib/python3/dist-packages/e.egg-info/PKG-INFO", "Name: e\n"),
    ("/usr/lib/python3/dist-packages/e.egg-info/top_level.txt", "e\n"),
    ("/usr/lib/python3/dist-packages/e.egg-info/SOURCES.txt", "e/e.py\n"),
    ("/usr/lib/python3/dist-packages/e.egg-info/installed-files.txt", "../e/e.py\n"),
    ("/usr/lib/python3/dist-packages/f.egg-link", "/usr/lib\n."),
    (
        "/var/db/pkg/x-y/i-1/CONTENTS",
        "dir /usr\nobj /usr/bin/a d41d8cd98f00b204e9800998ecf8427e 1\nsym /usr/bin/b -> a 1\n",
    ),
    ("/var/lib/alternatives/z", "auto\n/usr/bin/z\n\n/usr/bin/a\n@f@5\n\n"),
    ("/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a-1/bin/a", "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a-1\n"),
    ("/c/conda-meta/g-1-0.json", r#"{"name":"g","files":["x"],"paths_data":{"paths":[{"_path":"x"}]}}"#),
    ("/usr/local/include/python3.11/patchlevel.h", "#define PY_VERSION \"3.11.7\"\n"),
    ("/v/pyvenv.cfg", "home = /usr/bin\nversion = 3.11\n"),
    ("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(((hostile, _), content)) = bantam_fuzz::choose(&RECORDS, bytes) else { return };
    let (module, package) = (format!("{SITE}/d.py"), format!("{SITE}/e/e.py"));
    let mut files = vec![
        ("/usr/bin/a", ""),
        ("/usr/bin/b", ""),
        ("/usr/bin/c", ""),
        ("/usr/local/bin/python3.11", ""),
        ("/usr/local/lib/python3.11/os.py", ""),
        (module.as_str(), ""),
        (package.as_str(), ""),
        ("/c/x", ""),
    ];
    files.extend(RECORDS);
    let rootfs = bantam_fuzz::tree(&files, hostile, content);
    bantam_fuzz::slim(&rootfs, &RunConfig { entrypoint: vec!["/usr/bin/b".into()], ..RunConfig::default() });
});
