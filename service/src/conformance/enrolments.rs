//! The contract of [`EnrolmentStore`].

use super::{at, new_tag};
use crate::ports::{EnrolmentStore, WriteOutcome};
use relay::enrolment::{Enrolment, Label, Program, TaggedMailbox, Trust};
use relay::id::ProgramId;
use relay::mailbox::{AddressKey, Mailbox, MailboxKey};
use relay::secret::Token;

pub(super) async fn check<T: EnrolmentStore>(store: &T) {
    an_enrolment_is_read_as_it_was_written(store).await;
    a_write_needs_the_revision_that_was_read(store).await;
    a_write_that_is_retried_is_written_once(store).await;
    a_tag_stands_for_what_was_put_last(store).await;
}

/// The key of a mailbox that no other case uses.
fn new_mailbox() -> MailboxKey {
    let address = format!("{}@example.org", new_tag().reveal());
    AddressKey::new("conformance").mailbox(&Mailbox::parse(&address).expect("a mailbox"))
}

fn enrolment(revision: u32, labels: &[&str]) -> Enrolment {
    let program = |label: &&str| Program {
        id: ProgramId::from_random(crate::random().expect("randomness")),
        label: Label::parse(label).expect("a label"),
        token_digest: Token::from_random(crate::random().expect("randomness")).digest(),
        created_at: at(1),
        rotated_at: Some(at(2)),
    };
    Enrolment { revision, tag: new_tag(), programs: labels.iter().map(program).collect(), created_at: at(0) }
}

async fn an_enrolment_is_read_as_it_was_written<T: EnrolmentStore>(store: &T) {
    let (mailbox, enrolment) = (new_mailbox(), enrolment(1, &["recorder", "garden »cameras«"]));
    assert_eq!(store.enrolment(&mailbox).await.expect("an answer"), None, "nothing is stored yet");
    store.write_enrolment(&mailbox, &enrolment, None).await.expect("an answer");
    assert_eq!(store.enrolment(&mailbox).await.expect("an answer").as_ref(), Some(&enrolment));
    assert!(store.enrolments().await.expect("an answer").contains(&enrolment), "the list has it");
    store.delete_enrolment(&mailbox).await.expect("an answer");
    store.delete_enrolment(&mailbox).await.expect("deleting what is not there is no error");
    assert_eq!(store.enrolment(&mailbox).await.expect("an answer"), None, "it is deleted");
    assert!(!store.enrolments().await.expect("an answer").contains(&enrolment), "and not in the list");
}

async fn a_write_needs_the_revision_that_was_read<T: EnrolmentStore>(store: &T) {
    let mailbox = new_mailbox();
    let (first, other) = (enrolment(1, &["one"]), enrolment(1, &["other"]));
    let write = async |next: &Enrolment, read| store.write_enrolment(&mailbox, next, read).await.expect("an answer");
    assert_eq!(write(&first, Some(1)).await, WriteOutcome::Conflict, "nothing is stored to be replaced");
    assert_eq!(write(&first, None).await, WriteOutcome::Written);
    assert_eq!(write(&other, None).await, WriteOutcome::Conflict, "one is stored already");
    let second = first.changed(|next| next.programs.clear());
    assert_eq!(write(&second, Some(1)).await, WriteOutcome::Written);
    let late = first.changed(|_| {});
    assert_eq!(write(&late, Some(1)).await, WriteOutcome::Conflict, "another writer was faster");
    assert_eq!(store.enrolment(&mailbox).await.expect("an answer"), Some(second), "the winner's is stored");
}

async fn a_write_that_is_retried_is_written_once<T: EnrolmentStore>(store: &T) {
    let (mailbox, enrolment) = (new_mailbox(), enrolment(1, &["one"]));
    for about in ["the first try", "the retry after a lost answer"] {
        let outcome = store.write_enrolment(&mailbox, &enrolment, None).await.expect("an answer");
        assert_eq!(outcome, WriteOutcome::Written, "{about}");
    }
}

async fn a_tag_stands_for_what_was_put_last<T: EnrolmentStore>(store: &T) {
    let (tag, key) = (new_tag(), AddressKey::new("conformance"));
    let mailbox = Mailbox::parse("me@example.org").expect("a mailbox");
    let tagged = |trust| TaggedMailbox { mailbox: key.mailbox(&mailbox), domain: key.domain(&mailbox.domain()), trust };
    assert_eq!(store.tagged_mailbox(&tag).await.expect("an answer"), None, "nothing is stored yet");
    for trust in [Trust::Signed, Trust::Addressed] {
        store.put_tagged_mailbox(&tag, &tagged(trust)).await.expect("an answer");
        assert_eq!(store.tagged_mailbox(&tag).await.expect("an answer"), Some(tagged(trust)));
    }
    store.delete_tagged_mailbox(&tag).await.expect("an answer");
    store.delete_tagged_mailbox(&tag).await.expect("deleting what is not there is no error");
    assert_eq!(store.tagged_mailbox(&tag).await.expect("an answer"), None, "it is deleted");
}
