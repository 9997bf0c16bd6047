//! What the ratified objective asks (批复的绩效目标). Goal, indicators and weights of a self-evaluation are those of the
//! version in force at the end of the evaluated year; what became of them is the unit's to say.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use kernel::{Money, Operator, day_in_china};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;

use super::super::number::sum;
use super::super::scoring::indicator::Method;
use super::super::{Failure, Result};
use super::{Form, Indicator};

/// First level of the indicators that are scored by satisfaction (满意度指标).
const SATISFACTION: &str = "满意度指标";

/// A version of an objective that was ratified (批复版本).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatifiedVersion {
    /// Number, from 1.
    pub number: i32,
    /// When it was ratified.
    pub ratify_time: DateTime<Utc>,
    /// Amount ratified with it.
    pub amount: Money,
    /// 年度总体目标.
    pub goal: String,
    /// Goals that carry weight themselves; empty on most forms.
    pub goals: Vec<WeightedGoal>,
    /// Annual indicators, in the form's order.
    pub indicators: Vec<Promise>,
}

/// A goal that carries weight itself (年度绩效目标1 …).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightedGoal {
    /// Number on the form, from 1.
    pub number: i32,
    /// Weight in points, which those of its indicators add up to.
    pub weight: Decimal,
}

/// An indicator as it was ratified (绩效指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Identifier in the objective.
    pub id: String,
    /// 一级指标.
    pub level1: String,
    /// 二级指标.
    pub level2: String,
    /// 三级指标.
    pub level3: String,
    /// 计算符号; none when the form does not say.
    pub operator: Option<Operator>,
    /// 指标值, the lower bound of a range.
    pub target: Option<Decimal>,
    /// Upper bound of a range.
    pub upper: Option<Decimal>,
    /// Target in words, or the wording of the number.
    pub target_text: String,
    /// 度量单位.
    pub unit: String,
    /// 权重; none where only the goal above it has one.
    pub weight: Option<Decimal>,
    /// Number of the weighted goal; 0 on forms without such goals.
    pub goal: i32,
}

/// The version that a form answers to (依据的目标版本).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Number of the version.
    pub number: i32,
    /// When it was ratified.
    pub ratify_time: DateTime<Utc>,
    /// Whether nothing had been ratified before the evaluated year was over.
    pub late: bool,
}

/// How a form departs from the version that it answers to (与批复目标不一致之处).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Path of the field in the form.
    pub field: String,
    /// Identifier of the indicator; empty for the goal.
    pub indicator: String,
    /// What is wrong.
    pub kind: DepartureKind,
}

/// Kind of departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DepartureKind {
    /// An indicator of the version is not in the form.
    Missing,
    /// The version has no such indicator.
    Unknown,
    /// The indicator is in the form already.
    Repeated,
    /// The form says otherwise than the version.
    Other {
        /// What the version says; empty when it says nothing.
        ratified: String,
    },
    /// The indicator is not scored that way.
    Method,
}

/// The version in force at the end of a year: the last one ratified by then. Where nothing was, the objective was
/// recorded late, and the version ratified last holds.
pub fn in_force(versions: &[RatifiedVersion], year: i32) -> Option<(&RatifiedVersion, InForce)> {
    let in_time = |version: &&RatifiedVersion| day_in_china(version.ratify_time).year() <= year;
    let order = |version: &&RatifiedVersion| (version.ratify_time, version.number);
    let by_then = versions.iter().filter(in_time).max_by_key(order);
    let late = by_then.is_none();
    let version = by_then.or_else(|| versions.iter().max_by_key(order))?;
    Some((version, InForce { number: version.number, ratify_time: version.ratify_time, late }))
}

/// A form with what the version that it answers to says; a form without an objective says all of it itself.
pub fn filled(form: Form, version: Option<&RatifiedVersion>) -> Result<Form> {
    match version {
        Some(version) => version.fill(form),
        None => Ok(form),
    }
}

impl RatifiedVersion {
    /// The form with goal, indicators and weights of this version and what the unit says of them. What the form leaves
    /// out is filled in; whatever it says otherwise is refused, all of it at once.
    pub fn fill(&self, mut form: Form) -> Result<Form> {
        let mut departures = Vec::new();
        if !form.planned_goal.is_empty() && form.planned_goal != self.goal {
            departures.push(Departure {
                field: "planned_goal".to_owned(),
                indicator: String::new(),
                kind: DepartureKind::Other { ratified: self.goal.clone() },
            });
        }
        let sent = self.match_up(&form.indicators, &mut departures);
        if !departures.is_empty() {
            return Err(Failure::ObjectiveDiffers { version: self.number, departures });
        }
        let filled = |promise: &Promise| {
            sent.get(promise.id.as_str()).map_or_else(|| promise.blank(), |item| promise.answered(item))
        };
        let indicators = self.indicators.iter().map(filled).collect();
        form.planned_goal.clone_from(&self.goal);
        form.indicators = indicators;
        Ok(form)
    }

    /// The form of an earlier version brought up to this one: what the unit said of an indicator stays, as far as it can
    /// still be true.
    pub fn renew(&self, mut form: Form) -> Form {
        let indicators = self.indicators.iter().map(|promise| {
            let before = form.indicators.iter().find(|item| item.id == promise.id);
            before.map_or_else(|| promise.blank(), |item| promise.renewed(item))
        });
        form.indicators = indicators.collect();
        form.planned_goal.clone_from(&self.goal);
        form
    }

    /// Refuses indicators that do not add up to the weight of their goal.
    pub fn check_goals(&self, form: &Form) -> Result<()> {
        for goal in &self.goals {
            let below = self.indicators.iter().zip(&form.indicators);
            let below = below.filter(|(promise, _)| promise.goal == goal.number).map(|(_, item)| item.weight);
            let points = sum(below)?;
            if points != goal.weight {
                return Err(Failure::GoalPoints { goal: goal.number, sum: points, required: goal.weight });
            }
        }
        Ok(())
    }

    /// The weight of an indicator, where the version says it.
    pub fn weight_of(&self, indicator: &str) -> Option<Decimal> {
        self.indicators.iter().find(|promise| promise.id == indicator).and_then(|promise| promise.weight)
    }

    /// The indicators that were sent by their identifier, and how they depart from the version. None at all departs in
    /// nothing: the unit has not said anything of any.
    fn match_up<'f>(
        &self,
        sent: &'f [Indicator],
        departures: &mut Vec<Departure>,
    ) -> BTreeMap<&'f str, &'f Indicator> {
        let promises: BTreeMap<&str, &Promise> =
            self.indicators.iter().map(|promise| (promise.id.as_str(), promise)).collect();
        let mut known = BTreeMap::new();
        for (at, item) in sent.iter().enumerate() {
            let mut depart = |name: &str, kind| {
                let (field, indicator) = (format!("indicators[{at}].{name}"), item.id.clone());
                departures.push(Departure { field, indicator, kind });
            };
            let Some(promise) = promises.get(item.id.as_str()) else {
                depart("indicator_id", DepartureKind::Unknown);
                continue;
            };
            if known.insert(item.id.as_str(), item).is_some() {
                depart("indicator_id", DepartureKind::Repeated);
                continue;
            }
            for (name, ratified) in promise.contradicted(item) {
                depart(name, DepartureKind::Other { ratified });
            }
            if !promise.scored_by(item.method) {
                depart("method", DepartureKind::Method);
            }
        }
        let missing = self.indicators.iter().filter(|promise| !known.contains_key(promise.id.as_str()));
        for promise in missing.filter(|_| !sent.is_empty()) {
            departures.push(Departure {
                field: "indicators".to_owned(),
                indicator: promise.id.clone(),
                kind: DepartureKind::Missing,
            });
        }
        known
    }
}

impl Promise {
    /// The indicator in a form, with nothing said of it.
    fn blank(&self) -> Indicator {
        Indicator {
            id: self.id.clone(),
            level1: self.level1.clone(),
            level2: self.level2.clone(),
            level3: self.level3.clone(),
            operator: self.operator,
            target: self.target,
            upper: self.upper,
            target_text: self.target_text.clone(),
            unit: self.unit.clone(),
            method: None,
            weight: self.weight.unwrap_or_default(),
            actual: None,
            actual_text: String::new(),
            unit_score: None,
            deviation_reason: String::new(),
            evidence: Vec::new(),
        }
    }

    /// The indicator with what the unit says of it.
    fn answered(&self, item: &Indicator) -> Indicator {
        Indicator {
            method: item.method,
            weight: self.weight.unwrap_or(item.weight),
            actual: item.actual,
            actual_text: item.actual_text.clone(),
            unit_score: item.unit_score,
            deviation_reason: item.deviation_reason.clone(),
            evidence: item.evidence.clone(),
            ..self.blank()
        }
    }

    /// The same, where the unit said it of an earlier version: a score belongs to its target and weight, a value to its
    /// unit and kind.
    fn renewed(&self, item: &Indicator) -> Indicator {
        let mut renewed = self.answered(item);
        let same_kind = self.is_words() == (item.operator == Some(Operator::Qualitative))
            && self.unit == item.unit
            && self.scored_by(item.method);
        if !same_kind {
            (renewed.actual, renewed.method) = (None, None);
        }
        if !same_kind || !Self::asks_the_same(&renewed, item) {
            renewed.unit_score = None;
        }
        renewed
    }

    /// Whether two states of an indicator are scored alike.
    fn asks_the_same(new: &Indicator, old: &Indicator) -> bool {
        (new.operator, new.target, new.upper, new.weight) == (old.operator, old.target, old.upper, old.weight)
            && new.target_text == old.target_text
    }

    /// Whether its target is words.
    fn is_words(&self) -> bool {
        self.operator == Some(Operator::Qualitative)
    }

    /// Whether it may be scored that way: numbers are compared, words judged. Without an operator nothing is said.
    fn scored_by(&self, method: Option<Method>) -> bool {
        match (method, self.operator) {
            (None, _) | (_, None) => true,
            (Some(Method::Qualitative | Method::YesNo), _) => self.is_words(),
            (Some(Method::Quantitative), _) => !self.is_words(),
            (Some(Method::Satisfaction), _) => !self.is_words() && self.level1 == SATISFACTION,
        }
    }

    /// What an indicator says otherwise: field, and what was ratified. What it leaves out is not said.
    fn contradicted(&self, item: &Indicator) -> Vec<(&'static str, String)> {
        let text = |said: &str, ratified: &str| !said.is_empty() && said != ratified;
        let number = |said: Option<Decimal>, ratified| said.is_some() && said != ratified;
        let shown = |value: Option<Decimal>| value.map(|v| v.normalize().to_string()).unwrap_or_default();
        let weight = self.weight.filter(|weight| *weight != item.weight);
        // The wording of a number says nothing that the number does not.
        let other_words = self.target.is_none() && text(&item.target_text, &self.target_text);
        [
            ("level1", text(&item.level1, &self.level1), self.level1.clone()),
            ("level2", text(&item.level2, &self.level2), self.level2.clone()),
            ("level3", text(&item.level3, &self.level3), self.level3.clone()),
            ("operator", item.operator.is_some() && item.operator != self.operator, operator(self.operator)),
            ("target_value", number(item.target, self.target), shown(self.target)),
            ("target_upper_value", number(item.upper, self.upper), shown(self.upper)),
            ("target_text", other_words, self.target_text.clone()),
            ("measure_unit", text(&item.unit, &self.unit), self.unit.clone()),
            ("weight", weight.is_some(), shown(weight)),
        ]
        .into_iter()
        .filter(|(_, differs, _)| *differs)
        .map(|(field, _, ratified)| (field, ratified))
        .collect()
    }
}

/// An operator as forms print it.
fn operator(operator: Option<Operator>) -> String {
    let sign = match operator {
        Some(Operator::AtLeast) => "≥",
        Some(Operator::MoreThan) => "＞",
        Some(Operator::Equal) => "＝",
        Some(Operator::LessThan) => "＜",
        Some(Operator::AtMost) => "≤",
        Some(Operator::Qualitative) => "定性",
        Some(Operator::Range) => "区间",
        None => "",
    };
    sign.to_owned()
}
