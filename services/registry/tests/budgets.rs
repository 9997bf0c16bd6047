//! Projects and budgets against a real Postgres.

mod support;

use support::{HAICANG, Registry, a_project, an_entry, refusal, yuan};
use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

fn batch(entries: Vec<BudgetEntry>) -> BatchCreateBudgetEntriesRequest {
    let drafts = entries.into_iter();
    let drafts = drafts.map(|entry| BudgetEntryDraft { budget_entry: Some(entry), ..Default::default() });
    BatchCreateBudgetEntriesRequest { parent: HAICANG.into(), drafts: drafts.collect(), ..Default::default() }
}

fn position(project: &str) -> GetBudgetPositionRequest {
    GetBudgetPositionRequest { name: format!("{HAICANG}/projects/{project}/budgetPositions/2020") }
}

#[tokio::test]
async fn a_position_is_what_its_entries_add_up_to() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602001").await;
    registry.project("p2", "602002").await;
    let mut finance = registry.projects(Role::FinanceBusinessOfficer);
    let entries = batch(vec![
        an_entry("p1", BudgetEntryKind::Initial, 1000),
        an_entry("p1", BudgetEntryKind::Supplement, 200),
        an_entry("p1", BudgetEntryKind::Reduction, -50),
        an_entry("p2", BudgetEntryKind::Initial, 0),
    ]);
    let entered = finance.batch_create_budget_entries(entries).await.unwrap().into_inner().budget_entries;
    assert_eq!(entered.len(), 4);
    let moved =
        vec![an_entry("p1", BudgetEntryKind::Virement, -100), an_entry("p2", BudgetEntryKind::Virement, 100)];
    finance.batch_create_budget_entries(batch(moved)).await.unwrap();
    let found = finance.get_budget_position(position("p1")).await.unwrap().into_inner();
    assert_eq!((found.initial_amount, found.adjusted_amount), (Some(yuan(1000)), Some(yuan(1050))));
    assert_eq!((found.adjustment_amount, found.version), (Some(yuan(50)), 2));

    let back = BudgetEntry {
        reversed_entry: entered[1].name.clone(),
        ..an_entry("p1", BudgetEntryKind::Supplement, -200)
    };
    let ask = |entry: BudgetEntry| CreateBudgetEntryRequest {
        parent: HAICANG.into(),
        budget_entry: Some(entry),
        ..Default::default()
    };
    finance.create_budget_entry(ask(back.clone())).await.unwrap();
    let twice = finance.create_budget_entry(ask(back)).await;
    assert_eq!(refusal(twice), (Code::FailedPrecondition, "REVERSAL_NOT_ALLOWED".into()));
    let too_much = finance.create_budget_entry(ask(an_entry("p1", BudgetEntryKind::Reduction, -851))).await;
    assert_eq!(refusal(too_much), (Code::FailedPrecondition, "BUDGET_BELOW_ZERO".into()));
    let lone = finance.create_budget_entry(ask(an_entry("p1", BudgetEntryKind::Virement, 1))).await;
    assert_eq!(refusal(lone), (Code::InvalidArgument, "VIREMENT_UNBALANCED".into()));
    let sign = finance.create_budget_entry(ask(an_entry("p1", BudgetEntryKind::Supplement, -1))).await;
    assert_eq!(refusal(sign), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let found = finance.get_budget_position(position("p1")).await.unwrap().into_inner();
    assert_eq!(found.adjusted_amount, Some(yuan(850)), "what was refused left nothing");
}

#[tokio::test]
async fn totals_equal_a_recount_and_a_body_counts_once() {
    let registry = Registry::start().await;
    registry.department().await;
    for (id, unit) in [("p1", "602"), ("p2", "602001"), ("p3", "602002")] {
        registry.project(id, unit).await;
    }
    let mut finance = registry.projects(Role::FinanceBusinessOfficer);
    let entries = ["p1", "p2", "p3"].map(|id| an_entry(id, BudgetEntryKind::Initial, 100));
    finance.batch_create_budget_entries(batch(entries.to_vec())).await.unwrap();
    let ask = SummarizeBudgetsRequest {
        parent: HAICANG.into(),
        fiscal_year: 2020,
        grouping: summarize_budgets_request::Grouping::Department.into(),
        ..Default::default()
    };
    let totals = finance.summarize_budgets(ask.clone()).await.unwrap().into_inner().budget_totals;
    assert_eq!(totals.len(), 1);
    assert_eq!((totals[0].project_count, totals[0].unit_count), (3, 2), "602 and 602001 are one body");
    assert_eq!(totals[0].initial_amount, Some(yuan(300)));
    assert_eq!(totals[0].group, format!("{HAICANG}/units/602"));
    let open = SummarizeBudgetsRequest { exclude_classified: true, ..ask };
    let open = finance.summarize_budgets(open).await.unwrap().into_inner().budget_totals;
    assert!(open.is_empty(), "nobody has said that the projects are free of secrecy");
}

#[tokio::test]
async fn sixteen_batches_at_once_lose_nothing() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602001").await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let mut client = registry.projects(Role::BudgetingSystem);
            tokio::spawn(async move {
                for _ in 0..200 {
                    match client
                        .batch_create_budget_entries(batch(vec![an_entry(
                            "p1",
                            BudgetEntryKind::Supplement,
                            1,
                        )]))
                        .await
                    {
                        Ok(_) => return,
                        Err(status) if status.code() == Code::Aborted => tokio::task::yield_now().await,
                        Err(status) => panic!("{status}"),
                    }
                }
                panic!("never came through");
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let found =
        registry.projects(Role::FinanceHead).get_budget_position(position("p1")).await.unwrap().into_inner();
    assert_eq!((found.adjusted_amount, found.version), (Some(yuan(16)), 16));
}

#[tokio::test]
async fn a_unit_sees_its_own_projects() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.project("p1", "602002").await;
    registry.project("p2", "603").await;
    let list = ListProjectsRequest { parent: HAICANG.into(), ..Default::default() };
    let mut own = registry.projects_as(unit_caller(Role::UnitFiler, "602002"));
    let seen = own.list_projects(list.clone()).await.unwrap().into_inner().projects;
    assert_eq!(seen.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), [format!("{HAICANG}/projects/p1")]);
    let other = own
        .get_project(GetProjectRequest { name: format!("{HAICANG}/projects/p2"), ..Default::default() })
        .await;
    assert_eq!(refusal(other).0, Code::NotFound);
    let all = registry.projects(Role::FinanceHead).list_projects(list).await.unwrap().into_inner().projects;
    assert_eq!(all.len(), 2);
    let taken = CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(a_project("602002")),
        project_id: "p1".into(),
        ..Default::default()
    };
    let taken = registry.projects(Role::FinanceHead).create_project(taken).await;
    assert_eq!(refusal(taken), (Code::AlreadyExists, "ALREADY_EXISTS".into()));
}
