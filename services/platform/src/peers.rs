//! The way over the network to a service that runs elsewhere (远程服务).

use std::time::Duration;

use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::{Service, ServiceBuilder};

use crate::authn::ServiceToken;
use crate::telemetry::propagate_trace;

const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// A peer that does not answer for this long, even when nobody calls, is gone: the next call connects anew.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time of a call to a peer: our own callers wait meanwhile.
const CALL_LIMIT: Duration = Duration::from_secs(5);

/// The peer's URL is not one.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {source}")]
pub struct InvalidPeer {
    url: String,
    source: tonic::transport::Error,
}

/// A connection to one peer. It need not be there now.
#[derive(Clone)]
pub struct Peer {
    channel: Channel,
}

impl Peer {
    /// The peer at `http://host:port`; behind that may be several replicas, since connections are renewed each minute.
    pub fn at(url: &str) -> Result<Self, InvalidPeer> {
        let endpoint = Endpoint::from_shared(url.to_owned());
        let endpoint = endpoint.map_err(|source| InvalidPeer { url: url.to_owned(), source })?;
        let channel = endpoint
            .connect_timeout(CONNECT_LIMIT)
            .timeout(CALL_LIMIT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .connect_lazy();
        Ok(Self { channel })
    }

    /// Calls over it that show `token` and continue the caller's trace, for `Links::connect`.
    pub fn calling_with(
        &self,
        token: ServiceToken,
    ) -> impl Service<
        http::Request<Body>,
        Response = http::Response<Body>,
        Error = tonic::transport::Error,
        Future: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static {
        ServiceBuilder::new()
            .map_request(move |request| {
                let mut request = token.attach(request);
                propagate_trace(request.headers_mut());
                request
            })
            .service(self.channel.clone())
    }
}
