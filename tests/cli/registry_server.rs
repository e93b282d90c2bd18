//! A registry of the tests' own on this machine: it keeps images in memory, asks for logins, and fails as it is told to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::archive::{Files, sha256};

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Login {
    #[default]
    Nobody,
    /// These words in Base64, with each request.
    Basic(&'static str),
    /// A token, for these words in Base64, or for nothing.
    Token(Option<&'static str>),
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status, with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// One byte of the body is another.
    Flip,
    /// The body is shorter, and said to be.
    Short,
    /// All is sent, whatever part was asked for.
    NoRange,
    /// Only this much of what is uploaded is kept, and the connection ends.
    Keep(usize),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub range: Option<String>,
}

#[derive(Default)]
pub struct State {
    pub login: Login,
    /// Requests of this method whose path holds these words fail so, so many times.
    pub faults: Vec<(&'static str, &'static str, usize, Fault)>,
    pub seen: Vec<Seen>,
    pub blobs: BTreeMap<String, Vec<u8>>,
    /// By repository and reference: media type and bytes.
    pub manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    /// Those that are under way.
    pub uploads: BTreeMap<String, Vec<u8>>,
    /// How many have begun.
    begun: usize,
    /// Whether it knows of referrers.
    pub referrers: bool,
    tokens: usize,
    /// How many requests a token holds; without end if none is said.
    pub token_lasts: Option<usize>,
    uses: usize,
}

#[derive(Clone)]
pub struct Registry {
    pub host: String,
    state: Arc<Mutex<State>>,
}

pub struct Request {
    pub method: String,
    pub path: String,
    query: String,
    headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn error(status: u16, code: &str) -> Self {
        Self::new(status).body(json!({"errors": [{"code": code, "message": "no"}]}).to_string())
    }
}

impl Registry {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let registry = Self { host, state: Arc::default() };
        let serving = registry.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let registry = serving.clone();
                std::thread::spawn(move || registry.serve(stream));
            }
        });
        registry
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Keeps the image that an OCI layout lists.
    pub fn keep(&self, repository: &str, tag: &str, files: &Files) {
        let mut state = self.state();
        for (name, content) in files.iter() {
            let Some(digits) = name.strip_prefix("blobs/sha256/") else { continue };
            let digest = format!("sha256:{digits}");
            let document: Value = serde_json::from_slice(content).unwrap_or_default();
            if document.get("layers").or(document.get("manifests")).is_some() {
                let kind = document["mediaType"].as_str().unwrap().to_owned();
                state.manifests.insert((repository.into(), digest), (kind, content.to_vec()));
            } else {
                state.blobs.insert(digest, content.to_vec());
            }
        }
        let index: Value =
            serde_json::from_slice(files.iter().find(|(name, _)| *name == "index.json").unwrap().1).unwrap();
        let top = index["manifests"][0]["digest"].as_str().unwrap();
        let top = state.manifests[&(repository.to_owned(), top.to_owned())].clone();
        state.manifests.insert((repository.into(), tag.into()), top);
    }

    pub fn image(&self, name: &str) -> String {
        format!("docker://{}/{name}", self.host)
    }

    pub fn fail(&self, method: &'static str, path: &'static str, times: usize, fault: Fault) {
        self.state().faults.push((method, path, times, fault));
    }

    /// How many requests of this method came whose path holds these words.
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.state().seen.iter().filter(|seen| seen.method == method && seen.path.contains(path)).count()
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some(request) = read(&mut reader) {
            let (answer, fault) = self.answer(&request);
            if !send(&stream, &request, answer, fault) {
                break;
            }
        }
    }

    fn answer(&self, request: &Request) -> (Answer, Option<Fault>) {
        let mut state = self.state();
        state.seen.push(Seen {
            method: request.method.clone(),
            path: request.path.clone(),
            authorization: request.headers.get("authorization").cloned(),
            range: request.headers.get("range").or(request.headers.get("content-range")).cloned(),
        });
        let fault = state.fault(request);
        if let Some(Fault::Status(status, headers)) = fault {
            return (Answer { status, headers, body: b"secret-of-the-registry".to_vec() }, None);
        }
        if request.path == "/token" {
            return (state.token(request), fault);
        }
        if let Some(refusal) = state.refusal(request, &self.host) {
            return (refusal, fault);
        }
        let kept = match fault {
            Some(Fault::Keep(kept)) => &request.body[..kept.min(request.body.len())],
            _ => &request.body,
        };
        (state.respond(request, kept, matches!(fault, Some(Fault::NoRange))), fault)
    }
}

impl State {
    fn fault(&mut self, request: &Request) -> Option<Fault> {
        let (.., times, fault) = self
            .faults
            .iter_mut()
            .find(|(method, path, times, _)| *method == request.method && request.path.contains(path) && *times > 0)?;
        *times -= 1;
        Some(fault.clone())
    }

    fn token(&mut self, request: &Request) -> Answer {
        let Login::Token(needed) = &self.login else { return Answer::new(404) };
        let given = request.headers.get("authorization");
        if needed.is_some_and(|needed| given != Some(&format!("Basic {needed}"))) {
            return Answer::error(401, "UNAUTHORIZED");
        }
        (self.tokens, self.uses) = (self.tokens + 1, 0);
        let token = format!("token-{}-{}", self.tokens, request.query.contains("push"));
        Answer::new(200).body(json!({"token": token}).to_string())
    }

    fn refusal(&mut self, request: &Request, host: &str) -> Option<Answer> {
        let given = request.headers.get("authorization").map(String::as_str).unwrap_or_default();
        let refused = Answer::error(401, "UNAUTHORIZED");
        match &self.login {
            Login::Nobody => None,
            Login::Basic(words) if given == format!("Basic {words}") => None,
            Login::Basic(_) => Some(refused.header("www-authenticate", "Basic realm=\"tests\"")),
            Login::Token(_) => {
                self.uses += 1;
                let holds = self.token_lasts.is_none_or(|lasts| self.uses <= lasts);
                let writes = !matches!(request.method.as_str(), "GET" | "HEAD");
                if holds
                    && (given == format!("Bearer token-{}-true", self.tokens)
                        || !writes && given == format!("Bearer token-{}-false", self.tokens))
                {
                    return None;
                }
                Some(
                    refused
                        .header("www-authenticate", format!("Bearer realm=\"http://{host}/token\",service=\"tests\"")),
                )
            }
        }
    }

    fn respond(&mut self, request: &Request, kept: &[u8], whole: bool) -> Answer {
        let Some(path) = request.path.strip_prefix("/v2/") else { return Answer::new(404) };
        if path.is_empty() {
            return Answer::new(200).body("{}");
        }
        if let Some((repository, upload)) = path.split_once("/blobs/uploads/") {
            return self.upload(request, repository, upload, kept);
        }
        if let Some((_, digest)) = path.split_once("/blobs/") {
            let Some(bytes) = self.blobs.get(digest) else { return Answer::error(404, "BLOB_UNKNOWN") };
            let from = request.headers.get("range").filter(|_| !whole);
            let from: Option<usize> = from.map(|range| range["bytes=".len()..].trim_end_matches('-').parse().unwrap());
            return match from {
                Some(from) => Answer::new(206)
                    .header("content-range", format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len()))
                    .body(&bytes[from..]),
                None => Answer::new(200).body(bytes.clone()),
            };
        }
        if let Some((repository, digest)) = path.split_once("/referrers/") {
            return self.list_referrers(repository, digest);
        }
        let Some((repository, reference)) = path.split_once("/manifests/") else { return Answer::new(404) };
        if request.method == "PUT" {
            return self.put_manifest(request, repository, reference);
        }
        match self.manifests.get(&(repository.into(), reference.into())) {
            Some((kind, bytes)) => Answer::new(200).header("content-type", kind).body(bytes.clone()),
            None => Answer::error(404, "MANIFEST_UNKNOWN"),
        }
    }

    fn upload(&mut self, request: &Request, repository: &str, upload: &str, kept: &[u8]) -> Answer {
        let query = |key: &str| {
            let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .filter(|(name, _)| *name == key)
                .map(|(_, value)| value.replace("%3A", ":").replace("%2F", "/"))
                .next()
        };
        if request.method == "POST" {
            if let Some(digest) =
                query("mount").filter(|digest| query("from").is_some() && self.blobs.contains_key(digest))
            {
                return Answer::new(201).header("location", format!("/v2/{repository}/blobs/{digest}"));
            }
            let name = format!("upload{}", self.begun);
            self.begun += 1;
            self.uploads.insert(name.clone(), Vec::new());
            return Answer::new(202).header("location", format!("/v2/{repository}/blobs/uploads/{name}?state=signed"));
        }
        let Some(have) = self.uploads.get_mut(upload) else { return Answer::error(404, "BLOB_UPLOAD_UNKNOWN") };
        let place = format!("/v2/{repository}/blobs/uploads/{upload}?state=signed");
        let until = |have: &[u8]| format!("0-{}", have.len().saturating_sub(1));
        match request.method.as_str() {
            "GET" => Answer::new(204).header("location", place).header("range", until(have)),
            "PATCH" => {
                if let Some(range) = request.headers.get("content-range")
                    && range.split('-').next() != Some(&have.len().to_string())
                {
                    return Answer::new(416);
                }
                have.extend_from_slice(kept);
                Answer::new(202).header("location", place).header("range", until(have))
            }
            "PUT" => {
                have.extend_from_slice(kept);
                let (digest, bytes) = (query("digest").unwrap(), have.clone());
                if digest != format!("sha256:{}", sha256(&bytes)) {
                    return Answer::error(400, "DIGEST_INVALID");
                }
                self.blobs.insert(digest.clone(), bytes);
                self.uploads.remove(upload);
                Answer::new(201).header("location", format!("/v2/{repository}/blobs/{digest}"))
            }
            "DELETE" => {
                self.uploads.remove(upload);
                Answer::new(204)
            }
            _ => Answer::new(405),
        }
    }

    fn put_manifest(&mut self, request: &Request, repository: &str, reference: &str) -> Answer {
        let document: Value = serde_json::from_slice(&request.body).unwrap();
        let digest = format!("sha256:{}", sha256(&request.body));
        let parts = document["layers"].as_array().into_iter().flatten().chain(document.get("config"));
        for part in parts {
            if !self.blobs.contains_key(part["digest"].as_str().unwrap()) {
                return Answer::error(400, "MANIFEST_BLOB_UNKNOWN");
            }
        }
        for part in document["manifests"].as_array().into_iter().flatten() {
            if !self.manifests.contains_key(&(repository.into(), part["digest"].as_str().unwrap().into())) {
                return Answer::error(400, "MANIFEST_UNKNOWN");
            }
        }
        let kind = request.headers["content-type"].clone();
        for name in [reference, digest.as_str()] {
            self.manifests.insert((repository.into(), name.into()), (kind.clone(), request.body.clone()));
        }
        let answer = Answer::new(201).header("docker-content-digest", digest);
        match document.get("subject").filter(|_| self.referrers) {
            Some(subject) => answer.header("oci-subject", subject["digest"].as_str().unwrap()),
            None => answer,
        }
    }

    fn list_referrers(&self, repository: &str, digest: &str) -> Answer {
        if !self.referrers {
            return Answer::new(404);
        }
        let all = self.manifests.iter().filter(|((of, reference), _)| of == repository && reference.contains(':'));
        let referring = all.filter_map(|((_, reference), (kind, bytes))| {
            let document: Value = serde_json::from_slice(bytes).ok()?;
            (document["subject"]["digest"] == digest).then(|| {
                json!({"mediaType": kind, "digest": reference, "size": bytes.len(), "artifactType": document["artifactType"]})
            })
        });
        let list: Vec<Value> = referring.collect();
        Answer::new(200).body(json!({"schemaVersion": 2, "manifests": list}).to_string())
    }
}

/// The next request of a connection.
pub fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    // What speaks TLS does not begin with a method.
    if reader.fill_buf().ok()?.first()? == &0x16 {
        return None;
    }
    reader.read_line(&mut line).ok().filter(|&count| count > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { method, path: path.into(), query: query.into(), headers, body })
}

/// Sends the answer; false if that is the end of the connection.
fn send(mut stream: &TcpStream, request: &Request, mut answer: Answer, fault: Option<Fault>) -> bool {
    if let Some(Fault::Keep(_)) = fault {
        return false;
    }
    match fault {
        Some(Fault::Flip) => {
            let middle = answer.body.len() / 2;
            answer.body[middle] ^= 1;
        }
        Some(Fault::Short) => drop(answer.body.pop()),
        _ => {}
    }
    let mut head = format!("HTTP/1.1 {} Status\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    if answer.status == 204 {
        head = "HTTP/1.1 204 Status\r\n".into();
    }
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let body: &[u8] = match (request.method.as_str(), fault) {
        ("HEAD", _) => &[],
        (_, Some(Fault::Cut(after))) => &answer.body[..after.min(answer.body.len())],
        _ => &answer.body,
    };
    let whole = request.method == "HEAD" || body.len() == answer.body.len();
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).is_ok() && whole
}
