//! Layer stacks merged by bantam, by a plain model, and by umoci: all three must agree on paths, types, modes,
//! owners, times, links and content.
//!
//! The stacks are generated from few names, so that within some hundred cases links lead to names that are later
//! deleted or replaced, whiteouts hit what the same layer wrote, files take the place of directories and parents
//! are symlinks: see [`stack`] for what is drawn and [`model`] for what is expected.

mod model;
mod stack;
mod umoci;

use std::cell::Cell;
use std::io::Write;
use std::sync::Arc;

use bantam::image::{Blob, Layer};
use bantam::rootfs::{self, Kind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// One name: what it is, mode, owner, group and time, extended attributes, first name of the same inode.
fn line(path: &str, kind: &str, meta: (u16, u32, u32, i64), xattrs: &str, first: &str) -> String {
    let (mode, uid, gid, mtime) = meta;
    // Nobody sets a symlink's mode.
    let mode = if kind.starts_with("symlink ") { 0o777 } else { mode };
    format!("{path}: {kind}, {mode:o} {uid}:{gid} @{mtime} [{xattrs}] as {first}")
}

fn merged(layers: &[Vec<u8>]) -> Result<Vec<String>, String> {
    let open = |tar: &Vec<u8>| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(tar).unwrap();
        Layer::from_tar(Blob::file(Arc::new(file), 0, tar.len() as u64)).unwrap()
    };
    let layers: Vec<Layer> = layers.iter().map(open).collect();
    let merged = rootfs::merge(&layers).map_err(|error| error.to_string())?;
    let tree = &merged.rootfs.tree;
    let mut names: Vec<_> =
        tree.iter().skip(1).map(|node| (tree.path(node).to_string()[1..].to_owned(), node)).collect();
    names.sort();
    let describe = |(path, node): &(String, _)| {
        let inode = tree.inode(*node);
        let kind = match &inode.kind {
            Kind::File(_) => format!("file {}", String::from_utf8(merged.rootfs.read(*node).unwrap()).unwrap()),
            Kind::Directory => "directory".into(),
            Kind::Symlink(target) => format!("symlink {target}"),
            Kind::Fifo => "fifo".into(),
            Kind::CharDevice(major, minor) | Kind::BlockDevice(major, minor) => format!("device {major} {minor}"),
        };
        let xattrs: Vec<String> = inode.xattrs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let first = names.iter().find(|(_, other)| tree.inode_id(*other) == tree.inode_id(*node)).unwrap();
        let meta = (inode.meta.mode, inode.meta.uid, inode.meta.gid, inode.meta.mtime);
        line(path, &kind, meta, &xattrs.join(","), &first.0)
    };
    Ok(names.iter().map(describe).collect())
}

fn config(cases: u32) -> Config {
    Config { cases, max_global_rejects: cases * 20, failure_persistence: None, ..Config::default() }
}

#[test]
fn bantam_agrees_with_the_model() {
    let outcome = TestRunner::new(config(2000)).run(&stack::stacks(), |stack| {
        let expected = model::apply(&stack);
        prop_assume!(!matches!(expected, Err(model::Refusal::Undefined)));
        let layers: Vec<Vec<u8>> = stack.iter().map(|layer| stack::tar(layer)).collect();
        match (expected, merged(&layers)) {
            (Ok(model), Ok(found)) => prop_assert_eq!(model.list(), found),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => prop_assert!(false, "bantam refuses it: {}", error),
            (Err(_), Ok(found)) => prop_assert!(false, "bantam accepts it: {:#?}", found),
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // A generator that makes only broken stacks would prove nothing.
    let valid = Cell::new(0);
    let count = |stack: Vec<Vec<stack::Entry>>| {
        valid.set(valid.get() + u32::from(model::apply(&stack).is_ok()));
        Ok(())
    };
    TestRunner::new(config(200)).run(&stack::stacks(), count).unwrap();
    assert!(valid.get() > 100, "only {} of 200 stacks are valid", valid.get());
}

/// umoci leaves the times of directories to the order in which it writes, and takes nothing from the entry of a hard link; this test leaves out extended
/// attributes, which a file system may not have; the test above has both.
#[test]
#[ignore = "needs umoci and root: .ci/run runs it"]
fn bantam_agrees_with_umoci() {
    let comparable = |lines: Vec<String>| -> Vec<String> {
        let cut = |line: String| {
            let (before, after) = line.split_once(" [").unwrap();
            let first = after.split_once("] ").unwrap().1;
            let before = if line.contains(": directory, ") { before.split(" @").next().unwrap() } else { before };
            format!("{before} {first}")
        };
        let mut lines: Vec<String> = lines.into_iter().map(cut).collect();
        lines.sort();
        lines
    };
    TestRunner::new(config(300))
        .run(&stack::stacks(), |stack| {
            let stack = model::with_equal_links(stack).map_err(|_| TestCaseError::reject("refused"))?;
            let layers: Vec<Vec<u8>> = stack.iter().map(|layer| stack::tar(layer)).collect();
            let found = merged(&layers).map_err(TestCaseError::fail)?;
            let expected = match umoci::unpack(&layers) {
                // It refuses a file below a file, which engines and bantam take as the upper one replacing the lower.
                Err(error) if error.contains("not a directory") => return Err(TestCaseError::reject("refused")),
                other => other.map_err(TestCaseError::fail)?,
            };
            prop_assert_eq!(comparable(expected), comparable(found));
            Ok(())
        })
        .unwrap();
}
