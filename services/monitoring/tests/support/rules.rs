//! The rule set of the tests.

use wenxiao_contract::wenxiao::registry::v1 as registry;

use super::{DISTRICT, date, decimal};

/// The rules of the national default, as far as monitoring follows them.
pub fn rule_set() -> registry::RuleSet {
    use registry::hint_rule::{Action, Trigger};
    let hint = |code: &str, trigger: Trigger, action: Action, message: &str| registry::HintRule {
        code: code.to_owned(),
        trigger: trigger.into(),
        action: action.into(),
        strength: registry::Strength::SoftBlock.into(),
        message: message.to_owned(),
        ..Default::default()
    };
    let monitoring = registry::MonitoringRules {
        budget_lights: vec![registry::BudgetLightRule {
            method: registry::budget_light_rule::Method::ScheduleShare.into(),
            schedule: registry::budget_light_rule::Schedule::Months.into(),
            red_below: Some(decimal("60")),
            yellow_below: Some(decimal("80")),
            ..Default::default()
        }],
        indicator_lights: vec![registry::IndicatorLightRule {
            red_below: Some(decimal("60")),
            yellow_below: Some(decimal("80")),
            blue_share: Some(decimal("120")),
            ..Default::default()
        }],
        supplement: Some(registry::SupplementRule {
            block_below_schedule: true,
            strength: registry::Strength::SoftBlock.into(),
            ..Default::default()
        }),
        worst_indicator_decides: true,
        ..Default::default()
    };
    let content = registry::RuleContent {
        monitoring: Some(monitoring),
        hint_rules: vec![
            hint(
                "slow_department",
                Trigger::SlowDepartmentProgress,
                Action::NoIncrease,
                "原则上不予追加部门预算",
            ),
            hint("red_reduce", Trigger::RedLight, Action::Reduce, "偏差较大，及时调减资金"),
            hint(
                "red_candidate",
                Trigger::RedLight,
                Action::KeyEvaluationCandidate,
                "列入下年度重点绩效评价备选",
            ),
        ],
        deadlines: vec![registry::DeadlineRule {
            kind: registry::deadline_rule::Kind::MeasureChoice.into(),
            days: 10,
            working_days: true,
            ..Default::default()
        }],
        ..Default::default()
    };
    registry::RuleSet {
        name: format!("{DISTRICT}/ruleSets/national-2020"),
        title: "全国默认规则".to_owned(),
        layer: registry::rule_set::Layer::NationalDefault.into(),
        start_date: Some(date(2015, 1, 1)),
        content: Some(content),
        ..Default::default()
    }
}
