//! The tables of DOMAIN 4.3, 4.4 and 4.5, row by row, with their worked numbers.

use wenxiao_kernel::Operator;
use wenxiao_kernel::calendar::Calendar;

use super::super::deviation::{judge_audit, judge_department, judge_divergence, judge_idle_money};
use super::super::execution::Basis;
use super::super::light::{
    Achieved, Judged, Light, QualitativeLevel, Target, judge_execution, judge_indicator, worst,
};
use super::super::rules::{
    AuditRule, ChoiceDeadline, DepartmentLightRule, ForecastLightRule, RuleScope, Sections, Unanswered,
    effective,
};
use super::super::schedule::{
    Milestone, ScheduleKind, Share, StageFloor, counted_month, milestones_are_ordered, month_end,
    months_passed, physical_progress, schedule,
};
use super::*;
use Light::{Blue, Green, Red, Yellow};

fn number(value: &str) -> Achieved {
    Achieved { value: Some(dec(value)), level: None }
}

fn light(judged: Option<Judged>) -> Option<Light> {
    judged.and_then(|judged| judged.light)
}

// ── 4.3 Progress formula (序时进度) ──────────────────────────────────────────────

/// `schedule(m) = m / 12`.
#[test]
fn schedule_by_months() {
    assert_eq!(schedule(&ScheduleKind::Months, year(), day(7, 31), &[]), Share::of_months(7));
    assert_eq!(Share::of_months(7).value(), dec("0.5833"));
    for (date, months) in [(day(7, 31), 7), (day(7, 30), 6), (day(1, 30), 0), (day(12, 31), 12)] {
        assert_eq!(months_passed(year(), date), months, "{date}");
    }
    assert_eq!(months_passed(year(), NaiveDate::from_ymd_opt(2021, 1, 5).unwrap()), 12);
    assert_eq!(months_passed(year(), NaiveDate::from_ymd_opt(2019, 12, 31).unwrap()), 0);
    assert_eq!(month_end(year(), 2), day(2, 29));
}

/// `schedule(d) = day_of_year / days_in_year`.
#[test]
fn schedule_by_days() {
    let half = schedule(&ScheduleKind::Days, year(), day(7, 1), &[]);
    assert_eq!((half.part, half.whole), (dec("183"), dec("366")));
    let common = FiscalYear::try_from(2021).unwrap();
    let last = schedule(&ScheduleKind::Days, common, NaiveDate::from_ymd_opt(2021, 12, 31).unwrap(), &[]);
    assert_eq!((last.part, last.whole), (dec("365"), dec("365")));
    assert_eq!(counted_month(&ScheduleKind::Days, year(), day(7, 30)), 7);
    assert_eq!(counted_month(&ScheduleKind::Months, year(), day(7, 30)), 6);
}

fn step(planned: NaiveDate, share: &str, reached: Option<NaiveDate>) -> Milestone {
    Milestone {
        title: "主体封顶".to_owned(),
        planned_date: planned,
        cumulative_share: dec(share),
        reached_date: reached,
    }
}

/// Capital works follow construction milestones, not m/12.
#[test]
fn schedule_by_milestones() {
    let plan = vec![step(day(3, 1), "0.1", None), step(day(9, 30), "0.7", None)];
    assert!(milestones_are_ordered(&plan));
    let due = |date| schedule(&ScheduleKind::Milestones, year(), date, &plan).value();
    assert_eq!((due(day(2, 29)), due(day(9, 29)), due(day(9, 30))), (dec("0"), dec("0.1"), dec("0.7")));
    assert_eq!(schedule(&ScheduleKind::Milestones, year(), day(6, 30), &[]), Share::of_months(6));
    // 10 % executed by the end of August is on plan for the works and far behind by the calendar.
    let amounts = executed("10", "100");
    let by_plan = schedule(&ScheduleKind::Milestones, year(), day(8, 31), &plan);
    assert_eq!(judge_execution(&v1().0, &amounts, by_plan, 8).light, Some(Green));
    assert_eq!(judge_execution(&v1().0, &amounts, Share::of_months(8), 8).light, Some(Red));
    assert!(!milestones_are_ordered(&[step(day(3, 1), "0.5", None), step(day(4, 1), "0.4", None)]));
    assert!(!milestones_are_ordered(&[step(day(3, 1), "1.01", None)]));
}

/// staged floor table (Sichuan 2025): what is due is the floor of the last stage that has ended, and stays until the next.
#[test]
fn schedule_by_stages() {
    let floors = [(4, "0.25"), (6, "0.40"), (8, "0.60"), (10, "0.80")];
    let stages =
        ScheduleKind::Stages(floors.map(|(month, rate)| StageFloor { month, rate: dec(rate) }).into());
    for (date, due) in [
        (day(3, 31), "0"), // nothing is asked before April
        (day(4, 29), "0"),
        (day(4, 30), "0.25"),
        (day(5, 31), "0.25"),
        (day(7, 31), "0.40"),
        (day(9, 30), "0.60"),
        (day(10, 31), "0.80"),
        (day(12, 31), "0.80"),
    ] {
        assert_eq!(schedule(&stages, year(), date, &[]).value(), dec(due), "{date}");
    }
    // 39.99 % at the half-year is below the floor and 40 % is not, while half of the months have passed.
    let july = schedule(&stages, year(), day(7, 31), &[]);
    assert!(executed("39.99", "100").is_below(july) && !executed("40", "100").is_below(july));
    assert!(executed("40", "100").is_below(Share::of_months(6)));
    assert!(!executed("0", "100").is_below(schedule(&stages, year(), day(3, 31), &[])));
    assert_eq!(counted_month(&stages, year(), day(7, 30)), 6, "whole months of spending");
}

/// `exec_rate = Σ executed ÷ Σ adjusted budget (AMT4/AMT3)`; adjusted budget 0 or null → 0.
#[test]
fn execution_rate_names_its_denominator_and_is_zero_without_one() {
    let amounts = Amounts { increase: yuan("20"), reduction: yuan("10"), ..executed("74", "90") };
    assert_eq!(amounts.rate(Basis::Adjusted), dec("0.7400"));
    assert_eq!(amounts.rate(Basis::Initial), dec("0.8222"));
    let explained = amounts.explain(Basis::Adjusted, 7);
    assert!(explained.steps.iter().any(|step| step.formula.contains("调整后预算数")), "{explained:?}");
    assert_eq!(executed("5", "0").rate(Basis::Adjusted), dec("0.0000"));
    assert_eq!(Amounts::default().rate(Basis::Adjusted), dec("0.0000"));
}

/// 低于序时进度: a strict comparison, unrounded; nobody is behind without a budget.
#[test]
fn below_schedule_is_strict_and_exact() {
    let july = Share::of_months(7);
    // 7/12 of 12 yuan is 7 yuan to the fen; a rounded 0.5833 would call 6.9996 on schedule.
    assert!(!executed("7.00", "12").is_below(july));
    assert!(executed("6.99", "12").is_below(july));
    assert!(!executed("0", "0").is_below(july));
}

// ── 4.4 Light rules found ──────────────────────────────────────────────

/// V1 budget light: `v = exec_rate ÷ (m/12) × 100`: v<60 red; 60≤v<80 yellow; v≥80 green.
#[test]
fn v1_budget_light() {
    let (rule, _) = v1();
    for (done, month, light, printed) in [
        ("35", 7, Yellow, "60.00"), // exactly 60.00 is yellow
        ("34", 7, Red, "58.29"),
        ("34.99", 7, Red, "59.98"),
        ("79", 10, Green, "94.80"),
        ("46.66", 7, Yellow, "79.99"),
        ("46.67", 7, Green, "80.01"),
        ("0", 1, Red, "0.00"),
        ("100", 12, Green, "100.00"),
        ("130", 12, Green, "130.00"),
    ] {
        let judged = judge_execution(&rule, &executed(done, "100"), Share::of_months(month), month);
        assert_eq!(judged.light, Some(light), "{done} at month {month}");
        assert_eq!(judged.explanation.steps[0].result, printed);
    }
    let nothing = judge_execution(&rule, &executed("0", "0"), Share::of_months(7), 7);
    assert_eq!(nothing.light, None, "without a budget there is nothing to judge");
}

/// V1 positive: <60 red; <80 yellow; 80–<120 green; ≥120 blue, all prorated. V2 positive: 0 → red; ≥120 % of the
/// ANNUAL target → blue; else prorated, and a prorated 120 % alone is green.
#[test]
fn v1_and_v2_positive_indicators() {
    for (actual, month, first, second) in [
        ("0", 1, Red, Red),
        ("34", 7, Red, Red),
        ("35", 7, Yellow, Yellow),
        ("46", 7, Yellow, Yellow),
        ("47", 7, Green, Green),
        ("70", 7, Blue, Green), // prorated exactly 120
        ("69.99", 7, Green, Green),
        ("119", 12, Green, Green),
        ("120", 7, Blue, Blue),
        ("120", 12, Blue, Blue),
    ] {
        let goal = target(Operator::AtLeast, "100");
        let judged = |rule| judge_indicator(&rule, &goal, number(actual), month).light;
        assert_eq!(judged(v1().1), Some(first), "V1 {actual}/{month}");
        assert_eq!(judged(v2()), Some(second), "V2 {actual}/{month}");
    }
}

/// V2's zero rule is what makes the difference where nothing is due yet.
#[test]
fn v2_zero_is_red_whatever_the_month() {
    let goal = target(Operator::MoreThan, "1");
    assert_eq!(judge_indicator(&v2(), &goal, number("0"), 0).light, Some(Red));
    assert_eq!(judge_indicator(&v1().1, &goal, number("0"), 0).light, Some(Blue), "0 of 0 is due and done");
}

/// negative ≤: actual ≤ target green else red; `<` strict version separate. target = 0: actual = target green else red.
#[test]
fn negative_strict_zero_range_and_equal_indicators() {
    let range = Target { upper: Some(dec("20")), ..target(Operator::Range, "10") };
    let percent = Target { measure_unit: "%".to_owned(), ..target(Operator::AtLeast, "90") };
    for (goal, actual, light) in [
        (target(Operator::AtMost, "100"), "100", Green),
        (target(Operator::AtMost, "100"), "100.01", Red),
        (target(Operator::LessThan, "100"), "100", Red),
        (target(Operator::LessThan, "100"), "99.99", Green),
        (target(Operator::Equal, "0"), "0", Green),
        (target(Operator::Equal, "0"), "1", Red),
        (target(Operator::AtMost, "0"), "0", Green),
        (target(Operator::AtMost, "0"), "1", Red),
        (target(Operator::AtLeast, "0"), "0", Green),
        (target(Operator::AtLeast, "-5"), "-6", Red),
        (range.clone(), "15", Green),
        (range.clone(), "20", Green),
        (range.clone(), "21", Red),
        (range, "1", Red),
        // Half a year's satisfaction is not half of it: 95 % against 90 % is as planned and not blue.
        (percent.clone(), "95", Green),
        (percent, "40", Red),
    ] {
        let judged = judge_indicator(&v1().1, &goal, number(actual), 7);
        assert_eq!(judged.light, Some(light), "{goal:?} {actual}");
    }
    // An exact target is prorated or compared, as the rule set says: 58 of 100 by July is as planned, or not equal.
    let exact = IndicatorLightRule { equal_exact: true, ..v1().1 };
    let goal = target(Operator::Equal, "100");
    assert_eq!(judge_indicator(&v1().1, &goal, number("58"), 7).light, Some(Green));
    assert_eq!(judge_indicator(&exact, &goal, number("58"), 7).light, Some(Red));
    assert_eq!(judge_indicator(&exact, &goal, number("100.00"), 7).light, Some(Green));
}

/// qualitative: 达成目标 green; 部分达成目标并具有一定效果 yellow; 未达成目标且效果较差 red.
#[test]
fn qualitative_indicators() {
    let quality = Target { value: None, ..target(Operator::Qualitative, "0") };
    for (level, light) in [
        (QualitativeLevel::Achieved, Green),
        (QualitativeLevel::Partly, Yellow),
        (QualitativeLevel::Missed, Red),
    ] {
        let achieved = Achieved { value: None, level: Some(level) };
        assert_eq!(judge_indicator(&v1().1, &quality, achieved, 7).light, Some(light));
    }
    assert_eq!(judge_indicator(&v1().1, &quality, Achieved::default(), 7).light, None);
}

/// project goal light: worst of indicators in the order red, yellow, green, blue (blue only if nothing else).
#[test]
fn worst_of_indicators() {
    for (lights, expected) in [
        (vec![Some(Green), Some(Red), Some(Yellow)], Some(Red)),
        (vec![Some(Green), Some(Green), Some(Red)], Some(Red)), // one red is enough: no average
        (vec![Some(Blue), Some(Green)], Some(Green)),
        (vec![Some(Blue), Some(Yellow), None], Some(Yellow)),
        (vec![Some(Blue), Some(Blue)], Some(Blue)),
        (vec![None], None),
        (vec![], None),
    ] {
        assert_eq!(worst(lights.clone()), expected, "{lights:?}");
    }
}

/// department light (Hefei), (duty ok, goal ok): yes/1 green; yes/0 yellow; no/* red.
#[test]
fn department_light_by_duty_and_goal() {
    let rule = DepartmentLightRule { both_met: Green, goal_missed: Yellow, duty_missed: Red };
    for (duty, worst, light) in [
        (Some(true), Some(Green), Some(Green)),
        (Some(true), Some(Blue), Some(Green)),
        (Some(true), Some(Yellow), Some(Yellow)),
        (Some(true), Some(Red), Some(Yellow)),
        (Some(false), Some(Green), Some(Red)),
        (Some(false), None, Some(Red)),
        (Some(true), None, None),
        (None, Some(Green), None),
    ] {
        assert_eq!(judge_department(&rule, duty, worst).light, light, "{duty:?} {worst:?}");
    }
}

/// whole-year forecast: separate light 全年预计完成情况偏离度预警 (COMPWARN).
#[test]
fn whole_year_forecast_light() {
    let rule = ForecastLightRule {
        scope: RuleScope::default(),
        red_below: dec("80"),
        yellow_below: dec("100"),
        blue_share: Some(dec("120")),
    };
    let mut with = rules();
    with.forecast_lights = vec![rule];
    let judged = |rules: &Rules, expected: &str| {
        let rule = rules.forecast_light(&super::super::rules::Traits::of_department()).unwrap();
        judge_indicator(&rule, &target(Operator::AtLeast, "100"), number(expected), 12).light
    };
    for (expected, own, otherwise) in [
        ("79", Red, Yellow),
        ("80", Yellow, Green),
        ("99.99", Yellow, Green),
        ("100", Green, Green),
        ("120", Blue, Blue),
    ] {
        assert_eq!(judged(&with, expected), Some(own), "{expected}");
        assert_eq!(
            judged(&rules(), expected),
            Some(otherwise),
            "{expected}: without the section as in December"
        );
    }
}

/// Sichuan 2025: warn if exec <25 % for Jan–Apr, <40 % Jan–Jun, <60 % Jan–Aug, <80 % Jan–Oct …
#[test]
fn sichuan_staged_floors() {
    for (done, month, light) in [
        ("24.99", 4, Yellow),
        ("25", 4, Green),
        ("25", 5, Green),
        ("39.99", 6, Yellow),
        ("40", 6, Green),
        ("59.99", 8, Yellow),
        ("60", 8, Green),
        ("60", 9, Green),
        ("79", 10, Yellow),
        ("80", 10, Green),
        ("0", 3, Green), // nothing is asked before April
    ] {
        let judged = judge_execution(&staged(), &executed(done, "100"), Share::of_months(month), month);
        assert_eq!(judged.light, Some(light), "{done} at month {month}");
    }
}

/// … or if target achievement and execution differ by >10 points.
#[test]
fn sichuan_divergence_of_more_than_ten_points() {
    let judged = |reached: &str, done: &str| {
        light(judge_divergence(dec("10"), &[dec(reached)], &executed(done, "100")))
    };
    assert_eq!(judged("0.70", "60"), Some(Green), "ten points are not more than ten");
    assert_eq!(judged("0.7001", "60"), Some(Yellow));
    assert_eq!(judged("0.40", "60"), Some(Yellow));
    assert_eq!(judge_divergence(dec("10"), &[], &executed("1", "1")), None);
}

/// Audit practice: exec <80 % or >120 % abnormal …
#[test]
fn audit_practice_on_execution() {
    let rule = AuditRule {
        execution_below: Some(dec("80")),
        execution_above: Some(dec("120")),
        idle_money_points: Some(dec("20")),
    };
    for (done, month, expected) in [
        ("79.99", 12, Yellow),
        ("80", 12, Green),
        ("120", 12, Green),
        ("120.01", 12, Yellow),
        ("46.66", 7, Yellow), // 79.99 of what is due by July
        ("46.67", 7, Green),
        ("70", 7, Green),
        ("70.01", 7, Yellow),
    ] {
        let judged = judge_audit(&rule, &executed(done, "100"), Share::of_months(month));
        assert_eq!(light(judged), Some(expected), "{done} at month {month}");
    }
    assert_eq!(judge_audit(&rule, &executed("1", "0"), Share::of_months(7)), None, "no budget, no rate");
    assert_eq!(judge_audit(&AuditRule::default(), &executed("1", "100"), Share::of_months(7)), None);
}

/// … payment ahead of physical progress by >20 points = idle money.
#[test]
fn audit_practice_on_idle_money() {
    let plan = vec![step(day(3, 1), "0.3", Some(day(3, 20))), step(day(9, 30), "0.7", None)];
    let physical = physical_progress(&plan, day(7, 31)).unwrap();
    assert_eq!(physical, dec("0.3"));
    assert_eq!(physical_progress(&plan, day(3, 19)), Some(dec("0")));
    assert_eq!(physical_progress(&[], day(7, 31)), None, "no milestones, no physical progress");
    let judged = |done: &str| light(judge_idle_money(dec("20"), &executed(done, "100"), physical));
    assert_eq!(judged("50"), Some(Green), "twenty points are not more than twenty");
    assert_eq!(judged("50.01"), Some(Yellow));
    assert_eq!(judge_idle_money(dec("20"), &executed("50", "0"), physical), None);
}

/// The sets disagree sharply: 79 % executed at end-October is green under V1 (94.8) but a warning in Sichuan.
#[test]
fn the_same_figures_under_two_rule_sets() {
    let (amounts, october) = (executed("79", "100"), Share::of_months(10));
    let green = judge_execution(&v1().0, &amounts, october, 10);
    assert_eq!((green.light, green.explanation.steps[0].result.as_str()), (Some(Green), "94.80"));
    assert_eq!(judge_execution(&staged(), &amounts, october, 10).light, Some(Yellow));
}

/// Thresholds are data by area: the district's own section goes before the national default, section by section.
#[test]
fn a_district_overrides_the_nation() {
    let national = Sections { monitoring: Some(rules()), consequences: rules().consequences, choice: None };
    let mut own = rules();
    own.execution_lights = vec![staged()];
    let district = Sections { monitoring: Some(own), consequences: Vec::new(), choice: None };
    let rules = effective(vec![district, national]).unwrap();
    assert_eq!(rules.execution_lights, vec![staged()]);
    assert_eq!(rules.consequences, super::rules().consequences, "the consequences are still the nation's");
}

// ── 4.5 Consequences ──────────────────────────────────────────────
// The gate, measures, reports and alerts have files of their own; here are the rows that are numbers or dates.

/// Sichuan: within 10 working days the unit chooses; holidays do not count and make-up days do.
#[test]
fn ten_working_days_to_choose() {
    let ten = ChoiceDeadline { days: 10, working_days: true };
    let calendar = Calendar::built_in().unwrap();
    assert_eq!(ten.last_day(&calendar, day(8, 3)), Some(day(8, 17)));
    // 27, 28, 29, 30 September, 9, 10, 12, 13, 14, 15 October.
    assert_eq!(ten.last_day(&calendar, day(9, 25)), Some(day(10, 15)));
    let plain = ChoiceDeadline { working_days: false, ..ten };
    assert_eq!(plain.last_day(&calendar, day(9, 25)), Some(day(10, 5)));
    assert_eq!(Rules::default().unanswered, Unanswered::Nothing, "nothing follows where no rule says so");
}
