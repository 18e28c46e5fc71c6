//! A name server that knows what the test tells it (RFC 1035 section 4).

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is answered for names that have no record here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// There is no such name.
    NoSuchName,
    /// The server has failed.
    Failure,
    /// Nothing at all.
    Silence,
}

/// A name server on the loopback.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    known: Arc<Mutex<Known>>,
    asked: Arc<AtomicUsize>,
}

struct Known {
    texts: HashMap<String, String>,
    otherwise: Otherwise,
}

const TXT: u16 = 16;

impl NameServer {
    pub(crate) fn start(texts: &[(&str, &str)]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = socket.local_addr().expect("an address");
        let texts = texts.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        let known = Arc::new(Mutex::new(Known { texts, otherwise: Otherwise::NoSuchName }));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shared, count) = (Arc::clone(&known), Arc::clone(&asked));
        // It ends with the test's process.
        thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                count.fetch_add(1, Ordering::Relaxed);
                if let Some(answer) = answer(&packet[..length], &shared.lock().expect("nobody panicked")) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, known, asked }
    }

    /// Forgets every record, and answers so from now on.
    pub(crate) fn fail(&self, otherwise: Otherwise) {
        *self.known.lock().expect("nobody panicked") = Known { texts: HashMap::new(), otherwise };
    }

    pub(crate) fn learn(&self, texts: &[(&str, &str)]) {
        let mut known = self.known.lock().expect("nobody panicked");
        known.otherwise = Otherwise::NoSuchName;
        known.texts = texts.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    }

    pub(crate) fn times_asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn answer(question: &[u8], known: &Known) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let asked = &question[12..at + 5];
    let text = known.texts.get(&labels.join(".")).filter(|_| kind == TXT);
    let code = match (text, known.otherwise) {
        (Some(_), _) => 0,
        (None, Otherwise::NoSuchName) => 3,
        (None, Otherwise::Failure) => 2,
        (None, Otherwise::Silence) => return None,
    };
    let answers = u8::from(text.is_some());
    // Its own id; a recursive answer with this code; one question and so many answers.
    let mut packet = vec![question[0], question[1], 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0];
    packet.extend_from_slice(asked);
    if let Some(text) = text {
        let length = u8::try_from(text.len()).expect("a record of one string");
        let string = [&[length], text.as_bytes()].concat();
        // The name of the question, TXT, IN, not to be kept, and how long it is.
        packet.extend_from_slice(&[0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 0]);
        packet.extend_from_slice(&(u16::from(length) + 1).to_be_bytes());
        packet.extend(string);
    }
    Some(packet)
}
