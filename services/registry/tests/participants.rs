//! Institutions, engagements and conflicts of interest; plans and trainings; policies.

mod support;

use support::{HAICANG, Registry, date, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::caller;

async fn institution(registry: &Registry, id: &str) {
    let one = Institution {
        title: format!("示例咨询机构{id}"),
        kind: institution::Kind::Consultancy.into(),
        ..Institution::default()
    };
    let ask = CreateInstitutionRequest {
        parent: HAICANG.into(),
        institution: Some(one),
        institution_id: id.into(),
        ..Default::default()
    };
    registry
        .participants(Role::FinancePerformanceOfficer)
        .create_institution(ask)
        .await
        .expect("an institution");
}

fn engagement(kind: EngagementKind, principal: &str, objects: &[&str], year: i32) -> CreateEngagementRequest {
    let engagement = Engagement {
        kind: kind.into(),
        participant: format!("{HAICANG}/institutions/JG01"),
        principal: format!("{HAICANG}/units/{principal}"),
        objects: objects.iter().map(|object| format!("{HAICANG}/{object}")).collect(),
        work_year: year,
        evaluated_year: year - 1,
        start_date: Some(date(year, 6, 15)),
        end_date: Some(date(year, 10, 30)),
        ..Engagement::default()
    };
    CreateEngagementRequest { parent: HAICANG.into(), engagement: Some(engagement), ..Default::default() }
}

#[tokio::test]
async fn conflicts_are_told_in_2020_and_forbidden_from_2021() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602001").await;
    institution(&registry, "JG01").await;
    let mut officer = registry.participants(Role::FinancePerformanceOfficer);
    let own = |year| engagement(EngagementKind::Evaluation, "602", &["projects/p1"], year);
    let told = officer.create_engagement(own(2020)).await.unwrap().into_inner();
    let verdict = told.conflict_verdict.unwrap();
    assert_eq!((verdict.enforced, verdict.allowed, verdict.conflicts.len()), (false, true, 1));
    assert_eq!(verdict.conflicts[0].kind(), conflict::Kind::PrincipalIsObject);
    let forbidden = officer.create_engagement(own(2021)).await;
    assert_eq!(refusal(forbidden), (Code::FailedPrecondition, "CONFLICT_OF_INTEREST".into()));

    let help = engagement(EngagementKind::AssistOnly, "602", &["units/602"], 2021);
    let help = officer.create_engagement(help).await.unwrap().into_inner();
    assert!(!help.may_sign_report);
    registry.unit("105", unit::Kind::Department).await;
    let judge = engagement(EngagementKind::Evaluation, "105", &["projects/p1"], 2021);
    let check = CheckConflictRequest { parent: HAICANG.into(), engagement: judge.engagement };
    let verdict = officer.check_conflict(check).await.unwrap().into_inner().conflict_verdict.unwrap();
    assert_eq!((verdict.allowed, verdict.conflicts[0].kind()), (false, conflict::Kind::AssistedObject));
    assert_eq!(verdict.conflicts[0].engagement, help.name);
    assert_eq!(verdict.explanation.unwrap().rule_set, format!("{HAICANG}/ruleSets/national-2021"));
}

#[tokio::test]
async fn a_guest_sees_what_is_assigned() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602001").await;
    registry.project("p2", "602002").await;
    institution(&registry, "JG01").await;
    registry.unit("105", unit::Kind::Department).await;
    let ask = engagement(EngagementKind::Evaluation, "105", &["projects/p1"], 2020);
    registry.participants(Role::FinancePerformanceOfficer).create_engagement(ask).await.unwrap();
    let mut guest = caller(Role::ThirdPartyReviewer);
    guest.participant = Some("JG01".into());
    let mut projects = registry.projects_as(guest.clone());
    let list = ListProjectsRequest { parent: HAICANG.into(), ..Default::default() };
    let seen = projects.list_projects(list).await.unwrap().into_inner().projects;
    assert_eq!(seen.len(), 1);
    let get = |id: &str| GetProjectRequest { name: format!("{HAICANG}/projects/{id}"), ..Default::default() };
    assert!(projects.get_project(get("p1")).await.is_ok());
    assert_eq!(refusal(projects.get_project(get("p2")).await).0, Code::NotFound);
    let list = ListEngagementsRequest { parent: HAICANG.into(), ..Default::default() };
    let mut other = guest;
    other.participant = Some("JG02".into());
    let none = registry.participants_as(other).list_engagements(list).await.unwrap().into_inner();
    assert!(none.engagements.is_empty());
}

#[tokio::test]
async fn a_plan_is_adopted_and_progresses() {
    let registry = Registry::start().await;
    registry.unit("105", unit::Kind::Department).await;
    let mut officer = registry.plans(Role::FinancePerformanceOfficer);
    let milestone =
        |id: &str| Milestone { milestone_id: id.into(), title: id.into(), ..Milestone::default() };
    let plan = WorkPlan {
        kind: work_plan::Kind::Rollout.into(),
        title: "三年执行计划".into(),
        document_number: "厦海委〔2019〕70号".into(),
        work_year: 2020,
        horizon_years: 3,
        target_date: Some(date(2022, 12, 31)),
        milestones: vec![milestone("a"), milestone("b"), milestone("c")],
        ..WorkPlan::default()
    };
    let ask = CreateWorkPlanRequest { parent: HAICANG.into(), work_plan: Some(plan), ..Default::default() };
    let plan = officer.create_work_plan(ask).await.unwrap().into_inner();
    let adopt = AdoptWorkPlanRequest { name: plan.name.clone(), ..Default::default() };
    assert_eq!(refusal(officer.adopt_work_plan(adopt.clone()).await).0, Code::PermissionDenied);
    registry.plans(Role::FinanceHead).adopt_work_plan(adopt).await.unwrap();
    let note = RecordMilestoneProgressRequest {
        name: plan.name.clone(),
        milestone_id: "a".into(),
        state: milestone::State::Done.into(),
        ..Default::default()
    };
    let noted = officer.record_milestone_progress(note).await.unwrap().into_inner();
    assert_eq!(noted.progress_rate.unwrap().value, "0.3333");
    let close = CloseWorkPlanRequest { name: plan.name, ..Default::default() };
    let refused = registry.plans(Role::FinanceHead).close_work_plan(close).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "MILESTONES_OPEN".into()));
}

#[tokio::test]
async fn a_session_is_held_and_found_by_who_came() {
    let registry = Registry::start().await;
    registry.unit("901", unit::Kind::SubdistrictOffice).await;
    let mut officer = registry.plans(Role::FinancePerformanceOfficer);
    let session = TrainingSession {
        title: "绩效目标编制与审核".into(),
        work_year: 2020,
        stage: training_session::Stage::ExAnte.into(),
        hold_date: Some(date(2020, 1, 9)),
        audiences: vec![TrainingAudience {
            label: "各街道".into(),
            units: vec![format!("{HAICANG}/units/901")],
        }],
        ..TrainingSession::default()
    };
    let ask = CreateTrainingSessionRequest {
        parent: HAICANG.into(),
        training_session: Some(session),
        ..Default::default()
    };
    let session = officer.create_training_session(ask).await.unwrap().into_inner();
    let came = |unit: &str| RecordAttendanceRequest {
        name: session.name.clone(),
        attendances: vec![Attendance {
            unit: format!("{HAICANG}/units/{unit}"),
            attendee_count: 3,
            attendees: vec![],
        }],
        ..Default::default()
    };
    let overdue = async |day: (i32, i32, i32)| {
        let ask = ListTrainingSessionsRequest {
            parent: HAICANG.into(),
            overdue_date: Some(date(day.0, day.1, day.2)),
            ..Default::default()
        };
        let found = registry.plans(Role::UnitFiler).list_training_sessions(ask).await.unwrap().into_inner();
        found.training_sessions.len()
    };
    assert_eq!((overdue((2020, 1, 9)).await, overdue((2020, 1, 10)).await), (0, 1), "its day is over");
    let unknown = officer.record_attendance(came("902")).await;
    assert_eq!(refusal(unknown), (Code::FailedPrecondition, "REFERENCE_NOT_FOUND".into()));
    let held = officer.record_attendance(came("901")).await.unwrap().into_inner();
    assert_eq!((held.state(), held.attendee_count), (training_session::State::Held, 3));
    assert_eq!(overdue((2020, 1, 10)).await, 0, "it was held");
    let of = |unit: &str| ListTrainingSessionsRequest {
        parent: HAICANG.into(),
        unit: format!("{HAICANG}/units/{unit}"),
        ..Default::default()
    };
    let found = registry.plans(Role::UnitFiler).list_training_sessions(of("901")).await.unwrap().into_inner();
    assert_eq!(found.training_sessions.len(), 1);
    let none = registry.plans(Role::UnitFiler).list_training_sessions(of("902")).await.unwrap().into_inner();
    assert!(none.training_sessions.is_empty());
}

#[tokio::test]
async fn expiring_policies_are_found_and_a_gap_is_seen() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut finance = registry.projects(Role::FinancePerformanceOfficer);
    let policy = Policy {
        title: "海沧区培育发展社会组织专项扶持资金管理办法".into(),
        start_date: Some(date(2015, 7, 21)),
        expiry_date: Some(date(2020, 7, 21)),
        term_years: 5,
        executing_unit: format!("{HAICANG}/units/602001"),
        ..Policy::default()
    };
    let ask = |id: &str, policy: Policy| CreatePolicyRequest {
        parent: HAICANG.into(),
        policy: Some(policy),
        policy_id: id.into(),
        ..Default::default()
    };
    let first = finance.create_policy(ask("HCZC-2015-01", policy.clone())).await.unwrap().into_inner();
    assert_eq!(first.state(), policy::State::Expired);
    let next = Policy {
        start_date: Some(date(2021, 1, 1)),
        expiry_date: None,
        term_years: 0,
        predecessor: first.name.clone(),
        ..policy
    };
    let next = finance.create_policy(ask("HCZC-2021-01", next)).await.unwrap().into_inner();
    assert_eq!(next.gap_days, 163);
    let window = ListPoliciesRequest {
        parent: HAICANG.into(),
        expiry_start_date: Some(date(2020, 1, 1)),
        expiry_end_date: Some(date(2020, 12, 31)),
        ..Default::default()
    };
    let found = finance.list_policies(window).await.unwrap().into_inner().policies;
    assert_eq!(found, [first]);
}
