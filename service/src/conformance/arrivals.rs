//! The contract of [`ArrivalStore`].

use super::{at, new_tag};
use crate::ports::ArrivalStore;
use relay::arrivals::{Arrivals, PendingConfirmation};
use relay::id::ProgramId;
use relay::refusal::Refusal;
use std::collections::BTreeMap;

pub(super) async fn check<T: ArrivalStore>(store: &T) {
    a_note_changes_nothing_else(store).await;
    everything_is_deleted_at_once(store).await;
}

fn confirmation() -> PendingConfirmation {
    let link = "https://mail.google.com/mail/vf-x".to_owned();
    PendingConfirmation { link, code: Some("99427480".to_owned()), until: at(86_400) }
}

async fn a_note_changes_nothing_else<T: ArrivalStore>(store: &T) {
    let tag = new_tag();
    let read = async || store.arrivals(&tag).await.expect("an answer");
    let mut expected = Arrivals::default();
    assert_eq!(read().await, expected, "nothing is stored yet");

    let programs = [ProgramId::from_random([1; 4]), ProgramId::from_random([2; 4])];
    for (program, seconds) in [(&programs[0], 1), (&programs[1], 2), (&programs[0], 3)] {
        store.note_use(&tag, program, at(seconds)).await.expect("an answer");
    }
    expected.last_used = BTreeMap::from([(programs[0].clone(), at(3)), (programs[1].clone(), at(2))]);
    assert_eq!(read().await, expected, "each program has its own time");

    store.note_arrival(&tag, at(4), Some(Refusal::NotSigned)).await.expect("an answer");
    (expected.arrived_at, expected.refusal) = (Some(at(4)), Some(Refusal::NotSigned));
    assert_eq!(read().await, expected, "a refused message");

    store.note_confirmation(&tag, at(5), &confirmation()).await.expect("an answer");
    (expected.arrived_at, expected.refusal, expected.confirmation) = (Some(at(5)), None, Some(confirmation()));
    assert_eq!(read().await, expected, "a confirmation is a message that was not refused");

    store.note_arrival(&tag, at(6), Some(Refusal::Stale)).await.expect("an answer");
    store.note_arrival(&tag, at(7), None).await.expect("an answer");
    (expected.arrived_at, expected.refusal) = (Some(at(7)), None);
    assert_eq!(read().await, expected, "a delivered one");
}

async fn everything_is_deleted_at_once<T: ArrivalStore>(store: &T) {
    let tag = new_tag();
    store.note_use(&tag, &ProgramId::from_random([1; 4]), at(1)).await.expect("an answer");
    store.note_confirmation(&tag, at(2), &confirmation()).await.expect("an answer");
    store.delete_arrivals(&tag).await.expect("an answer");
    store.delete_arrivals(&tag).await.expect("deleting what is not there is no error");
    assert_eq!(store.arrivals(&tag).await.expect("an answer"), Arrivals::default());
}
