//! The events that AWS sends to a function.
//!
//! Each field is optional: one that is missing or of another type is read as `None`, and unknown fields are ignored.

pub mod cloudformation;
pub mod flood;
pub mod http;
pub mod schedule;

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    /// JSON of any shape whose objects use these names, so that readers reach its nested fields.
    pub(crate) fn any_json(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(prop::sample::select(names), inner, 0..6).prop_map(|map| Value::Object(
                    map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
                )),
            ]
        })
    }
}
