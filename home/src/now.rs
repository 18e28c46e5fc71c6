//! The relay's time: the wall clock without its steps.
//!
//! A window must neither end early nor last longer because somebody sets the clock, and of two openings the second must
//! have the later time. So the time advances with the monotonic clock and follows the wall clock like this:
//!
//! - A difference of up to [`MAX_SLEWED`] is made up gradually, by a tenth of the time that passes.
//! - If the wall clock is further ahead, its time is adopted at once: the machine was suspended, or its clock was set after
//!   a start with a wrong one. Mails are dated by clocks that are right, so a wrong time must not last.
//! - If it is further behind, the time that the relay had was wrong. It is given up by [`Clock`](crate::clock::Clock)
//!   alone, which first ends what was opened at such times: otherwise those requests would count as newer than any that
//!   follow.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The largest difference that is made up gradually: what a mail's Date may differ as well.
const MAX_SLEWED: SignedDuration = SignedDuration::from_secs(30);

/// A difference is made up by this part of the time that passes.
const SLEW: i32 = 10;

/// The time of this process. There is one, as there is one wall clock.
static TIME: Mutex<Option<RelayTime>> = Mutex::new(None);

/// Returns the relay's time. It never goes back, except by [`go_back`].
pub(crate) fn now() -> Timestamp {
    with_time(RelayTime::advance)
}

/// Returns the wall clock's time if the relay's time is so far ahead of it that it is to [go back](go_back).
pub(crate) fn wrong_since() -> Option<Timestamp> {
    let wall = Timestamp::now();
    is_wrong(now(), wall).then_some(wall)
}

/// Sets the relay's time back.
pub(crate) fn go_back(to: Timestamp) {
    with_time(|time, monotonic, _| *time = RelayTime { monotonic, time: to });
}

fn is_wrong(time: Timestamp, wall: Timestamp) -> bool {
    wall.duration_until(time) > MAX_SLEWED
}

fn with_time<T>(work: impl FnOnce(&mut RelayTime, Instant, Timestamp) -> T) -> T {
    let mut time = TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (monotonic, wall) = (Instant::now(), Timestamp::now());
    work(time.get_or_insert(RelayTime { monotonic, time: wall }), monotonic, wall)
}

/// The relay's time at a moment of the monotonic clock.
#[derive(Debug, Clone, Copy)]
struct RelayTime {
    monotonic: Instant,
    time: Timestamp,
}

impl RelayTime {
    /// Advances to a moment of the monotonic clock, at which the wall clock shows `wall`. Returns the time.
    fn advance(&mut self, monotonic: Instant, wall: Timestamp) -> Timestamp {
        let passed = monotonic.saturating_duration_since(self.monotonic);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let time = self.time.saturating_add(passed).unwrap_or(Timestamp::MAX);
        let behind = time.duration_until(wall);
        self.monotonic = monotonic;
        self.time = if behind > MAX_SLEWED {
            wall
        } else if is_wrong(time, wall) {
            time
        } else {
            let most = passed / SLEW;
            time.saturating_add(behind.clamp(-most, most)).unwrap_or(time)
        };
        self.time
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A relay, the seconds that pass, and how far its wall clock is off.
    struct Machine {
        time: RelayTime,
        start: Instant,
        passed: u64,
        wall_is_ahead_by: i64,
    }

    impl Machine {
        fn new() -> Self {
            let start = Instant::now();
            Self { time: RelayTime { monotonic: start, time: at(0) }, start, passed: 0, wall_is_ahead_by: 0 }
        }

        fn wall(&self) -> Timestamp {
            at(i64::try_from(self.passed).expect("a few") + self.wall_is_ahead_by)
        }

        /// The time after so many more seconds, each of which something happens in.
        fn after(&mut self, seconds: u64) -> Timestamp {
            for _ in 0..seconds {
                self.passed += 1;
                let (before, monotonic) = (self.time.time, self.start + Duration::from_secs(self.passed));
                let wall = self.wall();
                assert!(self.time.advance(monotonic, wall) > before, "it never goes back");
            }
            self.time.time
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_291_200 + second).expect("a moment in 2026")
    }

    #[test]
    fn a_small_step_is_made_up_gradually() {
        for step in [-20, -5, 5, 20] {
            let mut machine = Machine::new();
            assert_eq!(machine.after(10), at(10));
            machine.wall_is_ahead_by = step;
            let soon = at(10).duration_until(machine.after(10)).as_secs_f64();
            assert!((8.9..11.1).contains(&soon), "10 s last {soon} s");
            machine.after(300);
            assert_eq!(machine.time.time, machine.wall());
        }
    }

    #[test]
    fn a_large_step_forward_is_adopted_at_once() {
        let mut machine = Machine::new();
        machine.after(10);
        machine.wall_is_ahead_by = 7200;
        assert_eq!(machine.after(1), at(7211));
    }

    #[test]
    fn a_large_step_back_is_only_reported() {
        let mut machine = Machine::new();
        machine.after(10);
        machine.wall_is_ahead_by = -7200;
        assert_eq!(machine.after(10), at(20));
        assert!(is_wrong(machine.time.time, machine.wall()));
        machine.wall_is_ahead_by = -20;
        assert!(!is_wrong(machine.after(1), machine.wall()));
    }

    #[test]
    fn it_begins_as_the_wall_clock_s_time() {
        assert!(now().duration_until(Timestamp::now()).abs() < SignedDuration::from_secs(5));
    }
}
