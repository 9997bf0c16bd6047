//! Payments in, execution out.

mod support;

use std::collections::BTreeMap;

use prost::Message as _;
use support::{DISTRICT, World, budget, date, decimal, payment, yuan};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1::{BudgetEntry, BudgetEntryKind, FundingSource};
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{caller, unit_caller};

#[tokio::test]
async fn a_payment_counts_once_whatever_is_sent_again() {
    let world = World::start().await;
    let rows = || vec![payment("v1", "p1", 3, 100_000), payment("v2", "p1", 5, 200_000)];
    world.pay(rows()).await;
    let again = world.ingest(rows()).await.unwrap();
    assert_eq!((again.accepted_count, again.repeated_count, again.rejected_count), (0, 2, 0));

    let mut changed = payment("v1", "p1", 3, 100_001);
    let answer = world.ingest(vec![changed.clone(), payment("v3", "p9", 1, 1)]).await.unwrap();
    assert_eq!((answer.received_count, answer.accepted_count, answer.unmatched_count), (2, 1, 1));
    let refused = &answer.rejected_payments[0];
    assert_eq!(refused.problem(), wire::PaymentProblem::ContentDiffers);
    assert_eq!((refused.row, refused.payment.as_str()), (0, changed.name.as_str()), "as the stream names it");

    changed.name = format!("{DISTRICT}/payments/v4");
    let twice = world.ingest(vec![changed.clone(), changed]).await.unwrap();
    assert_eq!((twice.accepted_count, twice.repeated_count), (1, 1));
    assert_eq!(twice.accepted_amount, Some(yuan(100_001)));
}

#[tokio::test]
async fn every_bad_row_is_named_and_the_good_ones_count() {
    let world = World::start().await;
    let bad = |change: fn(&mut wire::Payment)| {
        let mut row = payment("x", "p1", 3, 1);
        change(&mut row);
        row
    };
    let rows = vec![
        payment("good", "p1", 3, 7),
        bad(|row| row.amount = Some(yuan(0))),
        bad(|row| row.amount = None),
        bad(|row| row.pay_date = Some(date(2019, 12, 31))),
        bad(|row| row.pay_date = Some(date(2020, 2, 30))),
        bad(|row| row.project = "districts/350206000/projects/p1".to_owned()),
        bad(|row| row.budget_account = 0),
        bad(|row| row.kind = wire::PaymentKind::Reversal.into()),
    ];
    let answer = world.ingest(rows).await.unwrap();
    assert_eq!((answer.accepted_count, answer.rejected_count), (1, 7));
    let problems: Vec<_> = answer.rejected_payments.iter().map(|row| (row.row, row.problem())).collect();
    use wire::PaymentProblem::{Amount, Date, Field, Name};
    assert_eq!(
        problems,
        [(1, Amount), (2, Amount), (3, Date), (4, Date), (5, Name), (6, Field), (7, Amount)]
    );
}

#[tokio::test]
async fn execution_names_its_denominator_and_department_counts_each_unit_once() {
    let world = World::start().await;
    let general = common::BudgetAccount::GeneralPublic;
    world.tell_registry(&budget("p1", general, BudgetEntryKind::Supplement, 300_000, 6)).await;
    world.tell_registry(&budget("p1", general, BudgetEntryKind::Reduction, -100_000, 9)).await;
    let mut late = payment("late", "p2", 1, 60_000);
    late.pay_date = Some(date(2021, 1, 8));
    world.pay(vec![payment("a", "p1", 3, 740_000), payment("b", "p2", 7, 100_000), late]).await;

    let mut officer = world.execution(caller(Role::FinancePerformanceOfficer));
    let mut ask = async |name: &str, month: i32, basis: wire::BudgetBasis| {
        let request = wire::GetExecutionRequest {
            name: format!("{DISTRICT}/{name}/executions/2020"),
            month,
            basis: basis.into(),
            ..Default::default()
        };
        officer.get_execution(request).await.unwrap().into_inner()
    };
    let july = ask("projects/p1", 7, wire::BudgetBasis::Unspecified).await;
    assert_eq!(
        (july.adjusted_amount.clone(), july.rate.clone()),
        (Some(yuan(1_500_000)), Some(decimal("0.4933")))
    );
    assert_eq!(july.basis(), wire::BudgetBasis::Adjusted);
    assert!(july.explanation.unwrap().steps.iter().any(|step| step.formula.contains("调整后预算数")));
    let year = ask("projects/p1", 0, wire::BudgetBasis::Initial).await;
    assert_eq!(
        (year.adjusted_amount.clone(), year.rate.clone()),
        (Some(yuan(1_400_000)), Some(decimal("0.6167")))
    );
    assert_eq!(year.monthly_amounts[2], yuan(740_000));
    let department = ask("units/602", 12, wire::BudgetBasis::Unspecified).await;
    assert_eq!(department.subject(), wire::ExecutionSubject::Department);
    assert_eq!(department.executed_amount, Some(yuan(900_000)), "late payments count in December");
    assert_eq!(department.adjusted_amount, Some(yuan(2_000_000)));
    let own = ask("units/602001", 11, wire::BudgetBasis::Unspecified).await;
    assert_eq!(own.executed_amount, Some(yuan(100_000)));
}

/// Budget and payments of p1 from two sources: by source, by month, and both, of whatever the money is summed under.
#[tokio::test]
async fn execution_is_answered_by_source_and_month() {
    let world = World::start().await;
    let (district, other) = (FundingSource::DistrictFiscal, FundingSource::UnitFunds);
    let own_funds = BudgetEntry {
        funding_source: other.into(),
        ..budget("p1", common::BudgetAccount::GeneralPublic, BudgetEntryKind::Initial, 200_000, 1)
    };
    world.tell_registry(&own_funds).await;
    let from = |source: FundingSource, row| wire::Payment { funding_source: source.into(), ..row };
    world
        .pay(vec![
            payment("a", "p1", 3, 600_000),
            from(other, payment("b", "p1", 3, 50_000)),
            from(other, payment("c", "p1", 5, 30_000)),
            payment("d", "p2", 5, 7),
        ])
        .await;
    let mut officer = world.execution(caller(Role::FinanceBusinessOfficer));
    for subject in ["projects/p1", "units/602002", "units/602", ""] {
        let request = |month, source: FundingSource| wire::GetExecutionRequest {
            name: format!("{DISTRICT}/{subject}/executions/2020").replace("//", "/"),
            month,
            funding_source: source.into(),
            ..Default::default()
        };
        let own = officer.get_execution(request(5, other)).await.unwrap().into_inner();
        assert_eq!(own.funding_source(), other);
        assert_eq!(
            (own.adjusted_amount.clone(), own.executed_amount.clone(), own.rate.clone()),
            (Some(yuan(200_000)), Some(yuan(80_000)), Some(decimal("0.4000"))),
            "{subject}"
        );
        let months: Vec<i64> = own.monthly_amounts.iter().map(|month| month.units).collect();
        assert_eq!(months, [0, 0, 50_000, 0, 30_000], "{subject}");
        let march = officer.get_execution(request(3, other)).await.unwrap().into_inner();
        assert_eq!(march.executed_amount, Some(yuan(50_000)), "{subject}");
        let all = officer.get_execution(request(3, FundingSource::Unspecified)).await.unwrap().into_inner();
        let lines: Vec<_> = all
            .funding_lines
            .iter()
            .filter(|line| line.budget_account() == common::BudgetAccount::GeneralPublic)
            .map(|line| (line.funding_source(), line.executed_amount.clone()))
            .collect();
        assert_eq!(lines, [(district, Some(yuan(600_000))), (other, Some(yuan(50_000)))], "{subject}");
    }
    for (kind, expected) in [
        (wire::ExecutionSubject::Project, "projects/p1"),
        (wire::ExecutionSubject::Unit, "units/602002"),
        (wire::ExecutionSubject::Department, "units/602"),
    ] {
        let request = wire::ListExecutionsRequest {
            parent: DISTRICT.to_owned(),
            fiscal_year: 2020,
            subject: kind.into(),
            funding_source: other.into(),
            month: 3,
            ..Default::default()
        };
        let listed = officer.list_executions(request).await.unwrap().into_inner().executions;
        let found: Vec<_> = listed.iter().map(|one| (one.name.as_str(), one.rate.clone())).collect();
        let name = format!("{DISTRICT}/{expected}/executions/2020");
        assert_eq!(found, [(name.as_str(), Some(decimal("0.2500")))], "whoever has none of it is not there");
    }
}

#[tokio::test]
async fn executions_are_listed_page_by_page_and_only_to_whom_they_belong() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 3, 1), payment("b", "p3", 3, 1)]).await;
    let list = |page_token: String| wire::ListExecutionsRequest {
        parent: DISTRICT.to_owned(),
        page_size: 2,
        page_token,
        fiscal_year: 2020,
        subject: wire::ExecutionSubject::Project.into(),
        ..Default::default()
    };
    let mut officer = world.execution(caller(Role::FinanceBusinessOfficer));
    let first = officer.list_executions(list(String::new())).await.unwrap().into_inner();
    let second = officer.list_executions(list(first.next_page_token)).await.unwrap().into_inner();
    let names: Vec<_> =
        first.executions.iter().chain(&second.executions).map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), 3);
    assert!(names[2].ends_with("projects/p3/executions/2020"));

    let mut filer = world.execution(unit_caller(Role::UnitFiler, "602"));
    let own = filer.list_executions(list(String::new())).await.unwrap().into_inner();
    assert_eq!(own.executions.len(), 2);
    let foreign = wire::GetExecutionRequest {
        name: format!("{DISTRICT}/projects/p3/executions/2020"),
        ..Default::default()
    };
    assert_eq!(filer.get_execution(foreign).await.unwrap_err().code(), Code::NotFound);
    let denied = world.execution(caller(Role::FinanceHead)).ingest_payments(futures::stream::iter([])).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn totals_equal_a_recount_after_many_streams_at_once() {
    let world = World::start().await;
    let streams = (0..16).map(|stream: i64| {
        let rows = (0..50).map(|row: i64| {
            let id = format!("s{}-{row}", stream % 8); // each id is sent by two streams
            payment(&id, ["p1", "p2", "p3"][row as usize % 3], (row % 12 + 1) as i32, row + 1)
        });
        world.ingest(rows.collect())
    });
    let answers = futures::future::join_all(streams).await;
    let accepted: i64 = answers.iter().map(|answer| answer.as_ref().unwrap().accepted_count).sum();
    assert_eq!(accepted, 400);
    let mut connection = world.suite.superuser().await;
    let differing: i64 = sqlx::query_scalar(
        "select count(*) from (
           select project_id, month, sum(executed) as amount from monitoring.execution_totals group by 1, 2
           except select project_id, month, sum(amount) from monitoring.payments group by 1, 2) x where amount <> 0",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(differing, 0);
    assert_eq!(world.wrong_department_totals().await, 0);

    // Who adds up what the events say has the same totals.
    let events: Vec<Vec<u8>> = sqlx::query_scalar(
        "select after from monitoring.journal where type = 'payments.ingested'
         union all select after from monitoring.journal_queue where type = 'payments.ingested'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut told = BTreeMap::<(String, i32), i64>::new();
    for event in events {
        for one in wire::PaymentsIngested::decode(&*event).unwrap().increments {
            *told.entry((one.project, one.month)).or_default() += one.amount.unwrap().units;
        }
    }
    let stored: Vec<(String, i32, i64)> = sqlx::query_as(
        "select 'districts/' || district || '/projects/' || project_id, month::integer, sum(executed)::bigint
         from monitoring.execution_totals where executed <> 0 group by district, project_id, month",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let stored = stored.into_iter().map(|(project, month, yuan)| ((project, month), yuan)).collect();
    assert_eq!(told, stored);
}

/// Projects change hands and budgets while payments stream in; one is announced only after it has been paid.
#[tokio::test]
async fn totals_of_departments_equal_a_recount_whatever_moves_meanwhile() {
    let world = World::start().await;
    let general = common::BudgetAccount::GeneralPublic;
    let streams = (0..8).map(|stream: i64| {
        let rows = (0..60).map(|row: i64| {
            let project = ["p1", "p2", "p3", "late"][row as usize % 4];
            payment(&format!("s{stream}-{row}"), project, (row % 12 + 1) as i32, row + 1)
        });
        world.ingest(rows.collect())
    });
    let moves = async {
        for turn in 0..12 {
            let unit = ["602001", "603", "602002"][turn % 3];
            world.tell_registry(&support::project("p1", unit, &unit[..3], general, false)).await;
            let supplement = budget("p1", general, BudgetEntryKind::Supplement, 10, 3);
            world.tell_registry(&supplement).await;
        }
        world.tell_registry(&support::project("late", "602001", "603", general, false)).await;
        world.tell_registry(&support::project("p2", "602002", "602", general, false)).await;
    };
    let (answers, ()) = tokio::join!(futures::future::join_all(streams), moves);
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().accepted_count == 60));
    assert_eq!(world.wrong_department_totals().await, 0);

    // 8 streams of 60 rows of 1 to 60 yuan; of "late" every fourth from 4 on: summed under a department that is not its
    // unit's.
    let mut officer = world.execution(caller(Role::FinanceBusinessOfficer));
    let mut ask = async |name: &str| {
        let request = wire::GetExecutionRequest { name: format!("{DISTRICT}/{name}"), ..Default::default() };
        officer.get_execution(request).await.unwrap().into_inner().executed_amount.unwrap().units
    };
    assert_eq!(ask("executions/2020").await, 8 * 60 * 61 / 2);
    assert_eq!(ask("units/602001/executions/2020").await, 8 * 480);
    assert_eq!(ask("units/602002/executions/2020").await, 8 * (435 + 450));
    assert_eq!(ask("units/602/executions/2020").await, 8 * (435 + 450));
    assert_eq!(ask("units/603/executions/2020").await, 8 * (465 + 480));

    // A department that everything has left is not listed as if it had had a budget.
    let fund = common::BudgetAccount::GovernmentFund;
    world.tell_registry(&support::project("p3", "602001", "602", fund, true)).await;
    world.tell_registry(&support::project("late", "602001", "602", general, false)).await;
    assert_eq!(world.wrong_department_totals().await, 0);
    let list = wire::ListExecutionsRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        subject: wire::ExecutionSubject::Department.into(),
        ..Default::default()
    };
    let listed = officer.list_executions(list).await.unwrap().into_inner().executions;
    let names: Vec<_> = listed.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, [format!("{DISTRICT}/units/602/executions/2020")]);
}

/// What came back or was corrected, in whatever order it arrives and however late.
#[tokio::test]
async fn corrections_and_reversals_count_whenever_they_come() {
    let world = World::start().await;
    let back = |id: &str, kind: wire::PaymentKind, month, units| wire::Payment {
        kind: kind.into(),
        original_payment: format!("{DISTRICT}/payments/v1"),
        ..payment(id, "p1", month, units)
    };
    // The reversal is here before its payment, the correction before both; the year's last payment comes in January.
    world.pay(vec![back("c1", wire::PaymentKind::Correction, 4, 500)]).await;
    world.pay(vec![back("r1", wire::PaymentKind::Reversal, 6, -30_000)]).await;
    let mut officer = world.execution(caller(Role::FinanceBusinessOfficer));
    let ask = |control_totals| wire::ReconcilePaymentsRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        control_totals,
    };
    let april = || vec![total(4, 500)];
    let missing = officer.reconcile_payments(ask(april())).await.unwrap().into_inner().missing_payments;
    assert_eq!(missing, [format!("{DISTRICT}/payments/v1")], "named by two, not taken in yet");
    let late = wire::Payment { pay_date: Some(date(2021, 1, 5)), ..payment("v9", "p1", 1, 7) };
    world.pay(vec![payment("v1", "p1", 3, 100_000), late]).await;
    let settled = officer.reconcile_payments(ask(april())).await.unwrap().into_inner();
    assert!(settled.missing_payments.is_empty() && settled.balanced);

    let again = vec![
        back("r1", wire::PaymentKind::Reversal, 6, -30_000),
        back("c1", wire::PaymentKind::Correction, 4, 500),
        payment("v1", "p1", 3, 100_000),
    ];
    assert_eq!(world.ingest(again).await.unwrap().repeated_count, 3, "sent again, counted once");
    let name = format!("{DISTRICT}/projects/p1/executions/2020");
    let request = wire::GetExecutionRequest { name, ..Default::default() };
    let execution = officer.get_execution(request).await.unwrap().into_inner();
    assert_eq!(execution.executed_amount, Some(yuan(70_507)));
    let months: Vec<i64> = execution.monthly_amounts.iter().map(|month| month.units).collect();
    assert_eq!(
        months,
        [0, 0, 100_000, 500, 0, -30_000, 0, 0, 0, 0, 0, 7],
        "each in its month, January's in December"
    );
    for (month, expected) in
        [(12, vec!["v9"]), (4, vec!["c1"]), (5, vec![]), (0, vec!["v1", "c1", "r1", "v9"])]
    {
        let request = wire::ListPaymentsRequest {
            parent: DISTRICT.to_owned(),
            fiscal_year: 2020,
            month,
            ..Default::default()
        };
        let listed = officer.list_payments(request).await.unwrap().into_inner().payments;
        let ids: Vec<_> = listed.iter().map(|one| one.name.rsplit('/').next().unwrap()).collect();
        assert_eq!(ids, expected, "month {month}");
    }
}

fn total(month: i32, units: i64) -> wire::ControlTotal {
    wire::ControlTotal {
        budget_account: common::BudgetAccount::GeneralPublic.into(),
        month,
        amount: Some(yuan(units)),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_control_total_shows_what_is_missing_and_what_differs() {
    use wire::reconciliation_line::State;
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 3, 100), payment("b", "p2", 3, 40), payment("c", "p2", 3, 2)]).await;
    world.pay(vec![payment("d", "p1", 5, 9), payment("e", "p3", 3, 77)]).await;
    let of = |project: &str, total: wire::ControlTotal| wire::ControlTotal {
        project: format!("{DISTRICT}/projects/{project}"),
        ..total
    };
    let counted =
        |count, total: wire::ControlTotal| wire::ControlTotal { payment_count: Some(count), ..total };
    let district = FundingSource::DistrictFiscal.into();
    let request = |control_totals| wire::ReconcilePaymentsRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        control_totals,
    };
    let mut officer = world.execution(caller(Role::FinanceBusinessOfficer));
    let answer = officer
        .reconcile_payments(request(vec![
            counted(3, total(3, 142)),
            total(4, 5),
            of("p1", total(3, 100)),
            counted(1, of("p2", total(3, 42))), // the sum agrees, the count does not
            wire::ControlTotal { funding_source: district, ..of("p2", total(3, 50)) },
        ]))
        .await
        .unwrap()
        .into_inner();
    let lines: Vec<_> = answer
        .lines
        .iter()
        .map(|line| (line.state(), line.recorded_count, line.difference.clone()))
        .collect();
    assert_eq!(
        lines,
        [
            (State::Balanced, 3, Some(yuan(0))),
            (State::MissingHere, 0, Some(yuan(-5))),
            (State::Balanced, 1, Some(yuan(0))),
            (State::Different, 2, Some(yuan(0))),
            (State::Different, 2, Some(yuan(-8))),
        ]
    );
    assert!(!answer.balanced);
    // March of the government fund was taken in and the treasury system says nothing of it; May was not asked about.
    let unlisted: Vec<_> =
        answer.unlisted_lines.iter().map(|line| (line.project.clone(), line.month)).collect();
    assert_eq!(unlisted, [(format!("{DISTRICT}/projects/p3"), 3)]);

    let twice = officer.reconcile_payments(request(vec![total(3, 1), total(3, 2)])).await.unwrap_err();
    assert_eq!(twice.code(), Code::InvalidArgument, "one total cannot be two");
    let mut filer = world.execution(unit_caller(Role::UnitFiler, "602"));
    let refused = filer.reconcile_payments(request(vec![total(3, 1)])).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_plan_of_works_is_written_by_who_has_seen_the_one_before() {
    let world = World::start().await;
    let mut officer = world.execution(caller(Role::FinancePerformanceOfficer));
    let name = format!("{DISTRICT}/projects/p3/milestonePlans/2020");
    let write = |title: &str, etag: &str| wire::UpdateMilestonePlanRequest {
        milestone_plan: Some(wire::MilestonePlan {
            name: name.clone(),
            milestones: vec![wire::Milestone {
                title: title.to_owned(),
                planned_date: Some(date(2020, 6, 30)),
                cumulative_share: Some(decimal("0.5")),
                ..Default::default()
            }],
            ..Default::default()
        }),
        etag: etag.to_owned(),
        ..Default::default()
    };
    let unseen = officer.update_milestone_plan(write("主体封顶", "1")).await.unwrap_err();
    assert_eq!(unseen.code(), Code::Aborted, "there is none yet");
    let first = officer.update_milestone_plan(write("主体封顶", "")).await.unwrap().into_inner();
    let second = officer.update_milestone_plan(write("主体完工", &first.etag)).await.unwrap().into_inner();
    let late = officer.update_milestone_plan(write("主体封顶", &first.etag)).await.unwrap_err();
    assert_eq!(late.code(), Code::Aborted);
    let read = officer.get_milestone_plan(wire::GetMilestonePlanRequest { name: name.clone() }).await;
    assert_eq!(read.unwrap().into_inner(), second);
}
