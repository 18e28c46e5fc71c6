//! A case as its file writes it, and expanded.

use crate::delivery::Delivery;
use crate::edit::Edit;
use crate::error::{Error, Problem};
use crate::expect::{Expect, Written};
use serde::Deserialize;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// One mail of the corpus, and what must come of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The provider whose code the open request waits for, and the case: `arlo/date-missing`. In `gmail/` are
    /// forwarding confirmations.
    pub name: String,
    /// Why it must come out like this.
    pub about: String,
    /// The enrolled mailbox.
    pub mailbox: String,
    /// The mail as SES stores it.
    pub raw: Vec<u8>,
    /// Its envelope, and SES's verdicts.
    pub delivery: Delivery,
    /// How long before the mail was sent the request was opened, in seconds; negative if it was opened later.
    pub opened_seconds_before_sent: i64,
    /// What must come of it.
    pub expect: Expect,
}

impl Case {
    /// The provider whose code the open request waits for.
    pub fn provider(&self) -> &str {
        self.name.split_once('/').map_or("", |(provider, _)| provider)
    }
}

/// A case as its file writes it, with the file's defaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    about: String,
    base: String,
    #[serde(default)]
    edits: Vec<Value>,
    #[serde(default = "usual_mailbox")]
    mailbox: String,
    #[serde(default = "usual_seconds")]
    opened_seconds_before_sent: i64,
    expect: Written,
}

fn usual_mailbox() -> String {
    "me@gmail.com".to_owned()
}

fn usual_seconds() -> i64 {
    10
}

/// The cases of one file.
pub(crate) fn cases_in(file: &Path) -> Result<Vec<Case>, Error> {
    let text = fs::read_to_string(file).map_err(|cause| Error::new(file, Problem::File(cause)))?;
    let provider = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    parse(file, &provider, &text)
}

/// The cases of a file's text.
fn parse(file: &Path, provider: &str, text: &str) -> Result<Vec<Case>, Error> {
    let mut tables: Table = text.parse().map_err(|cause| Error::new(file, Problem::Shape(cause)))?;
    let defaults = tables.remove("defaults").and_then(|defaults| defaults.as_table().cloned()).unwrap_or_default();
    let expanded = |(name, case): (String, Value)| {
        expand(format!("{provider}/{name}"), case, &defaults).map_err(|problem| Error::of_case(file, &name, problem))
    };
    tables.into_iter().map(expanded).collect()
}

fn expand(name: String, case: Value, defaults: &Table) -> Result<Case, Problem> {
    let mut case: Table = case.try_into()?;
    for (key, value) in defaults {
        case.entry(key).or_insert_with(|| value.clone());
    }
    let Fields { about, base, edits, mailbox, opened_seconds_before_sent, expect } = case.try_into()?;
    let mut raw = crate::base(&base)?;
    for (number, edit) in (1..).zip(edits) {
        let edited = edit.try_into::<Edit>().map_err(Problem::Shape).and_then(|edit| edit.apply(&raw));
        raw = edited.map_err(|problem| Problem::Edit { number, problem: Box::new(problem) })?;
    }
    let delivery = Delivery::of(&raw)?;
    Ok(Case { name, about, mailbox, raw, delivery, opened_seconds_before_sent, expect: expect.into() })
}

#[cfg(test)]
mod tests;
