//! Lights of monitoring (监控预警): thresholds in order, and no rule that an earlier one keeps from ever being used.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::super::Checks;
use super::super::rule_words::amount;
use super::{Number, plain, share};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Monitoring {
    budget_lights: Vec<Light>,
    indicator_lights: Vec<Light>,
    forecast_lights: Vec<Light>,
    divergence_points: Option<Number>,
    audit: Audit,
    department_light: Option<Department>,
    key_round: KeyRound,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Audit {
    execution_below: Option<Number>,
    execution_above: Option<Number>,
    idle_money_points: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Department {
    both_met: String,
    goal_missed: String,
    duty_missed: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyRound {
    lag_points: Option<Number>,
    large_amount: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Light {
    scope: Scope,
    method: String,
    schedule: String,
    red_below: Option<Number>,
    yellow_below: Option<Number>,
    blue_share: Option<Number>,
    floors: Vec<Floor>,
}

/// What a rule is for. An empty list, and nothing said about capital works, mean all.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Scope {
    budget_accounts: Vec<String>,
    local_project_types: Vec<String>,
    capital_works: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Floor {
    month: i32,
    rate: Option<Number>,
}

impl Scope {
    /// Whether everything that `other` is for is in this one too.
    fn covers(&self, other: &Self) -> bool {
        let within = |own: &[String], others: &[String]| {
            own.is_empty() || !others.is_empty() && others.iter().all(|one| own.contains(one))
        };
        within(&self.budget_accounts, &other.budget_accounts)
            && within(&self.local_project_types, &other.local_project_types)
            && (self.capital_works.is_none() || self.capital_works == other.capital_works)
    }
}

pub(super) fn monitoring(rules: &Monitoring, at: &str, checks: &mut Checks) {
    lights(&rules.budget_lights, &format!("{at}.budget_lights"), checks);
    lights(&rules.indicator_lights, &format!("{at}.indicator_lights"), checks);
    lights(&rules.forecast_lights, &format!("{at}.forecast_lights"), checks);
    let large = amount(&rules.key_round.large_amount).map(|value| Number { value });
    for (name, limit) in [
        ("divergence_points", rules.divergence_points),
        ("audit.execution_below", rules.audit.execution_below),
        ("audit.execution_above", rules.audit.execution_above),
        ("audit.idle_money_points", rules.audit.idle_money_points),
        ("key_round.lag_points", rules.key_round.lag_points),
        ("key_round.large_amount", large),
    ] {
        checks.rule(
            limit.is_none_or(|limit| limit.value > Decimal::ZERO),
            format!("{at}.{name}"),
            "须大于0",
            "must be above zero",
        );
    }
    let audited = rules.audit.execution_below.zip(rules.audit.execution_above);
    checks.rule(
        audited.is_none_or(|(below, above)| below.value < above.value),
        format!("{at}.audit.execution_above"),
        "上限须高于下限，否则任何执行进度都会预警",
        "must lie above the lower limit: otherwise every rate is abnormal",
    );
    checks.rule(
        rules.department_light.as_ref().is_none_or(in_order),
        format!("{at}.department_light"),
        "履职、目标都达到的灯不能差于目标未达到的，目标未达到的不能差于未履职的",
        "who reaches more must not get the worse light",
    );
}

/// The better a department does, the better its light.
fn in_order(light: &Department) -> bool {
    let rank =
        |colour: &str| ["COLOUR_RED", "COLOUR_YELLOW", "COLOUR_GREEN"].iter().position(|one| *one == colour);
    rank(&light.duty_missed) <= rank(&light.goal_missed) && rank(&light.goal_missed) <= rank(&light.both_met)
}

fn lights(lights: &[Light], at: &str, checks: &mut Checks) {
    for (place, light) in lights.iter().enumerate() {
        let here = format!("{at}[{place}]");
        let staged = light.method == "METHOD_STAGED_FLOORS";
        if staged || light.schedule == "SCHEDULE_STAGES" {
            floors(&light.floors, &here, checks);
        }
        if !staged {
            thresholds(light, &here, checks);
        }
        let before = lights.iter().take(place).position(|earlier| earlier.scope.covers(&light.scope));
        checks.rule(
            before.is_none(),
            format!("{here}.scope"),
            format!("适用范围已被第{}条规则全部包含，永远不会用到", number(before)),
            format!("rule {} has all of the scope already: this one is never used", number(before)),
        );
    }
}

fn number(place: Option<usize>) -> usize {
    place.unwrap_or_default().saturating_add(1)
}

fn thresholds(light: &Light, here: &str, checks: &mut Checks) {
    let (red, yellow) = (plain(light.red_below), plain(light.yellow_below));
    checks.rule(
        Decimal::ZERO <= red && red < yellow,
        here,
        "红灯界限须低于黄灯界限，且不为负数",
        "red must lie below yellow and not below zero",
    );
    checks.rule(
        light.blue_share.is_none_or(|blue| blue.value > yellow),
        format!("{here}.blue_share"),
        "蓝灯界限须高于黄灯界限",
        "must lie above the limit of yellow",
    );
}

fn floors(floors: &[Floor], here: &str, checks: &mut Checks) {
    let ordered = |pair: &[Floor]| matches!(pair, [one, next] if one.month < next.month && plain(one.rate) <= plain(next.rate));
    checks.rule(
        !floors.is_empty() && floors.windows(2).all(ordered),
        here,
        "阶段要求须按月份先后排列，且执行率要求不能下降",
        "floors must follow the months and never fall",
    );
    for (place, floor) in floors.iter().enumerate() {
        share(floor.rate, format!("{here}.floors[{place}].rate"), checks);
    }
}
