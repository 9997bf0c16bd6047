//! People of a small district and the steps that they take, for all tests of targets.

#[path = "../../precheck/national.rs"]
mod national;

pub mod days;
pub mod registry;

use prost_types::FieldMask;
use tonic::{Code, Response, Status};
use tonic_types::{FieldViolation, StatusExt};
use wenxiao_contract::google::r#type::{Decimal, Money};
use wenxiao_contract::wenxiao::common::v1::{Grade, IndicatorOperator};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::Subject;
use wenxiao_contract::wenxiao::targets::v1::objective_service_client::ObjectiveServiceClient;
use wenxiao_contract::wenxiao::targets::v1::review_session_service_client::ReviewSessionServiceClient;
use wenxiao_contract::wenxiao::targets::v1::target_value::Value;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};

pub const DISTRICT: &str = "districts/350205000";

pub type Objectives = ObjectiveServiceClient<Link>;
pub type Sessions = ReviewSessionServiceClient<Link>;

pub async fn start() -> TestSuite {
    TestSuite::start(&[&registry::REGISTRY, &wenxiao_targets::DEFINITION]).await
}

pub fn objectives(suite: &TestSuite, principal: Principal) -> Objectives {
    ObjectiveServiceClient::new(suite.as_caller(principal))
}

pub fn sessions(suite: &TestSuite, principal: Principal) -> Sessions {
    ReviewSessionServiceClient::new(suite.as_caller(principal))
}

pub fn filer(unit: &str) -> Principal {
    unit_caller(Role::UnitFiler, unit)
}

pub fn reviewer(department: &str) -> Principal {
    unit_caller(Role::DepartmentReviewer, department)
}

pub fn officer() -> Principal {
    caller(Role::FinancePerformanceOfficer)
}

pub fn institution(id: &str) -> Principal {
    Principal { participant: Some(id.to_owned()), ..caller(Role::ThirdPartyReviewer) }
}

pub fn number(value: &str) -> Option<Decimal> {
    Some(Decimal { value: value.to_owned() })
}

pub fn yuan(units: i64) -> Option<Money> {
    Some(Money { currency_code: "CNY".to_owned(), units, nanos: 0 })
}

pub fn reason(status: &Status) -> (Code, String) {
    let details = status.get_error_details();
    (status.code(), details.error_info().map(|info| info.reason.clone()).unwrap_or_default())
}

/// A refusal by its code and reason.
pub fn expect_refusal<T: std::fmt::Debug>(answer: Result<Response<T>, Status>, code: Code, why: &str) {
    assert_eq!(reason(&answer.expect_err("refused")), (code, why.to_owned()));
}

/// A refusal by its reason and the fields that it names, in their order.
pub fn expect_violations<T: std::fmt::Debug>(
    answer: Result<Response<T>, Status>,
    why: &str,
    fields: &[&str],
) -> Status {
    let status = answer.expect_err("refused");
    let named: Vec<String> = violations(&status).into_iter().map(|violation| violation.field).collect();
    assert_eq!((reason(&status).1.as_str(), named), (why, fields.iter().map(ToString::to_string).collect()));
    status
}

pub fn violations(status: &Status) -> Vec<FieldViolation> {
    status.get_error_details().bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default()
}

/// A mask of these fields; none at all is no mask.
pub fn mask(paths: &[&str]) -> Option<FieldMask> {
    let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    (!paths.is_empty()).then_some(FieldMask { paths })
}

fn indicator(id: &str, level1: wire::IndicatorLevel1, title: &str, weight: &str) -> wire::Indicator {
    wire::Indicator {
        indicator_id: id.to_owned(),
        level1: level1.into(),
        title: title.to_owned(),
        operator: IndicatorOperator::AtLeast.into(),
        target_value: Some(wire::TargetValue {
            value: Some(Value::Number(Decimal { value: "1200".to_owned() })),
            ..Default::default()
        }),
        measure_unit: "平方米".to_owned(),
        weight: number(weight),
        ..Default::default()
    }
}

pub fn content(goal: &str) -> wire::ObjectiveContent {
    wire::ObjectiveContent {
        annual_goal: goal.to_owned(),
        annual_funding: Some(wire::AnnualFunding { total_amount: yuan(850_000), ..Default::default() }),
        indicators: vec![
            indicator("i1", wire::IndicatorLevel1::Output, "修缮校舍面积", "50"),
            indicator("i2", wire::IndicatorLevel1::Benefit, "消除隐患校舍面积", "30"),
            indicator("i3", wire::IndicatorLevel1::Satisfaction, "师生满意情况", "10"),
        ],
        ..Default::default()
    }
}

pub fn creation(id: &str, project: &str, year: i32) -> wire::CreateObjectiveRequest {
    wire::CreateObjectiveRequest {
        parent: DISTRICT.to_owned(),
        objective: Some(wire::Objective {
            subject: Some(Subject::Project(format!("{DISTRICT}/projects/{project}"))),
            fiscal_year: year,
            content: Some(content("完成校舍修缮")),
            ..Default::default()
        }),
        objective_id: id.to_owned(),
        ..Default::default()
    }
}

pub fn objective(id: &str) -> String {
    format!("{DISTRICT}/objectives/{id}")
}

/// Files, submits and passes an objective: it lies in finance review then.
pub async fn bring_to_finance(suite: &TestSuite, id: &str, project: &str, year: i32) -> wire::Objective {
    let unit = project.split('-').nth(1).expect("a unit");
    objectives(suite, filer(unit)).create_objective(creation(id, project, year)).await.expect("accepted");
    submit_and_pass(suite, id, unit).await
}

pub fn submitting(id: &str) -> wire::SubmitObjectiveRequest {
    wire::SubmitObjectiveRequest { name: objective(id), ..Default::default() }
}

pub async fn submit_and_pass(suite: &TestSuite, id: &str, unit: &str) -> wire::Objective {
    let name = objective(id);
    objectives(suite, filer(unit)).submit_objective(submitting(id)).await.expect("accepted");
    let pass = wire::PassObjectiveRequest { name, opinion: "同意上报".to_owned(), ..Default::default() };
    objectives(suite, reviewer(&unit[..3])).pass_objective(pass).await.expect("accepted").into_inner()
}

pub fn grading(id: &str, grade: Grade, opinion: &str) -> wire::GradeObjectiveRequest {
    wire::GradeObjectiveRequest {
        name: objective(id),
        grade: grade.into(),
        opinion: opinion.to_owned(),
        ..Default::default()
    }
}

pub fn ratification(id: &str, units: i64) -> wire::RatifyObjectiveRequest {
    wire::RatifyObjectiveRequest {
        name: objective(id),
        ratified_amount: yuan(units),
        document: "厦海财〔2020〕1号".to_owned(),
        ..Default::default()
    }
}

/// A session of institution `i1` under an engagement, with so many reviewers; 0 for what the rules say.
pub fn opening(id: &str, engagement: &str, year: i32, reviewers: i32) -> wire::CreateReviewSessionRequest {
    wire::CreateReviewSessionRequest {
        parent: DISTRICT.to_owned(),
        review_session: Some(wire::ReviewSession {
            title: "绩效目标集中会审".to_owned(),
            fiscal_year: year,
            institution: format!("{DISTRICT}/institutions/i1"),
            engagement: format!("{DISTRICT}/engagements/{engagement}"),
            reviewer_count: reviewers,
            ..Default::default()
        }),
        review_session_id: id.to_owned(),
        ..Default::default()
    }
}

/// Opens a session of institution `i1` under an engagement.
pub async fn open_session(suite: &TestSuite, id: &str, engagement: &str, year: i32) -> wire::ReviewSession {
    let request = opening(id, engagement, year, 0);
    sessions(suite, officer()).create_review_session(request).await.expect("accepted").into_inner()
}

pub fn assigning(session: &str, ids: &[&str]) -> wire::AssignObjectivesRequest {
    wire::AssignObjectivesRequest {
        name: format!("{DISTRICT}/reviewSessions/{session}"),
        objectives: ids.iter().map(|id| objective(id)).collect(),
        ..Default::default()
    }
}

/// An opinion with these points for completeness, relevance, appropriateness, feasibility.
pub fn opinion(assignment: &str, scores: [&str; 4]) -> wire::CreateReviewOpinionRequest {
    let codes = ["completeness", "relevance", "appropriateness", "feasibility"];
    let items = codes.into_iter().zip(scores).map(|(code, score)| wire::ItemOpinion {
        item_code: code.to_owned(),
        score: number(score),
        ..Default::default()
    });
    let problem = wire::ReviewRemark {
        field: "indicators.target_value".to_owned(),
        indicator_id: "i2".to_owned(),
        text: "指标未量化".to_owned(),
        proposal: "补充受益学生人数".to_owned(),
        item_code: "relevance".to_owned(),
        ..Default::default()
    };
    wire::CreateReviewOpinionRequest {
        parent: assignment.to_owned(),
        review_opinion: Some(wire::ReviewOpinion {
            items: items.collect(),
            problems: vec![problem],
            conclusion: "建议修改完善".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}
