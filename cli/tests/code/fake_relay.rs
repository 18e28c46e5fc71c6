//! A fake relay, which sends prepared responses.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) const TOKEN: &str = "mfar_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
pub(crate) const STATUS_ID: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// A response: status line and headers without `Content-Length`, and the body. `ADDRESS` and `ID` in the body are replaced
/// by the relay's address and [`STATUS_ID`].
pub(crate) type Response = (&'static str, String);

/// Sends its responses in order, and the last one again to every further request.
pub(crate) struct FakeRelay {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FakeRelay {
    pub(crate) fn new(responses: impl IntoIterator<Item = Response>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let mut responses: VecDeque<Response> = responses.into_iter().collect();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (own, all) = (address.clone(), Arc::clone(&requests));
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let response = if responses.len() > 1 { responses.pop_front() } else { responses.front().cloned() };
                let (head, body) = response.expect("a response");
                all.lock().expect("no panic").push(read_request(&stream));
                let body = body.replace("ADDRESS", &own).replace("ID", STATUS_ID);
                let length = body.len();
                let _ =
                    write!(&stream, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/prestage?token={TOKEN}", self.address)
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// Reads a request, head and body.
fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
    let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).expect("the body");
    head + &String::from_utf8(body).expect("UTF-8")
}
