//! What CloudFormation asks of a custom resource, and the answer that it waits for.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

use crate::setup::receiving::{Before, Receiving};
use crate::setup::{Done, Failure, Task};
use serde_json::{Value, json};

/// One request, which ends with one answer.
pub struct Request {
    /// Where the answer goes.
    pub answer_to: String,
    /// What is to be done, as far as it can be told.
    pub task: Result<Task, Failure>,
    stack: Value,
    id: Value,
    logical: Value,
    physical: Value,
}

impl Request {
    /// Reads a request; nothing where there is nobody to answer.
    pub fn read(event: &Value) -> Option<Self> {
        let answer_to = text(event, "ResponseURL")?.to_owned();
        let field = |name: &str| Value::from(text(event, name).unwrap_or_default());
        let logical = field("LogicalResourceId");
        // CloudFormation takes a new name for a new resource, and would delete the old one.
        let physical = text(event, "PhysicalResourceId").map_or_else(|| logical.clone(), Value::from);
        let task = task(event);
        Some(Self { answer_to, task, stack: field("StackId"), id: field("RequestId"), logical, physical })
    }

    /// The answer to it.
    pub fn answer(&self, outcome: &Result<Done, Failure>) -> Value {
        let mut answer = json!({
            "Status": if outcome.is_ok() { "SUCCESS" } else { "FAILED" },
            "PhysicalResourceId": self.physical,
            "StackId": self.stack,
            "RequestId": self.id,
            "LogicalResourceId": self.logical,
        });
        if let (Err(failure), Some(fields)) = (outcome, answer.as_object_mut()) {
            fields.insert("Reason".to_owned(), failure.to_string().into());
        }
        answer
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn task(event: &Value) -> Result<Task, Failure> {
    let asked = text(event, "RequestType").unwrap_or_default();
    let known = match (asked, text(event, "ResourceType")) {
        ("Delete", Some("Custom::BucketContents")) => Ok(Task::EmptyBucket),
        ("Create" | "Update", Some("Custom::ActiveRuleSet")) => receive(event).map(Task::Receiving),
        ("Delete", Some("Custom::ActiveRuleSet")) => Ok(match Properties::read(event.get("ResourceProperties")) {
            Some(Properties { set, stacks_own: true }) => Task::Receiving(Receiving::GiveBack { own: set.to_owned() }),
            // The account's set was never touched.
            _ => Task::Nothing,
        }),
        // What was refused when it was to be made is deleted next. A refusal here would leave the stack stuck.
        ("Delete", _) | ("Create" | "Update", Some("Custom::BucketContents")) => Ok(Task::Nothing),
        ("Create" | "Update", _) => Err("ResourceType"),
        _ => Err("RequestType"),
    };
    known.map_err(Failure::NotUnderstood)
}

fn receive(event: &Value) -> Result<Receiving, &'static str> {
    let wanted = Properties::read(event.get("ResourceProperties")).ok_or("set of properties")?;
    let set = wanted.set.to_owned();
    if !wanted.stacks_own {
        return Ok(Receiving::Join { set });
    }
    let before = match Properties::read(event.get("OldResourceProperties")) {
        Some(old) if old == wanted => Before::Same,
        Some(Properties { set, stacks_own: true }) => Before::Own(set.to_owned()),
        _ => Before::Nothing,
    };
    Ok(Receiving::Take { own: set, before })
}

/// What the template says of the rule set.
#[derive(PartialEq, Eq)]
struct Properties<'a> {
    set: &'a str,
    stacks_own: bool,
}

impl<'a> Properties<'a> {
    fn read(properties: Option<&'a Value>) -> Option<Self> {
        let set = text(properties?, "RuleSet").filter(|name| is_name(name))?;
        match text(properties?, "Belongs")? {
            "stack" => Some(Self { set, stacks_own: true }),
            "account" => Some(Self { set, stacks_own: false }),
            _ => None,
        }
    }
}

/// As SES names rule sets, so that an answer can repeat the name:
/// <https://docs.aws.amazon.com/ses/latest/APIReference/API_CreateReceiptRuleSet.html>
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::any_json;
    use proptest::prelude::*;

    fn event(asked: &str, kind: &str, properties: &Value, old: &Value) -> Value {
        json!({
            "RequestType": asked,
            "ResourceType": kind,
            "ResponseURL": "https://answers.example/?signed",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Receiving",
            "ResourceProperties": properties,
            "OldResourceProperties": old,
        })
    }

    fn asked_for(asked: &str, kind: &str, properties: &Value, old: &Value) -> Result<Task, Failure> {
        Request::read(&event(asked, kind, properties, old)).expect("an answer's address").task
    }

    #[test]
    fn a_request_is_told_by_what_is_asked_of_which_resource() {
        const CONTENTS: &str = "Custom::BucketContents";
        const ACTIVE: &str = "Custom::ActiveRuleSet";
        let none = Value::Null;
        let stacks = |name: &str| json!({"ServiceToken": "arn", "RuleSet": name, "Belongs": "stack"});
        let accounts = json!({"RuleSet": "theirs", "Belongs": "account"});
        let take = |before| Ok(Task::Receiving(Receiving::Take { own: "ours".to_owned(), before }));
        let join = Ok(Task::Receiving(Receiving::Join { set: "theirs".to_owned() }));
        let give_back = Ok(Task::Receiving(Receiving::GiveBack { own: "ours".to_owned() }));
        let unknown = |what| Err(Failure::NotUnderstood(what));
        let nothing = Ok(Task::Nothing);
        let table = [
            ("Create", CONTENTS, none.clone(), none.clone(), nothing.clone()),
            ("Update", CONTENTS, none.clone(), none.clone(), nothing.clone()),
            ("Delete", CONTENTS, none.clone(), none.clone(), Ok(Task::EmptyBucket)),
            ("Create", ACTIVE, stacks("ours"), none.clone(), take(Before::Nothing)),
            ("Update", ACTIVE, stacks("ours"), stacks("ours"), take(Before::Same)),
            ("Update", ACTIVE, stacks("ours"), stacks("former"), take(Before::Own("former".to_owned()))),
            ("Update", ACTIVE, stacks("ours"), accounts.clone(), take(Before::Nothing)),
            ("Create", ACTIVE, accounts.clone(), none.clone(), join.clone()),
            ("Update", ACTIVE, accounts.clone(), stacks("ours"), join),
            ("Delete", ACTIVE, stacks("ours"), none.clone(), give_back),
            ("Delete", ACTIVE, accounts.clone(), none.clone(), nothing.clone()),
            ("Delete", ACTIVE, none.clone(), none.clone(), nothing.clone()),
            ("Delete", "Custom::Other", none.clone(), none.clone(), nothing),
            ("Create", "Custom::Other", none.clone(), none.clone(), unknown("ResourceType")),
            ("Review", CONTENTS, none.clone(), none.clone(), unknown("RequestType")),
            ("Create", ACTIVE, none.clone(), none.clone(), unknown("set of properties")),
            ("Create", ACTIVE, stacks(""), none.clone(), unknown("set of properties")),
            ("Create", ACTIVE, stacks("me@example.com"), none.clone(), unknown("set of properties")),
            ("Create", ACTIVE, json!({"RuleSet": "x", "Belongs": "me"}), none, unknown("set of properties")),
        ];
        for (asked, kind, properties, old, expected) in table {
            assert_eq!(asked_for(asked, kind, &properties, &old), expected, "{asked} {kind} {properties} {old}");
        }
    }

    #[test]
    fn a_resource_keeps_the_name_that_it_was_given_first() {
        let mut event = event("Create", "Custom::BucketContents", &Value::Null, &Value::Null);
        let name = |event: &Value| {
            let request = Request::read(event).expect("an address");
            request.answer(&Ok(Done::Nothing))["PhysicalResourceId"].clone()
        };
        assert_eq!(name(&event), "Receiving");
        event["PhysicalResourceId"] = "given".into();
        assert_eq!(name(&event), "given");
    }

    #[test]
    fn only_a_failure_has_a_reason() {
        let request = Request::read(&event("Create", "", &Value::Null, &Value::Null)).expect("an address");
        assert_eq!(request.answer(&Ok(Done::Nothing)).get("Reason"), None);
        let failed = request.answer(&Err(Failure::AnotherActive("theirs".to_owned())));
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
        "OldResourceProperties",
        "RuleSet",
        "Belongs",
    ];

    proptest! {
        #[test]
        fn any_event_is_read_without_harm(event in any_json(NAMES)) {
            if let Some(request) = Request::read(&event) {
                let outcome = request.task.clone().map(|_| Done::Nothing);
                prop_assert!(request.answer(&outcome)["Status"].is_string());
            }
        }
    }
}
