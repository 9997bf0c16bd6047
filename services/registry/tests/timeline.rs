//! The timeline of a project: what the services' events leave in a real Postgres, and who may read it.

mod support;

use std::time::Duration;

use support::timeline::{entries, event, object, project_name, start, tell, timeline};
use support::{HAICANG, an_entry, date, decimal, refusal, yuan};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Event, Grade, SecrecyLevel};
use wenxiao_contract::wenxiao::disclosure::v1 as disclosure;
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::monitoring::v1 as monitoring;
use wenxiao_contract::wenxiao::registry::v1::timeline_entry::Kind;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;
use wenxiao_registry::projections;

fn paid(month: i32, source: FundingSource, units: i64) -> monitoring::OutturnIncrement {
    monitoring::OutturnIncrement {
        project: project_name(),
        fiscal_year: 2020,
        budget_account: BudgetAccount::GeneralPublic.into(),
        funding_source: source.into(),
        month,
        amount: Some(yuan(units)),
    }
}

fn ingested(sequence: i64, increments: Vec<monitoring::OutturnIncrement>) -> Event {
    let of = monitoring::PaymentsIngested { increments, ..Default::default() };
    event("payments.ingested", sequence, "2020-08-01", HAICANG, &of)
}

#[tokio::test]
async fn one_project_over_the_years_whatever_order_the_feeds_come_in() {
    let registry = start(SecrecyLevel::None).await;
    let (objective, decision) =
        (format!("{HAICANG}/objectives/o1"), format!("{HAICANG}/disclosureDecisions/d1"));
    // Disclosure is read before what it discloses is known.
    let of = disclosure::Publication {
        name: format!("{HAICANG}/publications/b1"),
        title: "2020年度绩效目标".into(),
        disclosure_decisions: vec![format!("{HAICANG}/disclosureDecisions/other"), decision.clone()],
        publish_date: Some(date(2020, 3, 20)),
        ..Default::default()
    };
    let published = event("publication.published", 2, "2020-03-21", &of.name, &of);
    let of = disclosure::DisclosureDecision {
        name: decision.clone(),
        subject: objective.clone(),
        title: "绩效目标表".into(),
        outcome: disclosure::disclosure_decision::Outcome::Publish.into(),
        ..Default::default()
    };
    let approved = event("disclosure_decision.approved", 1, "2020-03-01", &decision, &of);
    tell(&registry, &projections::Disclosure, &[approved, published]).await;
    let of = targets::Objective {
        name: objective.clone(),
        subject: Some(targets::objective::Subject::Project(project_name())),
        fiscal_year: 2020,
        submitted_version: 2,
        ratified_version: 2,
        grade: Grade::Good.into(),
        ratified_amount: Some(yuan(1000)),
        ..Default::default()
    };
    let kinds = ["objective.submitted", "objective.graded", "objective.edited", "objective.ratified"];
    let days = ["2019-11-01", "2019-11-20", "2019-11-21", "2020-02-01"];
    let told: Vec<Event> = (1..)
        .zip(kinds.iter().zip(days))
        .map(|(sequence, (kind, day))| event(kind, sequence, day, &objective, &of))
        .collect();
    tell(&registry, &projections::Targets, &told).await;
    let of = monitoring::MonitoringReport {
        monitored_object: project_name(),
        fiscal_year: 2020,
        end_month: 6,
        light: monitoring::Light::Red.into(),
        ..Default::default()
    };
    let report = event("monitoring_report.accepted", 9, "2020-08-10", &format!("{HAICANG}/r"), &of);
    tell(&registry, &projections::Monitoring, &[report]).await;
    let of = evaluation::KeyEvaluation {
        object: object(),
        evaluated_year: 2020,
        total_score: Some(decimal("88.50")),
        grade: Grade::Good.into(),
        ..Default::default()
    };
    let fixed = event("key_evaluation.fixed", 1, "2021-06-01", &format!("{HAICANG}/keyEvaluations/k"), &of);
    let figure = evaluation::BudgetFigure { amount: Some(yuan(2000)), ..Default::default() };
    let of = evaluation::BudgetDecision {
        object: object(),
        applies_to_year: 2021,
        arrangements: vec![evaluation::BudgetStep { figure: Some(figure), ..Default::default() }],
        ..Default::default()
    };
    let arranged =
        event("budget_decision.arranged", 2, "2020-12-20", &format!("{HAICANG}/budgetDecisions/b"), &of);
    tell(&registry, &projections::Evaluation, &[fixed, arranged]).await;

    let all = timeline(&registry, GetProjectTimelineRequest::default()).await;
    let found = entries(&all);
    let expect = [
        ((2019, 11, 1), Kind::Objective, "2020年度：报送绩效目标第2版"),
        ((2019, 11, 20), Kind::Review, "2020年度：财政部门审核绩效目标，等级为良"),
        ((2020, 2, 1), Kind::Objective, "2020年度：批复绩效目标第2版，批复金额1000.00元"),
        ((2020, 3, 1), Kind::Disclosure, "批准公开：绩效目标表"),
        ((2020, 3, 20), Kind::Disclosure, "公开：2020年度绩效目标"),
        ((2020, 8, 10), Kind::Monitoring, "财政部门审定2020年1—6月绩效监控报告，红灯"),
        ((2020, 12, 20), Kind::BudgetDecision, "2021年度安排预算2000.00元"),
        ((2021, 6, 1), Kind::Evaluation, "2020年度：重点绩效评价定稿，得分88.50，等级为良"),
    ];
    for ((year, month, day), kind, summary) in expect {
        let entry = found.iter().find(|entry| entry.summary == summary);
        let entry = entry.unwrap_or_else(|| panic!("{summary} is missing from {found:#?}"));
        assert_eq!((entry.kind(), entry.entry_date), (kind, Some(date(year, month, day))), "{summary}");
    }
    let at = |summary: &str| *found.iter().find(|entry| entry.summary.contains(summary)).expect("an entry");
    assert_eq!((at("批复").amount.clone(), at("审核绩效目标").grade()), (Some(yuan(1000)), Grade::Good));
    assert_eq!(
        (at("红灯").light.as_str(), at("红灯").resource.clone()),
        ("LIGHT_RED", format!("{HAICANG}/r"))
    );
    let days: Vec<_> = found.iter().map(|entry| entry.entry_date.map(|d| (d.year, d.month, d.day))).collect();
    assert!(days.is_sorted(), "{days:?}");
    let years: Vec<i32> = all.years.iter().map(|year| year.year).collect();
    assert!(
        years.is_sorted_by(|one, next| one < next) && years.starts_with(&[2019, 2020, 2021]),
        "{years:?}"
    );

    let mut paged = Vec::new();
    let mut ask = GetProjectTimelineRequest { page_size: 3, ..Default::default() };
    loop {
        let page = timeline(&registry, ask.clone()).await;
        assert!(entries(&page).len() <= 3);
        paged.extend(entries(&page).into_iter().cloned());
        if page.next_page_token.is_empty() {
            break;
        }
        ask.page_token = page.next_page_token;
    }
    let before: Vec<_> = found.into_iter().filter(|entry| paged.contains(entry)).collect();
    assert_eq!(
        paged.iter().take(before.len()).collect::<Vec<_>>(),
        before,
        "pages are the whole in its order"
    );
    let only =
        GetProjectTimelineRequest { kind: Kind::Evaluation.into(), fiscal_year: 2020, ..Default::default() };
    assert_eq!(entries(&timeline(&registry, only).await).len(), 1);
}

#[tokio::test]
async fn payments_are_one_entry_a_month_and_count_once() {
    let registry = start(SecrecyLevel::None).await;
    let first = ingested(
        4,
        vec![paid(7, FundingSource::DistrictFiscal, 100), paid(7, FundingSource::Unspecified, 20)],
    );
    let second =
        ingested(7, vec![paid(7, FundingSource::DistrictFiscal, -30), paid(8, FundingSource::Other, 5)]);
    tell(&registry, &projections::Monitoring, &[first.clone(), second.clone(), second]).await;
    let ask = GetProjectTimelineRequest { kind: Kind::Payment.into(), ..Default::default() };
    let found = timeline(&registry, ask).await;
    let said: Vec<_> =
        entries(&found).iter().map(|entry| (entry.summary.as_str(), entry.entry_date)).collect();
    assert_eq!(
        said,
        [("2020年7月支付90.00元", Some(date(2020, 7, 31))), ("2020年8月支付5.00元", Some(date(2020, 8, 31)))]
    );
    // What was paid cannot be carried over.
    let mut finance = registry.projects(Role::FinanceHead);
    let mut enter = async |year: i32, kind: BudgetEntryKind, units: i64| {
        let entry = BudgetEntry { fiscal_year: year, ..an_entry("p1", kind, units) };
        let ask = CreateBudgetEntryRequest {
            parent: HAICANG.into(),
            budget_entry: Some(entry),
            ..Default::default()
        };
        finance.create_budget_entry(ask).await
    };
    enter(2020, BudgetEntryKind::Initial, 200).await.unwrap();
    let refused = enter(2021, BudgetEntryKind::CarryOver, 131).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "CARRY_OVER_EXCEEDS_REMAINDER".into()));
    enter(2021, BudgetEntryKind::CarryOver, 130).await.unwrap();
}

#[tokio::test]
async fn the_registry_follows_its_own_feed() {
    let registry = start(SecrecyLevel::None).await;
    let entry =
        BudgetEntry { entry_date: Some(date(2020, 1, 17)), ..an_entry("p1", BudgetEntryKind::Initial, 100) };
    let ask =
        CreateBudgetEntryRequest { parent: HAICANG.into(), budget_entry: Some(entry), ..Default::default() };
    registry.projects(Role::FinanceHead).create_budget_entry(ask).await.unwrap();
    for _ in 0..200 {
        let found = timeline(&registry, GetProjectTimelineRequest::default()).await;
        let said: Vec<_> = entries(&found).iter().map(|entry| entry.summary.clone()).collect();
        if said.len() == 2 {
            assert_eq!(said[0], "2020年度年初预算100.00元（厦海财〔2020〕1号）");
            assert!(said[1].starts_with("立项：农村污水管网溯源排查"), "{said:?}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the projection never came so far");
}

#[tokio::test]
async fn secrets_are_seen_by_those_who_may() {
    for (secrecy, city_sees) in
        [(SecrecyLevel::None, true), (SecrecyLevel::Classified, false), (SecrecyLevel::Unspecified, false)]
    {
        let registry = start(secrecy).await;
        let ask = GetProjectTimelineRequest { name: project_name(), ..Default::default() };
        for role in [Role::CityReader, Role::BudgetingSystem] {
            let answer = registry.projects(role).get_project_timeline(ask.clone()).await;
            assert_eq!(answer.is_ok(), city_sees, "{role} {secrecy:?}");
            if !city_sees {
                assert_eq!(refusal(answer), (Code::NotFound, "NOT_FOUND".into()));
            }
        }
        let own = registry.projects_as(unit_caller(Role::UnitFiler, "602002"));
        assert!(own.clone().get_project_timeline(ask.clone()).await.is_ok(), "the unit's own project");
        let other = registry.projects_as(unit_caller(Role::UnitFiler, "602001"));
        assert_eq!(refusal(other.clone().get_project_timeline(ask.clone()).await).0, Code::NotFound);
        let expert = registry.projects(Role::Expert).get_project_timeline(ask).await;
        assert_eq!(refusal(expert).0, Code::PermissionDenied);
    }
}
