//! The cloud's mail server in the story: one mail over SMTP, as plainly as it can be said.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the relay may take for one reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a mail and gives the last reply: the one to the mail, or the first that refuses.
pub(super) fn send(to: SocketAddr, sender: &str, recipient: &str, mail: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut replies = BufReader::new(stream.try_clone()?);
    let mut reply = heard(&mut replies)?;
    let commands = [
        "EHLO cloud.example".to_owned(),
        format!("MAIL FROM:<{sender}> BODY=8BITMIME"),
        format!("RCPT TO:<{recipient}>"),
        "DATA".to_owned(),
    ];
    for command in commands {
        if !reply.starts_with(['2', '3']) {
            return Ok(reply);
        }
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        reply = heard(&mut replies)?;
    }
    if reply.starts_with('3') {
        stream.write_all(&stuffed(mail))?;
        reply = heard(&mut replies)?;
        stream.write_all(b"QUIT\r\n")?;
    }
    Ok(reply)
}

/// The last line of a reply.
fn heard(replies: &mut impl BufRead) -> io::Result<String> {
    loop {
        let mut line = String::new();
        if replies.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.get(3..4) != Some("-") {
            return Ok(line.trim_end().to_owned());
        }
    }
}

/// With every leading dot doubled, and the dot that ends it (RFC 5321 section 4.5.2).
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        if line.first() == Some(&b'.') {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    data.extend_from_slice(b".\r\n");
    data
}
