//! Sections that speak of the same score (分值合计): what is scored out of 100 is graded out of 100.

use serde::de::DeserializeOwned;

use super::super::Checks;
use super::super::rule_set::Sections;
use super::reviews::{KeyEvaluation, Review};
use super::{GradeScale, Weights, plain, total};

/// Notes where a rule set grades another full score than it scores. A section that another rule set gives is not
/// looked at: it may change together with this one, in a rule set of its own.
pub(super) fn agree(sections: &Sections, checks: &mut Checks) {
    let Some(scales) = read::<Vec<GradeScale>>(sections, "grade_scales") else { return };
    let mut same = |purpose: &str, scored: rust_decimal::Decimal, at: &str| {
        let of = |wanted: &str| scales.iter().find(|scale| scale.purpose == wanted);
        let Some(scale) = of(purpose).or_else(|| of("SCORE_PURPOSE_DEFAULT")) else { return };
        let full = plain(scale.full_score);
        checks.rule(
            scored == full,
            at,
            format!("合计{}分，与等级划分的满分{}分不一致", scored.normalize(), full.normalize()),
            format!(
                "adds up to {} points, and grades are given out of {}",
                scored.normalize(),
                full.normalize()
            ),
        );
    };
    if let Some(rules) = read::<Review>(sections, "review") {
        let points = total(rules.dimensions.iter().map(|dimension| dimension.points));
        same("SCORE_PURPOSE_OBJECTIVE_REVIEW", points, "content.review.dimensions");
    }
    if let Some(rules) = read::<Weights>(sections, "weights") {
        let points = plain(rules.evaluation_total);
        same("SCORE_PURPOSE_SELF_EVALUATION", points, "content.weights.evaluation_total");
    }
    if let Some(rules) = read::<KeyEvaluation>(sections, "key_evaluation") {
        same("SCORE_PURPOSE_KEY_EVALUATION", plain(rules.full_score), "content.key_evaluation.full_score");
    }
}

/// A section that can be read; one that cannot has been noted already.
fn read<T: DeserializeOwned>(sections: &Sections, name: &str) -> Option<T> {
    T::deserialize(sections.get(name)?).ok()
}
