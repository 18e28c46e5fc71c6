//! The word that the relay shall stop, for everybody who serves.

use tokio::sync::watch;

/// Says when to stop.
pub struct Stopper(watch::Sender<bool>);

/// Hears when to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Both ends of the word.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Has everybody stop. So does dropping it.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns when it is time.
    pub async fn wait(&mut self) {
        // An error says that the other end is gone, which means the same.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}
