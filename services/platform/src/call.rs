//! A call that has passed the layers (调用): who asks, which district, what exactly.

use std::sync::Arc;

use prost::Message;
use sha2::{Digest, Sha256};
use wenxiao_contract::{Addressed, Validate};
use wenxiao_kernel::DistrictCode;
use wenxiao_kernel::name::{self, Reach};

use crate::authz::{Caller, Facts, Permit};
use crate::failure::{Failure, Result};
use crate::identity::{Principal, Role, Scope};

/// Longest request id that is kept (AIP-155 says a UUID; other systems use their own).
const REQUEST_ID_LIMIT: usize = 64;

/// One validated request and everything around it that a handler may depend on.
#[derive(Clone)]
pub struct Call<M> {
    /// The request; it keeps the rules that the contract declares.
    pub message: M,
    reach: Reach,
    context: Context,
}

/// The call without its message.
#[derive(Clone)]
pub struct Context {
    caller: Caller,
    pub(crate) trace_parent: String,
}

impl Context {
    /// What the layers found out about a request; also for streams, whose messages come later.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self> {
        let caller = request.extensions().get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| Failure::internal("the call did not come through the layers"))?;
        let trace_parent = request.metadata().get("traceparent").and_then(|value| value.to_str().ok());
        Ok(Self { caller, trace_parent: trace_parent.unwrap_or_default().chars().take(64).collect() })
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.caller.principal
    }

    /// Full name of the method: `/wenxiao.registry.v1.UnitService/GetUnit`.
    pub fn method(&self) -> &Arc<str> {
        &self.caller.method
    }

    /// The call with its message, checked: the district first, so that nothing is said about other people's.
    pub fn with<M: Addressed + Validate>(self, message: M) -> Result<Call<M>> {
        let reach = name::reach(message.address())?;
        let reachable = match reach {
            Reach::District(district) => {
                self.principal().reaches(district) && self.caller.authorizer.serves(district)
            }
            Reach::EveryDistrict => true, // the policies say who may
        };
        if !reachable {
            return Err(Failure::not_found(message.address()));
        }
        message.validate()?;
        if message.request_id().len() > REQUEST_ID_LIMIT {
            return Err(Failure::invalid_field(
                "request_id",
                "请求编号超过64个字符",
                "must have at most 64 characters",
            ));
        }
        Ok(Call { message, reach, context: self })
    }
}

impl<M: Addressed + Validate> Call<M> {
    /// Opens a request that came through the layers.
    pub fn open(request: tonic::Request<M>) -> Result<Self> {
        Context::of(&request)?.with(request.into_inner())
    }
}

impl<M> Call<M> {
    /// The one district that the call is about. Refuses `districts/-`.
    pub fn district(&self) -> Result<DistrictCode> {
        match self.reach {
            Reach::District(district) => Ok(district),
            Reach::EveryDistrict => Err(Failure::invalid_field(
                "parent",
                "此操作须指定一个区",
                "this call needs one district; districts/- is for lists across the city",
            )),
        }
    }

    /// The districts that a list reads: the one, or those that the caller reaches. `None` is every district there is
    /// (our own services).
    pub fn districts(&self) -> Option<Vec<DistrictCode>> {
        match self.reach {
            Reach::District(district) => Some(vec![district]),
            Reach::EveryDistrict if self.principal().has(Role::Service) => None,
            Reach::EveryDistrict => {
                let reached = self.principal().districts.iter().copied();
                Some(reached.filter(|district| self.context.caller.authorizer.serves(*district)).collect())
            }
        }
    }

    /// Whether the call reads across districts.
    pub fn is_across(&self) -> bool {
        self.reach == Reach::EveryDistrict
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        self.context.principal()
    }

    /// What the caller's lists are narrowed to.
    pub fn scope(&self) -> Scope {
        self.principal().scope()
    }

    /// Full name of the method.
    pub fn method(&self) -> &Arc<str> {
        self.context.method()
    }

    pub(crate) fn trace_parent(&self) -> &str {
        &self.context.trace_parent
    }

    /// Whether the caller may do this to an object with these facts; the proof opens the answer.
    pub fn permit(&self, facts: Facts) -> Result<Permit> {
        let caller = &self.context.caller;
        caller.authorizer.permit(&caller.principal, &caller.method, facts, self.is_across())
    }
}

impl<M> Call<M> {
    /// Whether the caller may call another method of the same service on an object with these facts: for lists of what
    /// can be done, which ask the policies that decide the call itself.
    pub fn permit_for(&self, rpc: &str, facts: Facts) -> Result<Permit> {
        let caller = &self.context.caller;
        let service = caller.method.rsplit_once('/').map_or("", |(service, _)| service);
        let method: Arc<str> = format!("{service}/{rpc}").into();
        caller.authorizer.permit(&caller.principal, &method, facts, self.is_across())
    }
}

impl<M: Message> Call<M> {
    /// Hash of the request, so that a request id can be told from its reuse.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.method().as_bytes());
        hash.update(self.message.encode_to_vec());
        hash.finalize().to_vec()
    }
}
