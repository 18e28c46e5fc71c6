//! A mail server that brings mails.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One SMTP connection.
pub(crate) struct Peer {
    stream: BufReader<TcpStream>,
}

impl Peer {
    /// Connects, without waiting for the greeting.
    pub(crate) fn connect(smtp: &str) -> Self {
        let stream = TcpStream::connect(smtp).expect("a connection");
        // Otherwise the kernel keeps a small packet until the one before it is acknowledged, 40 ms later.
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("set");
        Self { stream: BufReader::new(stream) }
    }

    /// Connects and greets.
    pub(crate) fn greeted(smtp: &str) -> Self {
        let mut peer = Self::connect(smtp);
        assert!(peer.hear().starts_with("220"));
        assert!(peer.ask("EHLO mail.example").starts_with("250"));
        peer
    }

    /// The last line of the next reply; empty when the relay has hung up.
    pub(crate) fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).unwrap_or(0) == 0 {
                return String::new();
            }
            if line.get(3..4) != Some("-") {
                return line.trim_end().to_owned();
            }
        }
    }

    pub(crate) fn say(&mut self, words: &[u8]) {
        self.stream.get_mut().write_all(words).expect("heard");
    }

    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.say(format!("{command}\r\n").as_bytes());
        self.hear()
    }

    /// Brings a mail up to the dot that ends it.
    pub(crate) fn bring_all_but_the_end(&mut self, sender: &str, recipient: &str, mail: &[u8]) {
        assert!(self.ask(&format!("MAIL FROM:<{sender}>")).starts_with("250"));
        assert!(self.ask(&format!("RCPT TO:<{recipient}>")).starts_with("250"));
        assert!(self.ask("DATA").starts_with("354"));
        self.say(mail);
    }

    /// Brings a mail and gives the reply to it.
    pub(crate) fn bring(&mut self, sender: &str, recipient: &str, mail: &[u8]) -> String {
        self.bring_all_but_the_end(sender, recipient, mail);
        self.ask(".")
    }

    /// Leaves the stream to somebody who speaks something else from here on.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream.into_inner()
    }
}

/// Brings one mail to a relay.
pub(crate) fn bring(smtp: &str, recipient: &str, mail: &[u8]) -> String {
    Peer::greeted(smtp).bring("me@gmail.com", recipient, mail)
}
