//! Forecasts of the year's outturn: learned from earlier years, with their error beside them.

mod support;

use support::{DISTRICT, World, budget, date, decimal, payment, project, yuan};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1::{BudgetEntry, BudgetEntryKind, ForecastRule};
use wenxiao_contract::wenxiao::targets::v1::{Objective, objective};
use wenxiao_kernel::Clock;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{caller, unit_caller};

/// 2019 of two projects of the kind of p1 and p2, 1000 each: one with 200 by June of 800, one with 750 of 1000.
async fn with_history() -> World {
    let rule = ForecastRule { history_years: 3, minimum_samples: 2 };
    let world = World::start_with(Clock::system(), |rules| rules.forecast = Some(rule)).await;
    let account = BudgetAccount::GeneralPublic;
    let mut payments = Vec::new();
    for (id, june, december) in [("h1", 200, 600), ("h2", 750, 250)] {
        world.tell_registry(&project(id, "602001", "602", account, false)).await;
        let entry = budget(id, account, BudgetEntryKind::Initial, 1000, 1);
        world.tell_registry(&BudgetEntry { fiscal_year: 2019, ..entry }).await;
        for (month, units) in [(6, june), (12, december)] {
            payments.push(wire::Payment {
                fiscal_year: 2019,
                pay_date: Some(date(2019, month, 15)),
                ..payment(&format!("{id}-{month}"), id, month, units)
            });
        }
    }
    payments.push(payment("now", "p1", 6, 300_000));
    world.pay(payments).await;
    world
}

fn name(project: &str) -> String {
    format!("{DISTRICT}/projects/{project}/forecasts/2020")
}

async fn get(world: &World, project: &str, month: i32) -> wire::Forecast {
    let request = wire::GetForecastRequest { name: name(project), month };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    officer.get_forecast(request).await.expect("a forecast").into_inner()
}

#[tokio::test]
async fn a_forecast_is_learned_from_earlier_years_and_tells_its_error() {
    let world = with_history().await;
    let forecast = get(&world, "p1", 6).await;
    // s = 0.5, r = 0.9: 300 000 + 0.5 × (300 000 + 0.5 × 0.9 × 1 200 000) = 720 000 of 1 200 000.
    assert_eq!(forecast.expected_amount, Some(yuan(720_000)));
    assert_eq!((forecast.expected_rate.clone(), forecast.month), (Some(decimal("0.6000")), 6));
    assert_eq!((forecast.sample_count, forecast.insufficient_history), (2, false));
    assert_eq!(forecast.errors.len(), 11, "one for each number of months left");
    let half = forecast.errors.iter().find(|error| error.months_left == 6).expect("six months left");
    assert_eq!(half.mean_absolute_percentage_error, Some(decimal("0.3047")));
    assert_eq!((half.sample_count, forecast.mean_error.clone()), (2, Some(decimal("0.2438"))));
    let explanation = forecast.explanation.expect("an explanation");
    assert_eq!(explanation.rule_set, format!("{DISTRICT}/ruleSets/national-2020"));
    assert!(explanation.steps.iter().any(|step| step.label == "回测误差"), "{explanation:?}");

    let over = get(&world, "p1", 12).await;
    assert_eq!(over.expected_amount, over.executed_amount, "a year that is over is what it is");

    let other_kind = get(&world, "p3", 6).await;
    assert!(other_kind.insufficient_history, "nobody of its kind has a past");
    assert_eq!((other_kind.expected_amount, other_kind.errors.len()), (Some(yuan(0)), 0));
}

#[tokio::test]
async fn a_round_is_prefilled_with_the_forecast_and_only_where_there_is_one() {
    let world = with_history().await;
    world.open_round().await;
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    for (project, expected) in [("p1", true), ("p3", false)] {
        let name = format!("{DISTRICT}/monitoringRounds/2020-07/reports/{project}");
        let form = officer
            .get_monitoring_report(wire::GetMonitoringReportRequest { name })
            .await
            .unwrap()
            .into_inner();
        assert_eq!(form.forecast_amount.is_some(), expected, "{project}");
    }
    assert_eq!(
        get(&world, "p1", 7).await.expected_amount,
        officer
            .get_monitoring_report(wire::GetMonitoringReportRequest {
                name: format!("{DISTRICT}/monitoringRounds/2020-07/reports/p1")
            })
            .await
            .unwrap()
            .into_inner()
            .forecast_amount,
        "the form says what the call says"
    );
}

/// Of a whole department or a policy it is the sum over its projects, and nothing where one of them has no past.
#[tokio::test]
async fn a_department_is_forecast_by_its_projects() {
    let world = with_history().await;
    for department in ["602", "603"] {
        let whole = Objective {
            name: format!("{DISTRICT}/objectives/{department}-2020"),
            subject: Some(objective::Subject::WholeDepartment(format!("{DISTRICT}/units/{department}"))),
            ..support::objective("p1", department, department)
        };
        world.tell_targets(&whole).await;
    }
    let departments = vec![wire::MonitoredKind::Department.into()];
    world.plan_round(Some(wire::RoundScope { monitored_kinds: departments, ..Default::default() })).await;
    world.open_planned_round().await;
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let mut forecast = async |department: &str| {
        let name = format!("{DISTRICT}/monitoringRounds/2020-07/reports/{department}");
        let request = wire::GetMonitoringReportRequest { name };
        officer.get_monitoring_report(request).await.unwrap().into_inner().forecast_amount
    };
    let of_department = forecast("602").await.unwrap();
    let units = async |project: &str| {
        let amount = get(&world, project, 7).await.expected_amount.unwrap();
        (amount.units, amount.nanos)
    };
    let (p1, p2) = (units("p1").await, units("p2").await);
    assert!(p1.0 > 300_000 && p2.0 > 0);
    let fen = |(units, nanos): (i64, i32)| units * 100 + i64::from(nanos / 10_000_000);
    assert_eq!(fen((of_department.units, of_department.nanos)), fen(p1) + fen(p2));
    assert_eq!(forecast("603").await, None, "nobody of p3's kind has a past");
}

#[tokio::test]
async fn forecasts_are_listed_page_by_page_and_are_the_finance_bureaus() {
    let world = with_history().await;
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let mut request = wire::ListForecastsRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        page_size: 2,
        ..Default::default()
    };
    let first = officer.list_forecasts(request.clone()).await.unwrap().into_inner();
    request.page_token = first.next_page_token;
    let second = officer.list_forecasts(request.clone()).await.unwrap().into_inner();
    let names: Vec<String> =
        first.forecasts.iter().chain(&second.forecasts).map(|one| one.name.clone()).collect();
    assert_eq!(names, [name("p1"), name("p2"), name("p3")]);
    assert!(second.next_page_token.is_empty());
    assert_eq!(first.forecasts[0], get(&world, "p1", 0).await, "the list says what the call says");
    request.department = format!("{DISTRICT}/units/603");
    request.page_token.clear();
    let narrowed = officer.list_forecasts(request.clone()).await.unwrap().into_inner().forecasts;
    assert_eq!(narrowed.len(), 1);

    let filer = world.monitoring(unit_caller(Role::UnitFiler, "602002")).list_forecasts(request).await;
    assert_eq!(filer.unwrap_err().code(), Code::PermissionDenied);
    for wrong in
        ["districts/350205000/projects/none/forecasts/2020", "districts/350205000/projects/p1/forecasts/x"]
    {
        let refused =
            officer.get_forecast(wire::GetForecastRequest { name: wrong.to_owned(), month: 0 }).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound, "{wrong}");
    }
    let early = wire::GetForecastRequest {
        name: "districts/350205000/projects/p1/forecasts/2010".to_owned(),
        month: 0,
    };
    let early = officer.get_forecast(early).await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition, "no rules were in force then");
}
