//! Lists to choose from on a form.

use wenxiao_kernel::AmountUnit;

use super::values::{self, OPERATORS};
use crate::domain::form::{Level1, Nature};
use crate::domain::rules::FrameNode;

/// A list to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// 项目性质.
    Nature,
    /// 金额单位.
    AmountUnit,
    /// 一级指标.
    Level1,
    /// 二级指标.
    Level2,
    /// 计算符号.
    Operator,
    /// 指标期限.
    Period,
}

impl Choice {
    /// Every list, in the order in which the form keeps them.
    pub const ALL: [Self; 6] =
        [Self::Nature, Self::AmountUnit, Self::Level1, Self::Level2, Self::Operator, Self::Period];

    /// What the list holds, by the frame of the year.
    pub fn options(self, frame: &[FrameNode]) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        match self {
            Self::Nature => {
                words(&[Nature::Recurrent, Nature::OneOff, Nature::Phased].map(values::nature_word))
            }
            Self::AmountUnit => {
                words(&[AmountUnit::Yuan, AmountUnit::TenThousandYuan].map(AmountUnit::chinese))
            }
            Self::Level1 => {
                let levels = [Level1::Cost, Level1::Output, Level1::Benefit, Level1::Satisfaction];
                let known = |level1: &Level1| {
                    frame.is_empty() || frame.iter().any(|node| node.top && node.level1 == *level1)
                };
                levels.into_iter().filter(known).map(|level1| values::level1_word(level1, frame)).collect()
            }
            Self::Level2 => {
                let mut titles: Vec<String> = Vec::new();
                for node in frame.iter().filter(|node| !node.top) {
                    if !titles.contains(&node.title) {
                        titles.push(node.title.clone());
                    }
                }
                titles
            }
            Self::Operator => words(&OPERATORS.map(|(_, sign)| sign)),
            Self::Period => words(&["年度", "中长期"]),
        }
    }
}
