//! The year of 2020 from other services' events to the published figures, on a real Postgres.

use crate::world::{DISTRICT, World, name};
use wenxiao_contract::wenxiao::common::v1::{AmountUnit, BudgetAccount, Grade, SecrecyLevel};
use wenxiao_contract::wenxiao::disclosure::v1::case_measure::Measure;
use wenxiao_contract::wenxiao::disclosure::v1::notice_service_client::NoticeServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_client::PublicationServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::summary_service_client::SummaryServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::*;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_plan::Lead;
use wenxiao_contract::wenxiao::monitoring::v1::monitoring_report::State as ReportState;
use wenxiao_contract::wenxiao::registry::v1::BudgetEntryKind;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{TestSuite, caller};

const PUBLISHED: &str = include_str!("../../src/domain/tests/published-2020.csv");

async fn started() -> (TestSuite, World) {
    let suite = TestSuite::start(&[&wenxiao_disclosure::DEFINITION]).await;
    let mut world = World::of(&suite).await;
    world.haicang_2020().await;
    (suite, world)
}

fn summaries(suite: &TestSuite) -> SummaryServiceClient<Link> {
    SummaryServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)))
}

fn measure(measure: Measure, fiscal_year: i32, unit: AmountUnit, decimal_places: i32) -> CaseMeasure {
    CaseMeasure { measure: measure.into(), fiscal_year, unit: unit.into(), decimal_places }
}

/// The five cases of the published section 6.
async fn choose_cases(suite: &TestSuite) {
    let (wan, yi) = (AmountUnit::TenThousandYuan, AmountUnit::HundredMillionYuan);
    let cases = [
        (
            "waste",
            name("budgetDecisions", "waste"),
            vec![
                measure(Measure::Actual, 2020, wan, 2),
                measure(Measure::Request, 2021, wan, 2),
                measure(Measure::Approved, 2021, wan, 2),
            ],
        ),
        (
            "agri",
            name("budgetDecisions", "agri"),
            vec![measure(Measure::AdjustedBudget, 2020, yi, 1), measure(Measure::Budget, 2021, yi, 1)],
        ),
        (
            "office",
            name("budgetDecisions", "office"),
            vec![
                measure(Measure::InitialBudget, 2019, wan, 2),
                measure(Measure::ExecutionRate, 2019, wan, 2),
                measure(Measure::Request, 2021, wan, 2),
                measure(Measure::Approved, 2021, wan, 2),
            ],
        ),
        (
            "policy_civil",
            name("sunsetReviews", "civil"),
            vec![measure(Measure::Expiry, 0, wan, 0), measure(Measure::Term, 0, wan, 0)],
        ),
        ("policy_hr", name("sunsetReviews", "hr"), vec![measure(Measure::Expiry, 0, wan, 0)]),
    ];
    for (place, (id, subject, measures)) in (1..).zip(cases) {
        let request = CreateSummaryCaseRequest {
            parent: name("annualSummaries", "2020"),
            summary_case: Some(SummaryCase { subject, ordinal: place, measures, ..Default::default() }),
            summary_case_id: id.to_owned(),
            ..Default::default()
        };
        summaries(suite).create_summary_case(request).await.unwrap();
    }
}

/// Decides, collects and publishes: what section 7 tells of.
async fn publish(
    suite: &TestSuite,
    id: &str,
    kind: PublicationKind,
    audiences: &[Audience],
    year: i32,
    subject: &str,
) {
    let mut officer = PublicationServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let mut head = PublicationServiceClient::new(suite.as_caller(caller(Role::FinanceHead)));
    let document_kind = match kind {
        PublicationKind::ObjectiveTables => DocumentKind::ObjectiveTable,
        PublicationKind::SpecialReport => DocumentKind::KeyEvaluationResult,
        _ => DocumentKind::KeyEvaluationReport,
    };
    let decision = DisclosureDecision {
        subject: subject.to_owned(),
        document_kind: document_kind.into(),
        outcome: disclosure_decision::Outcome::Publish.into(),
        widest_audience: audiences.last().copied().unwrap_or_default().into(),
        ..Default::default()
    };
    let request = CreateDisclosureDecisionRequest {
        parent: DISTRICT.into(),
        disclosure_decision: Some(decision),
        disclosure_decision_id: format!("{id}-d"),
        ..Default::default()
    };
    let decision = officer.create_disclosure_decision(request).await.unwrap().into_inner().name;
    let submit = SubmitDisclosureDecisionRequest { name: decision.clone(), ..Default::default() };
    officer.submit_disclosure_decision(submit).await.unwrap();
    let approve = ApproveDisclosureDecisionRequest { name: decision.clone(), ..Default::default() };
    head.approve_disclosure_decision(approve).await.unwrap();
    let publication = Publication {
        kind: kind.into(),
        title: "公开".into(),
        audiences: audiences.iter().map(|audience| (*audience).into()).collect(),
        disclosure_decisions: vec![decision],
        work_year: 2020,
        evaluated_year: year,
        ..Default::default()
    };
    let request = CreatePublicationRequest {
        parent: DISTRICT.into(),
        publication: Some(publication),
        publication_id: id.to_owned(),
        ..Default::default()
    };
    let publication = officer.create_publication(request).await.unwrap().into_inner().name;
    let request = PublishPublicationRequest { name: publication, ..Default::default() };
    head.publish_publication(request).await.unwrap();
}

async fn publish_three(suite: &TestSuite) {
    let (objective, evaluated) = (name("objectives", "2020-g0"), name("keyEvaluations", "k0"));
    let congress_and_public = [Audience::PeoplesCongress, Audience::Public];
    publish(suite, "tables", PublicationKind::ObjectiveTables, &congress_and_public, 2020, &objective).await;
    let leaders = [Audience::DistrictLeaders, Audience::ExecutiveMeeting];
    publish(suite, "special", PublicationKind::SpecialReport, &leaders, 2019, &evaluated).await;
    let readers = [Audience::PeoplesCongress, Audience::Participants];
    publish(suite, "reports", PublicationKind::ReportCompilation, &readers, 2019, &evaluated).await;
}

async fn summary(suite: &TestSuite, public_view: bool) -> AnnualSummary {
    let request = GetAnnualSummaryRequest { name: name("annualSummaries", "2020"), public_view };
    summaries(suite).get_annual_summary(request).await.unwrap().into_inner()
}

fn printed(summary: &AnnualSummary) -> Vec<String> {
    summary
        .figures
        .iter()
        .map(|figure| format!("{}|{}|{}", figure.key, figure.printed, figure.section))
        .collect()
}

fn of<'s>(summary: &'s AnnualSummary, key: &str) -> &'s str {
    summary.figures.iter().find(|figure| figure.key == key).map_or("absent", |figure| figure.printed.as_str())
}

#[tokio::test]
async fn the_44_figures_of_2020_come_from_the_events() {
    let (suite, mut world) = started().await;
    choose_cases(&suite).await;
    publish_three(&suite).await;
    let mut officer = NoticeServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let notice = Notice { subject: name("keyEvaluations", "k0"), ..Default::default() };
    let request = CreateNoticeRequest { parent: DISTRICT.into(), notice: Some(notice), ..Default::default() };
    let notice = officer.create_notice(request).await.unwrap().into_inner().name;
    officer.issue_notice(IssueNoticeRequest { name: notice, ..Default::default() }).await.unwrap();

    let found = summary(&suite, false).await;
    assert_eq!(printed(&found), PUBLISHED.lines().collect::<Vec<_>>());
    assert_eq!((found.title.as_str(), found.sections.len()), ("海沧区2020年绩效工作总结", 8));
    assert_eq!(found.mismatches, Vec::<String>::new());
    assert!(
        found.figures.iter().all(|figure| figure.explanation.is_some() && !figure.source_query.is_empty())
    );
    let first = found.figures.iter().filter(|figure| figure.first_time).map(|figure| figure.key.as_str());
    assert_eq!(
        first.collect::<Vec<_>>(),
        ["target_gpb_coverage", "monitor_gpb_coverage", "selfeval_coverage"]
    );
    let text = |section: usize| found.sections[section].paragraphs.join("");
    assert!(text(6).contains("2020年实际支出1828.34万元，2021年申请预算3327.92万元，2021年安排预算2000万元；核减1327.92万元（39.90%）"), "{}", text(6));
    assert!(text(6).contains("2021年预算0.6亿多"), "{}", text(6));
    assert!(text(3).contains("区建交局海沧区农村污水管网溯源排查项目"), "{}", text(3));
    assert!(text(7).contains("（1份）"), "{}", text(7));

    // Whatever changes in the year changes the figures that depend on it, and no other.
    let before = printed(&found);
    let (general, entry) = (BudgetAccount::GeneralPublic, BudgetEntryKind::Initial);
    world.entry("new", "g-new", 2020, general, entry, "20000000").await;
    world.key_evaluation(0, Lead::Finance, Grade::Poor).await;
    let after = printed(&summary(&suite, false).await);
    let changed: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert_eq!(
        changed,
        ["target_gpb_coverage|99.5|1", "monitor_gpb_coverage|99.5|2", "keyeval_finance_min_grade|差|5"],
    );
}

#[tokio::test]
async fn secrets_stay_out_of_public_totals_only() {
    let (suite, mut world) = started().await;
    let (unit, general) = (name("units", "101"), BudgetAccount::GeneralPublic);
    world.entry("secret", "secret", 2020, general, BudgetEntryKind::Initial, "100000000").await;
    world
        .objective("2020-secret", "secret", 2020, &unit, general, "100000000", SecrecyLevel::Classified)
        .await;
    world.report("secret", &unit, general, ReportState::Accepted).await;
    let inside = summary(&suite, false).await;
    assert_eq!(
        (of(&inside, "target_gpb_amount_fy2020"), of(&inside, "target_gpb_project_count")),
        ("40.87", "283")
    );
    assert_eq!(of(&inside, "monitor_gpb_amount"), "40.87");
    let outside = summary(&suite, true).await;
    assert!(outside.public_view);
    assert_eq!(
        (of(&outside, "target_gpb_amount_fy2020"), of(&outside, "target_gpb_project_count")),
        ("39.87", "282")
    );
    assert_eq!((of(&outside, "monitor_gpb_amount"), of(&outside, "monitor_gpb_coverage")), ("39.87", "100"));
}

#[tokio::test]
async fn coverage_has_a_denominator_per_account_or_none() {
    let (suite, _world) = started().await;
    let request = GetCoverageRequest { name: name("coverages", "2020"), public_view: false };
    let coverage = summaries(&suite).get_coverage(request).await.unwrap().into_inner();
    let of = |stage: Stage, account: BudgetAccount| {
        let found = coverage
            .stage_coverages
            .iter()
            .find(|entry| entry.stage() == stage && entry.account() == account);
        let found = found.unwrap();
        (found.covered_count, found.rate.as_ref().map(|rate| rate.value.clone()))
    };
    assert_eq!(of(Stage::Objectives, BudgetAccount::GeneralPublic), (282, Some("100".to_owned())));
    assert_eq!(of(Stage::Objectives, BudgetAccount::GovernmentFund), (37, None), "a trial has no rate");
    assert_eq!(of(Stage::SelfEvaluation, BudgetAccount::Unspecified), (171, Some("100".to_owned())));
    let request = GetStatisticsRequest { name: name("statistics", "2020"), public_view: false };
    let statistics = summaries(&suite).get_statistics(request).await.unwrap().into_inner().stage_statistics;
    let counts: Vec<(i32, i32, i32)> =
        statistics.iter().map(|stage| (stage.object_count, stage.unit_count, stage.street_count)).collect();
    assert_eq!(counts, [(319, 167, 4), (319, 167, 4), (2, 1, 0), (171, 167, 4), (33, 33, 0), (3, 1, 0)]);
}

#[tokio::test]
async fn the_city_adds_its_districts_up() {
    let (suite, _world) = started().await;
    let mut city = SummaryServiceClient::new(suite.as_caller(caller(Role::CityReader)));
    let request = GetCitySummaryRequest { parent: "districts/-".into(), work_year: 2020 };
    let found = city.get_city_summary(request.clone()).await.unwrap().into_inner();
    let total = found.totals.iter().find(|figure| figure.key == "selfeval_amount").unwrap();
    assert_eq!(
        (total.printed_text.as_str(), found.districts.len(), found.unreachable.len()),
        ("59.87亿元", 1, 0)
    );
    let refused = summaries(&suite).get_city_summary(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
}
