//! A relay that follows a script.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) const TOKEN: &str = "mfar_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
pub(crate) const STATUS_ID: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// One answer of the script: the head without `Content-Length`, and the body, in which `ADDRESS` and `ID` are filled in.
pub(crate) type Line = (&'static str, String);

/// A relay that answers what its script says, in this order; the last answer stays.
pub(crate) struct Scripted {
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Line>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let mut script: VecDeque<Line> = script.into_iter().collect();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (own, all) = (address.clone(), Arc::clone(&heard));
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let line = if script.len() > 1 { script.pop_front() } else { script.front().cloned() };
                let (top, body) = line.expect("a script");
                all.lock().expect("one at a time").push(hear(&stream));
                let body = body.replace("ADDRESS", &own).replace("ID", STATUS_ID);
                let length = body.len();
                let _ =
                    write!(&stream, "HTTP/1.1 {top}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            }
        });
        Self { address, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/prestage?token={TOKEN}", self.address)
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("one at a time").clone()
    }
}

/// A request: its head, and its body behind an empty line.
fn hear(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
    let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).expect("the body");
    head + &String::from_utf8(body).expect("UTF-8")
}
