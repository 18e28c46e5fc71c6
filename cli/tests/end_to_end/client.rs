//! A client program: prestages, polls.

use crate::relay::{Enrolment, Relay, eventually};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use ureq::Agent;
use ureq::http::HeaderMap;

/// An HTTP answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("a text")).unwrap_or_default()
    }
}

pub(crate) fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
    config.build().new_agent()
}

pub(crate) fn post(url: &str, headers: &[(String, Vec<u8>)], body: &[u8]) -> Answer {
    let mut request = agent().post(url);
    for (name, value) in headers {
        request = request.header(name, value.as_slice());
    }
    answered(request.send(body).expect("an answer"))
}

pub(crate) fn get(url: &str) -> Answer {
    answered(agent().get(url).call().expect("an answer"))
}

/// Sends what no client library would, and gives all that is answered.
pub(crate) fn raw(http: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(http).expect("a connection");
    stream.write_all(request).expect("heard");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

fn answered(response: ureq::http::Response<ureq::Body>) -> Answer {
    let (head, mut body) = response.into_parts();
    let body = body.read_to_string().expect("a body");
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

/// A login: the status URL that prestage gave.
pub(crate) fn prestage(enrolment: &Enrolment) -> String {
    let answer = post(&enrolment.prestage_url, &[], json!({"email": enrolment.mailbox}).to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

pub(crate) fn poll(status_url: &str) -> Value {
    get(status_url).json()
}

/// The code at a status URL, as a text, or what stands there instead.
pub(crate) fn code(status_url: &str) -> String {
    let status = poll(status_url);
    status["code"].as_str().map_or_else(|| status.to_string(), str::to_owned)
}

/// Polls until the request has ended, and gives its reason.
pub(crate) fn end(status_url: &str) -> String {
    let mut last = Value::Null;
    let ended = eventually(|| {
        last = poll(status_url);
        last["status"] == "error"
    });
    assert!(ended, "it does not end: {last}");
    last["reason"].as_str().expect("a reason").to_owned()
}

impl Relay {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }
}
