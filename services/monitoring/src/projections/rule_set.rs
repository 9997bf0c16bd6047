//! Rule sets, in the form that the rules of monitoring take.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::{Failure, Result};

use super::{decimal, id};
use crate::domain::forecast::ForecastRule;
use crate::domain::light::Light;
use crate::domain::measure::MeasureKind;
use crate::domain::rules::{
    AuditRule, ChoiceDeadline, ConsequenceRule, DepartmentLightRule, ExecutionLightRule, ExecutionMethod,
    ForecastLightRule, IndicatorLightRule, KeyRoundRule, RuleScope, Rules, Sections, Strength,
    SupplementRule, Trigger, Unanswered,
};
use crate::domain::schedule::{ScheduleKind, StageFloor};
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
            without_objective: (rule.without_objective() != registry::Strength::Unspecified)
                .then(|| strength(rule.without_objective())),
        }),
        consequences: Vec::new(),
        choice: None,
        forecast_lights: rules.forecast_lights.iter().map(forecast_light).collect::<Result<_>>()?,
        audit: rules.audit.as_ref().map(audit).transpose()?,
        department_light: rules.department_light.map(department_light),
        key_round: rules.key_round.as_ref().map(key_round).transpose()?,
        unanswered: match rules.unanswered_alert() {
            registry::UnansweredAlert::Unspecified => Unanswered::Nothing,
            registry::UnansweredAlert::ProposeSuspension => Unanswered::Propose,
            registry::UnansweredAlert::Suspend => Unanswered::Suspend,
        },
        forecast: rules.forecast.map_or_else(ForecastRule::default, |rule| ForecastRule {
            history_years: rule.history_years,
            minimum_samples: usize::try_from(rule.minimum_samples).unwrap_or(usize::MAX),
        }),
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
    let floor = |floor: &registry::StageFloor| {
        let month = u32::try_from(floor.month).unwrap_or_default();
        Ok(StageFloor { month, rate: threshold(floor.rate.as_ref())? })
    };
    let floors: Vec<StageFloor> = rule.floors.iter().map(floor).collect::<Result<_>>()?;
    let method = match rule.method() {
        Method::StagedFloors => ExecutionMethod::StagedFloors(floors.clone()),
        Method::ScheduleShare | Method::Unspecified => ExecutionMethod::ScheduleShare {
            red_below: threshold(rule.red_below.as_ref())?,
            yellow_below: threshold(rule.yellow_below.as_ref())?,
        },
    };
    let schedule = match rule.schedule() {
        Schedule::Days => ScheduleKind::Days,
        Schedule::Milestones => ScheduleKind::Milestones,
        Schedule::Stages => ScheduleKind::Stages(floors),
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
        equal_exact: rule.equal_target() == registry::indicator_light_rule::EqualTarget::Exact,
    })
}

fn forecast_light(rule: &registry::ForecastLightRule) -> Result<ForecastLightRule> {
    Ok(ForecastLightRule {
        scope: scope(rule.scope.as_ref()),
        red_below: threshold(rule.red_below.as_ref())?,
        yellow_below: threshold(rule.yellow_below.as_ref())?,
        blue_share: decimal(rule.blue_share.as_ref())?,
    })
}

fn audit(rule: &registry::AuditLightRule) -> Result<AuditRule> {
    Ok(AuditRule {
        execution_below: decimal(rule.execution_below.as_ref())?,
        execution_above: decimal(rule.execution_above.as_ref())?,
        idle_money_points: decimal(rule.idle_money_points.as_ref())?,
    })
}

fn department_light(rule: registry::DepartmentLightRule) -> DepartmentLightRule {
    use registry::department_light_rule::Colour;
    let light = |colour| match colour {
        Colour::Red => Light::Red,
        Colour::Green => Light::Green,
        Colour::Yellow | Colour::Unspecified => Light::Yellow,
    };
    DepartmentLightRule {
        both_met: light(rule.both_met()),
        goal_missed: light(rule.goal_missed()),
        duty_missed: light(rule.duty_missed()),
    }
}

fn key_round(rule: &registry::KeyRoundRule) -> Result<KeyRoundRule> {
    let mut fields = Fields::default();
    let large_amount = fields.optional_money("large_amount", rule.large_amount.as_ref());
    fields.check().map_err(Failure::internal)?;
    let lag_points = decimal(rule.lag_points.as_ref())?;
    Ok(KeyRoundRule { lag_points, large_amount, social_attention: rule.social_attention })
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
