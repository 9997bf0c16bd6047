//! Grades by score (等级划分): half-open bands, so that every score has exactly one grade.

use kernel::Grade;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::super::{Failure, Result};

vocabulary! {
    /// What a grade is given for (评级用途).
    Purpose {
        /// 单位自评.
        SelfEvaluation = "self_evaluation",
        /// 重点评价.
        KeyEvaluation = "key_evaluation",
        /// Every purpose without a scale of its own.
        Default = "default",
    }
}

/// A grade scale (等级标准).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeScale {
    /// What for.
    pub purpose: Purpose,
    /// Highest score; it belongs to the topmost band.
    pub full_score: Decimal,
    /// From the best to the worst.
    pub bands: Vec<GradeBand>,
}

/// A band of a scale. It ends below the next better one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeBand {
    /// The grade.
    pub grade: Grade,
    /// Word that is printed for it.
    pub label: String,
    /// Lowest score, in the band.
    pub lower_score: Decimal,
}

impl GradeScale {
    /// The band of a score between 0 and the full score; there is exactly one.
    pub fn band(&self, score: Decimal) -> Result<&GradeBand> {
        let outside = || Failure::ScoreOutOfBand {
            indicator: "total".to_owned(),
            lowest: Decimal::ZERO,
            highest: self.full_score,
        };
        if score < Decimal::ZERO || score > self.full_score {
            return Err(outside());
        }
        self.bands.iter().find(|band| band.lower_score <= score).ok_or_else(outside)
    }
}
