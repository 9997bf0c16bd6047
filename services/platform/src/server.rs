//! The server (服务器): the gRPC port with its limits and layers, the ops port, and a bounded way to stop.

mod accept;
mod deadline;
mod guards;
mod health;
mod layers;
mod methods;
mod observe;
mod ops;
mod shutdown;
mod stack;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::Service;

pub use deadline::Deadline;
pub use health::Check;
pub use methods::{contract, services_of};
pub use observe::RequestId;
pub use shutdown::Shutdown;

use crate::authn::Authenticator;
use crate::config::ServerSettings;
use health::Health;
use stack::Edge;

/// Streams that one connection may have open.
const STREAMS_PER_CONNECTION: u32 = 128;
const HEADERS_LIMIT_BYTES: u32 = 16 << 10;
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Probes and scrapes are short: what is still open on the ops port after this is cut.
const OPS_SHUTDOWN: Duration = Duration::from_secs(1);

/// The server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A port could not be taken.
    #[error("{address} cannot be listened on: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The gRPC server ended by itself.
    #[error("the gRPC server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The descriptors of the contract cannot be offered for reflection.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// One of the server's tasks panicked.
    #[error("the server crashed: {0}")]
    Crashed(#[from] tokio::task::JoinError),
}

/// What a server serves.
pub struct Served<S> {
    /// The gRPC services, authorised; who calls is in the extensions when a call gets there.
    pub routes: S,
    /// Full names of those services, for health and reflection.
    pub services: Vec<String>,
    /// Pages for the ops port: the public portal.
    pub pages: axum::Router,
    /// Who calls.
    pub authenticator: Arc<Authenticator>,
    /// What has to be well for the process to be ready.
    pub checks: Vec<Check>,
}

/// Two ports that are taken and not served yet.
pub struct Server {
    settings: ServerSettings,
    grpc: TcpListener,
    ops: TcpListener,
}

impl Server {
    /// Takes the ports. Port 0 takes a free one.
    pub async fn bind(
        listen: SocketAddr,
        http: SocketAddr,
        settings: &ServerSettings,
    ) -> Result<Self, ServerError> {
        let bind = async |address| {
            TcpListener::bind(address).await.map_err(|source| ServerError::Listen { address, source })
        };
        Ok(Self { settings: settings.clone(), grpc: bind(listen).await?, ops: bind(http).await? })
    }

    /// The addresses taken: gRPC, ops.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.grpc.local_addr()?, self.ops.local_addr()?))
    }

    /// Serves until `shutdown` begins, and then stops within the configured time.
    pub async fn run<S>(self, served: Served<S>, shutdown: Shutdown) -> Result<(), ServerError>
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        let Served { routes, services, pages, authenticator, checks } = served;
        let health = Health::new(&services, checks).await;
        let front = stack::Front::new(health.service(), &services, routes)?;
        let (_, service) = Edge { settings: &self.settings, authenticator }.around(front);
        let stop_accepting = CancellationToken::new();
        let incoming = accept::incoming(self.grpc);
        let server = transport(&self.settings);
        let signal = stop_accepting.clone().cancelled_owned();
        let mut grpc = tokio::spawn(server.serve_with_incoming_shutdown(service, incoming, signal));
        let stop_ops = CancellationToken::new();
        let ops = ops::serve(self.ops, pages, health.clone(), stop_ops.clone());
        let watching = tokio::spawn(health.clone().watch());

        tokio::select! {
            () = shutdown.begun() => {}
            ended = &mut grpc => { ended??; }
        }
        watching.abort();
        health.leave().await;
        let drained = drain(&self.settings, &shutdown, &stop_accepting, &mut grpc).await;
        stop_ops.cancel();
        if tokio::time::timeout(OPS_SHUTDOWN, ops).await.is_err() {
            tracing::debug!("connections to the ops port are cut");
        }
        drained
    }
}

fn transport(settings: &ServerSettings) -> tonic::transport::Server {
    tonic::transport::Server::builder()
        .accept_http1(true) // gRPC-Web
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .http2_max_header_list_size(HEADERS_LIMIT_BYTES)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        // Without a grace period: with one, streams are cut hard instead of asked to end (grpc/grpc-rust#2877).
        .max_connection_age(jittered(settings.connection_age))
}

/// Plus or minus a tenth, another for each process: replicas that start together are not reconnected to together.
fn jittered(age: Duration) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let percent = u32::try_from(RandomState::new().hash_one(0_u8) % 21).unwrap_or(0).saturating_add(90);
    age.saturating_mul(percent) / 100
}

/// Takes calls a little longer, then none, then waits for those that run: but not for ever, since a connection that
/// never says anything would keep the server (hyperium/hyper#4170).
async fn drain(
    settings: &ServerSettings,
    shutdown: &Shutdown,
    stop_accepting: &CancellationToken,
    grpc: &mut JoinHandle<Result<(), tonic::transport::Error>>,
) -> Result<(), ServerError> {
    tokio::select! {
        () = tokio::time::sleep(settings.drain_delay) => {}
        () = shutdown.aborted() => {}
    }
    stop_accepting.cancel();
    tokio::select! {
        ended = &mut *grpc => return Ok(ended??),
        () = tokio::time::sleep(settings.shutdown) => tracing::warn!("some calls take too long: they are cut"),
        () = shutdown.aborted() => tracing::warn!("told to stop at once: running calls are cut"),
    }
    grpc.abort();
    Ok(())
}
