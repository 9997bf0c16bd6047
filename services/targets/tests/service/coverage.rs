//! Coverage of budgets by ratified objectives, on a real Postgres, with a registry that tells of units and budgets.

use std::time::Duration;

use crate::support::*;
use wenxiao_contract::google::r#type::Money;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{self as registry, BudgetEntryKind};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::testing::TestSuite;

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
