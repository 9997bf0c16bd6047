//! A cache (缓存) that may lose everything at any time: in this process, or in Redis when one is configured. Whatever
//! goes wrong is a miss; a slow or silent Redis costs a call no more than [`PATIENCE`], and then nothing for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use moka::Expiry;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sha2::{Digest as _, Sha256};

use crate::config::Secret;

/// The longest that a call waits for Redis.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long Redis is left alone after it failed.
const REST: Duration = Duration::from_secs(1);
/// Bytes kept in this process at the most.
const LOCAL_LIMIT_BYTES: u64 = 64 << 20;
/// Values larger than this are not worth a cache.
const VALUE_LIMIT_BYTES: usize = 1 << 20;

/// A cache of bytes under text keys. Put a version into the key and there is nothing to invalidate.
#[derive(Clone)]
pub struct Cache {
    place: Place,
}

#[derive(Clone)]
enum Place {
    Local(moka::sync::Cache<String, Entry>),
    Redis(Remote),
}

#[derive(Clone)]
struct Entry {
    value: Arc<[u8]>,
    keep: Duration,
}

struct KeepAsLongAsSaid;

impl Expiry<String, Entry> for KeepAsLongAsSaid {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.keep)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.keep)
    }
}

#[derive(Clone)]
struct Remote {
    connection: ConnectionManager,
    /// In front of every key: one Redis serves many deployments.
    space: Arc<str>,
    resting: Arc<AtomicBool>,
}

/// The Redis URL cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("redis.url: {0}")]
pub struct InvalidRedisUrl(#[from] redis::RedisError);

impl Cache {
    /// A cache in this process.
    pub fn local() -> Self {
        let cache = moka::sync::Cache::builder()
            .weigher(|key: &String, entry: &Entry| {
                u32::try_from(key.len() + entry.value.len()).unwrap_or(u32::MAX)
            })
            .max_capacity(LOCAL_LIMIT_BYTES)
            .expire_after(KeepAsLongAsSaid)
            .build();
        Self { place: Place::Local(cache) }
    }

    /// A cache in Redis for the processes that name the same `space`, such as the address of their database. It need
    /// not be there now: until it answers, everything is a miss.
    pub fn redis(url: &Secret, space: &str) -> Result<Self, InvalidRedisUrl> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(PATIENCE))
            .set_connection_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let connection = redis::Client::open(url.expose())?.get_connection_manager_lazy(config)?;
        let space = hex::encode(Sha256::digest(space)).get(..16).unwrap_or_default().into();
        Ok(Self { place: Place::Redis(Remote { connection, space, resting: Arc::default() }) })
    }

    /// The value under `key`, if it is still there.
    pub async fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        match &self.place {
            Place::Local(cache) => cache.get(key).map(|entry| entry.value),
            Place::Redis(remote) => {
                let key = remote.key(key);
                let stored: Option<Vec<u8>> = remote.ask(redis::cmd("GET").arg(&key)).await.flatten();
                unpack(&key, &stored?)
            }
        }
    }

    /// Keeps `value` under `key` for at most `keep`.
    pub async fn put(&self, key: &str, value: &[u8], keep: Duration) {
        if value.len() > VALUE_LIMIT_BYTES {
            return;
        }
        match &self.place {
            Place::Local(cache) => cache.insert(key.to_owned(), Entry { value: value.into(), keep }),
            Place::Redis(remote) => {
                let milliseconds = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX).max(1);
                let key = remote.key(key);
                let packed = pack(&key, value);
                let _: Option<()> =
                    remote.ask(redis::cmd("SET").arg(&key).arg(packed).arg("PX").arg(milliseconds)).await;
            }
        }
    }

    /// Forgets what is under `key`.
    pub async fn remove(&self, key: &str) {
        match &self.place {
            Place::Local(cache) => cache.invalidate(key),
            Place::Redis(remote) => {
                let _: Option<()> = remote.ask(redis::cmd("DEL").arg(remote.key(key))).await;
            }
        }
    }
}

impl Remote {
    fn key(&self, key: &str) -> String {
        format!("wenxiao {} {key}", self.space)
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Option<T> {
        if self.resting.load(Ordering::Relaxed) {
            return None;
        }
        let mut connection = self.connection.clone();
        let answer = tokio::time::timeout(PATIENCE, command.query_async(&mut connection)).await;
        let problem = match answer {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        self.rest(&problem);
        None
    }

    /// Leaves Redis alone for a while. The command that finds a connection broken is also what mends it, so the next
    /// one after the rest has a good chance.
    fn rest(&self, problem: &str) {
        if !self.resting.swap(true, Ordering::Relaxed) {
            tracing::warn!(problem, "Redis does not answer; caching is off for a moment");
            metrics::counter!("wenxiao_cache_errors_total").increment(1);
            let resting = self.resting.clone();
            tokio::spawn(async move {
                tokio::time::sleep(REST).await;
                resting.store(false, Ordering::Relaxed);
            });
        }
    }
}

/// The value behind its key. A client library once gave one caller's reply to another: a value that does not say the
/// key that was asked for is not believed.
fn pack(key: &str, value: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(4 + key.len() + value.len());
    packed.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
    packed.extend_from_slice(key.as_bytes());
    packed.extend_from_slice(value);
    packed
}

fn unpack(key: &str, packed: &[u8]) -> Option<Arc<[u8]>> {
    let (length, rest) = packed.split_first_chunk::<4>()?;
    let (found, value) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    (found == key.as_bytes()).then(|| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_are_kept_as_long_as_said() {
        let cache = Cache::local();
        cache.put("a", b"1", Duration::from_millis(20)).await;
        cache.put("b", b"2", Duration::from_secs(60)).await;
        assert_eq!(cache.get("a").await.as_deref(), Some(b"1".as_slice()));
        tokio::time::sleep(Duration::from_millis(40)).await;
        assert_eq!(cache.get("a").await, None);
        assert_eq!(cache.get("b").await.as_deref(), Some(b"2".as_slice()));
        cache.remove("b").await;
        assert_eq!(cache.get("b").await, None);
    }

    #[test]
    fn somebody_elses_value_is_not_believed() {
        let packed = pack("units/1", b"value");
        assert_eq!(unpack("units/1", &packed).as_deref(), Some(b"value".as_slice()));
        assert_eq!(unpack("units/2", &packed), None);
        for broken in [&b""[..], b"abc", b"\xff\xff\xff\xffx", &packed[..6]] {
            assert_eq!(unpack("units/1", broken), None);
        }
    }
}
