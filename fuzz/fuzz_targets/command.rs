//! Any text as a command of the image's config: words apart, as a line for the shell, in a label, in the environment.
#![no_main]

use bantam::image::RunConfig;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let words = || text.split('\0').map(str::to_owned).collect::<Vec<_>>();
    let files = [("/app/run", "#!/bin/sh\n"), ("/usr/bin/sh", ""), ("/usr/bin/env", ""), ("/usr/bin/python3", "")];
    let rootfs = bantam_fuzz::tree(&files, "", b"");
    let config = RunConfig {
        entrypoint: words(),
        healthcheck: vec!["CMD-SHELL".into(), text.into()],
        env: words(),
        labels: [("bantam.entry".into(), text.into())].into(),
        ..RunConfig::default()
    };
    bantam_fuzz::slim(&rootfs, &config);
});
