//! What a registry asks for before it answers: `WWW-Authenticate` (RFC 9110 section 11.6.1; distribution's token specification).

/// A way to prove who one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Name and password with each request (RFC 7617).
    Basic,
    /// A token of a server that this names.
    Bearer(TokenServer),
}

/// Who gives tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenServer {
    /// Its address.
    pub realm: String,
    /// For whom the token is to be.
    pub service: Option<String>,
    /// What the token is to allow.
    pub scope: Option<String>,
}

/// The challenges of an answer's headers, as far as they are understood; tokens before passwords.
pub fn challenges<'h>(headers: impl Iterator<Item = &'h str>) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = headers.flat_map(parse).collect();
    found.sort_by_key(|challenge| matches!(challenge, Challenge::Basic));
    found
}

fn parse(header: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    for part in split(header) {
        // A scheme stands before a blank and the first parameter, or alone.
        let (scheme, parameter) = match part.split_once(' ') {
            Some((scheme, parameter)) if !scheme.contains('=') => (Some(scheme), parameter.trim()),
            None if !part.contains('=') => (Some(part), ""),
            _ => (None, part),
        };
        match scheme.map(str::to_ascii_lowercase).as_deref() {
            Some("basic") => found.push(Some(Challenge::Basic)),
            Some("bearer") => found.push(Some(Challenge::Bearer(TokenServer::default()))),
            // Parameters of what is not understood belong to nothing.
            Some(_) => found.push(None),
            None => {}
        }
        let Some(Some(Challenge::Bearer(server))) = found.last_mut() else { continue };
        let Some((key, value)) = parameter.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match key.trim().to_ascii_lowercase().as_str() {
            "realm" => server.realm = value,
            "service" => server.service = Some(value),
            "scope" => server.scope = Some(value),
            _ => {}
        }
    }
    found.retain(|challenge| !matches!(challenge, Some(Challenge::Bearer(server)) if server.realm.is_empty()));
    found.into_iter().flatten().collect()
}

/// The parts between commas that are not within quotes.
fn split(header: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in header.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(header[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(header[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut escaped = false;
    let kept = inner.chars().filter(|&c| {
        escaped = c == '\\' && !escaped;
        !escaped
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_told_apart() {
        let server = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            Challenge::Bearer(TokenServer { realm: realm.into(), service: owned(service), scope: owned(scope) })
        };
        let full = r#"Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull,push""#;
        let expected = server("https://auth.example/token", Some("r.example"), Some("repository:a/b:pull,push"));
        assert_eq!(challenges([full].into_iter()), std::slice::from_ref(&expected));
        assert_eq!(challenges([r#"Basic realm="Registry Realm""#].into_iter()), [Challenge::Basic]);
        let both = format!(r#"Basic realm="a, b", {full}"#);
        assert_eq!(challenges([both.as_str()].into_iter()), [expected, Challenge::Basic]);
        assert_eq!(
            challenges([r#"Negotiate, Digest realm="x", BEARER realm=https://a.example/t"#, "Basic"].into_iter()),
            [server("https://a.example/t", None, None), Challenge::Basic]
        );
        for nothing in ["", "Bearer", r#"Bearer service="x""#, ",,,", r#""#, "Negotiate abc=="] {
            assert_eq!(challenges([nothing].into_iter()), [], "{nothing}");
        }
    }
}
