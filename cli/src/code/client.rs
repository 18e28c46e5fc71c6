//! The HTTP client.

use super::failure::Failure;
use super::response::{Response, is_http_url};
use super::secret::Secret;
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use ureq::http::{self, Uri};
use ureq::{Agent, Body, Error, Proxy};

/// Timeout of a prestage. API Gateway's own is 30 s; a cold start takes one.
const PRESTAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// Timeout of a poll: after that, a new one is faster than waiting on.
const POLL_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum size of a response body, in bytes. A status document has 300.
const MAX_BODY: u64 = 64 << 10;

/// The forms of a response to a prestage: JSON tells the window, and every relay knows the text.
const ACCEPTED: &str = "application/json, text/plain";

/// A client of one relay.
pub(crate) struct Client {
    agent: Agent,
    prestage: Uri,
    authorization: Option<HeaderValue>,
}

impl Client {
    /// A client of the relay with this prestage URL; the token may be in the URL instead.
    pub(crate) fn new(prestage: &Secret, token: Option<&Secret>) -> Result<Self, Failure> {
        let prestage: Uri = prestage.reveal().trim().parse().ok().filter(is_http_url).ok_or(Failure::InvalidUrl)?;
        let bearer = |token: &Secret| HeaderValue::try_from(format!("Bearer {}", token.reveal().trim()));
        let authorization = token.map(bearer).transpose().map_err(|_| Failure::InvalidToken)?;
        let proxy = if is_loopback(&prestage) { None } else { Proxy::try_from_env() };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect must not carry the token to another host. If the prestage URL has moved, the owner pastes the new one.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .timeout_global(Some(PRESTAGE_TIMEOUT))
            .user_agent(concat!("mfa-relay/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, prestage, authorization })
    }

    /// Opens a request.
    pub(crate) fn prestage(&self, call: &Value) -> Result<Response, Failure> {
        let mut request =
            self.agent.post(&self.prestage).header(CONTENT_TYPE, "application/json").header(ACCEPT, ACCEPTED);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request.send(call.to_string()).and_then(read).map_err(|error| unreachable(&self.prestage, &error))
    }

    /// Polls a status URL.
    pub(crate) fn poll(&self, url: &Uri) -> Result<Response, Failure> {
        let request = self.agent.get(url).config().timeout_global(Some(POLL_TIMEOUT)).build();
        request.call().and_then(read).map_err(|error| unreachable(url, &error))
    }
}

fn read(mut response: http::Response<Body>) -> Result<Response, Error> {
    let header = |name: HeaderName| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (retry_after, date) = (header(RETRY_AFTER), header(DATE));
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_BODY).lossy_utf8(true).read_to_string()?;
    Ok(Response { status, retry_after, date, body })
}

/// Whether a URL names this machine, which is never reached through a proxy.
fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Names only the host of the URL: the rest is a secret.
fn unreachable(url: &Uri, error: &Error) -> Failure {
    let cause = match error {
        Error::Io(error) => error.kind().to_string(),
        Error::Timeout(_) => "it timed out".to_owned(),
        Error::HostNotFound => "the host is unknown".to_owned(),
        Error::Rustls(error) => format!("no secure connection ({error})"),
        Error::BodyExceedsLimit(_) => "the response is too large".to_owned(),
        _ => "the response is not HTTP".to_owned(),
    };
    Failure::Unreachable { host: url.host().unwrap_or_default().to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_http_url_is_valid() {
        for (url, is_valid) in [
            ("https://relay.example/prestage?token=mfar_x", true),
            (" http://127.0.0.1:8080/prestage\n", true),
            ("relay.example/prestage", false),
            ("ftp://relay.example/", false),
            ("https:///prestage", false),
            ("", false),
        ] {
            assert_eq!(Client::new(&Secret::from(url), None).is_ok(), is_valid, "{url}");
        }
    }

    #[test]
    fn a_token_cannot_inject_a_header() {
        let url = Secret::from("http://relay.example/");
        assert!(Client::new(&url, Some(&Secret::from("mfar_x\n"))).is_ok());
        let injected = Client::new(&url, Some(&Secret::from("mfar_x\r\nHost: y")));
        assert_eq!(injected.err(), Some(Failure::InvalidToken));
    }

    #[test]
    fn loopback_hosts_are_recognised() {
        for (url, expected) in [
            ("http://localhost:1/", true),
            ("http://127.0.0.1:1/", true),
            ("http://[::1]:1/", true),
            ("http://relay.example/", false),
        ] {
            assert_eq!(is_loopback(&url.parse().expect("a URL")), expected, "{url}");
        }
    }
}
