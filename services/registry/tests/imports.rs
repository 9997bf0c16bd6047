//! Imports of a finance bureau's files.

mod support;

use support::{HAICANG, Registry, date};
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;

fn csv(text: &str) -> Option<ImportFile> {
    Some(ImportFile { format: ImportFormat::Csv.into(), content: text.as_bytes().to_vec() })
}

async fn units(registry: &Registry, text: &str, validate_only: bool) -> ImportResult {
    let ask =
        ImportUnitsRequest { parent: HAICANG.into(), file: csv(text), validate_only, ..Default::default() };
    let answer = registry.units(Role::BudgetingSystem).import_units(ask).await.expect("an answer");
    answer.into_inner().result.expect("a result")
}

const UNITS: &str = "单位代码,单位名称,上级代码,单位类型,财政区划代码,启用日期\n\
    602001,应急管理局本级,602,本级单位,350205000,2015-01-01\n\
    602,应急管理局,,主管部门,350205000,2015-01-01\n\
    901,海沧街道办事处,,街道办事处,350205001,2015-01-01\n";

#[tokio::test]
async fn units_come_in_whole_or_not_at_all() {
    let registry = Registry::start().await;
    let wrong = format!("{UNITS}603001,无上级,603,下属单位,,\n602002,,602,公司,,2015-13-01\n");
    let result = units(&registry, &wrong, false).await;
    assert!(!result.written);
    let said: Vec<(i32, &str, &str)> =
        result.row_errors.iter().map(|e| (e.row_number, e.column.as_str(), e.reason.as_str())).collect();
    assert_eq!(
        said,
        [
            (5, "", "PARENT_UNIT_MISSING"),
            (6, "单位名称", "MISSING_VALUE"),
            (6, "单位类型", "INVALID_VALUE"),
            (6, "启用日期", "INVALID_VALUE"),
        ]
    );
    let count = CountUnitsRequest { parent: HAICANG.into(), ..Default::default() };
    let mut finance = registry.units(Role::FinanceHead);
    assert_eq!(finance.count_units(count.clone()).await.unwrap().into_inner().reporting_unit_count, 0);
    let dry = units(&registry, UNITS, true).await;
    assert_eq!((dry.created_count, dry.written), (3, false));
    assert_eq!(finance.count_units(count.clone()).await.unwrap().into_inner().reporting_unit_count, 0);
    let done = units(&registry, UNITS, false).await;
    assert_eq!((done.created_count, done.written), (3, true));
    assert_eq!(finance.count_units(count).await.unwrap().into_inner().reporting_unit_count, 2);
    let again = units(&registry, &UNITS.replace("应急管理局,", "区应急管理局,"), false).await;
    assert_eq!((again.created_count, again.updated_count, again.unchanged_count), (0, 1, 2));
}

#[tokio::test]
async fn projects_and_budgets_come_in_as_bureaus_write_them() {
    let registry = Registry::start().await;
    units(&registry, UNITS, false).await;
    let file = csv(
        "项目代码,项目名称,单位代码,预算账户,地方项目类型,项目类别代码,项目性质,设立年度,期限年数,项目总金额,政策编号,密级\n\
        35020520T000000000006,农村污水管网溯源排查,602001,一般公共预算,发展经费,3,一次性,2020,1,\"24,860,000.00\",,非涉密\n",
    );
    let ask = ImportProjectsRequest { parent: HAICANG.into(), file, ..Default::default() };
    let mut client = registry.projects(Role::BudgetingSystem);
    let result = client.import_projects(ask.clone()).await.unwrap().into_inner().result.unwrap();
    assert_eq!((result.created_count, result.row_errors), (1, vec![]));
    let again = client.import_projects(ask).await.unwrap().into_inner().result.unwrap();
    assert_eq!(again.unchanged_count, 1);

    let rows = "分录编号,预算年度,项目代码,单位代码,预算账户,资金来源,类型,金额,日期,文号\n\
        YS-1,2020,35020520T000000000006,602001,一般公共预算,区级,年初,24860000.00,2020-01-17,1号\n\
        YS-2,2020,35020520T000000000006,602001,一般公共预算,市级,追减,97900.00,2020-08-28,2号\n";
    let entries = |text: &str| ImportBudgetEntriesRequest {
        parent: HAICANG.into(),
        file: csv(text),
        ..Default::default()
    };
    let result = client.import_budget_entries(entries(rows)).await.unwrap().into_inner().result.unwrap();
    assert_eq!((result.created_count, result.written, result.row_errors), (2, true, vec![]));
    let name = format!("{HAICANG}/projects/35020520T000000000006/budgetPositions/2020");
    let position = client.get_budget_position(GetBudgetPositionRequest { name }).await.unwrap().into_inner();
    assert_eq!(
        position.adjusted_amount.map(|money| money.units),
        Some(24_762_100),
        "a reduction without its sign"
    );
    let twice = client.import_budget_entries(entries(rows)).await.unwrap().into_inner().result.unwrap();
    assert_eq!(
        twice.row_errors.iter().map(|e| e.reason.as_str()).collect::<Vec<_>>(),
        ["CODE_TAKEN", "CODE_TAKEN"]
    );
    let below = rows.replace("YS-", "YX-").replace("24860000.00", "0").replace("97900.00", "99999999.00");
    let below = client.import_budget_entries(entries(&below)).await.unwrap().into_inner().result.unwrap();
    assert_eq!((below.written, below.row_errors[0].reason.as_str()), (false, "BUDGET_BELOW_ZERO"));
}

#[tokio::test]
async fn an_excel_sheet_reads_like_its_csv() {
    let registry = Registry::start().await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in UNITS.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), cell).unwrap();
        }
    }
    let content = book.save_to_buffer().unwrap();
    let file = Some(ImportFile { format: ImportFormat::Xlsx.into(), content });
    let ask = ImportUnitsRequest { parent: HAICANG.into(), file, ..Default::default() };
    let answer = registry.units(Role::FinanceHead).import_units(ask).await.unwrap().into_inner();
    let result = answer.result.unwrap();
    assert_eq!((result.created_count, result.row_errors), (3, vec![]));
}

#[tokio::test]
async fn a_file_ends_no_unit_before_its_last_change_or_above_what_goes_on() {
    let registry = Registry::start().await;
    registry.department().await;
    let rename = RenameUnitRequest {
        name: format!("{HAICANG}/units/602002"),
        title: "新名".into(),
        effective_date: Some(date(2022, 1, 1)),
        reason: "更名".into(),
        ..Default::default()
    };
    registry.units(Role::FinanceHead).rename_unit(rename).await.unwrap();
    let ending = "单位代码,单位名称,单位类型,停用日期\n602,单位602,主管部门,2021-12-31\n602002,新名,所属单位,2021-06-30\n";
    let result = units(&registry, ending, false).await;
    let said: Vec<(i32, &str)> =
        result.row_errors.iter().map(|e| (e.row_number, e.reason.as_str())).collect();
    assert_eq!(said, [(2, "UNIT_HAS_SUBUNITS"), (3, "UNIT_CHANGE_OUT_OF_ORDER")]);
    let whole = format!("{}602001,单位602001,本级,2022-12-31\n", ending.replace("2021", "2022"));
    assert!(units(&registry, &whole, false).await.written, "the whole branch, after its changes");
}
