//! Layers that protect: against panics, against too much at once, and against answers without a reason.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::FutureExt as _;
use tokio::sync::Semaphore;
use tonic::{Code, Status};
use wenxiao_contract::wenxiao::common::v1::ErrorReason;

use super::layers::{Answer, Around, Request, Response, code_of};
use crate::failure::Failure;

/// The answer that a failure is.
pub(super) fn refusal(failure: Failure) -> Response {
    failure.into_status().into_http()
}

/// A panic ends one call and not the connection with all others on it.
#[derive(Clone)]
pub(super) struct PanicsCaught;

impl Around for PanicsCaught {
    fn around<F>(&self, request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        // Whatever the panic left half-done belongs to the call, and goes with it.
        match catch_unwind(AssertUnwindSafe(|| call(request))) {
            Ok(answer) => Box::pin(async move {
                AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|panic| Ok(panicked(&*panic)))
            }),
            Err(panic) => Box::pin(std::future::ready(Ok(panicked(&*panic)))),
        }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Response {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    metrics::counter!("wenxiao_panics_total").increment(1);
    refusal(Failure::internal(format!("panic: {}", text.unwrap_or("without a message"))))
}

/// Calls beyond a number are refused at once: those that wait would only be too late, and take memory meanwhile.
#[derive(Clone)]
pub(super) struct LoadShed {
    places: Arc<Semaphore>,
}

impl LoadShed {
    pub fn new(at_once: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))) }
    }
}

impl Around for LoadShed {
    fn around<F>(&self, request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        // A busy server is not a dead one: probes are always answered.
        if request.uri().path().starts_with("/grpc.health.") {
            return Box::pin(call(request));
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return Box::pin(std::future::ready(Ok(refusal(overloaded()))));
        };
        let answer = call(request);
        // The place is free when the answer begins: a stream that lasts takes none.
        Box::pin(async move {
            let response = answer.await;
            drop(place);
            response
        })
    }
}

fn overloaded() -> Failure {
    Failure::new(
        Code::ResourceExhausted,
        ErrorReason::Overloaded,
        "系统繁忙，请稍后再试",
        "too many calls at once: try again later",
    )
}

/// Calls that the contract has and the service does not, yet, say so in our words; so do calls that nobody has.
#[derive(Clone)]
pub(super) struct UnimplementedExplained;

impl Around for UnimplementedExplained {
    fn around<F>(&self, request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        let uri = request.uri().clone();
        let answer = call(request);
        Box::pin(async move {
            let response = answer.await?;
            let bare = !response.headers().contains_key(Status::GRPC_STATUS_DETAILS);
            if bare && code_of(&response) == Code::Unimplemented {
                return Ok(refusal(Failure::not_implemented(uri.path())));
            }
            Ok(response)
        })
    }
}
