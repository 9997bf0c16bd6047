//! Points of suggestions (指标推荐): none below zero, and some above.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::Checks;
use super::{NOT_BELOW_ZERO, Number, at_least, total};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Recommendation {
    text_match: Option<Number>,
    last_year: Option<Number>,
    similar_projects: Option<Number>,
    same_department: Option<Number>,
    same_category: Option<Number>,
}

pub(super) fn recommendation(rules: &Recommendation, at: &str, checks: &mut Checks) {
    let parts = [
        ("text_match", rules.text_match),
        ("last_year", rules.last_year),
        ("similar_projects", rules.similar_projects),
        ("same_department", rules.same_department),
        ("same_category", rules.same_category),
    ];
    for (name, points) in parts {
        at_least(points, Decimal::ZERO, format!("{at}.{name}"), NOT_BELOW_ZERO, checks);
    }
    checks.rule(
        total(parts.map(|(_, points)| points)) > Decimal::ZERO,
        at,
        "各项推荐分值都为零，不会推荐任何指标",
        "gives no points at all: nothing would ever be suggested",
    );
}
