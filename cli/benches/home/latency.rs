//! Latency from the last byte of a mail to the code at its status URL.

use crate::workload::{add_mailboxes, code, mail};
use crate::{report, start_relay};
use std::time::{Duration, Instant};
use test_support::{SmtpClient, agent, prestage};

const LOGINS: usize = 1000;

/// Mails over one SMTP connection.
const MAILS_PER_CONNECTION: usize = 25;

pub(crate) fn measure() {
    let relay = start_relay();
    let enrolments = add_mailboxes(&relay, LOGINS);
    let http = agent();
    let mut smtp = SmtpClient::connect_and_greet(&relay.smtp);
    let (mut accepted, mut visible) = (Vec::new(), Vec::new());
    for (number, enrolment) in enrolments.iter().enumerate() {
        if number % MAILS_PER_CONNECTION == 0 {
            smtp = SmtpClient::connect_and_greet(&relay.smtp);
        }
        let url = prestage(enrolment);
        let code = code(number);
        smtp.send_without_final_dot("me@gmail.com", &enrolment.relay_address, &mail(&code));
        let last_byte = Instant::now();
        smtp.send(b".\r\n");
        assert!(smtp.read_reply().starts_with("250"));
        accepted.push(last_byte.elapsed());
        let document = http.get(&url).call().expect("a response").into_body().read_to_string().expect("a document");
        visible.push(last_byte.elapsed());
        assert!(document.contains(&code), "{document}");
    }
    report(&format!("latency, {LOGINS} logins in sequence, from the last byte of the mail"));
    report(&format!("  to 250                     {}", quantiles(accepted)));
    report(&format!("  to the code at its URL     {}", quantiles(visible)));
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    format!("median {:.2} ms, 99 % {:.2} ms, all {:.2} ms", at(50), at(99), at(100))
}
