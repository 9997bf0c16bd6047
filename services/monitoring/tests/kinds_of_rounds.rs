//! What rule sets make of rounds: what a key round takes, whole departments, idle money; what forms show of the round
//! before, and how a year's reports add up.

mod support;

use support::{DISTRICT, World, date, decimal, filled, payment, yuan};
use tonic::Code;
use tonic_types::StatusExt;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1::{AuditLightRule, DepartmentLightRule, KeyRoundRule, Policy};
use wenxiao_contract::wenxiao::targets::v1::{Objective, objective};
use wenxiao_kernel::Clock;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{caller, unit_caller};

fn reason(status: &tonic::Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

async fn plan(
    world: &World,
    round: wire::MonitoringRound,
    id: &str,
) -> Result<wire::MonitoringRound, tonic::Status> {
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let request = wire::CreateMonitoringRoundRequest {
        parent: DISTRICT.to_owned(),
        monitoring_round: Some(round),
        monitoring_round_id: id.to_owned(),
        ..Default::default()
    };
    let planned = officer.create_monitoring_round(request).await?.into_inner();
    let request = wire::OpenMonitoringRoundRequest { name: planned.name, ..Default::default() };
    Ok(officer.open_monitoring_round(request).await?.into_inner())
}

async fn form(world: &World, round: &str, object: &str) -> Result<wire::MonitoringReport, tonic::Status> {
    let name = format!("{DISTRICT}/monitoringRounds/{round}/reports/{object}");
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    Ok(officer.get_monitoring_report(wire::GetMonitoringReportRequest { name }).await?.into_inner())
}

#[tokio::test]
async fn the_next_round_shows_what_was_accepted_in_the_one_before() {
    let world = World::start().await;
    world.open_round().await;
    world.submit("p1", "602002", "60").await;
    world.accept("p1").await;
    world.submit("p2", "602001", "50").await;
    let october = wire::MonitoringRound {
        title: "2020年1-10月绩效运行监控".to_owned(),
        fiscal_year: 2020,
        end_month: 10,
        kind: wire::monitoring_round::Kind::Regular.into(),
        deadline_date: Some(date(2020, 11, 15)),
        ..Default::default()
    };
    plan(&world, october, "2020-10").await.unwrap();
    let last = &form(&world, "2020-10", "p1").await.unwrap().indicators[0];
    assert_eq!((last.last_end_month, last.last_achieved_text.as_str()), (7, "已完成60个"));
    assert_eq!(last.last_achieved_value, Some(decimal("60")));
    assert_eq!(last.achieved_value, None, "it is shown, not filled in: the unit says anew what it achieved");
    let open = &form(&world, "2020-10", "p2").await.unwrap().indicators[0];
    assert_eq!((open.last_end_month, open.last_achieved_value.clone()), (0, None), "p2's was not accepted");
}

#[tokio::test]
async fn a_key_round_takes_what_the_rule_set_calls_important_and_says_why() {
    let rule = KeyRoundRule {
        lag_points: Some(decimal("20")),
        large_amount: Some(yuan(1_200_000)),
        social_attention: true,
    };
    let world = World::start_with(Clock::system(), |rules| rules.key_round = Some(rule)).await;
    // p1 is large, p2 as planned, p3 behind by more than twenty points.
    world
        .pay(vec![
            payment("a", "p1", 7, 700_000),
            payment("b", "p2", 7, 350_000),
            payment("c", "p3", 7, 300_000),
        ])
        .await;
    let key = |scope| wire::MonitoringRound {
        title: "2020年重点绩效监控".to_owned(),
        fiscal_year: 2020,
        end_month: 7,
        kind: wire::monitoring_round::Kind::Key.into(),
        deadline_date: Some(date(2020, 8, 31)),
        scope: Some(scope),
        ..Default::default()
    };
    let round = plan(&world, key(wire::RoundScope::default()), "key").await.unwrap();
    assert_eq!(round.report_count, 2);
    let why = |form: wire::MonitoringReport| form.key_criteria().collect::<Vec<_>>();
    assert_eq!(why(form(&world, "key", "p1").await.unwrap()), [wire::KeyCriterion::LargeAmount]);
    assert_eq!(why(form(&world, "key", "p3").await.unwrap()), [wire::KeyCriterion::ExecutionLag]);
    assert_eq!(form(&world, "key", "p2").await.unwrap_err().code(), Code::NotFound);

    let watched = wire::RoundScope {
        key_criteria: vec![wire::KeyCriterion::SocialAttention.into()],
        attention_projects: vec![format!("{DISTRICT}/projects/p2")],
        ..Default::default()
    };
    assert_eq!(
        plan(&world, key(watched.clone()), "watched").await.unwrap().scope,
        Some(wire::RoundScope { monitored_kinds: Vec::new(), ..watched })
    );
    assert_eq!(why(form(&world, "watched", "p2").await.unwrap()), [wire::KeyCriterion::SocialAttention]);
    let nothing = wire::RoundScope {
        key_criteria: vec![wire::KeyCriterion::SocialAttention.into()],
        ..Default::default()
    };
    let empty = plan(&world, key(nothing), "empty").await.unwrap_err();
    assert_eq!(reason(&empty), "ROUND_EMPTY");
}

#[tokio::test]
async fn a_whole_department_says_whether_it_does_its_duty() {
    use wenxiao_contract::wenxiao::registry::v1::department_light_rule::Colour;
    let rule = DepartmentLightRule {
        both_met: Colour::Green.into(),
        goal_missed: Colour::Yellow.into(),
        duty_missed: Colour::Red.into(),
    };
    let world = World::start_with(Clock::system(), |rules| rules.department_light = Some(rule)).await;
    world.pay(vec![payment("a", "p3", 7, 900_000)]).await;
    let whole = Objective {
        name: format!("{DISTRICT}/objectives/603-2020"),
        subject: Some(objective::Subject::WholeDepartment(format!("{DISTRICT}/units/603"))),
        ..support::objective("p3", "603", "603")
    };
    world.tell_targets(&whole).await;
    let round = wire::MonitoringRound {
        title: "2020年1-7月部门整体监控".to_owned(),
        fiscal_year: 2020,
        end_month: 7,
        kind: wire::monitoring_round::Kind::Regular.into(),
        deadline_date: Some(date(2020, 8, 31)),
        scope: Some(wire::RoundScope {
            monitored_kinds: vec![wire::MonitoredKind::Department.into()],
            ..Default::default()
        }),
        ..Default::default()
    };
    assert_eq!(plan(&world, round, "whole").await.unwrap().report_count, 1);
    let name = format!("{DISTRICT}/monitoringRounds/whole/reports/603");
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "603"));
    let mut fill = async |report: wire::MonitoringReport| {
        let request = wire::UpdateMonitoringReportRequest { report: Some(report), ..Default::default() };
        filer.update_monitoring_report(request).await.unwrap().into_inner()
    };
    let first = fill(filled(&name, "60")).await;
    assert_eq!(first.objective_light(), wire::Light::Unspecified, "not judged before the department says");
    let mut submit = world.monitoring(unit_caller(Role::UnitFiler, "603"));
    let request = || wire::SubmitMonitoringReportRequest { name: name.clone(), ..Default::default() };
    let refused = submit.submit_monitoring_report(request()).await.unwrap_err();
    let details = refused.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let named: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(named, ["report.duty_fulfilled"]);
    for (achieved, duty, light) in
        [("60", true, wire::Light::Green), ("30", true, wire::Light::Yellow), ("60", false, wire::Light::Red)]
    {
        let given = wire::MonitoringReport { duty_fulfilled: Some(duty), ..filled(&name, achieved) };
        assert_eq!(fill(given).await.objective_light(), light, "{achieved} {duty}");
    }
    assert_eq!(
        submit.submit_monitoring_report(request()).await.unwrap().into_inner().light(),
        wire::Light::Red
    );
}

/// The same rule set: works run by their milestones, everything else by months.
#[tokio::test]
async fn a_rule_set_chooses_the_schedule_by_the_kind_of_project() {
    use wenxiao_contract::wenxiao::registry::v1::RuleScope;
    use wenxiao_contract::wenxiao::registry::v1::budget_light_rule::Schedule;
    let world = World::start_with(Clock::system(), |rules| {
        let mut works = rules.budget_lights[0].clone();
        works.scope = Some(RuleScope { capital_works: Some(true), ..Default::default() });
        works.schedule = Schedule::Milestones.into();
        rules.budget_lights.insert(0, works);
    })
    .await;
    let milestone = |month, share: &str| wire::Milestone {
        title: "主体工程".to_owned(),
        planned_date: Some(date(2020, month, 30)),
        cumulative_share: Some(decimal(share)),
        ..Default::default()
    };
    let plan = wire::MilestonePlan {
        name: format!("{DISTRICT}/projects/p3/milestonePlans/2020"),
        milestones: vec![milestone(4, "0.3"), milestone(8, "0.9")],
        ..Default::default()
    };
    let request = wire::UpdateMilestonePlanRequest { milestone_plan: Some(plan), ..Default::default() };
    world.execution(caller(Role::FinancePerformanceOfficer)).update_milestone_plan(request).await.unwrap();
    // 30 % of both: what the works planned, and half of what is due by the calendar.
    world.pay(vec![payment("a", "p1", 7, 360_000), payment("b", "p3", 7, 270_000)]).await;
    world.open_round().await;
    for (project, schedule, light) in
        [("p1", "0.5833", wire::Light::Red), ("p3", "0.3000", wire::Light::Green)]
    {
        let form = form(&world, "2020-07", project).await.unwrap();
        assert_eq!(
            (form.schedule.clone(), form.execution_light()),
            (Some(decimal(schedule)), light),
            "{project}"
        );
    }
}

/// A policy is an object of its own and its money is that of the projects which carry it out.
#[tokio::test]
async fn a_policy_has_the_money_of_its_projects() {
    let world = World::start().await;
    let policy = |projects: &[&str]| Policy {
        name: format!("{DISTRICT}/policies/subsidy"),
        title: "垃圾分类补贴".to_owned(),
        executing_unit: format!("{DISTRICT}/units/602"),
        projects: projects.iter().map(|id| format!("{DISTRICT}/projects/{id}")).collect(),
        ..Default::default()
    };
    world.tell_registry(&policy(&["p2", "p3"])).await;
    world.tell_registry(&policy(&["p1", "p3"])).await; // p2 carries it out no longer
    let of_policy = Objective {
        name: format!("{DISTRICT}/objectives/subsidy-2020"),
        subject: Some(objective::Subject::Policy(format!("{DISTRICT}/policies/subsidy"))),
        ..support::objective("p1", "602", "602")
    };
    world.tell_targets(&of_policy).await;
    world
        .pay(vec![payment("a", "p1", 7, 300_000), payment("b", "p2", 7, 1), payment("c", "p3", 7, 400_000)])
        .await;
    let round = wire::MonitoringRound {
        title: "2020年1-7月重大政策监控".to_owned(),
        fiscal_year: 2020,
        end_month: 7,
        kind: wire::monitoring_round::Kind::Regular.into(),
        deadline_date: Some(date(2020, 8, 31)),
        scope: Some(wire::RoundScope {
            monitored_kinds: vec![wire::MonitoredKind::Policy.into()],
            minimum_amount: Some(yuan(2_100_000)),
            ..Default::default()
        }),
        ..Default::default()
    };
    assert_eq!(plan(&world, round, "policies").await.unwrap().report_count, 1);
    let form = form(&world, "policies", "subsidy").await.unwrap();
    let lines: Vec<_> =
        form.fundings.iter().map(|one| (one.adjusted_amount.clone(), one.executed_amount.clone())).collect();
    assert_eq!(
        lines,
        [(Some(yuan(1_200_000)), Some(yuan(300_000))), (Some(yuan(900_000)), Some(yuan(400_000)))],
        "an account each"
    );
    assert_eq!(form.execution_rate, Some(decimal("0.3333")));
    assert_eq!(form.execution_light(), wire::Light::Red, "a third of the money by July is 57 of what is due");
}

#[tokio::test]
async fn idle_money_and_abnormal_execution_warn_where_the_rule_set_looks_at_them() {
    let rule = AuditLightRule {
        execution_below: Some(decimal("80")),
        execution_above: Some(decimal("120")),
        idle_money_points: Some(decimal("20")),
    };
    let world = World::start_with(Clock::system(), |rules| rules.audit = Some(rule)).await;
    let milestone = |month, share: &str, reached| wire::Milestone {
        title: "主体工程".to_owned(),
        planned_date: Some(date(2020, month, 30)),
        cumulative_share: Some(decimal(share)),
        reached_date: reached,
    };
    let plan = wire::MilestonePlan {
        name: format!("{DISTRICT}/projects/p3/milestonePlans/2020"),
        milestones: vec![milestone(4, "0.3", Some(date(2020, 5, 6))), milestone(7, "0.6", None)],
        ..Default::default()
    };
    let request = wire::UpdateMilestonePlanRequest { milestone_plan: Some(plan), ..Default::default() };
    world.execution(caller(Role::FinancePerformanceOfficer)).update_milestone_plan(request).await.unwrap();
    // 80 % paid with 30 % reached; due by the calendar is 7/12.
    world.pay(vec![payment("a", "p3", 7, 720_000)]).await;
    world.open_round().await;
    let form = form(&world, "2020-07", "p3").await.unwrap();
    assert_eq!(form.physical_progress, Some(decimal("0.3")));
    assert_eq!((form.idle_money_light(), form.audit_light()), (wire::Light::Yellow, wire::Light::Yellow));
    world.submit("p3", "603", "70").await;
    world.accept("p3").await;
    let request = wire::ListAlertsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let alerts = officer.list_alerts(request).await.unwrap().into_inner().alerts;
    let kinds: Vec<_> = alerts.iter().map(wire::Alert::kind).collect();
    assert!(
        kinds.contains(&wire::alert::Kind::IdleMoney)
            && kinds.contains(&wire::alert::Kind::ExecutionAbnormal)
    );
}

#[tokio::test]
async fn statistics_of_a_year_add_up_to_the_accepted_reports() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 7, 700_000), payment("c", "p3", 7, 600_000)]).await;
    world.open_round().await;
    for (project, unit, achieved) in [("p1", "602002", "60"), ("p2", "602001", "60"), ("p3", "603", "10")] {
        world.submit(project, unit, achieved).await;
    }
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let request =
        || wire::GetMonitoringStatisticsRequest { name: format!("{DISTRICT}/monitoringStatistics/2020") };
    let none = officer.get_monitoring_statistics(request()).await.unwrap().into_inner();
    assert_eq!(none.total, Some(wire::LightCounts::default()), "nothing is accepted yet");
    for project in ["p1", "p2", "p3"] {
        world.accept(project).await;
    }
    let statistics = officer.get_monitoring_statistics(request()).await.unwrap().into_inner();
    let request = wire::ListMonitoringReportsRequest {
        parent: format!("{DISTRICT}/monitoringRounds/2020-07"),
        state: wire::monitoring_report::State::Accepted.into(),
        ..Default::default()
    };
    let rows = officer.list_monitoring_reports(request).await.unwrap().into_inner().reports;
    let count = |light: wire::Light| rows.iter().filter(|row| row.light() == light).count() as i32;
    let total = statistics.total.unwrap();
    assert_eq!((total.red_count, total.green_count), (count(wire::Light::Red), count(wire::Light::Green)));
    assert_eq!((total.red_count, total.green_count), (2, 1), "p2 spent nothing, p3 reached a tenth");
    for lines in [&statistics.accounts, &statistics.departments, &statistics.months] {
        let sum = lines.iter().fold((0, 0), |(red, green), line| {
            let lights = line.lights.unwrap_or_default();
            (red + lights.red_count, green + lights.green_count)
        });
        assert_eq!(sum, (2, 1), "every list adds up: {lines:?}");
        assert_eq!(lines.iter().map(|line| line.report_count).sum::<i32>(), 3);
    }
    assert_eq!(statistics.departments.len(), 2);
    assert_eq!((statistics.accounts.len(), statistics.months[0].end_month), (2, 7));
    let filer = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    let name = format!("{DISTRICT}/monitoringStatistics/2020");
    let refused = { filer }.get_monitoring_statistics(wire::GetMonitoringStatisticsRequest { name }).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}
