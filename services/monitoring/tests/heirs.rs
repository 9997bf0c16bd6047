//! Units end: what is about them as a whole goes to who takes over, and a round asks whoever has the object today.

mod support;

use support::offices::{
    ROUND, alerts, allowed, answer, decide, ended, except, filer, give, history, measure, owners, report,
    reports,
};
use support::{DISTRICT, World, date, filled};
use tonic::Code;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::unit::{Kind, State};
use wenxiao_contract::wenxiao::targets::v1::{Objective, objective};
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::caller;

async fn open_round_of_departments_and_policies(world: &World) {
    let scope = wire::RoundScope {
        monitored_kinds: vec![wire::MonitoredKind::Department.into(), wire::MonitoredKind::Policy.into()],
        ..Default::default()
    };
    world.plan_round(Some(scope)).await;
    world.open_planned_round().await;
}

fn whole(department: &str) -> Objective {
    Objective {
        name: format!("{DISTRICT}/objectives/{department}-2020"),
        subject: Some(objective::Subject::WholeDepartment(format!("{DISTRICT}/units/{department}"))),
        ..support::objective("x", department, department)
    }
}

#[tokio::test]
async fn what_is_about_a_whole_department_goes_to_its_successor_and_on() {
    let world = World::start().await;
    world.tell_registry(&support::unit("604", "生态环境局", Kind::Department, "604")).await;
    world.tell_targets(&whole("602")).await;
    world.tell_targets(&whole("603")).await;
    open_round_of_departments_and_policies(&world).await;
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let propose = wire::ProposeMeasuresRequest { name: ROUND.to_owned(), ..Default::default() };
    let proposed = officer.propose_measures(propose).await.unwrap().into_inner().measures;
    assert_eq!(proposed.len(), 2, "both departments have spent nothing");
    for one in &proposed {
        decide(&world, one, wire::decide_measure_request::Decision::Enforce).await;
    }
    let exception = except(&world, "units/602", (9, 1)).await;
    let stopped = measure(&world, wire::measure::Kind::StopPayment, "units/602002").await;
    let before = (history(&world).await, owners(&world).await);

    // Decided for a later day: nothing has happened yet.
    let decided =
        registry::Unit { state: State::Active.into(), ..ended("602", Kind::Department, "602", "603") };
    world.tell_registry(&decided).await;
    assert_eq!((history(&world).await, owners(&world).await), before);

    world.tell_registry(&ended("602", Kind::Department, "602", "603")).await;
    world.tell_registry(&ended("602002", Kind::Unit, "602", "603")).await;
    for (project, unit) in [("p1", "603"), ("p2", "603")] {
        give(&world, project, unit).await;
    }
    let moved = owners(&world).await;
    assert!(
        moved
            .iter()
            .all(|(_, unit, code, department)| [unit, code, department].iter().all(|one| *one == "603"))
    );
    world.tell_registry(&ended("602", Kind::Department, "602", "603")).await;
    assert_eq!((history(&world).await, owners(&world).await), (before.0, moved), "told twice, moved once");

    let mine = alerts(&world, filer("603")).await;
    assert_eq!(mine.len(), 2, "its own and that of the department which is part of it now");
    assert!(alerts(&world, filer("602")).await.is_empty());
    assert_eq!(allowed(&world, filer("602"), &report("602")).await, Err(Code::NotFound));
    assert_eq!(allowed(&world, filer("603"), &report("602")).await.unwrap(), ["update", "submit"]);
    for alert in &mine {
        assert_eq!(
            answer(&world, &alert.name, filer("603")).await.unwrap().unit,
            format!("{DISTRICT}/units/603")
        );
    }

    // Rights and duties pass: what was decided against the department or granted to it binds its heir.
    let ask = |subject: &str| wire::CheckSupplementRequest {
        name: format!("{DISTRICT}/{subject}"),
        as_of_date: Some(date(2020, 9, 30)),
        ..Default::default()
    };
    let mut gate = world.gate(caller(Role::BudgetingSystem));
    for subject in ["projects/p1", "units/603", "units/602"] {
        let check = gate.check_supplement(ask(subject)).await.unwrap().into_inner();
        let by: Vec<_> = check.grounds.iter().filter(|one| !one.measure.is_empty()).collect();
        assert_eq!(by.len(), 2, "{subject}: {by:?}");
        assert!(check.grounds.iter().any(|one| one.block_override == exception.name), "{subject}");
        assert_eq!(check.department, format!("{DISTRICT}/units/603"));
    }
    let get = wire::GetMeasureRequest { name: stopped.name.clone() };
    assert!(world.monitoring(filer("603")).get_measure(get).await.is_ok());

    // A chain: the heir ends as well, and whoever asks for the first one finds the last.
    world.tell_registry(&ended("603", Kind::Department, "603", "604")).await;
    assert!(owners(&world).await.iter().all(|(name, unit, ..)| unit == "604" || name.contains("p3")));
    let later = measure(&world, wire::measure::Kind::StopPayment, "units/602").await;
    assert_eq!(later.department, format!("{DISTRICT}/units/604"));
}

#[tokio::test]
async fn a_round_asks_whoever_has_the_object_today_and_not_whom_an_older_objective_names() {
    let world = World::start().await;
    let policy = |unit: &str| registry::Policy {
        name: format!("{DISTRICT}/policies/subsidy"),
        title: "农机补贴".to_owned(),
        executing_unit: format!("{DISTRICT}/units/{unit}"),
        ..Default::default()
    };
    let of_policy = Objective {
        name: format!("{DISTRICT}/objectives/subsidy-2020"),
        subject: Some(objective::Subject::Policy(format!("{DISTRICT}/policies/subsidy"))),
        ..support::objective("x", "602002", "602")
    };
    world.tell_registry(&policy("602002")).await;
    world.tell_registry(&policy("603")).await;
    world.tell_registry(&ended("602", Kind::Department, "602", "603")).await;
    // These tell of the state before.
    world.tell_targets(&of_policy).await;
    world.tell_targets(&whole("602")).await;
    open_round_of_departments_and_policies(&world).await;
    let asked = reports(&world, filer("603")).await;
    let names: Vec<_> = asked.iter().map(|one| one.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["602", "subsidy"]);
    assert!(asked.iter().all(|one| one.department == format!("{DISTRICT}/units/603")));

    // An open report of the policy follows it, and so do its alerts.
    let fill = wire::UpdateMonitoringReportRequest {
        report: Some(wire::MonitoringReport { fundings: Vec::new(), ..filled(&report("subsidy"), "10") }),
        ..Default::default()
    };
    world.monitoring(filer("603")).update_monitoring_report(fill).await.unwrap();
    let submit = wire::SubmitMonitoringReportRequest { name: report("subsidy"), ..Default::default() };
    world.monitoring(filer("603")).submit_monitoring_report(submit).await.unwrap();
    world.accept("subsidy").await;
    assert!(!alerts(&world, filer("603")).await.is_empty());
    world.tell_registry(&policy("602001")).await;
    assert!(alerts(&world, filer("603")).await.is_empty());
    assert!(!alerts(&world, filer("602001")).await.is_empty());
    assert_eq!(reports(&world, filer("602001")).await.len(), 1);

    // A project's objective may be older than the hand-over, too.
    let world = World::start().await;
    give(&world, "p1", "603").await;
    world.tell_targets(&support::objective("p1", "602002", "602")).await;
    world.open_round().await;
    let asked: Vec<_> = reports(&world, filer("603")).await.into_iter().map(|one| one.name).collect();
    assert_eq!(asked, [report("p1"), report("p3")]);
}
