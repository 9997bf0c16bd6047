//! What each kind of event of the other services leaves in the timeline of a project, in words, and what only the bureau
//! sees of it.

mod support;

use support::timeline::{entries, event, object, project_name, start, tell, timeline};
use support::{HAICANG, decimal, yuan};
use wenxiao_contract::wenxiao::common::v1::{Event, Grade, SecrecyLevel};
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::monitoring::v1 as monitoring;
use wenxiao_contract::wenxiao::registry::v1::timeline_entry::Kind;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::projection::Projection;
use wenxiao_platform::testing::{caller, unit_caller};
use wenxiao_registry::projections;

/// Sentences of one kind, as one event after the other left them.
async fn told(projection: &dyn Projection, kind: Kind, events: Vec<Event>) -> Vec<String> {
    let registry = start(SecrecyLevel::None).await;
    tell(&registry, projection, &events).await;
    let found =
        timeline(&registry, GetProjectTimelineRequest { kind: kind.into(), ..Default::default() }).await;
    entries(&found).iter().map(|entry| entry.summary.clone()).collect()
}

/// The same object under several events, one a day.
fn each<R: prost::Message + prost::Name>(kinds: &[&str], subject: &str, of: &R) -> Vec<Event> {
    let days = (1..).zip(kinds);
    days.map(|(number, kind)| {
        let day = format!("2020-06-{number:02}");
        event(kind, number, &day, &format!("{HAICANG}/{subject}"), of)
    })
    .collect()
}

#[tokio::test]
async fn evaluations_and_findings_are_told() {
    let of = evaluation::ExAnteEvaluation {
        object: object(),
        applies_to_year: 2021,
        requested_amount: Some(yuan(500)),
        supported_amount: Some(yuan(300)),
        total_score: Some(decimal("85")),
        conclusion: evaluation::ex_ante_evaluation::Conclusion::Adjust.into(),
        ..Default::default()
    };
    let kinds = ["created", "submitted", "returned", "judged", "concluded"];
    let kinds = kinds.map(|kind| format!("ex_ante_evaluation.{kind}"));
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        told(&projections::Evaluation, Kind::Evaluation, each(&kinds, "exAnteEvaluations/x", &of)).await,
        [
            "2021年度预算：开展事前绩效评估，申请金额500.00元",
            "2021年度预算：提交事前绩效评估报告",
            "2021年度预算：退回事前绩效评估报告",
            "2021年度预算：事前绩效评估结论，调整完善后支持，得分85，支持金额300.00元",
        ]
    );
    let of = evaluation::SelfEvaluation {
        object: object(),
        evaluated_year: 2019,
        self_score: Some(decimal("96.50")),
        self_grade: Grade::Excellent.into(),
        rechecks: vec![evaluation::Recheck {
            total_score: Some(decimal("78.00")),
            grade: Grade::Fair.into(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let kinds = ["submitted", "reviewed", "returned", "confirmed", "rechecked", "refreshed"];
    let kinds = kinds.map(|kind| format!("self_evaluation.{kind}"));
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        told(&projections::Evaluation, Kind::Evaluation, each(&kinds, "selfEvaluations/s", &of)).await,
        [
            "2019年度：报送单位自评，得分96.50，等级为优",
            "2019年度：主管部门审核单位自评",
            "2019年度：退回单位自评",
            "2019年度：确认单位自评，得分96.50，等级为优",
            "2019年度：抽查复核单位自评，得分78.00，等级为中",
        ]
    );
    let of = evaluation::Finding {
        object: object(),
        evaluated_year: 2019,
        description: "预算执行率偏低".into(),
        ..Default::default()
    };
    let kinds = ["finding.created", "finding.demanded", "finding.rectified", "finding.dismissed"];
    assert_eq!(
        told(&projections::Evaluation, Kind::Finding, each(&kinds, "findings/f", &of)).await,
        [
            "2019年度发现问题：预算执行率偏低",
            "2019年度要求整改：预算执行率偏低",
            "2019年度完成整改：预算执行率偏低",
            "2019年度不作为问题处理：预算执行率偏低",
        ]
    );
}

#[tokio::test]
async fn alerts_and_measures_are_told() {
    let of = monitoring::Alert {
        subject: project_name(),
        fiscal_year: 2020,
        kind: monitoring::alert::Kind::ExecutionBehind.into(),
        light: monitoring::Light::Red.into(),
        ..Default::default()
    };
    let kinds = ["alert.opened", "alert.acknowledged", "alert.answered", "alert.unanswered", "alert.closed"];
    assert_eq!(
        told(&projections::Monitoring, Kind::Alert, each(&kinds, "alerts/a", &of)).await,
        [
            "2020年度发出预警：预算执行滞后，红灯",
            "2020年度答复预警：预算执行滞后，红灯",
            "2020年度逾期未答复预警：预算执行滞后，红灯",
            "2020年度解除预警：预算执行滞后，红灯",
        ]
    );
    let of = monitoring::Measure {
        subject: project_name(),
        fiscal_year: 2020,
        kind: monitoring::measure::Kind::Reduce.into(),
        amount: Some(yuan(90)),
        ..Default::default()
    };
    let kinds = ["measure.proposed", "measure.enforced", "measure.rejected", "measure.lifted"];
    assert_eq!(
        told(&projections::Monitoring, Kind::Measure, each(&kinds, "measures/m", &of)).await,
        [
            "2020年度提出处置措施：调减预算，金额90.00元",
            "2020年度执行处置措施：调减预算，金额90.00元",
            "2020年度不予采纳处置措施：调减预算，金额90.00元",
            "2020年度解除处置措施：调减预算，金额90.00元",
        ]
    );
}

#[tokio::test]
async fn an_opinion_is_not_told_outside_of_the_bureau() {
    let registry = start(SecrecyLevel::None).await;
    let objective = format!("{HAICANG}/objectives/o1");
    let of = targets::ReviewOpinion {
        objective: objective.clone(),
        objective_version: 1,
        grade: Grade::Fair.into(),
        ..Default::default()
    };
    let name = "reviewSessions/s/assignments/a/opinions/1";
    let given = event("review_opinion.given", 1, "2020-06-01", &format!("{HAICANG}/{name}"), &of);
    let of = targets::Objective {
        name: objective.clone(),
        subject: Some(targets::objective::Subject::Project(project_name())),
        fiscal_year: 2020,
        grade: Grade::Good.into(),
        ..Default::default()
    };
    let graded = event("objective.graded", 2, "2020-06-02", &objective, &of);
    tell(&registry, &projections::Targets, &[given, graded]).await;
    let opinion = "集中会审对绩效目标第1版提出意见，建议等级为中";
    let decision = "2020年度：财政部门审核绩效目标，等级为良";
    let seen = async |who: Principal| {
        let ask = GetProjectTimelineRequest {
            name: project_name(),
            kind: Kind::Review.into(),
            ..Default::default()
        };
        let found =
            registry.projects_as(who).get_project_timeline(ask).await.expect("a timeline").into_inner();
        entries(&found).iter().map(|entry| entry.summary.clone()).collect::<Vec<_>>()
    };
    for role in
        [Role::FinancePerformanceOfficer, Role::FinanceBusinessOfficer, Role::FinanceHead, Role::Service]
    {
        assert_eq!(seen(caller(role)).await, [opinion, decision], "{role}");
    }
    for who in [
        unit_caller(Role::UnitFiler, "602002"),
        unit_caller(Role::DepartmentReviewer, "602"),
        caller(Role::CityReader),
        caller(Role::BudgetingSystem),
    ] {
        assert_eq!(seen(who.clone()).await, [decision], "{:?}", who.roles);
    }
}
