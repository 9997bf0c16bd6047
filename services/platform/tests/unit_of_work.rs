//! The unit of work, the journal and the tenant rules on a real Postgres.
#![cfg(feature = "testing")]

mod sample;

use std::time::Duration;

use futures::future::join_all;
use prost::Message as _;
use sample::SAMPLE;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use wenxiao_contract::wenxiao::common::v1::event_service_client::EventServiceClient;
use wenxiao_contract::wenxiao::common::v1::{Event, ListAuditEntriesRequest, ListEventsRequest};
use wenxiao_contract::wenxiao::registry::v1::plan_service_client::PlanServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{
    CreateTrainingSessionRequest, GetTrainingSessionRequest, TrainingSession, UpdateTrainingSessionRequest,
    training_session,
};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::journal::{self, Break};
use wenxiao_platform::testing::{TestSuite, caller, haicang};

type Client = PlanServiceClient<Link>;

fn officer(suite: &TestSuite) -> Client {
    PlanServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)))
}

fn creation(id: &str, title: &str, request_id: &str) -> CreateTrainingSessionRequest {
    CreateTrainingSessionRequest {
        parent: "districts/350205000".to_owned(),
        training_session: Some(TrainingSession {
            title: title.to_owned(),
            work_year: 2020,
            stage: training_session::Stage::ExAnte.into(),
            ..Default::default()
        }),
        training_session_id: id.to_owned(),
        request_id: request_id.to_owned(),
    }
}

fn renaming(id: &str, title: &str, etag: &str, request_id: &str) -> UpdateTrainingSessionRequest {
    UpdateTrainingSessionRequest {
        training_session: Some(TrainingSession {
            name: format!("districts/350205000/trainingSessions/{id}"),
            title: title.to_owned(),
            work_year: 2020,
            stage: training_session::Stage::ExAnte.into(),
            ..Default::default()
        }),
        update_mask: None,
        etag: etag.to_owned(),
        request_id: request_id.to_owned(),
    }
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

async fn events(suite: &TestSuite, count: usize) -> Vec<Event> {
    let mut client = EventServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    let asked = ListEventsRequest {
        parent: "districts/350205000/feeds/sample".to_owned(),
        after_sequence: 0,
        page_size: 1000,
    };
    for _ in 0..200 {
        let events = client.list_events(asked.clone()).await.expect("events are listed").into_inner().events;
        if events.len() >= count {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{count} events were not sealed in 4 s");
}

#[tokio::test]
async fn the_same_request_has_one_effect_and_one_answer() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let mut client = officer(&suite);
    let first = client.create_training_session(creation("", "事前", "r1")).await.unwrap().into_inner();
    let again = client.create_training_session(creation("", "事前", "r1")).await.unwrap().into_inner();
    assert_eq!(first, again, "the second try is answered as the first");

    let reused = client.create_training_session(creation("", "事后", "r1")).await.unwrap_err();
    assert_eq!((reused.code(), reason(&reused).as_str()), (Code::InvalidArgument, "REQUEST_ID_REUSED"));

    let storm = (0..20).map(|_| {
        let mut client = officer(&suite);
        async move { client.create_training_session(creation("storm", "同时", "r2")).await }
    });
    let answers = join_all(storm).await;
    let first = answers[0].as_ref().unwrap().get_ref().clone();
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap().get_ref(), &first);
    }
    assert_eq!(events(&suite, 2).await.len(), 2, "twenty tries at once are one change");
}

#[tokio::test]
async fn a_page_of_events_fits_into_a_message_however_large_they_are() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    sqlx::query(
        "insert into sample.journal_queue (district, occur_time, type, subject, subject_version, actor, actor_roles,
           on_behalf_of, method, request_id, trace_parent, rule_set, reason, resource_type, before, after)
         select 350205000, now(), 'large', 'districts/350205000', n, '', '', '', '', '', '', '', '', 'x', '',
           convert_to(repeat('x', case n when 7 then 3000000 else 400000 end), 'UTF8')
         from generate_series(1, 20) n",
    )
    .execute(&mut suite.superuser().await)
    .await
    .unwrap();
    let mut client = EventServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    let (mut versions, mut pages) = (Vec::new(), 0);
    let mut asked = ListEventsRequest {
        parent: "districts/350205000/feeds/sample".to_owned(),
        after_sequence: 0,
        page_size: 1000,
    };
    while versions.len() < 20 {
        let page = client.list_events(asked.clone()).await.unwrap().into_inner();
        assert!(page.encoded_len() < 4 * 1024 * 1024);
        match page.events.last() {
            Some(last) => asked.after_sequence = last.sequence,
            None => tokio::time::sleep(Duration::from_millis(20)).await, // not sealed yet
        }
        pages += usize::from(!page.events.is_empty());
        versions.extend(page.events.iter().map(|event| event.subject_version));
    }
    assert_eq!(versions, (1..=20).collect::<Vec<_>>());
    assert!(pages > 4, "{pages} pages");

    let mut asked = ListAuditEntriesRequest { parent: asked.parent, ..Default::default() };
    let mut versions = Vec::new();
    loop {
        let page = client.list_audit_entries(asked.clone()).await.unwrap().into_inner();
        versions.extend(page.audit_entries.into_iter().map(|entry| entry.event.unwrap().subject_version));
        asked.page_token = page.next_page_token;
        if asked.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(versions, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_replay_is_authorised_anew() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    officer(&suite).create_training_session(creation("a", "事前", "r1")).await.unwrap();
    let demoted =
        Principal { subject: caller(Role::FinancePerformanceOfficer).subject, ..caller(Role::UnitFiler) };
    let mut client = PlanServiceClient::new(suite.as_caller(demoted));
    let refused = client.create_training_session(creation("a", "事前", "r1")).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn of_two_decisions_at_once_one_wins() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    officer(&suite).create_training_session(creation("a", "原题", "")).await.unwrap();
    let decisions = (0..16).map(|i| {
        let mut client = officer(&suite);
        async move { client.update_training_session(renaming("a", &format!("新题{i}"), "1", "")).await }
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(decisions).await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 15));
    for status in lost.into_iter().map(Result::unwrap_err) {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    }
}

#[tokio::test]
async fn sixteen_writers_leave_a_gap_free_chain_in_order() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let writers = (0..16).map(|writer| {
        let mut client = officer(&suite);
        async move {
            let id = format!("w{writer}");
            client.create_training_session(creation(&id, "0", "")).await.unwrap();
            for round in 1..=10 {
                client.update_training_session(renaming(&id, &round.to_string(), "", "")).await.unwrap();
            }
        }
    });
    join_all(writers).await;
    let events = events(&suite, 176).await;
    let sequences: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=176).collect::<Vec<_>>());
    for writer in 0..16 {
        let subject = format!("districts/350205000/trainingSessions/w{writer}");
        let versions =
            events.iter().filter(|event| event.subject == subject).map(|event| event.subject_version);
        assert_eq!(
            versions.collect::<Vec<_>>(),
            (1..=11).collect::<Vec<_>>(),
            "changes of one object stay in order"
        );
    }
    assert_eq!(journal::verify(&suite.suite.databases[0], haicang()).await.unwrap(), Ok(176));
}

#[tokio::test]
async fn a_changed_removed_or_inserted_entry_is_found() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    for id in ["a", "b", "c", "d"] {
        officer(&suite).create_training_session(creation(id, "题", "")).await.unwrap();
    }
    events(&suite, 4).await;
    let mut superuser = suite.superuser().await;
    let database = &suite.suite.databases[0];
    for (tamper, expected) in [
        ("update sample.journal set actor = 'someone else' where sequence = 2", Break::Content(2)),
        ("delete from sample.journal where sequence = 2", Break::Gap { expected: 2, found: 3 }),
        ("delete from sample.journal where sequence = 4", Break::Tail { head: 4, found: 3 }),
        (
            "update sample.journal set hash = sha256('x'), previous_hash = sha256('y') where sequence = 3",
            Break::Link(3),
        ),
    ] {
        sqlx::raw_sql("create table saved as table sample.journal").execute(&mut superuser).await.unwrap();
        sqlx::raw_sql(tamper).execute(&mut superuser).await.unwrap();
        assert_eq!(journal::verify(database, haicang()).await.unwrap(), Err(expected), "{tamper}");
        let restore = "delete from sample.journal; insert into sample.journal table saved; drop table saved";
        sqlx::raw_sql(restore).execute(&mut superuser).await.unwrap();
        assert_eq!(journal::verify(database, haicang()).await.unwrap(), Ok(4));
    }
}

#[tokio::test]
async fn the_audit_trail_says_who_changed_what_from_what() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    officer(&suite).create_training_session(creation("a", "原题", "")).await.unwrap();
    officer(&suite).update_training_session(renaming("a", "新题", "1", "r9")).await.unwrap();
    events(&suite, 2).await;
    let mut client = EventServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    let asked = ListAuditEntriesRequest {
        parent: "districts/350205000/feeds/sample".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let first = client.list_audit_entries(asked.clone()).await.unwrap().into_inner();
    let next = ListAuditEntriesRequest { page_token: first.next_page_token, ..asked };
    let second = client.list_audit_entries(next).await.unwrap().into_inner();
    let entry = &second.audit_entries[0];
    assert_eq!(entry.actor, "test:finance_performance_officer");
    assert_eq!(entry.request_id, "r9");
    assert_eq!(entry.method, "/wenxiao.registry.v1.PlanService/UpdateTrainingSession");
    let before: TrainingSession = entry.before.as_ref().unwrap().to_msg().unwrap();
    let after: TrainingSession = entry.event.as_ref().unwrap().resource.as_ref().unwrap().to_msg().unwrap();
    assert_eq!((before.title.as_str(), after.title.as_str()), ("原题", "新题"));
}

#[tokio::test]
async fn another_district_does_not_exist() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    officer(&suite).create_training_session(creation("a", "题", "")).await.unwrap();
    let elsewhere: DistrictCode = "350203000".parse().unwrap();
    let stranger = Principal { districts: vec![elsewhere], ..caller(Role::FinancePerformanceOfficer) };
    let mut client = PlanServiceClient::new(suite.as_caller(stranger));
    let name = "districts/350205000/trainingSessions/a".to_owned();
    let foreign = client.get_training_session(GetTrainingSessionRequest { name }).await.unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);
    let name = "districts/350203000/trainingSessions/a".to_owned();
    let swapped = client.get_training_session(GetTrainingSessionRequest { name }).await.unwrap_err();
    assert_eq!(swapped.code(), Code::NotFound);
    let anyone = client.update_training_session(renaming("a", "偷改", "", "")).await.unwrap_err();
    assert_eq!(anyone.code(), Code::NotFound);
}

#[tokio::test]
async fn a_session_without_a_district_fails() {
    use sqlx::Connection;
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let url = suite.database.url.replace("postgres@", "wenxiao_sample@");
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    for table in ["notes", "journal", "journal_queue", "journal_heads", "idempotency", "feed_cursors"] {
        let query = format!("select count(*) from sample.{table}");
        let failed = sqlx::query(sqlx::AssertSqlSafe(query)).execute(&mut connection).await;
        assert!(failed.is_err(), "{table} answers a session that named no district");
    }
    let append_only = sqlx::raw_sql("set app.district = '350205000'; update sample.journal set actor = ''");
    assert!(
        append_only.execute(&mut connection).await.is_err(),
        "the journal is append-only for the service"
    );
}

#[tokio::test]
async fn callers_who_go_away_leave_no_transaction_open() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let mut tries = Vec::new();
    for i in 0..200_u64 {
        let mut client = officer(&suite);
        tries.push(tokio::spawn(async move {
            let call = client.create_training_session(creation(&format!("c{i}"), "题", ""));
            let _given_up = tokio::time::timeout(Duration::from_micros(i * 37 % 5000), call).await;
        }));
    }
    join_all(tries).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let idle: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database()
         and state like 'idle in transaction%' and state_change < clock_timestamp() - interval '1 second'",
    )
    .fetch_one(&mut suite.superuser().await)
    .await
    .unwrap();
    assert_eq!(idle, 0);
    officer(&suite).create_training_session(creation("after", "题", "")).await.unwrap();
}
