//! Filing windows, what waits for whom, and what may be done, on a real Postgres, at days of the test's own.

use std::time::Duration;

use crate::support::days::{Days, day, window};
use crate::support::*;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade};
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{self as registry, BudgetEntryKind};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::identity::Principal;
use wenxiao_platform::testing::TestSuite;

#[tokio::test]
async fn a_form_is_filed_within_its_window_or_an_extension() {
    let (suite, days) = Days::start().await;
    let (mut unit, mut bureau) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    let opened = bureau.create_filing_window(window()).await.unwrap().into_inner();
    assert_eq!(opened.reminder_days, [7, 1]);
    let twice = wire::CreateFilingWindowRequest { filing_window_id: "again".to_owned(), ..window() };
    expect_refusal(bureau.create_filing_window(twice).await, Code::AlreadyExists, "ALREADY_EXISTS");
    let mut wrong = window();
    if let Some(window) = &mut wrong.filing_window {
        window.due_date = day(2019, 8, 1);
        window.reminder_days = vec![90];
    }
    let fields = ["filing_window.due_date", "filing_window.reminder_days"];
    expect_violations(bureau.create_filing_window(wrong).await, "INVALID_REQUEST", &fields);

    for id in ["o1", "o2", "o3"] {
        unit.create_objective(creation(id, &format!("p-602002-{id}"), 2020)).await.unwrap();
    }
    days.set("2019-08-31");
    expect_refusal(
        unit.submit_objective(submitting("o1")).await,
        Code::FailedPrecondition,
        "FILING_WINDOW_CLOSED",
    );
    days.set("2019-10-15");
    unit.submit_objective(submitting("o1")).await.unwrap();
    days.set("2019-10-16");
    let late = unit.submit_objective(submitting("o2")).await;
    expect_refusal(late, Code::FailedPrecondition, "FILING_WINDOW_CLOSED");
    // What was returned comes back after the window as well.
    let back = wire::ReturnObjectiveRequest {
        name: objective("o1"),
        reason: "补充目标".to_owned(),
        resubmit_due_date: day(2019, 10, 20),
        ..Default::default()
    };
    objectives(&suite, reviewer("602")).return_objective(back).await.unwrap();
    unit.submit_objective(submitting("o1")).await.unwrap();
    let extended = wire::UpdateFilingWindowRequest {
        filing_window: Some(wire::FilingWindow {
            name: opened.name,
            extensions: vec![wire::FilingExtension {
                unit: format!("{DISTRICT}/units/602002"),
                due_date: day(2019, 10, 25),
                reason: "机构改革".to_owned(),
            }],
            ..Default::default()
        }),
        update_mask: mask(&["extensions"]),
        etag: opened.etag,
        ..Default::default()
    };
    bureau.update_filing_window(extended.clone()).await.unwrap();
    expect_refusal(bureau.update_filing_window(extended).await, Code::Aborted, "ETAG_MISMATCH");
    unit.submit_objective(submitting("o2")).await.unwrap();
    days.set("2019-10-26");
    expect_refusal(
        unit.submit_objective(submitting("o3")).await,
        Code::FailedPrecondition,
        "FILING_WINDOW_CLOSED",
    );
}

type Counts = Vec<(wire::ObjectiveTask, i32, i32)>;

async fn counts(suite: &TestSuite, who: Principal) -> Counts {
    let ask = wire::CountObjectiveTasksRequest { parent: DISTRICT.to_owned(), fiscal_year: 2020 };
    let answer =
        objectives(suite, who.clone()).count_objective_tasks(ask).await.expect("answered").into_inner();
    for count in &answer.tasks {
        // The list shows what the count counts.
        let list = wire::ListObjectivesRequest {
            parent: DISTRICT.to_owned(),
            fiscal_year: 2020,
            task: count.task,
            ..Default::default()
        };
        let listed =
            objectives(suite, who.clone()).list_objectives(list).await.expect("answered").into_inner();
        assert_eq!(
            listed.objectives.len(),
            usize::try_from(count.objective_count).expect("answered"),
            "{:?}",
            count.task()
        );
    }
    let filled = answer.tasks.iter().filter(|count| count.objective_count > 0);
    filled.map(|count| (count.task(), count.objective_count, count.overdue_count)).collect()
}

#[tokio::test]
async fn everybody_is_told_what_waits_for_them_and_what_is_late() {
    use wire::ObjectiveTask::{Final, Preparing, Returned, Submitted, ToReview, ToSubmit};
    let (suite, days) = Days::start().await;
    let (mut unit, mut bureau) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    bureau.create_filing_window(window()).await.unwrap();
    for id in ["o1", "o2", "o3", "o4"] {
        unit.create_objective(creation(id, &format!("p-602002-{id}"), 2020)).await.unwrap();
    }
    for id in ["o2", "o3", "o4"] {
        unit.submit_objective(submitting(id)).await.unwrap();
    }
    let mut department = objectives(&suite, reviewer("602"));
    let back = wire::ReturnObjectiveRequest {
        name: objective("o3"),
        reason: "补充目标".to_owned(),
        resubmit_due_date: day(2019, 10, 20),
        ..Default::default()
    };
    department.return_objective(back).await.unwrap();
    department
        .pass_objective(wire::PassObjectiveRequest { name: objective("o4"), ..Default::default() })
        .await
        .unwrap();
    let (filer, reviewer) = (filer("602002"), reviewer("602"));
    assert_eq!(counts(&suite, filer.clone()).await, [(ToSubmit, 1, 0), (Returned, 1, 0), (Submitted, 2, 0)]);
    assert_eq!(
        counts(&suite, reviewer.clone()).await,
        [(ToReview, 1, 0), (Preparing, 2, 0), (Submitted, 1, 0)]
    );
    assert_eq!(counts(&suite, officer()).await, [(ToReview, 1, 0), (Preparing, 2, 0), (Submitted, 1, 0)]);
    days.set("2019-11-01");
    assert_eq!(counts(&suite, filer).await, [(ToSubmit, 1, 1), (Returned, 1, 1), (Submitted, 2, 1)]);
    assert_eq!(counts(&suite, reviewer).await, [(ToReview, 1, 1), (Preparing, 2, 2), (Submitted, 1, 0)]);
    bureau.grade_objective(grading("o4", Grade::Excellent, "")).await.unwrap();
    bureau.ratify_objective(ratification("o4", 100)).await.unwrap();
    assert_eq!(counts(&suite, officer()).await, [(Preparing, 2, 2), (Submitted, 1, 1), (Final, 1, 0)]);
}

#[tokio::test]
async fn a_hired_reviewer_is_told_what_waits_for_their_opinion() {
    use wire::ObjectiveTask::{Preparing, Submitted, ToReview};
    let (suite, days) = Days::start().await;
    let mut bureau = sessions(&suite, officer());
    for id in ["o1", "o2", "o3"] {
        bring_to_finance(&suite, id, &format!("p-602002-{id}"), 2020).await;
    }
    let session = open_session(&suite, "s1", "review-2019", 2020).await;
    let until = wire::UpdateReviewSessionRequest {
        review_session: Some(wire::ReviewSession {
            name: session.name,
            due_date: day(2019, 12, 20),
            ..Default::default()
        }),
        ..Default::default()
    };
    bureau.update_review_session(until).await.unwrap();
    let given = bureau.assign_objectives(assigning("s1", &["o1", "o2"])).await.unwrap().into_inner();
    let (i1, name) = (institution("i1"), |n: usize| given.assignments[n].name.clone());
    assert_eq!(counts(&suite, i1.clone()).await, [(ToReview, 2, 0)]);
    let mut reviewers = sessions(&suite, i1.clone());
    reviewers.create_review_opinion(opinion(&name(0), ["20", "30", "30", "20"])).await.unwrap();
    assert_eq!(counts(&suite, i1.clone()).await, [(ToReview, 1, 0), (Submitted, 1, 0)]);
    days.set("2019-12-21");
    assert_eq!(counts(&suite, i1.clone()).await, [(ToReview, 1, 1), (Submitted, 1, 0)]);
    // What the finance bureau has decided on waits for nobody's opinion any more.
    let back = grading("o2", Grade::Fair, "指标未量化");
    objectives(&suite, officer()).grade_objective(back).await.unwrap();
    assert_eq!(counts(&suite, i1).await, [(Preparing, 1, 0), (Submitted, 1, 0)]);
    assert_eq!(counts(&suite, institution("i2")).await, []);
}

#[tokio::test]
async fn what_may_be_done_is_said_with_why_the_rest_may_not() {
    let (suite, days) = Days::start().await;
    let (mut unit, mut bureau) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    bureau.create_filing_window(window()).await.unwrap();
    unit.create_objective(creation("o1", "p-602002-1", 2020)).await.unwrap();
    let ask = || wire::ListObjectiveActionsRequest { name: objective("o1") };
    let allowed = |answer: wire::ListObjectiveActionsResponse| -> Vec<String> {
        answer.actions.into_iter().filter(|action| action.allowed).map(|action| action.method).collect()
    };
    let told = unit.list_objective_actions(ask()).await.unwrap().into_inner();
    assert_eq!(told.actions.len(), 16, "every transition is there");
    assert_eq!(allowed(told), ["UpdateObjective", "SubmitObjective"]);
    days.set("2019-10-16");
    let told = unit.list_objective_actions(ask()).await.unwrap().into_inner();
    let submit = told.actions.iter().find(|action| action.method == "SubmitObjective").unwrap();
    assert_eq!((submit.allowed, submit.refusal_reason.as_str()), (false, "FILING_WINDOW_CLOSED"));
    assert!(submit.refusal.contains("2019-10-15"), "{}", submit.refusal);
    let grade = told.actions.iter().find(|action| action.method == "GradeObjective").unwrap();
    assert_eq!(grade.refusal_reason, "PERMISSION_DENIED");
    days.set("2019-10-15");
    unit.submit_objective(submitting("o1")).await.unwrap();
    let department = objectives(&suite, reviewer("602")).list_objective_actions(ask()).await.unwrap();
    assert_eq!(allowed(department.into_inner()), ["ResolveRemarks", "PassObjective", "ReturnObjective"]);
    let told = bureau.list_objective_actions(ask()).await.unwrap().into_inner();
    let grade = told.actions.iter().find(|action| action.method == "GradeObjective").unwrap();
    assert_eq!((grade.allowed, grade.refusal_reason.as_str()), (false, "STATE_NOT_ALLOWED"));
    let stranger = objectives(&suite, filer("701")).list_objective_actions(ask()).await;
    expect_refusal(stranger, Code::NotFound, "NOT_FOUND");
}

#[tokio::test]
async fn the_list_of_what_is_owed_counts_projects_without_a_form() {
    let (suite, days) = Days::start().await;
    let (mut unit, mut bureau) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    let name = bureau.create_filing_window(window()).await.unwrap().into_inner().name;
    let mut projects = ProjectServiceClient::new(suite.as_caller(officer()));
    for id in ["p-602002-1", "p-602002-2", "p-602002-3", "p-701-1"] {
        let unit = format!("{DISTRICT}/units/602002");
        let project = registry::Project {
            title: id.to_owned(),
            category: registry::ProjectCategory::SpecificPurpose.into(),
            budget_account: BudgetAccount::GeneralPublic.into(),
            competent_department: unit.clone(),
            implementing_unit: unit,
            setup_year: 2019,
            ..Default::default()
        };
        let request = registry::CreateProjectRequest {
            parent: DISTRICT.to_owned(),
            project: Some(project),
            project_id: id.to_owned(),
            ..Default::default()
        };
        projects.create_project(request).await.unwrap();
        let entry = registry::BudgetEntry {
            project: format!("{DISTRICT}/projects/{id}"),
            fiscal_year: 2020,
            funding_source: registry::FundingSource::DistrictFiscal.into(),
            kind: BudgetEntryKind::Initial.into(),
            amount: yuan(100),
            ..Default::default()
        };
        let parent = DISTRICT.to_owned();
        let request =
            registry::CreateBudgetEntryRequest { parent, budget_entry: Some(entry), ..Default::default() };
        projects.create_budget_entry(request).await.unwrap();
    }
    unit.create_objective(creation("o1", "p-602002-1", 2020)).await.unwrap();
    unit.create_objective(creation("o2", "p-602002-2", 2020)).await.unwrap();
    unit.submit_objective(submitting("o2")).await.unwrap();
    days.set("2019-10-20");
    let ask = wire::ListFilingProgressRequest { name, ..Default::default() };
    let told = loop {
        let told = bureau.list_filing_progress(ask.clone()).await.unwrap().into_inner();
        let arrived: i32 = told.progress.iter().map(|unit| unit.budget_project_count).sum();
        if arrived == 4 {
            break told.progress;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let seen: Vec<_> = told
        .iter()
        .map(|unit| {
            (
                unit.unit.rsplit('/').next().unwrap(),
                unit.missing_count,
                unit.draft_count,
                unit.submitted_count,
                unit.overdue_days,
            )
        })
        .collect();
    assert_eq!(seen, [("602002", 1, 1, 1, 5), ("701", 1, 0, 0, 5)]);
    // Reminded once a day, by whoever comes first, this call or the service's own job; a week after the last day the
    // list speaks.
    days.set("2019-10-21");
    let send = wire::SendFilingRemindersRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let sent = bureau.send_filing_reminders(send.clone()).await.unwrap().into_inner().reminders;
    for one in &sent {
        let owed = if one.unit.ends_with("/602002") { 2 } else { 1 };
        assert_eq!((one.days_left, one.owed_count), (-6, owed), "{one:?}");
    }
    let noted = "select unit_id from targets.filing_reminders where day = '2019-10-21' order by unit_id";
    let noted: Vec<String> = sqlx::query_scalar(noted).fetch_all(&mut suite.superuser().await).await.unwrap();
    assert_eq!(noted, ["602002", "701"]);
    assert!(bureau.send_filing_reminders(send.clone()).await.unwrap().into_inner().reminders.is_empty());
    days.set("2019-10-23");
    assert!(bureau.send_filing_reminders(send).await.unwrap().into_inner().reminders.is_empty());
    days.set("2019-10-20");
    let own = unit.list_filing_progress(ask.clone()).await.unwrap().into_inner().progress;
    assert_eq!(own.len(), 1, "a unit sees itself");
    let page = wire::ListFilingProgressRequest { page_size: 1, ..ask };
    let first = bureau.list_filing_progress(page.clone()).await.unwrap().into_inner();
    let next = wire::ListFilingProgressRequest { page_token: first.next_page_token, ..page };
    let second = bureau.list_filing_progress(next).await.unwrap().into_inner();
    assert_eq!(second.progress[0].unit, format!("{DISTRICT}/units/701"));
}
