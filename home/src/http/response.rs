//! The HTTP responses. None may be cached: each shows the state of a moment, and some show a code.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::http::StatusCode;
use serde_json::json;
use service::prestage::Reply;

/// A response, whose body is in memory.
pub(super) type Response = hyper::Response<Full<Bytes>>;

/// A response with this status code, content type and body.
pub(super) fn new(status: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The response that a job replied.
pub(super) fn reply(reply: Reply) -> Response {
    let mut response = new(reply.status, reply.content_type, reply.body);
    if let Some(seconds) = reply.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
    }
    if let Some(location) = reply.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// 410 for expired and unknown status URLs alike, so that a caller cannot tell which ids existed.
pub(super) fn gone() -> Response {
    error(410, "gone", "This status URL has expired or does not exist. Prestage again for a new one.")
}

/// The store did not answer.
pub(super) fn status_unavailable() -> Response {
    let mut response = error(503, "try_again", "The relay cannot read the status now. Try again in a few seconds.");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// The body was not complete within the timeout.
pub(super) fn incomplete_body() -> Response {
    error(400, "invalid_request", "The body was not complete within 10 s. Send all of it.")
}

/// There is no such path.
pub(super) fn not_found() -> Response {
    error(404, "not_found", "There is nothing at this path. POST to /prestage, then poll the URL in its response.")
}

/// The path does not accept this method.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let mut response = error(
        405,
        "wrong_method",
        "This path does not accept this method. POST to /prestage, GET the URL in its response.",
    );
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

fn error(status: u16, word: &str, message: &str) -> Response {
    new(status, "application/json", json!({"error": word, "message": message}).to_string())
}
