//! The input of the one-shot schedule: written by prestage, read by expire.

use relay::id::RequestId;
use relay::secret::Tag;
use serde_json::{Value, json};

/// The end of a request's window.
#[derive(Debug, PartialEq, Eq)]
pub struct WindowEnd {
    /// The tag of the request's mailbox.
    pub tag: Tag,
    /// The request.
    pub request: RequestId,
}

impl WindowEnd {
    /// Reads the schedule's input. Returns `None` if a field is missing or invalid.
    pub fn read(event: &Value) -> Option<Self> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        Some(Self { tag: Tag::parse(text("tag")?)?, request: RequestId::parse(text("request")?)? })
    }

    /// Writes the schedule's input.
    pub fn to_json(&self) -> Value {
        json!({"tag": self.tag.reveal(), "request": self.request.as_str()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expire_reads_what_prestage_writes() {
        let end = WindowEnd { tag: Tag::from_random([1; 10]), request: RequestId::from_random([2; 16]) };
        assert_eq!(WindowEnd::read(&end.to_json()), Some(end));
        for event in [json!({}), json!({"tag": 1, "request": 2}), json!("text"), json!({"tag": "x", "request": "y"})] {
            assert_eq!(WindowEnd::read(&event), None, "{event}");
        }
    }
}
