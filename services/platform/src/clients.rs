//! How services call each other (服务间调用): by the generated clients, over a link that is in the process when the
//! other service runs here, and a network channel when it does not. The caller cannot tell.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::failure::Failure;
use crate::identity::Principal;

type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, tower::BoxError>;

/// The way to one service: `UnitServiceClient::new(links.to("registry"))`.
#[derive(Clone)]
pub struct Link {
    transport: Arc<OnceLock<Transport>>,
    /// Who calls, when the link stays in the process; over the network a token says so.
    principal: Option<Arc<Principal>>,
}

impl Link {
    fn unconnected(principal: Option<Arc<Principal>>) -> Self {
        Self { transport: Arc::new(OnceLock::new()), principal }
    }

    /// The same way, with somebody else calling. Only for links that stay in the process.
    #[must_use]
    pub fn acting_as(&self, principal: Principal) -> Self {
        Self { transport: self.transport.clone(), principal: Some(Arc::new(principal)) }
    }
}

impl Service<http::Request<Body>> for Link {
    type Response = http::Response<Body>;
    type Error = tower::BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(())) // readiness is awaited in the call, on the clone that makes it
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let transport = self.transport.get().cloned();
        if let Some(principal) = &self.principal {
            request.extensions_mut().insert(principal.clone());
        }
        Box::pin(async move {
            match transport {
                Some(transport) => transport.oneshot(request).await,
                None => Ok(Failure::unavailable("the service is still starting").into_status().into_http()),
            }
        })
    }
}

/// The ways from one service to the others.
#[derive(Clone)]
pub struct Links {
    ways: Arc<HashMap<&'static str, Link>>,
    nowhere: Link,
}

impl Links {
    /// Links of `caller` to the named services, not connected yet: services are built before any of them runs.
    pub fn new(caller: &str, services: &[&'static str]) -> Self {
        let principal = Some(Arc::new(Principal::service(caller)));
        let ways = services.iter().map(|name| (*name, Link::unconnected(principal.clone()))).collect();
        Self { ways: Arc::new(ways), nowhere: Link::unconnected(None) }
    }

    /// The way to `service`.
    pub fn to(&self, service: &str) -> Link {
        self.ways.get(service).unwrap_or(&self.nowhere).clone()
    }

    /// Connects `service`: to the routes of this process behind the authorisation layer, or to a network channel.
    pub fn connect<S>(&self, service: &str, way: S)
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + Sync + 'static,
        S::Error: Into<tower::BoxError>,
        S::Future: Send + 'static,
    {
        if let Some(link) = self.ways.get(service) {
            let connected = link.transport.set(BoxCloneSyncService::new(way.map_err(Into::into)));
            debug_assert!(connected.is_ok(), "a link is connected once");
        }
    }
}
