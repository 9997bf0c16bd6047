//! Collective review, on a real Postgres, in the roles that would do it.

use crate::support::*;
use tonic::Code;
use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::identity::Principal;
use wenxiao_platform::testing::TestSuite;

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

#[tokio::test]
async fn a_session_is_edited_by_field_and_opened_whole() {
    let suite = start().await;
    open_session(&suite, "s1", "review-2019", 2020).await;
    let mut bureau = sessions(&suite, officer());
    let update = |session: wire::ReviewSession, paths: &[&str]| wire::UpdateReviewSessionRequest {
        review_session: Some(wire::ReviewSession {
            name: format!("{DISTRICT}/reviewSessions/s1"),
            ..session
        }),
        update_mask: mask(paths),
        ..Default::default()
    };
    let due = Some(Date { year: 2019, month: 12, day: 20 });
    let later = wire::ReviewSession { due_date: due, ..Default::default() };
    let told = bureau.update_review_session(update(later, &["due_date"])).await.unwrap().into_inner();
    assert_eq!((told.due_date, told.title.as_str()), (due, "绩效目标集中会审"));
    let untitled = bureau.update_review_session(update(wire::ReviewSession::default(), &["title"])).await;
    expect_violations(untitled, "INVALID_REQUEST", &["review_session.title"]);
    let bare = wire::CreateReviewSessionRequest {
        parent: DISTRICT.to_owned(),
        review_session: Some(wire::ReviewSession::default()),
        ..Default::default()
    };
    let lacks = ["title", "fiscal_year", "institution", "engagement"].map(|f| format!("review_session.{f}"));
    let lacks: Vec<&str> = lacks.iter().map(String::as_str).collect();
    expect_violations(bureau.create_review_session(bare).await, "INVALID_REQUEST", &lacks);
}

/// `(method, kind, allowed, reason)` of everything that could be done.
async fn actions(
    suite: &TestSuite,
    who: Principal,
    name: &str,
) -> Vec<(String, wire::OpinionKind, bool, String)> {
    let ask = wire::ListReviewActionsRequest { name: name.to_owned() };
    let told = sessions(suite, who).list_review_actions(ask).await.expect("answered").into_inner();
    for one in &told.actions {
        assert_eq!(one.allowed, one.refusal.is_empty(), "a refusal is said in words: {one:?}");
    }
    told.actions
        .into_iter()
        .map(|one| (one.method.clone(), one.opinion_kind(), one.allowed, one.refusal_reason))
        .collect()
}

#[tokio::test]
async fn what_may_be_done_with_a_session_is_said_with_why_the_rest_may_not() {
    use wire::OpinionKind::{Individual, Reconciled, Unspecified};
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-1", 2020).await;
    let (mut bureau, mut reviewers) = (sessions(&suite, officer()), sessions(&suite, institution("i1")));
    let session = open_session(&suite, "s1", "review-2019", 2020).await.name;
    let given = bureau.assign_objectives(assigning("s1", &["o1"])).await.unwrap().into_inner().assignments;
    let assignment = given[0].name.as_str();
    let of_session = |reasons: [&str; 4]| -> Vec<_> {
        let methods =
            ["UpdateReviewSession", "AssignObjectives", "DrawObjectives", "CloseReviewSession"].into_iter();
        methods
            .zip(reasons)
            .map(|(method, why)| (method.to_owned(), Unspecified, why.is_empty(), why.to_owned()))
            .collect()
    };
    let of_assignment = |why: &str| -> Vec<_> {
        let kinds = [Individual, Reconciled].into_iter();
        kinds.map(|kind| ("CreateReviewOpinion".to_owned(), kind, why.is_empty(), why.to_owned())).collect()
    };
    let (no, early) = ("PERMISSION_DENIED", "REVIEW_INCOMPLETE");
    assert_eq!(actions(&suite, officer(), &session).await, of_session(["", "", "", early]));
    assert_eq!(actions(&suite, institution("i1"), &session).await, of_session([no, no, no, early]));
    assert_eq!(actions(&suite, officer(), assignment).await, of_assignment(no));
    assert_eq!(actions(&suite, institution("i1"), assignment).await, of_assignment(""));
    let stranger = wire::ListReviewActionsRequest { name: session.clone() };
    let stranger = sessions(&suite, institution("i2")).list_review_actions(stranger).await;
    expect_refusal(stranger, Code::NotFound, "NOT_FOUND");

    reviewers.create_review_opinion(opinion(assignment, ["15", "20", "22", "15"])).await.unwrap();
    assert_eq!(actions(&suite, institution("i1"), &session).await, of_session([no, no, no, ""]));
    let mut finance = objectives(&suite, officer());
    finance.grade_objective(grading("o1", Grade::Fair, "指标未量化")).await.unwrap();
    assert_eq!(actions(&suite, institution("i1"), assignment).await, of_assignment("STATE_NOT_ALLOWED"));
    submit_and_pass(&suite, "o1", "602002").await;
    assert_eq!(actions(&suite, institution("i1"), assignment).await, of_assignment("OPINION_VERSION_STALE"));
    let close = wire::CloseReviewSessionRequest {
        name: session.clone(),
        conclusion: "结束".to_owned(),
        ..Default::default()
    };
    reviewers.close_review_session(close).await.unwrap();
    assert_eq!(actions(&suite, officer(), &session).await, of_session(["STATE_NOT_ALLOWED"; 4]));
    // The second reviewer of a session is waited for before anybody reconciles.
    let request = opening("s2", "review-2019", 2020, 2);
    bureau.create_review_session(request).await.unwrap();
    let given = bureau.assign_objectives(assigning("s2", &["o1"])).await.unwrap().into_inner().assignments;
    let told = actions(&suite, institution("i1"), &given[0].name).await;
    assert_eq!(told[0].3, "");
    assert_eq!(told[1].3, early);
}
