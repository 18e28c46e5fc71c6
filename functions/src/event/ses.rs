//! SES's announcement of a stored mail (FACTS section 3,
//! <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html>).

use jiff::Timestamp;
use relay::address::Address;
use relay::evidence::AMAZON_SES;
use relay::id::MessageId;
use relay::refusal::Refusal;
use serde_json::Value;
use service::receive::{Announcement, Proof};

/// Reads the mails that an event announces. What names no stored mail is left out, for nothing can be done about it.
///
/// `now` stands in for a time of acceptance that is missing.
pub fn announcements(event: &Value, now: Timestamp) -> Vec<Announcement> {
    let records = event.get("Records").and_then(Value::as_array);
    records.into_iter().flatten().filter_map(|record| announcement(record.get("ses")?, now)).collect()
}

fn announcement(ses: &Value, now: Timestamp) -> Option<Announcement> {
    let text = |pointer: &str| ses.pointer(pointer).and_then(Value::as_str);
    let time = |pointer: &str| text(pointer).and_then(|text| text.parse().ok());
    Some(Announcement {
        id: MessageId::parse(text("/mail/messageId")?)?,
        accepted_at: time("/receipt/timestamp").or_else(|| time("/mail/timestamp")).unwrap_or(now),
        recipients: recipients(ses),
        sender: text("/mail/source").and_then(Address::parse),
        screened: screened(ses),
        proof: Proof::Reported(&AMAZON_SES),
    })
}

/// The envelope's recipients. `mail.destination` is read from headers that anyone can write, so it counts only where
/// the envelope is missing.
fn recipients(ses: &Value) -> Vec<Address> {
    let list = |pointer: &str| ses.pointer(pointer).and_then(Value::as_array);
    let found = list("/receipt/recipients").or_else(|| list("/mail/destination"));
    found.into_iter().flatten().filter_map(Value::as_str).filter_map(Address::parse).collect()
}

/// Only a FAIL refuses a mail: GRAY and PROCESSING_FAILED mean that SES does not know.
fn screened(ses: &Value) -> Option<Refusal> {
    let failed = |verdict: &str| {
        ses.pointer(&format!("/receipt/{verdict}/status"))
            .and_then(Value::as_str)
            .is_some_and(|status| status == "FAIL")
    };
    match (failed("virusVerdict"), failed("spamVerdict")) {
        (true, _) => Some(Refusal::Virus),
        (false, true) => Some(Refusal::Spam),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::any_json;
    use proptest::prelude::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-11-21T20:02:00Z".parse().expect("a timestamp")
    }

    #[test]
    fn the_envelope_goes_before_the_headers() {
        let event = json!({"Records": [{"ses": {
            "mail": {"messageId": "m1", "source": "me@gmail.com", "timestamp": "2026-11-21T20:01:10.000Z", "destination": ["other@mfa.example.com"]},
            "receipt": {"recipients": ["arlo@mfa.example.com"], "timestamp": "2026-11-21T20:01:12.000Z", "spamVerdict": {"status": "GRAY"}, "dmarcPolicy": "reject"},
            "news": {}
        }}]});
        let [mail] = &announcements(&event, now())[..] else { panic!("not one mail") };
        assert_eq!(mail.recipients.iter().map(Address::as_str).collect::<Vec<_>>(), ["arlo@mfa.example.com"]);
        assert_eq!(mail.accepted_at.to_string(), "2026-11-21T20:01:12Z");
        assert_eq!(mail.screened, None);
    }

    #[test]
    fn all_but_the_mails_name_may_be_missing() {
        let event = json!({"Records": [{"ses": {"mail": {"messageId": "m1"}}}]});
        let [mail] = &announcements(&event, now())[..] else { panic!("not one mail") };
        assert_eq!((mail.accepted_at, mail.recipients.len(), mail.sender.is_none()), (now(), 0, true));
        assert!(
            announcements(&json!({"Records": [{"ses": {"mail": {"messageId": "../x"}}}, {}, 1]}), now()).is_empty()
        );
    }

    #[test]
    fn a_failed_verdict_refuses_and_a_virus_goes_before_spam() {
        for (spam, virus, expected) in [
            ("PASS", "PASS", None),
            ("FAIL", "PASS", Some(Refusal::Spam)),
            ("FAIL", "FAIL", Some(Refusal::Virus)),
            ("GRAY", "PROCESSING_FAILED", None),
        ] {
            let ses = json!({"receipt": {"spamVerdict": {"status": spam}, "virusVerdict": {"status": virus}}});
            assert_eq!(screened(&ses), expected, "{spam} {virus}");
        }
    }

    proptest! {
        #[test]
        fn any_event_is_read_without_harm(event in any_json(&[
            "Records", "ses", "mail", "receipt", "messageId", "timestamp", "recipients", "destination", "source", "spamVerdict", "status",
        ])) {
            announcements(&event, now());
            announcements(&json!({"Records": [{"ses": event}]}), now());
        }
    }
}
