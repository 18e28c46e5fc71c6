//! Metrics in CloudWatch's embedded metric format: the log line itself declares its metrics
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use jiff::Timestamp;
use serde_json::{Value, json};
use service::decision::Metric;

/// The namespace in CloudWatch.
const NAMESPACE: &str = "mfa-relay";

fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::RequestsOpened => "RequestsOpened",
        Metric::CodesDelivered => "CodesDelivered",
        Metric::DeliverySeconds(_) => "DeliverySeconds",
        Metric::Refused(_) => "Refused",
        Metric::TimedOut => "TimedOut",
        Metric::PendingPastEnd => "PendingPastEnd",
        Metric::Unavailable => "Unavailable",
        Metric::ReceivingPaused => "ReceivingPaused",
    }
}

fn unit(metric: Metric) -> &'static str {
    if matches!(metric, Metric::DeliverySeconds(_)) { "Seconds" } else { "Count" }
}

fn value(metric: Metric) -> Value {
    match metric {
        // To the millisecond: SES tells no more, and six digits in a row would look like a code.
        Metric::DeliverySeconds(duration) => json!((duration.as_secs_f64() * 1000.0).round() / 1000.0),
        _ => json!(1),
    }
}

/// Every combination of their values is a metric of its own to CloudWatch, and costs as one: so there are few.
fn dimensions(metric: Metric, stack: &str) -> Vec<(&'static str, String)> {
    let stack = ("Stack", stack.to_owned());
    match metric {
        Metric::Refused(refusal) => vec![stack, ("Reason", refusal.word().to_owned())],
        _ => vec![stack],
    }
}

fn directive(metric: Metric, stack: &str) -> Value {
    let dimensions: Vec<_> = dimensions(metric, stack).into_iter().map(|(name, _)| name).collect();
    json!({
        "Namespace": NAMESPACE,
        "Dimensions": [dimensions],
        "Metrics": [{"Name": name(metric), "Unit": unit(metric)}],
    })
}

/// The members of a log line that declare its metrics: values, dimensions and directives. Empty if there are no metrics.
pub fn members(metrics: &[Metric], stack: &str, now: Timestamp) -> Vec<(&'static str, Value)> {
    if metrics.is_empty() {
        return Vec::new();
    }
    let directives: Vec<_> = metrics.iter().map(|&metric| directive(metric, stack)).collect();
    let mut members = vec![("_aws", json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": directives}))];
    for &metric in metrics {
        members.extend(dimensions(metric, stack).into_iter().map(|(name, value)| (name, json!(value))));
        members.push((name(metric), value(metric)));
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use relay::refusal::Refusal;
    use std::time::Duration;

    fn now() -> Timestamp {
        "2026-11-21T20:02:00.250Z".parse().expect("a timestamp")
    }

    #[test]
    fn a_line_without_a_metric_declares_nothing() {
        assert_eq!(members(&[], "relay", now()), []);
    }

    #[test]
    fn each_metric_is_declared_with_its_unit_and_dimensions_and_stands_in_the_line() {
        let took = Duration::from_nanos(2_512_345_678);
        for (metric, name, unit, value, dimensions) in [
            (Metric::RequestsOpened, "RequestsOpened", "Count", json!(1), json!(["Stack"])),
            (Metric::CodesDelivered, "CodesDelivered", "Count", json!(1), json!(["Stack"])),
            (Metric::DeliverySeconds(took), "DeliverySeconds", "Seconds", json!(2.512), json!(["Stack"])),
            (Metric::Refused(Refusal::Stale), "Refused", "Count", json!(1), json!(["Stack", "Reason"])),
            (Metric::TimedOut, "TimedOut", "Count", json!(1), json!(["Stack"])),
            (Metric::PendingPastEnd, "PendingPastEnd", "Count", json!(1), json!(["Stack"])),
            (Metric::Unavailable, "Unavailable", "Count", json!(1), json!(["Stack"])),
            (Metric::ReceivingPaused, "ReceivingPaused", "Count", json!(1), json!(["Stack"])),
        ] {
            let line: Value = members(&[metric], "relay", now()).into_iter().collect();
            let declared = json!({
                "Timestamp": 1_795_291_320_250_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "mfa-relay",
                    "Dimensions": [dimensions],
                    "Metrics": [{"Name": name, "Unit": unit}],
                }],
            });
            assert_eq!((&line["_aws"], &line[name]), (&declared, &value), "{name}");
            assert_eq!(line["Stack"], "relay", "{name}");
        }
    }

    #[test]
    fn a_refusal_is_counted_under_its_reason() {
        for &refusal in Refusal::ALL {
            let line: Value = members(&[Metric::Refused(refusal)], "relay", now()).into_iter().collect();
            assert_eq!(line["Reason"], refusal.word());
        }
    }

    #[test]
    fn one_line_can_declare_several() {
        let metrics = [Metric::TimedOut, Metric::PendingPastEnd];
        let line: Value = members(&metrics, "relay", now()).into_iter().collect();
        assert_eq!(line["_aws"]["CloudWatchMetrics"].as_array().map(Vec::len), Some(2));
        assert_eq!((&line["TimedOut"], &line["PendingPastEnd"]), (&json!(1), &json!(1)));
    }
}
