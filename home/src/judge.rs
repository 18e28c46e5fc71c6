//! A thread for judging mails.
//!
//! Reading and verifying a mail is CPU work, tens of milliseconds for a large one. On the thread that serves the network
//! it would delay every poll, so it runs on a thread of its own, with a runtime of its own for its DNS queries.

use std::io;
use std::thread;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread that runs jobs; it ends when this is dropped.
///
/// Jobs that wait for DNS do not delay each other. Their number has no limit of its own: an SMTP session hands in one at a
/// time and waits for it, and the number of sessions is limited.
pub(crate) struct JudgeThread {
    runtime: Handle,
    _ends_when_dropped: oneshot::Sender<()>,
}

impl JudgeThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system refuses a thread.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (sender, dropped) = oneshot::channel();
        thread::Builder::new().name("judge".to_owned()).spawn(move || runtime.block_on(dropped))?;
        Ok(Self { runtime: handle, _ends_when_dropped: sender })
    }

    /// Runs a job on the thread. Returns `None` if it panics. It runs to its end even if nobody waits for the result any
    /// more.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl Future<Output = T> + Send + 'static) -> Option<T> {
        self.runtime.spawn(job).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn a_job_that_keeps_its_thread_busy_delays_nothing_else() {
        let judge = JudgeThread::start().expect("a thread");
        let (finish, finished) = channel();
        let busy = judge.run(async move { finished.recv() });
        let other = async { finish.send("judged").expect("the job waits") };
        // If the job ran on this thread, it would wait for `other` for ever.
        let (result, ()) = tokio::join!(busy, other);
        assert_eq!(result, Some(Ok("judged")));
    }

    #[tokio::test]
    async fn a_job_that_panics_has_no_result_and_harms_no_other() {
        let judge = JudgeThread::start().expect("a thread");
        assert_eq!(judge.run(async { panic!("expected by this test") }).await, None::<()>);
        assert_eq!(judge.run(async { 1 }).await, Some(1));
    }
}
