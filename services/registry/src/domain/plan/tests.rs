use super::*;

fn milestone(id: &str, weight: i64) -> Milestone {
    Milestone {
        id: id.to_owned(),
        title: id.to_owned(),
        responsible_unit: None,
        due_date: None,
        weight: Decimal::from(weight),
        state: MilestoneState::Open,
        progress: Decimal::ZERO,
        done_date: None,
        note: String::new(),
    }
}

fn rollout() -> WorkPlan {
    WorkPlan {
        id: "rollout".to_owned(),
        kind: PlanKind::Rollout,
        title: "三年执行计划".to_owned(),
        document_title: "关于全面实施预算绩效管理的落实方案".to_owned(),
        document_number: "厦海委〔2019〕70号".to_owned(),
        work_year: FiscalYear::try_from(2020).unwrap_or_else(|_| unreachable!()),
        horizon_years: 3,
        target_date: "2022-12-31".parse().ok(),
        goals: String::new(),
        milestones: vec![milestone("a", 1), milestone("b", 2), milestone("c", 1)],
        state: PlanState::Draft,
        adopt_date: None,
    }
}

fn noted(id: &str, state: MilestoneState, progress: Option<&str>) -> Progress {
    Progress {
        milestone: id.to_owned(),
        state,
        progress: progress.and_then(|text| text.parse().ok()),
        done_date: None,
        note: String::new(),
    }
}

#[test]
fn progress_is_the_weighted_mean_of_what_is_pursued() {
    let today = "2020-06-30".parse().unwrap_or_default();
    let mut plan = rollout();
    assert!(plan.note(noted("a", MilestoneState::Done, None), today).is_err(), "still a draft");
    assert_eq!(plan.adopt(today), Ok(()));
    assert_eq!(plan.note(noted("a", MilestoneState::Done, None), today), Ok(()));
    assert_eq!(plan.note(noted("b", MilestoneState::Open, Some("0.5")), today), Ok(()));
    assert_eq!(plan.progress().0, Decimal::new(5, 1));
    assert_eq!(plan.note(noted("c", MilestoneState::Dropped, None), today), Ok(()));
    assert_eq!(plan.progress().0.to_string(), "0.6667");
    assert!(plan.note(noted("b", MilestoneState::Open, Some("1.5")), today).is_err());
    assert!(matches!(plan.note(noted("x", MilestoneState::Open, None), today), Err(Refusal::Missing(_))));
}

#[test]
fn a_day_that_has_passed_makes_late_until_it_is_done() {
    let day = |text: &str| text.parse().unwrap_or_default();
    let mut task = Milestone { due_date: Some(day("2020-06-30")), ..milestone("a", 1) };
    assert_eq!(task.days_late(day("2020-06-30")), None, "its day is not over");
    assert_eq!(task.days_late(day("2020-07-01")), Some(1));
    assert_eq!(task.days_late(day("2020-12-31")), Some(184));
    task.state = MilestoneState::Done;
    task.done_date = Some(day("2020-08-15"));
    assert_eq!(task.days_late(day("2020-08-14")), Some(45), "done later than the day asked for");
    assert_eq!(task.days_late(day("2020-08-15")), None);
    task.state = MilestoneState::Dropped;
    assert_eq!(task.days_late(day("2020-08-14")), None);
    assert_eq!(milestone("b", 1).days_late(day("2020-08-14")), None, "it has no day");
}

#[test]
fn open_tasks_go_to_the_heir_and_what_is_done_stays() {
    let code = |text: &str| text.parse::<AgencyCode>().unwrap();
    let mut plan = rollout();
    for task in &mut plan.milestones {
        task.responsible_unit = Some(code(if task.id == "c" { "604" } else { "603" }));
    }
    plan.milestones[1].state = MilestoneState::Done;
    let mut closed = WorkPlan { state: PlanState::Closed, ..plan.clone() };
    assert!(plan.hand_over(&code("603"), &code("602")));
    let owners =
        plan.milestones.iter().filter_map(|task| task.responsible_unit.as_ref()).map(AgencyCode::as_str);
    assert_eq!(owners.collect::<Vec<_>>(), ["602", "603", "604"]);
    assert!(!plan.hand_over(&code("603"), &code("602")), "nothing is left");
    assert!(!closed.hand_over(&code("603"), &code("602")));
}

#[test]
fn a_plan_closes_once_and_with_a_reason_for_what_is_open() {
    let today = "2020-06-30".parse().unwrap_or_default();
    let mut plan = rollout();
    assert_eq!(plan.adopt(today), Ok(()));
    assert!(plan.adopt(today).is_err());
    assert!(matches!(plan.close(" "), Err(Refusal::MilestonesOpen(_))));
    assert_eq!(plan.close("转入下一轮"), Ok(()));
    assert!(plan.clone().check_change_from(&plan).is_err());
}

#[test]
fn an_adopted_plan_keeps_what_was_noted() {
    let today = "2020-06-30".parse().unwrap_or_default();
    let mut before = rollout();
    assert_eq!(before.adopt(today), Ok(()));
    assert_eq!(before.note(noted("a", MilestoneState::Done, None), today), Ok(()));
    let mut after = before.clone();
    after.milestones.retain(|milestone| milestone.id != "c");
    assert_eq!(after.check_change_from(&before), Ok(()));
    after.milestones.retain(|milestone| milestone.id != "a");
    assert!(after.check_change_from(&before).is_err());
}
