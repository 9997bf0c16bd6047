//! When to stop, and when to stop being patient.

use tokio_util::sync::CancellationToken;

/// A wish to stop, shared by everything that runs.
#[derive(Clone, Default)]
pub struct Shutdown {
    begun: CancellationToken,
    aborted: CancellationToken,
}

impl Shutdown {
    /// One that nothing has begun yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that the first SIGTERM or SIGINT begins and the second makes impatient.
    pub fn on_signals() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let shutdown = Self::new();
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let told = shutdown.clone();
        tokio::spawn(async move {
            let steps: [fn(&Self); 2] = [Self::begin, Self::abort];
            for step in steps {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                step(&told);
            }
        });
        Ok(shutdown)
    }

    /// Stop, and finish what has begun.
    pub fn begin(&self) {
        tracing::info!("stopping");
        self.begun.cancel();
    }

    /// Stop now.
    pub fn abort(&self) {
        self.begun.cancel();
        self.aborted.cancel();
    }

    /// Returns when it is time to stop.
    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Returns when patience has ended.
    pub async fn aborted(&self) {
        self.aborted.cancelled().await;
    }
}
