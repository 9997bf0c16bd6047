//! Acting in somebody's place (授权代办): a call that names a delegation in `x-wenxiao-delegation` runs in the roles
//! that were delegated, and in no others. The registry says what a delegation is worth; the answer is believed for a
//! short while, so that a deputy's calls cost no more than anybody's.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, Either};
use moka::future::Cache;
use tonic::body::Body;
use tower::{Layer, Service};
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_contract::wenxiao::registry::v1::delegation::State;
use wenxiao_contract::wenxiao::registry::v1::delegation_service_client::DelegationServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{Delegation, ResolveDelegationRequest};
use wenxiao_kernel::name::{self, Reach};

use crate::clients::Link;
use crate::failure::{Failure, Result};
use crate::identity::{Principal, Role};

/// The metadata that names a delegation: `districts/{district}/delegations/{delegation}`.
pub const DELEGATION: &str = "x-wenxiao-delegation";

/// How long the registry's word is believed: a delegation that was taken back is worth nothing after it.
const BELIEVED_FOR: Duration = Duration::from_secs(30);
const REMEMBERED: u64 = 10_000;

/// Turns a caller who names a delegation into the deputy that they are.
#[derive(Clone)]
pub struct DelegationLayer {
    registry: Link,
    deputies: Cache<(String, String), Arc<Principal>>,
}

impl DelegationLayer {
    /// A layer that asks the registry over `registry`.
    pub fn new(registry: Link) -> Self {
        let deputies = Cache::builder().max_capacity(REMEMBERED).time_to_live(BELIEVED_FOR).build();
        Self { registry, deputies }
    }

    async fn deputy(&self, caller: Arc<Principal>, delegation: String) -> Result<Arc<Principal>> {
        let key = (caller.subject.clone(), delegation.clone());
        let resolve = async {
            let mut registry = DelegationServiceClient::new(self.registry.clone());
            let request = ResolveDelegationRequest { name: delegation.clone() };
            let answer = registry.resolve_delegation(request).await;
            let found = answer.map_err(Failure::from).map_err(|failure| match failure.code() {
                tonic::Code::NotFound | tonic::Code::InvalidArgument => inactive(&delegation),
                _ => failure,
            })?;
            acting(&caller, &found.into_inner()).map(Arc::new).ok_or_else(|| inactive(&delegation))
        };
        self.deputies.try_get_with(key, resolve).await.map_err(|failure| (*failure).clone())
    }
}

/// The caller in the delegator's place; `None` when the delegation is not theirs, or not for today.
fn acting(caller: &Principal, delegation: &Delegation) -> Option<Principal> {
    let Ok(Reach::District(district)) = name::reach(&delegation.name) else { return None };
    let roles: Vec<Role> = delegation.roles.iter().filter_map(|role| role.parse().ok()).collect();
    let holds =
        delegation.state() == State::Active && delegation.deputy == caller.subject && !roles.is_empty();
    holds.then(|| Principal {
        subject: caller.subject.clone(),
        name: caller.name.clone(),
        roles,
        districts: vec![district],
        unit: Some(delegation.unit_code.clone()).filter(|code| !code.is_empty()),
        participant: None,
        on_behalf_of: Some(delegation.delegator.clone()),
    })
}

fn inactive(delegation: &str) -> Failure {
    Failure::new(
        tonic::Code::PermissionDenied,
        ErrorReason::DelegationNotActive,
        "授权不存在、不属于您，或今天不在授权期内",
        "there is no such delegation to the caller that holds today",
    )
    .with("delegation", delegation.chars().take(160).collect::<String>())
}

impl<S> Layer<S> for DelegationLayer {
    type Service = Delegated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Delegated { inner, layer: self.clone() }
    }
}

/// The service that [`DelegationLayer`] makes.
#[derive(Clone)]
pub struct Delegated<S> {
    inner: S,
    layer: DelegationLayer,
}

impl<S> Service<http::Request<Body>> for Delegated<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<'static, std::result::Result<Self::Response, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let Some(named) = request.headers().get(DELEGATION) else {
            return Either::Left(self.inner.call(request));
        };
        let named = named.to_str().unwrap_or_default().to_owned();
        let caller = request.extensions().get::<Arc<Principal>>().cloned();
        let (layer, mut inner) = (self.layer.clone(), self.inner.clone());
        std::mem::swap(&mut inner, &mut self.inner); // the one that was polled makes the call
        Either::Right(Box::pin(async move {
            let caller = caller.unwrap_or_else(|| Arc::new(Principal::anonymous()));
            match layer.deputy(caller, named).await {
                Ok(deputy) => {
                    request.extensions_mut().insert(deputy);
                    inner.call(request).await
                }
                Err(failure) => Ok(failure.into_status().into_http()),
            }
        }))
    }
}
