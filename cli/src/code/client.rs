//! HTTP: one question, one answer.

use super::failure::Failure;
use super::response::{Answer, is_web};
use super::secret::Secret;
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, Error, Proxy};

/// How long prestage may take. API Gateway gives up on a function after 30 s; one that starts cold takes one.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a look at the status may take: what hangs longer is sooner had by asking again.
const GLANCE: Duration = Duration::from_secs(5);

/// The largest answer that is read, in bytes: a status document has 300.
const LARGEST_ANSWER: u64 = 64 << 10;

/// Who asks a relay.
pub(super) struct Client {
    agent: Agent,
    prestage: Uri,
    authorization: Option<HeaderValue>,
}

impl Client {
    /// A client of the relay with this prestage URL; the token may be in the URL instead.
    pub(super) fn new(prestage: &Secret, token: Option<&Secret>) -> Result<Self, Failure> {
        let prestage: Uri = prestage.reveal().trim().parse().ok().filter(is_web).ok_or(Failure::NotAUrl)?;
        let bearer = |token: &Secret| HeaderValue::try_from(format!("Bearer {}", token.reveal().trim()));
        let authorization = token.map(bearer).transpose().map_err(|_| Failure::NotAToken)?;
        let proxy = if is_this_machine(&prestage) { None } else { Proxy::try_from_env() };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // A prestage that has moved is to be pasted anew: its token must not follow wherever somebody points.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .timeout_global(Some(PATIENCE))
            .user_agent(concat!("mfa-relay/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, prestage, authorization })
    }

    /// Opens a request.
    pub(super) fn prestage(&self, ask: &Value) -> Result<Answer, Failure> {
        let mut request = self.agent.post(&self.prestage).header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request.send(ask.to_string()).and_then(read).map_err(|error| unreachable(&self.prestage, &error))
    }

    /// Looks at a status.
    pub(super) fn status(&self, url: &Uri) -> Result<Answer, Failure> {
        let request = self.agent.get(url).config().timeout_global(Some(GLANCE)).build();
        request.call().and_then(read).map_err(|error| unreachable(url, &error))
    }
}

fn read(mut response: Response<Body>) -> Result<Answer, Error> {
    let header = |name: HeaderName| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (retry_after, date) = (header(RETRY_AFTER), header(DATE));
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LARGEST_ANSWER).lossy_utf8(true).read_to_string()?;
    Ok(Answer { status, retry_after, date, body })
}

/// A proxy leads to other machines, so the relay on this one is never asked through it.
fn is_this_machine(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Only the host is named: the rest of a URL is a secret.
fn unreachable(url: &Uri, error: &Error) -> Failure {
    let cause = match error {
        Error::Io(error) => error.kind().to_string(),
        Error::Timeout(_) => "nothing came in time".to_owned(),
        Error::HostNotFound => "there is no such host".to_owned(),
        Error::Rustls(error) => format!("no secure connection ({error})"),
        Error::BodyExceedsLimit(_) => "the answer is far too long".to_owned(),
        _ => "the answer is not HTTP".to_owned(),
    };
    Failure::Unreachable { host: url.host().unwrap_or_default().to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_web_address_can_be_asked() {
        for (url, holds) in [
            ("https://relay.example/prestage?token=mfar_x", true),
            (" http://127.0.0.1:8080/prestage\n", true),
            ("relay.example/prestage", false),
            ("ftp://relay.example/", false),
            ("https:///prestage", false),
            ("", false),
        ] {
            assert_eq!(Client::new(&Secret::from(url), None).is_ok(), holds, "{url}");
        }
    }

    #[test]
    fn a_token_fits_into_a_header() {
        let url = Secret::from("http://relay.example/");
        assert!(Client::new(&url, Some(&Secret::from("mfar_x\n"))).is_ok());
        let split = Client::new(&url, Some(&Secret::from("mfar_x\r\nHost: y")));
        assert_eq!(split.err(), Some(Failure::NotAToken));
    }

    #[test]
    fn this_machine_has_several_names() {
        for (url, own) in [
            ("http://localhost:1/", true),
            ("http://127.0.0.1:1/", true),
            ("http://[::1]:1/", true),
            ("http://relay.example/", false),
        ] {
            assert_eq!(is_this_machine(&url.parse().expect("a URL")), own, "{url}");
        }
    }
}
