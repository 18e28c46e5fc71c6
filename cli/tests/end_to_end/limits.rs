//! What others can spend of the relay: strangers on the network, and whoever should read its output.

use crate::start_relay;
use std::time::{Duration, Instant};
use test_support::{Relay, eventually, send_raw};

/// Has the relay log more lines than a pipe (some 1,100) and its own queue hold together.
fn log_too_much(relay: &Relay) {
    let call = "POST /prestage HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n";
    let calls = format!("{call}\r\n").repeat(99) + call + "Connection: close\r\n\r\n";
    for _ in 0..30 {
        assert_eq!(send_raw(&relay.http, calls.as_bytes()).matches("HTTP/1.1 400").count(), 100);
    }
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let mut relay = start_relay();
    let gate = relay.log_gate();
    let held = gate.lock().expect("no panic");
    log_too_much(&relay);
    let started = Instant::now();
    relay.signal("TERM");
    assert_eq!(relay.wait(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(5), "the end does not wait for a reader");
    drop(held);
}

#[test]
fn lines_that_the_log_could_not_write_are_counted() {
    let mut relay = start_relay();
    let gate = relay.log_gate();
    let held = gate.lock().expect("no panic");
    log_too_much(&relay);
    drop(held);
    let dropped = |relay: &Relay| {
        let log = relay.log();
        let numbers = log.iter().filter_map(|line| line.split_once("log lines dropped: ")?.1.parse::<usize>().ok());
        numbers.sum::<usize>()
    };
    assert!(eventually(|| dropped(&relay) > 0));
    assert_eq!(relay.stop(), Some(0));
    let written = relay.log().iter().filter(|line| line.contains("prestage denied")).count();
    assert_eq!(written + dropped(&relay), 3000);
    assert_eq!(relay.log().last().map(String::as_str), Some("stopped"), "the log goes on");
}
