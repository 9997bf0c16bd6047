//! Which figure gives which light (红黄绿蓝灯).

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, Operator, Step, rounding};

use super::execution::{Amounts, Basis, percent, percentage};
use super::rules::{ExecutionLightRule, ExecutionMethod, IndicatorLightRule};
use super::schedule::{Share, StageFloor, last_stage};

wenxiao_kernel::vocabulary! {
    /// Alert light (预警灯), worst first: the order in which one indicator decides for all. Blue is last because it only
    /// shows when nothing else does: far beyond the target is a doubt about the target and no prize.
    Light {
        /// 红.
        Red = "red",
        /// 黄.
        Yellow = "yellow",
        /// 绿.
        Green = "green",
        /// 蓝.
        Blue = "blue",
    }
}

impl Light {
    /// The Chinese word.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Red => "红灯",
            Self::Yellow => "黄灯",
            Self::Green => "绿灯",
            Self::Blue => "蓝灯",
        }
    }
}

/// The worst of many lights; `None` when none was judged.
pub fn worst(lights: impl IntoIterator<Item = Option<Light>>) -> Option<Light> {
    lights.into_iter().flatten().min()
}

/// A light with the account of itself; `light` is `None` when there is nothing to judge by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The light.
    pub light: Option<Light>,
    /// How it came about.
    pub explanation: Explanation,
}

impl Judged {
    /// A light that one step explains.
    pub(super) fn by(rule: &str, light: Option<Light>, step: Step) -> Self {
        let chinese = light.map_or("不判定", Light::chinese);
        let english = light.map_or("not judged", Light::as_str);
        let explanation = Explanation::by("", rule).concluding(chinese, english).step(step);
        Self { light, explanation }
    }
}

/// Light of budget execution at the end of a month.
pub fn judge_execution(rule: &ExecutionLightRule, amounts: &Amounts, schedule: Share, month: u32) -> Judged {
    match &rule.method {
        ExecutionMethod::ScheduleShare { red_below, yellow_below } => {
            by_schedule_share(amounts, schedule, *red_below, *yellow_below)
        }
        ExecutionMethod::StagedFloors(floors) => by_staged_floor(amounts, floors, month),
    }
}

fn by_schedule_share(amounts: &Amounts, schedule: Share, red: Decimal, yellow: Decimal) -> Judged {
    // v < t is decided as executed ÷ budget < schedule × t ÷ 100: exact, although seven twelfths has no decimal form.
    let below = |threshold: Decimal| {
        let part = schedule.part.checked_mul(threshold)?;
        let whole = schedule.whole.checked_mul(Decimal::ONE_HUNDRED)?;
        let order = Share { part, whole }.compare(amounts.executed, amounts.adjusted())?;
        Some(order == Ordering::Less)
    };
    let nothing_due = schedule.part.is_zero();
    let light = match (below(red), below(yellow)) {
        _ if nothing_due => amounts_exist(amounts).then_some(Light::Green),
        (Some(true), _) => Some(Light::Red),
        (_, Some(true)) => Some(Light::Yellow),
        (Some(false), Some(false)) => Some(Light::Green),
        _ => None,
    };
    let value = schedule_ratio(amounts, schedule);
    let formula = format!("v = 预算执行率 ÷ 序时进度 × 100；v＜{red}红，v＜{yellow}黄，其余绿");
    let step = Step::new("预算执行灯", formula, value.map_or_else(|| "无预算".to_owned(), |v| v.to_string()))
        .input("执行数", amounts.executed.yuan())
        .input("调整后预算数", amounts.adjusted().yuan())
        .input("序时进度", format!("{}/{}", schedule.part.normalize(), schedule.whole.normalize()));
    Judged::by("monitoring.execution.schedule_share", light, step)
}

fn amounts_exist(amounts: &Amounts) -> bool {
    !amounts.adjusted().is_zero() && !amounts.adjusted().is_negative()
}

/// Rate ÷ schedule × 100 with 2 decimals.
pub(super) fn schedule_ratio(amounts: &Amounts, schedule: Share) -> Option<Decimal> {
    let done = amounts.executed.yuan().checked_mul(schedule.whole)?;
    let due = amounts.adjusted().yuan().checked_mul(schedule.part)?;
    percentage(done, due)
}

fn by_staged_floor(amounts: &Amounts, floors: &[StageFloor], month: u32) -> Judged {
    let floor = last_stage(floors, month);
    let order = floor.and_then(|f| Share::exact(f.rate).compare(amounts.executed, amounts.adjusted()));
    let light = match (floor, order) {
        (None, _) => amounts_exist(amounts).then_some(Light::Green),
        (Some(_), None) => None,
        (Some(_), Some(Ordering::Less)) => Some(Light::Yellow),
        (Some(_), Some(_)) => Some(Light::Green),
    };
    let asked = floor.map_or_else(
        || "本阶段无要求".to_owned(),
        |floor| format!("1—{}月不低于{}%", floor.month, percent(floor.rate)),
    );
    let step = Step::new("预算执行灯", "预算执行率低于阶段要求为预警（黄）", amounts.rate(Basis::Adjusted))
        .input("执行数", amounts.executed.yuan())
        .input("调整后预算数", amounts.adjusted().yuan())
        .input("阶段要求", asked);
    Judged::by("monitoring.execution.staged_floor", light, step)
}

/// What an indicator promises (指标值).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Comparison.
    pub operator: Operator,
    /// Value, or lower bound of a range; `None` for a qualitative one.
    pub value: Option<Decimal>,
    /// Upper bound of a range.
    pub upper: Option<Decimal>,
    /// Unit of measure.
    pub measure_unit: String,
}

wenxiao_kernel::vocabulary! {
    /// How a qualitative target stands (定性指标完成程度).
    QualitativeLevel {
        /// 达成目标.
        Achieved = "achieved",
        /// 部分达成目标并具有一定效果.
        Partly = "partly",
        /// 未达成目标且效果较差.
        Missed = "missed",
    }
}

/// What was achieved so far, or is expected for the year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Achieved {
    /// As a number.
    pub value: Option<Decimal>,
    /// In words, for a qualitative target.
    pub level: Option<QualitativeLevel>,
}

/// Whether a value adds up over the year. Percentages are levels: half a year's satisfaction is not half of it.
fn accumulates(measure_unit: &str) -> bool {
    !measure_unit.contains(['%', '％', '‰'])
}

/// Light of one indicator after `month` months of the year; 12 judges what is expected for the whole year.
pub fn judge_indicator(rule: &IndicatorLightRule, target: &Target, achieved: Achieved, month: u32) -> Judged {
    if target.operator == Operator::Qualitative {
        return by_level(achieved.level);
    }
    let (Some(goal), Some(actual)) = (target.value, achieved.value) else {
        let step = Step::new("指标灯", "缺少指标值或完成值，不判定", "");
        return Judged::by("monitoring.indicator.unjudged", None, step);
    };
    match target.operator {
        Operator::AtMost => compared("≤", actual <= goal, goal, actual),
        Operator::LessThan => compared("＜", actual < goal, goal, actual),
        Operator::AtLeast if !goal.is_sign_positive() || goal.is_zero() => {
            compared("≥", actual >= goal, goal, actual)
        }
        Operator::MoreThan if !goal.is_sign_positive() || goal.is_zero() => {
            compared("＞", actual > goal, goal, actual)
        }
        Operator::Equal if rule.equal_exact || !goal.is_sign_positive() || goal.is_zero() => {
            compared("＝", actual == goal, goal, actual)
        }
        Operator::Range if target.upper.is_some_and(|upper| actual > upper) => {
            compared("≤", false, target.upper.unwrap_or(goal), actual)
        }
        Operator::Range if actual >= goal => compared("≥", true, goal, actual),
        _ => prorated(rule, goal, actual, month, accumulates(&target.measure_unit)),
    }
}

fn by_level(level: Option<QualitativeLevel>) -> Judged {
    let (light, text) = match level {
        Some(QualitativeLevel::Achieved) => (Some(Light::Green), "达成目标"),
        Some(QualitativeLevel::Partly) => (Some(Light::Yellow), "部分达成目标并具有一定效果"),
        Some(QualitativeLevel::Missed) => (Some(Light::Red), "未达成目标且效果较差"),
        None => (None, "未填报完成程度"),
    };
    let step = Step::new("指标灯", "定性指标：达成绿，部分达成黄，未达成红", text);
    Judged::by("monitoring.indicator.qualitative", light, step)
}

fn compared(sign: &str, met: bool, goal: Decimal, actual: Decimal) -> Judged {
    let light = if met { Light::Green } else { Light::Red };
    let step = Step::new(
        "指标灯",
        format!("完成值 {sign} 指标值为绿，否则为红"),
        if met { "符合" } else { "不符合" },
    )
    .input("完成值", actual)
    .input("指标值", goal);
    Judged::by("monitoring.indicator.compared", Some(light), step)
}

/// The rule for more-is-better values: `v = actual ÷ (target ÷ 12 × months) × 100`, and what the rule set adds to it.
fn prorated(
    rule: &IndicatorLightRule,
    goal: Decimal,
    actual: Decimal,
    month: u32,
    accumulates: bool,
) -> Judged {
    let share = if accumulates { Share::of_months(month) } else { Share::ONE };
    let reaches = |threshold: Decimal, share: Share| {
        let left = actual.checked_mul(share.whole)?.checked_mul(Decimal::ONE_HUNDRED)?;
        let right = goal.checked_mul(share.part)?.checked_mul(threshold)?;
        Some(left >= right)
    };
    let blue_share = if rule.blue_annual_target { Share::ONE } else { share };
    let blue = rule.blue_share.is_some_and(|from| reaches(from, blue_share) == Some(true));
    let light = if rule.red_zero_actual && actual.is_zero() {
        Some(Light::Red)
    } else if blue {
        Some(Light::Blue)
    } else {
        match (reaches(rule.red_below, share), reaches(rule.yellow_below, share)) {
            (Some(false), _) => Some(Light::Red),
            (_, Some(false)) => Some(Light::Yellow),
            (Some(true), Some(true)) => Some(Light::Green),
            _ => None,
        }
    };
    let formula = format!(
        "v = 完成值 ÷ （指标值 × 序时） × 100；v＜{}红，v＜{}黄，其余绿{}{}",
        rule.red_below,
        rule.yellow_below,
        rule.blue_share.map_or_else(String::new, |from| {
            let whole = if rule.blue_annual_target { "完成值 ÷ 全年指标值 × 100" } else { "v" };
            format!("，{whole} ≥ {from}蓝")
        }),
        if rule.red_zero_actual { "；完成值为0红" } else { "" },
    );
    let value = actual.checked_mul(share.whole).zip(goal.checked_mul(share.part));
    let value = value.and_then(|(done, due)| percentage(done, due));
    let step = Step::new("指标灯", formula, value.map_or_else(|| "无法计算".to_owned(), |v| v.to_string()))
        .input("完成值", actual)
        .input("指标值", goal)
        .input("序时", format!("{}/{}", share.part.normalize(), share.whole.normalize()));
    Judged::by("monitoring.indicator.prorated", light, step)
}

/// Share of its whole-year target that a more-is-better indicator has reached, at most 1; `None` for all others.
pub fn achievement(target: &Target, achieved: Achieved) -> Option<Decimal> {
    let more_is_better = matches!(target.operator, Operator::AtLeast | Operator::MoreThan | Operator::Equal);
    let goal = target.value.filter(|goal| more_is_better && *goal > Decimal::ZERO)?;
    rounding::ratio(achieved.value?, goal).map(|share| share.min(Decimal::ONE).max(Decimal::ZERO))
}
