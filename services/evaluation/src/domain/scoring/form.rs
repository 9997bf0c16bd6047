//! Score of a whole form (自评总分): the sum of its rounded parts, and the grade of that sum.

use kernel::rounding::half_up;
use kernel::{Explanation, Grade, Step};
use rust_decimal::Decimal;
use wenxiao_kernel as kernel;

use super::super::Result;
use super::super::number::{mul_div, sum};
use super::super::rules::{GradeScale, Sourced};

/// A part of a form: budget execution or an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Points that can be reached.
    pub points: Decimal,
    /// Whether it counts at all.
    pub applicable: bool,
    /// Score, already rounded; none while there is none.
    pub score: Option<Decimal>,
}

/// Total of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Sum of the scores; none while an applicable part has none.
    pub score: Option<Decimal>,
    /// Grade of the sum.
    pub grade: Option<Grade>,
    /// Points of all applicable parts.
    pub points: Decimal,
    /// How sum and grade came about.
    pub explanation: Explanation,
}

/// Adds a form up. Parts that do not apply neither score nor count; the grade is then taken from the sum brought up to
/// the full score in proportion.
pub fn total(scale: Sourced<'_, &GradeScale>, parts: &[Part], places: u32) -> Result<Total> {
    let applicable = || parts.iter().filter(|part| part.applicable);
    let points = sum(applicable().map(|part| part.points))?;
    let mut explanation = Explanation::by(scale.rule_set, "evaluation.total");
    let scores: Option<Vec<Decimal>> = applicable().map(|part| part.score).collect();
    let Some(scores) = scores.filter(|scores| !scores.is_empty()) else {
        return Ok(Total { score: None, grade: None, points, explanation });
    };
    let list = scores.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
    let score = sum(scores)?;
    explanation = explanation.step(Step::new("总分", list, score).input("可得分值", points));
    let full = scale.rule.full_score;
    let graded = if points == full || points.is_zero() {
        score
    } else {
        let scaled = half_up(mul_div(score, full, points)?, places);
        explanation = explanation.step(
            Step::new("折算得分", format!("总分 ÷ 可得分值 × {full}"), scaled)
                .input("总分", score)
                .input("可得分值", points),
        );
        scaled
    };
    let band = scale.rule.band(graded)?;
    let explanation = explanation
        .step(
            Step::new("等级", format!("不低于{}分为{}", band.lower_score, band.label), &band.label)
                .input("得分", graded),
        )
        .concluding(
            format!("总分{score}分，等级为{}", band.label),
            format!("Total {score}, grade {}", band.grade),
        );
    Ok(Total { score: Some(score), grade: Some(band.grade), points, explanation })
}
