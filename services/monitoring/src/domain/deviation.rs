//! Warnings beside the lights of execution and indicators (偏差预警): progress that does not fit achievement, execution and
//! idle money as audit practice sees them, and the light of a whole department.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use wenxiao_kernel::{Step, rounding};

use super::execution::{Amounts, Basis, percent};
use super::light::{Judged, Light, schedule_ratio};
use super::rules::{AuditRule, DepartmentLightRule};
use super::schedule::Share;

fn warned(abnormal: bool) -> Light {
    if abnormal { Light::Yellow } else { Light::Green }
}

/// Warns when mean achievement and execution differ by more than the rule allows (DOMAIN 4.4, staged rules).
pub fn judge_divergence(points: Decimal, achievements: &[Decimal], amounts: &Amounts) -> Option<Judged> {
    let count = Decimal::from(achievements.len());
    let sum = achievements.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(*one))?;
    let mean = percent(rounding::ratio(sum, count)?);
    let executed = percent(rounding::ratio(amounts.executed.yuan(), amounts.adjusted().yuan())?);
    let gap = mean.checked_sub(executed)?.abs();
    let step = Step::new("目标完成与支出进度偏差", format!("相差超过{points}个百分点为预警（黄）"), gap)
        .input("指标平均完成率%", mean)
        .input("预算执行率%", executed);
    Some(Judged::by("monitoring.divergence", Some(warned(gap > points)), step))
}

/// Warns of execution that audit practice calls abnormal: far below or far above what is due. `None` where the rule has
/// no limit, or there is nothing to execute.
pub fn judge_audit(rule: &AuditRule, amounts: &Amounts, schedule: Share) -> Option<Judged> {
    let against = |limit: Decimal| {
        let part = schedule.part.checked_mul(limit)?;
        let whole = schedule.whole.checked_mul(Decimal::ONE_HUNDRED)?;
        Share { part, whole }.compare(amounts.executed, amounts.adjusted())
    };
    if schedule.part.is_zero() || (rule.execution_below.is_none() && rule.execution_above.is_none()) {
        return None;
    }
    let low = rule.execution_below.map_or(Some(Ordering::Equal), against)? == Ordering::Less;
    let high = rule.execution_above.map_or(Some(Ordering::Equal), against)? == Ordering::Greater;
    let limit = |limit: Option<Decimal>| limit.map_or_else(|| "不设".to_owned(), |limit| limit.to_string());
    let formula = format!(
        "v = 预算执行率 ÷ 序时进度 × 100；v＜{}或v＞{}为支出异常（黄）",
        limit(rule.execution_below),
        limit(rule.execution_above)
    );
    let step = Step::new("支出异常", formula, schedule_ratio(amounts, schedule)?)
        .input("执行数", amounts.executed.yuan())
        .input("调整后预算数", amounts.adjusted().yuan())
        .input("序时进度", format!("{}/{}", schedule.part.normalize(), schedule.whole.normalize()));
    Some(Judged::by("monitoring.audit.execution", Some(warned(low || high)), step))
}

/// Warns of money paid ahead of the works (资金闲置): the rate exceeds the physical progress by more points than allowed.
pub fn judge_idle_money(points: Decimal, amounts: &Amounts, physical: Decimal) -> Option<Judged> {
    let part = physical.checked_mul(Decimal::ONE_HUNDRED)?.checked_add(points)?;
    let limit = Share { part, whole: Decimal::ONE_HUNDRED };
    let idle = limit.compare(amounts.executed, amounts.adjusted())? == Ordering::Greater;
    let rate = percent(amounts.rate(Basis::Adjusted));
    let formula = format!("支付进度超过形象进度{points}个百分点以上为资金闲置（黄）");
    let step = Step::new("资金闲置", formula, rate.checked_sub(percent(physical))?)
        .input("支付进度%", rate)
        .input("形象进度%", percent(physical));
    Some(Judged::by("monitoring.audit.idle_money", Some(warned(idle)), step))
}

/// Light of a whole department (部门整体灯): by whether it does its duty, then by whether its indicators met their goal,
/// which the worst of their lights says. Not judged before both are known.
pub fn judge_department(rule: &DepartmentLightRule, duty: Option<bool>, worst: Option<Light>) -> Judged {
    let met = worst.map(|light| light >= Light::Green);
    let light = match (duty, met) {
        (Some(false), _) => Some(rule.duty_missed),
        (Some(true), Some(true)) => Some(rule.both_met),
        (Some(true), Some(false)) => Some(rule.goal_missed),
        (Some(true) | None, None) | (None, Some(_)) => None,
    };
    let said = |answer: Option<bool>| answer.map_or("未填报", |yes| if yes { "是" } else { "否" });
    let step = Step::new(
        "部门整体灯",
        format!(
            "履职且完成目标{}，履职未完成目标{}，未履职{}",
            rule.both_met.chinese(),
            rule.goal_missed.chinese(),
            rule.duty_missed.chinese()
        ),
        light.map_or("不判定", Light::chinese),
    )
    .input("履职", said(duty))
    .input("完成目标", said(met));
    Judged::by("monitoring.department", light, step)
}
