//! Status documents: what one put does to the one before.

use super::at;
use crate::ports::StatusStore;
use jiff::Timestamp;
use relay::id::RequestId;
use relay::secret::Code;
use relay::status::{End, Status};
use serde_json::Value;

/// Reads back what a store of status documents holds. No job does: only clients read them, through their URLs.
pub trait ReadStatus {
    /// The request's document, in JSON.
    fn read_status(&self, request: &RequestId) -> impl Future<Output = Option<String>> + Send;
}

/// Checks every rule of [`StatusStore`].
///
/// # Panics
/// If a rule is broken.
pub async fn check_statuses<T: StatusStore + ReadStatus>(store: &T) {
    let (pending, complete, newer) = (pending(), complete("467266"), complete("111111"));
    let ended = Status::ended(End::Expired);
    let cases: [(&str, &[&Status], Option<&Status>); 9] = [
        ("nothing is stored yet", &[], None),
        ("the first", &[&pending], Some(&pending)),
        ("a code replaces a pending one", &[&pending, &complete], Some(&complete)),
        ("an end replaces a code", &[&pending, &complete, &ended], Some(&ended)),
        ("a newer code replaces a code", &[&complete, &newer], Some(&newer)),
        ("a code needs no pending one", &[&complete], Some(&complete)),
        ("a late pending one replaces no code", &[&complete, &pending], Some(&complete)),
        ("a late pending one replaces no end", &[&ended, &pending], Some(&ended)),
        ("a put that is retried", &[&pending, &pending, &complete, &complete], Some(&complete)),
    ];
    for (about, puts, shown) in cases {
        let request = RequestId::from_random(crate::random().expect("randomness"));
        for status in puts {
            store.publish(&request, status).await.expect("an answer");
        }
        let read = store.read_status(&request).await.map(|document| json(&document));
        assert_eq!(read, shown.map(|status| json(&status.to_json())), "{about}");
    }
}

fn json(document: &str) -> Value {
    serde_json::from_str(document).expect("JSON")
}

fn pending() -> Status {
    Status::Pending { expires_at: expires_at() }
}

fn complete(code: &str) -> Status {
    let code = Code::parse(code).expect("a code");
    Status::Complete { code, provider: "arlo".to_owned(), received_at: at(5), expires_at: expires_at() }
}

/// Far in the future: a store may refuse to show a code after its window.
fn expires_at() -> Timestamp {
    "2100-01-01T00:00:00Z".parse().expect("a timestamp")
}
