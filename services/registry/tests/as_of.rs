//! What units had on a day: lists of projects and policies, and totals of budgets.

mod support;

use support::reform::{policy, unit_name};
use support::{HAICANG, Registry, date};
use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;

#[tokio::test]
async fn lists_and_totals_answer_as_of_a_day() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.unit("603001", unit::Kind::OwnUnit).await;
    for (id, unit) in [("moved", "603001"), ("stayed", "602002")] {
        registry.project(id, unit).await;
        policy(&registry, id, unit, None).await.unwrap();
        let entry = support::an_entry(id, BudgetEntryKind::Initial, 100);
        let ask = CreateBudgetEntryRequest {
            parent: HAICANG.into(),
            budget_entry: Some(entry),
            ..Default::default()
        };
        registry.projects(Role::FinanceHead).create_budget_entry(ask).await.unwrap();
    }
    let merge = MergeUnitsRequest {
        name: unit_name("602"),
        absorbed_units: vec![unit_name("603"), unit_name("603001")],
        merge_date: Some(date(2021, 1, 1)),
        reason: "机构改革".into(),
        ..Default::default()
    };
    registry.units(Role::FinanceHead).merge_units(merge).await.unwrap();
    let (eve, day) = (Some(date(2020, 12, 31)), Some(date(2021, 1, 1)));
    let mut client = registry.projects(Role::FinanceHead);
    for (unit, on, expected) in [
        ("603", eve, "603001 moved"),
        ("603", day, ""),
        ("603", None, ""),
        ("602", eve, "602002 stayed"),
        ("602", day, "602 moved, 602002 stayed"),
        ("602", None, "602 moved, 602002 stayed"),
    ] {
        let code = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let ask = ListProjectsRequest {
            parent: HAICANG.into(),
            unit: unit_name(unit),
            effective_date: on,
            ..Default::default()
        };
        let found = client.list_projects(ask).await.unwrap().into_inner().projects;
        let told = found.iter().map(|one| format!("{} {}", code(&one.implementing_unit), code(&one.name)));
        assert_eq!(told.collect::<Vec<_>>().join(", "), expected, "{unit} on {on:?}");
    }
    for (unit, on, expected) in
        [("603001", eve, "603001 moved"), ("603001", None, ""), ("602", day, "602 moved")]
    {
        let ask = ListPoliciesRequest {
            parent: HAICANG.into(),
            executing_unit: unit_name(unit),
            effective_date: on,
            ..Default::default()
        };
        let found = client.list_policies(ask).await.unwrap().into_inner().policies;
        let code = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let told = found.iter().map(|one| format!("{} {}", code(&one.executing_unit), code(&one.name)));
        assert_eq!(told.collect::<Vec<_>>().join(", "), expected, "{unit} on {on:?}");
    }
    let mut totals = async |on: Option<Date>| {
        let ask = SummarizeBudgetsRequest {
            parent: HAICANG.into(),
            fiscal_year: 2020,
            grouping: summarize_budgets_request::Grouping::Department.into(),
            effective_date: on,
            ..Default::default()
        };
        let totals = client.summarize_budgets(ask).await.unwrap().into_inner().budget_totals;
        let told = totals.iter().map(|one| {
            let units = one.initial_amount.as_ref().map(|amount| amount.units).unwrap_or_default();
            format!("{} {} {units}", one.group.rsplit('/').next().unwrap_or_default(), one.unit_count)
        });
        told.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(totals(eve).await, "602 1 100, 603 1 100");
    assert_eq!(totals(day).await, "602 2 200");
    assert_eq!(totals(None).await, "602 2 200");
}
