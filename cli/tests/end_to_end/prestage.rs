//! The contract of prestage (DESIGN section 3.1), with the same calls as the tests of the AWS stack.

use crate::start_relay;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use test_support::{Enrolment, Relay, Response, get, post, send_raw};

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

/// Replaces the placeholders in a case.
fn fill(text: &str, enrolment: &Enrolment) -> String {
    let text = text.replace("{mailbox}", &enrolment.mailbox).replace("{token}", &enrolment.token);
    text.replace("{relay_address}", &enrolment.relay_address)
}

fn call(relay: &Relay, headers: &[(&str, &[u8])], query: &str, body: &[u8]) -> Response {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
    post(&relay.url(&format!("/prestage{query}")), &headers, body)
}

fn assert_error(response: &Response, status: u16, error: &str, enrolment: &Enrolment) {
    assert_eq!(response.status, status, "{}", response.body);
    assert_eq!(response.header("content-type"), "application/json");
    let document = response.json();
    assert_eq!(document["error"], error);
    assert!(
        document["message"].is_string() && document.as_object().is_some_and(|fields| fields.len() == 2),
        "{document}"
    );
    for secret in [&enrolment.mailbox, &enrolment.relay_address, &enrolment.token] {
        assert!(!response.body.contains(secret));
    }
}

#[test]
fn every_call_of_the_contract_gets_its_response() {
    let path = format!("{}/../tests/contract/prestage.json", env!("CARGO_MANIFEST_DIR"));
    let contract: Contract =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the contract")).expect("valid JSON");
    let relay = start_relay();
    let enrolment = relay.add_mailbox("garden.gate@gmail.com");
    for case in contract.cases {
        let filled: Vec<_> =
            case.headers.iter().map(|(name, value)| (name.as_str(), fill(value, &enrolment))).collect();
        let headers: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let response = call(&relay, &headers, &fill(&case.query, &enrolment), fill(&case.body, &enrolment).as_bytes());
        if let Some(error) = case.error {
            assert_error(&response, case.status, &error, &enrolment);
        } else {
            assert_eq!(response.status, case.status, "{}: {}", case.name, response.body);
            assert_eq!(response.header("content-type"), "text/plain; charset=utf-8");
            assert!(response.body.starts_with(&relay.url("/status/")), "{}", case.name);
        }
        assert_eq!(response.header("cache-control"), "no-store", "{}", case.name);
    }
}

#[test]
fn a_client_that_asks_for_json_gets_it() {
    let relay = start_relay();
    let enrolment = relay.add_mailbox("me@gmail.com");
    let bearer = format!("Bearer {}", enrolment.token);
    let headers: [(&str, &[u8]); 2] = [("Authorization", bearer.as_bytes()), ("Accept", b"application/json")];
    let opened = call(&relay, &headers, "", br#"{"email": "me@gmail.com"}"#).json();
    let status = get(opened["status_url"].as_str().expect("a URL")).json();
    assert_eq!(status, json!({"status": "pending", "expires_at": opened["expires_at"]}));
    assert_eq!(opened["window_seconds"], 300);
}

#[test]
fn invalid_utf8_and_large_bodies_get_an_error() {
    let relay = start_relay();
    let enrolment = relay.add_mailbox("garden.gate@gmail.com");
    let bearer = format!("Bearer {}", enrolment.token);
    let headers: [(&str, &[u8]); 1] = [("Authorization", bearer.as_bytes())];
    assert_error(&call(&relay, &headers, "", b"\xff\xfe\x00"), 400, "invalid_request", &enrolment);
    let megabyte = json!({"email": "garden.gate@gmail.com", "more": "x".repeat(1_000_000)}).to_string();
    assert_error(&call(&relay, &headers, "", megabyte.as_bytes()), 413, "too_large", &enrolment);
    let body = br#"{"email": "garden.gate@gmail.com"}"#;
    let response = send_raw(
        &relay.http,
        &[
            b"POST /prestage HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \xfc\xfc\r\n".as_slice(),
            format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(),
            body,
        ]
        .concat(),
    );
    assert!(response.starts_with("HTTP/1.1 403") && response.contains("not_enrolled"), "{response}");
}

#[test]
fn a_wrong_token_and_an_unknown_mailbox_get_the_same_response() {
    let relay = start_relay();
    let enrolment = relay.add_mailbox("me@gmail.com");
    let ask = |email: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers: [(&str, &[u8]); 1] = [("Authorization", bearer.as_bytes())];
        let response = call(&relay, &headers, "", json!({"email": email}).to_string().as_bytes());
        let headers: Vec<_> = response
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        (response.status, headers, response.body)
    };
    let wrong = format!("mfar_{}", "A".repeat(43));
    let responses =
        [ask("me@gmail.com", &wrong), ask("nobody@gmail.com", &enrolment.token), ask("me@gmail.com", "none at all")];
    assert_eq!(responses[0], responses[1]);
    assert_eq!(responses[0], responses[2]);
}

#[test]
fn other_paths_and_methods_get_an_error_that_names_the_right_one() {
    let relay = start_relay();
    for (path, status) in [("/", 404), ("/prestage/", 404), ("/prestage", 405), ("/status", 404), ("/status/", 410)] {
        let response = get(&relay.url(path));
        assert_eq!(response.status, status, "{path}");
        assert!(matches!(response.json()["message"], Value::String(_)));
    }
    assert_eq!(post(&relay.url(&format!("/status/{}", "0".repeat(32))), &[], b"").status, 405);
}
