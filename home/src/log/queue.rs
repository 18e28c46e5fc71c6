//! A bounded queue of lines in front of a thread that writes them.
//!
//! A write to a pipe that nobody reads blocks for ever, so no thread that serves may do it.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Lines that wait for the writer. Further ones are dropped and counted. A line has some 60 bytes.
const MAX_LINES: usize = 1024;

/// The queue; cheap to clone. Its thread ends with the process.
#[derive(Debug, Clone)]
pub struct LogQueue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<String>,
    /// Lines that came when the queue was full.
    dropped: u64,
    /// Whether the thread has taken lines that it has not written yet.
    is_writing: bool,
}

impl State {
    fn is_flushed(&self) -> bool {
        self.lines.is_empty() && self.dropped == 0 && !self.is_writing
    }
}

impl LogQueue {
    /// Starts the thread that writes to `out`. If the operating system refuses a thread, every line is dropped.
    pub(super) fn start(out: impl Write + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let queue = Self(Arc::clone(&shared));
        // Without its thread the queue fills up and drops: a log that cannot be written is no reason to fail.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || shared.write_to(out));
        queue
    }

    /// Adds a line. Never blocks: the thread does not hold the lock while it writes.
    pub(super) fn push(&self, line: String) {
        let mut state = self.0.lock();
        if state.lines.len() < MAX_LINES {
            state.lines.push_back(line);
        } else {
            state.dropped += 1;
        }
        self.0.changed.notify_all();
    }

    /// Waits until every line is written, at most `timeout`.
    pub(super) fn flush(&self, timeout: Duration) {
        let state = self.0.lock();
        // Either way the caller goes on: nobody may be reading.
        drop(self.0.changed.wait_timeout_while(state, timeout, |state| !state.is_flushed()));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all lines at once, so the ones that were dropped came after the last that is taken with them.
    fn write_to(&self, mut out: impl Write) {
        loop {
            let state = self.lock();
            let waited = self.changed.wait_while(state, |state| state.lines.is_empty() && state.dropped == 0);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            let (lines, dropped) = (std::mem::take(&mut state.lines), std::mem::take(&mut state.dropped));
            state.is_writing = true;
            drop(state);
            for line in lines {
                let _ = writeln!(out, "{line}");
            }
            if dropped > 0 {
                let _ = writeln!(out, "{}", super::timed(&format!("log lines dropped: {dropped}")));
            }
            let _ = out.flush();
            self.lock().is_writing = false;
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// A pipe whose reader takes one write at a time.
    struct Pipe {
        written: Sender<String>,
        taken: Receiver<()>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.written.send(text).map_err(io::Error::other)?;
            self.taken.recv().map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_writer_that_blocks_blocks_nobody_and_what_it_misses_is_counted() {
        let ((written, reader), (take, taken)) = (channel(), channel());
        let queue = LogQueue::start(io::LineWriter::new(Pipe { written, taken }));
        queue.push("first".to_owned());
        assert_eq!(reader.recv().as_deref(), Ok("first\n"), "the thread has taken it, and blocks");
        for number in 0..MAX_LINES + 7 {
            queue.push(number.to_string());
        }
        queue.flush(Duration::from_millis(1));

        let next = || {
            take.send(()).expect("the thread waits");
            reader.recv().expect("a line")
        };
        for number in 0..MAX_LINES {
            assert_eq!(next(), format!("{number}\n"));
        }
        assert!(next().ends_with(" log lines dropped: 7\n"));
        drop(take);
        queue.flush(Duration::from_mins(1));
        assert!(queue.0.lock().is_flushed());
    }
}
