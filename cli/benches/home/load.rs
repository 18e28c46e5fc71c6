//! Load: 1,000 logins in flight, whose mails arrive over 100 concurrent connections.

use crate::workload::{add_mailboxes, code, mail};
use crate::{report, start_relay};
use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use test_support::{Enrolment, Relay, SmtpClient, agent, prestage};

const LOGINS: u16 = 1000;
const CONNECTIONS: usize = 100;

/// Concurrent clients, each of which polls for many logins.
const CLIENTS: usize = 20;

pub(crate) fn measure() {
    let relay = start_relay();
    report(&format!("load, {LOGINS} logins in flight, their mails over {CONNECTIONS} connections"));
    report(&format!("  memory at rest             {}", memory(&relay, "VmRSS")));
    let enrolments = add_mailboxes(&relay, LOGINS.into());
    let urls: Vec<String> = enrolments.iter().map(prestage).collect();
    report(&format!("  memory, all logins open    {}", memory(&relay, "VmRSS")));

    let start = Instant::now();
    let (delivered, polls) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let urls = &urls;
                scope.spawn(move || poll_all(urls, client))
            })
            .collect();
        deliver_all(&relay, &enrolments);
        let delivered = start.elapsed();
        (delivered, clients.into_iter().map(|client| client.join().expect("nothing lost or crossed")).sum::<usize>())
    });
    let per_second = f64::from(LOGINS) / delivered.as_secs_f64();
    report(&format!("  mails per second           {per_second:.0}, while {polls} polls were answered"));
    report(&format!("  all codes read after       {:.0} ms", start.elapsed().as_secs_f64() * 1000.0));
    report(&format!("  memory at most             {}", memory(&relay, "VmHWM")));
    report("  lost 0, crossed 0");
}

/// Delivers each login's mail. All connections are open before the first mail is sent.
fn deliver_all(relay: &Relay, enrolments: &[Enrolment]) {
    let all_connected = Barrier::new(CONNECTIONS);
    thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let all_connected = &all_connected;
            scope.spawn(move || {
                let mut smtp = SmtpClient::connect_and_greet(&relay.smtp);
                all_connected.wait();
                for (number, enrolment) in every_nth(enrolments, connection, CONNECTIONS) {
                    let reply = smtp.deliver("me@gmail.com", &enrolment.relay_address, &mail(&code(number)));
                    assert!(reply.starts_with("250"), "{reply}");
                }
            });
        }
    });
}

/// Polls until every login has its code. Returns the number of polls.
fn poll_all(urls: &[String], client: usize) -> usize {
    let http = agent();
    let mut polls = 0;
    let mut waiting: Vec<_> = every_nth(urls, client, CLIENTS).collect();
    while !waiting.is_empty() {
        waiting.retain(|(number, url)| {
            polls += 1;
            let document = http.get(*url).call().expect("a response").into_body().read_to_string().expect("a document");
            let is_complete = document.contains("\"complete\"");
            assert!(!is_complete || document.contains(&code(*number)), "crossed: {document}");
            !is_complete
        });
    }
    polls
}

fn every_nth<T>(all: &[T], first: usize, step: usize) -> impl Iterator<Item = (usize, &T)> {
    all.iter().enumerate().skip(first).step_by(step)
}

/// A line of /proc/PID/status (proc(5)), in megabytes.
fn memory(relay: &Relay, name: &str) -> String {
    let account = fs::read_to_string(format!("/proc/{}/status", relay.process_id())).unwrap_or_default();
    let line = account.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.map_or_else(|| "unknown here".to_owned(), |kilobytes| format!("{:.1} MB", kilobytes / 1024.0))
}
