//! From the last byte of a mail to the code at the status URL.

use crate::client::{agent, prestage};
use crate::peer::Peer;
use crate::relay::Relay;
use crate::report;
use crate::workload::{code, enrolled, mail};
use std::time::{Duration, Instant};

const LOGINS: usize = 1000;

/// Mails that come over one connection.
const MAILS: usize = 25;

pub(crate) fn measure() {
    let relay = Relay::start();
    let household = enrolled(&relay, LOGINS);
    let http = agent();
    let mut peer = Peer::greeted(&relay.smtp);
    let (mut accepted, mut visible) = (Vec::new(), Vec::new());
    for (number, enrolment) in household.iter().enumerate() {
        if number % MAILS == 0 {
            peer = Peer::greeted(&relay.smtp);
        }
        let url = prestage(enrolment);
        let code = code(number);
        peer.bring_all_but_the_end("me@gmail.com", &enrolment.relay_address, &mail(&code));
        let last_byte = Instant::now();
        peer.say(b".\r\n");
        assert!(peer.hear().starts_with("250"));
        accepted.push(last_byte.elapsed());
        let document = http.get(&url).call().expect("an answer").into_body().read_to_string().expect("a document");
        visible.push(last_byte.elapsed());
        assert!(document.contains(&code), "{document}");
    }
    report(&format!("latency, {LOGINS} logins one after another, from the last byte of the mail"));
    report(&format!("  to 250                     {}", quantiles(accepted)));
    report(&format!("  to the code at its URL     {}", quantiles(visible)));
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    format!("median {:.2} ms, 99 % {:.2} ms, all {:.2} ms", at(50), at(99), at(100))
}
