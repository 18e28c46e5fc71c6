//! The answers of `enroll` for people.

use serde_json::Value;
use std::fmt::Write;

/// What the answer says, line by line.
pub(super) fn told(answer: &Value) -> String {
    let mut story = String::new();
    if answer.get("token").is_some() {
        issued(answer, &mut story);
    } else if let Some(enrolments) = answer.get("enrolments").and_then(Value::as_array) {
        list(enrolments, &mut story);
    } else if answer.get("revoked").is_some() {
        story.push_str("Revoked: the token opens nothing any more, and mail to the relay address is refused.\n");
    } else {
        shown(answer, &mut story);
    }
    story
}

fn issued(answer: &Value, story: &mut String) {
    story.push_str("Keep this: the token is shown this once.\n\n");
    row(story, "relay address", text(answer, "relay_address"));
    row(story, "prestage URL", text(answer, "prestage_url"));
    row(story, "token", text(answer, "token"));
    row(story, "trust", text(answer, "trust"));
    story.push_str(
        "\nForward the mailbox's code mails to the relay address, and give the prestage URL to the client.\n",
    );
}

fn list(enrolments: &[Value], story: &mut String) {
    if enrolments.is_empty() {
        story.push_str("No mailbox is enrolled. Enrol one with: mfa-relay enroll add me@gmail.com\n");
    }
    for enrolment in enrolments {
        let label = Some(text(enrolment, "label")).filter(|label| !label.is_empty()).unwrap_or("(no label)");
        let rotated = Some(text(enrolment, "rotated_at")).filter(|at| !at.is_empty());
        let rotated = rotated.map(|at| format!(", token renewed {at}")).unwrap_or_default();
        let _ = writeln!(story, "{label:<24} enrolled {}{rotated}", text(enrolment, "created_at"));
    }
}

fn shown(answer: &Value, story: &mut String) {
    let or = |name: &str, nothing: &'static str| match text(answer, name) {
        "" => nothing.to_owned(),
        value => value.to_owned(),
    };
    row(story, "relay address", text(answer, "relay_address"));
    row(story, "trust", text(answer, "trust"));
    row(story, "label", &or("label", "-"));
    row(story, "enrolled", text(answer, "created_at"));
    row(story, "token renewed", &or("rotated_at", "never"));
    row(story, "last mail", &or("mail_arrived_at", "none yet: check the mailbox's forwarding"));
    row(story, "refused for", &or("last_refusal", "-"));
    if let Some(confirmation) = answer.get("gmail_confirmation").filter(|waiting| !waiting.is_null()) {
        story.push_str("\nGmail asks whether forwarding is wanted. If you asked for it, open this link:\n");
        row(story, "link", text(confirmation, "link"));
        if confirmation.get("code").is_some_and(Value::is_string) {
            row(story, "or type", text(confirmation, "code"));
        }
    }
}

fn row(story: &mut String, name: &str, value: &str) {
    let _ = writeln!(story, "  {name:<14} {value}");
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap_or_default()
}
