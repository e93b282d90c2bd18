//! Modules that pickled data names: whoever loads it imports them.
//!
//! Follows `Lib/pickletools.py`: the opcodes `GLOBAL` and `STACK_GLOBAL`, and the short strings before the latter. Data
//! between them (`joblib` writes arrays into the stream) is passed over, so the bytes are searched, not decoded.

use std::io::Read;

use super::super::names::is_identifier;

/// Compressed data is read up to this many bytes.
const MAX_UNPACKED: u64 = 64 << 20;
/// Longer names are no module names.
const MAX_NAME: usize = 200;
/// Names taken of one file.
const MAX_NAMES: usize = 4096;

/// What Python 2 called modules of the standard library, and what Python 3 imports for them (`_compat_pickle`), sorted.
/// `urllib` and the like became several.
#[rustfmt::skip]
const RENAMED: &[(&str, &str)] = &[
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("ConfigParser", "configparser"),
    ("Cookie", "http.cookies"),
    ("Dialog", "tkinter.dialog"),
    ("DocXMLRPCServer", "xmlrpc.server"),
    ("FileDialog", "tkinter.filedialog"),
    ("HTMLParser", "html.parser"),
    ("Queue", "queue"),
    ("ScrolledText", "tkinter.scrolledtext"),
    ("SimpleDialog", "tkinter.simpledialog"),
    ("SimpleHTTPServer", "http.server"),
    ("SimpleXMLRPCServer", "xmlrpc.server"),
    ("SocketServer", "socketserver"),
    ("StringIO", "io"),
    ("Tix", "tkinter.tix"),
    ("Tkconstants", "tkinter.constants"),
    ("Tkdnd", "tkinter.dnd"),
    ("Tkinter", "tkinter"),
    ("UserDict", "collections"),
    ("UserList", "collections"),
    ("UserString", "collections"),
    ("_elementtree", "xml.etree.ElementTree"),
    ("anydbm", "dbm"),
    ("cPickle", "pickle"),
    ("cStringIO", "io"),
    ("commands", "subprocess"),
    ("cookielib", "http.cookiejar"),
    ("copy_reg", "copyreg"),
    ("dbhash", "dbm.bsd"),
    ("dbm", "dbm.ndbm"),
    ("dumbdbm", "dbm.dumb"),
    ("gdbm", "dbm.gnu"),
    ("htmlentitydefs", "html.entities"),
    ("httplib", "http.client"),
    ("markupbase", "_markupbase"),
    ("repr", "reprlib"),
    ("robotparser", "urllib.robotparser"),
    ("test.test_support", "test.support"),
    ("tkColorChooser", "tkinter.colorchooser"),
    ("tkCommonDialog", "tkinter.commondialog"),
    ("tkFileDialog", "tkinter.filedialog"),
    ("tkFont", "tkinter.font"),
    ("tkMessageBox", "tkinter.messagebox"),
    ("tkSimpleDialog", "tkinter.simpledialog"),
    ("ttk", "tkinter.ttk"),
    ("urllib", "urllib.parse"),
    ("urllib2", "urllib.request"),
    ("urlparse", "urllib.parse"),
    ("whichdb", "dbm"),
    ("xmlrpclib", "xmlrpc.client"),
];

const GLOBAL: u8 = b'c';
const SHORT_BINUNICODE: u8 = 0x8c;
const PROTO: u8 = 0x80;

/// Whether a file of this name holds pickled objects.
pub fn is_pickle(name: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] =
        &[b".pkl", b".pickle", b".pck", b".pcl", b".joblib", b".dill", b".sav", b".p", b".db", b".model"];
    ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// How databases begin that keep pickled objects (`shelve` and caches): gdbm, SQLite.
const DATABASES: &[&[u8]] = &[b"\xce\x9a\x57\x13", b"\xcd\x9a\x57\x13", b"\xcf\x9a\x57\x13", b"SQLite format 3\0"];

/// How pickled objects begin within other data: their protocol, and the first opcode that follows it as a rule.
const BEGINNINGS: &[&[u8]] = &[b"\x80\x05\x95", b"\x80\x04\x95", b"\x80\x03c", b"\x80\x02c"];

/// Whether a file that begins like this holds pickled objects, or is a database that may.
pub fn is_pickle_by_content(head: &[u8]) -> bool {
    matches!(head, [PROTO, 2..=5, ..]) || DATABASES.iter().any(|mark| head.starts_with(mark)) || holds_pickles(head)
}

fn holds_pickles(bytes: &[u8]) -> bool {
    BEGINNINGS.iter().any(|mark| memchr::memmem::find(bytes, mark).is_some())
}

/// The modules and objects that pickled data names, as `module:object`, sorted; none for anything else.
pub fn names(bytes: &[u8]) -> Vec<String> {
    let unpacked = unpack(bytes);
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    // Text pickles (protocol 0) start with any opcode.
    let binary = bytes.first() == Some(&PROTO) || holds_pickles(bytes);
    let text = bytes.iter().take(64).all(|&b| b == b'\n' || (0x20..0x7f).contains(&b));
    let mut found = Vec::new();
    if binary || text {
        globals(bytes, &mut found);
    }
    if binary {
        stack_globals(bytes, &mut found);
    }
    add_renamed(&mut found);
    found.sort();
    found.dedup();
    found.truncate(MAX_NAMES);
    found
}

/// Adds the modules that names of Python 2's are imported as.
fn add_renamed(found: &mut Vec<String>) {
    let renamed = |name: &String| {
        let (module, object) = name.split_once(':')?;
        let at = RENAMED.binary_search_by(|(old, _)| old.cmp(&module)).ok()?;
        Some(format!("{}:{object}", RENAMED[at].1))
    };
    let added: Vec<String> = found.iter().filter_map(renamed).collect();
    found.extend(added);
}

/// What zlib, gzip or bzip2 made of a pickle (`joblib.dump(…, compress=3)`); bzip2 is not read.
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => flate2::read::GzDecoder::new(bytes).take(MAX_UNPACKED).read_to_end(&mut out).ok()?,
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            flate2::read::ZlibDecoder::new(bytes).take(MAX_UNPACKED).read_to_end(&mut out).ok()?
        }
        _ => return None,
    };
    Some(out)
}

/// `cMODULE\nNAME\n`
fn globals(bytes: &[u8], found: &mut Vec<String>) {
    let mut at = 0;
    while let Some(next) = memchr::memchr(GLOBAL, &bytes[at..]) {
        at += next + 1;
        // Lines are looked for no further than names are long.
        let rest = &bytes[at..(at + 2 * MAX_NAME).min(bytes.len())];
        let mut lines = rest.splitn(3, |&b| b == b'\n');
        if let (Some(module), Some(object), Some(_)) =
            (lines.next().and_then(dotted), lines.next().and_then(dotted), lines.next())
        {
            found.push(format!("{module}:{object}"));
            at += module.len() + object.len() + 2;
        }
        if found.len() > MAX_NAMES {
            return;
        }
    }
}

/// Two short strings that follow one another, memoised or not: `SHORT_BINUNICODE MODULE MEMOIZE SHORT_BINUNICODE NAME`. A
/// string that was memoised before is fetched, so that each string that is a dotted name counts as a module as well.
fn stack_globals(bytes: &[u8], found: &mut Vec<String>) {
    for at in memchr::memchr_iter(SHORT_BINUNICODE, bytes) {
        let Some(&length) = bytes.get(at + 1) else { break };
        let Some(text) = bytes.get(at + 2..at + 2 + usize::from(length)).and_then(dotted) else { continue };
        found.push(text.to_owned());
        if found.len() > MAX_NAMES {
            return;
        }
    }
}

fn dotted(bytes: &[u8]) -> Option<&str> {
    if bytes.len() > MAX_NAME {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    text.split('.').all(is_identifier).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_globals_of_every_protocol() {
        assert_eq!(names(b"ccollections\nOrderedDict\np0\n(tp1\nRp2\n."), ["collections:OrderedDict"]);
        assert_eq!(names(b"\x80\x02csklearn.svm._classes\nSVC\nq\x00."), ["sklearn.svm._classes:SVC"]);
        let new = b"\x80\x04\x95\x2a\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94.";
        assert_eq!(names(new), ["OrderedDict", "collections"]);
        assert_eq!(names(b"\x89PNG\r\n\x1a\nca\nb\n"), [] as [&str; 0]);
        assert_eq!(names(b"\x80\x04\x8c\xffshort"), [] as [&str; 0]);
        assert_eq!(names(b""), [] as [&str; 0]);
    }

    #[test]
    fn names_of_python_2_are_those_of_python_3_too() {
        assert!(RENAMED.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(names(b"cQueue\nQueue\np0\n."), ["Queue:Queue", "queue:Queue"]);
        assert_eq!(
            names(b"\x80\x02ccopy_reg\n_reconstructor\nq\x00."),
            ["copy_reg:_reconstructor", "copyreg:_reconstructor"]
        );
    }

    #[test]
    fn finds_pickles_by_what_they_hold() {
        let pickle = b"\x80\x04\x95\x2a\0\0\0\0\0\0\0\x8c\x09fractions\x94\x8c\x08Fraction\x94\x93\x94.";
        let database = [b"\xcf\x9a\x57\x13\0\0\0\0key".as_slice(), pickle].concat();
        assert!(is_pickle_by_content(pickle) && is_pickle_by_content(&database));
        assert_eq!(names(&database), ["Fraction", "fractions"]);
        assert!(is_pickle_by_content(b"\x80\x02}q\0(X"));
        assert!(!is_pickle_by_content(b"\x80 of text") && !is_pickle_by_content(b"\x89PNG\r\n"));
    }

    #[test]
    fn reads_compressed_pickles() {
        use std::io::Write;
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(3));
        writer.write_all(b"\x80\x02ca.b\nC\n.").unwrap();
        assert_eq!(names(&writer.finish().unwrap()), ["a.b:C"]);
    }
}
