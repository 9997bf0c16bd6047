//! What a collector gets to see.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderName, StatusCode};
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use wenxiao_platform::config::Config;
use wenxiao_platform::telemetry::Telemetry;

use crate::support::{ask, settings, start};

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_trace_goes_on_here_and_reaches_the_collector() {
    let received: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = received.clone();
    let export = async move |body: axum::body::Bytes| {
        kept.lock().unwrap().extend_from_slice(&body);
        let headers = [("content-type", "application/grpc"), ("grpc-status", "0")];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        (StatusCode::OK, HeaderMap::from_iter(headers), vec![0_u8; 5])
    };
    let routes = Routes::from(axum::Router::new().route(EXPORT, axum::routing::post(export)));
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}", incoming.local_addr().unwrap());
    tokio::spawn(tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(incoming));

    let arguments = [("telemetry.otlp_endpoint", endpoint), ("telemetry.trace_percent", "0".to_owned())];
    let telemetry = Telemetry::start(&Config::load(None, |_| None, &arguments).unwrap().telemetry).unwrap();
    let server = start(settings()).await;
    let mut client = server.client().await;
    client.list_feeds(ask("x")).await.unwrap(); // not sampled
    let trace = *b"wenxiao-trace-id";
    let mut request = ask("x");
    let parent = format!("00-{}-00f067aa0ba902b7-01", hex::encode(trace));
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    client.list_feeds(request).await.unwrap();
    server.stop().await;
    telemetry.stop().await;

    let received = received.lock().unwrap();
    let count = |wanted: &[u8]| received.windows(wanted.len()).filter(|window| *window == wanted).count();
    assert_eq!(count(&trace), 1, "the caller said that it is recorded");
    assert_eq!(
        count(b"/wenxiao.common.v1.EventService/ListFeeds"),
        2,
        "one span, with its name and its method"
    );
}
