//! Long-running operations on a real Postgres: steps, failures, signs of life, lists.
#![cfg(feature = "testing")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use prost::Message as _;
use sqlx::Row;
use tonic::service::RoutesBuilder;
use tonic::{Code, Request, Response, Status};
use wenxiao_contract::google::longrunning::operation::Result as Outcome;
use wenxiao_contract::google::longrunning::operations_client::OperationsClient;
use wenxiao_contract::google::longrunning::{ListOperationsRequest, Operation, WaitOperationRequest};
use wenxiao_contract::wenxiao::registry::v1::plan_service_client::PlanServiceClient;
use wenxiao_contract::wenxiao::registry::v1::plan_service_server::{PlanService, PlanServiceServer};
use wenxiao_contract::wenxiao::registry::v1::{
    CreateTrainingSessionRequest, TrainingSession, training_session,
};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;
use wenxiao_platform::operations::{self, Step, Turn, Worker};
use wenxiao_platform::testing::{TestSuite, caller};
use wenxiao_platform::{Call, Database, Failure, Mounted, Parts, Result, ServiceDefinition};

const DISTRICT: &str = "districts/350205000";

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./tests/sample_migrations");

/// A service whose training sessions are not held at once but worked on: the title says how.
static SAMPLE: ServiceDefinition = ServiceDefinition {
    name: "sample",
    package: "wenxiao.registry.v1",
    policies: r#"permit(principal in Group::"finance", action == Action::"CreateTrainingSession", resource);"#,
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    routes.add_service(PlanServiceServer::new(Api { database: parts.database.clone() }));
    Mounted { workers: vec![Worker::new("train", step)], ..Mounted::default() }
}

struct Api {
    database: Database,
}

#[tonic::async_trait]
impl PlanService for Api {
    async fn create_training_session(
        &self,
        request: Request<CreateTrainingSessionRequest>,
    ) -> Result<Response<TrainingSession>, Status> {
        let started = self.database.write(Call::open(request)?, |work| async move {
            let permit = work.permit(Facts::of(DISTRICT))?;
            let (id, asked) = (work.new_id(), work.call.message.clone());
            operations::start(work, permit, "train", "sample", &id, &asked, &TrainingSession::default()).await
        });
        let Operation { name, .. } = started.await?.into_inner();
        Ok(Response::new(TrainingSession { name, ..Default::default() }))
    }
}

static STUMBLES: AtomicU32 = AtomicU32::new(0);

/// Five steps, each with a note of its own.
async fn step(turn: Turn) -> Result<Step> {
    let asked = CreateTrainingSessionRequest::decode(turn.request.as_slice()).map_err(Failure::internal)?;
    let how = asked.training_session.unwrap_or_default().title;
    let done = turn.cursor.first().copied().unwrap_or_default();
    let mut batch = turn.batch().await?;
    let id = batch.new_id();
    sqlx::query("insert into sample.notes values ($1, $2, $3, 1)")
        .bind(turn.district.as_i32())
        .bind(id)
        .bind(&how)
        .execute(batch.connection())
        .await?;
    let progress = TrainingSession { version: i64::from(done), ..Default::default() };
    match how.as_str() {
        "refused" => return Err(Failure::invalid_field("title", "不行", "no")),
        "stumbles" if done == 2 && STUMBLES.fetch_add(1, Ordering::Relaxed) == 0 => {
            return Err(Failure::unavailable("not now"));
        }
        "slow" if done == 0 => {
            // What a sign of life would write is locked for longer than there is between two of them.
            sqlx::query("select from sample.operations where district = $1 and id = $2 for update")
                .bind(turn.district.as_i32())
                .bind(&turn.id)
                .execute(batch.connection())
                .await?;
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        _ => {}
    }
    if done == 4 {
        return batch.end(&progress, &TrainingSession { title: how, ..Default::default() }).await;
    }
    batch.go_on(&[done + 1], &progress).await
}

async fn start(suite: &TestSuite, how: &str) -> String {
    let request = CreateTrainingSessionRequest {
        parent: DISTRICT.to_owned(),
        training_session: Some(TrainingSession {
            title: how.to_owned(),
            work_year: 2020,
            stage: training_session::Stage::ExAnte.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut officer = PlanServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    officer.create_training_session(request).await.expect("started").into_inner().name
}

fn operations(suite: &TestSuite, role: Role) -> OperationsClient<Link> {
    OperationsClient::new(suite.as_caller(caller(role)))
}

async fn finished(suite: &TestSuite, name: &str, within: i64) -> Operation {
    let timeout = Some(prost_types::Duration { seconds: within, nanos: 0 });
    let ask = WaitOperationRequest { name: name.to_owned(), timeout };
    let operation =
        operations(suite, Role::FinanceHead).wait_operation(ask).await.expect("found").into_inner();
    assert!(operation.done, "{name} is not done within {within} s");
    operation
}

async fn notes(suite: &TestSuite, how: &str) -> i64 {
    let row = sqlx::query("select count(*) from sample.notes where title = $1").bind(how);
    row.fetch_one(&mut suite.superuser().await).await.expect("a count").get(0)
}

#[tokio::test]
async fn steps_commit_with_their_cursor_and_what_fails_is_tried_again() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let name = start(&suite, "plain").await;
    assert!(name.starts_with("districts/350205000/operations/sample-"), "{name}");
    let done = finished(&suite, &name, 5).await;
    let Some(Outcome::Response(response)) = done.result else { panic!("{done:?}") };
    assert_eq!(response.type_url, "type.googleapis.com/wenxiao.registry.v1.TrainingSession");
    assert_eq!(TrainingSession::decode(response.value.as_slice()).unwrap().title, "plain");
    assert_eq!(notes(&suite, "plain").await, 5);

    finished(&suite, &start(&suite, "stumbles").await, 8).await;
    assert_eq!(notes(&suite, "stumbles").await, 5, "what the failed step had written is undone");

    let refused = finished(&suite, &start(&suite, "refused").await, 5).await;
    let Some(Outcome::Error(error)) = refused.result else { panic!("{refused:?}") };
    assert_eq!(error.code, i32::from(Code::InvalidArgument), "what cannot succeed is not tried again");
    assert!(!error.details.is_empty(), "with its details");
    assert_eq!(notes(&suite, "refused").await, 0);
}

#[tokio::test]
async fn a_step_that_takes_long_keeps_its_operation() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let name = start(&suite, "slow").await;
    finished(&suite, &name, 12).await;
    assert_eq!(notes(&suite, "slow").await, 5, "nobody took it over meanwhile");
}

#[tokio::test]
async fn lists_go_page_by_page() {
    let suite = TestSuite::start(&[&SAMPLE]).await;
    let mut started = Vec::new();
    for _ in 0..5 {
        started.push(start(&suite, "plain").await);
    }
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let ask = ListOperationsRequest {
            name: DISTRICT.to_owned(),
            page_size: 2,
            page_token: token,
            ..Default::default()
        };
        let page = operations(&suite, Role::Ops).list_operations(ask).await.unwrap().into_inner();
        assert!(page.operations.len() <= 2);
        listed.extend(page.operations.into_iter().map(|operation| operation.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, started);
    let ask = ListOperationsRequest { name: "districts/350203000".to_owned(), ..Default::default() };
    let elsewhere = operations(&suite, Role::FinanceHead).list_operations(ask).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::NotFound);
}
