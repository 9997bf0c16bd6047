//! How indicators come into the library and go out of it, and how they are listed.

mod support;

use support::{HAICANG, Registry, an_indicator, date, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
use wenxiao_contract::wenxiao::registry::v1::indicator::State;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

fn proposal(code: &str, unit: &str) -> ProposeIndicatorRequest {
    let indicator = Indicator {
        common: false,
        unit: format!("{HAICANG}/units/602"),
        ..an_indicator(code, "垃圾分类示范村数量")
    };
    ProposeIndicatorRequest {
        parent: HAICANG.into(),
        indicator: Some(indicator),
        unit: format!("{HAICANG}/units/{unit}"),
        reason: "各村项目都要用".into(),
        ..Default::default()
    }
}

fn endorse(name: &str) -> EndorseIndicatorRequest {
    EndorseIndicatorRequest { name: name.into(), ..Default::default() }
}

fn confirm(name: &str) -> ConfirmIndicatorRequest {
    ConfirmIndicatorRequest { name: name.into(), ..Default::default() }
}

fn refuse(name: &str, reason: &str) -> RefuseIndicatorRequest {
    RefuseIndicatorRequest { name: name.into(), reason: reason.into(), ..Default::default() }
}

#[tokio::test]
async fn a_units_indicator_passes_the_department_and_the_bureau() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.project("P1", "602002").await;
    let mut filer = registry.library_as(unit_caller(Role::UnitFiler, "602002"));
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let mut reviewer = registry.library_as(unit_caller(Role::DepartmentReviewer, "602"));
    let mut other = registry.library_as(unit_caller(Role::DepartmentReviewer, "603"));

    let ask =
        ProposeIndicatorRequest { project: format!("{HAICANG}/projects/P1"), ..proposal("LJ01", "602002") };
    let made = filer.propose_indicator(ask).await.unwrap().into_inner();
    let told = made.proposal.clone().unwrap();
    assert_eq!((made.state(), told.unit.as_str()), (State::Draft, "districts/350205000/units/602002"));
    assert_eq!(told.project, format!("{HAICANG}/projects/P1"));
    assert!(told.endorse_time.is_none());

    assert_eq!(refusal(officer.confirm_indicator(confirm(&made.name)).await).1, "STATE_NOT_ALLOWED");
    assert_eq!(refusal(other.endorse_indicator(endorse(&made.name)).await).0, Code::NotFound);
    assert_eq!(refusal(filer.endorse_indicator(endorse(&made.name)).await).0, Code::PermissionDenied);
    let endorsed = reviewer.endorse_indicator(endorse(&made.name)).await.unwrap().into_inner();
    assert_eq!(endorsed.state(), State::Endorsed);
    assert!(endorsed.proposal.as_ref().unwrap().endorse_time.is_some());
    assert_eq!(refusal(reviewer.endorse_indicator(endorse(&made.name)).await).1, "STATE_NOT_ALLOWED");
    let confirmed = officer.confirm_indicator(confirm(&made.name)).await.unwrap().into_inner();
    assert_eq!(confirmed.state(), State::Confirmed);
    assert_eq!(refusal(officer.refuse_indicator(refuse(&made.name, "重复")).await).1, "STATE_NOT_ALLOWED");
}

#[tokio::test]
async fn a_proposal_is_the_proposers_own() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.unit("603001", unit::Kind::OwnUnit).await;
    registry.project("P3", "603001").await;
    let mut filer = registry.library_as(unit_caller(Role::UnitFiler, "602002"));
    assert_eq!(refusal(filer.propose_indicator(proposal("A", "603001")).await).0, Code::NotFound);
    let foreign =
        ProposeIndicatorRequest { project: format!("{HAICANG}/projects/P3"), ..proposal("A", "602002") };
    assert_eq!(refusal(filer.propose_indicator(foreign).await).1, "REFERENCE_NOT_FOUND");
    let mut elsewhere = proposal("A", "602002");
    elsewhere.indicator.as_mut().unwrap().unit = format!("{HAICANG}/units/603");
    assert_eq!(
        refusal(filer.propose_indicator(elsewhere).await),
        (Code::InvalidArgument, "INVALID_REQUEST".into())
    );
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    assert_eq!(refusal(officer.propose_indicator(proposal("A", "602002")).await).0, Code::PermissionDenied);

    let mut reviewer = registry.library_as(unit_caller(Role::DepartmentReviewer, "602"));
    let own = reviewer.propose_indicator(proposal("B", "602")).await.unwrap().into_inner();
    assert_eq!(own.state(), State::Endorsed, "a department's own proposal waits for the bureau only");
    let below = reviewer.propose_indicator(proposal("C", "602002")).await.unwrap().into_inner();
    let refused = refusal(reviewer.endorse_indicator(endorse(&below.name)).await);
    assert_eq!(refused.0, Code::PermissionDenied, "nobody confirms what they proposed");
}

#[tokio::test]
async fn what_is_refused_says_why_and_frees_its_code() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut filer = registry.library_as(unit_caller(Role::UnitFiler, "602002"));
    let mut reviewer = registry.library_as(unit_caller(Role::DepartmentReviewer, "602"));
    let made = filer.propose_indicator(proposal("LJ01", "602002")).await.unwrap().into_inner();
    assert_eq!(refusal(filer.propose_indicator(proposal("LJ01", "602002")).await).1, "CODE_TAKEN");
    assert_eq!(refusal(reviewer.refuse_indicator(refuse(&made.name, "")).await).0, Code::InvalidArgument);
    let refused = reviewer.refuse_indicator(refuse(&made.name, "已有共性指标")).await.unwrap().into_inner();
    assert_eq!((refused.state(), refused.refusal_reason.as_str()), (State::Refused, "已有共性指标"));
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    assert_eq!(refusal(officer.confirm_indicator(confirm(&made.name)).await).1, "STATE_NOT_ALLOWED");
    let again = filer.propose_indicator(proposal("LJ01", "602002")).await.unwrap().into_inner();
    assert_eq!(again.state(), State::Draft);
}

#[tokio::test]
async fn an_indicator_says_what_its_value_means() {
    let registry = Registry::start().await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let ask = |indicator| CreateIndicatorRequest {
        parent: HAICANG.into(),
        indicator: Some(indicator),
        ..Default::default()
    };
    let cost =
        Indicator {
            node_code: "14".into(), suggested_value: "完成".into(), ..an_indicator("A", "特别费")
        };
    let status = officer.create_indicator(ask(cost)).await.unwrap_err();
    let fields: Vec<String> = tonic_types::StatusExt::get_error_details(&status)
        .bad_request()
        .map(|bad| bad.field_violations.iter().map(|one| one.field.clone()).collect())
        .unwrap_or_default();
    assert_eq!(fields, ["operator", "suggested_value"], "a cost of at least, and a number that is none");
    let bare = Indicator { measure_unit: "%".into(), ..an_indicator("B", "社会效益明显") };
    let made = officer.create_indicator(ask(bare)).await.unwrap().into_inner();
    assert_eq!(refusal(officer.confirm_indicator(confirm(&made.name)).await).0, Code::InvalidArgument);
    let formula = Indicator {
        name: made.name.clone(),
        value_description: "达标户数÷总户数".into(),
        ..Indicator::default()
    };
    let ask = UpdateIndicatorRequest { indicator: Some(formula), ..Default::default() };
    officer.update_indicator(ask).await.unwrap();
    officer.confirm_indicator(confirm(&made.name)).await.unwrap();
}

#[tokio::test]
async fn lists_are_narrowed_by_level_department_category_day_and_text() {
    let registry = Registry::start().await;
    registry.department().await;
    let personnel = ProjectCategory::Personnel.into();
    registry.indicator(an_indicator("A", "补助发放人次")).await;
    registry
        .indicator(Indicator {
            node_code: "14".into(),
            operator: IndicatorOperator::AtMost.into(),
            project_categories: vec![personnel],
            ..an_indicator("B", "人均成本")
        })
        .await;
    registry
        .indicator(Indicator {
            common: false,
            unit: format!("{HAICANG}/units/602"),
            node_code: "22".into(),
            keywords: vec!["垃圾分类".into()],
            start_date: Some(date(2100, 1, 1)),
            ..an_indicator("C", "村容整洁")
        })
        .await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let mut codes = async |ask: ListIndicatorsRequest| {
        let ask = ListIndicatorsRequest { parent: HAICANG.into(), ..ask };
        let found = officer.list_indicators(ask).await.unwrap().into_inner().indicators;
        found.into_iter().map(|one| one.code).collect::<Vec<_>>().concat()
    };
    let all = ListIndicatorsRequest::default();
    assert_eq!(codes(all.clone()).await, "ABC");
    assert_eq!(codes(ListIndicatorsRequest { level_one_code: "1".into(), ..all.clone() }).await, "AB");
    assert_eq!(codes(ListIndicatorsRequest { level_one_code: "2".into(), ..all.clone() }).await, "C");
    assert_eq!(codes(ListIndicatorsRequest { node_code: "14".into(), ..all.clone() }).await, "B");
    assert_eq!(codes(ListIndicatorsRequest { common: Some(false), ..all.clone() }).await, "C");
    let department = format!("{HAICANG}/units/603");
    assert_eq!(codes(ListIndicatorsRequest { unit: department, ..all.clone() }).await, "AB");
    let specific = ProjectCategory::SpecificPurpose.into();
    assert_eq!(codes(ListIndicatorsRequest { project_category: specific, ..all.clone() }).await, "AC");
    assert_eq!(codes(ListIndicatorsRequest { project_category: personnel, ..all.clone() }).await, "ABC");
    let on = |year| ListIndicatorsRequest { enabled_date: Some(date(year, 6, 30)), ..all.clone() };
    assert_eq!((codes(on(2099)).await, codes(on(2100)).await), ("AB".to_owned(), "ABC".to_owned()));
    assert_eq!(codes(ListIndicatorsRequest { query: "垃圾".into(), ..all.clone() }).await, "C", "a keyword");
    assert_eq!(codes(ListIndicatorsRequest { query: "人".into(), ..all }).await, "AB");

    let name = format!("{HAICANG}/indicators/A");
    let past =
        RetireIndicatorRequest { name: name.clone(), end_date: Some(date(2020, 1, 1)), ..Default::default() };
    assert_eq!(refusal(officer.retire_indicator(past.clone()).await).0, Code::InvalidArgument);
    let later = RetireIndicatorRequest { end_date: Some(date(2099, 12, 31)), ..past };
    let retired = officer.retire_indicator(later).await.unwrap().into_inner();
    assert_eq!(retired.state(), State::Retired);
    let mut enabled = async |year| {
        let ask = ListIndicatorsRequest {
            parent: HAICANG.into(),
            enabled_date: Some(date(year, 1, 1)),
            ..Default::default()
        };
        officer.list_indicators(ask).await.unwrap().into_inner().indicators.len()
    };
    assert_eq!((enabled(2099).await, enabled(2101).await), (2, 2), "A until 2099, C from 2100");
}
