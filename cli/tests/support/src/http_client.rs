//! An HTTP client of the relay: prestages and polls.

use crate::relay::{Enrolment, Relay, eventually};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{self, HeaderMap};

/// An HTTP response, with its body read.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Response {
    /// Parses the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// Returns a header field, or the empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII")).unwrap_or_default()
    }
}

/// Returns a client that keeps connections open, and takes every status code as a response.
pub fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
    config.build().new_agent()
}

/// Sends a POST.
pub fn post(url: &str, headers: &[(String, Vec<u8>)], body: &[u8]) -> Response {
    let mut request = agent().post(url);
    for (name, value) in headers {
        request = request.header(name, value.as_slice());
    }
    read(request.send(body).expect("a response"))
}

/// Sends a GET.
pub fn get(url: &str) -> Response {
    read(agent().get(url).call().expect("a response"))
}

/// Sends bytes that no HTTP library would, and returns everything that comes back.
pub fn send_raw(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request).expect("sent");
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("a response");
    String::from_utf8_lossy(&response).into_owned()
}

fn read(response: http::Response<ureq::Body>) -> Response {
    let (head, mut body) = response.into_parts();
    let body = body.read_to_string().expect("a body");
    Response { status: head.status.as_u16(), headers: head.headers, body }
}

/// Opens a request, and returns its status URL.
pub fn prestage(enrolment: &Enrolment) -> String {
    read_url(enrolment, &json!({"email": enrolment.mailbox}))
}

/// Opens a request for this provider's code, and returns its status URL.
pub fn prestage_for(enrolment: &Enrolment, provider: &str) -> String {
    read_url(enrolment, &json!({"email": enrolment.mailbox, "provider": provider}))
}

fn read_url(enrolment: &Enrolment, call: &Value) -> String {
    let response = post(&enrolment.prestage_url, &[], call.to_string().as_bytes());
    assert_eq!(response.status, 200, "{}", response.body);
    response.body
}

/// Returns the status document at a status URL.
pub fn poll(status_url: &str) -> Value {
    get(status_url).json()
}

/// Returns the code at a status URL, or the status document if it holds none.
pub fn code(status_url: &str) -> String {
    let status = poll(status_url);
    let code = status.get("code").and_then(Value::as_str).map(str::to_owned);
    code.unwrap_or_else(|| status.to_string())
}

/// Polls until the request has ended in an error, and returns the reason.
pub fn end_reason(status_url: &str) -> String {
    let mut last = Value::Null;
    let has_ended = eventually(|| {
        last = poll(status_url);
        last.get("status").is_some_and(|status| status == "error")
    });
    assert!(has_ended, "the request does not end: {last}");
    last.get("reason").and_then(Value::as_str).expect("a reason").to_owned()
}

impl Relay {
    /// The URL of a path at this relay.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }
}
