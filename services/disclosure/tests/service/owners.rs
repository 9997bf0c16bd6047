//! Open decisions and notices follow the unit that answers for what they are about; what is approved or closed stays.

use tonic::{Code, Status};
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade, SecrecyLevel};
use wenxiao_contract::wenxiao::disclosure::v1::notice_service_client::NoticeServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_client::PublicationServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::*;
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_plan::Lead;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_disclosure::projections::{Evaluation, Registry};
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};

use crate::world::{DISTRICT, World, name};

/// Units 101, 102 and 103, project k0 of 101 with its result and an objective, policy y1 of 101 with its result.
async fn started() -> (TestSuite, World) {
    let suite = TestSuite::start(&[&wenxiao_disclosure::DEFINITION]).await;
    let mut world = World::of(&suite).await;
    for code in ["101", "102", "103"] {
        world.tell(&Registry, &unit(code)).await;
    }
    project(&mut world, "101").await;
    policy(&mut world, "101").await;
    world.key_evaluation(0, Lead::Finance, Grade::Good).await;
    result(&mut world, "policies/y1", evaluation::evaluated_object::Kind::Policy, "101").await;
    let account = BudgetAccount::GeneralPublic;
    world.objective("o1", "k0", 2020, &name("units", "101"), account, "100", SecrecyLevel::None).await;
    (suite, world)
}

fn unit(code: &str) -> registry::Unit {
    registry::Unit {
        name: name("units", code),
        title: format!("单位{code}"),
        kind: registry::unit::Kind::Department.into(),
        state: registry::unit::State::Active.into(),
        ..Default::default()
    }
}

fn ended(code: &str, successor: &str) -> registry::Unit {
    registry::Unit {
        state: registry::unit::State::Merged.into(),
        successor: name("units", successor),
        ..unit(code)
    }
}

async fn project(world: &mut World, unit: &str) {
    let project = registry::Project {
        name: name("projects", "k0"),
        title: "重点项目0".into(),
        implementing_unit: name("units", unit),
        ..Default::default()
    };
    world.tell(&Registry, &project).await;
}

async fn policy(world: &mut World, unit: &str) {
    let policy = registry::Policy {
        name: name("policies", "y1"),
        title: "扶持办法".into(),
        executing_unit: name("units", unit),
        ..Default::default()
    };
    world.tell(&Registry, &policy).await;
}

/// A fixed key evaluation of something else than a project, named after its last part.
async fn result(
    world: &mut World,
    subject: &str,
    kind: evaluation::evaluated_object::Kind,
    unit: &str,
) -> String {
    let kept = evaluation::KeyEvaluation {
        name: name("keyEvaluations", subject.rsplit('/').next().unwrap()),
        object: Some(evaluation::EvaluatedObject {
            kind: kind.into(),
            subject: format!("{DISTRICT}/{subject}"),
            unit: name("units", unit),
            display_name: "扶持办法".into(),
            unit_display_name: format!("单位{unit}"),
            ..Default::default()
        }),
        evaluated_year: 2019,
        work_year: 2020,
        state: evaluation::key_evaluation::State::Fixed.into(),
        ..Default::default()
    };
    world.tell(&Evaluation, &kept).await;
    kept.name
}

fn head_of(unit: &str) -> Principal {
    unit_caller(Role::UnitHead, unit)
}

fn publications(suite: &TestSuite, who: Principal) -> PublicationServiceClient<Link> {
    PublicationServiceClient::new(suite.as_caller(who))
}

fn notices(suite: &TestSuite, who: Principal) -> NoticeServiceClient<Link> {
    NoticeServiceClient::new(suite.as_caller(who))
}

async fn propose(
    suite: &TestSuite,
    who: Principal,
    id: &str,
    subject: &str,
) -> Result<DisclosureDecision, Status> {
    let kind = match subject.contains("/objectives/") {
        true => DocumentKind::ObjectiveTable,
        false => DocumentKind::KeyEvaluationResult,
    };
    let decision = DisclosureDecision {
        subject: subject.to_owned(),
        document_kind: kind.into(),
        outcome: disclosure_decision::Outcome::Publish.into(),
        widest_audience: Audience::Public.into(),
        ..Default::default()
    };
    let request = CreateDisclosureDecisionRequest {
        parent: DISTRICT.into(),
        disclosure_decision: Some(decision),
        disclosure_decision_id: id.to_owned(),
        ..Default::default()
    };
    Ok(publications(suite, who).create_disclosure_decision(request).await?.into_inner())
}

async fn submit(suite: &TestSuite, who: Principal, id: &str) -> Result<DisclosureDecision, Status> {
    let request =
        SubmitDisclosureDecisionRequest { name: name("disclosureDecisions", id), ..Default::default() };
    Ok(publications(suite, who).submit_disclosure_decision(request).await?.into_inner())
}

async fn approve(suite: &TestSuite, id: &str) {
    let request =
        ApproveDisclosureDecisionRequest { name: name("disclosureDecisions", id), ..Default::default() };
    publications(suite, caller(Role::FinanceHead)).approve_disclosure_decision(request).await.unwrap();
}

/// The unit and version of each decision.
async fn decided(suite: &TestSuite, ids: &[&str]) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for id in ids {
        let get = GetDisclosureDecisionRequest { name: name("disclosureDecisions", id) };
        let told = publications(suite, caller(Role::FinanceHead)).get_disclosure_decision(get).await.unwrap();
        let told = told.into_inner();
        found.push((told.unit.rsplit('/').next().unwrap().to_owned(), told.etag.parse().unwrap()));
    }
    found
}

fn owned(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(unit, version)| ((*unit).to_owned(), *version)).collect()
}

/// A notice about a subject, issued, to the unit that answers for it or to another.
async fn issue(suite: &TestSuite, id: &str, subject: &str, to: &str) -> String {
    let mut officer = notices(suite, caller(Role::FinancePerformanceOfficer));
    let notice = Notice {
        subject: subject.to_owned(),
        unit: if to.is_empty() { String::new() } else { name("units", to) },
        ..Default::default()
    };
    let request = CreateNoticeRequest {
        parent: DISTRICT.into(),
        notice: Some(notice),
        notice_id: id.to_owned(),
        ..Default::default()
    };
    let name = officer.create_notice(request).await.unwrap().into_inner().name;
    officer.issue_notice(IssueNoticeRequest { name: name.clone(), ..Default::default() }).await.unwrap();
    name
}

async fn answer(suite: &TestSuite, unit: &str, notice: &str) -> Result<Notice, Status> {
    let request = AnswerNoticeRequest {
        name: notice.to_owned(),
        text: "已制定措施".into(),
        accepted: true,
        ..Default::default()
    };
    Ok(notices(suite, head_of(unit)).answer_notice(request).await?.into_inner())
}

async fn received(suite: &TestSuite, unit: &str) -> Vec<String> {
    let list = ListNoticesRequest { parent: DISTRICT.into(), ..Default::default() };
    let list = notices(suite, head_of(unit)).list_notices(list).await.unwrap().into_inner();
    let mut names: Vec<String> =
        list.notices.iter().map(|notice| notice.name.rsplit('/').next().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_decision_follows_until_it_is_approved() {
    let (suite, mut world) = started().await;
    let (result, objective) = (name("keyEvaluations", "k0"), name("objectives", "o1"));
    propose(&suite, head_of("101"), "draft", &result).await.unwrap();
    for id in ["submitted", "approved"] {
        propose(&suite, head_of("101"), id, &objective).await.unwrap();
        submit(&suite, head_of("101"), id).await.unwrap();
    }
    approve(&suite, "approved").await;
    propose(&suite, head_of("101"), "other", &name("keyEvaluations", "y1")).await.unwrap();

    project(&mut world, "102").await;
    let all = ["draft", "submitted", "approved", "other"];
    let after = owned(&[("102", 1), ("102", 2), ("101", 3), ("101", 1)]);
    assert_eq!(decided(&suite, &all).await, after, "no version is raised");
    project(&mut world, "102").await;
    assert_eq!(decided(&suite, &all).await, after, "heard again, it changes nothing");
    let strange = submit(&suite, head_of("101"), "draft").await.unwrap_err();
    assert_eq!(strange.code(), Code::NotFound);
    submit(&suite, head_of("102"), "draft").await.unwrap();
    // What is about a result that another unit has signed is proposed by whoever answers for the project today.
    let strange = propose(&suite, head_of("101"), "late", &result).await.unwrap_err();
    assert_eq!(strange.code(), Code::NotFound);
    let late = propose(&suite, head_of("102"), "late", &result).await.unwrap();
    assert_eq!(late.unit, name("units", "102"));

    policy(&mut world, "103").await;
    assert_eq!(decided(&suite, &["other", "late"]).await, owned(&[("103", 1), ("102", 1)]));
}

#[tokio::test]
async fn a_document_names_the_unit_that_was_evaluated() {
    let (suite, mut world) = started().await;
    policy(&mut world, "102").await;
    propose(&suite, head_of("102"), "d1", &name("keyEvaluations", "y1")).await.unwrap();
    submit(&suite, head_of("102"), "d1").await.unwrap();
    approve(&suite, "d1").await;
    let publication = Publication {
        kind: PublicationKind::UnitResults.into(),
        title: "2019年评价结果".into(),
        audiences: vec![Audience::EvaluatedUnits.into()],
        disclosure_decisions: vec![name("disclosureDecisions", "d1")],
        work_year: 2020,
        evaluated_year: 2019,
        ..Default::default()
    };
    let request = CreatePublicationRequest {
        parent: DISTRICT.into(),
        publication: Some(publication),
        publication_id: "p1".into(),
        ..Default::default()
    };
    let mut officer = publications(&suite, caller(Role::FinancePerformanceOfficer));
    let draft = officer.create_publication(request).await.unwrap().into_inner().name;
    let publish = PublishPublicationRequest { name: draft.clone(), ..Default::default() };
    publications(&suite, caller(Role::FinanceHead)).publish_publication(publish).await.unwrap();
    policy(&mut world, "103").await;
    let get = GetPublishedDocumentRequest { name: format!("{draft}/documents/d1") };
    let document = officer.get_published_document(get).await.unwrap().into_inner();
    assert_eq!(document.unit_title, "单位101");
}

#[tokio::test]
async fn a_notice_follows_until_it_is_closed() {
    let (suite, mut world) = started().await;
    let result = name("keyEvaluations", "k0");
    let open = issue(&suite, "open", &result, "").await;
    let closed = issue(&suite, "closed", &result, "").await;
    issue(&suite, "addressed", &result, "103").await;
    issue(&suite, "policy", &name("keyEvaluations", "y1"), "").await;
    answer(&suite, "101", &closed).await.unwrap();
    let mut officer = notices(&suite, caller(Role::FinancePerformanceOfficer));
    officer.close_notice(CloseNoticeRequest { name: closed, ..Default::default() }).await.unwrap();

    project(&mut world, "102").await;
    assert_eq!(received(&suite, "101").await, ["closed", "policy"]);
    assert_eq!(received(&suite, "102").await, ["open"]);
    assert_eq!(received(&suite, "103").await, ["addressed"], "whom the bureau chose, it chose");
    assert_eq!(answer(&suite, "101", &open).await.unwrap_err().code(), Code::NotFound);
    let answered = answer(&suite, "102", &open).await.unwrap();
    assert_eq!((answered.unit.clone(), answered.state()), (name("units", "102"), notice::State::Answered));
}

#[tokio::test]
async fn what_is_about_a_unit_that_ended_goes_to_its_heir() {
    let (suite, mut world) = started().await;
    let kind = evaluation::evaluated_object::Kind::WholeDepartment;
    let whole = result(&mut world, "units/101", kind, "101").await;
    propose(&suite, head_of("101"), "whole", &whole).await.unwrap();
    issue(&suite, "whole", &whole, "").await;
    issue(&suite, "project", &name("keyEvaluations", "k0"), "").await;
    policy(&mut world, "103").await;
    issue(&suite, "addressed", &name("keyEvaluations", "y1"), "101").await;

    // Its day is still to come.
    let state = registry::unit::State::Active.into();
    world.tell(&Registry, &registry::Unit { state, ..ended("101", "102") }).await;
    assert_eq!(received(&suite, "101").await, ["addressed", "project", "whole"]);
    world.tell(&Registry, &ended("101", "102")).await;
    assert_eq!(received(&suite, "102").await, ["addressed", "whole"]);
    assert_eq!(received(&suite, "101").await, ["project"], "it goes with its project, wherever that goes");
    assert_eq!(decided(&suite, &["whole"]).await, owned(&[("102", 1)]));
    project(&mut world, "103").await;
    assert_eq!(received(&suite, "103").await, ["project"]);
    // What it had taken over goes on with the heir, and what is begun later is the heir's at once.
    world.tell(&Registry, &ended("102", "103")).await;
    assert_eq!(received(&suite, "103").await, ["addressed", "project", "whole"]);
    assert_eq!(decided(&suite, &["whole"]).await, owned(&[("103", 1)]));
    let late = propose(&suite, head_of("103"), "late", &whole).await.unwrap();
    assert_eq!(late.unit, name("units", "103"));
}

#[tokio::test]
async fn a_unit_that_does_not_begin_is_forgotten() {
    let (suite, mut world) = started().await;
    let state = registry::unit::State::Withdrawn.into();
    world.tell(&Registry, &registry::Unit { state, ..unit("103") }).await;
    let sql = "select count(*) from disclosure.units where name like '%/103'";
    let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut suite.superuser().await).await.unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_command_in_flight_does_not_undo_a_hand_over() {
    let (suite, mut world) = started().await;
    let result = name("keyEvaluations", "k0");
    propose(&suite, head_of("101"), "draft", &result).await.unwrap();
    // Somebody holds the decision: whoever comes first has loaded it, and waits to write it.
    let mut holder = suite.superuser().await;
    sqlx::raw_sql("begin; select from disclosure.decisions for update").execute(&mut holder).await.unwrap();
    let (link, name) =
        (publications(&suite, head_of("101")), crate::world::name("disclosureDecisions", "draft"));
    let mut client = link;
    let request = SubmitDisclosureDecisionRequest { name, ..Default::default() };
    let command = tokio::spawn(async move { client.submit_disclosure_decision(request).await });
    waiting(&suite).await;
    let moved = "update disclosure.decisions set unit = 'districts/350205000/units/102'; commit";
    sqlx::raw_sql(moved).execute(&mut holder).await.unwrap();
    assert_eq!(command.await.unwrap().unwrap_err().code(), Code::Aborted, "it was theirs when they began");
    project(&mut world, "102").await;
    assert_eq!(decided(&suite, &["draft"]).await, owned(&[("102", 1)]));
}

/// Until a session of the database waits for a lock.
async fn waiting(suite: &TestSuite) {
    let mut connection = suite.superuser().await;
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..400 {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
        if count > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("nobody waits");
}
