//! Patience: when to ask again, and when to stop.

use super::client::Client;
use super::failure::Failure;
use super::response::{self, Seen};
use crate::terminal::Countdown;
use relay::secret::Code;
use serde_json::Value;
use std::time::{Duration, Instant};
use ureq::http::Uri;

/// Between two looks at the status. A look costs a relay on AWS 0.4 millionths of a dollar.
const POLL: Duration = Duration::from_millis(500);

/// How long prestage may ask for patience before that is a failure.
const OPENING: Duration = Duration::from_mins(1);

/// The window of a relay that names none (DESIGN section 2).
const WINDOW: Duration = Duration::from_mins(5);

/// The longest window that a relay can have, in seconds.
const LONGEST_WINDOW: Duration = Duration::from_secs(u16::MAX as u64);

/// How long after the window the relay's own last word is waited for: it counts the mails that were refused.
const LAST_WORD: Duration = Duration::from_secs(3);

/// Opens a request, as often as the relay asks for patience.
pub(super) fn open(client: &Client, ask: &Value) -> Result<Uri, Failure> {
    let end = Instant::now() + OPENING;
    let mut delay = Delay::default();
    loop {
        let failure = match client.prestage(ask).and_then(|answer| response::status_url(&answer)) {
            Err(failure @ Failure::Busy { .. }) => failure,
            decided => return decided,
        };
        let next = Instant::now() + delay.after(&failure);
        if next > end {
            return Err(failure);
        }
        sleep_until(next, &mut |_| ());
    }
}

/// Waits for the code, until the relay says how it ended or the window is over.
pub(super) fn code(client: &Client, status: &Uri) -> Result<Code, Failure> {
    let mut countdown = Countdown::start();
    let opened = Instant::now();
    let mut window = None;
    let mut delay = Delay::default();
    loop {
        let (wait, trouble) = match client.status(status).and_then(|answer| response::seen(&answer)) {
            Ok(Seen::Complete(code)) => return Ok(code),
            Ok(Seen::Pending(left)) => {
                // Counted once, so that no answer can prolong it.
                window = window.or(left.map(|left| opened.elapsed() + left.min(LONGEST_WINDOW)));
                delay = Delay::default();
                (POLL, None)
            }
            Err(failure) if failure.may_pass() => (delay.after(&failure), Some(failure)),
            Err(failure) => return Err(failure),
        };
        let end = opened + window.unwrap_or(WINDOW);
        let now = Instant::now();
        if now >= end + LAST_WORD {
            return Err(trouble.unwrap_or_else(over));
        }
        sleep_until((now + wait).min(end + LAST_WORD), &mut |now| countdown.show(end.saturating_duration_since(now)));
    }
}

fn over() -> Failure {
    Failure::TimedOut(
        "No code arrived within the window. Check that the login asked for one and that the mailbox forwards it."
            .to_owned(),
    )
}

/// The pause after a failure: what the relay asks for, or twice the last one.
struct Delay(Duration);

impl Default for Delay {
    fn default() -> Self {
        Self(POLL)
    }
}

impl Delay {
    const LONGEST: Duration = Duration::from_secs(8);

    fn after(&mut self, failure: &Failure) -> Duration {
        self.0 = (self.0 * 2).min(Self::LONGEST);
        match failure {
            Failure::Busy { retry_after: Some(asked), .. } => (*asked).clamp(POLL, LONGEST_WINDOW),
            _ => self.0,
        }
    }
}

/// Sleeps, and tells the time twice a second.
fn sleep_until(end: Instant, tick: &mut impl FnMut(Instant)) {
    loop {
        let now = Instant::now();
        tick(now);
        let left = end.saturating_duration_since(now).min(POLL);
        if left.is_zero() {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "whoever polls over HTTP has nothing to wait for but time")]
        std::thread::sleep(left);
    }
}
