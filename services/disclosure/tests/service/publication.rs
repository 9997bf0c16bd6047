//! Decisions, publications, notices and the portal, on a real Postgres, in the roles that would do them.

use crate::world::{DISTRICT, World, name};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::ServiceExt;
use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade, SecrecyLevel};
use wenxiao_contract::wenxiao::disclosure::v1::catalog_service_client::CatalogServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::notice_service_client::NoticeServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_client::PublicationServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::*;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_plan::Lead;
use wenxiao_kernel::Clock;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};

type Client = PublicationServiceClient<Link>;

async fn started() -> (TestSuite, World) {
    let suite = TestSuite::start(&[&wenxiao_disclosure::DEFINITION]).await;
    let mut world = World::of(&suite).await;
    world.key_evaluation(0, Lead::Finance, Grade::Good).await;
    let (unit, account) = (name("units", "101"), BudgetAccount::GeneralPublic);
    world.objective("o1", "x1", 2020, &unit, account, "2600000", SecrecyLevel::None).await;
    world.objective("o2", "x2", 2020, &unit, account, "2600000", SecrecyLevel::Classified).await;
    (suite, world)
}

fn as_role(suite: &TestSuite, role: Role) -> Client {
    PublicationServiceClient::new(suite.as_caller(caller(role)))
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

fn decision(subject: &str, kind: DocumentKind, widest: Audience) -> DisclosureDecision {
    DisclosureDecision {
        subject: subject.to_owned(),
        document_kind: kind.into(),
        outcome: disclosure_decision::Outcome::Publish.into(),
        widest_audience: widest.into(),
        ..Default::default()
    }
}

async fn submitted(suite: &TestSuite, id: &str, decision: DisclosureDecision) -> String {
    let mut officer = as_role(suite, Role::FinancePerformanceOfficer);
    let request = CreateDisclosureDecisionRequest {
        parent: DISTRICT.into(),
        disclosure_decision: Some(decision),
        disclosure_decision_id: id.into(),
        request_id: format!("create-{id}"),
    };
    let name = officer.create_disclosure_decision(request).await.unwrap().into_inner().name;
    let submit = SubmitDisclosureDecisionRequest { name: name.clone(), ..Default::default() };
    officer.submit_disclosure_decision(submit).await.unwrap();
    name
}

async fn approved(suite: &TestSuite, id: &str, decision: DisclosureDecision) -> String {
    let name = submitted(suite, id, decision).await;
    let approve = ApproveDisclosureDecisionRequest { name: name.clone(), ..Default::default() };
    as_role(suite, Role::FinanceHead).approve_disclosure_decision(approve).await.unwrap();
    name
}

async fn drafted(
    suite: &TestSuite,
    id: &str,
    kind: PublicationKind,
    to: &[Audience],
    decisions: &[&str],
) -> Publication {
    let publication = Publication {
        kind: kind.into(),
        title: "2020年重点项目支出绩效目标表".into(),
        audiences: to.iter().map(|audience| (*audience).into()).collect(),
        disclosure_decisions: decisions.iter().map(|name| (*name).to_owned()).collect(),
        work_year: 2020,
        evaluated_year: 2020,
        basis_date: Some(Date { year: 2020, month: 1, day: 10 }),
        ..Default::default()
    };
    let request = CreatePublicationRequest {
        parent: DISTRICT.into(),
        publication: Some(publication),
        publication_id: id.into(),
        ..Default::default()
    };
    as_role(suite, Role::FinancePerformanceOfficer).create_publication(request).await.unwrap().into_inner()
}

async fn published(suite: &TestSuite, name: &str) -> Result<Publication, Status> {
    let request = PublishPublicationRequest { name: name.to_owned(), ..Default::default() };
    as_role(suite, Role::FinanceHead).publish_publication(request).await.map(tonic::Response::into_inner)
}

async fn page(suite: &TestSuite, path: &str) -> (StatusCode, String) {
    asked(suite, Request::get(path)).await
}

async fn asked(suite: &TestSuite, request: axum::http::request::Builder) -> (StatusCode, String) {
    let request = request.body(Body::empty()).unwrap();
    let response = suite.suite.pages.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_portal_shows_no_district_that_is_not_served() {
    let elsewhere = ["350206000".parse().unwrap()];
    let suite =
        TestSuite::start_serving(&[&wenxiao_disclosure::DEFINITION], Clock::system(), &elsewhere).await;
    assert_eq!(page(&suite, "/portal/districts/350206000").await.0, StatusCode::OK);
    for path in ["", "/publications/p", "/publications/p/documents/d", "/annualSummaries/2020"] {
        let (status, _) = page(&suite, &format!("/portal/districts/350205000{path}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_document_goes_out_when_another_person_has_approved_it() {
    let (suite, mut world) = started().await;
    let objective = name("objectives", "o1");
    let waiting =
        submitted(&suite, "d1", decision(&objective, DocumentKind::ObjectiveTable, Audience::Public)).await;
    let tables = PublicationKind::ObjectiveTables;
    let draft =
        drafted(&suite, "p1", tables, &[Audience::PeoplesCongress, Audience::Public], &[&waiting]).await;
    let deadline = draft.deadline.unwrap();
    assert_eq!((deadline.day_count, deadline.working_days, deadline.overdue), (20, false, true));
    assert_eq!(deadline.due_date, Some(Date { year: 2020, month: 1, day: 30 }));
    assert_eq!(reason(&published(&suite, &draft.name).await.unwrap_err()), "DISCLOSURE_NOT_APPROVED");

    let request = ApproveDisclosureDecisionRequest { name: waiting.clone(), ..Default::default() };
    let both = Principal {
        subject: caller(Role::FinancePerformanceOfficer).subject,
        roles: vec![Role::FinancePerformanceOfficer, Role::FinanceHead],
        ..caller(Role::FinanceHead)
    };
    let mut alone = PublicationServiceClient::new(suite.as_caller(both));
    assert_eq!(
        alone.approve_disclosure_decision(request.clone()).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    as_role(&suite, Role::FinanceHead).approve_disclosure_decision(request).await.unwrap();

    let checked =
        PublishPublicationRequest { name: draft.name.clone(), validate_only: true, ..Default::default() };
    let preview = as_role(&suite, Role::FinanceHead).publish_publication(checked).await.unwrap().into_inner();
    let done = published(&suite, &draft.name).await.unwrap();
    assert_eq!((done.content_hash.len(), &preview.content_hash), (64, &done.content_hash));
    assert_eq!(reason(&published(&suite, &draft.name).await.unwrap_err()), "STATE_NOT_ALLOWED");

    // The frozen copy does not follow its subject.
    let mut anyone = CatalogServiceClient::new(suite.as_caller(Principal::anonymous()));
    let asked = GetCatalogDocumentRequest { name: format!("{}/documents/d1", done.name) };
    let before = anyone.get_catalog_document(asked.clone()).await.unwrap().into_inner();
    assert!(before.sections.iter().any(|section| section.paragraphs == ["完成年度任务"]));
    let (unit, account) = (name("units", "101"), BudgetAccount::GeneralPublic);
    world.objective("o1", "x1", 2020, &unit, account, "9999999", SecrecyLevel::None).await;
    assert_eq!(anyone.get_catalog_document(asked).await.unwrap().into_inner(), before);
    let mut superuser = suite.superuser().await;
    let tamper = "set role wenxiao_disclosure; set app.district = '350205000'; update disclosure.documents set title = ''";
    assert!(sqlx::raw_sql(tamper).execute(&mut superuser).await.is_err(), "nobody edits a frozen document");
}

#[tokio::test]
async fn the_public_sees_what_is_published_to_it_and_nothing_else() {
    let (suite, _world) = started().await;
    let evaluated = name("keyEvaluations", "k0");
    let report = decision(&evaluated, DocumentKind::KeyEvaluationReport, Audience::Participants);
    let inside = approved(&suite, "d1", report).await;
    let compilation = PublicationKind::ReportCompilation;
    let readers = [Audience::PeoplesCongress, Audience::Participants];
    let internal = drafted(&suite, "inside", compilation, &readers, &[&inside]).await;
    let internal = published(&suite, &internal.name).await.unwrap();
    assert_eq!(internal.url, "");
    let table = decision(&name("objectives", "o1"), DocumentKind::ObjectiveTable, Audience::Public);
    let outside = approved(&suite, "d2", table).await;
    let open =
        drafted(&suite, "open", PublicationKind::ObjectiveTables, &[Audience::Public], &[&outside]).await;
    let open = published(&suite, &open.name).await.unwrap();

    let mut anyone = CatalogServiceClient::new(suite.as_caller(Principal::anonymous()));
    let listed = anyone.list_catalog_documents(ListCatalogDocumentsRequest {
        parent: DISTRICT.into(),
        ..Default::default()
    });
    let listed = listed.await.unwrap().into_inner().documents;
    assert_eq!(
        listed.iter().map(|document| document.name.as_str()).collect::<Vec<_>>(),
        [format!("{}/documents/d2", open.name)]
    );
    let hidden = GetCatalogDocumentRequest { name: format!("{}/documents/d1", internal.name) };
    assert_eq!(anyone.get_catalog_document(hidden).await.unwrap_err().code(), Code::NotFound);
    let mut nobody = PublicationServiceClient::new(suite.as_caller(Principal::anonymous()));
    let refused =
        nobody.get_publication(GetPublicationRequest { name: open.name.clone() }).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);

    // A look at the head only must not make the page empty for those who read it.
    let head = asked(&suite, Request::head(format!("{}/documents/d2", open.url))).await;
    assert_eq!(head, (StatusCode::OK, String::new()));
    let (status, html) = page(&suite, &format!("{}/documents/d2", open.url)).await;
    assert!(status == StatusCode::OK && html.contains("完成年度任务") && html.contains("≥95"), "{html}");
    assert_eq!(page(&suite, &open.url).await.0, StatusCode::OK);
    assert!(page(&suite, "/portal/districts/350205000").await.1.contains("/documents/d2"));
    assert!(page(&suite, "/portal").await.1.contains("/portal/districts/350205000"));
    assert_eq!(
        page(&suite, "/portal/districts/350205000/publications/inside/documents/d1").await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        page(&suite, "/portal/districts/350205000/publications/inside").await.0,
        StatusCode::NOT_FOUND
    );

    let withdrawal = WithdrawPublicationRequest {
        name: open.name.clone(),
        reason: "内部原因".into(),
        public_note: "数据更正中".into(),
        ..Default::default()
    };
    as_role(&suite, Role::FinanceHead).withdraw_publication(withdrawal).await.unwrap();
    let asked = GetCatalogDocumentRequest { name: format!("{}/documents/d2", open.name) };
    let shown = anyone.get_catalog_document(asked).await.unwrap().into_inner();
    let note = shown.withdrawal.unwrap();
    assert_eq!(
        (note.public_note.as_str(), note.reason.as_str(), note.withdrawer.as_str()),
        ("数据更正中", "", "")
    );
    assert!(shown.sections.is_empty());
    // Pages may be a moment old.
    tokio::time::sleep(wenxiao_disclosure::portal::MOMENT).await;
    let html = page(&suite, &format!("{}/documents/d2", open.url)).await.1;
    assert!(
        html.contains("数据更正中") && !html.contains("完成年度任务") && !html.contains("内部原因"),
        "{html}"
    );
}

#[tokio::test]
async fn a_secret_subject_is_withheld_with_a_reason() {
    let (suite, _world) = started().await;
    let secret = name("objectives", "o2");
    let waiting =
        submitted(&suite, "d1", decision(&secret, DocumentKind::ObjectiveTable, Audience::PeoplesCongress))
            .await;
    let request = ApproveDisclosureDecisionRequest { name: waiting, ..Default::default() };
    let refused = as_role(&suite, Role::FinanceHead).approve_disclosure_decision(request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "SUBJECT_SECRET"));
    let withhold = DisclosureDecision {
        subject: secret,
        document_kind: DocumentKind::ObjectiveTable.into(),
        outcome: disclosure_decision::Outcome::Withhold.into(),
        withhold_ground: WithholdGround::StateSecret.into(),
        reason: "涉密项目".into(),
        ..Default::default()
    };
    approved(&suite, "d2", withhold).await;
    let unknown = decision(&name("objectives", "nowhere"), DocumentKind::ObjectiveTable, Audience::Public);
    let request = CreateDisclosureDecisionRequest {
        parent: DISTRICT.into(),
        disclosure_decision: Some(unknown),
        ..Default::default()
    };
    let refused = as_role(&suite, Role::FinancePerformanceOfficer)
        .create_disclosure_decision(request)
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "REFERENCE_NOT_FOUND");
}

#[tokio::test]
async fn a_later_decision_supersedes_and_both_stay() {
    let (suite, _world) = started().await;
    let table = |widest| decision(&name("objectives", "o1"), DocumentKind::ObjectiveTable, widest);
    let first = approved(&suite, "d1", table(Audience::Public)).await;
    approved(&suite, "d2", table(Audience::PeoplesCongress)).await;
    let mut officer = as_role(&suite, Role::FinancePerformanceOfficer);
    let kept = officer
        .get_disclosure_decision(GetDisclosureDecisionRequest { name: first })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(kept.state(), disclosure_decision::State::Superseded);
    let ask = |page_size, page_token: String| ListDisclosureDecisionsRequest {
        parent: DISTRICT.into(),
        page_size,
        page_token,
        ..Default::default()
    };
    let page = officer.list_disclosure_decisions(ask(1, String::new())).await.unwrap().into_inner();
    let next = officer.list_disclosure_decisions(ask(1, page.next_page_token)).await.unwrap().into_inner();
    let ids: Vec<&str> =
        page.disclosure_decisions.iter().chain(&next.disclosure_decisions).map(|d| d.name.as_str()).collect();
    assert_eq!(ids, [name("disclosureDecisions", "d2"), name("disclosureDecisions", "d1")]);
    assert_eq!(next.next_page_token, "");
}

#[tokio::test]
async fn the_annual_summary_is_published_with_its_figures() {
    let (suite, mut world) = started().await;
    world.haicang_2020().await;
    let summary = decision(&name("annualSummaries", "2020"), DocumentKind::AnnualSummary, Audience::Public);
    let decided = approved(&suite, "d1", summary).await;
    let draft =
        drafted(&suite, "s2020", PublicationKind::AnnualSummary, &[Audience::Public], &[&decided]).await;
    published(&suite, &draft.name).await.unwrap();
    let mut anyone = CatalogServiceClient::new(suite.as_caller(Principal::anonymous()));
    let request = GetCatalogSummaryRequest { name: name("annualSummaries", "2020") };
    let shown = anyone.get_catalog_summary(request).await.unwrap().into_inner();
    assert!(shown.figures.iter().any(|figure| figure.printed_text == "39.87亿元"));
    let (status, html) = page(&suite, "/portal/districts/350205000/annualSummaries/2020").await;
    assert!(
        status == StatusCode::OK && html.contains("七、绩效评价信息公开情况") && html.contains("59.87亿元")
    );
}

#[tokio::test]
async fn a_notice_is_its_unit_s_to_receive_and_answer() {
    let (suite, _world) = started().await;
    let mut officer = NoticeServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let notice = Notice {
        subject: name("keyEvaluations", "k0"),
        basis_date: Some(Date { year: 2020, month: 11, day: 2 }),
        ..Default::default()
    };
    let request = CreateNoticeRequest { parent: DISTRICT.into(), notice: Some(notice), ..Default::default() };
    let notice = officer.create_notice(request).await.unwrap().into_inner();
    assert_eq!(notice.deadline.as_ref().unwrap().due_date, Some(Date { year: 2020, month: 11, day: 22 }));
    let mut unit = NoticeServiceClient::new(suite.as_caller(unit_caller(Role::UnitHead, "101")));
    let mut other = NoticeServiceClient::new(suite.as_caller(unit_caller(Role::UnitHead, "102")));
    let get = GetNoticeRequest { name: notice.name.clone() };
    assert_eq!(
        unit.get_notice(get.clone()).await.unwrap_err().code(),
        Code::NotFound,
        "a draft is not the unit's"
    );
    let issue = IssueNoticeRequest { name: notice.name.clone(), ..Default::default() };
    let issued = officer.issue_notice(issue).await.unwrap().into_inner();
    assert_eq!((issued.grade(), issued.score.unwrap().value.as_str()), (Grade::Good, "85.5"));
    let list = ListNoticesRequest { parent: DISTRICT.into(), ..Default::default() };
    assert_eq!(unit.list_notices(list.clone()).await.unwrap().into_inner().notices.len(), 1);
    assert_eq!(other.list_notices(list).await.unwrap().into_inner().notices.len(), 0);
    let answer = AnswerNoticeRequest {
        name: notice.name.clone(),
        text: "已制定措施".into(),
        accepted: true,
        ..Default::default()
    };
    assert_eq!(other.answer_notice(answer.clone()).await.unwrap_err().code(), Code::NotFound);
    unit.acknowledge_notice(AcknowledgeNoticeRequest { name: notice.name.clone(), ..Default::default() })
        .await
        .unwrap();
    unit.answer_notice(answer).await.unwrap();
    let closed =
        officer.close_notice(CloseNoticeRequest { name: notice.name, ..Default::default() }).await.unwrap();
    assert_eq!((closed.get_ref().state(), closed.get_ref().answers.len()), (notice::State::Closed, 1));
}

#[tokio::test]
async fn a_district_may_replace_its_working_days() {
    let (suite, _world) = started().await;
    let mut officer = as_role(&suite, Role::FinancePerformanceOfficer);
    let get = GetWorkCalendarRequest { name: name("workCalendars", "2020") };
    let built_in = officer.get_work_calendar(get.clone()).await.unwrap().into_inner();
    assert!(built_in.built_in && built_in.make_up_days.len() == 6);
    assert!(!built_in.verified, "the built-in days are from memory");
    let replaced = WorkCalendar { make_up_days: Vec::new(), verified: true, ..built_in };
    let update = UpdateWorkCalendarRequest { work_calendar: Some(replaced), ..Default::default() };
    officer.update_work_calendar(update).await.unwrap();
    let own = officer.get_work_calendar(get).await.unwrap().into_inner();
    assert_eq!((own.built_in, own.make_up_days.len(), own.etag.as_str()), (false, 0, "1"));
    assert!(own.verified, "the district has compared them");
}
