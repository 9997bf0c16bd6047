//! What every call meets on its way in.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tonic::{Code, Request, Status};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt as _;
use wenxiao_contract::wenxiao::common::v1::ListEventsRequest;
use wenxiao_contract::wenxiao::common::v1::event_service_client::EventServiceClient;
use wenxiao_kernel::Clock;
use wenxiao_platform::authn::ServiceToken;
use wenxiao_platform::clients::Links;
use wenxiao_platform::peers::Peer;

use crate::support::{Running, SERVICE, ask, get, http, settings, start, until};

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

fn with_token<T>(mut request: Request<T>, token: &str) -> Request<T> {
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

#[tokio::test]
async fn a_token_makes_a_caller_and_a_bad_one_nobody() {
    let server = start(settings()).await;
    let mut client = server.client().await;
    let caller = async |client: &mut _, request| {
        let client: &mut wenxiao_contract::wenxiao::common::v1::event_service_client::EventServiceClient<_> =
            client;
        client.list_feeds(request).await.map(|answer| answer.into_inner().feeds[0].name.clone())
    };
    assert_eq!(caller(&mut client, ask("x")).await.unwrap(), "anonymous");
    let token = server.token("u1");
    assert_eq!(caller(&mut client, with_token(ask("x"), &token)).await.unwrap(), "u1");
    let refused = caller(&mut client, with_token(ask("x"), "nonsense")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unauthenticated, "UNAUTHENTICATED"));
    assert!(refused.metadata().contains_key("x-request-id"), "what is refused can be found in the log");
    server.stop().await;
}

#[tokio::test]
async fn the_callers_request_id_comes_back_and_a_strange_one_does_not() {
    let server = start(settings()).await;
    let mut client = server.client().await;
    for (given, kept) in [("abc-1", true), ("with space", false), (&"x".repeat(65), false)] {
        let mut request = ask("x");
        request.metadata_mut().insert("x-request-id", given.parse().unwrap());
        let answer = client.list_feeds(request).await.unwrap();
        let id = answer.metadata().get("x-request-id").unwrap().to_str().unwrap().to_owned();
        assert_eq!(id == given, kept, "{given} -> {id}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_yet_says_so_with_its_name() {
    let server = start(settings()).await;
    let mut client = server.client().await;
    let refused = client.list_events(ListEventsRequest::default()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unimplemented, "NOT_IMPLEMENTED"));
    let metadata = refused.get_error_details().error_info().unwrap().metadata.clone();
    assert_eq!(metadata["method"], format!("/{SERVICE}/ListEvents"));
    server.stop().await;
}

#[tokio::test]
async fn a_panic_ends_one_call_only() {
    let server = start(settings()).await;
    let mut client = server.client().await;
    let failed = client.list_feeds(ask("panic")).await.unwrap_err();
    assert_eq!((failed.code(), reason(&failed).as_str()), (Code::Internal, "INTERNAL"));
    assert!(!failed.message().contains("told to"));
    assert!(client.list_feeds(ask("x")).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn time_runs_out_by_the_callers_wish_or_by_ours() {
    let mut short = settings();
    short.default_deadline = Duration::from_millis(200);
    short.max_deadline = Duration::from_millis(400);
    let server = start(short).await;
    let mut client = server.client().await;
    for (asked, expected) in [(None, 200), (Some(300), 280), (Some(60_000), 400)] {
        let mut request = ask("sleep 5000");
        if let Some(milliseconds) = asked {
            request.set_timeout(Duration::from_millis(milliseconds));
        }
        let begun = std::time::Instant::now();
        let failed = client.list_feeds(request).await.unwrap_err();
        assert_eq!((failed.code(), reason(&failed).as_str()), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"));
        let took = begun.elapsed().as_millis();
        assert!((expected - 15..expected + 150).contains(&took), "{asked:?}: {took} ms");
    }
    server.stop().await;
}

#[tokio::test]
async fn too_much_at_once_is_refused_while_probes_are_answered() {
    let mut small = settings();
    small.max_in_flight = 2;
    let server = start(small).await;
    let client = server.client().await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut client = client.clone();
        busy.push(tokio::spawn(async move { client.list_feeds(ask("sleep 600")).await.map(|_| ()) }));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let refused = client.clone().list_feeds(ask("x")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "OVERLOADED"));
    assert_eq!(health(&server, "live").await, Ok(ServingStatus::Serving as i32));
    for call in busy {
        call.await.unwrap().unwrap();
    }
    assert!(client.clone().list_feeds(ask("x")).await.is_ok());
    server.stop().await;
}

async fn health(server: &Running, service: &str) -> Result<i32, Code> {
    let mut client = HealthClient::new(server.channel().await);
    let asked = HealthCheckRequest { service: service.to_owned() };
    client.check(asked).await.map(|answer| answer.into_inner().status).map_err(|status| status.code())
}

#[tokio::test]
async fn readiness_follows_the_checks_and_liveness_does_not() {
    let server = start(settings()).await;
    let ready = async || get(server.ops, "/readyz").await.starts_with("HTTP/1.1 200");
    until(&ready).await;
    for name in ["", "ready", "live", SERVICE] {
        assert_eq!(health(&server, name).await, Ok(ServingStatus::Serving as i32), "{name:?}");
    }
    assert_eq!(health(&server, "nobody").await, Err(Code::NotFound));
    server.well.store(false, Ordering::Relaxed);
    until(async || !ready().await).await;
    assert!(get(server.ops, "/readyz").await.contains("test: not well"));
    assert_eq!(health(&server, SERVICE).await, Ok(ServingStatus::NotServing as i32));
    assert_eq!(health(&server, "live").await, Ok(ServingStatus::Serving as i32));
    assert!(get(server.ops, "/healthz").await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

#[tokio::test]
async fn the_ops_port_has_metrics_and_the_portal() {
    let server = start(settings()).await;
    server.client().await.list_feeds(ask("x")).await.unwrap();
    let metrics = get(server.ops, "/metrics").await;
    let counted = format!("wenxiao_grpc_calls_total{{method=\"{SERVICE}/ListFeeds\",code=\"Ok\"}}");
    assert!(metrics.contains(&counted), "{metrics}");
    assert!(get(server.ops, "/portal").await.contains("公开"));
    assert!(get(server.ops, "/nothing").await.starts_with("HTTP/1.1 404"));
    server.stop().await;
}

#[tokio::test]
async fn reflection_shows_what_runs_here() {
    let server = start(settings()).await;
    let mut client = ServerReflectionClient::new(server.channel().await);
    let ask = |message| ServerReflectionRequest { host: String::new(), message_request: Some(message) };
    let asked = [
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol(SERVICE.to_owned())),
    ];
    let mut answers = client.server_reflection_info(futures::stream::iter(asked)).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) =
        answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("a list of services")
    };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort();
    assert_eq!(names, ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", SERVICE]);
    let file = answers.message().await.unwrap().unwrap().message_response;
    assert!(matches!(file, Some(MessageResponse::FileDescriptorResponse(_))), "{file:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_browser_calls_over_http_1() {
    let server = start(settings()).await;
    let body = b"\x00\x00\x00\x00\x03\x0a\x01x";
    let head = format!(
        "POST /{SERVICE}/ListFeeds HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: \
         application/grpc-web+proto\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let answer = http(server.grpc, &[head.as_bytes(), body].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("anonymous"), "{answer}");
    assert!(answer.contains("grpc-status:0"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_service_elsewhere_knows_which_service_calls() {
    let server = start(settings()).await;
    let links = Links::new("targets", &["registry", "monitoring"]);
    let token = ServiceToken::from_issuer(server.issuer.clone(), "targets", Clock::system());
    let peer = Peer::at(&format!("http://{}", server.grpc)).unwrap();
    links.connect("registry", peer.calling_with(token));
    let mut client = EventServiceClient::new(links.to("registry"));
    let answer = client.list_feeds(ask("x")).await.unwrap().into_inner();
    assert_eq!(answer.feeds[0].name, "service:targets");
    let absent = EventServiceClient::new(links.to("monitoring")).list_feeds(ask("x")).await.unwrap_err();
    assert_eq!(absent.code(), Code::Unavailable);
    server.stop().await;
    let gone = client.list_feeds(ask("x")).await.unwrap_err();
    assert_eq!(gone.code(), Code::Unavailable, "{gone}");
}
