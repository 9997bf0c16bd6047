//! Indicator frames (指标框架): the fixed levels one and two, valid for a span of budget years.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{FiscalYear, vocabulary};

use super::{Checks, Refusal};

vocabulary! {
    /// What the indicators below a node measure, whatever its words (指标性质).
    NodeKind {
        /// 产出.
        Output = "output",
        /// 数量.
        OutputQuantity = "output_quantity",
        /// 质量.
        OutputQuality = "output_quality",
        /// 时效.
        OutputTimeliness = "output_timeliness",
        /// 成本.
        Cost = "cost",
        /// 经济成本.
        EconomicCost = "economic_cost",
        /// 社会成本.
        SocialCost = "social_cost",
        /// 生态环境成本.
        EcologicalCost = "ecological_cost",
        /// 效益.
        Outcome = "outcome",
        /// 经济效益.
        EconomicBenefit = "economic_benefit",
        /// 社会效益.
        SocialBenefit = "social_benefit",
        /// 生态效益.
        EcologicalBenefit = "ecological_benefit",
        /// 可持续影响.
        SustainableImpact = "sustainable_impact",
        /// 满意度.
        Satisfaction = "satisfaction",
        /// 服务对象满意度.
        RecipientSatisfaction = "recipient_satisfaction",
    }
}

/// A node of a frame (指标层级).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameNode {
    /// Code within the frame.
    pub code: String,
    /// Words that forms print.
    pub title: String,
    /// The same in English.
    #[serde(default)]
    pub title_en: String,
    /// Code of the node above; empty at level one.
    #[serde(default)]
    pub parent_code: String,
    /// What it measures.
    pub kind: NodeKind,
    /// Whether every project needs an indicator below it.
    #[serde(default)]
    pub required: bool,
}

/// A tree of indicator levels one and two (指标框架).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Identifier.
    pub id: String,
    /// 框架名称.
    pub title: String,
    /// 依据.
    pub source: String,
    /// Whether it was checked against the official text.
    pub verified: bool,
    /// Whether it was loaded with the district.
    #[serde(default)]
    pub national_default: bool,
    /// First budget year; none for no bound.
    #[serde(default)]
    pub first_fiscal_year: Option<FiscalYear>,
    /// Last budget year; none for no bound.
    #[serde(default)]
    pub last_fiscal_year: Option<FiscalYear>,
    /// The tree, every node after its parent.
    pub nodes: Vec<FrameNode>,
}

impl Frame {
    /// What a frame must be: two levels, codes used once, parents before children.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        let years = self.first_fiscal_year.zip(self.last_fiscal_year);
        checks.rule(
            years.is_none_or(|(first, last)| first <= last),
            "last_fiscal_year",
            "截止年度早于起始年度",
            "lies before the first year",
        );
        checks.rule(!self.nodes.is_empty(), "nodes", "指标框架为空", "is empty");
        let mut levels: BTreeMap<&str, u8> = BTreeMap::new();
        for (place, node) in self.nodes.iter().enumerate() {
            let level = match node.parent_code.as_str() {
                "" => Some(1),
                parent => levels.get(parent).map(|level| level.saturating_add(1)),
            };
            checks.rule(
                matches!(level, Some(1 | 2)),
                format!("nodes[{place}].parent_code"),
                "上级指标须在其之前出现，且框架只有两级",
                "must stand before it, and a frame has two levels",
            );
            let fresh = levels.insert(&node.code, level.unwrap_or(1)).is_none();
            checks.rule(fresh, format!("nodes[{place}].code"), "指标代码重复", "is used twice");
        }
        checks.done()
    }

    /// Whether it is valid for a budget year.
    pub fn admits(&self, year: FiscalYear) -> bool {
        self.first_fiscal_year.is_none_or(|first| first <= year)
            && self.last_fiscal_year.is_none_or(|last| year <= last)
    }

    /// Two frames of the district, or two national ones, cannot be valid for the same year.
    pub fn check_beside<'f>(&self, others: impl IntoIterator<Item = &'f Self>) -> Result<(), Refusal> {
        let apart = |other: &Self| {
            let before = |one: &Self, two: &Self| {
                one.last_fiscal_year.zip(two.first_fiscal_year).is_some_and(|(last, first)| last < first)
            };
            before(self, other) || before(other, self)
        };
        let rival = others.into_iter().find(|other| {
            other.national_default == self.national_default && other.id != self.id && !apart(other)
        });
        rival.map_or(Ok(()), |rival| Err(Refusal::RulesOverlap(rival.id.clone())))
    }

    /// The level-two node with a code.
    pub fn level_two(&self, code: &str) -> Option<&FrameNode> {
        self.nodes.iter().find(|node| node.code == code && !node.parent_code.is_empty())
    }
}

/// The frame for a budget year: the district's own, else the national one.
pub fn effective(frames: &[Frame], year: FiscalYear) -> Result<&Frame, Refusal> {
    let valid = frames.iter().filter(|frame| frame.admits(year));
    let chosen =
        valid.min_by_key(|frame| (frame.national_default, std::cmp::Reverse(frame.first_fiscal_year)));
    chosen.ok_or_else(|| Refusal::NoRulesInForce(format!("FY{}", year.as_i32())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(number: i32) -> FiscalYear {
        FiscalYear::try_from(number).unwrap_or_else(|_| unreachable!())
    }

    fn node(code: &str, parent: &str, kind: NodeKind) -> FrameNode {
        FrameNode {
            code: code.to_owned(),
            title: code.to_owned(),
            title_en: String::new(),
            parent_code: parent.to_owned(),
            kind,
            required: false,
        }
    }

    fn frame(id: &str, first: Option<i32>, last: Option<i32>) -> Frame {
        Frame {
            id: id.to_owned(),
            title: id.to_owned(),
            source: String::new(),
            verified: false,
            national_default: true,
            first_fiscal_year: first.map(year),
            last_fiscal_year: last.map(year),
            nodes: vec![node("1", "", NodeKind::Output), node("11", "1", NodeKind::OutputQuantity)],
        }
    }

    #[test]
    fn two_trees_stand_side_by_side_by_year() {
        let frames = [frame("classic", None, Some(2020)), frame("cost-first", Some(2021), None)];
        assert_eq!(effective(&frames, year(2020)).map(|f| f.id.as_str()), Ok("classic"));
        assert_eq!(effective(&frames, year(2021)).map(|f| f.id.as_str()), Ok("cost-first"));
        assert!(frames.iter().all(|one| one.check_beside(&frames).is_ok()));
        assert!(frame("third", Some(2020), None).check_beside(&frames).is_err());
        let own = Frame { national_default: false, ..frame("own", Some(2020), Some(2020)) };
        assert!(own.check_beside(&frames).is_ok());
        let all = [frames.to_vec(), vec![own]].concat();
        assert_eq!(effective(&all, year(2020)).map(|f| f.id.as_str()), Ok("own"));
    }

    #[test]
    fn a_frame_is_a_tree_of_two_levels() {
        assert_eq!(frame("classic", None, None).check(), Ok(()));
        let mut deep = frame("deep", None, None);
        deep.nodes.push(node("111", "11", NodeKind::OutputQuantity));
        assert!(deep.check().is_err());
        let mut twice = frame("twice", None, None);
        twice.nodes.push(node("11", "1", NodeKind::OutputQuantity));
        assert!(twice.check().is_err());
    }
}
