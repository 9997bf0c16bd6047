//! Money over the years, against a real Postgres.

mod support;

use support::{HAICANG, Registry, a_project, an_entry, date, decimal, refusal, yuan};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::{AmountUnit, FigureBound, PrintedAmount};
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

fn printed(value: &str, unit: AmountUnit, bound: FigureBound) -> Option<PrintedAmount> {
    Some(PrintedAmount {
        value: Some(decimal(value)),
        unit: unit.into(),
        bound: bound.into(),
        ..PrintedAmount::default()
    })
}

fn entry_of(project: &str, year: i32, kind: BudgetEntryKind, units: i64) -> CreateBudgetEntryRequest {
    let entry = BudgetEntry { fiscal_year: year, ..an_entry(project, kind, units) };
    CreateBudgetEntryRequest { parent: HAICANG.into(), budget_entry: Some(entry), ..Default::default() }
}

async fn enter(client: &mut ProjectServiceClient<Link>, year: i32, kind: BudgetEntryKind, units: i64) {
    client.create_budget_entry(entry_of("p1", year, kind, units)).await.expect("an entry");
}

async fn position(client: &mut ProjectServiceClient<Link>, year: i32) -> BudgetPosition {
    let name = format!("{HAICANG}/projects/p1/budgetPositions/{year}");
    client.get_budget_position(GetBudgetPositionRequest { name }).await.expect("a position").into_inner()
}

fn plan(fiscal_year: i32, units: i64) -> YearPlan {
    YearPlan { fiscal_year, planned_amount: Some(yuan(units)) }
}

#[tokio::test]
async fn whole_life_and_years_stand_beside_each_other() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut finance = registry.projects(Role::FinanceHead);
    let project = |plans: Vec<YearPlan>| CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(Project { total_amount: Some(yuan(3000)), year_plans: plans, ..a_project("602002") }),
        project_id: "p1".into(),
        ..Default::default()
    };
    for wrong in [
        vec![plan(2020, 2000), plan(2021, 1001)],
        vec![plan(2020, 1), plan(2020, 1)],
        vec![plan(2019, 1)],
        vec![plan(2020, -1)],
    ] {
        let refused = finance.create_project(project(wrong)).await;
        assert_eq!(refusal(refused), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    }
    let made = finance.create_project(project(vec![plan(2021, 1200), plan(2020, 1000)])).await;
    assert_eq!(made.unwrap().into_inner().year_plans[0].fiscal_year, 2020, "in the order of years");
    enter(&mut finance, 2020, BudgetEntryKind::Initial, 1000).await;
    enter(&mut finance, 2020, BudgetEntryKind::Supplement, 200).await;
    enter(&mut finance, 2021, BudgetEntryKind::Initial, 700).await;
    enter(&mut finance, 2021, BudgetEntryKind::CarryOver, 300).await;
    let name = format!("{HAICANG}/projects/p1/multiYearBudget");
    let ask = GetMultiYearBudgetRequest { name };
    let of = finance.get_multi_year_budget(ask.clone()).await.unwrap().into_inner();
    assert_eq!((of.total_amount, of.planned_amount), (Some(yuan(3000)), Some(yuan(2200))));
    assert_eq!(of.arranged_amount, Some(yuan(1900)), "what was carried over counts once");
    assert_eq!((of.unarranged_amount, of.years.len()), (Some(yuan(1100)), 2));
    assert_eq!(of.years[0].carried_forward_amount, Some(yuan(300)));
    assert_eq!(of.years[1].adjusted_amount, Some(yuan(1000)));
    assert!(!of.explanation.unwrap().steps.is_empty());
    let own = registry.projects_as(unit_caller(Role::UnitFiler, "602002"));
    assert!(own.clone().get_multi_year_budget(ask.clone()).await.is_ok());
    let other = registry.projects_as(unit_caller(Role::UnitFiler, "602001")).get_multi_year_budget(ask).await;
    assert_eq!(refusal(other).0, Code::NotFound);
}

#[tokio::test]
async fn a_project_that_comes_in_during_the_year_has_a_supplement_and_no_initial_budget() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut finance = registry.projects(Role::FinanceHead);
    let ask = CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(Project { total_amount: Some(yuan(500)), ..a_project("602002") }),
        project_id: "p1".into(),
        ..Default::default()
    };
    finance.create_project(ask).await.unwrap();
    let mut ask = entry_of("p1", 2020, BudgetEntryKind::Supplement, 200);
    ask.budget_entry.as_mut().unwrap().entry_date = Some(date(2020, 8, 15));
    let entered = finance.create_budget_entry(ask).await.unwrap().into_inner();
    assert_eq!(entered.entry_date, Some(date(2020, 8, 15)));
    enter(&mut finance, 2021, BudgetEntryKind::Initial, 300).await;
    let of = position(&mut finance, 2020).await;
    assert_eq!((of.initial_amount, of.supplement_amount), (Some(yuan(0)), Some(yuan(200))));
    assert_eq!(of.adjusted_amount, Some(yuan(200)));
    let ask = SummarizeBudgetsRequest { parent: HAICANG.into(), fiscal_year: 2020, ..Default::default() };
    let totals = finance.summarize_budgets(ask).await.unwrap().into_inner().budget_totals;
    assert_eq!(totals[0].project_count, 1, "it counts without an initial budget");
    assert_eq!(
        (totals[0].initial_amount.clone(), totals[0].adjusted_amount.clone()),
        (Some(yuan(0)), Some(yuan(200)))
    );
    let ask = GetMultiYearBudgetRequest { name: format!("{HAICANG}/projects/p1/multiYearBudget") };
    let of = finance.get_multi_year_budget(ask).await.unwrap().into_inner();
    assert_eq!((of.arranged_amount, of.unarranged_amount), (Some(yuan(500)), Some(yuan(0))));
}

#[tokio::test]
async fn what_is_carried_over_was_there() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602002").await;
    let mut finance = registry.projects(Role::FinanceHead);
    // The registry knows nothing of 2019, and holds that against nobody.
    enter(&mut finance, 2020, BudgetEntryKind::CarryOver, 50).await;
    enter(&mut finance, 2020, BudgetEntryKind::Initial, 100).await;
    let too_much = finance.create_budget_entry(entry_of("p1", 2021, BudgetEntryKind::CarryOver, 151)).await;
    assert_eq!(refusal(too_much), (Code::FailedPrecondition, "CARRY_OVER_EXCEEDS_REMAINDER".into()));
    enter(&mut finance, 2021, BudgetEntryKind::CarryOver, 100).await;
    let twice = finance.create_budget_entry(entry_of("p1", 2021, BudgetEntryKind::CarryOver, 51)).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "CARRY_OVER_EXCEEDS_REMAINDER".into()));
    let mut other = entry_of("p1", 2021, BudgetEntryKind::CarryOver, 1);
    other.budget_entry.as_mut().unwrap().funding_source = FundingSource::BankLoan.into();
    let other = finance.create_budget_entry(other).await;
    assert_eq!(refusal(other), (Code::FailedPrecondition, "CARRY_OVER_EXCEEDS_REMAINDER".into()));
    assert_eq!(position(&mut finance, 2021).await.carry_over_amount, Some(yuan(100)));
}

#[tokio::test]
async fn amounts_keep_the_form_that_a_document_gave_them() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut finance = registry.projects(Role::FinanceHead);
    let open = || printed("0.6", AmountUnit::HundredMillionYuan, FigureBound::AtLeast);
    let project = |total: Option<_>, said: Option<PrintedAmount>| CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(Project { total_amount: total, total_amount_printed: said, ..a_project("602002") }),
        project_id: "p1".into(),
        ..Default::default()
    };
    let less = finance.create_project(project(Some(yuan(59_999_999)), open())).await;
    assert_eq!(refusal(less), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let made = finance.create_project(project(None, open())).await.unwrap().into_inner();
    assert_eq!(made.total_amount, Some(yuan(60_000_000)));
    assert_eq!(made.total_amount_printed.as_ref().unwrap().text, "0.6亿多");

    let mut ask = entry_of("p1", 2020, BudgetEntryKind::Initial, 0);
    let entry = ask.budget_entry.as_mut().unwrap();
    (entry.amount, entry.amount_printed) = (None, open());
    let entered = finance.create_budget_entry(ask.clone()).await.unwrap().into_inner();
    assert_eq!(entered.amount, Some(yuan(60_000_000)));
    let kept = finance.get_budget_entry(GetBudgetEntryRequest { name: entered.name.clone() }).await;
    assert_eq!(kept.unwrap().into_inner().amount_printed.unwrap().text, "0.6亿多");
    assert_eq!(position(&mut finance, 2020).await.adjusted_bound(), FigureBound::AtLeast);
    let back =
        BudgetEntry { reversed_entry: entered.name, ..an_entry("p1", BudgetEntryKind::Initial, -60_000_000) };
    let back =
        CreateBudgetEntryRequest { parent: HAICANG.into(), budget_entry: Some(back), ..Default::default() };
    finance.create_budget_entry(back).await.unwrap();
    let after = position(&mut finance, 2020).await;
    assert_eq!((after.adjusted_bound(), after.adjusted_amount), (FigureBound::Exact, Some(yuan(0))));

    let mut ask = entry_of("p1", 2020, BudgetEntryKind::Initial, 0);
    let entry = ask.budget_entry.as_mut().unwrap();
    entry.amount = Some(yuan(1));
    entry.amount_printed = printed("260", AmountUnit::TenThousandYuan, FigureBound::Exact);
    let refused = finance.create_budget_entry(ask.clone()).await;
    assert_eq!(refusal(refused), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let entry = ask.budget_entry.as_mut().unwrap();
    (entry.amount, entry.amount_printed) = (None, None);
    let nothing = finance.create_budget_entry(ask).await;
    assert_eq!(refusal(nothing), (Code::InvalidArgument, "INVALID_REQUEST".into()));
}

#[tokio::test]
async fn files_say_amounts_as_documents_do() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut finance = registry.projects(Role::FinanceHead);
    let file =
        |text: &str| Some(ImportFile { format: ImportFormat::Csv.into(), content: text.as_bytes().to_vec() });
    let projects = "标识,项目名称,单位代码,预算账户,项目类别代码,设立年度,项目总金额\n\
        p1,农业补贴,602002,一般公共预算,3,2020,0.6亿多\n";
    let ask = ImportProjectsRequest { parent: HAICANG.into(), file: file(projects), ..Default::default() };
    let result = finance.import_projects(ask).await.unwrap().into_inner().result.unwrap();
    assert_eq!((result.written, result.row_errors), (true, vec![]));
    let ask = GetProjectRequest { name: format!("{HAICANG}/projects/p1"), ..Default::default() };
    let project = finance.get_project(ask).await.unwrap().into_inner();
    assert_eq!(project.total_amount, Some(yuan(60_000_000)));
    assert_eq!(project.total_amount_printed.unwrap().text, "0.6亿多");
    let entries = "预算年度,项目代码,资金来源,类型,金额\n\
        2020,p1,区级,年初,1.9亿\n2020,p1,区级,追减,260万元\n2020,p1,市级,追加,0.6亿多\n2020,p1,区级,追加,六千万\n";
    let ask = |text: &str| ImportBudgetEntriesRequest {
        parent: HAICANG.into(),
        file: file(text),
        ..Default::default()
    };
    let result = finance.import_budget_entries(ask(entries)).await.unwrap().into_inner().result.unwrap();
    let said: Vec<_> =
        result.row_errors.iter().map(|e| (e.row_number, e.column.as_str(), e.value.as_str())).collect();
    assert_eq!(said, [(5, "金额", "六千万")]);
    let good = entries.rsplit_once("2020").unwrap().0;
    let result = finance.import_budget_entries(ask(good)).await.unwrap().into_inner().result.unwrap();
    assert_eq!((result.written, result.created_count), (true, 3));
    let of = position(&mut finance, 2020).await;
    assert_eq!(of.adjusted_bound(), FigureBound::AtLeast);
    assert_eq!((of.initial_amount, of.reduction_amount), (Some(yuan(190_000_000)), Some(yuan(-2_600_000))));
    assert_eq!(of.adjusted_amount, Some(yuan(247_400_000)));
    let ask = SummarizeBudgetsRequest { parent: HAICANG.into(), fiscal_year: 2020, ..Default::default() };
    let totals = finance.summarize_budgets(ask).await.unwrap().into_inner().budget_totals;
    assert_eq!(totals[0].adjusted_bound(), FigureBound::AtLeast, "a total says that a part of it is open");
    let list = ListBudgetEntriesRequest { parent: HAICANG.into(), ..Default::default() };
    let entries = finance.list_budget_entries(list).await.unwrap().into_inner().budget_entries;
    let texts: Vec<_> = entries.into_iter().filter_map(|entry| Some(entry.amount_printed?.text)).collect();
    assert_eq!(texts, ["1.9亿元", "260万元", "0.6亿多"]);
}

#[tokio::test]
async fn a_project_that_is_given_up_says_what_becomes_of_its_budget() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602002").await;
    let mut finance = registry.projects(Role::FinanceHead);
    for (year, amount) in [(2020, 300), (2021, 200), (2022, 100)] {
        enter(&mut finance, year, BudgetEntryKind::Initial, amount).await;
    }
    let reclaim = |units: i64| BudgetReclaim {
        funding_source: FundingSource::DistrictFiscal.into(),
        amount: Some(yuan(units)),
        ..Default::default()
    };
    let cancel = |units: i64, note: &str| CancelProjectRequest {
        name: format!("{HAICANG}/projects/p1"),
        cancel_date: Some(date(2021, 6, 30)),
        reason: "不再需要".into(),
        document_number: "厦海府办〔2021〕5号".into(),
        reclaims: vec![reclaim(units)],
        remaining_note: note.into(),
        ..Default::default()
    };
    let undecided = finance.cancel_project(cancel(150, "")).await;
    assert_eq!(refusal(undecided), (Code::FailedPrecondition, "OPEN_BUDGET_UNDECIDED".into()));
    let too_much = finance.cancel_project(cancel(201, "x")).await;
    assert_eq!(refusal(too_much), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let bare = CancelProjectRequest { document_number: String::new(), ..cancel(200, "") };
    assert_eq!(refusal(finance.cancel_project(bare).await).0, Code::InvalidArgument);
    let unit =
        registry.projects_as(unit_caller(Role::UnitHead, "602002")).cancel_project(cancel(200, "")).await;
    assert_eq!(refusal(unit).0, Code::PermissionDenied);
    let dry = CancelProjectRequest { validate_only: true, ..cancel(150, "结清已签合同") };
    let dry = finance.cancel_project(dry).await.unwrap().into_inner();
    assert_eq!(dry.remaining_amount, Some(yuan(50)));
    assert_eq!(position(&mut finance, 2022).await.adjusted_amount, Some(yuan(100)), "nothing was written");

    let done = finance.cancel_project(cancel(150, "结清已签合同")).await.unwrap().into_inner();
    let project = done.project.unwrap();
    assert_eq!(project.state(), project::State::Cancelled);
    let how = project.cancellation.unwrap();
    assert_eq!((how.document_number.as_str(), how.remaining_amount), ("厦海府办〔2021〕5号", Some(yuan(50))));
    assert_eq!(done.budget_entries.iter().map(|entry| entry.fiscal_year).collect::<Vec<_>>(), [2021, 2022]);
    for (year, left) in [(2020, 300), (2021, 50), (2022, 0)] {
        assert_eq!(position(&mut finance, year).await.adjusted_amount, Some(yuan(left)), "{year}");
    }
    let again = finance.cancel_project(cancel(50, "")).await;
    assert_eq!(refusal(again), (Code::FailedPrecondition, "STATE_NOT_ALLOWED".into()));
    let later = finance.create_budget_entry(entry_of("p1", 2022, BudgetEntryKind::Supplement, 1)).await;
    assert_eq!(refusal(later), (Code::FailedPrecondition, "STATE_NOT_ALLOWED".into()));
    for (state, count) in
        [(project::State::Cancelled, 1), (project::State::Closed, 0), (project::State::Active, 0)]
    {
        let list = ListProjectsRequest { parent: HAICANG.into(), state: state.into(), ..Default::default() };
        let found = finance.list_projects(list).await.unwrap().into_inner().projects;
        assert_eq!(found.len(), count, "{state:?}");
    }
}
