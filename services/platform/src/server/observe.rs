//! Layers that watch: the id of a request, its trace and log line, its metrics.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use http::HeaderValue;
use metrics::{Counter, Gauge, Histogram};
use tonic::Code;
use tracing::Instrument as _;

use super::layers::{Answer, Around, Request, Response, code_of};
use super::methods::PerMethod;
use crate::telemetry::continue_trace;

const REQUEST_ID: &str = "x-request-id";
const REQUEST_ID_LIMIT: usize = 64;
/// A call that takes longer is worth a line in the log, however it ends.
const SLOW: Duration = Duration::from_secs(1);

/// Id of one request (请求编号), the caller's own or one of ours: in the extensions, in every line of the log that
/// the request causes, and in the headers of the answer (`x-request-id`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub HeaderValue);

impl RequestId {
    /// The caller's, if it is short and printable.
    fn of(request: &Request) -> Self {
        let given = request.headers().get(REQUEST_ID).filter(|id| {
            !id.is_empty() && id.len() <= REQUEST_ID_LIMIT && id.as_bytes().iter().all(u8::is_ascii_graphic)
        });
        given.cloned().map_or_else(Self::fresh, Self)
    }

    #[expect(clippy::disallowed_methods, reason = "no id of a row: names a request in the log")]
    fn fresh() -> Self {
        let id = uuid::Uuid::now_v7().simple().to_string();
        Self(HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("-")))
    }

    fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("-")
    }
}

#[derive(Clone)]
pub(super) struct Identified;

impl Around for Identified {
    fn around<F>(&self, mut request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        let id = RequestId::of(&request);
        request.extensions_mut().insert(id.clone());
        let answer = call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            response.headers_mut().insert(REQUEST_ID, id.0);
            Ok(response)
        })
    }
}

#[derive(Clone)]
pub(super) struct Traced;

impl Around for Traced {
    fn around<F>(&self, request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        let method = request.uri().path();
        let id = request.extensions().get::<RequestId>().map_or("-", RequestId::as_str);
        let span =
            tracing::info_span!("rpc", otel.kind = "server", otel.name = method, method, request_id = id);
        continue_trace(&span, request.headers());
        let begun = Instant::now();
        let answer = span.in_scope(|| call(request));
        Box::pin(async move {
            let response = answer.instrument(span.clone()).await?;
            span.in_scope(|| tell(code_of(&response), begun.elapsed()));
            Ok(response)
        })
    }
}

/// Faults of ours are errors; refusals are the callers' business and answers the normal case.
fn tell(code: Code, took: Duration) {
    let milliseconds = took.as_millis();
    match code {
        Code::Internal | Code::Unknown | Code::DataLoss => {
            tracing::error!(?code, milliseconds, "call failed")
        }
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => {
            tracing::warn!(?code, milliseconds, "call not served");
        }
        _ if took > SLOW => tracing::info!(?code, milliseconds, "slow call"),
        _ => tracing::debug!(?code, milliseconds, "call"),
    }
}

/// Metrics of one method. What is counted is registered when it first happens.
struct Meter {
    method: String,
    duration: Histogram,
    running: Gauge,
    codes: [OnceLock<Counter>; 17],
}

impl Meter {
    fn new(path: &str) -> Self {
        let method = path.trim_start_matches('/').to_owned();
        Self {
            duration: metrics::histogram!("wenxiao_grpc_duration_seconds", "method" => method.clone()),
            running: metrics::gauge!("wenxiao_grpc_running", "method" => method.clone()),
            codes: Default::default(),
            method,
        }
    }

    fn count(&self, code: Code) {
        if let Some(counter) = usize::try_from(i32::from(code)).ok().and_then(|code| self.codes.get(code)) {
            let register = || {
                let (method, code) = (self.method.clone(), format!("{code:?}"));
                metrics::counter!("wenxiao_grpc_calls_total", "method" => method, "code" => code)
            };
            counter.get_or_init(register).increment(1);
        }
    }
}

#[derive(Clone)]
pub(super) struct Measured {
    meters: PerMethod<Arc<Meter>>,
}

impl Measured {
    pub fn new() -> Self {
        crate::telemetry::metrics();
        Self { meters: PerMethod::new(|path, _| Arc::new(Meter::new(path))) }
    }
}

/// A call that is being worked on. One that its caller gives up is dropped, and counted as such.
struct Running {
    meter: Arc<Meter>,
    begun: Instant,
    code: Code,
}

impl Running {
    /// Takes the whole, so that a future that calls this holds the whole, and its end is the call's end.
    fn answered(mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.meter.running.decrement(1.0);
        self.meter.duration.record(self.begun.elapsed());
        self.meter.count(self.code);
    }
}

impl Around for Measured {
    fn around<F>(&self, request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        let meter = self.meters.get(request.uri().path()).clone();
        meter.running.increment(1.0);
        let running = Running { meter, begun: Instant::now(), code: Code::Cancelled };
        let answer = call(request);
        Box::pin(async move {
            let response = answer.await?;
            running.answered(code_of(&response));
            Ok(response)
        })
    }
}
