# What one does by hand here. CONTRIBUTING.md has the plain command beside each.

# What there is
default:
    @just --list

# The program, optimised: target/release/bantam
build:
    cargo build --release --locked

# Quick checks: style and unit tests
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    cargo test --locked --lib --bins

# All tests that need neither network nor Docker
test:
    cargo test --locked

# One image of fixtures/images before and after (needs Docker and root)
e2e NAME: build
    tests/e2e/run --mode default {{NAME}}

# One script of tests/libraries before and after (needs Docker and root)
library NAME: build
    tests/e2e/build-images --bases
    tests/libraries/run {{NAME}}

# One suite of tests/suites before and after (needs Docker and root)
suite NAME: build
    tests/e2e/build-images --bases
    tests/suites/run {{NAME}}

# Registries and daemons on this machine (needs root)
registry: build
    tests/registry/run

# The stages one by one
bench:
    cargo bench --locked

# Runs a fuzz target of fuzz/fuzz_targets for so many seconds
fuzz TARGET SECONDS:
    fuzz/run {{TARGET}} {{SECONDS}}

# The page of a report in a browser (needs chromium, chromedriver, selenium)
page: build
    tests/e2e/page

# Everything that has to hold, on a clean clone (needs root on Debian 12)
ci:
    .ci/run

# What is published, in target/dist: a static program with completions, manual pages, checksum and bill of materials (needs musl-tools and the target of rustup)
release TARGET="x86_64-unknown-linux-musl":
    deploy/release {{TARGET}}

# bantam's own image, from what `just release` made (needs Docker, no base image)
image: release
    docker build -f deploy/Dockerfile -t bantam:0.1.0 target/dist

# The wheel (needs maturin)
wheel:
    maturin build --release --locked --out target/dist
