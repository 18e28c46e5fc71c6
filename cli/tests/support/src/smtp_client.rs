//! An SMTP client: a mail server that delivers to the relay.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One SMTP connection.
pub struct SmtpClient {
    stream: BufReader<TcpStream>,
}

impl SmtpClient {
    /// Connects, and leaves the greeting unread.
    pub fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        // Otherwise the kernel holds back a small packet until the one before is acknowledged, 40 ms later (Nagle).
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("set");
        Self { stream: BufReader::new(stream) }
    }

    /// Connects, reads the greeting and sends EHLO.
    pub fn connect_and_greet(address: &str) -> Self {
        let mut client = Self::connect(address);
        assert!(client.read_reply().starts_with("220"));
        assert!(client.command("EHLO mail.example").starts_with("250"));
        client
    }

    /// Returns the last line of the next reply, or the empty string if the connection is closed.
    pub fn read_reply(&mut self) -> String {
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

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("sent");
    }

    /// Sends a command, and returns the last line of its reply.
    pub fn command(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes());
        self.read_reply()
    }

    /// Sends a mail except for the final dot.
    pub fn send_without_final_dot(&mut self, sender: &str, recipient: &str, mail: &[u8]) {
        assert!(self.command(&format!("MAIL FROM:<{sender}>")).starts_with("250"));
        assert!(self.command(&format!("RCPT TO:<{recipient}>")).starts_with("250"));
        assert!(self.command("DATA").starts_with("354"));
        self.send(mail);
    }

    /// Sends a mail, and returns the reply to it.
    pub fn deliver(&mut self, sender: &str, recipient: &str, mail: &[u8]) -> String {
        self.send_without_final_dot(sender, recipient, mail);
        self.command(".")
    }

    /// Returns the stream, for another protocol on top.
    pub fn into_stream(self) -> TcpStream {
        self.stream.into_inner()
    }
}

/// Sends one mail from me@gmail.com over a connection of its own, and returns the reply to it.
pub fn deliver(address: &str, recipient: &str, mail: &[u8]) -> String {
    SmtpClient::connect_and_greet(address).deliver("me@gmail.com", recipient, mail)
}
