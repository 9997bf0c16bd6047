//! What evaluation and disclosure do of a project stands in its timeline, and what they have open about a department goes
//! to its heir, while the whole suite runs.

use std::future::Future;
use std::time::Duration;

use sqlx::{PgConnection, Row};
use tonic::{Response, Status};
use wenxiao_contract::google::r#type::{Date, Money};
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::disclosure::v1 as disclosure;
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_client::PublicationServiceClient;
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::evaluation::v1::budget_link_service_client::BudgetLinkServiceClient;
use wenxiao_contract::wenxiao::evaluation::v1::evaluated_object::Kind;
use wenxiao_contract::wenxiao::evaluation::v1::ex_ante_service_client::ExAnteServiceClient;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};
use wenxiao_tests::services;

const HAICANG: &str = "districts/350205000";

fn named(rest: &str) -> String {
    format!("{HAICANG}/{rest}")
}

fn yuan(units: i64) -> Option<Money> {
    Some(Money { currency_code: "CNY".into(), units, nanos: 0 })
}

/// Asks again until what was refused is granted: projections come a moment later.
async fn granted<T, F>(mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut refused = None;
    for _ in 0..200 {
        match ask().await {
            Ok(answer) => return answer.into_inner(),
            Err(status) => refused = Some(status),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{refused:?}");
}

/// Asks again until the answer is what it should be.
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

/// Departments 602 and 605, and project p1 of 602.
async fn start() -> TestSuite {
    let suite = TestSuite::start(&services()).await;
    let mut units = units(&suite);
    let district =
        registry::District { name: HAICANG.into(), title: "海沧区".into(), ..Default::default() };
    let ask = registry::CreateDistrictRequest { district: Some(district), ..Default::default() };
    units.create_district(ask).await.expect("a district");
    for code in ["602", "605"] {
        let unit = registry::Unit {
            agency_code: code.into(),
            title: format!("单位{code}"),
            kind: registry::unit::Kind::Department.into(),
            ..Default::default()
        };
        let ask =
            registry::CreateUnitRequest { parent: HAICANG.into(), unit: Some(unit), ..Default::default() };
        units.create_unit(ask).await.expect("a unit");
    }
    let project = registry::Project {
        title: "校舍修缮".into(),
        category: registry::ProjectCategory::SpecificPurpose.into(),
        budget_account: BudgetAccount::GeneralPublic.into(),
        competent_department: named("units/602"),
        implementing_unit: named("units/602"),
        setup_year: 2020,
        ..Default::default()
    };
    let ask = registry::CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(project),
        project_id: "p1".into(),
        ..Default::default()
    };
    projects(&suite).create_project(ask).await.expect("a project");
    suite
}

fn units(suite: &TestSuite) -> UnitServiceClient<Link> {
    UnitServiceClient::new(suite.as_caller(caller(Role::FinanceHead)))
}

fn projects(suite: &TestSuite) -> ProjectServiceClient<Link> {
    ProjectServiceClient::new(suite.as_caller(caller(Role::FinanceHead)))
}

fn object(kind: Kind, subject: &str) -> Option<evaluation::EvaluatedObject> {
    let subject = named(subject);
    Some(evaluation::EvaluatedObject { kind: kind.into(), subject, ..Default::default() })
}

/// The project is evaluated before it gets money, and supported.
async fn evaluate(suite: &TestSuite) {
    let officer = ExAnteServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let asked = evaluation::ExAnteEvaluation {
        object: object(Kind::Project, "projects/p1"),
        work_year: 2020,
        applies_to_year: 2021,
        requested_amount: yuan(850_000),
        ..Default::default()
    };
    let ask = evaluation::CreateExAnteEvaluationRequest {
        parent: HAICANG.into(),
        ex_ante_evaluation_id: "e1".into(),
        ex_ante_evaluation: Some(asked),
        ..Default::default()
    };
    let created = granted(|| {
        let (mut officer, ask) = (officer.clone(), ask.clone());
        async move { officer.create_ex_ante_evaluation(ask).await }
    })
    .await;
    let items = created.dimensions.iter().flat_map(|dimension| &dimension.items);
    let judgements = items.map(|item| evaluation::ExAnteJudgement {
        item: item.code.clone(),
        score: item.points.clone(),
        comment: "充分".into(),
        ..Default::default()
    });
    let mut officer = officer;
    let name = created.name.clone();
    let judgements = judgements.collect();
    let ask = evaluation::JudgeExAnteEvaluationRequest { name, judgements, ..Default::default() };
    officer.judge_ex_ante_evaluation(ask).await.expect("judged");
    let ask = evaluation::SubmitExAnteEvaluationRequest { name: created.name.clone(), ..Default::default() };
    officer.submit_ex_ante_evaluation(ask).await.expect("handed in");
    let ask = evaluation::ConcludeExAnteEvaluationRequest {
        name: created.name,
        conclusion: evaluation::ex_ante_evaluation::Conclusion::Support.into(),
        supported_amount: yuan(850_000),
        reason: "民生急需".into(),
        ..Default::default()
    };
    let mut head = ExAnteServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    head.conclude_ex_ante_evaluation(ask).await.expect("concluded");
}

/// A decision about an object in the budget of 2021, asked for and not yet arranged.
async fn request(
    suite: &TestSuite,
    id: &str,
    object: Option<evaluation::EvaluatedObject>,
) -> evaluation::BudgetDecision {
    let decision = evaluation::BudgetDecision {
        object,
        work_year: 2020,
        applies_to_year: 2021,
        requested: Some(evaluation::BudgetFigure { amount: yuan(850_000), printed: None }),
        ..Default::default()
    };
    let ask = evaluation::CreateBudgetDecisionRequest {
        parent: HAICANG.into(),
        budget_decision_id: id.into(),
        budget_decision: Some(decision),
        ..Default::default()
    };
    let unit = BudgetLinkServiceClient::new(suite.as_caller(unit_caller(Role::UnitFiler, "602")));
    granted(|| {
        let (mut unit, ask) = (unit.clone(), ask.clone());
        async move { unit.create_budget_decision(ask).await }
    })
    .await
}

async fn arrange(suite: &TestSuite) {
    let asked = request(suite, "b1", object(Kind::Project, "projects/p1")).await;
    let ask = evaluation::ArrangeBudgetRequest {
        name: asked.name,
        figure: Some(evaluation::BudgetFigure { amount: yuan(800_000), printed: None }),
        reason: "按评估结论核定".into(),
        evidence: vec![evaluation::Evidence {
            resource: named("exAnteEvaluations/e1"),
            text: "予以支持".into(),
        }],
        ..Default::default()
    };
    let mut head = BudgetLinkServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    head.arrange_budget(ask).await.expect("arranged");
}

/// What was found is published.
async fn publish(suite: &TestSuite) {
    let mut officer = PublicationServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let mut head = PublicationServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    let decision = disclosure::DisclosureDecision {
        subject: named("exAnteEvaluations/e1"),
        document_kind: disclosure::DocumentKind::ExAnteResult.into(),
        outcome: disclosure::disclosure_decision::Outcome::Publish.into(),
        widest_audience: disclosure::Audience::Public.into(),
        ..Default::default()
    };
    let ask = disclosure::CreateDisclosureDecisionRequest {
        parent: HAICANG.into(),
        disclosure_decision: Some(decision),
        disclosure_decision_id: "d1".into(),
        ..Default::default()
    };
    granted(|| {
        let (mut officer, ask) = (officer.clone(), ask.clone());
        async move { officer.create_disclosure_decision(ask).await }
    })
    .await;
    let name = named("disclosureDecisions/d1");
    let ask = disclosure::SubmitDisclosureDecisionRequest { name: name.clone(), ..Default::default() };
    officer.submit_disclosure_decision(ask).await.expect("submitted");
    granted(|| {
        let (mut head, name) = (head.clone(), name.clone());
        let ask = disclosure::ApproveDisclosureDecisionRequest { name, ..Default::default() };
        async move { head.approve_disclosure_decision(ask).await }
    })
    .await;
    let publication = disclosure::Publication {
        kind: disclosure::PublicationKind::ExAnteResults.into(),
        title: "2020年事前绩效评估结果".into(),
        audiences: vec![disclosure::Audience::Public.into()],
        disclosure_decisions: vec![name],
        work_year: 2020,
        evaluated_year: 2021,
        ..Default::default()
    };
    let ask = disclosure::CreatePublicationRequest {
        parent: HAICANG.into(),
        publication: Some(publication),
        ..Default::default()
    };
    let draft = officer.create_publication(ask).await.expect("a draft").into_inner();
    let ask = disclosure::PublishPublicationRequest { name: draft.name, ..Default::default() };
    head.publish_publication(ask).await.expect("published");
}

#[tokio::test]
async fn what_becomes_of_a_project_stands_in_its_timeline() {
    use registry::timeline_entry::Kind::{BudgetDecision, Disclosure, Evaluation};
    let suite = start().await;
    evaluate(&suite).await;
    arrange(&suite).await;
    publish(&suite).await;
    let ask = registry::GetProjectTimelineRequest { name: named("projects/p1"), ..Default::default() };
    let expected = [
        (Evaluation, "2021年度预算：开展事前绩效评估"),
        (Evaluation, "2021年度预算：提交事前绩效评估报告"),
        (Evaluation, "2021年度预算：事前绩效评估结论，予以支持"),
        (BudgetDecision, "2021年度申请预算"),
        (BudgetDecision, "2021年度安排预算"),
        (Disclosure, "批准公开"),
        (Disclosure, "公开：2020年事前绩效评估结果"),
    ];
    let mut told = Vec::new();
    for _ in 0..200 {
        let timeline = projects(&suite).get_project_timeline(ask.clone()).await.expect("a timeline");
        let years = timeline.into_inner().years;
        told = years.into_iter().flat_map(|year| year.entries).map(|of| (of.kind(), of.summary)).collect();
        let stands = |(kind, words): &(registry::timeline_entry::Kind, &str)| {
            told.iter().any(|(of, summary)| of == kind && summary.starts_with(words))
        };
        if expected.iter().all(stands) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{told:#?}");
}

#[tokio::test]
async fn what_is_open_about_a_department_goes_to_its_heir() {
    let suite = start().await;
    request(&suite, "b1", object(Kind::WholeDepartment, "units/602")).await;
    let ask = registry::MergeUnitsRequest {
        name: named("units/605"),
        absorbed_units: vec![named("units/602")],
        merge_date: Some(Date { year: 2021, month: 1, day: 1 }),
        reason: "机构改革".into(),
        ..Default::default()
    };
    units(&suite).merge_units(ask).await.expect("merged");
    let mut database = suite.superuser().await;
    let (owner, heir) = ("select unit from evaluation.budget_decisions", named("units/605"));
    until(&mut database, owner, &heir).await;
    until(&mut database, "select heir from disclosure.units where name like '%/602'", &heir).await;

    // As if it had ended before anybody followed: an operator says it once more.
    let before = "update evaluation.units set heir = ''; update disclosure.units set heir = '';
                  update evaluation.budget_decisions set unit = 'districts/350205000/units/602'";
    sqlx::raw_sql(before).execute(&mut database).await.expect("as it was");
    let ended =
        registry::Unit { name: named("units/602"), short_title: "旧局".into(), ..Default::default() };
    let ask = registry::UpdateUnitRequest { unit: Some(ended), ..Default::default() };
    units(&suite).update_unit(ask).await.expect("said again");
    until(&mut database, owner, &heir).await;
    until(&mut database, "select heir from disclosure.units where name like '%/602'", &heir).await;
}
