//! Graceful shutdown: one trigger and any number of listeners.

use tokio::sync::watch;

/// Requests the shutdown. Dropping it does the same.
pub struct ShutdownTrigger(watch::Sender<bool>);

/// A listener, which waits for the request.
#[derive(Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// Returns a trigger and the first listener; clone the listener for more.
pub fn channel() -> (ShutdownTrigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownTrigger(sender), Shutdown(receiver))
}

impl ShutdownTrigger {
    /// Requests the shutdown from every listener.
    pub fn shut_down(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Completes as soon as the shutdown is requested.
    pub async fn requested(&mut self) {
        // An error means that the trigger was dropped, which requests it as well.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}
