use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use wenxiao_kernel::Operator;

use super::super::light::{
    Achieved, Light, QualitativeLevel, Target, judge_divergence, judge_execution, judge_indicator, worst,
};
use super::super::rules::{Calendar, ChoiceDeadline, Traits};
use super::super::schedule::{
    Milestone, ScheduleKind, Share, counted_month, milestones_are_ordered, month_end, months_passed, schedule,
};
use super::*;

fn number(value: &str) -> Achieved {
    Achieved { value: Some(dec(value)), level: None }
}

#[test]
fn execution_lights_by_schedule_share() {
    let (rule, _) = v1();
    for (done, month, light, printed) in [
        ("35", 7, Light::Yellow, "60.00"),
        ("34", 7, Light::Red, "58.29"),
        ("34.99", 7, Light::Red, "59.98"),
        ("79", 10, Light::Green, "94.80"),
        ("46.66", 7, Light::Yellow, "79.99"),
        ("46.67", 7, Light::Green, "80.01"),
        ("0", 1, Light::Red, "0.00"),
        ("100", 12, Light::Green, "100.00"),
        ("130", 12, Light::Green, "130.00"),
    ] {
        let judged = judge_execution(&rule, &executed(done, "100"), Share::of_months(month), month);
        assert_eq!(judged.light, Some(light), "{done} at month {month}");
        assert_eq!(judged.explanation.steps[0].result, printed);
    }
    let nothing = judge_execution(&rule, &executed("0", "0"), Share::of_months(7), 7);
    assert_eq!(nothing.light, None, "without a budget there is nothing to judge");
}

#[test]
fn execution_lights_by_staged_floors() {
    let rule = staged();
    for (done, month, light) in [
        ("79", 10, Light::Yellow),
        ("80", 10, Light::Green),
        ("24.99", 4, Light::Yellow),
        ("25", 4, Light::Green),
        ("25", 5, Light::Green),
        ("39.99", 6, Light::Yellow),
        ("59", 8, Light::Yellow),
        ("60", 9, Light::Green),
        ("0", 3, Light::Green),
    ] {
        let judged = judge_execution(&rule, &executed(done, "100"), Share::of_months(month), month);
        assert_eq!(judged.light, Some(light), "{done} at month {month}");
    }
}

#[test]
fn the_rule_sets_disagree_about_the_same_figures() {
    let (amounts, october) = (executed("79", "100"), Share::of_months(10));
    assert_eq!(judge_execution(&v1().0, &amounts, october, 10).light, Some(Light::Green));
    assert_eq!(judge_execution(&staged(), &amounts, october, 10).light, Some(Light::Yellow));
}

#[test]
fn positive_indicators_by_the_prorated_target() {
    for (actual, month, first, second) in [
        ("0", 1, Light::Red, Light::Red),
        ("34", 7, Light::Red, Light::Red),
        ("35", 7, Light::Yellow, Light::Yellow),
        ("46", 7, Light::Yellow, Light::Yellow),
        ("47", 7, Light::Green, Light::Green),
        // A prorated 120 % is blue under V1 and only green under V2, which asks for 120 % of the whole year.
        ("70", 7, Light::Blue, Light::Green),
        ("119", 12, Light::Green, Light::Green),
        ("120", 12, Light::Blue, Light::Blue),
    ] {
        let goal = target(Operator::AtLeast, "100");
        assert_eq!(
            judge_indicator(&v1().1, &goal, number(actual), month).light,
            Some(first),
            "V1 {actual}/{month}"
        );
        assert_eq!(
            judge_indicator(&v2(), &goal, number(actual), month).light,
            Some(second),
            "V2 {actual}/{month}"
        );
    }
}

#[test]
fn the_other_indicators_have_rules_of_their_own() {
    let range = Target { upper: Some(dec("20")), ..target(Operator::Range, "10") };
    let percent = Target { measure_unit: "%".to_owned(), ..target(Operator::AtLeast, "90") };
    for (goal, actual, light) in [
        (target(Operator::AtMost, "100"), "100", Light::Green),
        (target(Operator::AtMost, "100"), "100.01", Light::Red),
        (target(Operator::LessThan, "100"), "100", Light::Red),
        (target(Operator::LessThan, "100"), "99.99", Light::Green),
        (target(Operator::Equal, "0"), "0", Light::Green),
        (target(Operator::Equal, "0"), "1", Light::Red),
        (target(Operator::AtMost, "0"), "0", Light::Green),
        (target(Operator::AtLeast, "0"), "0", Light::Green),
        (target(Operator::AtLeast, "-5"), "-6", Light::Red),
        (range.clone(), "15", Light::Green),
        (range.clone(), "21", Light::Red),
        (range, "1", Light::Red),
        // Half a year's satisfaction is not half of it: 95 % against 90 % is as planned and not blue.
        (percent.clone(), "95", Light::Green),
        (percent, "40", Light::Red),
    ] {
        let judged = judge_indicator(&v1().1, &goal, number(actual), 7);
        assert_eq!(judged.light, Some(light), "{goal:?} {actual}");
    }
    let quality = Target { value: None, ..target(Operator::Qualitative, "0") };
    for (level, light) in [
        (QualitativeLevel::Achieved, Light::Green),
        (QualitativeLevel::Partly, Light::Yellow),
        (QualitativeLevel::Missed, Light::Red),
    ] {
        let achieved = Achieved { value: None, level: Some(level) };
        assert_eq!(judge_indicator(&v1().1, &quality, achieved, 7).light, Some(light));
    }
    assert_eq!(judge_indicator(&v1().1, &quality, Achieved::default(), 7).light, None);
}

#[test]
fn the_worst_light_decides_and_blue_only_shows_alone() {
    use Light::{Blue, Green, Red, Yellow};
    for (lights, expected) in [
        (vec![Some(Green), Some(Red), Some(Yellow)], Some(Red)),
        (vec![Some(Blue), Some(Green)], Some(Green)),
        (vec![Some(Blue), Some(Yellow), None], Some(Yellow)),
        (vec![Some(Blue), Some(Blue)], Some(Blue)),
        (vec![None], None),
        (vec![], None),
    ] {
        assert_eq!(worst(lights.clone()), expected, "{lights:?}");
    }
}

#[test]
fn achievement_and_execution_may_not_differ_by_more_than_ten_points() {
    let judged = |reached: &str, done: &str| {
        judge_divergence(dec("10"), &[dec(reached)], &executed(done, "100")).and_then(|judged| judged.light)
    };
    assert_eq!(judged("0.70", "60"), Some(Light::Green), "ten points are not more than ten");
    assert_eq!(judged("0.7001", "60"), Some(Light::Yellow));
    assert_eq!(judged("0.40", "60"), Some(Light::Yellow));
    assert_eq!(judge_divergence(dec("10"), &[], &executed("1", "1")), None);
}

#[test]
fn below_schedule_is_strict_and_exact() {
    let july = Share::of_months(7);
    // 7/12 of 12 yuan is 7 yuan to the fen; a rounded 0.5833 would call 6.9996 on schedule.
    assert!(!executed("7.00", "12").is_below(july));
    assert!(executed("6.99", "12").is_below(july));
    assert!(!executed("0", "0").is_below(july));
    assert_eq!(executed("74", "100").rate(super::super::execution::Basis::Initial), dec("0.7400"));
}

#[test]
fn schedules_of_a_year() {
    let day = |month, day| NaiveDate::from_ymd_opt(2020, month, day).unwrap();
    assert_eq!(months_passed(year(), day(7, 31)), 7);
    assert_eq!(months_passed(year(), day(7, 30)), 6);
    assert_eq!(months_passed(year(), NaiveDate::from_ymd_opt(2021, 1, 5).unwrap()), 12);
    assert_eq!(months_passed(year(), NaiveDate::from_ymd_opt(2019, 12, 31).unwrap()), 0);
    assert_eq!(counted_month(ScheduleKind::Days, year(), day(7, 30)), 7);
    let half = schedule(ScheduleKind::Days, year(), day(7, 1), &[]);
    assert_eq!((half.part, half.whole), (dec("183"), dec("366")));
    assert_eq!(schedule(ScheduleKind::Months, year(), day(7, 31), &[]).value(), dec("0.5833"));
    assert_eq!(month_end(year(), 2), day(2, 29));
}

#[test]
fn construction_follows_its_milestones_and_months_without_them() {
    let day = |month, day| NaiveDate::from_ymd_opt(2020, month, day).unwrap();
    let step = |date, share| Milestone {
        title: "主体封顶".to_owned(),
        planned_date: date,
        cumulative_share: dec(share),
        reached_date: None,
    };
    let plan = vec![step(day(3, 1), "0.1"), step(day(9, 30), "0.7")];
    assert!(milestones_are_ordered(&plan));
    let due = |date| schedule(ScheduleKind::Milestones, year(), date, &plan).value();
    assert_eq!(due(day(2, 29)), dec("0"));
    assert_eq!(due(day(9, 29)), dec("0.1"));
    assert_eq!(due(day(9, 30)), dec("0.7"));
    assert_eq!(schedule(ScheduleKind::Milestones, year(), day(6, 30), &[]), Share::of_months(6));
    // 10 % executed by the end of August is on plan for the works and far behind by the calendar.
    let (rule, _) = v1();
    let amounts = executed("10", "100");
    let by_plan = schedule(ScheduleKind::Milestones, year(), day(8, 31), &plan);
    assert_eq!(judge_execution(&rule, &amounts, by_plan, 8).light, Some(Light::Green));
    assert_eq!(judge_execution(&rule, &amounts, Share::of_months(8), 8).light, Some(Light::Red));
    assert!(!milestones_are_ordered(&[step(day(3, 1), "0.5"), step(day(4, 1), "0.4")]));
    assert!(!milestones_are_ordered(&[step(day(3, 1), "1.01")]));
}

#[test]
fn ten_working_days_skip_weekends_and_holidays_but_not_make_up_days() {
    let day = |month, day| NaiveDate::from_ymd_opt(2020, month, day).unwrap();
    let ten = ChoiceDeadline { days: 10, working_days: true };
    assert_eq!(Calendar::default().deadline(day(8, 3), ten), day(8, 17));
    let october = Calendar {
        holidays: (1..=8).map(|d| day(10, d)).collect(),
        make_up_days: vec![day(9, 27), day(10, 10)],
    };
    assert_eq!(october.deadline(day(9, 25), ten), day(10, 15));
    assert_eq!(october.deadline(day(9, 25), ChoiceDeadline { working_days: false, ..ten }), day(10, 5));
}

#[test]
fn the_first_rule_that_fits_an_object_is_used() {
    let mut narrow = staged();
    narrow.scope.capital_works = Some(true);
    let mut rules = rules();
    rules.execution_lights.insert(0, narrow.clone());
    let works = Traits { account: None, local_project_type: String::new(), capital_works: true };
    assert_eq!(rules.execution_light(&works), Some(&narrow));
    assert_eq!(rules.execution_light(&Traits::of_department()), Some(&v1().0));
}

proptest! {
    #[test]
    fn spending_more_never_worsens_the_light(a in 0i64..200_000, b in 0i64..200_000, month in 1u32..=12) {
        let light = |fen: i64| {
            let amounts = Amounts { executed: Money::from_yuan(Decimal::new(fen, 2)).unwrap(), ..executed("0", "1000") };
            judge_execution(&v1().0, &amounts, Share::of_months(month), month).light.unwrap()
        };
        prop_assert!(light(a.min(b)) <= light(a.max(b)));
    }

    #[test]
    fn below_schedule_agrees_with_multiplying_out(done in 0i64..10_000_000, budget in 1i64..10_000_000, month in 0u32..=12) {
        let amounts = Amounts {
            initial: Money::from_yuan(Decimal::new(budget, 2)).unwrap(),
            executed: Money::from_yuan(Decimal::new(done, 2)).unwrap(),
            ..Amounts::default()
        };
        prop_assert_eq!(amounts.is_below(Share::of_months(month)), i128::from(done) * 12 < i128::from(budget) * i128::from(month));
    }

    #[test]
    fn the_worst_is_one_of_them_and_none_is_worse(lights in prop::collection::vec(0u8..5, 0..12)) {
        let lights: Vec<Option<Light>> = lights.into_iter().map(|n| match n {
            0 => Some(Light::Red), 1 => Some(Light::Yellow), 2 => Some(Light::Green), 3 => Some(Light::Blue), _ => None,
        }).collect();
        let found = worst(lights.clone());
        prop_assert_eq!(found.is_none(), lights.iter().all(Option::is_none));
        if let Some(found) = found {
            prop_assert!(lights.contains(&Some(found)));
            prop_assert!(lights.iter().flatten().all(|light| *light >= found));
        }
    }

    #[test]
    fn a_deadline_is_a_working_day_after_its_start(start in 0i64..2000, days in 1u32..30) {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Duration::days(start);
        let calendar = Calendar::default();
        let end = calendar.deadline(start, ChoiceDeadline { days, working_days: true });
        prop_assert!(end > start && calendar.is_working_day(end));
        let worked = start.iter_days().skip(1).take_while(|d| *d <= end).filter(|d| d.weekday().number_from_monday() < 6);
        prop_assert_eq!(worked.count() as u32, days);
    }
}
