//! Polling: retries, backoff and deadlines.

use super::client::Client;
use super::failure::Failure;
use super::response::{self, Progress};
use crate::terminal::Countdown;
use relay::secret::Code;
use serde_json::Value;
use std::time::{Duration, Instant};
use ureq::http::Uri;

/// Time between two polls of the status. One costs a relay on AWS $0.0000004.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How long a prestage is retried.
const OPEN_TIMEOUT: Duration = Duration::from_mins(1);

/// The window if the relay does not tell it (DESIGN section 2).
const DEFAULT_WINDOW: Duration = Duration::from_mins(5);

/// The longest window that a relay can have.
const MAX_WINDOW: Duration = Duration::from_secs(u16::MAX as u64);

/// How long to poll after the window has ended: the relay's own message tells which mails were refused.
const GRACE: Duration = Duration::from_secs(3);

/// Opens a request, and retries while the relay is busy. Returns the status URL.
pub(super) fn open(client: &Client, call: &Value) -> Result<Uri, Failure> {
    let deadline = Instant::now() + OPEN_TIMEOUT;
    let mut backoff = Backoff::default();
    loop {
        let failure = match client
            .prestage(call)
            .and_then(|response| response::opened(&response).map(|opened| opened.status_url))
        {
            Err(failure @ Failure::Busy { .. }) => failure,
            result => return result,
        };
        let next = Instant::now() + backoff.delay_after(&failure);
        if next > deadline {
            return Err(failure);
        }
        sleep_until(next, &mut |_| ());
    }
}

/// Polls until the code arrives, the request ends, or the window is over.
pub(super) fn code(client: &Client, status_url: &Uri) -> Result<Code, Failure> {
    let mut countdown = Countdown::start();
    let opened = Instant::now();
    let mut window = None;
    let mut backoff = Backoff::default();
    loop {
        let (delay, failure) = match client.poll(status_url).and_then(|response| response::progress(&response)) {
            Ok(Progress::Complete(code)) => return Ok(code),
            Ok(Progress::Pending(remaining)) => {
                // Only the first response counts, so that none can extend the window.
                window = window.or(remaining.map(|remaining| opened.elapsed() + remaining.min(MAX_WINDOW)));
                backoff = Backoff::default();
                (POLL_INTERVAL, None)
            }
            Err(failure) if failure.is_transient() => (backoff.delay_after(&failure), Some(failure)),
            Err(failure) => return Err(failure),
        };
        let end = opened + window.unwrap_or(DEFAULT_WINDOW);
        let now = Instant::now();
        if now >= end + GRACE {
            return Err(failure.unwrap_or_else(timed_out));
        }
        sleep_until((now + delay).min(end + GRACE), &mut |now| countdown.show(end.saturating_duration_since(now)));
    }
}

fn timed_out() -> Failure {
    Failure::TimedOut(
        "No code arrived within the window. Check that the login asked for one and that the mailbox forwards it."
            .to_owned(),
    )
}

/// Exponential backoff, unless the relay asks for a delay of its own.
struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(POLL_INTERVAL)
    }
}

impl Backoff {
    const MAX: Duration = Duration::from_secs(8);

    fn delay_after(&mut self, failure: &Failure) -> Duration {
        self.0 = (self.0 * 2).min(Self::MAX);
        match failure {
            Failure::Busy { retry_after: Some(delay), .. } => (*delay).clamp(POLL_INTERVAL, MAX_WINDOW),
            _ => self.0,
        }
    }
}

/// Sleeps, and calls `tick` with the time at least twice a second.
fn sleep_until(end: Instant, tick: &mut impl FnMut(Instant)) {
    loop {
        let now = Instant::now();
        tick(now);
        let remaining = end.saturating_duration_since(now).min(POLL_INTERVAL);
        if remaining.is_zero() {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "a client that polls over HTTP can only wait for time to pass")]
        std::thread::sleep(remaining);
    }
}
