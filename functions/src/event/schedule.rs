//! What the one-shot schedule hands from prestage to expire.

use relay::id::RequestId;
use relay::secret::Tag;
use serde_json::{Value, json};

/// The request that ends.
#[derive(Debug, PartialEq, Eq)]
pub struct WindowEnd {
    /// Whose it is.
    pub tag: Tag,
    /// Which it is.
    pub request: RequestId,
}

impl WindowEnd {
    /// Parses the schedule's input. Returns `None` if a field is missing or invalid.
    pub fn read(event: &Value) -> Option<Self> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        Some(Self { tag: Tag::parse(text("tag")?)?, request: RequestId::parse(text("request")?)? })
    }

    /// The schedule's input.
    pub fn to_json(&self) -> Value {
        json!({"tag": self.tag.reveal(), "request": self.request.as_str()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prestage_writes_expire_reads() {
        let end = WindowEnd { tag: Tag::from_random([1; 10]), request: RequestId::from_random([2; 16]) };
        assert_eq!(WindowEnd::read(&end.to_json()), Some(end));
        for event in [json!({}), json!({"tag": 1, "request": 2}), json!("text"), json!({"tag": "x", "request": "y"})] {
            assert_eq!(WindowEnd::read(&event), None, "{event}");
        }
    }
}
