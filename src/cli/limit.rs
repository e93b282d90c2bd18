//! `--max-memory`: a run that takes more ends. Whatever of an image takes it, no part of bantam has to count it; and nothing is
//! analysed differently because memory is short, so that a result is either the usual one or none.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use bantam::report::human;

use super::exit::Failure;

/// How often is looked. Memory that a process first writes to comes at some gigabytes a second.
const INTERVAL: Duration = Duration::from_millis(2);

/// Ends the process as soon as it takes more than `limit` bytes: files in the making have no name yet, or none that counts.
///
/// # Errors
/// If the system does not say how much memory a process takes (`/proc/self/statm`: see `proc(5)`).
pub fn watch(limit: u64) -> io::Result<()> {
    let statm = File::open("/proc/self/statm")?;
    resident(&statm)?;
    std::thread::Builder::new().name("memory".into()).spawn(move || {
        while resident(&statm).is_ok_and(|taken| taken <= limit) {
            std::thread::sleep(INTERVAL);
        }
        let message = format!("the image takes more memory than --max-memory {} allows", human(limit));
        let _ = Failure::other(message).print();
        std::process::exit(1);
    })?;
    Ok(())
}

/// The memory that this process takes, in bytes.
fn resident(statm: &File) -> io::Result<u64> {
    let mut text = [0; 128];
    let length = statm.read_at(&mut text, 0)?;
    let text = text.get(..length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.map(|pages| pages * rustix::param::page_size() as u64).ok_or_else(|| io::ErrorKind::InvalidData.into())
}
