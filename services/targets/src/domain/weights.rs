//! Weights (权重): exact in decimal arithmetic against the total that the form must have.

use std::collections::BTreeMap;

use wenxiao_kernel::Decimal;

use super::form::{Form, Indicator};
use super::rules::FormRules;

/// What is wrong with the weights of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeightFault {
    /// The form claims a total that the rules do not have.
    TotalNotAllowed {
        /// What the form claims.
        declared: Decimal,
    },
    /// An annual indicator has no weight.
    Missing {
        /// The indicator.
        indicator: String,
    },
    /// A weight that must be above zero is not, or is above the total.
    OutOfBounds {
        /// The indicator.
        indicator: String,
        /// Its weight.
        weight: Decimal,
    },
    /// The weights do not add up.
    Sum {
        /// Number of the weighted goal that they belong to; 0 for the form.
        goal: i32,
        /// What they must add up to.
        expected: Decimal,
        /// What they add up to.
        actual: Decimal,
    },
    /// An indicator names a goal that the form does not have, or none where every one must.
    UnknownGoal {
        /// The indicator.
        indicator: String,
    },
}

/// The total that a form's weights must add up to: what it declares, else what is usual by the rules.
pub fn expected_total(form: &Form, rules: &FormRules) -> Result<Decimal, WeightFault> {
    let usual = rules.weight_totals.first().copied().unwrap_or(Decimal::ONE_HUNDRED);
    match form.declared_weight_total {
        Some(declared) if rules.weight_totals.contains(&declared) => Ok(declared),
        Some(declared) => Err(WeightFault::TotalNotAllowed { declared }),
        None => Ok(usual),
    }
}

/// Every fault of a form's weights; none when they are exact.
pub fn check(form: &Form, rules: &FormRules) -> Vec<WeightFault> {
    let expected = match expected_total(form, rules) {
        Ok(expected) => expected,
        Err(fault) => return vec![fault],
    };
    let mut faults: Vec<_> = form
        .annual_indicators()
        .filter_map(|indicator| check_one(indicator, expected, form, rules))
        .collect();
    if form.weighted_goals.is_empty() {
        let actual = sum(form.annual_indicators().filter_map(|indicator| indicator.weight));
        faults.extend(sum_fault(0, expected, actual));
    } else {
        faults.extend(check_goals(form, expected));
    }
    faults
}

fn check_one(indicator: &Indicator, total: Decimal, form: &Form, rules: &FormRules) -> Option<WeightFault> {
    let id = || indicator.id.clone();
    let goals = &form.weighted_goals;
    if !goals.is_empty() && !goals.iter().any(|goal| goal.number == indicator.goal_number) {
        return Some(WeightFault::UnknownGoal { indicator: id() });
    }
    match indicator.weight {
        // Where goals carry the weight, indicators below them may leave theirs out.
        None if goals.is_empty() => Some(WeightFault::Missing { indicator: id() }),
        None => None,
        Some(weight) => {
            let low = if rules.weights_above_zero { weight <= Decimal::ZERO } else { weight < Decimal::ZERO };
            (low || weight > total).then(|| WeightFault::OutOfBounds { indicator: id(), weight })
        }
    }
}

/// Goals add up to the total, and the weights below a goal to the goal's, where there are any.
fn check_goals(form: &Form, expected: Decimal) -> Vec<WeightFault> {
    let mut below: BTreeMap<i32, Decimal> = BTreeMap::new();
    for indicator in form.annual_indicators() {
        if let Some(weight) = indicator.weight {
            let so_far = below.entry(indicator.goal_number).or_default();
            *so_far = so_far.saturating_add(weight);
        }
    }
    let actual = sum(form.weighted_goals.iter().map(|goal| goal.weight));
    let mut faults: Vec<_> = sum_fault(0, expected, actual).into_iter().collect();
    for goal in &form.weighted_goals {
        if let Some(actual) = below.get(&goal.number) {
            faults.extend(sum_fault(goal.number, goal.weight, *actual));
        }
    }
    faults
}

fn sum(weights: impl Iterator<Item = Decimal>) -> Decimal {
    weights.fold(Decimal::ZERO, Decimal::saturating_add)
}

fn sum_fault(goal: i32, expected: Decimal, actual: Decimal) -> Option<WeightFault> {
    (expected != actual).then_some(WeightFault::Sum { goal, expected, actual })
}
