//! What a relay's answers mean (DESIGN section 3), AWS's and this program's alike.

use super::failure::Failure;
use jiff::Timestamp;
use relay::secret::Code;
use relay::status::End;
use serde_json::Value;
use std::time::Duration;
use ureq::http::Uri;

/// An HTTP answer, read to its end.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The HTTP status code.
    pub(super) status: u16,
    /// The header `Retry-After`.
    pub(super) retry_after: Option<String>,
    /// The header `Date`.
    pub(super) date: Option<String>,
    /// The body.
    pub(super) body: String,
}

/// What a status URL shows of a request that has not failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The code is not here; so much is left of the window.
    Pending(Option<Duration>),
    /// The code.
    Complete(Code),
}

/// Where the code will appear, by prestage's answer.
pub(super) fn status_url(answer: &Answer) -> Result<Uri, Failure> {
    if answer.status != 200 {
        return Err(answer.failure());
    }
    let url = answer.body.trim().parse().ok().filter(is_web);
    url.ok_or_else(|| Failure::NotARelay { what: "a page without a status URL".to_owned() })
}

/// What the status URL shows.
pub(super) fn seen(answer: &Answer) -> Result<Seen, Failure> {
    let document = answer.document();
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    match (answer.status, text("status")) {
        // The last answers come with a status code of their own: the document says more.
        (_, Some("error")) => Err(ending(text("reason"), text("message"))),
        (200, Some("pending")) => Ok(Seen::Pending(text("expires_at").and_then(|at| answer.until(at)))),
        (200, Some("complete")) => text("code").and_then(Code::parse).map(Seen::Complete).ok_or_else(|| no_status(200)),
        (200, _) => Err(no_status(200)),
        _ => Err(answer.failure()),
    }
}

/// Whether something can be asked of an address.
pub(super) fn is_web(url: &Uri) -> bool {
    matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some_and(|host| !host.is_empty())
}

fn ending(reason: Option<&str>, message: Option<&str>) -> Failure {
    let message = message.or(reason).unwrap_or("The request ended without a code.").to_owned();
    if reason == Some(End::TimedOut.word()) { Failure::TimedOut(message) } else { Failure::Ended(message) }
}

fn no_status(status: u16) -> Failure {
    Failure::NotARelay { what: format!("a status URL's answer without a status (HTTP {status})") }
}

impl Answer {
    fn document(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// What an answer means that holds nothing of what was asked for.
    fn failure(&self) -> Failure {
        let document = self.document();
        match (self.status, document.get("message").and_then(Value::as_str)) {
            // A gateway's own 500, 502 and 504 mean what the relay's 503 means.
            (429 | 500..=599, _) => Failure::Busy { status: self.status, retry_after: self.retry_after() },
            (_, Some(message)) => Failure::Refused(message.to_owned()),
            (status, None) => Failure::NotARelay { what: format!("HTTP {status}") },
        }
    }

    /// In seconds; the header's other form, a date, is not worth a second clock (RFC 9110 section 10.2.3).
    fn retry_after(&self) -> Option<Duration> {
        self.retry_after.as_ref()?.trim().parse().ok().map(Duration::from_secs)
    }

    /// The time until then by the clock of who answers, for this machine's may be wrong.
    fn until(&self, at: &str) -> Option<Duration> {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        let theirs = self.date.as_ref().and_then(|date| parser.parse_timestamp(date).ok());
        let left = at.parse::<Timestamp>().ok()?.duration_since(theirs.unwrap_or_else(Timestamp::now));
        Some(left.try_into().unwrap_or(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sat, 21 Nov 2026 20:00:00 GMT";

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.to_owned(), date: Some(DATE.to_owned()), retry_after: Some("7".to_owned()) }
    }

    fn not_a_relay(what: &str) -> Failure {
        Failure::NotARelay { what: what.to_owned() }
    }

    #[test]
    fn prestage_answers_a_url_or_a_reason() {
        let url = |answer| status_url(&answer).map(|url| url.to_string());
        assert_eq!(url(answer(200, "https://x.example/s?a=b\n")).as_deref(), Ok("https://x.example/s?a=b"));
        for body in ["", "<html>", "ftp://x.example/", "/status/1", "https://", "two words"] {
            assert_eq!(url(answer(200, body)), Err(not_a_relay("a page without a status URL")), "{body}");
        }
        let refused = answer(403, r#"{"error":"not_enrolled","message":"Enrol the mailbox."}"#);
        assert_eq!(url(refused), Err(Failure::Refused("Enrol the mailbox.".to_owned())));
        assert_eq!(url(answer(404, "<h1>Not Found</h1>")), Err(not_a_relay("HTTP 404")));
        assert_eq!(url(answer(302, "")), Err(not_a_relay("HTTP 302")));
        let seven = Some(Duration::from_secs(7));
        for status in [429, 500, 502, 503, 504] {
            let busy = answer(status, r#"{"error":"try_again","message":"m"}"#);
            assert_eq!(url(busy), Err(Failure::Busy { status, retry_after: seven }));
        }
    }

    #[test]
    fn a_status_is_pending_complete_or_the_end() {
        let code = Code::parse("467266").expect("a code");
        let ended = |message: &str| Err(Failure::Ended(message.to_owned()));
        for (status, body, expected) in [
            (
                200,
                r#"{"status":"pending","expires_at":"2026-11-21T20:05:00Z"}"#,
                Ok(Seen::Pending(Some(Duration::from_mins(5)))),
            ),
            (
                200,
                r#"{"status":"pending","expires_at":"2026-11-21T19:00:00Z"}"#,
                Ok(Seen::Pending(Some(Duration::ZERO))),
            ),
            (200, r#"{"status":"pending","expires_at":"soon"}"#, Ok(Seen::Pending(None))),
            (200, r#"{"status":"pending"}"#, Ok(Seen::Pending(None))),
            (200, r#"{"status":"complete","code":"467266","new":1}"#, Ok(Seen::Complete(code))),
            (200, r#"{"status":"complete","code":467266}"#, Err(no_status(200))),
            (200, r#"{"status":"complete"}"#, Err(no_status(200))),
            (200, r#"{"status":"error","reason":"timed_out","message":"m"}"#, Err(Failure::TimedOut("m".to_owned()))),
            (200, r#"{"status":"error","reason":"superseded","message":"m"}"#, ended("m")),
            (410, r#"{"status":"error","reason":"expired","message":"m"}"#, ended("m")),
            (200, r#"{"status":"error","reason":"revoked"}"#, ended("revoked")),
            (200, r#"{"status":"error"}"#, ended("The request ended without a code.")),
            (200, r#"{"status":"pend"#, Err(no_status(200))),
            (200, "[]", Err(no_status(200))),
            (200, "", Err(no_status(200))),
            (403, "<?xml version=\"1.0\"?><Error/>", Err(not_a_relay("HTTP 403"))),
        ] {
            assert_eq!(seen(&answer(status, body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn patience_is_asked_for_in_seconds() {
        for (header, expected) in [("3", Some(3)), (" 3 ", Some(3)), ("-3", None), (DATE, None), ("", None)] {
            let answer = Answer { retry_after: Some(header.to_owned()), ..Answer::default() };
            assert_eq!(answer.retry_after(), expected.map(Duration::from_secs), "{header}");
        }
    }
}
