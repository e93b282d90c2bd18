//! Any bytes as one of the files that the analysis reads on its way: programs, what configures the loader, libraries and
//! interpreters, archives of modules.
#![no_main]

use bantam::image::RunConfig;

const FILES: [(&str, &str); 18] = [
    ("/app/run", "#!/usr/bin/python3.11\nimport a.b, egg, zipped, codecs\ncodecs.lookup('x' + a)\n"),
    ("/app/start.sh", "#!/bin/sh\nexec /app/run \"$@\"\n"),
    ("/app/settings.toml", "worker = 'a.b'\n"),
    ("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n/opt/lib\n"),
    ("/etc/ld.so.conf.d/x.conf", "/usr/lib/x\n"),
    ("/etc/ld.so.cache", "glibc-ld.so.cache1.1"),
    ("/etc/nsswitch.conf", "hosts: files dns [NOTFOUND=return]\n"),
    ("/etc/ssl/openssl.cnf", ".include /etc/ssl/x.cnf\n[providers]\nlegacy = legacy_sect\n"),
    ("/etc/passwd", "app:x:1:1::/home/app:/bin/sh\n"),
    ("/usr/bin/python3.11", "\u{7f}ELF"),
    ("/usr/lib/python3.11/os.py", "import sys\n"),
    ("/usr/lib/python3.11/encodings/aliases.py", "aliases = {'x': 'y'}\n"),
    ("/usr/lib/python3.11/lib-dynload/_a.cpython-311-x86_64-linux-gnu.so", "\u{7f}ELF"),
    ("/usr/lib/python3.11/site-packages/a/b.py", "import os\n"),
    ("/usr/lib/python3.11/site-packages/a/b.pyi", "from . import c\n"),
    ("/usr/lib/python3.11/site-packages/easy-install.pth", "./egg-1.egg\nimport a\n"),
    ("/usr/lib/python3.11/site-packages/egg-1.egg", "PK"),
    ("/usr/lib/python3.11/site-packages/__editable___z_finder.py", "MAPPING = {'z': '/app/z'}\n"),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(((hostile, _), content)) = bantam_fuzz::choose(&FILES, bytes) else { return };
    let config = RunConfig {
        entrypoint: vec!["/app/start.sh".into()],
        env: vec!["OPENSSL_CONF=/etc/ssl/openssl.cnf".into(), "SETTINGS=/app/settings.toml".into()],
        ..RunConfig::default()
    };
    bantam_fuzz::slim(&bantam_fuzz::tree(&FILES, hostile, content), &config);
});
