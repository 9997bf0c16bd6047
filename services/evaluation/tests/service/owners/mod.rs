//! Open objects follow the unit that answers for what they are about; what is done stays as it was.

mod departments;
mod forms;
mod planned;
mod policies;

use std::time::Duration;

use sqlx::Row as _;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;

use crate::support::forms::{form, ratified, ratify};
use crate::support::*;

fn form_name(id: &str) -> String {
    name(&format!("selfEvaluations/{id}"))
}

/// A form of project `p<n>` without an objective, as the unit has begun it.
async fn draft(world: &World, n: usize, id: &str, unit: &str) {
    let free = pb::SelfEvaluation { objective: String::new(), ..form(n, 740_000) };
    create(world, id, free, unit).await.expect("a form");
}

/// Objective `o<n>` of 2019 about something, as a unit had it ratified.
async fn objective(world: &World, n: i64, subject: &str, unit: &str) {
    let mut connection = world.suite.superuser().await;
    sqlx::query("insert into evaluation.objectives values (350205000, $1, 2019, $2, $3, 1)")
        .bind(name(&format!("objectives/o{n}")))
        .bind(name(subject))
        .bind(name(&format!("units/{unit}")))
        .execute(&mut connection)
        .await
        .expect("it is told");
    ratify(&mut connection, n, &ratified(1, "2019-01-28T08:00:00Z")).await;
}

async fn create(
    world: &World,
    id: &str,
    form: pb::SelfEvaluation,
    unit: &str,
) -> Result<pb::SelfEvaluation, tonic::Status> {
    let request = pb::CreateSelfEvaluationRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation_id: id.to_owned(),
        self_evaluation: Some(form),
        ..Default::default()
    };
    Ok(world.forms(filer(unit)).create_self_evaluation(request).await?.into_inner())
}

async fn demand(
    world: &World,
    id: &str,
    unit: &str,
    findings: Vec<String>,
) -> Result<pb::Rectification, tonic::Status> {
    let request = pb::CreateRectificationRequest {
        parent: DISTRICT.to_owned(),
        rectification_id: id.to_owned(),
        rectification: Some(pb::Rectification {
            unit: name(&format!("units/{unit}")),
            findings,
            demand: "限期整改".to_owned(),
            work_year: 2020,
            demand_date: day(2020, 9, 1),
            ..Default::default()
        }),
        ..Default::default()
    };
    Ok(world.rectification(officer()).create_rectification(request).await?.into_inner())
}

async fn report(world: &World, id: &str, unit: &str) -> Result<pb::Rectification, tonic::Status> {
    let request = pb::ReportMeasuresRequest {
        name: name(&format!("rectifications/{id}")),
        text: "已整改".to_owned(),
        ..Default::default()
    };
    Ok(world.rectification(filer(unit)).report_measures(request).await?.into_inner())
}

/// The registry says whose project p`n` is now, and evaluation has heard it.
async fn hand_over(world: &World, n: usize, unit: &str) {
    say_owner(world, n, unit).await;
    heard(world, &format!("select unit from evaluation.subjects where name like '%/p{n}'"), unit).await;
}

async fn say_owner(world: &World, n: usize, unit: &str) {
    let project = registry::Project {
        name: name(&format!("projects/p{n}")),
        title: format!("项目{n}"),
        implementing_unit: name(&format!("units/{unit}")),
        ..Default::default()
    };
    let request = registry::UpdateProjectRequest { project: Some(project), ..Default::default() };
    let mut client = ProjectServiceClient::new(world.suite.as_caller(officer()));
    client.update_project(request).await.expect("it is said");
}

/// Asks again until the first column of the first row is that unit: projections come a moment later.
async fn heard(world: &World, sql: &str, unit: &str) {
    let mut connection = world.suite.superuser().await;
    for _ in 0..200 {
        let row =
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_optional(&mut connection).await.expect("an answer");
        if row.map(|row| row.get::<String, _>(0)) == Some(name(&format!("units/{unit}"))) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{sql} is not {unit}");
}

/// The registry says that a unit has ended, and to whom it went.
async fn say_end(world: &World, unit: &str, successor: &str) {
    let unit = registry::Unit {
        name: name(&format!("units/{unit}")),
        title: format!("单位{unit}"),
        end_date: day(2020, 12, 31),
        successor: name(&format!("units/{successor}")),
        state: registry::unit::State::Merged.into(),
        ..Default::default()
    };
    say_unit(world, unit).await;
}

async fn say_unit(world: &World, unit: registry::Unit) {
    let request = registry::UpdateUnitRequest { unit: Some(unit), ..Default::default() };
    let mut client = UnitServiceClient::new(world.suite.as_caller(officer()));
    client.update_unit(request).await.expect("it is said");
}

/// Identifiers of the forms that a unit sees.
async fn seen_by(world: &World, unit: &str) -> Vec<String> {
    let request = pb::ListSelfEvaluationsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let list = world.forms(filer(unit)).list_self_evaluations(request).await.expect("a list").into_inner();
    list.self_evaluations
        .iter()
        .map(|form| form.name.rsplit('/').next().unwrap_or_default().to_owned())
        .collect()
}

/// Until so many sessions of the database wait for a lock.
async fn waiting(world: &World, sessions: i64) {
    let mut connection = world.suite.superuser().await;
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..400 {
        let row = sqlx::raw_sql(sql).fetch_one(&mut connection).await.expect("a count");
        if row.get::<i64, _>(0) >= sessions {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("fewer than {sessions} sessions wait");
}

/// The unit of an object, and its name.
fn owner(object: Option<pb::EvaluatedObject>) -> (String, String) {
    let object = object.expect("an object");
    (object.unit, object.unit_display_name)
}

/// Unit `code` by its name, as [`owner`] has it.
fn unit(code: &str, title: &str) -> (String, String) {
    (name(&format!("units/{code}")), title.to_owned())
}
