//! Returns, remarks, signatures and batches, on a real Postgres, in the roles that would do it.

use crate::support::*;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::State;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

fn remark(field: &str, indicator: &str) -> wire::ReviewRemark {
    wire::ReviewRemark {
        field: field.to_owned(),
        indicator_id: indicator.to_owned(),
        severity: wire::RemarkSeverity::Error.into(),
        text: "目标值过低".to_owned(),
        proposal: "参照上年完成值1500".to_owned(),
        ..Default::default()
    }
}

fn returning(id: &str, remarks: Vec<wire::ReviewRemark>) -> wire::ReturnObjectiveRequest {
    wire::ReturnObjectiveRequest {
        name: objective(id),
        reason: "请按意见修改".to_owned(),
        remarks,
        ..Default::default()
    }
}

fn editing(id: &str, content: wire::ObjectiveContent) -> wire::UpdateObjectiveRequest {
    wire::UpdateObjectiveRequest {
        objective: Some(wire::Objective {
            name: objective(id),
            content: Some(content),
            ..Default::default()
        }),
        update_mask: mask(&["content"]),
        ..Default::default()
    }
}

/// The whole of a precise return: what is unlocked, what the unit answers, what differs, where it comes back.
#[tokio::test]
async fn a_return_names_its_places_and_comes_back_where_it_came_from() {
    let suite = start().await;
    let (mut unit, mut finance) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    let ask = returning("o1", vec![remark("indicators.target_value", "i2")]);
    let returned = finance.return_objective(ask).await.unwrap().into_inner();
    let open = returned.open_return.as_ref().unwrap();
    assert_eq!((open.resume_state(), open.all_unlocked), (State::FinanceReview, false));
    assert_eq!(open.returner, officer().subject);
    assert_eq!(open.unlocked_places[0].indicator_id, "i2");
    let told = &returned.open_remarks[0];
    assert_eq!(
        (told.desk(), told.round, told.author.as_str()),
        (wire::ReviewDesk::Finance, 1, officer().subject.as_str())
    );

    let mut form = content("完成校舍修缮");
    form.indicators[0].weight = number("45");
    form.annual_goal = "换了一个目标".to_owned();
    let refused = unit.update_objective(editing("o1", form)).await;
    let places = ["objective.content.annual_goal", "objective.content.indicators[i1].weight"];
    expect_violations(refused, "OBJECTIVE_FIELD_LOCKED", &places);
    let mut form = content("完成校舍修缮");
    form.indicators[1].title = "受益学生人数".to_owned();
    form.indicators[1].measure_unit = "人".to_owned();
    unit.update_objective(editing("o1", form)).await.unwrap();
    let answers = vec![wire::RemarkAnswer {
        remark_id: told.remark_id.clone(),
        answer: "已改为受益学生人数".to_owned(),
    }];
    let answer = wire::AnswerRemarksRequest { name: objective("o1"), answers, ..Default::default() };
    let answered = unit.answer_remarks(answer).await.unwrap().into_inner();
    assert_eq!(answered.open_remarks[0].answer, "已改为受益学生人数");

    let since =
        wire::CompareObjectiveVersionsRequest { name: objective("o1"), base_number: 1, other_number: 0 };
    let changes = unit.compare_objective_versions(since).await.unwrap().into_inner().changes;
    let seen: Vec<_> =
        changes.iter().map(|c| (c.field.as_str(), c.old_value.as_str(), c.new_value.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("indicators.title", "消除隐患校舍面积", "受益学生人数"),
            ("indicators.measure_unit", "平方米", "人")
        ]
    );
    let again = unit.submit_objective(submitting("o1")).await.unwrap().into_inner();
    assert_eq!((again.state(), again.submitted_version), (State::FinanceReview, 2));

    let mine = wire::ListObjectivesRequest {
        parent: DISTRICT.to_owned(),
        returned_by_me: true,
        ..Default::default()
    };
    assert_eq!(finance.list_objectives(mine.clone()).await.unwrap().into_inner().objectives.len(), 1);
    expect_refusal(
        finance.grade_objective(grading("o1", Grade::Excellent, "")).await,
        Code::FailedPrecondition,
        "REMARKS_OPEN",
    );
    let settle = wire::ResolveRemarksRequest {
        name: objective("o1"),
        remark_ids: vec![told.remark_id.clone()],
        reason: "已修改到位".to_owned(),
        ..Default::default()
    };
    finance.resolve_remarks(settle.clone()).await.unwrap();
    expect_violations(finance.resolve_remarks(settle).await, "INVALID_REQUEST", &["remark_ids"]);
    let approved = finance.grade_objective(grading("o1", Grade::Excellent, "")).await.unwrap().into_inner();
    assert_eq!((approved.state(), approved.open_return), (State::Approved, None));
    assert!(finance.list_objectives(mine).await.unwrap().into_inner().objectives.is_empty());
}

/// A place that the form does not have would lock all of it: the reviewer is told.
#[tokio::test]
async fn a_remark_names_a_place_of_the_form() {
    let suite = start().await;
    let mut finance = objectives(&suite, officer());
    bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    let strange = || {
        let all =
            [("annual_gaol", ""), ("indicators.weight", "i9"), ("annual_goal", "i1"), ("annual_goal", "")];
        all.map(|(field, row)| remark(field, row)).to_vec()
    };
    let wrong = ["[0].field", "[1].indicator_id", "[2].field"];
    let named = wrong.map(|place| format!("remarks{place}"));
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let refused = finance.return_objective(returning("o1", strange())).await;
    expect_violations(refused, "INVALID_REQUEST", &named);
    let ask = wire::GradeObjectiveRequest { remarks: strange(), ..grading("o1", Grade::Good, "") };
    expect_violations(finance.grade_objective(ask).await, "INVALID_REQUEST", &named);
    open_session(&suite, "s1", "review-2019", 2020).await;
    let given = sessions(&suite, officer()).assign_objectives(assigning("s1", &["o1"])).await.unwrap();
    let mut say = opinion(&given.into_inner().assignments[0].name, ["15", "20", "22", "15"]);
    say.review_opinion.as_mut().unwrap().problems = strange();
    let named = wrong.map(|place| format!("review_opinion.problems{place}"));
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let refused = sessions(&suite, institution("i1")).create_review_opinion(say).await;
    expect_violations(refused, "INVALID_REQUEST", &named);

    let mut unit = objectives(&suite, filer("602002"));
    unit.create_objective(creation("o2", "p-602002-2", 2020)).await.unwrap();
    unit.submit_objective(submitting("o2")).await.unwrap();
    let pass = wire::PassObjectiveRequest {
        name: objective("o2"),
        remarks: vec![remark("annual_gaol", "")],
        ..Default::default()
    };
    let refused = objectives(&suite, reviewer("602")).pass_objective(pass).await;
    expect_violations(refused, "INVALID_REQUEST", &["remarks[0].field"]);
}

#[tokio::test]
async fn a_reviewer_adopts_what_the_session_found() {
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    open_session(&suite, "s1", "review-2019", 2020).await;
    let given =
        sessions(&suite, officer()).assign_objectives(assigning("s1", &["o1"])).await.unwrap().into_inner();
    let say = opinion(&given.assignments[0].name, ["15", "20", "22", "15"]);
    sessions(&suite, institution("i1")).create_review_opinion(say).await.unwrap();
    let ask =
        wire::GradeObjectiveRequest { adopt_opinions: true, ..grading("o1", Grade::Fair, "指标未量化") };
    let returned = objectives(&suite, officer()).grade_objective(ask).await.unwrap().into_inner();
    let adopted = &returned.open_remarks[0];
    assert_eq!((adopted.text.as_str(), adopted.indicator_id.as_str()), ("指标未量化", "i2"));
    assert!(returned.open_return.unwrap().all_unlocked, "中 is revised as a whole");
}

#[tokio::test]
async fn the_head_of_the_unit_signs_where_the_rules_ask_for_it() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    let mut head = objectives(&suite, unit_caller(Role::UnitHead, "602002"));
    unit.create_objective(creation("o1", "p-602002-1", 2023)).await.unwrap();
    let submitted = unit.submit_objective(submitting("o1")).await.unwrap().into_inner();
    assert_eq!(submitted.state(), State::Submitted);
    let sign = |id: &str| wire::SignObjectiveRequest {
        name: objective(id),
        opinion: "同意报送".to_owned(),
        ..Default::default()
    };
    expect_refusal(unit.sign_objective(sign("o1")).await, Code::PermissionDenied, "PERMISSION_DENIED");
    let elsewhere =
        objectives(&suite, unit_caller(Role::UnitHead, "602001")).sign_objective(sign("o1")).await;
    expect_refusal(elsewhere, Code::NotFound, "NOT_FOUND");
    let signed = head.sign_objective(sign("o1")).await.unwrap().into_inner();
    assert_eq!(signed.state(), State::DepartmentReview);
    expect_refusal(head.sign_objective(sign("o1")).await, Code::FailedPrecondition, "STATE_NOT_ALLOWED");
    // Many at once, each with its own result.
    unit.create_objective(creation("o2", "p-602002-2", 2023)).await.unwrap();
    unit.submit_objective(submitting("o2")).await.unwrap();
    let batch = wire::BatchSignObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: vec![sign("o1"), sign("o2")],
        ..Default::default()
    };
    expect_refusal(
        unit.batch_sign_objectives(batch.clone()).await,
        Code::PermissionDenied,
        "PERMISSION_DENIED",
    );
    let done = head.batch_sign_objectives(batch).await.unwrap().into_inner().results;
    assert_eq!(done[0].error.as_ref().unwrap().code, i32::from(Code::FailedPrecondition));
    assert_eq!(done[1].objective.as_ref().unwrap().state(), State::DepartmentReview);
}

#[tokio::test]
async fn a_batch_does_what_it_can_for_each_and_only_what_the_caller_may() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    for id in ["o1", "o2"] {
        unit.create_objective(creation(id, &format!("p-602002-{id}"), 2020)).await.unwrap();
    }
    let mut elsewhere = objectives(&suite, filer("701"));
    elsewhere.create_objective(creation("o3", "p-701-1", 2020)).await.unwrap();
    let batch = wire::BatchSubmitObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: ["o1", "o2", "o3", "o1", "o9"].map(submitting).to_vec(),
        request_id: "b1".to_owned(),
    };
    let done = unit.batch_submit_objectives(batch.clone()).await.unwrap().into_inner();
    let codes = |results: &[wire::ObjectiveResult]| -> Vec<i32> {
        results.iter().map(|result| result.error.as_ref().map_or(0, |error| error.code)).collect()
    };
    let expected =
        [Code::Ok, Code::Ok, Code::NotFound, Code::FailedPrecondition, Code::NotFound].map(i32::from);
    assert_eq!(codes(&done.results), expected, "another unit's form does not exist for this one");
    assert_eq!(unit.batch_submit_objectives(batch).await.unwrap().into_inner(), done);

    let pass = |id: &str| wire::PassObjectiveRequest { name: objective(id), ..Default::default() };
    let batch = wire::BatchPassObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: vec![pass("o1"), pass("o2")],
        ..Default::default()
    };
    let stranger = objectives(&suite, reviewer("701")).batch_pass_objectives(batch.clone()).await.unwrap();
    assert_eq!(codes(&stranger.into_inner().results), [Code::NotFound, Code::NotFound].map(i32::from));
    let passed = objectives(&suite, reviewer("602")).batch_pass_objectives(batch).await.unwrap().into_inner();
    assert_eq!(codes(&passed.results), [0, 0]);

    let mut finance = objectives(&suite, officer());
    let batch = wire::BatchReturnObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: vec![returning("o1", vec![remark("annual_goal", "")])],
        ..Default::default()
    };
    let returned = finance.batch_return_objectives(batch).await.unwrap().into_inner();
    assert_eq!(returned.results[0].objective.as_ref().unwrap().state(), State::Returned);
    let batch = wire::BatchGradeObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: vec![grading("o1", Grade::Good, ""), grading("o2", Grade::Good, "")],
        ..Default::default()
    };
    let graded = finance.batch_grade_objectives(batch).await.unwrap().into_inner();
    assert_eq!(codes(&graded.results), [Code::FailedPrecondition, Code::Ok].map(i32::from));
    assert_eq!(graded.results[1].objective.as_ref().unwrap().state(), State::Consultation);
}

#[tokio::test]
async fn two_reviewers_reconcile_where_they_differ() {
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    let mut bureau = sessions(&suite, officer());
    let request = opening("s2", "review-2019", 2020, 2);
    let session = bureau.create_review_session(request).await.unwrap().into_inner();
    assert_eq!(session.reviewer_count, 2);
    let given = bureau.assign_objectives(assigning("s2", &["o1"])).await.unwrap().into_inner();
    let assignment = &given.assignments[0].name;
    let person = |subject: &str| {
        let principal =
            wenxiao_platform::identity::Principal { subject: subject.to_owned(), ..institution("i1") };
        sessions(&suite, principal)
    };
    let (mut first, mut second) = (person("reviewer-1"), person("reviewer-2"));
    let reconciled = |scores| {
        let mut request = opinion(assignment, scores);
        if let Some(opinion) = &mut request.review_opinion {
            opinion.kind = wire::OpinionKind::Reconciled.into();
        }
        request
    };
    first.create_review_opinion(opinion(assignment, ["18", "27", "27", "18"])).await.unwrap();
    let early = first.create_review_opinion(reconciled(["18", "27", "27", "18"])).await;
    expect_refusal(early, Code::FailedPrecondition, "REVIEW_INCOMPLETE");
    let get = || wire::GetReviewAssignmentRequest { name: assignment.clone() };
    let alone = bureau.get_review_assignment(get()).await.unwrap().into_inner();
    assert_eq!(alone.recommended_grade(), Grade::Unspecified, "one of two does not recommend");
    second.create_review_opinion(opinion(assignment, ["15", "20", "22", "15"])).await.unwrap();
    let close = wire::CloseReviewSessionRequest {
        name: session.name.clone(),
        conclusion: "会审结束".to_owned(),
        ..Default::default()
    };
    let unreconciled = first.close_review_session(close.clone()).await;
    expect_refusal(unreconciled, Code::FailedPrecondition, "REVIEW_INCOMPLETE");
    second.create_review_opinion(reconciled(["16", "25", "25", "16"])).await.unwrap();
    let settled = bureau.get_review_assignment(get()).await.unwrap().into_inner();
    assert_eq!(settled.recommended_grade(), Grade::Good);
    first.close_review_session(close).await.unwrap();
}

#[tokio::test]
async fn a_draw_can_be_repeated_and_leaves_out_who_must_not_be_reviewed() {
    let suite = start().await;
    for (id, project) in [("o1", "p-602002-1"), ("o2", "p-701-2"), ("o3", "p-701-3"), ("o4", "g-701-4")] {
        bring_to_finance(&suite, id, project, 2022).await;
    }
    open_session(&suite, "s1", "review-2021", 2022).await;
    let ask = |count, seed| wire::DrawObjectivesRequest {
        name: format!("{DISTRICT}/reviewSessions/s1"),
        draw_count: count,
        seed,
        budget_account: wenxiao_contract::wenxiao::common::v1::BudgetAccount::GeneralPublic.into(),
        ..Default::default()
    };
    let mut bureau = sessions(&suite, officer());
    let drawn = bureau.draw_objectives(ask(1, 7)).await.unwrap().into_inner();
    assert_eq!((drawn.seed, drawn.candidate_count, drawn.recused_count), (7, 2, 1), "602 was helped by i1");
    assert_eq!(drawn.assignments[0].basis(), wire::AssignmentBasis::Drawn);
    // By hand: `printf 7:o3 | sha256sum` begins with 4b0b, `printf 7:o2 | sha256sum` with fcac.
    assert_eq!(drawn.assignments[0].objective, objective("o3"));
    let rest = bureau.draw_objectives(ask(0, 0)).await.unwrap().into_inner();
    assert_eq!((rest.assignments.len(), rest.candidate_count), (1, 1), "what is drawn is not drawn again");
    assert!(rest.seed > 0);
    let none = bureau.draw_objectives(ask(5, 0)).await.unwrap().into_inner();
    assert_eq!((none.assignments.len(), none.candidate_count), (0, 0));
}

#[tokio::test]
async fn a_rule_takes_what_it_fits_and_nothing_else() {
    let suite = start().await;
    for (id, project, amount) in
        [("o1", "p-602002-1", 850_000), ("o2", "p-701-2", 2_000_000), ("o3", "p-701-3", 1_999_999)]
    {
        let unit = project.split('-').nth(1).unwrap();
        let mut request = creation(id, project, 2020);
        let form = request.objective.as_mut().unwrap().content.as_mut().unwrap();
        form.annual_funding = Some(wire::AnnualFunding { total_amount: yuan(amount), ..Default::default() });
        objectives(&suite, filer(unit)).create_objective(request).await.unwrap();
        submit_and_pass(&suite, id, unit).await;
    }
    open_session(&suite, "s1", "review-2019", 2020).await;
    let ask = |minimum: i64, departments: &[&str]| wire::DrawObjectivesRequest {
        name: format!("{DISTRICT}/reviewSessions/s1"),
        minimum_amount: yuan(minimum),
        departments: departments.iter().map(|code| format!("{DISTRICT}/units/{code}")).collect(),
        ..Default::default()
    };
    let mut bureau = sessions(&suite, officer());
    let mut taken = Vec::new();
    for rule in [ask(2_000_000, &["602"]), ask(2_000_000, &["602", "701"]), ask(0, &["602"]), ask(0, &[])] {
        let drawn = bureau.draw_objectives(rule).await.unwrap().into_inner().assignments;
        taken.push(drawn.into_iter().map(|one| one.objective).collect::<Vec<_>>());
    }
    let expected = [vec![], vec![objective("o2")], vec![objective("o1")], vec![objective("o3")]];
    assert_eq!(taken, expected);
}
