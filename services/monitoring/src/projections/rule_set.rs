//! Rule sets, in the form that the rules of monitoring take.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::{Failure, Result};

use super::{decimal, id};
use crate::domain::measure::MeasureKind;
use crate::domain::rules::{
    ChoiceDeadline, ConsequenceRule, ExecutionLightRule, ExecutionMethod, IndicatorLightRule, RuleScope,
    Rules, Sections, StageFloor, Strength, SupplementRule, Trigger,
};
use crate::domain::schedule::ScheduleKind;
use crate::store::projections as store;

pub(super) async fn keep(
    connection: &mut PgConnection,
    district: DistrictCode,
    rule_set: &registry::RuleSet,
) -> Result<()> {
    let mut fields = Fields::default();
    let start = fields.date("start_date", rule_set.start_date.as_ref());
    let end = fields.optional_date("end_date", rule_set.end_date.as_ref());
    fields.check().map_err(|failure| Failure::internal(format!("{}: {failure}", rule_set.name)))?;
    let of_district = rule_set.layer() == registry::rule_set::Layer::District;
    let content = rule_set.content.clone().unwrap_or_default();
    let sections = sections(&rule_set.name, &content)?;
    store::keep_rule_set(connection, district, id(&rule_set.name), of_district, (start, end), &sections).await
}

fn sections(name: &str, content: &registry::RuleContent) -> Result<Sections> {
    let choice =
        content.deadlines.iter().find(|rule| rule.kind() == registry::deadline_rule::Kind::MeasureChoice);
    let consequences = content.hint_rules.iter().map(consequence).collect::<Result<Vec<_>>>()?;
    Ok(Sections {
        monitoring: content.monitoring.as_ref().map(|rules| monitoring(name, rules)).transpose()?,
        consequences: consequences.into_iter().flatten().collect(),
        choice: choice.map(|rule| ChoiceDeadline {
            days: u32::try_from(rule.days).unwrap_or_default(),
            working_days: rule.working_days,
        }),
    })
}

fn monitoring(name: &str, rules: &registry::MonitoringRules) -> Result<Rules> {
    Ok(Rules {
        rule_set: name.to_owned(),
        execution_lights: rules.budget_lights.iter().map(execution_light).collect::<Result<_>>()?,
        indicator_lights: rules.indicator_lights.iter().map(indicator_light).collect::<Result<_>>()?,
        divergence_points: decimal(rules.divergence_points.as_ref())?,
        worst_indicator_decides: rules.worst_indicator_decides,
        supplement: rules.supplement.map(|rule| SupplementRule {
            block_below_schedule: rule.block_below_schedule,
            strength: strength(rule.strength()),
        }),
        consequences: Vec::new(),
        choice: None,
    })
}

fn scope(scope: Option<&registry::RuleScope>) -> RuleScope {
    let Some(scope) = scope else { return RuleScope::default() };
    RuleScope {
        accounts: scope.budget_accounts().filter_map(convert::account_of).collect(),
        local_project_types: scope.local_project_types.clone(),
        capital_works: scope.capital_works,
    }
}

/// A threshold that a rule must have: the registry lets no rule without it in.
fn threshold(value: Option<&wenxiao_contract::google::r#type::Decimal>) -> Result<Decimal> {
    decimal(value).map(Option::unwrap_or_default)
}

fn execution_light(rule: &registry::BudgetLightRule) -> Result<ExecutionLightRule> {
    use registry::budget_light_rule::{Method, Schedule};
    let method = match rule.method() {
        Method::StagedFloors => {
            let floor = |floor: &registry::StageFloor| {
                let month = u32::try_from(floor.month).unwrap_or_default();
                Ok(StageFloor { month, rate: threshold(floor.rate.as_ref())? })
            };
            ExecutionMethod::StagedFloors(rule.floors.iter().map(floor).collect::<Result<_>>()?)
        }
        Method::ScheduleShare | Method::Unspecified => ExecutionMethod::ScheduleShare {
            red_below: threshold(rule.red_below.as_ref())?,
            yellow_below: threshold(rule.yellow_below.as_ref())?,
        },
    };
    let schedule = match rule.schedule() {
        Schedule::Days => ScheduleKind::Days,
        Schedule::Milestones => ScheduleKind::Milestones,
        Schedule::Months | Schedule::Unspecified => ScheduleKind::Months,
    };
    Ok(ExecutionLightRule { scope: scope(rule.scope.as_ref()), schedule, method })
}

fn indicator_light(rule: &registry::IndicatorLightRule) -> Result<IndicatorLightRule> {
    Ok(IndicatorLightRule {
        scope: scope(rule.scope.as_ref()),
        red_below: threshold(rule.red_below.as_ref())?,
        yellow_below: threshold(rule.yellow_below.as_ref())?,
        blue_share: decimal(rule.blue_share.as_ref())?,
        blue_annual_target: rule.blue_annual_target,
        red_zero_actual: rule.red_zero_actual,
    })
}

fn strength(strength: registry::Strength) -> Strength {
    match strength {
        registry::Strength::Advisory => Strength::Advisory,
        registry::Strength::HardBlock => Strength::Hard,
        registry::Strength::SoftBlock | registry::Strength::Unspecified => Strength::Soft,
    }
}

/// A hint rule that monitoring can follow; `None` for triggers and actions of other services.
fn consequence(rule: &registry::HintRule) -> Result<Option<ConsequenceRule>> {
    use registry::hint_rule::{Action, Trigger as On};
    let trigger = match rule.trigger() {
        On::RedLight => Trigger::RedLight,
        On::SlowDepartmentProgress => Trigger::DepartmentBelowSchedule,
        _ => return Ok(None),
    };
    let measure = match rule.action() {
        Action::NoIncrease => MeasureKind::NoSupplement,
        Action::Reduce => MeasureKind::Reduce,
        Action::Suspend => MeasureKind::Suspend,
        Action::StopPayment => MeasureKind::StopPayment,
        Action::KeyEvaluationCandidate => MeasureKind::KeyEvaluationCandidate,
        _ => return Ok(None),
    };
    Ok(Some(ConsequenceRule {
        code: rule.code.clone(),
        trigger,
        measure,
        reduction_share: decimal(rule.reduction_share.as_ref())?,
        message: rule.message.clone(),
    }))
}
