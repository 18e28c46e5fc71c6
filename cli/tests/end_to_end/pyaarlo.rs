//! pyaarlo's REST dialect (DESIGN section 3.5), with the same calls as the tests of the AWS stack.

use crate::start_relay;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use test_support::{Enrolment, Relay, code_mail, deliver, get, send_raw};

#[derive(Deserialize)]
struct Contract {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    status: u16,
    success: bool,
    location: Option<String>,
}

impl Case {
    /// Makes the call. Returns the response's head and its document.
    fn call(&self, relay: &Relay, enrolment: &Enrolment) -> (String, Value) {
        let fill = |text: &str| text.replace("{mailbox}", &enrolment.mailbox).replace("{token}", &enrolment.token);
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}: {}\r\n", fill(value))).collect();
        let request = format!(
            "{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n{}\r\n",
            self.method,
            fill(&self.path),
            headers.concat(),
        );
        let response = send_raw(&relay.http, request.as_bytes());
        let (head, body) = response.split_once("\r\n\r\n").expect("a response");
        (head.to_ascii_lowercase(), serde_json::from_str(body).expect("JSON"))
    }
}

#[test]
fn every_call_of_the_contract_gets_its_response() {
    let path = format!("{}/../tests/contract/pyaarlo.json", env!("CARGO_MANIFEST_DIR"));
    let contract: Contract =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the contract")).expect("valid JSON");
    let relay = start_relay();
    let enrolment = relay.add_mailbox("garden.gate@gmail.com");
    for case in contract.cases {
        let (head, document) = case.call(&relay, &enrolment);
        let name = &case.name;
        assert!(head.starts_with(&format!("http/1.1 {} ", case.status)), "{name}: {head}");
        assert!(head.contains("\r\ncontent-type: application/json\r\n") && head.contains("no-store"), "{name}: {head}");
        let location = head.lines().find_map(|line| line.strip_prefix("location: "));
        let expected = case.location.map(|location| location.to_ascii_lowercase());
        assert_eq!(location.is_some(), expected.is_some(), "{name}: {head}");
        assert!(location.unwrap_or_default().starts_with(&expected.unwrap_or_default()), "{name}: {head}");
        assert_eq!(document["data"]["success"], case.success, "{name}: {document}");
        assert_eq!(document["meta"]["code"], if case.success { 200 } else { 400 }, "{name}");
        assert!(document["data"]["code"].is_null(), "{name}");
        assert_eq!(document["data"]["error"].is_string(), !case.success, "{name}");
        assert!(!document.to_string().contains(&enrolment.token) && !head.contains("garden"), "{name}");
    }
}

#[test]
fn a_login_as_pyaarlo_does_it_finds_its_code() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = |operation: &str| relay.url(&format!("/pyaarlo/{operation}?email={}&token={}", me.mailbox, me.token));
    assert_eq!(get(&url("clear")).json()["data"]["success"], true);
    assert_eq!(get(&url("get")).json()["data"]["code"], Value::Null);
    deliver(&relay.smtp, &me.relay_address, &code_mail("467266"));
    let found = get(&url("get")).json();
    assert_eq!((&found["meta"]["code"], &found["data"]["code"]), (&Value::from(200), &Value::from("467266")));
}

#[test]
fn another_method_is_refused() {
    let relay = start_relay();
    let response = send_raw(&relay.http, b"PUT /pyaarlo/get HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(
        response.starts_with("HTTP/1.1 405") && response.to_ascii_lowercase().contains("allow: get, post"),
        "{response}"
    );
}
