//! The relay on one machine, measured from outside, without DNS: `cargo bench -p cli`.
//!
//! - latency: from the last byte of a mail to the code at the status URL.
//! - load: 1,000 logins in flight, whose mails come over 100 connections; nothing is lost and nothing crossed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "the helpers are those of the end-to-end suite, and a measurement may say what it takes for granted"
)]

#[path = "../../tests/end_to_end/client.rs"]
mod client;
#[path = "../../tests/end_to_end/letter.rs"]
mod letter;
#[path = "../../tests/end_to_end/peer.rs"]
mod peer;
#[path = "../../tests/end_to_end/relay.rs"]
mod relay;

mod latency;
mod load;
mod workload;

use std::io::Write;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    latency::measure();
    load::measure();
}

fn report(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads it");
}
