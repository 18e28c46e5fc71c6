//! Any order of events: two or three programs, two providers, mails late, doubled and out of order, clocks off by 2 s,
//! revocations, and tries that break off between two steps.
//!
//! A client that gives up tells the relay nothing: its request stays open, as every one here does until its window ends.

use super::*;
use crate::provider::PROVIDERS;
use proptest::prelude::*;
use std::ops::RangeInclusive;

/// Milliseconds within which two openings tie.
const TIE: i64 = 2_000;

/// By how many milliseconds each provider's clock is ahead.
type Skews = [i64; PROVIDERS.len()];

fn skews(range: RangeInclusive<i64>) -> impl Strategy<Value = Skews> {
    prop::array::uniform(range)
}

/// One login: a program asks, logs in, and the cloud writes one mail, which may arrive twice.
#[derive(Debug, Clone)]
struct Login {
    /// Milliseconds since the last login at the same provider: two that tie, or two that no clock confuses.
    gap: i64,
    program: u8,
    provider: usize,
    /// Milliseconds from the request to the mail.
    writing: i64,
    /// Milliseconds from there to its acceptance.
    on_the_way: i64,
    /// Milliseconds from the first acceptance to the copy's.
    copy_after: Option<i64>,
    /// Whether the first try to deliver it breaks off after the claim.
    breaks_off: bool,
    /// Milliseconds from the request to the revocation of its program's token, after which the program has a new one.
    revoked_after: Option<i64>,
}

/// Logins that start together, or so far apart that no clock confuses them.
fn login() -> impl Strategy<Value = Login> {
    login_after(prop_oneof![0..=2_000_i64, 12_000..90_000_i64], 2_000)
}

/// Logins so many milliseconds apart, whose cloud takes at most so many to write the mail.
fn login_after(gap: impl Strategy<Value = i64>, writing: i64) -> impl Strategy<Value = Login> {
    let copy = prop::option::weighted(0.3, 1..60_000_i64);
    // Some come after their window.
    let on_the_way = prop_oneof![4 => 200..4_000_i64, 4 => 4_000..60_000_i64, 1 => 290_000..400_000_i64];
    let revoked = prop::option::weighted(0.1, 0..60_000_i64);
    let strategy = (gap, 0..3_u8, 0..PROVIDERS.len(), 0..writing, on_the_way, copy, prop::bool::weighted(0.2), revoked);
    strategy.prop_map(|(gap, program, provider, writing, on_the_way, copy_after, breaks_off, revoked_after)| Login {
        gap,
        program,
        provider,
        writing,
        on_the_way,
        copy_after,
        breaks_off,
        revoked_after,
    })
}

/// What happens, by the relay's clock.
#[derive(Debug, Clone)]
enum Event {
    Open(usize),
    Arrive { login: usize, is_copy: bool },
    WindowEnds(usize),
    Revoke(u8),
}

/// The events of all logins in their order, and when each mail was written. Mails of logins that begin at most `ordered`
/// milliseconds after each other arrive in the order of their logins: what overtakes there cannot be told apart.
fn events(logins: &[Login], ordered: i64) -> (Vec<(i64, Event)>, Vec<i64>) {
    let mut events = Vec::new();
    let mut written = Vec::new();
    let mut clocks = [0_i64; PROVIDERS.len()];
    let mut last_of_tie = [0_i64; PROVIDERS.len()];
    for (number, login) in logins.iter().enumerate() {
        clocks[login.provider] += login.gap;
        let now = clocks[login.provider];
        if login.gap > ordered {
            last_of_tie[login.provider] = 0;
        }
        let previous = &mut last_of_tie[login.provider];
        let written_at = now + login.writing;
        let arrives = (written_at + login.on_the_way).max(*previous + 1);
        *previous = arrives;
        events.push((now, Event::Open(number)));
        events.push((arrives, Event::Arrive { login: number, is_copy: false }));
        events.extend(login.copy_after.map(|after| (arrives + after, Event::Arrive { login: number, is_copy: true })));
        events.push((now + 300_000, Event::WindowEnds(number)));
        events.extend(login.revoked_after.map(|after| (now + after, Event::Revoke(login.program))));
        written.push(written_at);
    }
    events.sort_by_key(|(at, _)| *at);
    (events, written)
}

/// The mail of a login, dated by a clock that is off by `skew` milliseconds.
fn mail(login: &Login, number: usize, written: i64, skew: i64, accepted: i64) -> CodeMessage {
    let date = (written + skew).div_euclid(1000);
    let name = format!("m{number}");
    let message = message(&name, Some(date), 0);
    let accepted_at = at_ms(accepted);
    let written = Written::of(Some(at(date)), accepted_at);
    let identity = MessageIdentity { written_at: written.earliest, ..message.identity };
    CodeMessage { provider: &PROVIDERS[login.provider], written, accepted_at, identity, ..message }
}

fn number_of(number: usize) -> u8 {
    u8::try_from(number).expect("few logins")
}

/// Plays the logins, and checks what becomes of each mail.
fn check(logins: Vec<Login>, skews: Skews, ordered: i64) -> Result<(), TestCaseError> {
    let logins = without_double_starts(logins);
    let (events, written) = events(&logins, ordered);
    let mut record = Requests::default();
    for (now, event) in events {
        match event {
            Event::Open(number) => {
                let login = &logins[number];
                let program = ProgramId::from_random([login.program; 4]);
                let provider = &PROVIDERS[login.provider];
                record = record.opened(Request::open(id(number_of(number)), program, provider, at_ms(now), 300));
                record = record.settled(at_ms(now));
            }
            Event::WindowEnds(number) => record = record.closed(&id(number_of(number))).unwrap_or(record),
            Event::Revoke(program) => {
                record = record.revoked(Some(&ProgramId::from_random([program; 4]))).unwrap_or(record);
            }
            Event::Arrive { login: number, is_copy } => {
                let login = &logins[number];
                let own = id(number_of(number));
                let waited = record.get(&own).is_some_and(|request| request.waits(at_ms(now), at_ms(now)));
                let mut message = mail(login, number, written[number], skews[login.provider], now);
                if is_copy {
                    message.id = message_id(&format!("copy{number}"));
                }
                let step = record.receive(&message, at_ms(now));
                let step = match step {
                    Step::Deliver(claimed, _) if login.breaks_off && !is_copy => {
                        record = claimed;
                        record.receive(&message, at_ms(now + 1))
                    }
                    step => step,
                };
                match step {
                    Step::Deliver(claimed, claim) => {
                        prop_assert_eq!(&claim.request, &own, "login {}'s code went to another", number);
                        record = claimed.confirmed(&claim).expect("the claim counts");
                    }
                    Step::Refuse(next, refusal) => {
                        prop_assert!(!waited, "login {}'s code was refused: {}", number, refusal);
                        record = next.unwrap_or(record);
                    }
                    Step::AlreadyDelivered => prop_assert!(is_copy, "login {}'s code was never delivered", number),
                    step => prop_assert!(false, "login {}: {:?}", number, step),
                }
            }
        }
    }
    prop_assert!(record.iter().all(|request| matches!(request.state(), State::Ended(_))));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// No code goes to a login that did not cause it, none is lost while its request waits, and every request ends.
    #[test]
    fn a_code_goes_to_the_login_that_caused_it(logins in prop::collection::vec(login(), 1..12), skews in skews(-2_000..=2_000)) {
        check(logins, skews, TIE)?;
    }

    /// Logins a few seconds apart, by clocks that are off by up to two seconds, if their mails do not overtake each other:
    /// five seconds is more than a cloud takes to write a mail and its clock is ahead.
    #[test]
    fn a_few_seconds_apart_order_and_date_are_enough(
        logins in prop::collection::vec(login_after(prop_oneof![0..=TIE, 5_000..12_000_i64], 2_000), 1..12),
        skews in skews(-2_000..=2_000),
    ) {
        check(logins, skews, 12_000)?;
    }

    /// The same for logins just out of a tie, if the clock is not ahead and the cloud takes at most a second.
    #[test]
    fn just_out_of_a_tie_a_slow_clock_is_no_harm(
        logins in prop::collection::vec(login_after(prop_oneof![0..=TIE, TIE + 1..12_000_i64], 1_000), 1..12),
        skews in skews(-2_000..=0),
    ) {
        check(logins, skews, 12_000)?;
    }

    /// With clocks that agree, also mails that overtake each other, of logins one second more apart than a cloud takes to
    /// write a mail, for a Date has whole seconds.
    #[test]
    fn with_clocks_that_agree_mails_may_overtake_each_other(
        slow in prop::collection::vec(login_after(prop_oneof![0..=TIE, 3_001..90_000_i64], 2_000), 1..12),
        fast in prop::collection::vec(login_after(prop_oneof![0..=TIE, TIE + 1..90_000_i64], 1_000), 1..12),
    ) {
        check(slow, [0; PROVIDERS.len()], TIE)?;
        check(fast, [0; PROVIDERS.len()], TIE)?;
    }

    /// In any order of any events: no message serves two requests, an end is final, and the record stays small.
    #[test]
    fn no_message_serves_two_requests(
        events in prop::collection::vec((0..4_u8, 0..12_u8, 0..60_i64, 0..40_i64), 1..60)
    ) {
        let mut now = 0;
        let mut record = Requests::default();
        let mut served: BTreeMap<MessageId, RequestId> = BTreeMap::new();
        let mut ended: BTreeMap<RequestId, End> = BTreeMap::new();
        for (kind, number, age, pause) in events {
            now += pause;
            match kind {
                0 => record = record.opened(request(number, number % 3, now)).settled(at(now)),
                1 => record = record.closed(&id(number)).unwrap_or(record),
                2 => record = record.revoked(Some(&ProgramId::from_random([number % 3; 4]))).unwrap_or(record),
                _ => {
                    let message = message(&format!("m{number}"), Some(i64::from(number) * 40 - age), now);
                    if let Step::Deliver(next, claim) = record.receive(&message, at(now)) {
                        let first = served.entry(message.id.clone()).or_insert(claim.request.clone());
                        prop_assert_eq!(&*first, &claim.request);
                        record = next.confirmed(&claim).expect("the claim counts");
                    }
                }
            }
            for request in record.iter().filter(|request| kind != 0 || request.id != id(number)) {
                match (ended.get(&request.id), request.end) {
                    (Some(before), end) => prop_assert_eq!(Some(*before), end, "an end is final"),
                    (None, Some(end)) => drop(ended.insert(request.id.clone(), end)),
                    (None, None) => {}
                }
            }
            if kind == 0 {
                // The number is used again: a new request of the same name.
                ended.remove(&id(number));
                served.retain(|_, request| *request != id(number));
            }
            prop_assert!(record.iter().count() <= 25);
        }
    }
}

/// A program that starts twice within two seconds has one login too many: both of its mails are one program's, and only
/// the newer request waits.
fn without_double_starts(logins: Vec<Login>) -> Vec<Login> {
    let mut kept: Vec<Login> = Vec::new();
    let mut tied: [Vec<u8>; PROVIDERS.len()] = Default::default();
    for login in logins {
        let tied = &mut tied[login.provider];
        if login.gap > TIE {
            tied.clear();
        }
        if !tied.contains(&login.program) {
            tied.push(login.program);
            kept.push(login);
        }
    }
    kept
}
