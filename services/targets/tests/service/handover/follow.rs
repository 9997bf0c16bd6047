//! Forms follow their subject: in every state, for every kind of subject, with all that is said of them.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::registry::v1::unit::State as UnitState;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::{State, Subject};
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, unit_caller};

use super::*;

fn submitting(id: &str) -> wire::SubmitObjectiveRequest {
    wire::SubmitObjectiveRequest { name: objective(id), ..Default::default() }
}

const STATES: [State; 11] = [
    State::Draft,
    State::Submitted,
    State::DepartmentReview,
    State::FinanceReview,
    State::Consultation,
    State::Approved,
    State::Returned,
    State::Barred,
    State::Ratified,
    State::Adjusting,
    State::Closed,
];

fn id_of(state: State) -> String {
    state.as_str_name().trim_start_matches("STATE_").to_lowercase().replace('_', "-")
}

/// A form of 602002 in this state, named after it.
async fn bring_to(suite: &TestSuite, state: State) -> String {
    let id = id_of(state);
    let (mut unit, mut finance) = (objectives(suite, filer("602002")), objectives(suite, officer()));
    let project = format!("p-602002-{id}");
    // Only from 2023 on do heads sign.
    let year = if state == State::Submitted { 2023 } else { 2020 };
    if matches!(state, State::Draft | State::Submitted | State::DepartmentReview) {
        unit.create_objective(creation(&id, &project, year)).await.expect("accepted");
        if state != State::Draft {
            unit.submit_objective(submitting(&id)).await.expect("accepted");
        }
        return id;
    }
    bring_to_finance(suite, &id, &project, year).await;
    let grade = match state {
        State::FinanceReview => return id,
        State::Consultation => Grade::Good,
        State::Returned => Grade::Fair,
        State::Barred => Grade::Poor,
        _ => Grade::Excellent,
    };
    finance.grade_objective(grading(&id, grade, "审核意见")).await.expect("accepted");
    if matches!(state, State::Ratified | State::Adjusting | State::Closed) {
        finance.ratify_objective(ratification(&id, 850_000)).await.expect("accepted");
    }
    if state == State::Adjusting {
        let ask = wire::ProposeAdjustmentRequest {
            name: objective(&id),
            adjustment_reason: wire::AdjustmentReason::OwnRequest.into(),
            reason: "减少一所学校".to_owned(),
            content: Some(content("完成两所学校校舍修缮")),
            ..Default::default()
        };
        unit.propose_adjustment(ask).await.expect("accepted");
    }
    if state == State::Closed {
        let ask = wire::CloseObjectiveRequest {
            name: objective(&id),
            reason: "年度结束".to_owned(),
            ..Default::default()
        };
        finance.close_objective(ask).await.expect("accepted");
    }
    id
}

async fn listed(suite: &TestSuite, who: Principal) -> usize {
    let ask = wire::ListObjectivesRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    objectives(suite, who).list_objectives(ask).await.expect("answered").into_inner().objectives.len()
}

async fn waiting(suite: &TestSuite, who: Principal, task: wire::ObjectiveTask) -> i32 {
    let ask = wire::CountObjectiveTasksRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let tasks = objectives(suite, who).count_objective_tasks(ask).await.expect("answered").into_inner().tasks;
    tasks.iter().filter(|count| count.task() == task).map(|count| count.objective_count).sum()
}

/// Eleven forms in as many states, and one of a project that stays.
async fn a_unit_with_forms(suite: &TestSuite) {
    for state in STATES {
        let id = bring_to(suite, state).await;
        let get = wire::GetObjectiveRequest { name: objective(&id) };
        let found = objectives(suite, officer()).get_objective(get).await.expect("answered").into_inner();
        assert_eq!(found.state(), state);
    }
    objectives(suite, filer("602002"))
        .create_objective(creation("stays", "p-602002-stays", 2020))
        .await
        .expect("accepted");
}

#[tokio::test]
async fn forms_in_every_state_follow_their_project_and_nothing_else_changes() {
    let suite = start().await;
    a_unit_with_forms(&suite).await;
    let mut connection = suite.superuser().await;
    let before = kept(&mut connection).await;
    let noted =
        "select (select count(*) from targets.journal_queue) + (select count(*) from targets.journal)";
    let noted_before: i64 = sqlx::query_scalar(noted).fetch_one(&mut connection).await.unwrap();
    for state in STATES {
        hand_over(&suite, &format!("p-602002-{}", id_of(state)), "605002", 2).await;
    }
    heard(&suite).await;
    let after = owners(&mut connection).await;
    assert_eq!(after.len(), 12);
    for (id, unit, department) in &after {
        let expected = if id == "stays" { ("602002", "602") } else { ("605002", "605") };
        assert_eq!((unit.as_str(), department.as_str()), expected, "{id}");
    }
    assert_eq!(kept(&mut connection).await, before, "versions, decisions and forms are as they were");
    // Told twice, and an older state told late: nothing.
    for version in [2, 1] {
        let unit = if version == 2 { "605002" } else { "602002" };
        hand_over(&suite, "p-602002-draft", unit, version).await;
    }
    heard(&suite).await;
    assert_eq!(owners(&mut connection).await, after);
    assert_eq!(kept(&mut connection).await, before);
    let noted_after: i64 = sqlx::query_scalar(noted).fetch_one(&mut connection).await.unwrap();
    assert_eq!(noted_after, noted_before, "a follower notes nothing");

    assert_eq!(listed(&suite, filer("602002")).await, 1);
    assert_eq!(listed(&suite, reviewer("602")).await, 1);
    assert_eq!(listed(&suite, filer("605002")).await, 11);
    let gone = wire::GetObjectiveRequest { name: objective("draft") };
    expect_refusal(
        objectives(&suite, filer("602002")).get_objective(gone).await,
        Code::NotFound,
        "NOT_FOUND",
    );
    use wire::ObjectiveTask::{Returned, ToReview, ToSubmit};
    let turns = [
        (filer("602002"), ToSubmit, 1),
        (filer("605002"), ToSubmit, 1),
        (filer("602002"), Returned, 0),
        (filer("605002"), Returned, 1),
        (reviewer("602"), ToReview, 0),
        (reviewer("605"), ToReview, 2),
        (unit_caller(Role::UnitHead, "605002"), ToReview, 1),
    ];
    for (who, task, expected) in turns {
        assert_eq!(waiting(&suite, who.clone(), task).await, expected, "{} {task:?}", who.subject);
    }
}

#[tokio::test]
async fn the_heir_goes_on_where_the_old_unit_stood() {
    let suite = start().await;
    a_unit_with_forms(&suite).await;
    for state in STATES {
        hand_over(&suite, &format!("p-602002-{}", id_of(state)), "605002", 2).await;
    }
    heard(&suite).await;
    let (mut old, mut unit) = (objectives(&suite, filer("602002")), objectives(&suite, filer("605002")));
    let pass = |id: &str| wire::PassObjectiveRequest { name: objective(id), ..Default::default() };
    expect_refusal(old.submit_objective(submitting("draft")).await, Code::NotFound, "NOT_FOUND");
    let submitted = unit.submit_objective(submitting("draft")).await.unwrap().into_inner();
    assert_eq!(submitted.unit, unit_name("605002"));
    let theirs = objectives(&suite, reviewer("602")).pass_objective(pass("draft")).await;
    expect_refusal(theirs, Code::NotFound, "NOT_FOUND");
    let passed = objectives(&suite, reviewer("605")).pass_objective(pass("draft")).await.unwrap();
    assert_eq!(passed.into_inner().department, unit_name("605"));
    let again = unit.submit_objective(submitting("returned")).await.unwrap().into_inner();
    assert_eq!((again.state(), again.submitted_version), (State::DepartmentReview, 2));
    let sign = wire::SignObjectiveRequest { name: objective("submitted"), ..Default::default() };
    objectives(&suite, unit_caller(Role::UnitHead, "605002")).sign_objective(sign).await.unwrap();
    let refuse = wire::RefuseAdjustmentRequest {
        name: objective("adjusting"),
        reason: "预算不变".to_owned(),
        ..Default::default()
    };
    objectives(&suite, officer()).refuse_adjustment(refuse).await.unwrap();
    // Each of these steps wrote its objective: none of them wrote the old unit back.
    for (id, owner, _) in owners(&mut suite.superuser().await).await {
        assert_eq!(owner, if id == "stays" { "602002" } else { "605002" }, "{id}");
    }
    let ask = wire::ListObjectiveVersionsRequest { parent: objective("returned"), ..Default::default() };
    let versions = unit.list_objective_versions(ask).await.unwrap().into_inner().versions;
    let submitters: Vec<&str> = versions.iter().map(|version| version.submitter.as_str()).collect();
    assert_eq!(submitters, [filer("602002").subject, filer("605002").subject], "who did what stays");
}

#[tokio::test]
async fn who_submitted_does_not_review_for_the_heir_either() {
    let suite = start().await;
    let moved = |who: Principal| Principal { subject: filer("602002").subject, ..who };
    bring_to(&suite, State::DepartmentReview).await;
    bring_to(&suite, State::FinanceReview).await;
    for id in ["department-review", "finance-review"] {
        hand_over(&suite, &format!("p-602002-{id}"), "605002", 2).await;
    }
    heard(&suite).await;
    let pass = wire::PassObjectiveRequest { name: objective("department-review"), ..Default::default() };
    let own = objectives(&suite, moved(reviewer("605"))).pass_objective(pass.clone()).await;
    expect_refusal(own, Code::PermissionDenied, "PERMISSION_DENIED");
    let own = grading("finance-review", Grade::Good, "");
    let own = objectives(&suite, moved(officer())).grade_objective(own).await;
    expect_refusal(own, Code::PermissionDenied, "PERMISSION_DENIED");
    let ask = wire::ListObjectiveActionsRequest { name: objective("department-review") };
    let answer = objectives(&suite, moved(reviewer("605"))).list_objective_actions(ask).await.unwrap();
    let may: Vec<_> = answer.into_inner().actions.into_iter().filter(|action| action.allowed).collect();
    assert!(may.is_empty(), "{may:?}");
    use wire::ObjectiveTask::ToReview;
    assert_eq!(waiting(&suite, moved(reviewer("605")), ToReview).await, 0);
    objectives(&suite, reviewer("605")).pass_objective(pass).await.unwrap();
}

fn creation_for(id: &str, subject: Subject) -> wire::CreateObjectiveRequest {
    let mut request = creation(id, "p-602002-1", 2020);
    if let Some(objective) = &mut request.objective {
        objective.subject = Some(subject);
    }
    request
}

#[tokio::test]
async fn policies_follow_their_executing_unit_and_departments_what_becomes_of_them() {
    let suite = start().await;
    let policy = Subject::Policy(format!("{DISTRICT}/policies/m-602002-1"));
    let whole = Subject::WholeDepartment(unit_name("602"));
    objectives(&suite, filer("602002")).create_objective(creation_for("m", policy)).await.unwrap();
    objectives(&suite, filer("602")).create_objective(creation_for("d", whole.clone())).await.unwrap();
    objectives(&suite, filer("602002")).create_objective(creation("p", "p-602002-1", 2020)).await.unwrap();
    let mut connection = suite.superuser().await;
    let mut now = async || {
        heard(&suite).await;
        let all = owners(&mut connection).await;
        all.into_iter().map(|(id, unit, _)| format!("{id} {unit}")).collect::<Vec<_>>()
    };
    end(&suite, "602", UnitState::Active, &["605"]).await;
    assert_eq!(now().await, ["d 602", "m 602002", "p 602002"], "decided for a day to come");
    // The branch goes to a school of another bureau; the department as a whole to the bureau above it.
    end(&suite, "602002", UnitState::Merged, &["605002"]).await;
    end(&suite, "602", UnitState::Merged, &["605002"]).await;
    hand_over_policy(&suite, "m-602002-1", "605002").await;
    assert_eq!(now().await, ["d 605", "m 605002", "p 602002"]);
    let twice = objectives(&suite, filer("605")).create_objective(creation_for("d2", whole.clone())).await;
    expect_refusal(twice, Code::AlreadyExists, "ALREADY_EXISTS");
    // Its heir ends as well, and what it had taken over goes along.
    end(&suite, "605", UnitState::Split, &["701", "101"]).await;
    assert_eq!(now().await, ["d 701", "m 605002", "p 602002"]);
    let get = wire::GetObjectiveRequest { name: objective("d") };
    let found = objectives(&suite, filer("701")).get_objective(get).await.unwrap().into_inner();
    assert_eq!(found.subject, Some(whole), "what it is about stays what it is about");
    assert_eq!(found.department, unit_name("701"));
}

#[tokio::test]
async fn whom_an_institution_has_helped_it_has_helped_whatever_became_of_them() {
    let suite = start().await;
    for (id, project) in [("o1", "p-602002-1"), ("o2", "p-605002-2")] {
        bring_to_finance(&suite, id, project, 2022).await;
    }
    hand_over(&suite, "p-602002-1", "605002", 2).await;
    end(&suite, "602002", UnitState::Merged, &["605002"]).await;
    heard(&suite).await;
    open_session(&suite, "s1", "review-2021", 2022).await;
    let mut bureau = sessions(&suite, officer());
    for id in ["o1", "o2"] {
        let given = bureau.assign_objectives(assigning("s1", &[id])).await;
        expect_refusal(given, Code::FailedPrecondition, "INSTITUTION_CONFLICT");
    }
    let ask =
        wire::DrawObjectivesRequest { name: format!("{DISTRICT}/reviewSessions/s1"), ..Default::default() };
    let drawn = bureau.draw_objectives(ask).await.unwrap().into_inner();
    assert_eq!((drawn.candidate_count, drawn.recused_count), (0, 2));
}
