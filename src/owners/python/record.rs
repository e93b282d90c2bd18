//! RECORD: a CSV file of path, hash and size (PEP 376).

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Relative to the directory that holds the `.dist-info`, or absolute.
    pub(crate) path: Vec<u8>,
    /// `sha256=…`; empty for the RECORD itself and for byte code.
    pub(crate) hash: Vec<u8>,
    /// The line as it stands, with its line end.
    pub(crate) raw: Vec<u8>,
}

/// The lines that name a path. Damaged ones are left out.
pub(crate) fn lines(text: &[u8]) -> Vec<Line> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut record = csv::ByteRecord::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut start = 0;
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        // The reader stops between `\r` and `\n`; the rest of a line end goes with its line.
        let mut end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(text.len());
        if end > 0 && text.get(end - 1) == Some(&b'\r') && text.get(end) == Some(&b'\n') {
            end += 1;
        }
        let raw = text.get(start..end).unwrap_or_default().to_vec();
        start = end;
        let field = |at| record.get(at).unwrap_or_default().to_vec();
        let (path, hash) = (field(0), field(1));
        if !path.is_empty() {
            lines.push(Line { path, hash, raw });
        }
    }
    lines
}

/// A path as a CSV field.
pub(crate) fn quote(path: &[u8]) -> Vec<u8> {
    if !path.iter().any(|b| matches!(b, b',' | b'"' | b'\r' | b'\n')) {
        return path.to_vec();
    }
    let mut out = vec![b'"'];
    for &byte in path {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_byte_of_the_lines() {
        let text = b"a.py,sha256=x,1\r\n\"b,\"\"c\"\".py\",,\nd.py,,\n\ne.py";
        let lines = lines(text);
        let paths: Vec<&[u8]> = lines.iter().map(|line| line.path.as_slice()).collect();
        assert_eq!(paths, [&b"a.py"[..], b"b,\"c\".py", b"d.py", b"e.py"]);
        assert_eq!(lines[0].hash, b"sha256=x");
        assert_eq!(lines[0].raw, b"a.py,sha256=x,1\r\n");
        assert_eq!(lines[1].raw, b"\"b,\"\"c\"\".py\",,\n");
        assert_eq!(quote(&lines[1].path), b"\"b,\"\"c\"\".py\"");
        assert_eq!(lines[3].raw.trim_ascii(), b"e.py");
    }
}
