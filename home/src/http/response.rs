//! Answers over HTTP. Nobody may keep one: each shows a moment, and some show a code.

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::http::StatusCode;
use serde_json::json;
use service::prestage::Reply;
use std::borrow::Cow;

/// An answer.
pub(super) type Page = Response<Full<Bytes>>;

/// The answer with this status, type and body.
pub(super) fn page(status: u16, content_type: &'static str, body: Cow<'static, str>) -> Page {
    let mut page = Response::new(Full::new(Bytes::from(body.into_owned())));
    *page.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

/// Prestage's answer.
pub(super) fn reply(reply: Reply) -> Page {
    let mut page = page(reply.status, reply.content_type, Cow::Owned(reply.body));
    if let Some(seconds) = reply.retry_after {
        page.headers_mut().insert(RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
    }
    page
}

/// A status URL after its time, and one that never was: the same, for nobody need learn which.
pub(super) fn gone() -> Page {
    error(410, "gone", "This status URL is over, or never was one. Prestage again for a new one.")
}

/// The store did not answer.
pub(super) fn troubled() -> Page {
    let mut page = error(503, "try_again", "The relay cannot read the status right now: try again in a few seconds.");
    page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    page
}

/// The body did not come to its end in time.
pub(super) fn broken_off() -> Page {
    error(400, "invalid_request", "The body did not come to its end within 10 s. Send it whole.")
}

/// Somewhere else than prestage and status.
pub(super) fn no_such_page() -> Page {
    error(404, "not_found", "There is nothing here. POST to /prestage, then poll the URL that it answers.")
}

/// The right place, asked in the wrong way.
pub(super) fn wrong_method(allowed: &'static str) -> Page {
    let mut page = error(405, "wrong_method", "POST to /prestage, and GET the URL that it answers.");
    page.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    page
}

fn error(status: u16, word: &str, message: &str) -> Page {
    page(status, "application/json", Cow::Owned(json!({"error": word, "message": message}).to_string()))
}
