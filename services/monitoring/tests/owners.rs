//! Units end and projects change hands in the registry: what monitoring has of them goes along, whatever state it is in,
//! and what was done stays as it was done.

mod support;

use std::time::Duration;

use sqlx::Connection as _;
use support::{DISTRICT, World, date, filled, payment};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::unit::{Kind, State};
use wenxiao_contract::wenxiao::targets::v1::{Objective, objective};
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{caller, unit_caller};

const ROUND: &str = "districts/350205000/monitoringRounds/2020-07";

fn report(id: &str) -> String {
    format!("{ROUND}/reports/{id}")
}

fn filer(unit: &str) -> Principal {
    unit_caller(Role::UnitFiler, unit)
}

async fn give(world: &World, project: &str, unit: &str) {
    let general = BudgetAccount::GeneralPublic;
    world.tell_registry(&support::project(project, unit, &unit[..3], general, false)).await;
}

/// A unit that has ended, as the registry tells of it on the day.
fn ended(unit: &str, kind: Kind, department: &str, successor: &str) -> registry::Unit {
    registry::Unit {
        state: State::Merged.into(),
        successors: vec![format!("{DISTRICT}/units/{successor}")],
        ..support::unit(unit, "已合并单位", kind, department)
    }
}

async fn reports(world: &World, who: Principal) -> Vec<wire::MonitoringReport> {
    let request = wire::ListMonitoringReportsRequest { parent: ROUND.to_owned(), ..Default::default() };
    world.monitoring(who).list_monitoring_reports(request).await.expect("allowed").into_inner().reports
}

async fn alerts(world: &World, who: Principal) -> Vec<wire::Alert> {
    let request = wire::ListAlertsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    world.monitoring(who).list_alerts(request).await.expect("allowed").into_inner().alerts
}

async fn measures(world: &World, who: Principal) -> Vec<wire::Measure> {
    let request = wire::ListMeasuresRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    world.monitoring(who).list_measures(request).await.expect("allowed").into_inner().measures
}

async fn overrides(world: &World) -> Vec<wire::BlockOverride> {
    let request = wire::ListBlockOverridesRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    world
        .gate(caller(Role::FinanceHead))
        .list_block_overrides(request)
        .await
        .expect("allowed")
        .into_inner()
        .block_overrides
}

async fn allowed(world: &World, who: Principal, name: &str) -> Result<Vec<String>, Code> {
    let request = wire::ListAvailableActionsRequest { name: name.to_owned() };
    let answer =
        world.monitoring(who).list_available_actions(request).await.map_err(|status| status.code())?;
    let actions = answer.into_inner().actions.into_iter();
    Ok(actions.filter(|one| one.allowed).map(|one| one.action).collect())
}

/// Everything that must not change by a hand-over: how much was journalled, versions, submissions and opinions.
async fn history(world: &World) -> Vec<String> {
    sqlx::query_scalar(
        "select 'journal ' || (select count(*) from monitoring.journal) + (select count(*) from monitoring.journal_queue)
         union all select 'report ' || report_id || version || state || coalesce(light, '') from monitoring.reports
         union all select 'alert ' || alert_id || version || state || coalesce(body->>'deadline', '')
           from monitoring.alerts
         union all select 'measure ' || measure_id || version || state from monitoring.measures
         union all select 'override ' || override_id || version || revoked from monitoring.block_overrides
         union all select 'revision ' || report_id || revision || content_hash || submitter || (body->>'unit')
           from monitoring.report_revisions
         order by 1",
    )
    .fetch_all(&mut world.suite.superuser().await)
    .await
    .expect("rows")
}

/// What the columns say of everything: `(object, unit, agency code, department)`.
async fn owners(world: &World) -> Vec<(String, String, String, String)> {
    sqlx::query_as(
        "select 'report ' || report_id, unit_id, agency_code, department_id from monitoring.reports
         union all select 'alert ' || alert_id, unit_id, agency_code, department_id from monitoring.alerts
         union all select 'measure ' || measure_id, unit_id, agency_code, department_id from monitoring.measures
         union all select 'override ' || override_id, unit_id, agency_code, department_id
           from monitoring.block_overrides
         order by 1",
    )
    .fetch_all(&mut world.suite.superuser().await)
    .await
    .expect("rows")
}

async fn send_back(world: &World, project: &str) {
    let request = wire::ReturnMonitoringReportRequest {
        name: report(project),
        reason: "偏差原因过于笼统".to_owned(),
        ..Default::default()
    };
    world
        .monitoring(caller(Role::FinancePerformanceOfficer))
        .return_monitoring_report(request)
        .await
        .expect("allowed");
}

async fn endorse(world: &World, project: &str, department: &str) -> Result<(), tonic::Status> {
    let request = wire::EndorseMonitoringReportRequest { name: report(project), ..Default::default() };
    let mut reviewer = world.monitoring(unit_caller(Role::DepartmentReviewer, department));
    reviewer.endorse_monitoring_report(request).await.map(drop)
}

async fn answer(world: &World, alert: &str, who: Principal) -> Result<wire::Alert, tonic::Status> {
    let request = wire::AnswerAlertRequest {
        name: alert.to_owned(),
        choice: wire::alert::Choice::Continue.into(),
        answer: "下半年加快实施".to_owned(),
        ..Default::default()
    };
    Ok(world.monitoring(who).answer_alert(request).await?.into_inner())
}

async fn measure(world: &World, kind: wire::measure::Kind, subject: &str) -> wire::Measure {
    let request = wire::CreateMeasureRequest {
        parent: DISTRICT.to_owned(),
        measure: Some(wire::Measure {
            kind: kind.into(),
            subject: format!("{DISTRICT}/{subject}"),
            fiscal_year: 2020,
            propose_reason: "存在损失风险".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world
        .monitoring(caller(Role::FinanceBusinessOfficer))
        .create_measure(request)
        .await
        .expect("allowed")
        .into_inner()
}

async fn decide(world: &World, measure: &wire::Measure, decision: wire::decide_measure_request::Decision) {
    let request = wire::DecideMeasureRequest {
        name: measure.name.clone(),
        decision: decision.into(),
        reason: "研究决定".to_owned(),
        effective_date: Some(date(2020, 9, 1)),
        ..Default::default()
    };
    world.monitoring(caller(Role::FinanceHead)).decide_measure(request).await.expect("allowed");
}

async fn except(world: &World, subject: &str, year_day: (i32, i32)) -> wire::BlockOverride {
    let request = wire::OverrideBlockRequest {
        name: format!("{DISTRICT}/{subject}"),
        reason: "防汛应急".to_owned(),
        start_date: Some(date(2020, year_day.0, year_day.1)),
        expire_date: Some(date(2020, 12, 31)),
        ..Default::default()
    };
    world.gate(caller(Role::FinanceHead)).override_block(request).await.expect("allowed").into_inner()
}

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

/// Waits until a statement that looks like this, or that does not, waits for a lock.
async fn until_waiting(world: &World, like: &str, does: bool) {
    let mut connection = world.suite.superuser().await;
    for _ in 0..200 {
        let waiting: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock' and (query like $1) = $2)",
        )
        .bind(like)
        .bind(does)
        .fetch_one(&mut connection)
        .await
        .expect("the database answers");
        if waiting {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody waits");
}

/// Lets a command run until it would be journalled, hands p1 over to 603 meanwhile, and lets the command end.
async fn while_in_flight<T>(world: &World, command: impl Future<Output = T>) -> T {
    let mut holder = world.suite.superuser().await;
    let mut held = holder.begin().await.expect("a transaction");
    sqlx::query("lock table monitoring.journal_queue in exclusive mode")
        .execute(&mut *held)
        .await
        .expect("the database answers");
    let meanwhile = async {
        until_waiting(world, "%insert into journal_queue%", true).await;
        let hand_over = give(world, "p1", "603");
        let release = async {
            until_waiting(world, "%journal_queue%", false).await;
            held.commit().await.expect("a transaction");
        };
        tokio::join!(hand_over, release);
    };
    tokio::join!(command, meanwhile).0
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
