//! The doorbell (门铃): tells readers of an event log that there is something new, so that they need not ask all the
//! time. The log itself is in Postgres; a ring that is lost costs latency and nothing else.

use std::time::Duration;

use futures::StreamExt as _;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use tokio::sync::{broadcast, mpsc};
use wenxiao_kernel::DistrictCode;

use crate::cache::InvalidRedisUrl;
use crate::config::Secret;

/// Rings that may wait for a slow listener, or for Redis. More are dropped: a listener that missed some looks once.
const WAITING_LIMIT: usize = 1024;
const CHANNEL: &str = "wenxiao:doorbell";
/// After this long without a ring, Redis is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(15);
/// Between attempts to reach Redis again.
const RETRY: Duration = Duration::from_secs(1);

/// Something new in the feed of a service, for a district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// Name of the feed: the service's.
    pub feed: String,
    /// District whose events they are.
    pub district: DistrictCode,
}

/// Rings within this process always, and between processes through Redis when one is configured.
#[derive(Clone)]
pub struct Doorbell {
    local: broadcast::Sender<Ring>,
    outside: Option<mpsc::Sender<Ring>>,
}

impl Doorbell {
    /// A doorbell within this process.
    pub fn local() -> Self {
        Self { local: broadcast::channel(WAITING_LIMIT).0, outside: None }
    }

    /// A doorbell between processes. Redis need not be there now. Its tasks end when the last clone is dropped.
    pub fn redis(url: &Secret) -> Result<Self, InvalidRedisUrl> {
        let client = redis::Client::open(url.expose())?;
        let config = ConnectionManagerConfig::new().set_number_of_retries(1);
        let publisher = client.get_connection_manager_lazy(config)?;
        let (outside, rings) = mpsc::channel(WAITING_LIMIT);
        let local = broadcast::channel(WAITING_LIMIT).0;
        let myself = uuid_of_this_process();
        let forwarder = tokio::spawn(forward_forever(client, local.clone(), myself.clone()));
        tokio::spawn(async move {
            publish_all(publisher, rings, &myself).await;
            forwarder.abort();
        });
        Ok(Self { local, outside: Some(outside) })
    }

    /// Tells everyone who listens. Never waits and never fails.
    pub fn ring(&self, feed: &str, district: DistrictCode) {
        let ring = Ring { feed: feed.to_owned(), district };
        if let Some(outside) = &self.outside {
            let _ = outside.try_send(ring.clone()); // full: Redis is away, and readers ask by themselves
        }
        let _ = self.local.send(ring); // nobody listens: fine
    }

    /// Listens from now on.
    pub fn listen(&self) -> Listener {
        Listener { rings: self.local.subscribe() }
    }
}

/// One who listens.
pub struct Listener {
    rings: broadcast::Receiver<Ring>,
}

impl Listener {
    /// The next ring; `None` when some were missed, so that anything may be new.
    pub async fn next(&mut self) -> Option<Ring> {
        match self.rings.recv().await {
            Ok(ring) => Some(ring),
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Waits until something may be new in `feed`, for `district` or for any when none is given, at most for
    /// `patience`. Says whether it rang.
    pub async fn wait(&mut self, feed: &str, district: Option<DistrictCode>, patience: Duration) -> bool {
        let other =
            |ring: Ring| ring.feed != feed || district.is_some_and(|district| ring.district != district);
        let rung = async { while self.next().await.is_some_and(other) {} };
        tokio::time::timeout(patience, rung).await.is_ok()
    }
}

#[expect(clippy::disallowed_methods, reason = "no id of a row: only tells our own rings from others'")]
fn uuid_of_this_process() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

async fn publish_all(mut connection: ConnectionManager, mut rings: mpsc::Receiver<Ring>, myself: &str) {
    while let Some(ring) = rings.recv().await {
        let message = format!("{myself} {} {}", ring.district, ring.feed);
        if let Err(error) =
            redis::cmd("PUBLISH").arg(CHANNEL).arg(message).query_async::<()>(&mut connection).await
        {
            tracing::debug!(%error, "a ring was lost");
        }
    }
}

/// Hands on what others ring, over a connection of its own: a subscribed connection can do nothing else.
async fn forward_forever(client: redis::Client, local: broadcast::Sender<Ring>, myself: String) {
    loop {
        if let Err(error) = forward(&client, &local, &myself).await {
            tracing::warn!(%error, "the doorbell does not reach Redis; readers ask by themselves");
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn forward(
    client: &redis::Client,
    local: &broadcast::Sender<Ring>,
    myself: &str,
) -> redis::RedisResult<()> {
    let mut connection = client.get_async_pubsub().await?;
    connection.subscribe(CHANNEL).await?;
    let (mut commands, mut messages) = connection.split();
    loop {
        match tokio::time::timeout(SILENCE, messages.next()).await {
            Ok(Some(message)) => {
                let text: String = message.get_payload()?;
                if let Some(ring) = parse(&text, myself) {
                    let _ = local.send(ring);
                }
            }
            Ok(None) => return Ok(()),
            // Nothing rang, or the other side is gone without a word.
            Err(_) => {
                let answer = tokio::time::timeout(RETRY, commands.ping::<redis::Value>()).await;
                answer.map_err(std::io::Error::from)??;
            }
        }
    }
}

fn parse(text: &str, myself: &str) -> Option<Ring> {
    let (sender, rest) = text.split_once(' ')?;
    let (district, feed) = rest.split_once(' ')?;
    (sender != myself).then_some(Ring { feed: feed.to_owned(), district: district.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn haicang() -> DistrictCode {
        "350205000".parse().unwrap()
    }

    #[tokio::test]
    async fn a_listener_wakes_for_its_feed_only() {
        let bell = Doorbell::local();
        let mut listener = bell.listen();
        bell.ring("registry", haicang());
        assert!(!listener.wait("targets", Some(haicang()), Duration::from_millis(10)).await);
        bell.ring("targets", haicang());
        assert!(listener.wait("targets", Some(haicang()), Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn who_missed_rings_looks_once() {
        let bell = Doorbell::local();
        let mut listener = bell.listen();
        (0..WAITING_LIMIT * 2).for_each(|_| bell.ring("registry", haicang()));
        assert!(listener.wait("targets", Some(haicang()), Duration::from_secs(5)).await);
    }

    #[test]
    fn ones_own_rings_and_strange_messages_are_not_heard() {
        let ring = Ring { feed: "targets".to_owned(), district: haicang() };
        assert_eq!(parse("other 350205000 targets", "me"), Some(ring));
        for text in ["me 350205000 targets", "", "x", "x y", "x 35 targets"] {
            assert_eq!(parse(text, "me"), None, "{text}");
        }
    }
}
