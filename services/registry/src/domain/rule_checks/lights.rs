//! Lights of monitoring (监控预警): thresholds in order, and no rule that an earlier one keeps from ever being used.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::Checks;
use super::{Number, plain, share};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Monitoring {
    budget_lights: Vec<Light>,
    indicator_lights: Vec<Light>,
    forecast_lights: Vec<Light>,
    divergence_points: Option<Number>,
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
    checks.rule(
        rules.divergence_points.is_none_or(|points| points.value > Decimal::ZERO),
        format!("{at}.divergence_points"),
        "须大于0",
        "must be above zero",
    );
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
