//! Targets on a real Postgres, called in the roles that would do it.

mod support;

use std::time::Duration;

use support::*;
use tonic::Code;
use wenxiao_contract::google::r#type::Money;
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade};
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{self as registry, BudgetEntryKind};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::State;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller};

fn expect_refusal<T: std::fmt::Debug>(
    answer: Result<tonic::Response<T>, tonic::Status>,
    code: Code,
    why: &str,
) {
    assert_eq!(reason(&answer.expect_err("refused")), (code, why.to_owned()));
}

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
            fiscal_year: 2020,
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
    let ask = wire::PrecheckObjectiveRequest { name: objective("o1") };
    let remarks = unit.precheck_objective(ask).await.unwrap().into_inner();
    let rules: Vec<_> = remarks.remarks.iter().map(|remark| remark.rule.as_str()).collect();
    assert_eq!((rules, remarks.submittable), (vec!["value.missing", "weights.sum"], false));
    let submit = wire::SubmitObjectiveRequest { name: objective("o1"), ..Default::default() };
    expect_refusal(unit.submit_objective(submit).await, Code::FailedPrecondition, "OBJECTIVE_FORM_INVALID");
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
async fn an_institution_sees_what_it_was_given_and_nothing_else() {
    let suite = start().await;
    for id in ["o1", "o2"] {
        bring_to_finance(&suite, id, &format!("p-602002-{id}"), 2020).await;
    }
    open_session(&suite, "s1", "review-2019", 2020).await;
    sessions(&suite, officer()).assign_objectives(assigning("s1", &["o1"])).await.unwrap();
    let mut guest = objectives(&suite, institution("i1"));
    let list = wire::ListObjectivesRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let seen = guest.list_objectives(list.clone()).await.unwrap().into_inner().objectives;
    assert_eq!(seen.iter().map(|o| o.name.clone()).collect::<Vec<_>>(), [objective("o1")]);
    let get = |id: &str| wire::GetObjectiveRequest { name: objective(id) };
    assert!(guest.get_objective(get("o1")).await.is_ok());
    assert_eq!(guest.get_objective(get("o2")).await.unwrap_err().code(), Code::NotFound);
    let mut stranger = objectives(&suite, institution("i2"));
    assert_eq!(stranger.get_objective(get("o1")).await.unwrap_err().code(), Code::NotFound);
    assert!(stranger.list_objectives(list.clone()).await.unwrap().into_inner().objectives.is_empty());
    let name = format!("{DISTRICT}/reviewSessions/s1");
    let session = wire::GetReviewSessionRequest { name };
    assert!(sessions(&suite, institution("i2")).get_review_session(session).await.is_err());
    // A unit sees its own forms, its department those of all its units, page by page.
    assert!(
        objectives(&suite, filer("602001"))
            .list_objectives(list.clone())
            .await
            .unwrap()
            .into_inner()
            .objectives
            .is_empty()
    );
    let page = wire::ListObjectivesRequest { page_size: 1, ..list };
    let mut department = objectives(&suite, reviewer("602"));
    let first = department.list_objectives(page.clone()).await.unwrap().into_inner();
    let next = wire::ListObjectivesRequest { page_token: first.next_page_token, ..page };
    let second = department.list_objectives(next).await.unwrap().into_inner();
    assert_eq!((second.objectives[0].name.clone(), second.next_page_token), (objective("o2"), String::new()));
}

#[tokio::test]
async fn who_helped_a_bureau_does_not_review_its_forms() {
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-1", 2022).await;
    bring_to_finance(&suite, "o2", "p-701-1", 2022).await;
    let mut bureau = sessions(&suite, officer());
    open_session(&suite, "s1", "review-2021", 2022).await;
    expect_refusal(
        bureau.assign_objectives(assigning("s1", &["o1"])).await,
        Code::FailedPrecondition,
        "INSTITUTION_CONFLICT",
    );
    assert!(bureau.assign_objectives(assigning("s1", &["o2"])).await.is_ok());
    expect_refusal(
        bureau.assign_objectives(assigning("s1", &["o2"])).await,
        Code::AlreadyExists,
        "ALREADY_EXISTS",
    );
}

#[tokio::test]
async fn a_session_sums_up_its_problems_and_closes_when_all_is_said() {
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    bring_to_finance(&suite, "o2", "p-701-1", 2020).await;
    open_session(&suite, "s1", "review-2019", 2020).await;
    let name = format!("{DISTRICT}/reviewSessions/s1");
    let given = sessions(&suite, officer())
        .assign_objectives(assigning("s1", &["o1", "o2"]))
        .await
        .unwrap()
        .into_inner();
    let mut institution = sessions(&suite, institution("i1"));
    let say = |n: usize, scores| opinion(&given.assignments[n].name, scores);
    let mut short = say(0, ["20", "30", "30", "20"]);
    short.review_opinion.as_mut().unwrap().items[0].score = number("20.01");
    expect_refusal(institution.create_review_opinion(short).await, Code::InvalidArgument, "INVALID_REQUEST");
    institution.create_review_opinion(say(0, ["20", "30", "30", "20"])).await.unwrap();
    // A second thought supersedes the first, and both stay.
    institution.create_review_opinion(say(0, ["10", "10", "10", "10"])).await.unwrap();
    let close = wire::CloseReviewSessionRequest {
        name: name.clone(),
        conclusion: "会审结束".to_owned(),
        ..Default::default()
    };
    expect_refusal(
        institution.close_review_session(close.clone()).await,
        Code::FailedPrecondition,
        "REVIEW_INCOMPLETE",
    );
    institution.create_review_opinion(say(1, ["20", "30", "30", "20"])).await.unwrap();
    let ask = wire::SummarizeReviewSessionRequest { name: name.clone() };
    let summary = institution.summarize_review_session(ask).await.unwrap().into_inner();
    assert_eq!((summary.assignment_count, summary.reviewed_count, summary.problem_count), (2, 2, 2));
    let deficient: i32 = summary.units.iter().map(|unit| unit.deficient_count).sum();
    assert_eq!((summary.units.len(), deficient), (2, 1));
    assert_eq!((summary.items[0].item_code.as_str(), summary.items[0].problem_count), ("relevance", 2));
    let all = wire::ListReviewOpinionsRequest {
        parent: format!("{name}/assignments/-"),
        show_superseded: true,
        ..Default::default()
    };
    assert_eq!(institution.list_review_opinions(all).await.unwrap().into_inner().review_opinions.len(), 3);
    let closed = institution.close_review_session(close.clone()).await.unwrap().into_inner();
    assert_eq!((closed.reviewed_count, closed.conclusion.as_str()), (2, "会审结束"));
    expect_refusal(
        institution.close_review_session(close).await,
        Code::FailedPrecondition,
        "STATE_NOT_ALLOWED",
    );
}

async fn budget(suite: &TestSuite, project: &str, kind: BudgetEntryKind, units: i64) {
    let entry = registry::BudgetEntry {
        project: format!("{DISTRICT}/projects/{project}"),
        fiscal_year: 2020,
        funding_source: registry::FundingSource::DistrictFiscal.into(),
        kind: kind.into(),
        amount: yuan(units),
        ..Default::default()
    };
    let parent = DISTRICT.to_owned();
    let request =
        registry::CreateBudgetEntryRequest { parent, budget_entry: Some(entry), ..Default::default() };
    ProjectServiceClient::new(suite.as_caller(officer()))
        .create_budget_entry(request)
        .await
        .expect("accepted");
}

async fn coverage(suite: &TestSuite, basis: wire::CoverageBasis) -> wire::ObjectiveStatistics {
    let ask = wire::SummarizeObjectivesRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        basis: basis.into(),
    };
    objectives(suite, officer()).summarize_objectives(ask).await.expect("answered").into_inner()
}

/// Coverage has the registry's budgets as its denominator, per account, and counts each body once.
#[tokio::test]
async fn coverage_is_ratified_money_over_budgets() {
    let suite = start().await;
    let mut units = UnitServiceClient::new(suite.as_caller(officer()));
    for code in ["602", "602001", "602002", "701"] {
        let unit = registry::Unit { title: code.to_owned(), ..Default::default() };
        let parent = DISTRICT.to_owned();
        let unit_id = code.to_owned();
        let request = registry::CreateUnitRequest { parent, unit: Some(unit), unit_id, ..Default::default() };
        units.create_unit(request).await.unwrap();
    }
    let mut finance = objectives(&suite, officer());
    let projects =
        [("p-602-1", 100), ("p-602001-1", 200), ("p-602002-1", 300), ("p-701-1", 400), ("g-602002-1", 50)];
    for (project, amount) in projects {
        budget(&suite, project, BudgetEntryKind::Initial, amount).await;
        bring_to_finance(&suite, project, project, 2020).await;
        finance.grade_objective(grading(project, Grade::Excellent, "")).await.unwrap();
        finance.ratify_objective(ratification(project, amount)).await.unwrap();
    }
    budget(&suite, "g-602002-2", BudgetEntryKind::Initial, 100).await;
    budget(&suite, "p-602-1", BudgetEntryKind::Supplement, 250).await;

    let mut statistics = coverage(&suite, wire::CoverageBasis::AdjustedBudget).await;
    let sum = |s: &wire::ObjectiveStatistics| {
        s.accounts.iter().map(|a| a.budget_amount.clone().map_or(0, |m: Money| m.units)).sum::<i64>()
    };
    for _ in 0..100 {
        if sum(&statistics) == 1400 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        statistics = coverage(&suite, wire::CoverageBasis::AdjustedBudget).await;
    }
    let rates = |s: &wire::ObjectiveStatistics| {
        s.accounts.iter().map(|a| a.coverage_rate.clone().unwrap().value).collect::<Vec<_>>()
    };
    // 1000 of 1250 of the general budget; 50 of 150 of the government fund, of which one project has no objective.
    assert_eq!(rates(&statistics), ["80.00", "33.33"]);
    let initial = coverage(&suite, wire::CoverageBasis::InitialBudget).await;
    assert_eq!(rates(&initial), ["100.00", "33.33"]);
    assert_eq!((initial.accounts[0].ratified_count, initial.accounts[1].budget_project_count), (4, 2));
    // 602 and its own unit 602001 are one body; the street is counted beside the units.
    assert_eq!((initial.unit_count, initial.subdistrict_count), (2, 1));
    assert!(initial.accounts[1].explanation.as_ref().unwrap().summary.contains("33.33"));
}
