//! A fake name server, whose records the test sets (RFC 1035 section 4).

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// The response to a query for a name without a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// NXDOMAIN.
    NoSuchName,
    /// SERVFAIL.
    ServerFailure,
    /// No response.
    Timeout,
}

/// A name server on the loopback interface.
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    records: Arc<Mutex<Records>>,
    queries: Arc<AtomicUsize>,
}

/// The TXT records by name, and the response for every other name.
struct Records {
    texts: HashMap<String, String>,
    missing: Missing,
}

const TXT: u16 = 16;

impl NameServer {
    /// Starts it with these TXT records, by name.
    pub fn start(texts: &[(&str, &str)]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = socket.local_addr().expect("an address");
        let records = Arc::new(Mutex::new(Records::new(texts, Missing::NoSuchName)));
        let queries = Arc::new(AtomicUsize::new(0));
        let (shared, count) = (Arc::clone(&records), Arc::clone(&queries));
        // Ends with the test's process.
        thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                count.fetch_add(1, Ordering::Relaxed);
                if let Some(response) = response(&packet[..length], &shared.lock().expect("no panic")) {
                    let _ = socket.send_to(&response, from);
                }
            }
        });
        Self { address, records, queries }
    }

    /// Deletes every record, and answers every query like this from now on.
    pub fn fail(&self, missing: Missing) {
        *self.records.lock().expect("no panic") = Records::new(&[], missing);
    }

    /// Replaces the records, and answers every other query like this.
    pub fn answer_only(&self, texts: &[(&str, &str)], missing: Missing) {
        *self.records.lock().expect("no panic") = Records::new(texts, missing);
    }

    /// Replaces the records.
    pub fn set(&self, texts: &[(&str, &str)]) {
        *self.records.lock().expect("no panic") = Records::new(texts, Missing::NoSuchName);
    }

    /// How many queries have arrived.
    pub fn queries(&self) -> usize {
        self.queries.load(Ordering::Relaxed)
    }
}

impl Records {
    fn new(texts: &[(&str, &str)], missing: Missing) -> Self {
        let texts = texts.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        Self { texts, missing }
    }
}

fn response(query: &[u8], records: &Records) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let question = &query[12..at + 5];
    let text = records.texts.get(&labels.join(".")).filter(|_| kind == TXT);
    let code = match (text, records.missing) {
        (Some(_), _) => 0,
        (None, Missing::NoSuchName) => 3,
        (None, Missing::ServerFailure) => 2,
        (None, Missing::Timeout) => return None,
    };
    let answers = u8::from(text.is_some());
    // The query's id; flags of a recursive response, with the code; one question, and the number of answers.
    let mut packet = vec![query[0], query[1], 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0];
    packet.extend_from_slice(question);
    if let Some(text) = text {
        let length = u8::try_from(text.len()).expect("a record of one string");
        let string = [&[length], text.as_bytes()].concat();
        // A pointer to the question's name, TXT, IN, a TTL of 0, and the length of the data.
        packet.extend_from_slice(&[0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 0]);
        packet.extend_from_slice(&(u16::from(length) + 1).to_be_bytes());
        packet.extend(string);
    }
    Some(packet)
}
