//! Objects that are kept as documents and that no other test enters: entered once, read as they were entered, changed over
//! exactly the version that was read.

mod support;

use prost_types::FieldMask;
use support::{HAICANG, Registry, refusal};
use tonic::{Code, Response, Status};
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;

fn title() -> Option<FieldMask> {
    Some(FieldMask { paths: vec!["title".into()] })
}

fn answer<T>(said: Result<Response<T>, Status>) -> T {
    said.expect("an answer").into_inner()
}

#[tokio::test]
async fn an_expert_is_kept() {
    let registry = Registry::start().await;
    let mut officer = registry.participants(Role::FinancePerformanceOfficer);
    let expert = Expert { title: "王五".into(), specialties: vec!["水务".into()], ..Expert::default() };
    let ask = CreateExpertRequest {
        parent: HAICANG.into(),
        expert: Some(expert),
        expert_id: "ZJ01".into(),
        ..Default::default()
    };
    let made = answer(officer.create_expert(ask.clone()).await);
    assert_eq!(refusal(officer.create_expert(ask).await), (Code::AlreadyExists, "ALREADY_EXISTS".into()));
    assert_eq!(answer(officer.get_expert(GetExpertRequest { name: made.name.clone() }).await), made);
    let after = Expert { title: "王五一".into(), ..made.clone() };
    let ask = UpdateExpertRequest {
        expert: Some(after),
        update_mask: title(),
        etag: "1".into(),
        ..Default::default()
    };
    let changed = answer(officer.update_expert(ask.clone()).await);
    assert_eq!((changed.title.as_str(), changed.version), ("王五一", 2));
    assert_eq!(refusal(officer.update_expert(ask).await), (Code::Aborted, "ETAG_MISMATCH".into()));
    let of = |specialty: &str| ListExpertsRequest {
        parent: HAICANG.into(),
        specialty: specialty.into(),
        ..Default::default()
    };
    assert_eq!(answer(officer.list_experts(of("水务")).await).experts, [changed]);
    assert_eq!(answer(officer.list_experts(of("教育")).await).experts, []);
}

#[tokio::test]
async fn a_representative_is_kept() {
    let registry = Registry::start().await;
    let mut officer = registry.participants(Role::FinancePerformanceOfficer);
    let representative = Representative {
        title: "赵六".into(),
        kind: representative::Kind::PeoplesDeputy.into(),
        ..Representative::default()
    };
    let ask = CreateRepresentativeRequest {
        parent: HAICANG.into(),
        representative: Some(representative),
        representative_id: "DB01".into(),
        ..Default::default()
    };
    let made = answer(officer.create_representative(ask.clone()).await);
    assert_eq!(refusal(officer.create_representative(ask).await).0, Code::AlreadyExists);
    let read = GetRepresentativeRequest { name: made.name.clone() };
    assert_eq!(answer(officer.get_representative(read).await), made);
    let after = Representative { title: "赵六一".into(), ..made.clone() };
    let ask = UpdateRepresentativeRequest {
        representative: Some(after),
        update_mask: title(),
        etag: "1".into(),
        ..Default::default()
    };
    let changed = answer(officer.update_representative(ask.clone()).await);
    assert_eq!((changed.title.as_str(), changed.version), ("赵六一", 2));
    assert_eq!(refusal(officer.update_representative(ask).await).0, Code::Aborted);
    let ask = ListRepresentativesRequest { parent: HAICANG.into(), ..Default::default() };
    assert_eq!(answer(officer.list_representatives(ask).await).representatives, [changed]);
}

#[tokio::test]
async fn a_template_is_kept() {
    let registry = Registry::start().await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let item = TemplateItem { code: "1".into(), title: "基本情况".into(), ..TemplateItem::default() };
    let template = Template {
        title: "报告提纲".into(),
        kind: template::Kind::ReportOutline.into(),
        first_fiscal_year: 2100,
        items: vec![item],
        ..Template::default()
    };
    let ask = CreateTemplateRequest {
        parent: HAICANG.into(),
        template: Some(template),
        template_id: "outline".into(),
        ..Default::default()
    };
    let made = answer(officer.create_template(ask.clone()).await);
    assert_eq!(refusal(officer.create_template(ask).await).0, Code::AlreadyExists);
    assert_eq!(answer(officer.get_template(GetTemplateRequest { name: made.name.clone() }).await), made);
    let after = Template { title: "评价报告提纲".into(), ..made.clone() };
    let ask = UpdateTemplateRequest {
        template: Some(after),
        update_mask: title(),
        etag: "1".into(),
        ..Default::default()
    };
    let changed = answer(officer.update_template(ask.clone()).await);
    assert_eq!((changed.title.as_str(), changed.version), ("评价报告提纲", 2));
    assert_eq!(refusal(officer.update_template(ask).await).0, Code::Aborted);
    let ask = ListTemplatesRequest { parent: HAICANG.into(), fiscal_year: 2100, ..Default::default() };
    assert_eq!(answer(officer.list_templates(ask).await).templates, [changed]);
}
