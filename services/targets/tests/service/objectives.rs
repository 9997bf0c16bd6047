//! Forms from draft to ratification, on a real Postgres, in the roles that would do it.

use crate::support::*;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade, SecrecyLevel};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::{State, Subject};
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::caller;

/// The main path of a form that is not good enough at first: opinions, return, second version, ratification.
#[tokio::test]
async fn a_form_is_returned_improved_and_ratified() {
    let suite = start().await;
    let (mut unit, mut finance) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    let in_review = bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    assert_eq!((in_review.state(), in_review.submitted_version), (State::FinanceReview, 1));
    assert_eq!(in_review.unit, format!("{DISTRICT}/units/602002"));
    assert_eq!(in_review.department, format!("{DISTRICT}/units/602"));
    assert_eq!(in_review.budget_account(), BudgetAccount::GeneralPublic);

    let session = open_session(&suite, "s1", "review-2019", 2020).await;
    assert_eq!((session.work_year, session.items.len()), (2019, 4));
    let mut bureau = sessions(&suite, officer());
    let assigned = bureau.assign_objectives(assigning("s1", &["o1"])).await.unwrap().into_inner().assignments;
    let mut reviewers = sessions(&suite, institution("i1"));
    let given = reviewers.create_review_opinion(opinion(&assigned[0].name, ["15", "20", "22", "15"])).await;
    let given = given.unwrap().into_inner();
    assert_eq!((given.total_score, given.grade), (number("72"), Grade::Fair.into()));
    assert_eq!(given.explanation.unwrap().steps.len(), 6);

    expect_refusal(
        finance.grade_objective(grading("o1", Grade::Good, "")).await,
        Code::InvalidArgument,
        "DECISION_REASON_MISSING",
    );
    let returned = finance
        .grade_objective(grading("o1", Grade::Fair, "指标未量化，退回修改"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((returned.state(), returned.return_count), (State::Returned, 1));

    let improved = wire::UpdateObjectiveRequest {
        objective: Some(wire::Objective {
            name: objective("o1"),
            content: Some(content("完成三所学校校舍修缮，受益学生1200人")),
            ..Default::default()
        }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["content".to_owned()] }),
        etag: returned.etag.clone(),
        ..Default::default()
    };
    unit.update_objective(improved.clone()).await.unwrap();
    expect_refusal(unit.update_objective(improved).await, Code::Aborted, "ETAG_MISMATCH");
    // The old assignment takes no opinion any more: its text is not the one that stands.
    let again = submit_and_pass(&suite, "o1", "602002").await;
    assert_eq!(again.submitted_version, 2);
    let stale = reviewers.create_review_opinion(opinion(&assigned[0].name, ["20", "30", "30", "20"])).await;
    expect_refusal(stale, Code::FailedPrecondition, "OPINION_VERSION_STALE");

    let second = bureau.assign_objectives(assigning("s1", &["o1"])).await.unwrap().into_inner().assignments;
    assert!(second[0].name.ends_with("/o1-v2"));
    reviewers.create_review_opinion(opinion(&second[0].name, ["18", "27", "27", "18"])).await.unwrap();
    let approved = finance.grade_objective(grading("o1", Grade::Excellent, "")).await.unwrap().into_inner();
    assert_eq!(approved.state(), State::Approved);
    let ratified = finance.ratify_objective(ratification("o1", 850_000)).await.unwrap().into_inner();
    assert_eq!(
        (ratified.state(), ratified.ratified_version, ratified.ratified_amount),
        (State::Ratified, 2, yuan(850_000))
    );

    let ask = wire::ListObjectiveVersionsRequest { parent: objective("o1"), ..Default::default() };
    let versions = unit.list_objective_versions(ask).await.unwrap().into_inner().versions;
    assert_eq!(versions.len(), 2, "the returned version is kept");
    assert_ne!(versions[0].content_hash, versions[1].content_hash);
    assert_eq!(
        versions[0].content_hash, given.content_hash,
        "an opinion belongs to the text that it was given on"
    );
    let kinds =
        |version: &wire::ObjectiveVersion| version.decisions.iter().map(|d| d.kind()).collect::<Vec<_>>();
    use wire::DecisionKind::{DepartmentPassed, Graded, Ratified};
    assert_eq!(kinds(&versions[0]), [DepartmentPassed, Graded]);
    assert_eq!(kinds(&versions[1]), [DepartmentPassed, Graded, Ratified]);
    let graded = &versions[0].decisions[1];
    assert_eq!((graded.recommended_grade(), graded.grade()), (Grade::Fair, Grade::Fair));
}

#[tokio::test]
async fn a_form_with_faults_is_not_submitted_and_says_which() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    let mut request = creation("o1", "p-602002-1", 2020);
    let form = request.objective.as_mut().unwrap().content.as_mut().unwrap();
    form.indicators[0].weight = number("49.5");
    form.indicators[1].target_value =
        Some(wire::TargetValue { printed: "*".to_owned(), ..Default::default() });
    form.indicators[2].target_value =
        Some(wire::TargetValue { printed: "≥95%".to_owned(), ..Default::default() });
    form.indicators[2].measure_unit = String::new();
    form.indicators[2].operator = 0;
    let created = unit.create_objective(request.clone()).await.unwrap().into_inner();
    let read = &created.content.as_ref().unwrap().indicators[2];
    assert_eq!(read.measure_unit, "%", "value, sign and unit come from the wording");
    let ask = wire::PrecheckObjectiveRequest { name: objective("o1"), ..Default::default() };
    let remarks = unit.precheck_objective(ask).await.unwrap().into_inner();
    let rules: Vec<_> = remarks.remarks.iter().map(|remark| remark.rule.as_str()).collect();
    assert_eq!((rules, remarks.submittable), (vec!["value.missing", "weights.sum"], false));
    let submit = wire::SubmitObjectiveRequest { name: objective("o1"), ..Default::default() };
    let refused = unit.submit_objective(submit).await;
    let places = ["objective.content.indicators[i2].target_value", "objective.content.indicators.weight"];
    let status = expect_violations(refused, "OBJECTIVE_FORM_INVALID", &places);
    assert_eq!(status.code(), Code::FailedPrecondition);
    let said = &violations(&status)[1].description;
    assert_eq!(said, "权重合计89.5，应为90 (the weights do not add up to the total)");
    request.objective_id = "o2".to_owned();
    expect_refusal(unit.create_objective(request).await, Code::AlreadyExists, "ALREADY_EXISTS");
    let nowhere = unit.create_objective(creation("o3", "p-999999-1", 2020)).await;
    expect_refusal(nowhere, Code::FailedPrecondition, "REFERENCE_NOT_FOUND");
}

#[tokio::test]
async fn nobody_reviews_their_own_form() {
    let suite = start().await;
    let both = Principal { roles: vec![Role::UnitFiler, Role::DepartmentReviewer], ..filer("602") };
    let mut one = objectives(&suite, both);
    one.create_objective(creation("o1", "p-602001-1", 2020)).await.unwrap();
    let submit = wire::SubmitObjectiveRequest { name: objective("o1"), ..Default::default() };
    one.submit_objective(submit).await.unwrap();
    let pass = wire::PassObjectiveRequest { name: objective("o1"), ..Default::default() };
    assert_eq!(one.pass_objective(pass.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    assert!(objectives(&suite, reviewer("602")).pass_objective(pass).await.is_ok());
}

#[tokio::test]
async fn of_two_officers_one_decides() {
    let suite = start().await;
    let etag = bring_to_finance(&suite, "o1", "p-602002-1", 2020).await.etag;
    let decision =
        |grade| wire::GradeObjectiveRequest { etag: etag.clone(), ..grading("o1", grade, "意见") };
    let (mut one, mut two) = (objectives(&suite, officer()), objectives(&suite, caller(Role::FinanceHead)));
    let (one, two) = tokio::join!(
        one.grade_objective(decision(Grade::Excellent)),
        two.grade_objective(decision(Grade::Poor))
    );
    let codes = [one, two].map(|answer| answer.map_or_else(|status| status.code(), |_| Code::Ok));
    assert!(codes.contains(&Code::Ok) && codes.contains(&Code::Aborted), "{codes:?}");
}

#[tokio::test]
async fn a_batch_ratifies_what_it_can_and_acts_once() {
    let suite = start().await;
    let mut finance = objectives(&suite, officer());
    for id in ["o1", "o2"] {
        bring_to_finance(&suite, id, &format!("p-602002-{id}"), 2020).await;
    }
    finance.grade_objective(grading("o1", Grade::Excellent, "")).await.unwrap();
    let batch = wire::BatchRatifyObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: vec![
            ratification("o1", 100),
            ratification("o2", 200),
            ratification("o9", 300),
            ratification("o1", 100),
        ],
        request_id: "batch-1".to_owned(),
    };
    let first = finance.batch_ratify_objectives(batch.clone()).await.unwrap().into_inner();
    let codes: Vec<i32> =
        first.results.iter().map(|result| result.error.as_ref().map_or(0, |error| error.code)).collect();
    assert_eq!(
        codes,
        [Code::Ok, Code::FailedPrecondition, Code::NotFound, Code::FailedPrecondition].map(i32::from)
    );
    assert!(!first.results[1].error.as_ref().unwrap().details.is_empty(), "each refusal keeps its reason");
    let second = finance.batch_ratify_objectives(batch).await.unwrap().into_inner();
    assert_eq!(first, second, "the same request gets the same answer");
}

#[tokio::test]
async fn an_update_needs_only_what_it_changes() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    unit.create_objective(creation("o1", "p-602002-1", 2020)).await.unwrap();
    let update = |objective: wire::Objective, paths: &[&str]| wire::UpdateObjectiveRequest {
        objective: Some(wire::Objective { name: self::objective("o1"), ..objective }),
        update_mask: mask(paths),
        ..Default::default()
    };
    let secret = wire::Objective { secrecy: SecrecyLevel::Internal.into(), ..Default::default() };
    let told = unit.update_objective(update(secret.clone(), &["secrecy"])).await.unwrap().into_inner();
    assert_eq!((told.secrecy(), told.fiscal_year), (SecrecyLevel::Internal, 2020));
    assert_eq!(told.content.unwrap().annual_goal, "完成校舍修缮");
    let better = wire::Objective { content: Some(content("完成三所学校修缮")), ..Default::default() };
    let told = unit.update_objective(update(better, &["content"])).await.unwrap().into_inner();
    assert_eq!(told.content.as_ref().unwrap().annual_goal, "完成三所学校修缮");
    assert_eq!(told.secrecy(), SecrecyLevel::Internal, "what the mask does not name stays");
    let told = unit.update_objective(update(secret, &[])).await.unwrap().into_inner();
    assert!(told.content.is_some(), "without a mask an update means what is set");
    let emptied = unit.update_objective(update(wire::Objective::default(), &["content"])).await;
    expect_violations(emptied, "INVALID_REQUEST", &["objective.content"]);
}

#[tokio::test]
async fn a_new_form_says_all_that_it_lacks() {
    let suite = start().await;
    let mut request = creation("o1", "p-602002-1", 0);
    request.objective.as_mut().unwrap().content = None;
    let refused = objectives(&suite, filer("602002")).create_objective(request).await;
    expect_violations(refused, "INVALID_REQUEST", &["objective.fiscal_year", "objective.content"]);
}

#[tokio::test]
async fn a_form_is_never_less_secret_than_its_project() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    let created = unit.create_objective(creation("o1", "c-602002-1", 2020)).await.unwrap().into_inner();
    assert_eq!(created.secrecy(), SecrecyLevel::Classified);
    let open = wire::UpdateObjectiveRequest {
        objective: Some(wire::Objective {
            name: created.name,
            secrecy: SecrecyLevel::None.into(),
            ..Default::default()
        }),
        update_mask: mask(&["secrecy"]),
        ..Default::default()
    };
    let told = unit.update_objective(open).await.unwrap().into_inner();
    assert_eq!(told.secrecy(), SecrecyLevel::Classified);
}

/// Two clicks at the same time are one submission: with a request id both get its answer, without one the second is told
/// that it is done.
#[tokio::test]
async fn a_double_click_submits_once() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    for (id, request_id) in [("o1", "click-1"), ("o2", "")] {
        unit.create_objective(creation(id, &format!("p-602002-{id}"), 2020)).await.unwrap();
        let submit = || wire::SubmitObjectiveRequest {
            name: objective(id),
            request_id: request_id.to_owned(),
            ..Default::default()
        };
        let (mut one, mut two) = (objectives(&suite, filer("602002")), objectives(&suite, filer("602002")));
        let (one, two) = tokio::join!(one.submit_objective(submit()), two.submit_objective(submit()));
        if request_id.is_empty() {
            let refused = [one, two].into_iter().find_map(Result::err).expect("one of the two is refused");
            assert_eq!(reason(&refused), (Code::FailedPrecondition, "STATE_NOT_ALLOWED".to_owned()));
        } else {
            assert_eq!(one.unwrap().into_inner(), two.unwrap().into_inner());
        }
        let ask = wire::ListObjectiveVersionsRequest { parent: objective(id), ..Default::default() };
        let versions = unit.list_objective_versions(ask).await.unwrap().into_inner().versions;
        assert_eq!(versions.len(), 1, "{id} was submitted once");
    }
    // The form of a subject, year and kind is there once, however often somebody clicks.
    let again = unit.create_objective(creation("", "p-602002-o1", 2020)).await;
    expect_refusal(again, Code::AlreadyExists, "ALREADY_EXISTS");
}

/// What a policy and a whole department promise goes the same way as a project's form, to ratification and adjustment.
#[tokio::test]
async fn policies_and_departments_go_the_same_way() {
    let suite = start().await;
    let mut finance = objectives(&suite, officer());
    let subjects = [
        ("policy", "602002", Subject::Policy(format!("{DISTRICT}/policies/m-602002-1"))),
        ("whole", "602", Subject::WholeDepartment(format!("{DISTRICT}/units/602"))),
    ];
    for (id, unit, subject) in subjects {
        let mut request = creation(id, "", 2020);
        let new = request.objective.as_mut().unwrap();
        new.subject = Some(subject.clone());
        let form = new.content.as_mut().unwrap();
        form.department_profile = (id == "whole").then(|| wire::DepartmentProfile {
            functions: "主管全区教育工作".to_owned(),
            total_budget: yuan(1_000_000),
            ..Default::default()
        });
        let form = form.clone();
        let created = objectives(&suite, filer(unit)).create_objective(request).await.unwrap().into_inner();
        assert_eq!((created.budget_account(), created.subject), (BudgetAccount::Unspecified, Some(subject)));
        submit_and_pass(&suite, id, unit).await;
        finance.grade_objective(grading(id, Grade::Excellent, "")).await.unwrap();
        let ratified = finance.ratify_objective(ratification(id, 850_000)).await.unwrap().into_inner();
        assert_eq!((ratified.state(), ratified.ratified_version), (State::Ratified, 1));
        let change = wire::ProposeAdjustmentRequest {
            name: objective(id),
            adjustment_reason: wire::AdjustmentReason::ObjectiveCause.into(),
            reason: "政策调整".to_owned(),
            content: Some(wire::ObjectiveContent {
                annual_goal: "完成两所学校校舍修缮".to_owned(), ..form
            }),
            ..Default::default()
        };
        objectives(&suite, filer(unit)).propose_adjustment(change).await.unwrap();
        let approve = wire::ApproveAdjustmentRequest { name: objective(id), ..Default::default() };
        let adjusted = finance.approve_adjustment(approve).await.unwrap().into_inner();
        assert_eq!((adjusted.ratified_version, adjusted.ratified_amount), (2, yuan(850_000)));
    }
}
