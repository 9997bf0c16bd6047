//! Districts and units against a real Postgres.

mod support;

use support::{HAICANG, Registry, date, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{caller, unit_caller};

#[tokio::test]
async fn own_units_are_entered_once_and_counted_with_their_department() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("901", unit::Kind::SubdistrictOffice).await;
    let second = Unit {
        agency_code: "602009".into(),
        title: "又一个本级".into(),
        kind: unit::Kind::OwnUnit.into(),
        ..Unit::default()
    };
    let ask = CreateUnitRequest { parent: HAICANG.into(), unit: Some(second), ..Default::default() };
    let refused = registry.units(Role::FinanceHead).create_unit(ask).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "OWN_UNIT_EXISTS".into()));
    let ask = CountUnitsRequest { parent: HAICANG.into(), ..Default::default() };
    let counts = registry.units(Role::UnitFiler).count_units(ask).await.unwrap().into_inner();
    assert_eq!((counts.budget_unit_count, counts.subdistrict_count, counts.own_unit_count), (2, 1, 1));
    assert_eq!(counts.reporting_unit_count, 3);
    assert!(!counts.explanation.unwrap().steps.is_empty());
}

#[tokio::test]
async fn a_street_that_is_a_township_too_is_one_body() {
    let registry = Registry::start().await;
    let street = |code: &str, division: &str| CreateUnitRequest {
        parent: HAICANG.into(),
        unit: Some(Unit {
            agency_code: code.into(),
            title: format!("街道{code}"),
            kind: unit::Kind::SubdistrictOffice.into(),
            fiscal_division: division.into(),
            ..Unit::default()
        }),
        ..Default::default()
    };
    let mut finance = registry.units(Role::FinanceHead);
    let entered = finance.create_unit(street("901", "350205001")).await.unwrap().into_inner();
    assert_eq!((entered.agency_code.as_str(), entered.fiscal_division.as_str()), ("901", "350205001"));
    let twice = finance.create_unit(street("902", "350205001")).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "CODE_TAKEN".into()), "its township under another code");
    let elsewhere = finance.create_unit(street("902", "350206001")).await;
    assert_eq!(refusal(elsewhere).0, Code::InvalidArgument, "a township of another district");
    finance.create_unit(street("902", "350205002")).await.unwrap();
    registry.unit("901001", unit::Kind::OwnUnit).await;
    let ask = CountUnitsRequest { parent: HAICANG.into(), ..Default::default() };
    let counts = finance.count_units(ask).await.unwrap().into_inner();
    assert_eq!((counts.subdistrict_count, counts.budget_unit_count, counts.reporting_unit_count), (2, 0, 2));
}

#[tokio::test]
async fn a_merger_ends_units_with_what_is_below_them() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.unit("603001", unit::Kind::Unit).await;
    let mut finance = registry.units(Role::FinanceHead);
    let merge = |absorbed: &[&str]| MergeUnitsRequest {
        name: format!("{HAICANG}/units/602"),
        absorbed_units: absorbed.iter().map(|code| format!("{HAICANG}/units/{code}")).collect(),
        merge_date: Some(date(2021, 1, 1)),
        reason: "机构改革".into(),
        ..Default::default()
    };
    let refused = finance.merge_units(merge(&["603"])).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "UNIT_HAS_SUBUNITS".into()));
    finance.merge_units(merge(&["603", "603001"])).await.unwrap();
    let gone = finance
        .get_unit(GetUnitRequest { name: format!("{HAICANG}/units/603"), ..Default::default() })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(gone.state(), unit::State::Merged);
    assert_eq!((gone.end_date, gone.successor), (Some(date(2020, 12, 31)), format!("{HAICANG}/units/602")));
    let count = |year| CountUnitsRequest { parent: HAICANG.into(), effective_date: Some(date(year, 6, 30)) };
    assert_eq!(finance.count_units(count(2020)).await.unwrap().into_inner().budget_unit_count, 4);
    assert_eq!(finance.count_units(count(2021)).await.unwrap().into_inner().budget_unit_count, 2);
}

#[tokio::test]
async fn updates_mean_what_their_mask_names() {
    let registry = Registry::start().await;
    let before = registry.unit("602", unit::Kind::Department).await;
    let mut finance = registry.units(Role::FinanceBusinessOfficer);
    let change = Unit { title: "应急管理局".into(), short_title: "不改".into(), ..before.clone() };
    let mask = |path: &str| Some(prost_types::FieldMask { paths: vec![path.into()] });
    let ask = UpdateUnitRequest {
        unit: Some(change.clone()),
        update_mask: mask("title"),
        etag: before.etag.clone(),
        request_id: "a".into(),
    };
    let after = finance.update_unit(ask.clone()).await.unwrap().into_inner();
    assert_eq!((after.title.as_str(), after.short_title.as_str(), after.version), ("应急管理局", "", 2));
    let again = finance.update_unit(ask).await.unwrap().into_inner();
    assert_eq!(again, after, "the same request has one effect and the same answer");
    let stale = UpdateUnitRequest { unit: Some(change.clone()), etag: before.etag, ..Default::default() };
    assert_eq!(refusal(finance.update_unit(stale).await), (Code::Aborted, "ETAG_MISMATCH".into()));
    let code =
        UpdateUnitRequest { unit: Some(change), update_mask: mask("agency_code"), ..Default::default() };
    assert_eq!(
        refusal(finance.update_unit(code).await),
        (Code::InvalidArgument, "INVALID_UPDATE_MASK".into())
    );
}

#[tokio::test]
async fn who_may_not_is_told_so_and_strangers_see_nothing() {
    let registry = Registry::start().await;
    registry.department().await;
    let unit = Unit { agency_code: "700".into(), title: "x".into(), ..Unit::default() };
    let ask = CreateUnitRequest { parent: HAICANG.into(), unit: Some(unit), ..Default::default() };
    let filer = registry.units_as(unit_caller(Role::UnitFiler, "602002")).create_unit(ask).await;
    assert_eq!(refusal(filer).0, Code::PermissionDenied);
    let mut elsewhere = caller(Role::FinanceHead);
    elsewhere.districts = vec!["350206000".parse().unwrap()];
    let foreign = registry
        .units_as(elsewhere)
        .get_unit(GetUnitRequest { name: format!("{HAICANG}/units/602"), ..Default::default() })
        .await;
    assert_eq!(refusal(foreign).0, Code::NotFound);
    let city = ListUnitsRequest { parent: "districts/-".into(), page_size: 2, ..Default::default() };
    let page = registry.units(Role::CityReader).list_units(city.clone()).await.unwrap().into_inner();
    assert_eq!(page.units.len(), 2);
    let rest = ListUnitsRequest { page_token: page.next_page_token, ..city };
    let rest = registry.units(Role::CityReader).list_units(rest).await.unwrap().into_inner();
    assert_eq!((rest.units.len(), rest.next_page_token.as_str()), (1, ""));
}
