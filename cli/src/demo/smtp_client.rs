//! A minimal SMTP client, which sends one mail (RFC 5321).

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Timeout of one reply.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// Sends a mail. Returns the last reply: the one to the mail, or the first negative one.
pub(super) fn send(to: SocketAddr, sender: &str, recipient: &str, mail: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(REPLY_TIMEOUT))?;
    let mut replies = BufReader::new(stream.try_clone()?);
    let mut reply = read_reply(&mut replies)?;
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
        reply = read_reply(&mut replies)?;
    }
    if reply.starts_with('3') {
        stream.write_all(&dot_stuffed(mail))?;
        reply = read_reply(&mut replies)?;
        stream.write_all(b"QUIT\r\n")?;
    }
    Ok(reply)
}

/// Reads a reply, and returns its last line.
fn read_reply(replies: &mut impl BufRead) -> io::Result<String> {
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

/// Applies dot-stuffing and appends the final dot (RFC 5321 section 4.5.2).
fn dot_stuffed(mail: &[u8]) -> Vec<u8> {
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
