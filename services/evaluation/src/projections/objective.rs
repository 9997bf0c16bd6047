//! Objectives as they were ratified: what coverage counts, and each version that a self-evaluation may answer to.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sqlx::PgConnection;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_contract::wenxiao::targets::v1::objective::{State, Subject};
use wenxiao_kernel::{Money, Operator};
use wenxiao_platform::convert::{Fields, operator_of};
use wenxiao_platform::{Failure, Result};

use crate::domain::self_evaluation::{Promise, RatifiedVersion, WeightedGoal};
use crate::store::objective as store;

pub(super) async fn keep(
    connection: &mut PgConnection,
    district: i32,
    objective: targets::Objective,
) -> Result<()> {
    // What is ratified stays ratified while a change of it is proposed, and after its year.
    if objective.ratified_version == 0 {
        return Ok(());
    }
    let mut fields = Fields::default();
    let amount = fields.money("ratified_amount", objective.ratified_amount.as_ref());
    // While a change is proposed the content is the proposal: only a ratified state shows what is in force.
    let version = (objective.state() == State::Ratified).then(|| version(&mut fields, &objective, amount));
    fields.check().map_err(Failure::internal)?;
    let Some(Subject::Project(subject) | Subject::Policy(subject) | Subject::WholeDepartment(subject)) =
        objective.subject
    else {
        return Ok(());
    };
    let objective = store::Objective {
        name: objective.name,
        fiscal_year: objective.fiscal_year,
        subject,
        unit: objective.unit,
        amount: amount.yuan(),
    };
    store::keep(connection, district, &objective).await?;
    match version {
        Some(version) => store::keep_version(connection, district, &objective.name, &version).await,
        None => Ok(()),
    }
}

fn version(fields: &mut Fields, objective: &targets::Objective, amount: Money) -> RatifiedVersion {
    let content = objective.content.clone().unwrap_or_default();
    let goals: Vec<WeightedGoal> = content
        .weighted_goals
        .iter()
        .map(|goal| WeightedGoal {
            number: goal.number,
            weight: fields.decimal("weighted_goals.weight", goal.weight.as_ref()),
        })
        .collect();
    // 中长期指标 speak of the whole life and carry no weight in the year.
    let annual = content.indicators.iter().filter(|one| one.period() != targets::IndicatorPeriod::WholeLife);
    let mut indicators: Vec<Promise> = annual.map(|one| promise(fields, one)).collect();
    weigh_by_goals(&mut indicators, &goals);
    indicators.extend(bare_goals(&content, &goals, &indicators));
    let ratify_time = objective.ratify_time.as_ref();
    let ratify_time = ratify_time
        .and_then(|time| chrono::DateTime::from_timestamp(time.seconds, time.nanos.unsigned_abs()))
        .unwrap_or_default();
    let goal = if content.annual_goal.is_empty() { goal_texts(&content) } else { content.annual_goal };
    RatifiedVersion { number: objective.ratified_version, ratify_time, amount, goal, goals, indicators }
}

/// Where a goal has one indicator that carries none itself, the weight of the goal is the indicator's.
fn weigh_by_goals(indicators: &mut [Promise], goals: &[WeightedGoal]) {
    let mut below: BTreeMap<i32, usize> = BTreeMap::new();
    for indicator in &*indicators {
        let count = below.entry(indicator.goal).or_default();
        *count = count.saturating_add(1);
    }
    for indicator in indicators.iter_mut().filter(|indicator| indicator.weight.is_none()) {
        let goal = goals.iter().find(|goal| goal.number == indicator.goal);
        indicator.weight = goal.filter(|goal| below.get(&goal.number) == Some(&1)).map(|goal| goal.weight);
    }
}

/// A goal with weight and without indicators is judged itself, in words.
fn bare_goals(
    content: &targets::ObjectiveContent,
    goals: &[WeightedGoal],
    indicators: &[Promise],
) -> Vec<Promise> {
    let bare = content.weighted_goals.iter().zip(goals);
    let bare = bare.filter(|(goal, _)| indicators.iter().all(|indicator| indicator.goal != goal.number));
    bare.map(|(goal, weighed)| Promise {
        id: format!("goal-{}", goal.number),
        level1: "年度绩效目标".to_owned(),
        level2: String::new(),
        level3: format!("年度绩效目标{}", goal.number),
        operator: Some(Operator::Qualitative),
        target: None,
        upper: None,
        target_text: goal.text.clone(),
        unit: String::new(),
        weight: Some(weighed.weight),
        goal: goal.number,
    })
    .collect()
}

fn goal_texts(content: &targets::ObjectiveContent) -> String {
    let texts = content.weighted_goals.iter().map(|goal| format!("{}. {}", goal.number, goal.text));
    texts.collect::<Vec<_>>().join("\n")
}

fn promise(fields: &mut Fields, indicator: &targets::Indicator) -> Promise {
    use targets::target_value::Value;
    let target = indicator.target_value.as_ref();
    let mut text = target.map(|target| target.printed.clone()).unwrap_or_default();
    let mut number = |value| fields.optional_decimal("indicators.target_value", value);
    let (target, upper) = match target.and_then(|target| target.value.as_ref()) {
        Some(Value::Number(value)) => (number(Some(value)), None),
        Some(Value::Range(range)) => (number(range.lower.as_ref()), number(range.upper.as_ref())),
        Some(Value::Text(words)) => {
            text.clone_from(words);
            (None, None)
        }
        None => (None, None),
    };
    let weight: Option<Decimal> = fields.optional_decimal("indicators.weight", indicator.weight.as_ref());
    let level2 =
        if indicator.level2_name.is_empty() { &indicator.level2_code } else { &indicator.level2_name };
    Promise {
        id: indicator.indicator_id.clone(),
        level1: level1(indicator.level1()).to_owned(),
        level2: level2.clone(),
        level3: indicator.title.clone(),
        operator: operator_of(indicator.operator()),
        target,
        upper,
        target_text: text,
        unit: indicator.measure_unit.clone(),
        weight,
        goal: indicator.goal_number,
    }
}

fn level1(level: targets::IndicatorLevel1) -> &'static str {
    match level {
        targets::IndicatorLevel1::Unspecified => "",
        targets::IndicatorLevel1::Output => "产出指标",
        targets::IndicatorLevel1::Benefit => "效益指标",
        targets::IndicatorLevel1::Satisfaction => "满意度指标",
        targets::IndicatorLevel1::Cost => "成本指标",
    }
}

#[cfg(test)]
mod tests {
    use wenxiao_contract::google::r#type as google;
    use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
    use wenxiao_contract::wenxiao::targets::v1::{IndicatorLevel1, IndicatorPeriod, target_value::Value};

    use super::*;

    fn decimal(value: &str) -> Option<google::Decimal> {
        Some(google::Decimal { value: value.to_owned() })
    }

    fn indicator(id: &str, goal_number: i32, value: Value) -> targets::Indicator {
        targets::Indicator {
            indicator_id: id.to_owned(),
            level1: IndicatorLevel1::Output.into(),
            level2_name: "数量指标".to_owned(),
            title: "完成数量".to_owned(),
            operator: IndicatorOperator::AtLeast.into(),
            target_value: Some(targets::TargetValue { value: Some(value), printed: String::new() }),
            measure_unit: "个".to_owned(),
            goal_number,
            ..Default::default()
        }
    }

    fn goal(number: i32, weight: &str) -> targets::WeightedGoal {
        targets::WeightedGoal { number, text: format!("目标{number}"), weight: decimal(weight) }
    }

    fn read(content: targets::ObjectiveContent) -> RatifiedVersion {
        let objective = targets::Objective {
            content: Some(content),
            ratified_version: 2,
            ratify_time: Some(prost_types::Timestamp { seconds: 1_548_662_400, nanos: 0 }),
            ..Default::default()
        };
        let mut fields = Fields::default();
        let version = version(&mut fields, &objective, Money::ZERO);
        fields.check().expect("every number is one");
        version
    }

    #[test]
    fn annual_indicators_are_kept_as_they_were_ratified() {
        let number = Value::Number(google::Decimal { value: "95".to_owned() });
        let range = Value::Range(targets::TargetRange { lower: decimal("90"), upper: decimal("95") });
        let weighed = targets::Indicator { weight: decimal("45"), ..indicator("a", 0, number.clone()) };
        let life =
            targets::Indicator { period: IndicatorPeriod::WholeLife.into(), ..indicator("life", 0, number) };
        let words = targets::Indicator {
            operator: IndicatorOperator::Qualitative.into(),
            level1: IndicatorLevel1::Benefit.into(),
            ..indicator("c", 0, Value::Text("有效提升".to_owned()))
        };
        let version = read(targets::ObjectiveContent {
            annual_goal: "完成整治".to_owned(),
            indicators: vec![weighed, life, indicator("b", 0, range), words],
            ..Default::default()
        });
        assert_eq!((version.number, version.goal.as_str()), (2, "完成整治"));
        assert_eq!(version.ratify_time.to_rfc3339(), "2019-01-28T08:00:00+00:00");
        let [a, b, c] = version.indicators.as_slice() else { panic!("three annual indicators") };
        assert_eq!((a.id.as_str(), a.target, a.weight), ("a", Some(95.into()), Some(45.into())));
        assert_eq!((a.operator, a.level1.as_str()), (Some(Operator::AtLeast), "产出指标"));
        assert_eq!((b.target, b.upper, b.weight), (Some(90.into()), Some(95.into()), None));
        assert_eq!((c.target, c.target_text.as_str(), c.level1.as_str()), (None, "有效提升", "效益指标"));
    }

    #[test]
    fn the_weight_of_a_goal_goes_to_its_one_indicator_or_to_itself() {
        let number = || Value::Number(google::Decimal { value: "1".to_owned() });
        let version = read(targets::ObjectiveContent {
            weighted_goals: vec![goal(1, "40"), goal(2, "30"), goal(3, "20")],
            indicators: vec![
                indicator("a", 1, number()),
                indicator("b", 2, number()),
                indicator("c", 2, number()),
            ],
            ..Default::default()
        });
        assert_eq!(version.goal, "1. 目标1\n2. 目标2\n3. 目标3");
        let weights: Vec<_> = version.indicators.iter().map(|one| (one.id.as_str(), one.weight)).collect();
        let expected = [("a", Some(40.into())), ("b", None), ("c", None), ("goal-3", Some(20.into()))];
        assert_eq!(weights, expected);
        assert_eq!(version.indicators[3].operator, Some(Operator::Qualitative));
    }
}
