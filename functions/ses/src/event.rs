//! The event by which SES announces a stored mail
//! (<https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>).
//!
//! It is read field by field: a field that is missing or of another type is `None`, and unknown fields are ignored.

use jiff::Timestamp;
use relay::address::Address;
use relay::id::MessageId;
use relay::verdict::mail::{Envelope, Scan};
use serde_json::Value;

/// The mails that an event announces. A record that names no stored mail is left out: nothing can be done about it.
///
/// `now` stands in for a missing time of acceptance.
pub fn mails(event: &Value, now: Timestamp) -> Vec<Envelope> {
    let records = event.get("Records").and_then(Value::as_array);
    records.into_iter().flatten().filter_map(|record| mail(record.get("ses")?, now)).collect()
}

fn mail(ses: &Value, now: Timestamp) -> Option<Envelope> {
    let text = |pointer: &str| ses.pointer(pointer).and_then(Value::as_str);
    let time = |pointer: &str| text(pointer).and_then(|text| text.parse().ok());
    Some(Envelope {
        id: MessageId::parse(text("/mail/messageId")?)?,
        // `receipt.timestamp` is when the action ran, which SES retries for 36 hours.
        accepted_at: time("/mail/timestamp").or_else(|| time("/receipt/timestamp")).unwrap_or(now),
        recipients: recipients(ses),
        sender: text("/mail/source").and_then(Address::parse),
        scan: Scan { is_spam: has_failed(ses, "spamVerdict"), has_virus: has_failed(ses, "virusVerdict") },
    })
}

/// The envelope recipients. `mail.destination` comes from headers that anyone can write, so it counts only if the envelope
/// is missing.
fn recipients(ses: &Value) -> Vec<Address> {
    let list = |pointer: &str| ses.pointer(pointer).and_then(Value::as_array);
    let found = list("/receipt/recipients").or_else(|| list("/mail/destination"));
    found.into_iter().flatten().filter_map(Value::as_str).filter_map(Address::parse).collect()
}

/// Whether a verdict is `FAIL`. `GRAY` and `PROCESSING_FAILED` mean that SES does not know.
fn has_failed(ses: &Value, verdict: &str) -> bool {
    ses.pointer(&format!("/receipt/{verdict}/status")).and_then(Value::as_str) == Some("FAIL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-11-21T20:02:00Z".parse().expect("a timestamp")
    }

    #[test]
    fn the_envelope_wins_over_the_headers() {
        let event = json!({"Records": [{"ses": {
            "mail": {"messageId": "m1", "source": "me@gmail.com", "timestamp": "2026-11-21T20:01:10.000Z", "destination": ["other@mfa.example.com"]},
            "receipt": {"recipients": ["arlo@mfa.example.com"], "timestamp": "2026-11-21T20:01:12.000Z", "spamVerdict": {"status": "GRAY"}, "dmarcPolicy": "reject"},
            "news": {}
        }}]});
        let [mail] = &mails(&event, now())[..] else { panic!("not one mail") };
        assert_eq!(mail.recipients.iter().map(Address::as_str).collect::<Vec<_>>(), ["arlo@mfa.example.com"]);
        assert_eq!(mail.accepted_at.to_string(), "2026-11-21T20:01:10Z");
        assert_eq!(mail.scan, Scan::default());
    }

    #[test]
    fn everything_but_the_message_id_may_be_missing() {
        let event = json!({"Records": [{"ses": {"mail": {"messageId": "m1"}}}]});
        let [mail] = &mails(&event, now())[..] else { panic!("not one mail") };
        assert_eq!((mail.accepted_at, mail.recipients.len(), mail.sender.is_none()), (now(), 0, true));
        assert!(mails(&json!({"Records": [{"ses": {"mail": {"messageId": "../x"}}}, {}, 1]}), now()).is_empty());
    }

    #[test]
    fn only_a_verdict_that_failed_counts() {
        for (spam, virus, expected) in [
            ("PASS", "PASS", Scan { is_spam: false, has_virus: false }),
            ("FAIL", "PASS", Scan { is_spam: true, has_virus: false }),
            ("FAIL", "FAIL", Scan { is_spam: true, has_virus: true }),
            ("GRAY", "PROCESSING_FAILED", Scan { is_spam: false, has_virus: false }),
        ] {
            let event = json!({"Records": [{"ses": {
                "mail": {"messageId": "m1"},
                "receipt": {"spamVerdict": {"status": spam}, "virusVerdict": {"status": virus}},
            }}]});
            assert_eq!(mails(&event, now()).first().map(|mail| mail.scan), Some(expected), "{spam} {virus}");
        }
    }

    const NAMES: &[&str] = &[
        "Records",
        "ses",
        "mail",
        "receipt",
        "messageId",
        "timestamp",
        "recipients",
        "destination",
        "source",
        "spamVerdict",
        "status",
    ];

    /// JSON of any shape whose objects use these names, so that the reader is led deep into it.
    fn any_event() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "\\PC{0,20}".prop_map(Value::from)];
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(prop::sample::select(NAMES), inner, 0..6)
                    .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_event_is_read_without_panic(event in any_event()) {
            mails(&event, now());
            mails(&json!({"Records": [{"ses": event}]}), now());
        }
    }
}
