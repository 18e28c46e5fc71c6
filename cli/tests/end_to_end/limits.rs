//! What others can spend of the relay: strangers on the network, and a reader of its output that does not read.

use crate::start_relay;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};
use test_support::{Relay, SmtpClient, code, code_mail, deliver, eventually, mail_from, poll, prestage, send_raw};

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

#[test]
fn polls_are_answered_while_mails_that_take_long_are_judged() {
    const MAILS: usize = 8;
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let slow_mail = [code_mail("467266"), "<a><div>x\r\n".repeat(80_000).into_bytes()].concat();
    let mut peers: Vec<_> = (0..MAILS).map(|_| SmtpClient::connect_and_greet(&relay.smtp)).collect();
    for peer in &mut peers {
        peer.send_without_final_dot("me@gmail.com", &me.relay_address, &slow_mail);
    }
    for peer in &mut peers {
        peer.send(b".\r\n");
    }
    let judged = thread::spawn(move || peers.iter_mut().all(|peer| peer.read_reply().starts_with("250")));
    let mut polls = 0;
    while !judged.is_finished() {
        poll(&url);
        polls += 1;
    }
    assert!(judged.join().expect("no panic"));
    assert!(polls > 3 * MAILS, "{polls} polls were answered meanwhile");
}

#[test]
fn connections_that_send_nothing_delay_no_poll() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let half_open = || {
        let mut stream = TcpStream::connect(&relay.http).expect("a connection");
        stream.write_all(b"GET /status/").expect("sent");
        stream
    };
    let mut connections: Vec<_> = (0..600).map(|_| half_open()).collect();
    let started = Instant::now();
    assert_eq!(poll(&url)["status"], "pending");
    assert!(started.elapsed() < Duration::from_secs(5), "it took {:?}", started.elapsed());
    // Long before its head times out. A connection that had sent something unread may be reset.
    connections[0].set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    let closed = connections[0].read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(closed, Ok(0) | Err(ErrorKind::ConnectionReset)), "the one that was silent longest: {closed:?}");
}

#[test]
fn a_request_whose_head_never_ends_is_refused() {
    let relay = start_relay();
    let get = |length: usize| send_raw(&relay.http, format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(length)).as_bytes());
    // All of it is read before the answer, so that the answer is not lost with a reset.
    let answer = get(16 * 1024 - "GET / HTTP/1.1\r\nX: ".len());
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn mails_that_never_end_use_a_limited_memory_and_a_code_mail_passes_them() {
    const MIB: usize = 1 << 20;
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let large = [mail_from("x@example.com", "none"), "x".repeat(MIB - 4096).into_bytes(), b"\r\n".to_vec()].concat();
    let mut peers: Vec<_> = (0..100).map(|_| SmtpClient::connect_and_greet(&relay.smtp)).collect();
    for peer in &mut peers {
        peer.send_without_final_dot("me@gmail.com", &me.relay_address, &large);
    }
    assert!(deliver(&relay.smtp, &me.relay_address, &code_mail("467266")).starts_with("250"));
    assert_eq!(code(&url), "467266");
    let replies: Vec<_> = peers.iter_mut().map(|peer| peer.command(".")).collect();
    let deferred = replies.iter().filter(|reply| reply.starts_with("452 4.3.1")).count();
    let accepted = replies.iter().filter(|reply| reply.starts_with("250")).count();
    assert!(deferred > 0 && accepted + deferred == peers.len(), "{accepted} accepted, {deferred} deferred");
    assert!(deliver(&relay.smtp, &me.relay_address, &large).starts_with("250"), "there is room again");
    assert!(relay.peak_memory() < 110 * MIB, "it used {} bytes", relay.peak_memory());
}
