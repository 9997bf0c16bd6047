//! The registry takes the files of the seed year as they are, and its own queries give the published figures.

mod support;

use std::path::Path;

use support::{HAICANG, Registry, date};
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;

fn file(name: &str) -> Option<ImportFile> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/haicang-2020").join(name);
    let content = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(ImportFile { format: ImportFormat::Csv.into(), content })
}

fn parent() -> String {
    HAICANG.to_owned()
}

#[tokio::test]
async fn the_seed_year_comes_in() {
    let registry = Registry::start().await;
    let mut units = registry.units(Role::BudgetingSystem);
    let mut projects = registry.projects(Role::BudgetingSystem);
    let written = |result: Option<ImportResult>| {
        let result = result.expect("a result");
        assert!(result.written, "{:?}", result.row_errors.first());
    };
    let ask = ImportUnitsRequest { parent: parent(), file: file("units.csv"), ..Default::default() };
    written(units.import_units(ask).await.unwrap().into_inner().result);
    let ask = ImportProjectsRequest { parent: parent(), file: file("projects.csv"), ..Default::default() };
    written(projects.import_projects(ask).await.unwrap().into_inner().result);
    let ask =
        ImportBudgetEntriesRequest { parent: parent(), file: file("budgets.csv"), ..Default::default() };
    written(projects.import_budget_entries(ask).await.unwrap().into_inner().result);

    let ask = CountUnitsRequest { parent: parent(), effective_date: Some(date(2020, 12, 31)) };
    let counts = units.count_units(ask).await.unwrap().into_inner();
    assert_eq!((counts.budget_unit_count, counts.subdistrict_count), (167, 4));

    let ask = SummarizeBudgetsRequest { parent: parent(), fiscal_year: 2020, ..Default::default() };
    let totals = projects.summarize_budgets(ask).await.unwrap().into_inner().budget_totals;
    // 亿元 with two decimals, as the summary prints it.
    let hundred_million = |units: i64| (units + 500_000) / 1_000_000;
    let of = |account: BudgetAccount| {
        let total = totals.iter().find(|total| total.budget_account() == account).expect("a total");
        (total.project_count, hundred_million(total.adjusted_amount.as_ref().expect("an amount").units))
    };
    assert_eq!(of(BudgetAccount::GeneralPublic), (282, 3987), "282 projects, 39.87亿元");
    assert_eq!(of(BudgetAccount::GovernmentFund), (37, 862), "37 projects, 8.62亿元");
}
