//! Cache and doorbell with a Redis that comes and goes.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wenxiao_platform::cache::Cache;
use wenxiao_platform::config::Secret;
use wenxiao_platform::doorbell::Doorbell;

struct Redis {
    port: u16,
    process: Option<Child>,
}

impl Redis {
    async fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut redis = Self { port: listener.local_addr().unwrap().port(), process: None };
        drop(listener);
        redis.run().await;
        redis
    }

    async fn run(&mut self) {
        let mut command = Command::new("redis-server");
        let arguments = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"];
        command.args(arguments).arg(self.port.to_string()).stdout(Stdio::null());
        self.process = Some(command.spawn().expect("redis-server is installed"));
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn url(&self) -> Secret {
        Secret::new(format!("redis://127.0.0.1:{}", self.port))
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn finds(cache: &Cache) -> bool {
    cache.put("k", b"v", Duration::from_secs(60)).await;
    cache.get("k").await.as_deref() == Some(b"v".as_slice())
}

async fn eventually(what: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !what().await {
        assert!(begun.elapsed() < Duration::from_secs(15), "it never happened");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_cache_without_its_redis_misses_quickly_and_comes_back() {
    let mut redis = Redis::start().await;
    let cache = Cache::redis(&redis.url(), "test").unwrap();
    assert!(finds(&cache).await);
    cache.put("brief", b"v", Duration::from_millis(30)).await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(cache.get("brief").await, None);

    redis.signal("-STOP"); // answers nothing, and the connection stays open
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(cache.get("k").await, None);
    }
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?} for 100 misses", begun.elapsed());
    redis.signal("-CONT");
    eventually(async || finds(&cache).await).await;

    redis.stop();
    assert_eq!(cache.get("k").await, None);
    redis.run().await;
    eventually(async || finds(&cache).await).await;
}

#[tokio::test]
async fn a_doorbell_rings_in_other_processes_and_again_after_redis_was_away() {
    let mut redis = Redis::start().await;
    let (here, there) = (Doorbell::redis(&redis.url()).unwrap(), Doorbell::redis(&redis.url()).unwrap());
    let district = "350205000".parse().unwrap();
    let rings = async || {
        let mut listener = there.listen();
        here.ring("targets", district);
        listener.wait("targets", Some(district), Duration::from_millis(200)).await
    };
    eventually(&rings).await;
    let mut own = here.listen();
    here.ring("registry", district);
    assert!(
        own.wait("registry", Some(district), Duration::from_secs(1)).await,
        "those in the same process hear at once"
    );
    assert!(!own.wait("registry", Some(district), Duration::from_millis(200)).await, "and once only");
    redis.stop();
    here.ring("targets", district); // lost, and nothing happens
    redis.run().await;
    eventually(&rings).await;
}
