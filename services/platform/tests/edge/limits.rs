//! Connections that are old, silent or stubborn, and how a server stops in spite of them.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use wenxiao_contract::wenxiao::common::v1::WatchEventsRequest;

use crate::support::{ask, settings, start};

#[tokio::test]
async fn an_old_connection_is_renewed_and_its_streams_end_by_themselves() {
    let mut young = settings();
    young.connection_age = Duration::from_secs(1);
    let server = start(young).await;
    let mut client = server.client().await;
    let mut stream = client.watch_events(WatchEventsRequest::default()).await.unwrap().into_inner();
    let mut seen = 0;
    while stream.message().await.expect("the stream is not cut").is_some() {
        seen += 1;
    }
    assert_eq!(seen, 25, "2.5 s of events over a connection of 1 s");
    assert!(client.list_feeds(ask("x")).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn running_calls_are_finished_before_the_server_stops() {
    let server = start(settings()).await;
    let mut client = server.client().await;
    let call = tokio::spawn(async move { client.list_feeds(ask("sleep 500")).await.map(|_| ()) });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (grpc, took) = (server.grpc, server.stop().await);
    call.await.unwrap().expect("the call is answered");
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(3), "{took:?}");
    assert!(TcpStream::connect(grpc).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn calls_are_still_taken_while_the_load_balancer_notices() {
    let mut slow = settings();
    slow.drain_delay = Duration::from_millis(600);
    let server = start(slow).await;
    server.shutdown.begin();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut client = server.client().await;
    assert!(client.list_feeds(ask("x")).await.is_ok());
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_silent_connection_and_a_long_call_do_not_keep_the_server() {
    let mut impatient = settings();
    impatient.shutdown = Duration::from_secs(1);
    let server = start(impatient).await;
    let mut silent = TcpStream::connect(server.grpc).await.unwrap();
    silent.write_all(b"PRI * HTTP").await.unwrap();
    let mut client = server.client().await;
    tokio::spawn(async move { client.list_feeds(ask("sleep 14000")).await.map(|_| ()) });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let took = server.stop().await;
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[tokio::test]
async fn told_twice_it_stops_at_once() {
    let mut patient = settings();
    patient.drain_delay = Duration::from_secs(30);
    let server = start(patient).await;
    let mut client = server.client().await;
    tokio::spawn(async move { client.list_feeds(ask("sleep 14000")).await.map(|_| ()) });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    server.shutdown.begin();
    server.shutdown.abort();
    server.task.await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
