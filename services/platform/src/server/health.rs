//! Whether the process is well: for probes, load balancers and people.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

/// Name under which the process says that it may be called.
const READY: &str = "ready";
/// Name under which it says that it need not be restarted.
const LIVE: &str = "live";
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
const CHECK_LIMIT: Duration = Duration::from_secs(1);

type Ask = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Something that has to be well for the process to be ready. Not Redis: nothing needs it.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    ask: Ask,
}

impl Check {
    /// A check that asks `ask`, now and then and not at each probe.
    pub fn new<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name, ask: Arc::new(move || Box::pin(ask())) }
    }

    async fn problem(&self) -> Option<String> {
        match tokio::time::timeout(CHECK_LIMIT, (self.ask)()).await {
            Ok(Ok(())) => None,
            Ok(Err(problem)) => Some(format!("{}: {problem}", self.name)),
            Err(_) => Some(format!("{}: no answer in time", self.name)),
        }
    }
}

/// The state of the process, asked for in the background and told to everyone who asks.
#[derive(Clone)]
pub(super) struct Health {
    reporter: HealthReporter,
    /// What gRPC calls "" (everything), our own name for it, and each service.
    names: Arc<[String]>,
    checks: Arc<[Check]>,
    /// What is wrong; nothing when ready.
    problems: Arc<watch::Sender<Vec<String>>>,
}

impl Health {
    pub async fn new(services: &[String], checks: Vec<Check>) -> Self {
        let names = ["", READY].map(str::to_owned).into_iter().chain(services.iter().cloned()).collect();
        let (problems, _) = watch::channel(vec!["starting".to_owned()]);
        let reporter = HealthReporter::new();
        reporter.set_service_status(LIVE, ServingStatus::Serving).await;
        let health = Self { reporter, names, checks: checks.into(), problems: Arc::new(problems) };
        health.set(ServingStatus::NotServing).await;
        health
    }

    pub fn service(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    /// What is wrong.
    pub fn problems(&self) -> Vec<String> {
        self.problems.borrow().clone()
    }

    /// Asks all checks, again and again.
    pub async fn watch(self) {
        loop {
            let asked = futures::future::join_all(self.checks.iter().map(Check::problem)).await;
            let now: Vec<String> = asked.into_iter().flatten().collect();
            if now != *self.problems.borrow() {
                tracing::info!(problems = ?now, ready = now.is_empty(), "readiness");
                let status = if now.is_empty() { ServingStatus::Serving } else { ServingStatus::NotServing };
                self.set(status).await;
                self.problems.send_replace(now);
            }
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }

    /// The process is leaving: no new calls, please.
    pub async fn leave(&self) {
        self.problems.send_replace(vec!["stopping".to_owned()]);
        self.set(ServingStatus::NotServing).await;
    }

    async fn set(&self, status: ServingStatus) {
        for name in self.names.iter() {
            self.reporter.set_service_status(name, status).await;
        }
    }
}
