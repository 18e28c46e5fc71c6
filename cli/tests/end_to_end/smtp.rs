//! SMTP over TCP: what needs a listener or an enrolment. The session itself is tested in `home`.

use crate::{start_relay, start_relay_with};
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::Arc;
use test_support::{SmtpClient, code, code_mail, deliver, eventually, poll, prestage};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};

#[test]
fn unknown_recipients_are_refused_at_rcpt() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
    peer.command("MAIL FROM:<a@b.example>");
    let unknown = "arlo+aaaaaaaaaaaaaaaa@mfa.example.com";
    for recipient in
        [unknown, "me@gmail.com", "arlo@example.com", "arlo+short@mfa.example.com", "other@mfa.example.com"]
    {
        assert!(peer.command(&format!("RCPT TO:<{recipient}>")).starts_with("550 5.1.1"), "{recipient}");
    }
    assert!(peer.command("DATA").starts_with("503"), "there is no valid recipient");
    for recipient in [me.relay_address.to_uppercase(), "arlo@mfa.example.com".to_owned()] {
        assert!(peer.command(&format!("RCPT TO:<{recipient}>")).starts_with("250"), "{recipient}");
    }
}

#[test]
fn a_pipelined_mail_can_have_two_recipients() {
    let relay = start_relay();
    let (me, you) = (relay.add_mailbox("me@gmail.com"), relay.add_mailbox("you@gmail.com"));
    let urls = [prestage(&me), prestage(&you)];
    let mail = String::from_utf8(code_mail("467266")).expect("UTF-8");
    let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
    let (first, second) = (&me.relay_address, &you.relay_address);
    let commands = format!(
        "MAIL FROM:<ü@gmail.com> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<{first}>\r\nRCPT TO:<{second}>\r\nDATA\r\n{mail}\r\n..\r\n.\r\nQUIT\r\n"
    );
    peer.send(commands.as_bytes());
    for expected in ["250", "250", "250", "354", "250", "221", ""] {
        assert!(peer.read_reply().starts_with(expected));
    }
    assert_eq!(code(&urls[0]), "467266");
    assert_eq!(poll(&urls[1])["status"], "pending", "one mail is one login's");
}

#[test]
fn a_mail_that_is_too_large_is_refused_and_shown_to_the_owner() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    prestage(&me);
    let mail = [code_mail("467266"), "x".repeat(900).into_bytes(), b"\r\n".to_vec()].concat();
    let large = [mail, format!("{}\r\n", "x".repeat(998)).repeat(1100).into_bytes()].concat();
    assert!(deliver(&relay.smtp, &me.relay_address, &large).starts_with("552"));
    assert_eq!(relay.last_refusal(&me), "too_large");
}

#[test]
fn a_code_is_found_in_a_mail_of_long_lines() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let mail = String::from_utf8(code_mail("467266")).expect("UTF-8");
    let mail = mail.replace("<body>", &format!("<body>{}", "<p>Some text.</p>".repeat(4000)));
    assert!(mail.lines().any(|line| line.len() > 60_000));
    assert!(deliver(&relay.smtp, &me.relay_address, mail.as_bytes()).starts_with("250"));
    assert_eq!(code(&url), "467266");
}

#[test]
fn a_mail_with_bare_newlines_cannot_smuggle_another() {
    let relay = start_relay();
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);
    let forged = String::from_utf8(code_mail("666666")).expect("UTF-8");
    let address = &me.relay_address;
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n"] {
        let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
        let hidden = format!("x{end}MAIL FROM:<a@arlo.com>\r\nRCPT TO:<{address}>\r\nDATA\r\n{forged}.\r\n");
        peer.send_without_final_dot("a@b.example", address, hidden.as_bytes());
        assert!(peer.read_reply().starts_with("550"));
        assert_eq!(peer.read_reply(), "", "the connection is closed");
    }
    assert_eq!(poll(&url)["status"], "pending");
}

#[test]
fn the_number_of_connections_is_limited() {
    let relay = start_relay();
    let mut open: Vec<_> = (0..256).map(|_| SmtpClient::connect(&relay.smtp)).collect();
    assert!(open.iter_mut().all(|peer| peer.read_reply().starts_with("220")));
    assert!(SmtpClient::connect(&relay.smtp).read_reply().starts_with("421"));
    open.pop();
    assert!(
        eventually(|| SmtpClient::connect(&relay.smtp).read_reply().starts_with("220")),
        "a closed connection makes room"
    );
}

#[test]
fn a_certificate_enables_starttls() {
    let files = tempfile::tempdir().expect("a folder");
    let generated = rcgen::generate_simple_self_signed([String::from("mfa.example.com")]).expect("a certificate");
    let (chain, key) = (files.path().join("chain.pem"), files.path().join("key.pem"));
    std::fs::write(&chain, generated.cert.pem()).expect("written");
    std::fs::write(&key, generated.signing_key.serialize_pem()).expect("written");
    let (chain, key) = (chain.to_str().expect("a path"), key.to_str().expect("a path"));
    let relay = start_relay_with(&["--resolver", "none", "--certificate", chain, "--key", key]);
    let me = relay.add_mailbox("me@gmail.com");
    let url = prestage(&me);

    let mut peer = SmtpClient::connect_and_greet(&relay.smtp);
    assert!(peer.command("STARTTLS").starts_with("220"));
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
    let mail = String::from_utf8(code_mail("467266")).expect("UTF-8");
    let address = &me.relay_address;
    let commands =
        format!("MAIL FROM:<>\r\nEHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<{address}>\r\nDATA\r\n{mail}.\r\nQUIT\r\n");
    tls.get_mut().write_all(commands.as_bytes()).expect("sent");
    let mut first = String::new();
    tls.read_line(&mut first).expect("a reply");
    assert!(first.starts_with("503"), "the state of the plaintext session is discarded: {first}");
    let mut rest = String::new();
    let _ = tls.read_to_string(&mut rest);
    assert!(!rest.contains("STARTTLS") && rest.contains("250 2.6.0"), "{rest}");
    assert_eq!(code(&url), "467266");
}

#[test]
fn without_a_certificate_starttls_is_refused() {
    let relay = start_relay();
    assert!(SmtpClient::connect_and_greet(&relay.smtp).command("STARTTLS").starts_with("502"));
}
