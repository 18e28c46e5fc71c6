//! Requests of CloudFormation to a custom resource, and the responses that it waits for
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>).

use crate::setup::rule_set::RuleSetTask;
use crate::setup::{Failure, Outcome, Task};
use serde_json::{Value, json};

/// A request, which ends with one response.
pub struct Request {
    /// The presigned URL for the response.
    pub response_url: String,
    /// What is requested, or why that is unknown.
    pub task: Result<Task, Failure>,
    stack: Value,
    id: Value,
    logical: Value,
    physical: Value,
}

impl Request {
    /// Reads a request. Returns `None` if it has no response URL.
    pub fn read(event: &Value) -> Option<Self> {
        let response_url = text(event, "ResponseURL")?.to_owned();
        let field = |name: &str| Value::from(text(event, name).unwrap_or_default());
        let logical = field("LogicalResourceId");
        // CloudFormation takes a new physical id for a new resource, and deletes the old one.
        let physical = text(event, "PhysicalResourceId").map_or_else(|| logical.clone(), Value::from);
        let task = task(event);
        Some(Self { response_url, task, stack: field("StackId"), id: field("RequestId"), logical, physical })
    }

    /// The response to it.
    pub fn response(&self, result: &Result<Outcome, Failure>) -> Value {
        let mut response = json!({
            "Status": if result.is_ok() { "SUCCESS" } else { "FAILED" },
            "PhysicalResourceId": self.physical,
            "StackId": self.stack,
            "RequestId": self.id,
            "LogicalResourceId": self.logical,
        });
        if let (Err(failure), Some(fields)) = (result, response.as_object_mut()) {
            fields.insert("Reason".to_owned(), failure.to_string().into());
        }
        response
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn task(event: &Value) -> Result<Task, Failure> {
    let request_type = text(event, "RequestType").unwrap_or_default();
    let task = match (request_type, text(event, "ResourceType")) {
        ("Delete", Some("Custom::BucketContents")) => Ok(Task::EmptyBucket),
        ("Create" | "Update", Some("Custom::ActiveRuleSet")) => rule_set_task(event).map(Task::RuleSet),
        ("Delete", Some("Custom::ActiveRuleSet")) => Ok(match Properties::read(event.get("ResourceProperties")) {
            Some(Properties { set, stacks_own: true }) => {
                Task::RuleSet(RuleSetTask::Deactivate { own: set.to_owned() })
            }
            // The account's set was never changed.
            _ => Task::NothingToDo,
        }),
        // CloudFormation deletes a resource whose creation failed. A failure here would block the stack's deletion.
        ("Delete", _) | ("Create" | "Update", Some("Custom::BucketContents")) => Ok(Task::NothingToDo),
        ("Create" | "Update", _) => Err("ResourceType"),
        _ => Err("RequestType"),
    };
    task.map_err(Failure::NotUnderstood)
}

fn rule_set_task(event: &Value) -> Result<RuleSetTask, &'static str> {
    let wanted = Properties::read(event.get("ResourceProperties")).ok_or("set of properties")?;
    let set = wanted.set.to_owned();
    Ok(if wanted.stacks_own { RuleSetTask::Activate { own: set } } else { RuleSetTask::Join { set } })
}

/// The properties of `Custom::ActiveRuleSet` in the template.
struct Properties<'a> {
    set: &'a str,
    stacks_own: bool,
}

impl<'a> Properties<'a> {
    fn read(properties: Option<&'a Value>) -> Option<Self> {
        let set = text(properties?, "RuleSet").filter(|name| is_rule_set_name(name))?;
        match text(properties?, "Belongs")? {
            "stack" => Some(Self { set, stacks_own: true }),
            "account" => Some(Self { set, stacks_own: false }),
            _ => None,
        }
    }
}

/// Whether SES allows the name (<https://docs.aws.amazon.com/ses/latest/APIReference/API_CreateReceiptRuleSet.html>).
/// Checked because a response repeats it.
fn is_rule_set_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::any_json;
    use proptest::prelude::*;

    fn event(request_type: &str, resource_type: &str, properties: &Value) -> Value {
        json!({
            "RequestType": request_type,
            "ResourceType": resource_type,
            "ResponseURL": "https://responses.example/?signed",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Receiving",
            "ResourceProperties": properties,
        })
    }

    #[test]
    fn request_type_and_resource_type_give_the_task() {
        const CONTENTS: &str = "Custom::BucketContents";
        const ACTIVE: &str = "Custom::ActiveRuleSet";
        let none = || Value::Null;
        let stacks = |name: &str| json!({"ServiceToken": "arn", "RuleSet": name, "Belongs": "stack"});
        let accounts = || json!({"RuleSet": "theirs", "Belongs": "account"});
        let activate = || Ok(Task::RuleSet(RuleSetTask::Activate { own: "ours".to_owned() }));
        let join = || Ok(Task::RuleSet(RuleSetTask::Join { set: "theirs".to_owned() }));
        let deactivate = Ok(Task::RuleSet(RuleSetTask::Deactivate { own: "ours".to_owned() }));
        let unknown = |what| Err(Failure::NotUnderstood(what));
        let nothing = || Ok(Task::NothingToDo);
        let table = [
            ("Create", CONTENTS, none(), nothing()),
            ("Update", CONTENTS, none(), nothing()),
            ("Delete", CONTENTS, none(), Ok(Task::EmptyBucket)),
            ("Create", ACTIVE, stacks("ours"), activate()),
            ("Update", ACTIVE, stacks("ours"), activate()),
            ("Create", ACTIVE, accounts(), join()),
            ("Update", ACTIVE, accounts(), join()),
            ("Delete", ACTIVE, stacks("ours"), deactivate),
            ("Delete", ACTIVE, accounts(), nothing()),
            ("Delete", ACTIVE, none(), nothing()),
            ("Delete", "Custom::Other", none(), nothing()),
            ("Create", "Custom::Other", none(), unknown("ResourceType")),
            ("Review", CONTENTS, none(), unknown("RequestType")),
            ("Create", ACTIVE, none(), unknown("set of properties")),
            ("Create", ACTIVE, stacks(""), unknown("set of properties")),
            ("Create", ACTIVE, stacks("me@example.com"), unknown("set of properties")),
            ("Create", ACTIVE, json!({"RuleSet": "x", "Belongs": "me"}), unknown("set of properties")),
        ];
        for (request, resource, properties, expected) in table {
            let task = Request::read(&event(request, resource, &properties)).expect("a response URL").task;
            assert_eq!(task, expected, "{request} {resource} {properties}");
        }
    }

    #[test]
    fn a_resource_keeps_its_physical_id() {
        let mut event = event("Create", "Custom::BucketContents", &Value::Null);
        let physical_id = |event: &Value| {
            let request = Request::read(event).expect("a response URL");
            request.response(&Ok(Outcome::NothingToDo))["PhysicalResourceId"].clone()
        };
        assert_eq!(physical_id(&event), "Receiving");
        event["PhysicalResourceId"] = "given".into();
        assert_eq!(physical_id(&event), "given");
    }

    #[test]
    fn only_a_failure_has_a_reason() {
        let request = Request::read(&event("Create", "", &Value::Null)).expect("a response URL");
        assert_eq!(request.response(&Ok(Outcome::NothingToDo)).get("Reason"), None);
        let failed = request.response(&Err(Failure::AnotherActive("theirs".to_owned())));
        assert_eq!(failed["Status"], "FAILED");
        assert!(failed["Reason"].as_str().is_some_and(|reason| reason.contains("RuleSetName=theirs")), "{failed}");
    }

    const NAMES: &[&str] = &[
        "RequestType",
        "ResourceType",
        "ResponseURL",
        "StackId",
        "LogicalResourceId",
        "PhysicalResourceId",
        "ResourceProperties",
        "RuleSet",
        "Belongs",
    ];

    proptest! {
        #[test]
        fn any_event_is_read_without_a_panic(event in any_json(NAMES)) {
            if let Some(request) = Request::read(&event) {
                let result = request.task.clone().map(|_| Outcome::NothingToDo);
                prop_assert!(request.response(&result)["Status"].is_string());
            }
        }
    }
}
