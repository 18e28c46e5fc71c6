//! The request of a session: what has been seen of it, and when a new one is opened.
//!
//! A new one is opened at the first command that asks for news after it has ended, or after a pause: then another login has
//! begun, and a code that is still on its way to the last one must not look like the new one's. One that a newer request
//! has superseded is followed by none before a pause: another session of the same program waits, and two sessions would
//! supersede each other for ever.

use super::limits::LOGIN_PAUSE;
use crate::codes::{CodeMail, Opened};
use relay::status::End;
use tokio::time::Instant;

/// The request of a session.
#[derive(Debug)]
pub(super) struct Watch<R> {
    request: R,
    /// When its window ends, so that codes are erased even if nobody looks.
    closes_at: Instant,
    /// When the client last sent a command.
    last_used: Instant,
    state: State,
    /// The code that was seen last.
    seen: Option<CodeMail>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Open,
    Superseded,
    Ended,
}

impl<R> Watch<R> {
    pub(super) fn new(opened: Opened<R>, now: Instant) -> Self {
        let Opened { request, window } = opened;
        Self { request, closes_at: now + window, last_used: now, state: State::Open, seen: None }
    }

    /// The request to look at; `None` if it has ended.
    pub(super) fn open_request(&self) -> Option<&R> {
        (self.state == State::Open).then_some(&self.request)
    }

    /// When codes have to be erased; `None` if that has been done.
    pub(super) fn closes_at(&self) -> Option<Instant> {
        (self.state == State::Open).then_some(self.closes_at)
    }

    /// Whether a client that asks for news now needs a new request.
    pub(super) fn needs_renewal(&self, now: Instant) -> bool {
        let paused = now.duration_since(self.last_used) >= LOGIN_PAUSE;
        paused || self.state == State::Ended || now >= self.closes_at
    }

    /// Notes that the client has sent a command.
    pub(super) fn note_use(&mut self, now: Instant) {
        self.last_used = now;
    }

    /// Notes a code. Returns whether it has not been seen before.
    pub(super) fn note_code(&mut self, mail: &CodeMail) -> bool {
        let is_new = self.seen.as_ref() != Some(mail);
        self.seen = Some(mail.clone());
        is_new
    }

    /// Notes that the request has ended.
    pub(super) fn note_end(&mut self, end: Option<End>) {
        self.state = if end == Some(End::Superseded) { State::Superseded } else { State::Ended };
        self.seen = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const WINDOW: Duration = Duration::from_mins(5);

    fn watch(now: Instant) -> Watch<()> {
        Watch::new(Opened { request: (), window: WINDOW }, now)
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_renewed_after_its_end_or_a_pause() {
        let start = Instant::now();
        let mut watch = watch(start);
        let just_before = start + LOGIN_PAUSE - Duration::from_millis(1);
        assert!(!watch.needs_renewal(just_before) && watch.needs_renewal(start + LOGIN_PAUSE));
        watch.note_use(just_before);
        assert!(!watch.needs_renewal(start + LOGIN_PAUSE));
        watch.note_end(Some(End::TimedOut));
        assert!(watch.needs_renewal(start + LOGIN_PAUSE) && watch.open_request().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_renewed_after_its_window_even_if_its_end_was_not_seen() {
        let start = Instant::now();
        let mut watch = watch(start);
        watch.note_use(start + WINDOW);
        assert!(!watch.needs_renewal(start + WINDOW - Duration::from_millis(1)));
        assert!(watch.needs_renewal(start + WINDOW));
    }

    #[tokio::test(start_paused = true)]
    async fn a_superseded_request_is_renewed_after_a_pause_only() {
        let start = Instant::now();
        let mut watch = watch(start);
        watch.note_end(Some(End::Superseded));
        assert!(!watch.needs_renewal(start) && watch.needs_renewal(start + LOGIN_PAUSE));
    }
}
