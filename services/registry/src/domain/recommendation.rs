//! Which indicators of the library fit a project (指标推荐): named parts that add up, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;
use wenxiao_kernel::{rounding, vocabulary};

use super::indicator::Indicator;
use super::project::ProjectCategory;
use super::rule_words::number;
use super::unit::AgencyCode;

vocabulary! {
    /// A part of the points (依据). The order is that of equal parts.
    Part {
        /// 文字相符.
        TextMatch = "text_match",
        /// 上年已用.
        LastYear = "last_year",
        /// 同类项目使用.
        SimilarProjects = "similar_projects",
        /// 本部门指标.
        SameDepartment = "same_department",
        /// 项目类别相符.
        SameCategory = "same_category",
    }
}

/// Most points of each part (推荐分值), from the rule set of the budget year. They order suggestions and bind nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// As many words of the project stand in the indicator as the project's name has.
    pub text_match: Decimal,
    /// Last year's form of the project has it.
    pub last_year: Decimal,
    /// As many similar projects as `similar_projects_full` have it, or more.
    pub similar_projects: Decimal,
    /// From how many similar projects on the part is full.
    pub similar_projects_full: u32,
    /// It belongs to the project's department.
    pub same_department: Decimal,
    /// It is meant for the project's category.
    pub same_category: Decimal,
}

impl Weights {
    /// The points that the section of a rule set gives; `None` when it cannot be read.
    pub fn of(section: &Value) -> Option<Self> {
        let points = |name: &str| section.get(name).and_then(number);
        let full = section.get("similar_projects_full")?.as_u64()?;
        Some(Self {
            text_match: points("text_match")?,
            last_year: points("last_year")?,
            similar_projects: points("similar_projects")?,
            similar_projects_full: u32::try_from(full).ok().filter(|full| *full > 0)?,
            same_department: points("same_department")?,
            same_category: points("same_category")?,
        })
    }
}

/// What indicators are sought for (检索条件).
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Words of the project's name and description.
    pub words: Vec<String>,
    /// How many of them an indicator must have for full points: as many as the name has. A description gives more ways
    /// to match and asks for no more.
    pub full_words: usize,
    /// 主管部门.
    pub department: Option<AgencyCode>,
    /// 项目类别.
    pub category: Option<ProjectCategory>,
    /// What last year's form of the project had.
    pub last_year: Used,
    /// How many other projects of the department and category had it last year.
    pub similar: BTreeMap<Use, u32>,
}

/// An indicator as a form named it: one picked from the library by its identifier, any by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Identifier in the library.
    Picked(String),
    /// Name on the form.
    Titled(String),
}

/// Indicators that a form had.
pub type Used = BTreeSet<Use>;

/// A suggested indicator (推荐指标).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The indicator.
    pub indicator: Indicator,
    /// The sum of the reasons' points.
    pub points: Decimal,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// A part that an indicator has points for (推荐理由).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which part.
    pub part: Part,
    /// Points, two decimals.
    pub points: Decimal,
    /// Most points of the part.
    pub full: Decimal,
    /// The reason with its numbers.
    pub sentence: String,
}

/// The best `limit` of the candidates, the best first. What has no point at all, or is meant for other categories of
/// projects only, is not suggested.
pub fn recommend(
    sought: &Sought,
    candidates: Vec<Indicator>,
    weights: &Weights,
    limit: usize,
) -> Vec<Suggestion> {
    let mut suggestions: Vec<Suggestion> = candidates
        .into_iter()
        .filter(|one| one.project_categories.is_empty() || meant_for(one, sought.category))
        .map(|one| suggestion(sought, one, weights))
        .filter(|one| one.points > Decimal::ZERO)
        .collect();
    suggestions.sort_by(|one, other| {
        other.points.cmp(&one.points).then_with(|| one.indicator.code.cmp(&other.indicator.code))
    });
    suggestions.truncate(limit);
    suggestions
}

fn suggestion(sought: &Sought, indicator: Indicator, weights: &Weights) -> Suggestion {
    let parts = [
        text_match(sought, &indicator, weights),
        last_year(sought, &indicator, weights),
        similar_projects(sought, &indicator, weights),
        same_department(sought, &indicator, weights),
        same_category(sought, &indicator, weights),
    ];
    let mut reasons: Vec<Reason> =
        parts.into_iter().flatten().filter(|one| one.points > Decimal::ZERO).collect();
    reasons.sort_by(|one, other| other.points.cmp(&one.points).then(one.part.cmp(&other.part)));
    let points = reasons.iter().fold(Decimal::ZERO, |sum, reason| sum.saturating_add(reason.points));
    Suggestion { indicator, points, reasons }
}

/// How many of the project's words stand in the indicator's name and keywords.
fn text_match(sought: &Sought, indicator: &Indicator, weights: &Weights) -> Option<Reason> {
    let own: BTreeSet<&str> = indicator.words.split(' ').collect();
    let matched: Vec<&str> =
        sought.words.iter().map(String::as_str).filter(|word| own.contains(word)).collect();
    let full = sought.full_words;
    let share = rounding::ratio(Decimal::from(matched.len().min(full)), Decimal::from(full))?;
    let sentence =
        format!("项目的{}个词与指标相符（{}），满{full}个得满分", matched.len(), matched.join("、"));
    Some(reason(Part::TextMatch, weights.text_match, share, sentence))
}

fn last_year(sought: &Sought, indicator: &Indicator, weights: &Weights) -> Option<Reason> {
    let used = uses(indicator).iter().any(|one| sought.last_year.contains(one));
    let sentence = "本项目上年已使用该指标".to_owned();
    used.then(|| reason(Part::LastYear, weights.last_year, Decimal::ONE, sentence))
}

fn similar_projects(sought: &Sought, indicator: &Indicator, weights: &Weights) -> Option<Reason> {
    let count = uses(indicator).iter().filter_map(|one| sought.similar.get(one)).max().copied()?;
    let full = weights.similar_projects_full;
    let share = rounding::ratio(Decimal::from(count.min(full)), Decimal::from(full))?;
    let sentence = format!("上年同部门同类别的{count}个项目使用该指标，满{full}个得满分");
    Some(reason(Part::SimilarProjects, weights.similar_projects, share, sentence))
}

fn same_department(sought: &Sought, indicator: &Indicator, weights: &Weights) -> Option<Reason> {
    let same = indicator.unit.is_some() && indicator.unit == sought.department;
    let sentence = "属于本部门的个性指标".to_owned();
    same.then(|| reason(Part::SameDepartment, weights.same_department, Decimal::ONE, sentence))
}

fn same_category(sought: &Sought, indicator: &Indicator, weights: &Weights) -> Option<Reason> {
    let sentence = "适用于本项目的类别".to_owned();
    meant_for(indicator, sought.category)
        .then(|| reason(Part::SameCategory, weights.same_category, Decimal::ONE, sentence))
}

fn reason(part: Part, full: Decimal, share: Decimal, sentence: String) -> Reason {
    let points = rounding::half_up(full.saturating_mul(share), 2).normalize();
    Reason { part, points, full, sentence }
}

/// How a form may have named the indicator.
fn uses(indicator: &Indicator) -> [Use; 2] {
    [Use::Picked(indicator.id.clone()), Use::Titled(indicator.title.clone())]
}

/// Whether the indicator names the category, or the one that it is a part of (公用经费 is 运转类).
fn meant_for(indicator: &Indicator, category: Option<ProjectCategory>) -> bool {
    let wider = category.map(|category| match category {
        ProjectCategory::OfficeOperating | ProjectCategory::OtherOperating => ProjectCategory::Operating,
        category => category,
    });
    indicator.project_categories.iter().any(|one| Some(*one) == category || Some(*one) == wider)
}

#[cfg(test)]
mod tests;
