//! Bytes from far away, read on a thread of their own: while some are decompressed, others arrive and are hashed.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::digest::Hasher;
use super::progress::{Event, Listener};

/// How many bytes arrive in one piece.
const PIECE: usize = 256 << 10;
/// How many pieces may wait: together with `PIECE`, what a layer on its way takes of memory.
const WAITING: usize = 8;

/// A stream that is read ahead.
pub struct Fetched<'r> {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// Hands back the digest when the stream has ended.
    thread: Option<JoinHandle<Hasher>>,
    piece: Vec<u8>,
    at: usize,
    ended: bool,
    arriving: Arriving<'r>,
}

/// What is fetched, and who is told how much of it has come.
pub struct Arriving<'r> {
    digest: &'r str,
    done: u64,
    size: u64,
    report: Listener<'r>,
}

impl<'r> Arriving<'r> {
    /// Nothing has come yet of a blob of this size.
    pub fn new(digest: &'r str, size: u64, report: Listener<'r>) -> Self {
        Self { digest, done: 0, size, report }
    }

    fn more(&mut self, bytes: u64) {
        self.done += bytes;
        self.report.send(Event::Read(bytes));
        self.report.send(Event::Arrived { digest: self.digest, done: self.done, size: self.size });
    }
}

impl<'r> Fetched<'r> {
    /// Begins to read `source`.
    ///
    /// # Errors
    /// If there can be no further thread.
    pub fn start(source: Box<dyn Read + Send>, hasher: Hasher, arriving: Arriving<'r>) -> io::Result<Self> {
        let (send, pieces) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("fetching".into()).spawn(move || fetch(source, hasher, &send))?;
        Ok(Self { pieces, thread: Some(thread), piece: Vec::new(), at: 0, ended: false, arriving })
    }

    /// Reads what is left; the digest of all that was read.
    pub fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        let hasher = self.thread.take().and_then(|thread| thread.join().ok());
        hasher.map(Hasher::finish).ok_or_else(|| io::Error::other("a thread ended early"))
    }
}

fn fetch(mut source: Box<dyn Read + Send>, mut hasher: Hasher, send: &SyncSender<io::Result<Vec<u8>>>) -> Hasher {
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let read = source.by_ref().take(PIECE as u64).read_to_end(&mut piece);
        hasher.update(&piece);
        let last = piece.is_empty() || read.is_err();
        // Nobody waits for it any more where sending fails.
        if send.send(read.map(|_| piece)).is_err() || last {
            return hasher;
        }
    }
}

impl Read for Fetched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let unread = self.fill_buf()?;
        let count = unread.len().min(buf.len());
        buf[..count].copy_from_slice(&unread[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Fetched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.piece.len() && !self.ended {
            self.at = 0;
            self.piece.clear();
            self.piece = self.pieces.recv().map_err(|_| io::Error::other("a thread ended early"))??;
            self.ended = self.piece.is_empty();
            self.arriving.more(self.piece.len() as u64);
        }
        Ok(&self.piece[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = self.piece.len().min(self.at + count);
    }
}

#[cfg(test)]
mod tests {
    use oci_spec::image::Digest;

    use super::super::digest;
    use super::*;

    fn hasher(bytes: &[u8]) -> Hasher {
        Hasher::like(&digest::sha256(bytes).parse::<Digest>().unwrap()).unwrap()
    }

    fn arriving() -> Arriving<'static> {
        Arriving::new("", 0, Listener::default())
    }

    #[test]
    fn all_arrives_in_order_and_is_hashed() {
        let bytes: Vec<u8> = (0..3 * PIECE + 7).map(|n| (n / 11) as u8).collect();
        let source = io::Cursor::new(bytes.clone());
        let mut fetched = Fetched::start(Box::new(source), hasher(&bytes), arriving()).unwrap();
        let mut begun = vec![0; PIECE + 3];
        fetched.read_exact(&mut begun).unwrap();
        assert_eq!(begun, bytes[..PIECE + 3]);
        assert_eq!(fetched.finish().unwrap(), digest::sha256(&bytes));
    }

    #[test]
    fn what_breaks_off_is_an_error_and_what_nobody_reads_ends() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let source = io::Cursor::new(vec![1; 10]).chain(Broken);
        let fetched = Fetched::start(Box::new(source), hasher(b""), arriving()).unwrap();
        assert_eq!(fetched.finish().unwrap_err().to_string(), "broken");
        let mut endless = Fetched::start(Box::new(io::repeat(1)), hasher(b""), arriving()).unwrap();
        let thread = endless.thread.take().unwrap();
        drop(endless);
        thread.join().unwrap();
    }
}
