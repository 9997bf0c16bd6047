#![expect(clippy::arithmetic_side_effects, reason = "a test may fail loudly")]

mod actions;
mod forecast;
mod gate;
mod lights;
mod measure;
mod money;
mod report;
mod round;
mod tables;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use wenxiao_kernel::{FiscalYear, Money, Operator};

use super::execution::Amounts;
use super::light::Target;
use super::rules::{
    ConsequenceRule, ExecutionLightRule, ExecutionMethod, IndicatorLightRule, RuleScope, Rules, Strength,
    SupplementRule, Trigger,
};
use super::schedule::{ScheduleKind, StageFloor};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Money {
    Money::from_yuan(dec(text)).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_597_000_000, 0).unwrap()
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, month, day).unwrap()
}

fn year() -> FiscalYear {
    FiscalYear::try_from(2020).unwrap()
}

fn executed(executed: &str, budget: &str) -> Amounts {
    Amounts { initial: yuan(budget), executed: yuan(executed), ..Amounts::default() }
}

fn target(operator: Operator, value: &str) -> Target {
    Target { operator, value: Some(dec(value)), upper: None, measure_unit: "个".to_owned() }
}

/// V1 of DOMAIN 4.4: thresholds 60 and 80, blue from a prorated 120 on.
fn v1() -> (ExecutionLightRule, IndicatorLightRule) {
    let method = ExecutionMethod::ScheduleShare { red_below: dec("60"), yellow_below: dec("80") };
    let execution =
        ExecutionLightRule { scope: RuleScope::default(), schedule: ScheduleKind::Months, method };
    let indicator = IndicatorLightRule {
        scope: RuleScope::default(),
        red_below: dec("60"),
        yellow_below: dec("80"),
        blue_share: Some(dec("120")),
        blue_annual_target: false,
        red_zero_actual: false,
        equal_exact: false,
    };
    (execution, indicator)
}

/// V2: zero is red, blue from 120 % of the whole year's target on.
fn v2() -> IndicatorLightRule {
    IndicatorLightRule { blue_annual_target: true, red_zero_actual: true, ..v1().1 }
}

/// The staged floors of Sichuan 2025.
fn staged() -> ExecutionLightRule {
    let floors = [(4, "0.25"), (6, "0.40"), (8, "0.60"), (10, "0.80")];
    let floors = floors.map(|(month, rate)| StageFloor { month, rate: dec(rate) }).to_vec();
    ExecutionLightRule { method: ExecutionMethod::StagedFloors(floors), ..v1().0 }
}

fn rules() -> Rules {
    let (execution, indicator) = v1();
    let consequence = |code: &str, trigger, measure| ConsequenceRule {
        code: code.to_owned(),
        trigger,
        measure,
        reduction_share: None,
        message: "原则上不予追加部门预算".to_owned(),
    };
    use super::measure::MeasureKind;
    Rules {
        rule_set: "districts/350205000/ruleSets/national-2020".to_owned(),
        execution_lights: vec![execution],
        indicator_lights: vec![indicator],
        worst_indicator_decides: true,
        supplement: Some(SupplementRule {
            block_below_schedule: true,
            strength: Strength::Soft,
            without_objective: None,
        }),
        consequences: vec![
            consequence("slow_department", Trigger::DepartmentBelowSchedule, MeasureKind::NoSupplement),
            consequence("red_light", Trigger::RedLight, MeasureKind::Reduce),
            consequence("red_light_again", Trigger::RedLight, MeasureKind::Reduce),
            consequence("candidate", Trigger::RedLight, MeasureKind::KeyEvaluationCandidate),
        ],
        ..Rules::default()
    }
}
