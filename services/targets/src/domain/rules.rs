//! What differs by year, district and kind (规则数据): arguments of the rules, never constants in them. They come from
//! the registry's rule sets; an old object is judged by the rules that it was judged by.

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Decimal, Grade, vocabulary};

use super::form::Level1;
use super::precheck::rule::PrecheckRules;

vocabulary! {
    /// One of the four properties (四性).
    Property {
        /// 完整性.
        Completeness = "completeness",
        /// 相关性.
        Relevance = "relevance",
        /// 适当性.
        Appropriateness = "appropriateness",
        /// 可行性.
        Feasibility = "feasibility",
    }
}

impl Property {
    /// The Chinese word.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Completeness => "完整性",
            Self::Relevance => "相关性",
            Self::Appropriateness => "适当性",
            Self::Feasibility => "可行性",
        }
    }
}

vocabulary! {
    /// What a grade leads to (审核结果运用).
    Consequence {
        /// 直接进入下一步.
        Proceed = "proceed",
        /// 协商完善后进入下一步.
        Consult = "consult",
        /// 退回修改, 重新报送.
        Resubmit = "resubmit",
        /// 不得进入下一步.
        Bar = "bar",
    }
}

/// How a form is judged when it is submitted (申报规则).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRules {
    /// Rule set that the weights come from, by resource name.
    pub rule_set: String,
    /// Budget year that they are for.
    pub fiscal_year: i32,
    /// Totals that weights may add up to, the usual one first: 90 where 10 points are kept for execution, 100.
    pub weight_totals: Vec<Decimal>,
    /// Whether every annual indicator's weight must be above zero.
    pub weights_above_zero: bool,
    /// The indicator frame of the budget year; empty where none is known, and then not checked.
    pub frame: Vec<FrameNode>,
    /// What a form is prechecked for.
    pub precheck: PrecheckRules,
}

/// A node of the indicator frame (指标框架): level one, or level two below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameNode {
    /// Code within the frame.
    pub code: String,
    /// Words that forms print.
    pub title: String,
    /// Level one that it is or lies below.
    pub level1: Level1,
    /// Whether it is a node of level one.
    pub top: bool,
    /// Whether what lies below it are costs: the older tree has them below output.
    pub cost: bool,
    /// Whether a form should have an indicator below it.
    pub required: bool,
}

/// How objectives are reviewed (四性审核规则).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRules {
    /// Rule set with the template, by resource name.
    pub rule_set: String,
    /// Rule set with the grade bands, by resource name.
    pub grade_rule_set: String,
    /// Items of the template in its order.
    pub items: Vec<ReviewItem>,
    /// Score that all items together have.
    pub full_score: Decimal,
    /// Grade bands of the total, best first, by score.
    pub bands: Vec<Band>,
    /// Grade bands of an item, best first, by share of its points from 0 to 1.
    pub item_bands: Vec<Band>,
    /// What each grade leads to.
    pub consequences: Vec<(Grade, Consequence)>,
    /// Whether the head of a unit signs what a filer submits.
    #[serde(default)]
    pub head_signature: bool,
    /// How many reviewers give an opinion on each form.
    #[serde(default = "one")]
    pub reviewers: i32,
}

fn one() -> i32 {
    1
}

/// One item of the review template (审核内容).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewItem {
    /// Code.
    pub code: String,
    /// Property that it belongs to.
    pub property: Property,
    /// Title in Chinese.
    pub title: String,
    /// Most points.
    pub points: Decimal,
    /// What to look at.
    pub standard: String,
}

/// A grade and the lowest value for which it is given (等级分数线, 含).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// Grade.
    pub grade: Grade,
    /// Lower bound, included.
    pub from: Decimal,
}

/// Why review rules cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Bands must fall strictly and end at 0: otherwise some score has no grade.
    #[error("the grade bands leave a gap or overlap")]
    Bands,
    /// Items need codes of their own and points above zero.
    #[error("item {0:?} is there twice or has no points")]
    Item(String),
    /// The items' points must add up to the score that the bands are made for.
    #[error("the items have {items} points, the grade bands are made for {full_score}")]
    Points {
        /// Sum of the items.
        items: Decimal,
        /// Score of the bands.
        full_score: Decimal,
    },
    /// A grade without a consequence leaves a form nowhere to go.
    #[error("nothing follows from the grade {0}")]
    Consequence(Grade),
}

impl ReviewRules {
    /// Whether every score has exactly one grade, every item can be scored, and every grade leads somewhere.
    pub fn check(&self) -> Result<(), RuleFault> {
        if !gapless(&self.bands) || !gapless(&self.item_bands) {
            return Err(RuleFault::Bands);
        }
        for (place, item) in self.items.iter().enumerate() {
            let twice = self.items.iter().take(place).any(|other| other.code == item.code);
            if twice || item.points <= Decimal::ZERO {
                return Err(RuleFault::Item(item.code.clone()));
            }
        }
        let items = self.items.iter().fold(Decimal::ZERO, |sum, item| sum.saturating_add(item.points));
        if items != self.full_score || items.is_zero() {
            return Err(RuleFault::Points { items, full_score: self.full_score });
        }
        let nowhere = self.bands.iter().find(|band| self.consequence(band.grade).is_none());
        nowhere.map_or(Ok(()), |band| Err(RuleFault::Consequence(band.grade)))
    }

    /// The grade of a total.
    pub fn grade(&self, total: Decimal) -> Grade {
        band(&self.bands, total)
    }

    /// The grade of an item by its share of points.
    pub fn item_grade(&self, share: Decimal) -> Grade {
        band(&self.item_bands, share)
    }

    /// What a grade leads to; `None` when the rules do not say.
    pub fn consequence(&self, grade: Grade) -> Option<Consequence> {
        self.consequences.iter().find(|(of, _)| *of == grade).map(|(_, consequence)| *consequence)
    }
}

fn gapless(bands: &[Band]) -> bool {
    let mut pairs = bands.iter().zip(bands.iter().skip(1));
    let falling = pairs.all(|(above, below)| above.from > below.from && above.grade < below.grade);
    falling && bands.last().is_some_and(|last| last.from.is_zero())
}

fn band(bands: &[Band], value: Decimal) -> Grade {
    let found = bands.iter().find(|band| value >= band.from);
    found.or(bands.last()).map_or(Grade::Poor, |band| band.grade)
}

/// When institutions are kept apart from those they helped (利益冲突回避规则).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictRules {
    /// Whether conflicts forbid anything in the year of work.
    pub enforced: bool,
    /// How many years back helping still makes a conflict; 0 for the same year only.
    pub cooling_years: i32,
}
