//! Connections that remember their tenant, and what a service does for itself, on a real Postgres.
#![cfg(feature = "testing")]

mod sample;

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use sample::SAMPLE;
use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::plan_service_client::PlanServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{
    CreateTrainingSessionRequest, GetTrainingSessionRequest, TrainingSession, training_session,
};
use wenxiao_kernel::{Clock, DistrictCode};
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::telemetry::metrics;
use wenxiao_platform::testing::{TestSuite, caller, haicang};
use wenxiao_platform::upkeep::forget_old_answers;

async fn count_of(connection: &mut sqlx::PgConnection, query: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(connection).await.expect("a count")
}

/// An officer of two districts: 海沧区 and 思明区.
fn officer(suite: &TestSuite) -> PlanServiceClient<Link> {
    let siming = DistrictCode::from_i32(350_203_000).expect("a district");
    let officer = Principal { districts: vec![haicang(), siming], ..caller(Role::FinancePerformanceOfficer) };
    PlanServiceClient::new(suite.as_caller(officer))
}

fn creation(district: &str, id: &str, request_id: &str) -> CreateTrainingSessionRequest {
    CreateTrainingSessionRequest {
        parent: format!("districts/{district}"),
        training_session: Some(TrainingSession {
            title: format!("{district} {id}"),
            work_year: 2020,
            stage: training_session::Stage::ExAnte.into(),
            ..Default::default()
        }),
        training_session_id: id.to_owned(),
        request_id: request_id.to_owned(),
    }
}

fn asking(district: &str, id: &str) -> GetTrainingSessionRequest {
    GetTrainingSessionRequest { name: format!("districts/{district}/trainingSessions/{id}") }
}

#[tokio::test]
async fn connections_that_change_districts_show_each_its_own() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    for district in ["350205000", "350203000"] {
        officer(&suite).create_training_session(creation(district, "a", "")).await.unwrap();
    }
    officer(&suite).create_training_session(creation("350205000", "b", "")).await.unwrap();
    // Four connections, eighty calls at once, the districts in turn.
    let reads = (0..80).map(|i| {
        let mut client = officer(&suite);
        let district = if i % 2 == 0 { "350205000" } else { "350203000" };
        async move {
            let found = client.get_training_session(asking(district, "a")).await.unwrap().into_inner();
            assert_eq!(found.title, format!("{district} a"));
            let only_here = client.get_training_session(asking(district, "b")).await;
            assert_eq!(only_here.is_ok(), district == "350205000");
        }
    });
    join_all(reads).await;
}

#[tokio::test]
async fn broken_connections_are_found_by_the_first_call_only() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let mut client = officer(&suite);
    client.create_training_session(creation("350205000", "a", "")).await.unwrap();
    // A locked table keeps four calls waiting, each on a connection of its own.
    let (mut locker, mut watcher) = (suite.superuser().await, suite.superuser().await);
    sqlx::raw_sql("begin; lock table sample.notes").execute(&mut locker).await.unwrap();
    let waiting = (0..4).map(|_| {
        let mut client = officer(&suite);
        tokio::spawn(async move { client.get_training_session(asking("350205000", "a")).await.unwrap() })
    });
    let waiting: Vec<_> = waiting.collect();
    let sessions = "from pg_stat_activity where usename = 'wenxiao_sample' and datname = current_database()";
    let count = format!("select count(*) {sessions} and wait_event_type = 'Lock'");
    let all_wait = async {
        while count_of(&mut watcher, &count).await < 4 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_wait).await.expect("four calls wait");
    sqlx::raw_sql("commit").execute(&mut locker).await.unwrap();
    join_all(waiting).await.into_iter().for_each(|call| drop(call.unwrap()));
    let cut = format!("select count(pg_terminate_backend(pid)) {sessions}");
    assert_eq!(count_of(&mut watcher, &cut).await, 4);
    let first = client.get_training_session(asking("350205000", "a")).await.unwrap_err();
    assert_eq!(first.code(), Code::Unavailable, "{first}");
    for _ in 0..8 {
        client.get_training_session(asking("350205000", "a")).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_is_replayed_until_it_is_forgotten() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let mut client = officer(&suite);
    let asked = creation("350205000", "a", "r1");
    client.create_training_session(asked.clone()).await.unwrap();
    let database = &suite.suite.databases[0];
    // The district is known to the journal once its first change has got its number.
    for _ in 0..200 {
        if forget_old_answers(database, database.clock().now() + TimeDelta::hours(1)).await.unwrap() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(client.create_training_session(asked).await.unwrap_err().code(), Code::AlreadyExists);
    client.create_training_session(creation("350205000", "b", "r2")).await.unwrap();
    assert_eq!(forget_old_answers(database, database.clock().now() - TimeDelta::hours(1)).await.unwrap(), 0);
    client.create_training_session(creation("350205000", "b", "r2")).await.unwrap();
}

#[tokio::test]
async fn the_metrics_tell_of_connections_and_of_the_delay_of_events() {
    metrics();
    let suite = TestSuite::start(&[&SAMPLE]).await;
    officer(&suite).create_training_session(creation("350205000", "a", "")).await.unwrap();
    let wanted = [
        r#"wenxiao_database_connections{service="sample",pool="tenant",state="idle"}"#,
        r#"wenxiao_database_connections{service="sample",pool="across",state="used"}"#,
        r#"wenxiao_seal_delay_seconds_count{service="sample"} 1"#,
    ];
    for _ in 0..200 {
        let told = metrics().render();
        if wanted.iter().all(|line| told.contains(line)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("missing in the metrics: {}", metrics().render());
}

#[tokio::test]
async fn a_district_that_is_not_served_does_not_exist() {
    let suite = TestSuite::start_serving(&[&SAMPLE], Clock::system(), &[haicang()]).await;
    let mut client = officer(&suite);
    client.create_training_session(creation("350205000", "a", "")).await.unwrap();
    let elsewhere = client.create_training_session(creation("350203000", "a", "")).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::NotFound, "{elsewhere}");
}
