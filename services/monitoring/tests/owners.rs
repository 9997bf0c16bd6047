//! Projects change hands in the registry: what monitoring has of them goes along, whatever state it is in, and what was
//! done stays as it was done.

mod support;

use support::offices::{
    ROUND, alerts, allowed, answer, before_it_commits, decide, endorse, except, filer, give, history,
    measure, measures, overrides, owners, report, reports, send_back,
};
use support::{DISTRICT, World, filled, payment};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::caller;

/// A round whose reports of 602002's projects `draft` to `accepted` stand there; measures in every state on `accepted`;
/// an exception for it.
async fn every_state(world: &World) {
    for project in ["draft", "submitted", "endorsed", "returned", "accepted"] {
        give(world, project, "602002").await;
        let entry = support::budget(
            project,
            BudgetAccount::GeneralPublic,
            registry::BudgetEntryKind::Initial,
            100_000,
            1,
        );
        world.tell_registry(&entry).await;
        world.tell_targets(&support::objective(project, "602002", "602")).await;
    }
    world.pay(vec![payment("a", "accepted", 7, 100)]).await;
    world.open_round().await;
    for project in ["submitted", "endorsed", "returned", "accepted"] {
        world.submit(project, "602002", "10").await;
    }
    endorse(world, "endorsed", "602").await.expect("allowed");
    send_back(world, "returned").await;
    world.accept("accepted").await;
    use wire::decide_measure_request::Decision::{Enforce, Reject};
    use wire::measure::Kind;
    let enforced = measure(world, Kind::NoSupplement, "projects/accepted").await;
    decide(world, &enforced, Enforce).await;
    decide(world, &measure(world, Kind::StopPayment, "projects/accepted").await, Reject).await;
    measure(world, Kind::KeyEvaluationCandidate, "projects/accepted").await;
    except(world, "projects/accepted", (9, 1)).await;
    let lifted = measure(world, Kind::Suspend, "projects/accepted").await;
    decide(world, &lifted, Enforce).await;
    let request =
        wire::LiftMeasureRequest { name: lifted.name, reason: "已整改".to_owned(), ..Default::default() };
    world.monitoring(caller(Role::FinanceHead)).lift_measure(request).await.expect("allowed");
}

#[tokio::test]
async fn objects_in_every_state_go_to_the_unit_that_takes_the_project_over() {
    let world = World::start().await;
    every_state(&world).await;
    let warnings = alerts(&world, filer("602002")).await;
    assert!(warnings.len() >= 2, "{warnings:?}");
    answer(&world, &warnings[0].name, filer("602002")).await.unwrap();
    let (before, untouched) = (history(&world).await, reports(&world, filer("602001")).await);
    for project in ["draft", "submitted", "endorsed", "returned", "accepted"] {
        give(&world, project, "603").await;
    }
    assert_eq!(history(&world).await, before, "nobody acted in monitoring");
    let moved = owners(&world).await;
    for project in ["draft", "submitted", "endorsed", "returned", "accepted"] {
        give(&world, project, "603").await;
    }
    assert_eq!((owners(&world).await, history(&world).await), (moved, before), "told twice, moved once");

    assert_eq!(reports(&world, filer("602001")).await, untouched, "p2 has not moved");
    let left: Vec<_> = reports(&world, filer("602002")).await.into_iter().map(|one| one.name).collect();
    assert_eq!(left, [report("p1")]);
    assert_eq!(
        (alerts(&world, filer("602002")).await.len(), measures(&world, filer("602002")).await.len()),
        (0, 0)
    );
    let heirs = reports(&world, filer("603")).await;
    assert_eq!(heirs.len(), 6, "five and its own p3");
    assert!(heirs.iter().all(|one| one.unit.ends_with("units/603") && one.department.ends_with("units/603")));
    assert_eq!(alerts(&world, filer("603")).await.len(), warnings.len());
    assert_eq!(measures(&world, filer("603")).await.len(), 4);
    assert!(overrides(&world).await.iter().all(|one| one.department.ends_with("units/603")));

    // The old unit does not even know of them; the heir and its department may do what was open.
    for project in ["draft", "submitted", "endorsed", "returned", "accepted"] {
        assert_eq!(
            allowed(&world, filer("602002"), &report(project)).await,
            Err(Code::NotFound),
            "{project}"
        );
    }
    assert_eq!(allowed(&world, filer("603"), &report("draft")).await.unwrap(), ["update", "submit"]);
    world.submit("draft", "603", "60").await;
    world.submit("returned", "603", "60").await;
    let stranger = endorse(&world, "submitted", "602").await.unwrap_err();
    assert_eq!(stranger.code(), Code::NotFound);
    endorse(&world, "submitted", "603").await.unwrap();
    world.accept("endorsed").await;
    let alert = &warnings[1].name;
    assert_eq!(answer(&world, alert, filer("602002")).await.unwrap_err().code(), Code::NotFound);
    let answered = answer(&world, alert, filer("603")).await.unwrap();
    assert_eq!(
        (answered.unit.as_str(), answered.deadline_date),
        ("districts/350205000/units/603", warnings[1].deadline_date)
    );

    // What was submitted keeps who did it; what is submitted now is the heir's.
    let request = wire::ListReportRevisionsRequest { parent: report("returned"), ..Default::default() };
    let mut heir = world.monitoring(filer("603"));
    let revisions = heir.list_report_revisions(request).await.unwrap().into_inner().revisions;
    let who: Vec<_> = revisions
        .iter()
        .map(|one| (one.submitter.as_str(), one.report.as_ref().unwrap().unit.rsplit('/').next().unwrap()))
        .collect();
    assert_eq!(who, [("test:unit_filer:602002", "602002"), ("test:unit_filer:603", "603")]);

    // Statistics of the year are by the departments of today, as the budgets are.
    let request =
        wire::GetMonitoringStatisticsRequest { name: format!("{DISTRICT}/monitoringStatistics/2020") };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let departments = officer.get_monitoring_statistics(request).await.unwrap().into_inner().departments;
    let counted: Vec<_> = departments.iter().map(|one| (one.department.as_str(), one.report_count)).collect();
    assert_eq!(counted, [("districts/350205000/units/603", 2)]);
}

/// Hands p1 over to 603 while a command is on its way.
async fn while_in_flight<T>(world: &World, command: impl Future<Output = T>) -> T {
    let hand_over = Box::pin(give(world, "p1", "603"));
    before_it_commits(world, command, hand_over).await.0
}

#[tokio::test]
async fn a_command_in_flight_does_not_undo_a_hand_over() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 7, 100)]).await;
    let taken = async |object: &str| {
        let others = |name: &str| name.ends_with("p2") || name.ends_with("p3");
        let all = owners(&world).await.into_iter();
        let mine: Vec<_> = all
            .filter(|(name, unit, ..)| name.starts_with(object) && !others(name) && unit != "603")
            .collect();
        assert!(mine.is_empty(), "{mine:?}");
        give(&world, "p1", "602002").await;
    };
    world.plan_round(None).await;
    while_in_flight(&world, Box::pin(world.open_planned_round())).await;
    taken("report").await;
    let update = wire::UpdateMonitoringReportRequest {
        report: Some(filled(&report("p1"), "10")),
        ..Default::default()
    };
    let mut unit = world.monitoring(filer("602002"));
    while_in_flight(&world, Box::pin(unit.update_monitoring_report(update))).await.unwrap();
    taken("report").await;
    let submit = wire::SubmitMonitoringReportRequest { name: report("p1"), ..Default::default() };
    while_in_flight(&world, Box::pin(unit.submit_monitoring_report(submit))).await.unwrap();
    taken("report").await;
    while_in_flight(&world, Box::pin(world.accept("p1"))).await;
    taken("alert").await;
    let alert = alerts(&world, filer("602002")).await.remove(0).name;
    while_in_flight(&world, Box::pin(answer(&world, &alert, filer("602002")))).await.unwrap();
    taken("alert").await;
    let proposed =
        while_in_flight(&world, Box::pin(measure(&world, wire::measure::Kind::Reduce, "projects/p1"))).await;
    taken("measure").await;
    while_in_flight(
        &world,
        Box::pin(decide(&world, &proposed, wire::decide_measure_request::Decision::Reject)),
    )
    .await;
    taken("measure").await;
    while_in_flight(&world, Box::pin(except(&world, "projects/p1", (9, 1)))).await;
    taken("override").await;
    let propose = wire::ProposeMeasuresRequest { name: ROUND.to_owned(), ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let found =
        while_in_flight(&world, Box::pin(officer.propose_measures(propose))).await.unwrap().into_inner();
    assert!(found.measures.len() >= 2);
    let of_units: Vec<_> =
        owners(&world).await.into_iter().filter(|(name, ..)| name.starts_with("measure")).collect();
    let p1: Vec<_> = found.measures.iter().filter(|one| one.subject.ends_with("p1")).collect();
    assert!(!p1.is_empty());
    for one in p1 {
        let id = one.name.rsplit('/').next().unwrap();
        let owner = of_units.iter().find(|(name, ..)| name.ends_with(id)).unwrap();
        assert_eq!(owner.1, "603");
    }
}
