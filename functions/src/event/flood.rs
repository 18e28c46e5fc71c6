//! What the circuit breaker is told: by the alarm of the template
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>), and by the one-shot
//! schedule that ends a pause. The owner may send the schedule's input too.

use crate::setup::breaker::Signal;
use serde_json::{Value, json};

const RESUME: (&str, &str) = ("receiving", "resume");

/// Reads an event. Returns `None` if it is neither of the two, or of an alarm that is not in the state `ALARM`.
pub fn signal(event: &Value) -> Option<Signal> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let is_alarm = text("/source") == Some("aws.cloudwatch") && text("/alarmData/state/value") == Some("ALARM");
    let is_resume = event.get(RESUME.0).and_then(Value::as_str) == Some(RESUME.1);
    match (is_alarm, is_resume) {
        (true, _) => Some(Signal::Flood),
        (false, true) => Some(Signal::Resume),
        (false, false) => None,
    }
}

/// Writes the schedule's input.
pub fn resume() -> Value {
    json!({RESUME.0: RESUME.1})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::any_json;
    use proptest::prelude::*;

    fn alarm(state: &str) -> Value {
        json!({
            "source": "aws.cloudwatch",
            "alarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:relay-MailFlood",
            "accountId": "123456789012",
            "time": "2026-11-21T20:01:12.000+0000",
            "region": "us-east-1",
            "alarmData": {
                "alarmName": "relay-MailFlood",
                "state": {"value": state, "reason": "Threshold Crossed", "timestamp": "2026-11-21T20:01:12.000+0000"},
                "previousState": {"value": "OK"},
            },
        })
    }

    #[test]
    fn an_alarm_in_the_state_alarm_is_a_flood() {
        assert_eq!(signal(&alarm("ALARM")), Some(Signal::Flood));
        assert_eq!(signal(&alarm("OK")), None);
        assert_eq!(signal(&alarm("INSUFFICIENT_DATA")), None);
        let mut other = alarm("ALARM");
        other["source"] = "aws.events".into();
        assert_eq!(signal(&other), None);
    }

    #[test]
    fn the_schedule_s_input_ends_the_pause() {
        assert_eq!(signal(&resume()), Some(Signal::Resume));
        for event in [json!({"receiving": "pause"}), json!({"receiving": true}), json!("resume"), json!([])] {
            assert_eq!(signal(&event), None, "{event}");
        }
    }

    proptest! {
        #[test]
        fn any_event_is_read_without_a_panic(event in any_json(&["source", "alarmData", "state", "value", "receiving"])) {
            signal(&event);
        }
    }
}
