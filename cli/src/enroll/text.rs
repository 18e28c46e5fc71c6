//! The answers of `enroll` as text for people.

use serde_json::Value;
use std::fmt::Write;

/// Formats an answer, several lines long.
pub(super) fn of(answer: &Value) -> String {
    let mut text = String::new();
    if answer.get("token").is_some() {
        issued(answer, &mut text);
    } else if let Some(enrolments) = answer.get("enrolments").and_then(Value::as_array) {
        list(enrolments, &mut text);
    } else if answer.get("revoked").is_some() {
        text.push_str("Revoked: the token no longer works.\n");
    } else if answer.get("relay_address").is_none() {
        programs(answer, &mut text);
    } else {
        shown(answer, &mut text);
    }
    text
}

fn issued(answer: &Value, text: &mut String) {
    text.push_str("Save this now: the token is shown only this once.\n\n");
    row(text, "relay address", field(answer, "relay_address"));
    row(text, "prestage URL", field(answer, "prestage_url"));
    row(text, "token", field(answer, "token"));
    row(text, "trust", field(answer, "trust"));
    row(text, "program", field(answer, "label"));
    let senders = answer.get("senders").and_then(Value::as_array).into_iter().flatten();
    let senders: Vec<&str> = senders.filter_map(Value::as_str).collect();
    let _ = write!(
        text,
        "\nForward the mailbox's code mails (From: {}) to the relay address, and give the prestage URL to the client.\n",
        senders.join(" or ")
    );
}

fn list(enrolments: &[Value], text: &mut String) {
    if enrolments.is_empty() {
        text.push_str("No mailbox is enrolled. Enrol one with: mfa-relay enroll add me@gmail.com\n");
    }
    for enrolment in enrolments {
        let _ = writeln!(
            text,
            "enrolled {}, last mail {}",
            field(enrolment, "created_at"),
            or(enrolment, "mail_arrived_at", "none yet")
        );
        programs(enrolment, text);
    }
}

/// One line for each program.
fn programs(answer: &Value, text: &mut String) {
    for program in answer.get("programs").and_then(Value::as_array).into_iter().flatten() {
        let (label, last_used) = (field(program, "label"), or(program, "last_used_at", "never"));
        let since = or(program, "rotated_at", field(program, "created_at"));
        let _ = writeln!(text, "  {label:<24} token of {since}, last used {last_used}");
    }
}

fn shown(answer: &Value, text: &mut String) {
    row(text, "relay address", field(answer, "relay_address"));
    row(text, "trust", field(answer, "trust"));
    row(text, "", field(answer, "trust_means"));
    row(text, "enrolled", field(answer, "created_at"));
    row(text, "last mail", or(answer, "mail_arrived_at", "none yet: check the mailbox's forwarding"));
    row(text, "refused for", or(answer, "last_refusal", "-"));
    if let Some(advice) = answer.get("advice").and_then(Value::as_str) {
        row(text, "what to do", advice);
    }
    text.push_str("\nPrograms:\n");
    programs(answer, text);
    if let Some(confirmation) = answer.get("gmail_confirmation").filter(|waiting| !waiting.is_null()) {
        text.push_str("\nGmail asks whether forwarding is wanted. If you asked for it, open this link:\n");
        row(text, "link", field(confirmation, "link"));
        if confirmation.get("code").is_some_and(Value::is_string) {
            row(text, "or type", field(confirmation, "code"));
        }
    }
}

fn row(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "  {name:<14} {value}");
}

/// A field that holds a string, or `default` if it is missing or empty.
fn or<'a>(answer: &'a Value, name: &str, default: &'a str) -> &'a str {
    Some(field(answer, name)).filter(|value| !value.is_empty()).unwrap_or(default)
}

/// A field that holds a string; empty if it is missing.
fn field<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap_or_default()
}
