//! The contract of prestage (DESIGN section 3.1): the calls that the AWS stack is asked as well, and the same answers.

use crate::client::{Answer, get, post, raw};
use crate::relay::{Enrolment, Relay};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Contract {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    headers: BTreeMap<String, String>,
    query: String,
    body: String,
    status: u16,
    error: Option<String>,
}

impl Enrolment {
    fn fill(&self, text: &str) -> String {
        let text = text.replace("{mailbox}", &self.mailbox).replace("{token}", &self.token);
        text.replace("{relay_address}", &self.relay_address)
    }
}

fn call(relay: &Relay, headers: &[(&str, &[u8])], query: &str, body: &[u8]) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
    post(&relay.url(&format!("/prestage{query}")), &headers, body)
}

fn assert_error(answer: &Answer, status: u16, error: &str, enrolment: &Enrolment) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.json();
    assert_eq!(told["error"], error);
    assert!(told["message"].is_string() && told.as_object().is_some_and(|told| told.len() == 2), "{told}");
    for secret in [&enrolment.mailbox, &enrolment.relay_address, &enrolment.token] {
        assert!(!answer.body.contains(secret));
    }
}

#[test]
fn every_call_of_the_contract_gets_its_answer() {
    let path = format!("{}/../tests/contract/prestage.json", env!("CARGO_MANIFEST_DIR"));
    let contract: Contract =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the contract")).expect("in its form");
    let relay = Relay::start();
    let enrolment = relay.enrolled("garden.gate@gmail.com");
    for case in contract.cases {
        let filled: Vec<_> = case.headers.iter().map(|(name, value)| (name.as_str(), enrolment.fill(value))).collect();
        let headers: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let answer = call(&relay, &headers, &enrolment.fill(&case.query), enrolment.fill(&case.body).as_bytes());
        if let Some(error) = case.error {
            assert_error(&answer, case.status, &error, &enrolment);
        } else {
            assert_eq!(answer.status, case.status, "{}: {}", case.name, answer.body);
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
            assert!(answer.body.starts_with(&relay.url("/status/")), "{}", case.name);
        }
        assert_eq!(answer.header("cache-control"), "no-store", "{}", case.name);
    }
}

#[test]
fn a_client_that_asks_for_json_gets_it() {
    let relay = Relay::start();
    let enrolment = relay.enrolled("me@gmail.com");
    let bearer = format!("Bearer {}", enrolment.token);
    let headers: [(&str, &[u8]); 2] = [("Authorization", bearer.as_bytes()), ("Accept", b"application/json")];
    let told = call(&relay, &headers, "", br#"{"email": "me@gmail.com"}"#).json();
    let status = get(told["status_url"].as_str().expect("a URL")).json();
    assert_eq!(status, json!({"status": "pending", "expires_at": told["expires_at"]}));
    assert_eq!(told["window_seconds"], 300);
}

#[test]
fn what_is_no_text_and_what_is_too_much_is_answered_as_well() {
    let relay = Relay::start();
    let enrolment = relay.enrolled("garden.gate@gmail.com");
    let bearer = format!("Bearer {}", enrolment.token);
    let headers: [(&str, &[u8]); 1] = [("Authorization", bearer.as_bytes())];
    assert_error(&call(&relay, &headers, "", b"\xff\xfe\x00"), 400, "invalid_request", &enrolment);
    let megabyte = json!({"email": "garden.gate@gmail.com", "more": "x".repeat(1_000_000)}).to_string();
    assert_error(&call(&relay, &headers, "", megabyte.as_bytes()), 413, "too_large", &enrolment);
    let body = br#"{"email": "garden.gate@gmail.com"}"#;
    let answer = raw(
        &relay.http,
        &[
            b"POST /prestage HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \xfc\xfc\r\n".as_slice(),
            format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(),
            body,
        ]
        .concat(),
    );
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("not_enrolled"), "{answer}");
}

#[test]
fn a_wrong_token_and_an_unknown_mailbox_answer_alike() {
    let relay = Relay::start();
    let enrolment = relay.enrolled("me@gmail.com");
    let ask = |email: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers: [(&str, &[u8]); 1] = [("Authorization", bearer.as_bytes())];
        let answer = call(&relay, &headers, "", json!({"email": email}).to_string().as_bytes());
        let headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        (answer.status, headers, answer.body)
    };
    let wrong = format!("mfar_{}", "A".repeat(43));
    let answers =
        [ask("me@gmail.com", &wrong), ask("nobody@gmail.com", &enrolment.token), ask("me@gmail.com", "none at all")];
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[test]
fn everything_else_over_http_is_told_where_to_go() {
    let relay = Relay::start();
    for (path, status) in [("/", 404), ("/prestage/", 404), ("/prestage", 405), ("/status", 404), ("/status/", 410)] {
        let answer = get(&relay.url(path));
        assert_eq!(answer.status, status, "{path}");
        assert!(matches!(answer.json()["message"], Value::String(_)));
    }
    assert_eq!(post(&relay.url(&format!("/status/{}", "0".repeat(32))), &[], b"").status, 405);
}
