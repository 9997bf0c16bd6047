//! What is told about the running process (遥测): log lines, traces over OTLP, metrics for Prometheus.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::{LogFormat, TelemetrySettings};

/// The exporter can block for ever when its collector is gone: nobody waits longer than this when the process ends.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);
/// How often collected observations are folded into histograms, so that they do not pile up between two scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Bounds of all histograms of times, in seconds.
const TIME_BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
static TRACES_ARE_EXPORTED: AtomicBool = AtomicBool::new(false);

/// Telemetry cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("telemetry.filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The exporter cannot be built.
    #[error("telemetry.otlp_endpoint: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Something else in this process logs already.
    #[error("telemetry was started before: {0}")]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// Running telemetry; stop it as the last thing, so that what happened last is told too.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Starts it for the whole process. Must be called inside the runtime: the exporter belongs to it.
    pub fn start(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::try_new(&settings.filter)?;
        let lines = match settings.log {
            LogFormat::Human => {
                let colours = std::io::stderr().is_terminal();
                fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(colours).boxed()
            }
            LogFormat::Json => fmt::layer()
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .with_writer(std::io::stderr)
                .boxed(),
        };
        let traces =
            settings.otlp_endpoint.as_deref().map(|url| tracer(url, settings.trace_percent)).transpose()?;
        // A lean layer: places in the source, threads and idle times cost more than they tell.
        let exported = traces.as_ref().map(|provider| {
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("wenxiao"))
                .with_location(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
                .with_target(false)
        });
        tracing_subscriber::registry().with(filter).with(exported).with(lines).try_init()?;
        TRACES_ARE_EXPORTED.store(traces.is_some(), Ordering::Relaxed);
        let handle = metrics();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP_INTERVAL).await;
                handle.run_upkeep();
            }
        });
        Ok(Self { traces })
    }

    /// Sends what has not been sent, for five seconds at the most.
    pub async fn stop(self) {
        let Some(traces) = self.traces else { return };
        let flushed = tokio::task::spawn_blocking(move || traces.shutdown_with_timeout(FLUSH_LIMIT));
        if let Ok(Ok(Err(error))) = tokio::time::timeout(FLUSH_LIMIT, flushed).await {
            tracing::warn!(%error, "some traces were not sent");
        }
    }
}

fn tracer(endpoint: &str, percent: u32) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter =
        SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(FLUSH_LIMIT).build()?;
    let share = Sampler::TraceIdRatioBased(f64::from(percent) / 100.0);
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(share)))
        .with_resource(Resource::builder().with_service_name("wenxiao").build())
        .build())
}

/// The metrics of this process, which collect from the first call on; `render()` gives them to Prometheus.
pub fn metrics() -> &'static PrometheusHandle {
    METRICS.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), TIME_BUCKETS);
        let recorder = builder.unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is installed in this process; /metrics stays empty");
        }
        metrics::gauge!("wenxiao_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        handle
    })
}

/// Makes `span` part of the trace that a call's headers name (W3C trace context).
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    if TRACES_ARE_EXPORTED.load(Ordering::Relaxed) && headers.contains_key("traceparent") {
        let context = TraceContextPropagator::new().extract(&Received(headers));
        // Fails when the span is filtered out, and then there is no trace to be part of.
        let _ = span.set_parent(context);
    }
}

/// Puts the current trace on the headers of an outgoing call (W3C trace context).
pub fn propagate_trace(headers: &mut HeaderMap) {
    if TRACES_ARE_EXPORTED.load(Ordering::Relaxed) {
        TraceContextPropagator::new().inject_context(&Span::current().context(), &mut Sent(headers));
    }
}

struct Received<'h>(&'h HeaderMap);

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Sent<'h>(&'h mut HeaderMap);

impl Injector for Sent<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_collected_and_rendered() {
        let handle = metrics();
        metrics::counter!("wenxiao_test_total", "kind" => "a").increment(2);
        metrics::histogram!("wenxiao_test_seconds").record(0.003);
        let text = handle.render();
        assert!(text.contains("wenxiao_test_total{kind=\"a\"} 2"), "{text}");
        assert!(text.contains("wenxiao_test_seconds_bucket{le=\"0.005\"} 1"), "{text}");
    }

    #[test]
    fn a_trace_goes_from_headers_to_headers() {
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let _default = tracing_subscriber::registry().with(layer).set_default();
        TRACES_ARE_EXPORTED.store(true, Ordering::Relaxed);
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let value = format!("00-{trace}-00f067aa0ba902b7-01").parse().unwrap();
        let received = HeaderMap::from_iter([(HeaderName::from_static("traceparent"), value)]);
        let span = tracing::info_span!("call");
        continue_trace(&span, &received);
        let mut sent = HeaderMap::new();
        span.in_scope(|| propagate_trace(&mut sent));
        let sent = sent["traceparent"].to_str().unwrap();
        assert!(sent.contains(trace) && !sent.contains("00f067aa0ba902b7"), "{sent}");
        TRACES_ARE_EXPORTED.store(false, Ordering::Relaxed);
    }
}
