//! Benchmark of the relay on one machine, measured from outside: `cargo bench -p cli --bench home`.
//!
//! - latency: from the last byte of a mail to the code at the status URL.
//! - worst case: the CPU time of mails that are built to take long.
//! - load: 1,000 logins in flight, whose mails arrive over 100 connections; checks that no code is lost or crossed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed expectation is how a benchmark fails"
)]

mod latency;
mod load;
mod workload;
mod worst_case;

use std::io::Write;
use test_support::{Program, Relay};

fn main() {
    // `cargo test --benches` runs it without this argument, only to see that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    latency::measure();
    worst_case::measure();
    load::measure();
}

/// Starts a relay that queries no name server.
fn start_relay() -> Relay {
    Relay::start(Program(env!("CARGO_BIN_EXE_mfa-relay")), &["--resolver", "none"])
}

fn report(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output is open");
}
