//! A server with one small service behind it.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::common::v1::event_service_client::EventServiceClient;
use wenxiao_contract::wenxiao::common::v1::event_service_server::{EventService, EventServiceServer};
use wenxiao_contract::wenxiao::common::v1::{
    Feed, ListFeedsRequest, ListFeedsResponse, WatchEventsRequest, WatchEventsResponse,
};
use wenxiao_kernel::Clock;
use wenxiao_platform::authn::{Authenticator, DevIssuer};
use wenxiao_platform::config::{Config, ServerSettings};
use wenxiao_platform::identity::{Claims, Principal, Role};
use wenxiao_platform::server::{Check, Deadline, RequestId, Served, Server, ServerError, Shutdown};

/// Full name of the service.
pub const SERVICE: &str = "wenxiao.common.v1.EventService";

/// Does what the parent says, so that a test can make anything happen.
#[derive(Clone)]
struct Obedient;

#[tonic::async_trait]
impl EventService for Obedient {
    async fn list_feeds(
        &self,
        request: Request<ListFeedsRequest>,
    ) -> Result<Response<ListFeedsResponse>, Status> {
        assert!(
            request.extensions().get::<Deadline>().is_some()
                && request.extensions().get::<RequestId>().is_some()
        );
        let principal = request.extensions().get::<Arc<Principal>>().expect("somebody calls").clone();
        let parent = request.into_inner().parent;
        if parent == "panic" {
            panic!("told to");
        }
        if let Some(milliseconds) = parent.strip_prefix("sleep ") {
            tokio::time::sleep(Duration::from_millis(milliseconds.parse().unwrap())).await;
        }
        let feed = Feed { name: principal.subject.clone(), ..Feed::default() };
        Ok(Response::new(ListFeedsResponse { feeds: vec![feed] }))
    }

    async fn watch_events(
        &self,
        _: Request<WatchEventsRequest>,
    ) -> Result<Response<Pin<Box<dyn Stream<Item = Result<WatchEventsResponse, Status>> + Send>>>, Status>
    {
        let ticks = futures::stream::unfold(0, |tick| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            (tick < 25).then(|| (Ok(WatchEventsResponse::default()), tick + 1))
        });
        Ok(Response::new(Box::pin(ticks)))
    }
}

/// A server that runs.
pub struct Running {
    pub grpc: SocketAddr,
    pub ops: SocketAddr,
    pub shutdown: Shutdown,
    pub well: Arc<AtomicBool>,
    pub issuer: Arc<DevIssuer>,
    pub task: JoinHandle<Result<(), ServerError>>,
    _folder: tempfile::TempDir,
}

pub fn settings() -> ServerSettings {
    Config::load(None, |_| None, &[]).unwrap().server
}

pub async fn start(settings: ServerSettings) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let issuer = Arc::new(DevIssuer::open(folder.path(), "wenxiao", Clock::system()).unwrap());
    let authenticator = Arc::new(Authenticator::of_development(issuer.clone(), Clock::system()));
    let any = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(any, any, &settings).await.unwrap();
    let (grpc, ops) = server.addresses().unwrap();
    let (shutdown, well) = (Shutdown::new(), Arc::new(AtomicBool::new(true)));
    let asked = well.clone();
    let check = Check::new("test", move || {
        let well = asked.load(Ordering::Relaxed);
        async move { if well { Ok(()) } else { Err("not well".to_owned()) } }
    });
    let pages = axum::Router::new().route("/portal", axum::routing::get(async || "公开"));
    let served = Served {
        routes: Routes::new(EventServiceServer::new(Obedient)),
        services: vec![SERVICE.to_owned()],
        pages,
        authenticator,
        checks: vec![check],
    };
    let task = tokio::spawn(server.run(served, shutdown.clone()));
    Running { grpc, ops, shutdown, well, issuer, task, _folder: folder }
}

impl Running {
    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.grpc)).unwrap().connect().await.unwrap()
    }

    pub async fn client(&self) -> EventServiceClient<Channel> {
        EventServiceClient::new(self.channel().await)
    }

    pub fn token(&self, subject: &str) -> String {
        let claims = Claims {
            iss: String::new(),
            aud: String::new(),
            sub: subject.to_owned(),
            exp: 0,
            iat: 0,
            name: String::new(),
            roles: vec![Role::FinanceHead],
            districts: vec!["350205000".parse().unwrap()],
            unit: None,
            participant: None,
        };
        self.issuer.token(&claims, Duration::from_secs(60)).unwrap()
    }

    /// Stops it and says how long that took.
    pub async fn stop(self) -> Duration {
        let begun = std::time::Instant::now();
        self.shutdown.begin();
        self.task.await.unwrap().unwrap();
        begun.elapsed()
    }
}

pub fn ask(parent: &str) -> Request<ListFeedsRequest> {
    Request::new(ListFeedsRequest { parent: parent.to_owned() })
}

/// One HTTP/1.1 exchange: the whole answer as text.
pub async fn http(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

pub async fn get(address: SocketAddr, path: &str) -> String {
    http(address, format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").as_bytes()).await
}

/// Waits until `condition` holds.
pub async fn until(condition: impl AsyncFn() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it comes true in time");
}
