//! What the offices do in the tests of owners, and what the database says of it.

use std::time::Duration;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;

use sqlx::Connection as _;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::unit::{Kind, State};
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{caller, unit_caller};

use super::{DISTRICT, World, date};

/// The round of the tests.
pub const ROUND: &str = "districts/350205000/monitoringRounds/2020-07";

/// Name of a report of it.
pub fn report(id: &str) -> String {
    format!("{ROUND}/reports/{id}")
}

/// Who fills in for a unit.
pub fn filer(unit: &str) -> Principal {
    unit_caller(Role::UnitFiler, unit)
}

/// Hands a project over to a unit.
pub async fn give(world: &World, project: &str, unit: &str) {
    let general = BudgetAccount::GeneralPublic;
    world.tell_registry(&super::project(project, unit, &unit[..3], general, false)).await;
}

/// A unit that has ended, as the registry tells of it on the day.
pub fn ended(unit: &str, kind: Kind, department: &str, successor: &str) -> registry::Unit {
    registry::Unit {
        state: State::Merged.into(),
        successors: vec![format!("{DISTRICT}/units/{successor}")],
        ..super::unit(unit, "已合并单位", kind, department)
    }
}

/// Reports that a caller sees.
pub async fn reports(world: &World, who: Principal) -> Vec<wire::MonitoringReport> {
    let request = wire::ListMonitoringReportsRequest { parent: ROUND.to_owned(), ..Default::default() };
    world.monitoring(who).list_monitoring_reports(request).await.expect("allowed").into_inner().reports
}

/// Alerts that a caller sees.
pub async fn alerts(world: &World, who: Principal) -> Vec<wire::Alert> {
    let request = wire::ListAlertsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    world.monitoring(who).list_alerts(request).await.expect("allowed").into_inner().alerts
}

/// Measures that a caller sees.
pub async fn measures(world: &World, who: Principal) -> Vec<wire::Measure> {
    let request = wire::ListMeasuresRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    world.monitoring(who).list_measures(request).await.expect("allowed").into_inner().measures
}

/// All exceptions.
pub async fn overrides(world: &World) -> Vec<wire::BlockOverride> {
    let request = wire::ListBlockOverridesRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    world
        .gate(caller(Role::FinanceHead))
        .list_block_overrides(request)
        .await
        .expect("allowed")
        .into_inner()
        .block_overrides
}

/// What a caller may do with something.
pub async fn allowed(world: &World, who: Principal, name: &str) -> Result<Vec<String>, Code> {
    let request = wire::ListAvailableActionsRequest { name: name.to_owned() };
    let answer =
        world.monitoring(who).list_available_actions(request).await.map_err(|status| status.code())?;
    let actions = answer.into_inner().actions.into_iter();
    Ok(actions.filter(|one| one.allowed).map(|one| one.action).collect())
}

/// Everything that must not change by a hand-over: how much was journalled, versions, submissions and opinions.
pub async fn history(world: &World) -> Vec<String> {
    sqlx::query_scalar(
        "select 'journal ' || (select count(*) from monitoring.journal) + (select count(*) from monitoring.journal_queue)
         union all select 'report ' || report_id || version || state || coalesce(light, '') from monitoring.reports
         union all select 'alert ' || alert_id || version || state || coalesce(body->>'deadline', '')
           from monitoring.alerts
         union all select 'measure ' || measure_id || version || state from monitoring.measures
         union all select 'override ' || override_id || version || revoked from monitoring.block_overrides
         union all select 'revision ' || report_id || revision || content_hash || submitter || (body->>'unit')
           from monitoring.report_revisions
         order by 1",
    )
    .fetch_all(&mut world.suite.superuser().await)
    .await
    .expect("rows")
}

/// What the columns say of everything: `(object, unit, agency code, department)`.
pub async fn owners(world: &World) -> Vec<(String, String, String, String)> {
    sqlx::query_as(
        "select 'report ' || report_id, unit_id, agency_code, department_id from monitoring.reports
         union all select 'alert ' || alert_id, unit_id, agency_code, department_id from monitoring.alerts
         union all select 'measure ' || measure_id, unit_id, agency_code, department_id from monitoring.measures
         union all select 'override ' || override_id, unit_id, agency_code, department_id
           from monitoring.block_overrides
         order by 1",
    )
    .fetch_all(&mut world.suite.superuser().await)
    .await
    .expect("rows")
}

/// Returns the report of a project.
pub async fn send_back(world: &World, project: &str) {
    let request = wire::ReturnMonitoringReportRequest {
        name: report(project),
        reason: "偏差原因过于笼统".to_owned(),
        ..Default::default()
    };
    world
        .monitoring(caller(Role::FinancePerformanceOfficer))
        .return_monitoring_report(request)
        .await
        .expect("allowed");
}

/// Passes the report of a project on as a department's reviewer.
pub async fn endorse(world: &World, project: &str, department: &str) -> Result<(), tonic::Status> {
    let request = wire::EndorseMonitoringReportRequest { name: report(project), ..Default::default() };
    let mut reviewer = world.monitoring(unit_caller(Role::DepartmentReviewer, department));
    reviewer.endorse_monitoring_report(request).await.map(drop)
}

/// Answers an alert.
pub async fn answer(world: &World, alert: &str, who: Principal) -> Result<wire::Alert, tonic::Status> {
    let request = wire::AnswerAlertRequest {
        name: alert.to_owned(),
        choice: wire::alert::Choice::Continue.into(),
        answer: "下半年加快实施".to_owned(),
        ..Default::default()
    };
    Ok(world.monitoring(who).answer_alert(request).await?.into_inner())
}

/// Proposes a measure.
pub async fn measure(world: &World, kind: wire::measure::Kind, subject: &str) -> wire::Measure {
    let request = wire::CreateMeasureRequest {
        parent: DISTRICT.to_owned(),
        measure: Some(wire::Measure {
            kind: kind.into(),
            subject: format!("{DISTRICT}/{subject}"),
            fiscal_year: 2020,
            propose_reason: "存在损失风险".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world
        .monitoring(caller(Role::FinanceBusinessOfficer))
        .create_measure(request)
        .await
        .expect("allowed")
        .into_inner()
}

/// Decides on a measure.
pub async fn decide(
    world: &World,
    measure: &wire::Measure,
    decision: wire::decide_measure_request::Decision,
) {
    let request = wire::DecideMeasureRequest {
        name: measure.name.clone(),
        decision: decision.into(),
        reason: "研究决定".to_owned(),
        effective_date: Some(date(2020, 9, 1)),
        ..Default::default()
    };
    world.monitoring(caller(Role::FinanceHead)).decide_measure(request).await.expect("allowed");
}

/// Grants an exception from a day on.
pub async fn except(world: &World, subject: &str, year_day: (i32, i32)) -> wire::BlockOverride {
    let request = wire::OverrideBlockRequest {
        name: format!("{DISTRICT}/{subject}"),
        reason: "防汛应急".to_owned(),
        start_date: Some(date(2020, year_day.0, year_day.1)),
        expire_date: Some(date(2020, 12, 31)),
        ..Default::default()
    };
    world.gate(caller(Role::FinanceHead)).override_block(request).await.expect("allowed").into_inner()
}

/// Waits until a statement that looks like this, or that does not, waits for a lock.
async fn until_waiting(world: &World, like: &str, does: bool) {
    let mut connection = world.suite.superuser().await;
    for _ in 0..200 {
        let waiting: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock' and (query like $1) = $2)",
        )
        .bind(like)
        .bind(does)
        .fetch_one(&mut connection)
        .await
        .expect("the database answers");
        if waiting {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody waits");
}

/// Lets a command run until it would be journalled, lets the other one run until it waits for the first, and both end.
pub async fn before_it_commits<A, B>(
    world: &World,
    command: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> (A, B) {
    let mut holder = world.suite.superuser().await;
    let mut held = holder.begin().await.expect("a transaction");
    sqlx::query("lock table monitoring.journal_queue in exclusive mode")
        .execute(&mut *held)
        .await
        .expect("the database answers");
    let meanwhile = async {
        until_waiting(world, "%insert into journal_queue%", true).await;
        let release = async {
            until_waiting(world, "%journal_queue%", false).await;
            held.commit().await.expect("a transaction");
        };
        tokio::join!(other, release).0
    };
    tokio::join!(command, meanwhile)
}
