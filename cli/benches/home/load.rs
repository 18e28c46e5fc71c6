//! 1,000 logins in flight, whose mails come over 100 connections at once.

use crate::client::{agent, prestage};
use crate::peer::Peer;
use crate::relay::{Enrolment, Relay};
use crate::report;
use crate::workload::{code, enrolled, mail};
use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

const LOGINS: u16 = 1000;
const CONNECTIONS: usize = 100;

/// Clients that poll at once, each for many logins.
const CLIENTS: usize = 20;

pub(crate) fn measure() {
    let relay = Relay::start();
    report(&format!("load, {LOGINS} logins in flight, their mails over {CONNECTIONS} connections"));
    report(&format!("  memory at rest             {}", memory(&relay, "VmRSS")));
    let household = enrolled(&relay, LOGINS.into());
    let urls: Vec<String> = household.iter().map(prestage).collect();
    report(&format!("  memory, all logins open    {}", memory(&relay, "VmRSS")));

    let began = Instant::now();
    let (brought, polls) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let urls = &urls;
                scope.spawn(move || poll_all(urls, client))
            })
            .collect();
        bring_all(&relay, &household);
        let brought = began.elapsed();
        (brought, clients.into_iter().map(|client| client.join().expect("nothing lost or crossed")).sum::<usize>())
    });
    let per_second = f64::from(LOGINS) / brought.as_secs_f64();
    report(&format!("  mails per second           {per_second:.0}, while {polls} polls were answered"));
    report(&format!("  all codes read after       {:.0} ms", began.elapsed().as_secs_f64() * 1000.0));
    report(&format!("  memory at most             {}", memory(&relay, "VmHWM")));
    report("  lost 0, crossed 0");
}

/// Brings each login's mail; all connections are open before the first mail is.
fn bring_all(relay: &Relay, household: &[Enrolment]) {
    let all_are_here = Barrier::new(CONNECTIONS);
    thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let all_are_here = &all_are_here;
            scope.spawn(move || {
                let mut peer = Peer::greeted(&relay.smtp);
                all_are_here.wait();
                for (number, enrolment) in every_nth(household, connection, CONNECTIONS) {
                    let reply = peer.bring("me@gmail.com", &enrolment.relay_address, &mail(&code(number)));
                    assert!(reply.starts_with("250"), "{reply}");
                }
            });
        }
    });
}

/// Polls until every login has its code, and says how often it asked.
fn poll_all(urls: &[String], client: usize) -> usize {
    let http = agent();
    let mut polls = 0;
    let mut waiting: Vec<_> = every_nth(urls, client, CLIENTS).collect();
    while !waiting.is_empty() {
        waiting.retain(|(number, url)| {
            polls += 1;
            let document = http.get(*url).call().expect("an answer").into_body().read_to_string().expect("a document");
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

/// A line of the kernel's account of the process (proc(5)).
fn memory(relay: &Relay, name: &str) -> String {
    let account = fs::read_to_string(format!("/proc/{}/status", relay.process.id())).unwrap_or_default();
    let line = account.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.map_or_else(|| "unknown here".to_owned(), |kilobytes| format!("{:.1} MB", kilobytes / 1024.0))
}
