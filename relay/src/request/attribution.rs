//! Attribution: a message belongs to the login that caused it (DESIGN section 4).
//!
//! A program opens its request and logs in right after it, and the login causes the mail. So the requests of one provider
//! are ordered by the time of opening, and each owns the messages written from its opening to the next one's:
//! "with requests A and B, opened at a and b, a message written in [a, b) is A's and never B's, even if A has ended; from
//! b on it is B's, unless B has its code and A waits".
//!
//! The time of writing comes from a Date with whole seconds by another host's clock. Three rules decide what it cannot:
//!
//! - **Grace**: a message written up to 30 s before a request opened is its own, if no other request could have caused
//!   it: clocks differ, and with a single request at a time nothing else is to be told apart.
//! - **Ties**: if A and B opened within [`CLOCK_TOLERANCE`], no Date tells their messages apart, for a login takes a second
//!   or two to cause its mail. Their messages are given out in the order of opening: the message that is processed first is
//!   the one of the login that began first. Only if one overtakes the other is that wrong; judging by Date alone, every pair
//!   of programs that start together would cross.
//! - **Near-ties**: a message dated in a second that ends up to [`CLOCK_TOLERANCE`] *before* B opened is A's while A
//!   expects one, which it does for [`PROMPT`] after its opening and until it has its message. After that it is B's: a
//!   cloud writes the mail as soon as it is asked, so a clock that is slow by a second is more likely than a mail that the
//!   older login caused so late. This is the one exception to "in [a, b) it is A's", and without it a slow clock would take
//!   every code from the second of two programs.
//!
//! Between these bounds the Date decides, so it must be right to about the distance of the two openings: programs that
//! start three seconds apart get each other's codes if the provider's clock is three seconds off.

use super::Request;
use crate::verdict::CodeMessage;
use jiff::{SignedDuration, Timestamp};

/// How long before a request opened its message may be dated, if no other request could have caused it.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// By how much the provider's clock and ours may differ.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// How long after its opening a request expects its message to be written: a login asks for its code at once.
const PROMPT: SignedDuration = SignedDuration::from_secs(10);

/// The request that `message` belongs to, among `line`: all requests of its provider by the time of opening. It may have
/// ended, or have a code already. Returns `None` if the message belongs to none.
pub(super) fn owner<'a>(line: &[&'a Request], message: &CodeMessage, now: Timestamp) -> Option<&'a Request> {
    let waits = |request: &&&Request| request.waits(message.accepted_at, now);
    let (earlier, later) = line.split_at_checked(index_by_time(line, message)? + 1)?;
    let by_time = *earlier.last()?;
    let near = later.iter().take_while(|next| !expects(by_time, message) && is_near(next, message)).count();
    let near = later.get(..near)?;
    let tied = earlier.get(first_tied(earlier)..)?;
    let lacks_message = |request: &&&Request| {
        let could_cause = message.written.earliest < request.expires_at;
        could_cause && request.served.is_empty() && !restarted(request, tied) && !restarted(request, near)
    };
    if let Some(first) = near.iter().chain(tied).find(lacks_message) {
        return Some(first);
    }
    // All that could have caused it have theirs: an older one may wait, or it is the newest code of its login.
    let newest = by_time.delivery.is_some() && near.is_empty();
    earlier.iter().rev().find(waits).copied().or(newest.then_some(by_time))
}

/// The index of the last request that was open when the message was written.
fn index_by_time(line: &[&Request], message: &CodeMessage) -> Option<usize> {
    let mut until = Timestamp::MIN;
    let mut found = None;
    for (index, request) in line.iter().enumerate() {
        let grace = request.opened_at.checked_sub(GRACE).unwrap_or(Timestamp::MIN);
        // No grace against a time at which an earlier request could have caused the message.
        let owns_from = grace.max(until.min(request.opened_at));
        if owns_from <= message.written.latest {
            found = Some(index);
        }
        until = until.max(request.expires_at);
    }
    found
}

/// Where the last requests of a line begin that opened too close after each other to be told apart.
fn first_tied(line: &[&Request]) -> usize {
    let gap = |pair: &[&Request]| match pair {
        [one, other] => one.opened_at.duration_until(other.opened_at),
        _ => SignedDuration::MAX,
    };
    line.windows(2).rposition(|pair| gap(pair) > CLOCK_TOLERANCE).map_or(0, |at| at + 1)
}

/// Whether the request's program asked again at once, because it did not hear the first answer: then it logged in once.
fn restarted(request: &Request, tied: &[&Request]) -> bool {
    let position = tied.iter().position(|other| other.id == request.id);
    position.is_some_and(|at| tied.iter().skip(at + 1).any(|later| later.program == request.program))
}

/// Whether a request that opened after a message's date may have caused it nevertheless.
fn is_near(next: &Request, message: &CodeMessage) -> bool {
    message.written.latest.duration_until(next.opened_at) <= CLOCK_TOLERANCE
}

/// Whether the request's own message was still to be written when this one was.
fn expects(request: &Request, message: &CodeMessage) -> bool {
    request.served.is_empty() && request.opened_at.duration_until(message.written.latest) < PROMPT
}
