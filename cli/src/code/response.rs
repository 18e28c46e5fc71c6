//! The meaning of a relay's HTTP responses (DESIGN section 3), the same on both edges.

use super::failure::Failure;
use jiff::Timestamp;
use relay::secret::Code;
use relay::status::End;
use serde_json::Value;
use std::time::Duration;
use ureq::http::Uri;

/// An HTTP response, with its body read.
#[derive(Debug, Default)]
pub(crate) struct Response {
    /// The HTTP status code.
    pub(crate) status: u16,
    /// The header `Retry-After`.
    pub(crate) retry_after: Option<String>,
    /// The header `Date`.
    pub(crate) date: Option<String>,
    /// The body.
    pub(crate) body: String,
}

/// The state of a request that has not ended in an error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// No code yet. The duration is the rest of the window, if the response tells it.
    Pending(Option<Duration>),
    /// The code has arrived.
    Complete(Code),
}

/// A request that a relay has opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Its status URL.
    pub(crate) status_url: Uri,
    /// How long it waits, if the response tells it.
    pub(crate) window: Option<Duration>,
}

/// Returns the request in the response to a prestage, which is JSON, or the status URL and nothing else.
pub(crate) fn opened(response: &Response) -> Result<Opened, Failure> {
    if response.status != 200 {
        return Err(response.failure());
    }
    let document = response.document();
    let text = document.get("status_url").and_then(Value::as_str).unwrap_or(response.body.trim());
    let window = document.get("window_seconds").and_then(Value::as_u64).map(Duration::from_secs);
    let url = text.parse().ok().filter(is_http_url);
    let status_url = url.ok_or_else(|| Failure::NotARelay { what: "a page without a status URL".to_owned() })?;
    Ok(Opened { status_url, window })
}

/// Returns the state of the request in the response of a status URL.
pub(crate) fn progress(response: &Response) -> Result<Progress, Failure> {
    let document = response.document();
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    match (response.status, text("status")) {
        // Whatever the status code, the document is more precise.
        (_, Some("error")) => Err(ending(text("reason"), text("message"))),
        (200, Some("pending")) => Ok(Progress::Pending(text("expires_at").and_then(|at| response.time_until(at)))),
        (200, Some("complete")) => {
            text("code").and_then(Code::parse).map(Progress::Complete).ok_or_else(|| without_status(200))
        }
        (200, _) => Err(without_status(200)),
        _ => Err(response.failure()),
    }
}

/// Whether a URL has the scheme http or https, and a host.
pub(crate) fn is_http_url(url: &Uri) -> bool {
    matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some_and(|host| !host.is_empty())
}

fn ending(reason: Option<&str>, message: Option<&str>) -> Failure {
    let message = message.or(reason).unwrap_or("The request ended without a code.").to_owned();
    if reason == Some(End::TimedOut.word()) { Failure::TimedOut(message) } else { Failure::Ended(message) }
}

fn without_status(status: u16) -> Failure {
    Failure::NotARelay { what: format!("a status URL's answer without a status (HTTP {status})") }
}

impl Response {
    fn document(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The failure that a response without the expected content means.
    fn failure(&self) -> Failure {
        let document = self.document();
        match (self.status, document.get("message").and_then(Value::as_str)) {
            // 500, 502 and 504 come from a gateway, and mean the same as the relay's 503.
            (429 | 500..=599, _) => Failure::Busy { status: self.status, retry_after: self.retry_after() },
            (_, Some(message)) => Failure::Refused(message.to_owned()),
            (status, None) => Failure::NotARelay { what: format!("HTTP {status}") },
        }
    }

    /// Parses `Retry-After` in seconds. Its other form, a date, would need a comparison of two clocks (RFC 9110 section
    /// 10.2.3).
    fn retry_after(&self) -> Option<Duration> {
        self.retry_after.as_ref()?.trim().parse().ok().map(Duration::from_secs)
    }

    /// The time until `at` by the server's clock, as this machine's may be wrong.
    fn time_until(&self, at: &str) -> Option<Duration> {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        let server_time = self.date.as_ref().and_then(|date| parser.parse_timestamp(date).ok());
        let remaining = at.parse::<Timestamp>().ok()?.duration_since(server_time.unwrap_or_else(Timestamp::now));
        Some(remaining.try_into().unwrap_or(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sat, 21 Nov 2026 20:00:00 GMT";

    fn response(status: u16, body: &str) -> Response {
        Response { status, body: body.to_owned(), date: Some(DATE.to_owned()), retry_after: Some("7".to_owned()) }
    }

    fn not_a_relay(what: &str) -> Failure {
        Failure::NotARelay { what: what.to_owned() }
    }

    #[test]
    fn prestage_returns_a_status_url_or_a_failure() {
        let url = |response| opened(&response).map(|opened| opened.status_url.to_string());
        assert_eq!(url(response(200, "https://x.example/s?a=b\n")).as_deref(), Ok("https://x.example/s?a=b"));
        let json = response(200, r#"{"status_url":"https://x.example/s","window_seconds":300}"#);
        assert_eq!(opened(&json).map(|opened| opened.window), Ok(Some(Duration::from_mins(5))));
        assert_eq!(url(json).as_deref(), Ok("https://x.example/s"));
        assert_eq!(
            url(response(200, r#"{"status_url":"/status/1"}"#)),
            Err(not_a_relay("a page without a status URL"))
        );
        for body in ["", "<html>", "ftp://x.example/", "/status/1", "https://", "two words"] {
            assert_eq!(url(response(200, body)), Err(not_a_relay("a page without a status URL")), "{body}");
        }
        let refused = response(403, r#"{"error":"not_enrolled","message":"Enrol the mailbox."}"#);
        assert_eq!(url(refused), Err(Failure::Refused("Enrol the mailbox.".to_owned())));
        assert_eq!(url(response(404, "<h1>Not Found</h1>")), Err(not_a_relay("HTTP 404")));
        assert_eq!(url(response(302, "")), Err(not_a_relay("HTTP 302")));
        let seven = Some(Duration::from_secs(7));
        for status in [429, 500, 502, 503, 504] {
            let busy = response(status, r#"{"error":"try_again","message":"m"}"#);
            assert_eq!(url(busy), Err(Failure::Busy { status, retry_after: seven }));
        }
    }

    #[test]
    fn a_status_is_pending_complete_or_a_failure() {
        let code = Code::parse("467266").expect("a code");
        let ended = |message: &str| Err(Failure::Ended(message.to_owned()));
        for (status, body, expected) in [
            (
                200,
                r#"{"status":"pending","expires_at":"2026-11-21T20:05:00Z"}"#,
                Ok(Progress::Pending(Some(Duration::from_mins(5)))),
            ),
            (
                200,
                r#"{"status":"pending","expires_at":"2026-11-21T19:00:00Z"}"#,
                Ok(Progress::Pending(Some(Duration::ZERO))),
            ),
            (200, r#"{"status":"pending","expires_at":"soon"}"#, Ok(Progress::Pending(None))),
            (200, r#"{"status":"pending"}"#, Ok(Progress::Pending(None))),
            (200, r#"{"status":"complete","code":"467266","new":1}"#, Ok(Progress::Complete(code))),
            (200, r#"{"status":"complete","code":467266}"#, Err(without_status(200))),
            (200, r#"{"status":"complete"}"#, Err(without_status(200))),
            (200, r#"{"status":"error","reason":"timed_out","message":"m"}"#, Err(Failure::TimedOut("m".to_owned()))),
            (200, r#"{"status":"error","reason":"superseded","message":"m"}"#, ended("m")),
            (410, r#"{"status":"error","reason":"expired","message":"m"}"#, ended("m")),
            (200, r#"{"status":"error","reason":"revoked"}"#, ended("revoked")),
            (200, r#"{"status":"error"}"#, ended("The request ended without a code.")),
            (200, r#"{"status":"pend"#, Err(without_status(200))),
            (200, "[]", Err(without_status(200))),
            (200, "", Err(without_status(200))),
            (403, "<?xml version=\"1.0\"?><Error/>", Err(not_a_relay("HTTP 403"))),
        ] {
            assert_eq!(progress(&response(status, body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn retry_after_is_parsed_in_seconds() {
        for (header, expected) in [("3", Some(3)), (" 3 ", Some(3)), ("-3", None), (DATE, None), ("", None)] {
            let response = Response { retry_after: Some(header.to_owned()), ..Response::default() };
            assert_eq!(response.retry_after(), expected.map(Duration::from_secs), "{header}");
        }
    }
}
