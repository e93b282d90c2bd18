//! Images that are read from a daemon and given to one, by a daemon of the tests' own.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::archive::{Image, sha256};
use crate::bench::{Bench, open};
use crate::registry_server::read;

/// Gives and takes archives, as Docker does.
#[derive(Clone)]
struct Daemon {
    images: BTreeMap<String, Vec<u8>>,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    /// What it says to an image that it is given.
    says: &'static str,
}

impl Daemon {
    fn new(name: &str, archive: Vec<u8>) -> Self {
        Self {
            images: [(name.to_owned(), archive)].into(),
            taken: Arc::default(),
            says: r#"{"stream":"Loaded image"}"#,
        }
    }

    fn start(&self, bench: &Bench) -> String {
        let socket: PathBuf = bench.path("daemon.sock");
        let (listener, daemon) = (UnixListener::bind(&socket).unwrap(), self.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(request) = read(&mut reader) {
                    let (status, body) = daemon.answer(&request.method, &request.path, request.body);
                    let head = format!("HTTP/1.1 {status} Status\r\ntransfer-encoding: chunked\r\n\r\n");
                    let mut answer = head.into_bytes();
                    for piece in body.chunks(60_000) {
                        answer.extend(
                            format!("{:x}\r\n", piece.len()).bytes().chain(piece.iter().copied()).chain(*b"\r\n"),
                        );
                    }
                    answer.extend(b"0\r\n\r\n");
                    if (&stream).write_all(&answer).is_err() {
                        break;
                    }
                }
            }
        });
        format!("unix://{}", socket.display())
    }

    fn answer(&self, method: &str, path: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        if (method, path) == ("GET", "/_ping") {
            return (200, b"OK".to_vec());
        }
        if (method, path) == ("POST", "/images/load") {
            self.taken.lock().unwrap().push(body);
            return (200, format!("{}\n", self.says).into_bytes());
        }
        let (name, what) = path.strip_prefix("/images/").unwrap().rsplit_once('/').unwrap();
        match (self.images.get(name), what) {
            (Some(_), "json") => (200, b"{}".to_vec()),
            (Some(archive), "get") => (200, archive.clone()),
            _ => (404, br#"{"message":"No such image"}"#.to_vec()),
        }
    }
}

#[test]
fn an_image_goes_from_daemon_to_daemon() {
    let bench = Bench::new();
    let image = Image::sample();
    image.old_docker().save(bench.path("app.tar"));
    bench.run("slim app.tar -o file.tar").done();
    let daemon = Daemon::new("app:1", image.old_docker().tar());
    let host = daemon.start(&bench);
    bench.run_with("slim docker-daemon:app:1 -o docker-daemon:app:slim", &[("DOCKER_HOST", &host)], Vec::new()).done();
    let taken = daemon.taken.lock().unwrap().pop().unwrap();
    std::fs::write(bench.path("taken.tar"), taken).unwrap();
    let (taken, file) = (open(&bench.path(""), "taken.tar"), open(&bench.path(""), "file.tar"));
    assert_eq!(taken.config_digest, file.config_digest);
    assert_eq!((taken.tags, file.tags), (vec!["app:slim".to_owned()], vec!["app:1".to_owned()]));
}

#[test]
fn an_image_is_named_by_its_id_too() {
    let bench = Bench::new();
    let image = Image::sample();
    let id = format!("sha256:{}", sha256(image.config.to_string().as_bytes()));
    let host = Daemon::new(&id, image.docker().tar()).start(&bench);
    for name in [id.clone(), format!("app@{id}")] {
        bench.run_with(&format!("report docker-daemon:{name}"), &[("DOCKER_HOST", &host)], Vec::new()).done();
    }
}

#[test]
fn what_the_daemon_does_not_do_is_said() {
    let bench = Bench::new();
    let image = Image::sample();
    image.docker().save(bench.path("app.tar"));
    let mut daemon = Daemon::new("app:1", image.docker().tar()[..2000].to_vec());
    daemon.says = r#"{"errorDetail":{"message":"no room"},"error":"no room"}"#;
    let host = daemon.start(&bench);
    let run = |words: &str| bench.run_with(words, &[("DOCKER_HOST", &host)], Vec::new());
    run("report docker-daemon:other:1").refused(1, "docker pull other:1");
    run("report docker-daemon:app:1").refused(1, "truncated");
    run("slim app.tar -o docker-daemon:app:2").refused(1, "no room");
    let nobody = [("DOCKER_HOST", "unix:///no/such/socket")];
    bench.run_with("report docker-daemon:app:1", &nobody, Vec::new()).refused(1, "is it running");
    // Before anything is read.
    bench.run_with("slim no-such.tar -o docker-daemon:app:1", &nobody, Vec::new()).refused(1, "is it running");
    let other = [("DOCKER_HOST", "ssh://me@host")];
    bench.run_with("report docker-daemon:app:1", &other, Vec::new()).refused(1, "ssh://");
}
