//! Tokens: the server that a registry names gives one for a login, or for none (distribution's "Token Authentication
//! Specification", and its OAuth2 variant for identity tokens).

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde::Deserialize;

use super::challenge::TokenServer;
use super::credentials::Login;
use super::remote::login_name;
use super::trouble::Trouble;
use crate::network::{Address, Answer, Body, Failure, Network, Patience, Reason};

/// How long a token holds that does not say so: what the specification says.
const USUAL: Duration = Duration::from_secs(60);
/// Tokens are renewed so long before they end.
const AHEAD: Duration = Duration::from_secs(10);
/// Largest answer of a token server.
const MAX_ANSWER: u64 = 1 << 20;

/// What goes into the header `Authorization`.
#[derive(Clone)]
pub struct Authorization {
    /// The header's value.
    pub header: String,
    /// Until when it holds; as long as one likes where there is no end.
    pub until: Option<Instant>,
}

#[derive(Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

/// Name and password, as they are sent (RFC 7617).
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()))
}

/// Asks for a token that allows `scopes`.
///
/// # Errors
/// If the server is not one to be trusted with a login, refuses, or does not answer.
pub fn fetch(
    network: &Network,
    registry: &Address,
    server: &TokenServer,
    scopes: &[String],
    login: Option<&Login>,
) -> Result<Authorization, Trouble> {
    let host = registry.authority();
    let realm =
        Address::parse(&server.realm).ok_or_else(|| Trouble::new(format!("{host} names no sound token server")))?;
    if registry.is_https() && !realm.is_https() && !network.may_be_plain(realm.authority()) {
        return Err(Trouble::new(format!(
            "{host} names a token server, {realm}, that would get the login in the clear"
        )));
    }
    let mut patience = Patience::new(network.settings().pause);
    loop {
        let answer = ask(network, &realm, server, scopes, login);
        let (asked, again) = match &answer {
            Ok(answer) => (answer.retry_after(), matches!(answer.status, 429 | 500..=599)),
            Err(failure) => (None, failure.reason == Reason::Broken),
        };
        if again && patience.wait(asked) {
            continue;
        }
        let answer = answer.map_err(|failure| Trouble::unanswered(realm.authority(), &failure))?;
        if answer.status != 200 {
            return Err(refused(host, &realm, login.is_some(), answer));
        }
        return read(&realm, answer);
    }
}

fn ask(
    network: &Network,
    realm: &Address,
    server: &TokenServer,
    scopes: &[String],
    login: Option<&Login>,
) -> Result<Answer, Failure> {
    let service = server.service.as_deref();
    if let Some(Login::IdentityToken(token)) = login {
        let mut form = Address::root(true, "form").at("");
        let scope = scopes.join(" ");
        let fields =
            [("grant_type", "refresh_token"), ("client_id", "bantam"), ("refresh_token", token), ("scope", &scope)];
        form = form
            .with_query(&fields)
            .with_query(&service.map(|service| ("service", service)).into_iter().collect::<Vec<_>>());
        let form = form.query().to_owned();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        return network.send("POST", realm, &headers, Body::Bytes(form.as_bytes()));
    }
    let mut query: Vec<(&str, &str)> = service.map(|service| ("service", service)).into_iter().collect();
    query.extend(scopes.iter().map(|scope| ("scope", scope.as_str())));
    let basic = match login {
        Some(Login::Password(user, password)) => Some(basic(user, password)),
        _ => None,
    };
    let headers: Vec<(&'static str, &str)> = basic.iter().map(|basic| ("authorization", basic.as_str())).collect();
    network.send("GET", &realm.with_query(&query), &headers, Body::Empty)
}

fn refused(host: &str, realm: &Address, has_login: bool, answer: Answer) -> Trouble {
    let (status, login) = (answer.status, login_name(host));
    answer.finish();
    let text = match (status, has_login) {
        (401 | 403, true) => format!(
            "{realm} refuses your login for {host} ({status}); log in again with `docker login {login}` or `podman login {login}`"
        ),
        (401 | 403, false) => format!(
            "{realm} gives no token for {host} without a login ({status}); log in with `docker login {login}` or `podman login {login}`"
        ),
        _ => format!("{realm} gives no token for {host} ({status})"),
    };
    Trouble::new(text)
}

fn read(realm: &Address, answer: Answer) -> Result<Authorization, Trouble> {
    let malformed = || Trouble::new(format!("{realm} gives no proper token"));
    let bytes = answer.into_bytes(MAX_ANSWER).map_err(|failure| Trouble::unanswered(realm.authority(), &failure))?;
    let given: Given = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
    let token = given.token.or(given.access_token).filter(|token| !token.is_empty()).ok_or_else(malformed)?;
    // What cannot be in a header is no token.
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(malformed());
    }
    let lasts = given.expires_in.map_or(USUAL, Duration::from_secs).max(USUAL).saturating_sub(AHEAD);
    Ok(Authorization { header: format!("Bearer {token}"), until: Instant::now().checked_add(lasts) })
}
