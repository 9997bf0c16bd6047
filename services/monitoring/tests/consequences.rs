//! What follows from monitoring: progress, measures, the gate and its exceptions, candidates, coverage.

mod support;

use support::{DISTRICT, World, date, decimal, payment, yuan};
use tonic::Code;
use tonic_types::StatusExt;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::targets::v1::{Objective, objective};
use wenxiao_kernel::Clock;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{caller, unit_caller};

fn reason(status: &tonic::Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

fn ask(subject: &str, month: i32, day: i32) -> wire::CheckSupplementRequest {
    wire::CheckSupplementRequest {
        name: format!("{DISTRICT}/{subject}"),
        as_of_date: Some(date(2020, month, day)),
        ..Default::default()
    }
}

async fn check(world: &World, request: wire::CheckSupplementRequest) -> wire::SupplementCheck {
    world
        .gate(caller(Role::BudgetingSystem))
        .check_supplement(request)
        .await
        .expect("the gate answers")
        .into_inner()
}

#[tokio::test]
async fn departments_below_schedule_are_listed_and_get_no_more_money_in_principle() {
    let world = World::start().await;
    // 602: 1.8 million; seven twelfths are 1.05 million to the yuan. 603: 0.9 million, 525,000 are due.
    world.pay(vec![payment("a", "p1", 7, 1_050_000), payment("b", "p3", 7, 524_999)]).await;
    let list = wire::ListDepartmentProgressRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        month: 7,
        below_schedule_only: true,
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let behind = officer.list_department_progress(list).await.unwrap().into_inner().departments;
    assert_eq!(behind.len(), 1, "exactly on schedule is not below it");
    assert_eq!(behind[0].department, format!("{DISTRICT}/units/603"));
    assert!(behind[0].below_schedule);
    assert_eq!(
        (behind[0].schedule.clone(), behind[0].light()),
        (Some(decimal("0.5833")), wire::Light::Green)
    );

    use wire::supplement_check::Verdict;
    let blocked = check(&world, ask("projects/p3", 7, 31)).await;
    assert_eq!(blocked.verdict(), Verdict::SoftBlocked);
    assert_eq!(blocked.grounds[0].ground(), wire::BlockGround::DepartmentBelowSchedule);
    assert_eq!(blocked.overriding_roles, ["finance_head"]);
    assert!(blocked.explanation.unwrap().steps[0].formula.contains("严格比较"));
    assert_eq!(check(&world, ask("projects/p1", 7, 31)).await.verdict(), Verdict::Allowed);
    assert_eq!(
        check(&world, ask("projects/p3", 7, 30)).await.verdict(),
        Verdict::SoftBlocked,
        "June: nothing yet"
    );
    assert_eq!(check(&world, ask("units/602", 8, 31)).await.verdict(), Verdict::SoftBlocked);
}

/// 79 % at the end of October, twice: green by the nation's rules of 2020, a warning by those that the district made for
/// 2021. Each year is judged by its own.
#[tokio::test]
async fn the_rules_of_a_budget_year_are_those_in_force_when_it_begins() {
    let world = World::start().await;
    let mut own = support::rules::rule_set();
    own.name = format!("{DISTRICT}/ruleSets/district-2021");
    own.layer = registry::rule_set::Layer::District.into();
    own.start_date = Some(date(2021, 1, 1));
    for rules in own.content.iter_mut().filter_map(|content| content.monitoring.as_mut()) {
        rules.budget_lights = vec![registry::BudgetLightRule {
            method: registry::budget_light_rule::Method::StagedFloors.into(),
            floors: vec![registry::StageFloor { month: 10, rate: Some(decimal("0.8")) }],
            ..Default::default()
        }];
    }
    world.tell_registry(&own).await;
    let fund = BudgetAccount::GovernmentFund;
    let budget = registry::BudgetEntry {
        fiscal_year: 2021,
        ..support::budget("p3", fund, registry::BudgetEntryKind::Initial, 900_000, 1)
    };
    world.tell_registry(&budget).await;
    let later = wire::Payment {
        fiscal_year: 2021,
        pay_date: Some(date(2021, 10, 15)),
        ..payment("b", "p3", 10, 711_000)
    };
    world.pay(vec![payment("a", "p3", 10, 711_000), later]).await;
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    for (fiscal_year, rule_set, light) in
        [(2020, "national-2020", wire::Light::Green), (2021, "district-2021", wire::Light::Yellow)]
    {
        let list = wire::ListDepartmentProgressRequest {
            parent: DISTRICT.to_owned(),
            fiscal_year,
            month: 10,
            ..Default::default()
        };
        let all = officer.list_department_progress(list).await.unwrap().into_inner().departments;
        let found = all.iter().find(|one| one.department.ends_with("units/603")).unwrap();
        assert_eq!(found.execution.as_ref().unwrap().rate, Some(decimal("0.7900")));
        assert_eq!(found.light(), light, "{fiscal_year}");
        let by = found.explanation.as_ref().map(|one| one.rule_set.rsplit('/').next().unwrap());
        assert_eq!(by, Some(rule_set));
    }
}

/// Where the rule set's schedule is a staged table, the list, the form and the gate all ask for the floor of the stage.
#[tokio::test]
async fn a_staged_table_is_what_departments_are_held_against() {
    let floor = |month, rate: &str| registry::StageFloor { month, rate: Some(decimal(rate)) };
    let world = World::start_with(Clock::system(), |rules| {
        rules.budget_lights = vec![registry::BudgetLightRule {
            method: registry::budget_light_rule::Method::StagedFloors.into(),
            schedule: registry::budget_light_rule::Schedule::Stages.into(),
            floors: vec![floor(4, "0.25"), floor(6, "0.4"), floor(8, "0.6"), floor(10, "0.8")],
            ..Default::default()
        }];
    })
    .await;
    // 40 % of 602's 1.8 million to the yuan, and a yuan less than 40 % of 603's 0.9 million.
    world.pay(vec![payment("a", "p1", 6, 720_000), payment("b", "p3", 6, 359_999)]).await;
    let list = wire::ListDepartmentProgressRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2020,
        month: 7,
        below_schedule_only: true,
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let behind = officer.list_department_progress(list).await.unwrap().into_inner().departments;
    let found: Vec<_> =
        behind.iter().map(|one| (one.department.as_str(), one.schedule.clone(), one.light())).collect();
    let name = format!("{DISTRICT}/units/603");
    assert_eq!(found, [(name.as_str(), Some(decimal("0.4000")), wire::Light::Yellow)]);

    use wire::supplement_check::Verdict;
    for (subject, month, day, verdict) in [
        ("projects/p1", 7, 31, Verdict::Allowed),
        ("projects/p3", 7, 31, Verdict::SoftBlocked),
        ("projects/p1", 8, 30, Verdict::Allowed), // the stage to August has not ended
        ("projects/p1", 8, 31, Verdict::SoftBlocked),
    ] {
        assert_eq!(
            check(&world, ask(subject, month, day)).await.verdict(),
            verdict,
            "{subject} {month}-{day}"
        );
    }
    world.open_round().await;
    let name = format!("{DISTRICT}/monitoringRounds/2020-07/reports/p3");
    let form =
        officer.get_monitoring_report(wire::GetMonitoringReportRequest { name }).await.unwrap().into_inner();
    assert_eq!((form.schedule, form.execution_light), (Some(decimal("0.4000")), wire::Light::Yellow.into()));
}

#[tokio::test]
async fn a_soft_block_is_overridden_with_a_reason_by_the_head_only() {
    let world = World::start().await;
    let request = || wire::OverrideBlockRequest {
        name: format!("{DISTRICT}/units/602"),
        reason: "防汛应急，经区政府常务会同意".to_owned(),
        limit_amount: Some(yuan(500_000)),
        start_date: Some(date(2020, 9, 1)),
        expire_date: Some(date(2020, 9, 30)),
        ..Default::default()
    };
    let officer = world.gate(caller(Role::FinancePerformanceOfficer)).override_block(request()).await;
    assert_eq!(officer.unwrap_err().code(), Code::PermissionDenied);
    let mut head = world.gate(caller(Role::FinanceHead));
    let given = head.override_block(request()).await.unwrap().into_inner();
    assert!(given.grounds().eq([wire::BlockGround::DepartmentBelowSchedule]));

    use wire::supplement_check::Verdict;
    let with =
        |units| wire::CheckSupplementRequest { amount: Some(yuan(units)), ..ask("projects/p1", 9, 15) };
    let covered = check(&world, with(500_000)).await;
    assert_eq!(covered.verdict(), Verdict::AllowedByOverride, "a department's exception covers its projects");
    assert_eq!(covered.grounds[0].block_override, given.name);
    assert_eq!(check(&world, with(500_001)).await.verdict(), Verdict::SoftBlocked);
    assert_eq!(check(&world, ask("projects/p1", 10, 1)).await.verdict(), Verdict::SoftBlocked);

    let again = head.override_block(request()).await.unwrap_err();
    assert_eq!(reason(&again), "NOTHING_TO_OVERRIDE");
    let revoke = wire::RevokeBlockOverrideRequest {
        name: given.name,
        reason: "情况变化".to_owned(),
        ..Default::default()
    };
    head.revoke_block_override(revoke).await.unwrap();
    assert_eq!(check(&world, with(1)).await.verdict(), Verdict::SoftBlocked);
}

#[tokio::test]
async fn measures_are_proposed_by_rule_and_decided_by_a_person() {
    let world = World::start().await;
    world
        .pay(vec![payment("a", "p1", 7, 100), payment("b", "p2", 7, 600_000), payment("c", "p3", 7, 900_000)])
        .await;
    let round = world.open_round().await;
    for (project, unit, achieved) in [("p1", "602002", "10"), ("p2", "602001", "60"), ("p3", "603", "60")] {
        world.submit(project, unit, achieved).await;
        world.accept(project).await;
    }
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let propose = || wire::ProposeMeasuresRequest { name: round.name.clone(), ..Default::default() };
    let proposed = officer.propose_measures(propose()).await.unwrap().into_inner();
    use wire::measure::{Kind, Origin, State};
    let found: Vec<_> =
        proposed.measures.iter().map(|m| (m.kind(), m.subject.rsplit('/').next().unwrap())).collect();
    assert_eq!(
        found,
        [(Kind::Reduce, "p1"), (Kind::KeyEvaluationCandidate, "p1"), (Kind::NoSupplement, "602")]
    );
    assert!(proposed.measures.iter().all(|m| m.state() == State::Proposed && m.origin() == Origin::Rule));
    let again = officer.propose_measures(propose()).await.unwrap().into_inner();
    assert_eq!((again.measures.len(), again.existing_count), (0, 3));

    let decide = |at: usize, amount: Option<i64>| wire::DecideMeasureRequest {
        name: proposed.measures[at].name.clone(),
        decision: wire::decide_measure_request::Decision::Enforce.into(),
        reason: "同意".to_owned(),
        decided_amount: amount.map(yuan),
        effective_date: Some(date(2020, 9, 1)),
        ..Default::default()
    };
    assert_eq!(officer.decide_measure(decide(0, None)).await.unwrap_err().code(), Code::PermissionDenied);
    let mut head = world.monitoring(caller(Role::FinanceHead));
    let missing = head.decide_measure(decide(0, None)).await.unwrap_err();
    assert_eq!(missing.code(), Code::InvalidArgument, "a person names the amount of a reduction");
    let too_much = head.decide_measure(decide(0, Some(1_200_001))).await.unwrap_err();
    assert_eq!(reason(&too_much), "REDUCTION_EXCEEDS_BUDGET");
    let reduced = head.decide_measure(decide(0, Some(400_000))).await.unwrap().into_inner();
    assert_eq!((reduced.state(), reduced.decided_amount), (State::InForce, Some(yuan(400_000))));
    head.decide_measure(decide(1, None)).await.unwrap();
    head.decide_measure(decide(2, None)).await.unwrap();

    let list = wire::ListEvaluationCandidatesRequest {
        parent: DISTRICT.to_owned(),
        work_year: 2021,
        ..Default::default()
    };
    let candidates = officer.list_evaluation_candidates(list).await.unwrap().into_inner().candidates;
    assert_eq!(candidates.len(), 1);
    assert_eq!(
        (candidates[0].evaluated_year, candidates[0].executed_amount.clone()),
        (2020, Some(yuan(100)))
    );

    let grounds = check(&world, ask("projects/p1", 12, 31)).await.grounds;
    let kinds: Vec<_> = grounds.iter().map(wire::SupplementGround::ground).collect();
    use wire::BlockGround::{DepartmentBelowSchedule, NoSupplement, Reduced};
    for kind in [DepartmentBelowSchedule, NoSupplement, Reduced] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let lift = wire::LiftMeasureRequest {
        name: proposed.measures[2].name.clone(),
        reason: "进度已赶上".to_owned(),
        ..Default::default()
    };
    assert_eq!(head.lift_measure(lift).await.unwrap().into_inner().state(), State::Lifted);
}

/// A change of policy: the report is accepted with the conclusion that the objective is to be adjusted, and the reduction
/// that the rule proposes says that both go together.
#[tokio::test]
async fn a_reduction_for_objective_causes_adjusts_the_objective_as_well() {
    let world = World::start().await;
    let round = world.open_round().await;
    for (project, unit, conclusion) in [
        ("p1", "602002", wire::ReportConclusion::AdjustObjective),
        ("p2", "602001", wire::ReportConclusion::Normal),
    ] {
        let name = world.submit(project, unit, "10").await.name;
        let request =
            wire::AcceptMonitoringReportRequest { name, conclusion: conclusion.into(), ..Default::default() };
        let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
        officer.accept_monitoring_report(request).await.unwrap();
    }
    let propose = wire::ProposeMeasuresRequest { name: round.name, ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let measures = officer.propose_measures(propose).await.unwrap().into_inner().measures;
    let along = |subject: &str| {
        let mine = measures.iter().filter(|one| one.subject.ends_with(subject) && one.adjust_objective);
        mine.map(wire::Measure::kind).collect::<Vec<_>>()
    };
    assert_eq!(along("p1"), [wire::measure::Kind::Reduce]);
    assert_eq!(along("p2"), []);
}

#[tokio::test]
async fn a_suspended_project_is_blocked_hard_until_the_measure_is_lifted() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 1, 1_200_000), payment("b", "p2", 1, 600_000)]).await;
    let propose = |kind: wire::measure::Kind, subject: &str| wire::CreateMeasureRequest {
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
    use wire::measure::Kind;
    let mut officer = world.monitoring(caller(Role::FinanceBusinessOfficer));
    let unfit = officer.create_measure(propose(Kind::Suspend, "units/602")).await.unwrap_err();
    assert_eq!(reason(&unfit), "MEASURE_UNFIT");
    let mut foreign = propose(Kind::Suspend, "");
    if let Some(measure) = foreign.measure.as_mut() {
        measure.subject = "districts/350206000/projects/p1".to_owned();
        measure.report = "districts/350206000/monitoringRounds/r/reports/p1".to_owned();
    }
    let refused = officer.create_measure(foreign).await.unwrap_err();
    let details = refused.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let named: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(named, ["measure.report", "measure.subject"], "another district's p1 is not ours");
    let unknown = officer.create_measure(propose(Kind::Suspend, "projects/none")).await.unwrap_err();
    assert_eq!(reason(&unknown), "REFERENCE_NOT_FOUND");
    let measure = officer.create_measure(propose(Kind::Suspend, "projects/p1")).await.unwrap().into_inner();
    let twice = officer.create_measure(propose(Kind::Suspend, "projects/p1")).await.unwrap_err();
    assert_eq!(reason(&twice), "MEASURE_EXISTS");
    use wire::supplement_check::Verdict;
    assert_eq!(
        check(&world, ask("projects/p1", 12, 31)).await.verdict(),
        Verdict::Allowed,
        "proposed is not decided"
    );

    let decide = wire::DecideMeasureRequest {
        name: measure.name.clone(),
        decision: wire::decide_measure_request::Decision::Enforce.into(),
        reason: "暂停整改".to_owned(),
        effective_date: Some(date(2020, 9, 1)),
        ..Default::default()
    };
    world.monitoring(caller(Role::FinanceHead)).decide_measure(decide).await.unwrap();
    assert_eq!(check(&world, ask("projects/p1", 8, 31)).await.verdict(), Verdict::Allowed);
    assert_eq!(check(&world, ask("projects/p1", 9, 1)).await.verdict(), Verdict::Blocked);
    assert_eq!(check(&world, ask("projects/p2", 9, 1)).await.verdict(), Verdict::Allowed);
    let override_it = wire::OverrideBlockRequest {
        name: format!("{DISTRICT}/projects/p1"),
        reason: "想追加".to_owned(),
        start_date: Some(date(2020, 9, 1)),
        ..Default::default()
    };
    let hard = world.gate(caller(Role::FinanceHead)).override_block(override_it).await.unwrap_err();
    assert_eq!(reason(&hard), "BLOCK_NOT_OVERRIDABLE");
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "603"));
    let get = wire::GetMeasureRequest { name: measure.name };
    assert_eq!(filer.get_measure(get).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn coverage_counts_accepted_forms_against_the_budget_of_each_account() {
    let world = World::start().await;
    world.open_round().await;
    let cover = || wire::GetMonitoringCoverageRequest {
        name: format!("{DISTRICT}/monitoringCoverages/2020"),
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    world.submit("p1", "602002", "60").await;
    let none = officer.get_monitoring_coverage(cover()).await.unwrap().into_inner();
    assert_eq!(none.total.unwrap().rate, Some(decimal("0.0000")), "submitted is not accepted");
    world.accept("p1").await;
    world.submit("p3", "603", "60").await;
    world.accept("p3").await;
    let coverage = officer.get_monitoring_coverage(cover()).await.unwrap().into_inner();
    assert_eq!(coverage.basis(), wire::BudgetBasis::Initial);
    let of = |account: BudgetAccount| {
        coverage.accounts.iter().find(|one| one.budget_account() == account).unwrap().clone()
    };
    let general = of(BudgetAccount::GeneralPublic);
    assert_eq!((general.monitored_amount, general.rate), (Some(yuan(1_200_000)), Some(decimal("0.6667"))));
    let fund = of(BudgetAccount::GovernmentFund);
    assert_eq!(
        (fund.project_count, fund.monitored_project_count, fund.rate),
        (1, 1, Some(decimal("1.0000")))
    );
    assert_eq!(coverage.total.unwrap().monitored_amount, Some(yuan(2_100_000)));

    // A project with budgets of two accounts is in both lines and one project.
    let fund = BudgetAccount::GovernmentFund;
    world.tell_registry(&support::budget("p1", fund, registry::BudgetEntryKind::Initial, 300_000, 1)).await;
    let coverage = officer.get_monitoring_coverage(cover()).await.unwrap().into_inner();
    let counts = |one: &wire::AccountCoverage| (one.project_count, one.monitored_project_count);
    assert_eq!(coverage.accounts.iter().map(counts).collect::<Vec<_>>(), [(2, 1), (2, 2)]);
    let total = coverage.total.unwrap();
    assert_eq!(counts(&total), (3, 2));
    assert_eq!((total.budget_amount, total.monitored_amount), (Some(yuan(3_000_000)), Some(yuan(2_400_000))));
    let lights = total.lights.unwrap_or_default();
    assert_eq!(lights.red_count + lights.yellow_count + lights.green_count + lights.blue_count, 2);
}

#[tokio::test]
async fn the_gate_looks_at_the_objective_of_the_project() {
    use wire::supplement_check::Verdict;
    let soft = registry::Strength::SoftBlock.into();
    let world = World::start_with(Clock::system(), |rules| {
        rules.supplement.iter_mut().for_each(|rule| rule.without_objective = soft);
    })
    .await;
    world.tell_registry(&support::project("p9", "603", "603", BudgetAccount::GeneralPublic, false)).await;
    world.pay(vec![payment("a", "p3", 1, 900_000)]).await;
    assert_eq!(check(&world, ask("projects/p3", 7, 31)).await.verdict(), Verdict::Allowed);
    let missing = check(&world, ask("projects/p9", 7, 31)).await;
    assert_eq!(missing.verdict(), Verdict::SoftBlocked);
    assert_eq!(missing.grounds[0].ground(), wire::BlockGround::ObjectiveMissing);
    assert_eq!(missing.overriding_roles, ["finance_head"]);
    // Graded 差: barred, and nobody overrides that.
    let barred =
        Objective { state: objective::State::Barred.into(), ..support::objective("p3", "603", "603") };
    world.tell_targets(&barred).await;
    let blocked = check(&world, ask("projects/p3", 7, 31)).await;
    assert_eq!((blocked.verdict(), blocked.overriding_roles.len()), (Verdict::Blocked, 0));
    assert_eq!(blocked.grounds[0].ground(), wire::BlockGround::ObjectiveBarred);
    assert_eq!(
        check(&world, ask("units/603", 7, 31)).await.verdict(),
        Verdict::Allowed,
        "a department has none"
    );
}
