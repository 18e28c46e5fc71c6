//! The contract of [`ports`](crate::ports) as a suite that every store passes: memory, SQLite, DynamoDB and S3.
//!
//! Each case uses tags and mailboxes of its own, so that a store may be shared and need not be empty. A broken rule
//! panics with its name: this is for tests only.
#![allow(clippy::expect_used, clippy::panic, reason = "a suite reports by panicking")]

mod arrivals;
mod enrolments;
mod requests;
mod statuses;

pub use statuses::{ReadStatus, check_statuses};

use crate::ports::{ArrivalStore, EnrolmentStore, RequestStore};
use jiff::{SignedDuration, Timestamp};
use relay::secret::Tag;

/// Checks every rule of the ports that store something.
pub async fn check<T: EnrolmentStore + RequestStore + ArrivalStore>(store: &T) {
    enrolments::check(store).await;
    requests::check(store).await;
    arrivals::check(store).await;
}

/// A tag that no other case uses.
fn new_tag() -> Tag {
    Tag::from_random(crate::random().expect("randomness"))
}

/// A moment with milliseconds, so many seconds after a fixed one.
fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T20:00:00.123Z".parse().expect("a timestamp");
    start + SignedDuration::from_secs(seconds)
}
