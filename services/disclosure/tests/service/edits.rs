//! An update needs the name and what it changes; what is created needs all that is required.

use prost_types::FieldMask;
use tonic::Status;
use tonic_types::StatusExt;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::disclosure::v1::notice_service_client::NoticeServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_client::PublicationServiceClient;
use wenxiao_contract::wenxiao::disclosure::v1::*;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_plan::Lead;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{TestSuite, caller};

use crate::world::{DISTRICT, World, name};

async fn started() -> TestSuite {
    let suite = TestSuite::start(&[&wenxiao_disclosure::DEFINITION]).await;
    World::of(&suite).await.key_evaluation(0, Lead::Finance, Grade::Good).await;
    suite
}

fn mask(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask { paths: paths.iter().map(ToString::to_string).collect() })
}

fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    details.bad_request().unwrap().field_violations.iter().map(|violation| violation.field.clone()).collect()
}

#[tokio::test]
async fn a_draft_is_edited_by_field() {
    let suite = started().await;
    let mut officer = PublicationServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let publication = Publication {
        kind: PublicationKind::ObjectiveTables.into(),
        title: "2020年重点评价结果".into(),
        audiences: vec![Audience::Public.into()],
        work_year: 2020,
        evaluated_year: 2019,
        ..Default::default()
    };
    let request = CreatePublicationRequest {
        parent: DISTRICT.into(),
        publication: Some(publication),
        ..Default::default()
    };
    let draft = officer.create_publication(request).await.unwrap().into_inner();
    let update = |publication: Publication, mask: Option<FieldMask>| UpdatePublicationRequest {
        publication: Some(Publication { name: draft.name.clone(), ..publication }),
        update_mask: mask,
        ..Default::default()
    };
    let titled = || Publication { title: "重点评价结果".into(), ..Default::default() };
    let told = officer.update_publication(update(titled(), mask(&["title"]))).await.unwrap().into_inner();
    assert_eq!((told.title.as_str(), told.work_year, told.audiences.len()), ("重点评价结果", 2020, 1));
    let told = officer.update_publication(update(titled(), None)).await.unwrap().into_inner();
    assert_eq!((told.evaluated_year, told.audiences.len()), (2019, 1), "without a mask it means what is set");
    let emptied = update(Publication::default(), mask(&["audiences", "work_year"]));
    let refused = officer.update_publication(emptied).await.unwrap_err();
    assert_eq!(fields(&refused), ["publication.audiences", "publication.work_year"]);
    let bare = CreatePublicationRequest {
        parent: DISTRICT.into(),
        publication: Some(Publication::default()),
        ..Default::default()
    };
    let refused = officer.create_publication(bare).await.unwrap_err();
    let lacks = ["kind", "title", "audiences", "work_year", "evaluated_year"];
    assert_eq!(fields(&refused), lacks.map(|field| format!("publication.{field}")));
}

#[tokio::test]
async fn a_decision_and_a_notice_are_edited_by_field() {
    let suite = started().await;
    let mut officer = PublicationServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let subject = name("keyEvaluations", "k0");
    let decision = DisclosureDecision {
        subject: subject.clone(),
        document_kind: DocumentKind::KeyEvaluationReport.into(),
        outcome: disclosure_decision::Outcome::Publish.into(),
        widest_audience: Audience::Public.into(),
        ..Default::default()
    };
    let request = CreateDisclosureDecisionRequest {
        parent: DISTRICT.into(),
        disclosure_decision: Some(decision),
        ..Default::default()
    };
    let decision = officer.create_disclosure_decision(request).await.unwrap().into_inner();
    let update = UpdateDisclosureDecisionRequest {
        disclosure_decision: Some(DisclosureDecision {
            name: decision.name,
            legal_basis: "政府信息公开条例".into(),
            ..Default::default()
        }),
        update_mask: mask(&["legal_basis"]),
        ..Default::default()
    };
    let told = officer.update_disclosure_decision(update).await.unwrap().into_inner();
    assert_eq!((told.subject.as_str(), told.widest_audience()), (subject.as_str(), Audience::Public));

    let mut notices = NoticeServiceClient::new(suite.as_caller(caller(Role::FinancePerformanceOfficer)));
    let create = |notice: Notice| CreateNoticeRequest {
        parent: DISTRICT.into(),
        notice: Some(notice),
        ..Default::default()
    };
    let notice = Notice { subject, title: "评价结果反馈".into(), ..Default::default() };
    let notice = notices.create_notice(create(notice)).await.unwrap().into_inner();
    let update = UpdateNoticeRequest {
        notice: Some(Notice {
            name: notice.name,
            document_number: "海财〔2020〕1号".into(),
            ..Default::default()
        }),
        update_mask: mask(&["document_number"]),
        ..Default::default()
    };
    assert_eq!(notices.update_notice(update).await.unwrap().into_inner().title, "评价结果反馈");
    let refused = notices.create_notice(create(Notice::default())).await.unwrap_err();
    assert_eq!(fields(&refused), ["notice.subject"]);
}
