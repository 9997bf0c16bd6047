//! What changes hands when units change: policies, department budgets, and part of what a unit has, against a real Postgres.

mod support;

use std::sync::atomic::Ordering;

use chrono::{TimeZone, Utc};
use support::reform::{apply, changes, clock, owner_on, pair, part, policy, unit_name, unit_on};
use support::{HAICANG, Registry, an_indicator, date, refusal, yuan};
use tonic::Code;
use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

fn policy_name(id: &str) -> String {
    format!("{HAICANG}/policies/{id}")
}

async fn policy_on(registry: &Registry, id: &str, effective_date: Option<Date>) -> Policy {
    let ask = GetPolicyRequest { name: policy_name(id), effective_date };
    registry.projects(Role::FinanceHead).get_policy(ask).await.expect("a policy").into_inner()
}

async fn budget(registry: &Registry, id: &str, department: &str, fiscal_year: i32) {
    let budget = DepartmentBudget {
        department: unit_name(department),
        fiscal_year,
        total_amount: Some(yuan(100)),
        ..DepartmentBudget::default()
    };
    let ask = CreateDepartmentBudgetRequest {
        parent: HAICANG.into(),
        department_budget: Some(budget),
        department_budget_id: id.into(),
        ..Default::default()
    };
    registry.projects(Role::FinanceHead).create_department_budget(ask).await.expect("a budget");
}

async fn department_of(registry: &Registry, id: &str) -> (String, i64) {
    let ask = GetDepartmentBudgetRequest { name: format!("{HAICANG}/departmentBudgets/{id}") };
    let found =
        registry.projects(Role::FinanceHead).get_department_budget(ask).await.expect("a budget").into_inner();
    (found.department.rsplit('/').next().unwrap_or_default().to_owned(), found.version)
}

fn close(code: &str, heir: &str) -> CloseUnitRequest {
    CloseUnitRequest {
        name: unit_name(code),
        end_date: Some(date(2021, 12, 31)),
        receiving_unit: if heir.is_empty() { String::new() } else { unit_name(heir) },
        reason: "撤销".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn policies_follow_their_unit_to_its_heir() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    policy(&registry, "open", "602002", None).await.unwrap();
    policy(&registry, "expired", "602002", Some(date(2021, 12, 31))).await.unwrap();
    policy(&registry, "other", "603", None).await.unwrap();
    let mut finance = registry.units(Role::FinanceHead);
    let orphans = finance.close_unit(close("602002", "")).await;
    assert_eq!(refusal(orphans), (Code::FailedPrecondition, "UNIT_HAS_POLICIES".into()));
    finance.close_unit(close("602002", "603")).await.unwrap();

    let now = policy_on(&registry, "open", None).await;
    assert_eq!((now.executing_unit, now.version), (unit_name("603"), 2));
    assert_eq!(now.former_executing_units[0].executing_unit, unit_name("602002"));
    assert_eq!(now.former_executing_units[0].end_date, Some(date(2021, 12, 31)));
    let then = policy_on(&registry, "open", Some(date(2021, 12, 31))).await;
    assert_eq!((then.executing_unit, then.former_executing_units.len()), (unit_name("602002"), 0));
    assert_eq!(
        policy_on(&registry, "expired", None).await.executing_unit,
        unit_name("603"),
        "its papers go along"
    );
    assert_eq!(policy_on(&registry, "other", None).await.version, 1);
    for (unit, allowed) in [("602002", false), ("603", true)] {
        let ask = GetPolicyRequest { name: policy_name("open"), ..Default::default() };
        let read = registry.projects_as(unit_caller(Role::UnitFiler, unit)).get_policy(ask).await;
        assert_eq!(read.is_ok(), allowed, "{unit}");
    }
    let late = policy(&registry, "late", "602002", None).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "UNIT_NOT_IN_FORCE".into()));

    let renewed =
        Policy { name: policy_name("other"), executing_unit: unit_name("602001"), ..Default::default() };
    let mask = Some(prost_types::FieldMask { paths: vec!["executing_unit".into()] });
    let ask = UpdatePolicyRequest { policy: Some(renewed), update_mask: mask, ..Default::default() };
    let updated = registry.projects(Role::FinanceHead).update_policy(ask).await.unwrap().into_inner();
    assert_eq!(updated.former_executing_units[0].executing_unit, unit_name("603"));
}

#[tokio::test]
async fn what_is_due_changes_hands_on_its_day_and_once() {
    let (clock, seconds) = clock(Utc.with_ymd_and_hms(2021, 6, 1, 0, 0, 0).unwrap());
    let registry = Registry::start_at(clock).await;
    registry.department().await;
    for code in ["603", "604", "605"] {
        registry.unit(code, unit::Kind::Department).await;
    }
    policy(&registry, "before", "603", None).await.unwrap();
    for (id, department, year) in [
        ("603-21", "603", 2021),
        ("603-22", "603", 2022),
        ("603-23", "603", 2023),
        ("602-23", "602", 2023),
        ("604-22", "604", 2022),
        ("605-22", "605", 2022),
    ] {
        budget(&registry, id, department, year).await;
    }
    let mut finance = registry.units(Role::FinanceHead);
    let merge = MergeUnitsRequest {
        name: unit_name("602"),
        absorbed_units: vec![unit_name("603"), unit_name("604")],
        merge_date: Some(date(2022, 1, 1)),
        reason: "机构改革".into(),
        ..Default::default()
    };
    finance.merge_units(merge).await.unwrap();
    policy(&registry, "after", "603", None).await.unwrap();
    assert_eq!(policy_on(&registry, "before", Some(date(2022, 1, 1))).await.executing_unit, unit_name("603"));

    seconds.store(Utc.with_ymd_and_hms(2021, 12, 31, 16, 0, 0).unwrap().timestamp(), Ordering::SeqCst);
    let done = apply(&mut finance).await;
    assert_eq!((done.unit_changes.len(), done.policy_count, done.department_budget_count), (2, 2, 1));
    assert!(done.unit_changes.iter().all(|change| change.version == 2 && change.etag == "2"));
    for id in ["before", "after"] {
        assert_eq!(policy_on(&registry, id, None).await.executing_unit, unit_name("602"));
    }
    for (id, expected, why) in [
        ("603-21", ("603", 1), "its year had begun"),
        ("603-22", ("602", 2), "to the heir"),
        ("603-23", ("603", 1), "the heir has one of that year"),
        ("602-23", ("602", 1), "the heir's own"),
        ("604-22", ("604", 1), "the heir has been given one of that year"),
        ("605-22", ("605", 1), "none of its business"),
    ] {
        let (department, version) = department_of(&registry, id).await;
        assert_eq!((department.as_str(), version), expected, "{id}: {why}");
    }
    let late = DepartmentBudget {
        department: unit_name("603"),
        fiscal_year: 2024,
        total_amount: Some(yuan(1)),
        ..Default::default()
    };
    let late = |fiscal_year| CreateDepartmentBudgetRequest {
        parent: HAICANG.into(),
        department_budget: Some(DepartmentBudget { fiscal_year, ..late.clone() }),
        ..Default::default()
    };
    let mut projects = registry.projects(Role::FinanceHead);
    let refused = projects.create_department_budget(late(2024)).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "UNIT_NOT_IN_FORCE".into()));
    projects.create_department_budget(late(2020)).await.expect("a year in which the department existed");
    let again = apply(&mut finance).await;
    assert_eq!((again.unit_changes.len(), again.policy_count, again.department_budget_count), (0, 0, 0));
}

#[tokio::test]
async fn a_unit_may_give_a_part_away_and_go_on() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    for id in ["given", "kept"] {
        registry.project(id, "602002").await;
        policy(&registry, id, "602002", None).await.unwrap();
    }
    let mut finance = registry.units(Role::FinanceHead);
    let split = |parts: Vec<SplitPart>, effective_date| SplitUnitRequest {
        name: unit_name("602002"),
        effective_date: Some(effective_date),
        parts,
        reason: "职责划出".into(),
        unit_goes_on: true,
        ..Default::default()
    };
    let given = || SplitPart { policies: vec![policy_name("given")], ..part("603001", &["given"]) };
    let foreign = SplitPart { policies: vec![policy_name("given")], ..part("602001", &[]) };
    let foreign = SplitUnitRequest { name: unit_name("603"), ..split(vec![foreign], date(2021, 1, 1)) };
    assert_eq!(refusal(finance.split_unit(foreign).await), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let itself = finance.split_unit(split(vec![part("602002", &[])], date(2021, 1, 1))).await;
    assert_eq!(refusal(itself), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let ending = SplitUnitRequest { unit_goes_on: false, ..split(vec![given()], date(2021, 1, 1)) };
    let ending = finance.split_unit(ending).await;
    assert_eq!(refusal(ending), (Code::InvalidArgument, "INVALID_REQUEST".into()), "one part is no split");

    let goes_on = finance.split_unit(split(vec![given()], date(2021, 1, 1))).await.unwrap().into_inner();
    assert_eq!((goes_on.state(), goes_on.end_date, goes_on.successors.len()), (unit::State::Active, None, 0));
    assert_eq!(owner_on(&registry, "given", None).await, pair("603001", "603"));
    assert_eq!(owner_on(&registry, "given", Some(date(2020, 12, 31))).await, pair("602002", "602"));
    assert_eq!(owner_on(&registry, "kept", None).await, pair("602002", "602"));
    assert_eq!(policy_on(&registry, "given", None).await.executing_unit, unit_name("603001"));
    assert_eq!(policy_on(&registry, "kept", None).await.executing_unit, unit_name("602002"));
    let history = changes(&mut finance, "603001", true).await;
    assert!(history[0].unit_goes_on && history[0].entered_units == [unit_name("603001")]);
    assert_eq!(history[0].policy_handovers[0].policy, policy_name("given"));
    registry.project("later", "602002").await;

    // Again to the same unit, and then to its end: the one that goes on is no heir of itself.
    finance.split_unit(split(vec![part("603001", &["kept"])], date(2021, 6, 1))).await.unwrap();
    assert_eq!(owner_on(&registry, "kept", None).await, pair("603001", "603"));
    finance.close_unit(close("602002", "602001")).await.unwrap();
    assert_eq!(owner_on(&registry, "later", None).await, pair("602001", "602"));
    assert_eq!(changes(&mut finance, "603001", true).await.len(), 3);
}

#[tokio::test]
async fn a_part_that_is_to_be_given_away_can_be_kept_after_all() {
    let (clock, _) = clock(Utc.with_ymd_and_hms(2021, 6, 1, 0, 0, 0).unwrap());
    let registry = Registry::start_at(clock).await;
    registry.department().await;
    registry.project("given", "602002").await;
    let mut finance = registry.units(Role::FinanceHead);
    let split = SplitUnitRequest {
        name: unit_name("602002"),
        effective_date: Some(date(2022, 1, 1)),
        parts: vec![part("602003", &["given"])],
        reason: "职责划出".into(),
        unit_goes_on: true,
        ..Default::default()
    };
    let before = unit_on(&mut finance, "602002", None).await;
    finance.split_unit(split).await.unwrap();
    let decided = changes(&mut finance, "602002", false).await;
    let ask = CancelUnitChangeRequest {
        name: decided[0].name.clone(),
        reason: "暂缓".into(),
        ..Default::default()
    };
    let done = finance.cancel_unit_change(ask).await.unwrap().into_inner();
    let kept = Unit {
        etag: before.etag.clone(),
        version: 1,
        update_time: before.update_time,
        ..done.units[0].clone()
    };
    assert_eq!(kept, before);
    let gone = GetUnitRequest { name: unit_name("602003"), ..Default::default() };
    assert_eq!(refusal(finance.get_unit(gone).await).0, Code::NotFound);
}

async fn propose(registry: &Registry, code: &str, unit: &str, common: bool) -> String {
    let indicator = Indicator {
        common,
        unit: if common { String::new() } else { unit_name(&unit[..3]) },
        ..an_indicator(code, "示范点数量")
    };
    let ask = ProposeIndicatorRequest {
        parent: HAICANG.into(),
        indicator: Some(indicator),
        unit: unit_name(unit),
        reason: "各项目都要用".into(),
        ..Default::default()
    };
    let mut filer = registry.library_as(unit_caller(Role::UnitFiler, unit));
    filer.propose_indicator(ask).await.expect("a proposal").into_inner().name
}

/// Department of an indicator, and the unit that proposed it.
async fn home(registry: &Registry, name: &str) -> (String, String) {
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let found = officer.get_indicator(GetIndicatorRequest { name: name.into() }).await.expect("an indicator");
    let found = found.into_inner();
    let code = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    (code(&found.unit), found.proposal.map(|proposal| code(&proposal.unit)).unwrap_or_default())
}

#[tokio::test]
async fn indicators_and_open_tasks_follow_a_department_to_its_heir() {
    let (clock, seconds) = clock(Utc.with_ymd_and_hms(2021, 6, 1, 0, 0, 0).unwrap());
    let registry = Registry::start_at(clock).await;
    registry.department().await;
    for (code, kind) in [("603", unit::Kind::Department), ("603001", unit::Kind::OwnUnit)] {
        registry.unit(code, kind).await;
    }
    let own = Indicator { common: false, unit: unit_name("603"), ..an_indicator("OWN", "清运车辆数") };
    let own = registry.indicator(own).await.name;
    let common = registry.indicator(an_indicator("ALL", "补助发放人次")).await;
    let (waiting, everyones) =
        (propose(&registry, "P1", "603001", false).await, propose(&registry, "P2", "603001", true).await);
    let done = propose(&registry, "P3", "603001", false).await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let mut reviewer = registry.library_as(unit_caller(Role::DepartmentReviewer, "603"));
    let endorse = |name: &str| EndorseIndicatorRequest { name: name.into(), ..Default::default() };
    reviewer.endorse_indicator(endorse(&done)).await.unwrap();
    officer
        .confirm_indicator(ConfirmIndicatorRequest { name: done.clone(), ..Default::default() })
        .await
        .unwrap();

    let task = |id: &str, state: milestone::State| Milestone {
        milestone_id: id.into(),
        title: "印发办法".into(),
        responsible_unit: unit_name("603"),
        due_date: Some(date(2021, 5, 1)),
        state: state.into(),
        ..Milestone::default()
    };
    let plan = WorkPlan {
        kind: work_plan::Kind::Annual.into(),
        title: "2021年工作计划".into(),
        work_year: 2021,
        horizon_years: 1,
        target_date: Some(date(2021, 12, 31)),
        milestones: vec![task("open", milestone::State::Open), task("done", milestone::State::Open)],
        ..WorkPlan::default()
    };
    let ask = CreateWorkPlanRequest {
        parent: HAICANG.into(),
        work_plan: Some(plan),
        work_plan_id: "2021".into(),
        ..Default::default()
    };
    let plan =
        registry.plans(Role::FinancePerformanceOfficer).create_work_plan(ask).await.unwrap().into_inner();
    let adopt = AdoptWorkPlanRequest {
        name: plan.name.clone(),
        adopt_date: Some(date(2021, 1, 1)),
        ..Default::default()
    };
    registry.plans(Role::FinanceHead).adopt_work_plan(adopt).await.unwrap();
    let noted = RecordMilestoneProgressRequest {
        name: plan.name.clone(),
        milestone_id: "done".into(),
        state: milestone::State::Done.into(),
        ..Default::default()
    };
    registry.plans(Role::FinancePerformanceOfficer).record_milestone_progress(noted).await.unwrap();

    let mut finance = registry.units(Role::FinanceHead);
    let merge = MergeUnitsRequest {
        name: unit_name("602"),
        absorbed_units: vec![unit_name("603"), unit_name("603001")],
        merge_date: Some(date(2022, 1, 1)),
        reason: "机构改革".into(),
        ..Default::default()
    };
    finance.merge_units(merge).await.unwrap();
    assert_eq!(home(&registry, &own).await.0, "603", "the day is still to come");
    seconds.store(Utc.with_ymd_and_hms(2021, 12, 31, 16, 0, 0).unwrap().timestamp(), Ordering::SeqCst);
    let moved = apply(&mut finance).await;
    assert_eq!((moved.indicator_count, moved.work_plan_count), (4, 1));
    for (name, expected) in [
        (&own, ("602", "")),
        (&waiting, ("602", "602")),
        (&everyones, ("", "602")),
        (&done, ("602", "603001")), // who proposed it is history
        (&common.name, ("", "")),
    ] {
        let (department, proposer) = home(&registry, name).await;
        assert_eq!((department.as_str(), proposer.as_str()), expected, "{name}");
    }
    // The heir's reviewer can go on with what waits, and the bureau can still correct what is in the library.
    let gone = reviewer.endorse_indicator(endorse(&waiting)).await;
    assert_eq!(refusal(gone).0, Code::NotFound);
    let mut heir = registry.library_as(unit_caller(Role::DepartmentReviewer, "602"));
    heir.endorse_indicator(endorse(&waiting)).await.unwrap();
    let better = Indicator { name: done.clone(), suggested_value: "12".into(), ..Indicator::default() };
    let ask = UpdateIndicatorRequest { indicator: Some(better), ..Default::default() };
    assert_eq!(officer.update_indicator(ask).await.unwrap().into_inner().suggested_value, "12");

    let overdue = |unit: &str| ListOverdueTasksRequest {
        parent: HAICANG.into(),
        responsible_unit: unit_name(unit),
        ..Default::default()
    };
    let mut reader = registry.plans(Role::UnitFiler);
    let mut late = async |unit: &str| {
        let found = reader.list_overdue_tasks(overdue(unit)).await.unwrap().into_inner().overdue_tasks;
        found.into_iter().map(|task| task.milestone_id).collect::<Vec<_>>()
    };
    assert_eq!((late("602").await, late("603").await), (vec!["open".to_owned()], vec![]));
    let ask = GetWorkPlanRequest { name: plan.name };
    let plan = registry.plans(Role::FinanceHead).get_work_plan(ask).await.unwrap().into_inner();
    assert_eq!(plan.milestones[1].responsible_unit, unit_name("603"), "what was done was done by it");
    let again = apply(&mut finance).await;
    assert_eq!((again.indicator_count, again.work_plan_count), (0, 0));
}
