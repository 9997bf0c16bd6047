//! A unit moves to another department while the whole suite runs: every service hears of it, and the registry hears of what
//! they do.

use std::time::Duration;

use sqlx::{PgConnection, Row};
use wenxiao_contract::google::r#type::{Date, Money};
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::evaluation::v1::rectification_service_client::RectificationServiceClient;
use wenxiao_contract::wenxiao::monitoring::v1::execution_service_client::ExecutionServiceClient;
use wenxiao_contract::wenxiao::monitoring::v1::{IngestPaymentsRequest, Payment};
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_contract::wenxiao::targets::v1::objective_service_client::ObjectiveServiceClient;
use wenxiao_contract::wenxiao::targets::v1::{
    CreateObjectiveRequest, Objective, ObjectiveContent, objective,
};
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};
use wenxiao_tests::services;

const HAICANG: &str = "districts/350205000";

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

/// Asks again until the answer is what it should be: projections come a moment later.
async fn until(connection: &mut PgConnection, sql: &'static str, expected: &str) {
    let mut found = Vec::new();
    for _ in 0..200 {
        let rows = sqlx::query(sql).fetch_all(&mut *connection).await.expect("an answer");
        found = rows.iter().map(|row| row.get::<String, _>(0)).collect();
        if found == [expected] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{sql}: {found:?} and not {expected}");
}

async fn fill(suite: &TestSuite) {
    let finance = || suite.as_caller(caller(Role::FinanceHead));
    let mut units = UnitServiceClient::new(finance());
    let district = District { name: HAICANG.into(), title: "海沧区".into(), ..Default::default() };
    let ask = CreateDistrictRequest { district: Some(district), ..Default::default() };
    units.create_district(ask).await.expect("a district");
    for (code, kind) in
        [("602", unit::Kind::Department), ("602002", unit::Kind::Unit), ("605", unit::Kind::Department)]
    {
        let unit = Unit {
            agency_code: code.into(),
            title: format!("单位{code}"),
            kind: kind.into(),
            ..Default::default()
        };
        let ask = CreateUnitRequest { parent: HAICANG.into(), unit: Some(unit), ..Default::default() };
        units.create_unit(ask).await.expect("a unit");
    }
    let project = Project {
        title: "农村污水管网溯源排查".into(),
        category: ProjectCategory::SpecificPurpose.into(),
        budget_account: BudgetAccount::GeneralPublic.into(),
        competent_department: format!("{HAICANG}/units/602"),
        implementing_unit: format!("{HAICANG}/units/602002"),
        setup_year: 2020,
        ..Default::default()
    };
    let ask = CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(project),
        project_id: "p1".into(),
        ..Default::default()
    };
    ProjectServiceClient::new(finance()).create_project(ask).await.expect("a project");
}

/// A policy and a form of the unit that will move.
async fn enter_what_follows(suite: &TestSuite) {
    let policy = Policy {
        title: "社会组织扶持办法".into(),
        executing_unit: format!("{HAICANG}/units/602002"),
        ..Default::default()
    };
    let ask = CreatePolicyRequest {
        parent: HAICANG.into(),
        policy: Some(policy),
        policy_id: "y1".into(),
        ..Default::default()
    };
    let finance = suite.as_caller(caller(Role::FinanceHead));
    ProjectServiceClient::new(finance).create_policy(ask).await.expect("a policy");
    let form = Objective {
        subject: Some(objective::Subject::Project(format!("{HAICANG}/projects/p1"))),
        fiscal_year: 2021,
        content: Some(ObjectiveContent::default()),
        ..Default::default()
    };
    let ask = CreateObjectiveRequest {
        parent: HAICANG.into(),
        objective: Some(form),
        objective_id: "o1".into(),
        ..Default::default()
    };
    let filer = suite.as_caller(unit_caller(Role::UnitFiler, "602002"));
    ObjectiveServiceClient::new(filer).create_objective(ask).await.expect("a form");
}

/// A problem with the project, which its unit has not put right.
async fn find(suite: &TestSuite) {
    let finding = evaluation::Finding {
        object: Some(evaluation::EvaluatedObject {
            kind: evaluation::evaluated_object::Kind::Project.into(),
            subject: format!("{HAICANG}/projects/p1"),
            ..Default::default()
        }),
        source: evaluation::finding::Source::Monitoring.into(),
        evaluated_year: 2020,
        work_year: 2021,
        category: evaluation::finding::Category::LowExecution.into(),
        description: "执行率偏低".into(),
        ..Default::default()
    };
    let ask = evaluation::CreateFindingRequest {
        parent: HAICANG.into(),
        finding: Some(finding),
        ..Default::default()
    };
    let officer = suite.as_caller(caller(Role::FinancePerformanceOfficer));
    RectificationServiceClient::new(officer).create_finding(ask).await.expect("a finding");
}

#[tokio::test]
async fn what_changes_in_one_service_arrives_in_the_others() {
    let suite = TestSuite::start(&services()).await;
    fill(&suite).await;
    enter_what_follows(&suite).await;
    let mut database = suite.superuser().await;
    until(&mut database, "select unit_id from monitoring.projects", "602002").await;
    let before = format!("{HAICANG}/units/602002");
    until(&mut database, "select unit from evaluation.subjects where name like '%/projects/p1'", &before)
        .await;
    find(&suite).await;
    until(&mut database, "select unit from evaluation.findings", &before).await;
    let ask = MoveUnitRequest {
        name: format!("{HAICANG}/units/602002"),
        new_agency_code: "605001".into(),
        effective_date: date(2021, 7, 1),
        reason: "划转".into(),
        ..Default::default()
    };
    let finance = || suite.as_caller(caller(Role::FinanceHead));
    UnitServiceClient::new(finance()).move_unit(ask).await.expect("a move");
    let owner = "select unit_id || ' of ' || department_id from monitoring.projects";
    until(&mut database, owner, "605001 of 605").await;
    let named = format!("{HAICANG}/units/605001");
    until(&mut database, "select unit from disclosure.projects", &named).await;
    until(&mut database, "select unit from evaluation.subjects where name like '%/policies/y1'", &named)
        .await;
    until(&mut database, "select name from evaluation.units where name like '%605001'", &named).await;
    let forms = "select unit_id || ' of ' || department_id from targets.objectives";
    until(&mut database, forms, "605001 of 605").await;
    until(&mut database, "select unit from evaluation.findings", &named).await;
    until(&mut database, "select unit_title from evaluation.findings", "单位602002").await;

    let payment = Payment {
        name: format!("{HAICANG}/payments/v1"),
        project: format!("{HAICANG}/projects/p1"),
        unit: format!("{HAICANG}/units/605001"),
        fiscal_year: 2021,
        budget_account: BudgetAccount::GeneralPublic.into(),
        amount: Some(Money { currency_code: "CNY".into(), units: 100, nanos: 0 }),
        pay_date: date(2021, 8, 3),
        ..Default::default()
    };
    let ask = IngestPaymentsRequest { parent: HAICANG.into(), payments: vec![payment] };
    let treasury = suite.as_caller(caller(Role::BudgetingSystem));
    let paid = ExecutionServiceClient::new(treasury).ingest_payments(futures::stream::iter([ask])).await;
    assert_eq!(paid.expect("an answer").into_inner().accepted_count, 1);
    let sum = "select month || ': ' || amount from registry.project_payments";
    until(&mut database, sum, "8: 100.00").await;
    let ask = GetProjectTimelineRequest { name: format!("{HAICANG}/projects/p1"), ..Default::default() };
    let timeline = ProjectServiceClient::new(finance()).get_project_timeline(ask).await.expect("a timeline");
    let years = timeline.into_inner().years;
    let said: Vec<&str> =
        years.iter().flat_map(|year| &year.entries).map(|entry| entry.summary.as_str()).collect();
    for summary in ["2021年8月支付100.00元", "因机构变动，项目由单位605001承接"] {
        assert!(said.contains(&summary), "{summary}: {said:?}");
    }
}
