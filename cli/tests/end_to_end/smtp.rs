//! SMTP over a real wire. The session's limits are tested where it lives; here is what takes a listener.

use crate::client::{code, poll, prestage};
use crate::letter::letter;
use crate::peer::{Peer, bring};
use crate::relay::{Relay, eventually};
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};

#[test]
fn strangers_and_other_domains_are_refused_when_they_are_named() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let mut peer = Peer::greeted(&relay.smtp);
    peer.ask("MAIL FROM:<a@b.example>");
    let unknown = "arlo+aaaaaaaaaaaaaaaa@mfa.example.com";
    for stranger in [unknown, "me@gmail.com", "arlo@example.com", "arlo+short@mfa.example.com", "other@mfa.example.com"]
    {
        assert!(peer.ask(&format!("RCPT TO:<{stranger}>")).starts_with("550 5.1.1"), "{stranger}");
    }
    assert!(peer.ask("DATA").starts_with("503"), "nobody is left");
    for known in [me.relay_address.to_uppercase(), "arlo@mfa.example.com".to_owned()] {
        assert!(peer.ask(&format!("RCPT TO:<{known}>")).starts_with("250"), "{known}");
    }
}

#[test]
fn one_mail_may_come_in_one_packet_and_be_for_two() {
    let relay = Relay::start();
    let (me, you) = (relay.enrolled("me@gmail.com"), relay.enrolled("you@gmail.com"));
    let urls = [prestage(&me), prestage(&you)];
    let mail = String::from_utf8(letter("467266")).expect("a text");
    let mut peer = Peer::greeted(&relay.smtp);
    let (first, second) = (&me.relay_address, &you.relay_address);
    let words = format!(
        "MAIL FROM:<ü@gmail.com> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<{first}>\r\nRCPT TO:<{second}>\r\nDATA\r\n{mail}\r\n..\r\n.\r\nQUIT\r\n"
    );
    peer.say(words.as_bytes());
    for expected in ["250", "250", "250", "354", "250", "221", ""] {
        assert!(peer.hear().starts_with(expected));
    }
    assert_eq!(urls.map(|url| code(&url)), ["467266", "467266"]);
}

#[test]
fn a_mail_that_is_too_large_is_refused_and_its_owner_hears_of_it() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    prestage(&me);
    let mail = [letter("467266"), "x".repeat(900).into_bytes(), b"\r\n".to_vec()].concat();
    let large = [mail, format!("{}\r\n", "x".repeat(998)).repeat(1100).into_bytes()].concat();
    assert!(bring(&relay.smtp, &me.relay_address, &large).starts_with("552"));
    assert_eq!(relay.last_refusal(&me), "too_large");
}

#[test]
fn a_mail_with_bare_line_feeds_never_smuggles_another() {
    let relay = Relay::start();
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);
    let forged = String::from_utf8(letter("666666")).expect("a text");
    let address = &me.relay_address;
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n"] {
        let mut peer = Peer::greeted(&relay.smtp);
        let hidden = format!("x{end}MAIL FROM:<a@arlo.com>\r\nRCPT TO:<{address}>\r\nDATA\r\n{forged}.\r\n");
        peer.bring_all_but_the_end("a@b.example", address, hidden.as_bytes());
        assert!(peer.hear().starts_with("550"));
        assert_eq!(peer.hear(), "", "the relay hangs up");
    }
    assert_eq!(poll(&url)["status"], "pending");
}

#[test]
fn so_many_connections_are_answered_and_the_next_is_told_to_come_again() {
    let relay = Relay::start();
    let mut held: Vec<_> = (0..256).map(|_| Peer::connect(&relay.smtp)).collect();
    assert!(held.iter_mut().all(|peer| peer.hear().starts_with("220")));
    assert!(Peer::connect(&relay.smtp).hear().starts_with("421"));
    held.pop();
    assert!(eventually(|| Peer::connect(&relay.smtp).hear().starts_with("220")), "a place is free again");
}

#[test]
fn a_certificate_lets_mails_come_encrypted() {
    let files = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed([String::from("mfa.example.com")]).expect("a certificate");
    let (chain, key) = (files.path().join("chain.pem"), files.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let (chain, key) = (chain.to_str().expect("a path"), key.to_str().expect("a path"));
    let relay = Relay::with(&["--resolver", "none", "--certificate", chain, "--key", key]);
    let me = relay.enrolled("me@gmail.com");
    let url = prestage(&me);

    let mut peer = Peer::greeted(&relay.smtp);
    assert!(peer.ask("STARTTLS").starts_with("220"));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(chain).expect("a certificate")).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("mfa.example.com").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut tls = BufReader::new(StreamOwned::new(client, peer.into_stream()));
    let mail = String::from_utf8(letter("467266")).expect("a text");
    let address = &me.relay_address;
    let words = format!("MAIL FROM:<>\r\nEHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<{address}>\r\nDATA\r\n{mail}.\r\nQUIT\r\n");
    tls.get_mut().write_all(words.as_bytes()).expect("heard");
    let mut first = String::new();
    tls.read_line(&mut first).expect("a reply");
    assert!(first.starts_with("503"), "what was said in the clear is forgotten: {first}");
    let mut rest = String::new();
    let _ = tls.read_to_string(&mut rest);
    assert!(!rest.contains("STARTTLS") && rest.contains("250 2.6.0"), "{rest}");
    assert_eq!(code(&url), "467266");
}

#[test]
fn without_a_certificate_nothing_is_promised() {
    let relay = Relay::start();
    assert!(Peer::greeted(&relay.smtp).ask("STARTTLS").starts_with("502"));
}
