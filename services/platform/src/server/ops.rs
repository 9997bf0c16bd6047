//! The ops port: probes, metrics, and the public portal.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::health::Health;

pub(super) fn serve(
    listener: TcpListener,
    pages: Router,
    health: Health,
    stop: CancellationToken,
) -> JoinHandle<std::io::Result<()>> {
    let routes = Router::new()
        .route("/metrics", get(render_metrics))
        // Who can answer this is alive.
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(health)
        .merge(pages);
    let serving = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
    tokio::spawn(serving.into_future())
}

async fn render_metrics() -> impl IntoResponse {
    let text = crate::telemetry::metrics().render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

async fn ready(State(health): State<Health>) -> (StatusCode, String) {
    let problems = health.problems();
    if problems.is_empty() {
        (StatusCode::OK, "ready\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", problems.join("\n")))
    }
}
