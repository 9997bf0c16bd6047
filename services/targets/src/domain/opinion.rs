//! The four-property review (四性审核): points of the items, their sum, its grade, and what several opinions recommend.

use serde::{Deserialize, Serialize};
use wenxiao_kernel::rounding::{half_up, ratio};
use wenxiao_kernel::{Decimal, Explanation, Grade, vocabulary};

use super::form::Remark;
use super::rules::{Property, ReviewItem, ReviewRules};

/// Decimals of every score.
const PLACES: u32 = 2;

vocabulary! {
    /// Which of the two opinions it is (意见类型).
    OpinionKind {
        /// 个人意见.
        Individual = "individual",
        /// 合议意见.
        Reconciled = "reconciled",
    }
}

/// What a reviewer says about one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOpinion {
    /// Code of the item.
    pub item_code: String,
    /// Points given.
    pub score: Decimal,
    /// Grade of the item; `None` until it is scored.
    pub grade: Option<Grade>,
    /// 审核意见.
    pub answer: String,
}

/// Points of one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyScore {
    /// The property.
    pub property: Property,
    /// Points given.
    pub score: Decimal,
    /// Most points.
    pub points: Decimal,
}

/// A scored opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The items in the template's order, with their grades.
    pub items: Vec<ItemOpinion>,
    /// Points per property, in the order of the properties.
    pub properties: Vec<PropertyScore>,
    /// Sum of the items.
    pub total: Decimal,
    /// Grade of the total.
    pub grade: Grade,
    /// How it came about.
    pub explanation: Explanation,
}

/// How an opinion does not fit the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateFault {
    /// An item of the template has no points.
    Missing(String),
    /// An item that the template does not have.
    Unknown(String),
    /// An item with points twice.
    Twice(String),
    /// Points below zero or above the item's.
    OutOfBounds {
        /// The item.
        item: String,
        /// Its points.
        points: Decimal,
    },
    /// A problem names an item that the template does not have.
    UnknownProblemItem(String),
}

/// Adds and grades an opinion, or says how it does not fit, all of it.
pub fn score(
    rules: &ReviewRules,
    given: &[ItemOpinion],
    problems: &[Remark],
) -> Result<Scored, Vec<TemplateFault>> {
    let faults = faults(rules, given, problems);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut explanation = Explanation::by(&rules.rule_set, "review.four_properties");
    let (mut items, mut total) = (Vec::new(), Decimal::ZERO);
    for item in &rules.items {
        let Some(opinion) = given.iter().find(|opinion| opinion.item_code == item.code) else { continue };
        let score = half_up(opinion.score, PLACES);
        let grade = ratio(score, item.points).map(|share| rules.item_grade(share));
        items.push(ItemOpinion { score, grade, ..opinion.clone() });
        total = total.saturating_add(score);
    }
    let properties = properties(&rules.items, &items);
    for property in &properties {
        explanation = explanation.step(property_step(*property, &rules.items, &items));
    }
    let grade = rules.grade(total);
    explanation = explanation.step(total_step(&properties, total)).step(grade_step(rules, total, grade));
    let chinese = format!("四性审核总分{total}分，等级为{}", grade.chinese());
    let english = format!("four-property score {total}, grade {}", grade.as_str());
    Ok(Scored { items, properties, total, grade, explanation: explanation.concluding(chinese, english) })
}

fn faults(rules: &ReviewRules, given: &[ItemOpinion], problems: &[Remark]) -> Vec<TemplateFault> {
    let known = |code: &str| rules.items.iter().find(|item| item.code == code);
    let mut faults = Vec::new();
    for (place, opinion) in given.iter().enumerate() {
        let code = opinion.item_code.clone();
        match known(&code) {
            None => faults.push(TemplateFault::Unknown(code)),
            Some(_) if given.iter().take(place).any(|other| other.item_code == code) => {
                faults.push(TemplateFault::Twice(code));
            }
            Some(item) if opinion.score < Decimal::ZERO || opinion.score > item.points => {
                faults.push(TemplateFault::OutOfBounds { item: code, points: item.points });
            }
            Some(_) => {}
        }
    }
    let missing =
        rules.items.iter().filter(|item| !given.iter().any(|opinion| opinion.item_code == item.code));
    faults.extend(missing.map(|item| TemplateFault::Missing(item.code.clone())));
    let strange = problems.iter().map(|problem| &problem.item_code);
    let strange = strange.filter(|code| !code.is_empty() && known(code).is_none());
    faults.extend(strange.map(|code| TemplateFault::UnknownProblemItem(code.clone())));
    faults
}

fn properties(template: &[ReviewItem], items: &[ItemOpinion]) -> Vec<PropertyScore> {
    let of = |property: Property| {
        let own = template.iter().filter(move |item| item.property == property);
        own.fold(None, |so_far: Option<PropertyScore>, item| {
            let given = items.iter().find(|opinion| opinion.item_code == item.code);
            let score = given.map(|opinion| opinion.score).unwrap_or_default();
            let so_far =
                so_far.unwrap_or(PropertyScore { property, score: Decimal::ZERO, points: Decimal::ZERO });
            Some(PropertyScore {
                score: so_far.score.saturating_add(score),
                points: so_far.points.saturating_add(item.points),
                ..so_far
            })
        })
    };
    Property::ALL.iter().filter_map(|property| of(*property)).collect()
}

fn property_step(
    property: PropertyScore,
    template: &[ReviewItem],
    items: &[ItemOpinion],
) -> wenxiao_kernel::Step {
    let own: Vec<_> = template.iter().filter(|item| item.property == property.property).collect();
    let formula = own.iter().map(|item| item.title.as_str()).collect::<Vec<_>>().join(" + ");
    let mut step = wenxiao_kernel::Step::new(property.property.chinese(), formula, property.score);
    for item in own {
        let given = items.iter().find(|opinion| opinion.item_code == item.code);
        let score = given.map(|opinion| opinion.score).unwrap_or_default();
        step = step.input(&item.title, format!("{score}（满分{}）", item.points));
    }
    step
}

fn total_step(properties: &[PropertyScore], total: Decimal) -> wenxiao_kernel::Step {
    let formula = properties.iter().map(|score| score.property.chinese()).collect::<Vec<_>>().join(" + ");
    let step = wenxiao_kernel::Step::new("总分", formula, total);
    properties.iter().fold(step, |step, score| step.input(score.property.chinese(), score.score))
}

fn grade_step(rules: &ReviewRules, total: Decimal, grade: Grade) -> wenxiao_kernel::Step {
    let bands = rules.bands.iter().map(|band| format!("{}≥{}", band.grade.chinese(), band.from));
    let formula = bands.collect::<Vec<_>>().join("，");
    wenxiao_kernel::Step::new("等级", formula, grade.chinese()).input_of("总分", total, &rules.grade_rule_set)
}

/// What is still missing before the opinions on one version speak for its reviewers (会审完成情况).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing.
    Complete,
    /// So many reviewers have not given theirs.
    Missing(i32),
    /// The grades differ, and nobody has reconciled them (待合议).
    Unreconciled,
}

/// How complete the standing opinions on one version are when so many reviewers must give one. `opinions` are oldest
/// first, none superseded, one of each reviewer and kind.
pub fn completeness(opinions: &[(OpinionKind, Grade)], reviewers: i32) -> Completeness {
    let individual = opinions.iter().filter(|(kind, _)| *kind == OpinionKind::Individual);
    let given = i32::try_from(individual.clone().count()).unwrap_or(i32::MAX);
    let reconciled = opinions.iter().any(|(kind, _)| *kind == OpinionKind::Reconciled);
    let mut grades = individual.map(|(_, grade)| grade);
    let first = grades.next();
    match (reconciled, given < reviewers) {
        (true, _) => Completeness::Complete,
        (false, true) => Completeness::Missing(reviewers.saturating_sub(given)),
        (false, false) if grades.all(|grade| Some(grade) == first) => Completeness::Complete,
        (false, false) => Completeness::Unreconciled,
    }
}

/// Whether the reviewers may reconcile: each has said something of their own before.
pub fn may_reconcile(opinions: &[(OpinionKind, Grade)], reviewers: i32) -> bool {
    let individual = opinions.iter().filter(|(kind, _)| *kind == OpinionKind::Individual).count();
    reviewers <= 1 || i32::try_from(individual).is_ok_and(|given| given >= reviewers)
}

/// Whether the opinions on one version wait for somebody of the institution: for their own opinion, or for all to
/// reconcile. `spoken` says whether they have given theirs.
pub fn waits_for(opinions: &[(OpinionKind, Grade)], reviewers: i32, spoken: bool) -> bool {
    match completeness(opinions, reviewers) {
        Completeness::Complete => false,
        Completeness::Missing(_) => !spoken,
        Completeness::Unreconciled => true,
    }
}

/// What the standing opinions on one version recommend: the latest reconciled one, else what all agree on once all
/// have spoken. Reviewers who differ recommend nothing until they have reconciled.
pub fn recommendation(opinions: &[(OpinionKind, Grade)], reviewers: i32) -> Option<Grade> {
    if opinions.is_empty() || completeness(opinions, reviewers) != Completeness::Complete {
        return None;
    }
    let reconciled = opinions.iter().rev().find(|(kind, _)| *kind == OpinionKind::Reconciled);
    reconciled.or(opinions.first()).map(|(_, grade)| *grade)
}

/// The opinions that stand on the present version of an objective.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandingOpinions {
    /// Oldest first.
    pub opinions: Vec<(OpinionKind, Grade, Vec<Remark>)>,
    /// How many reviewers must give one.
    pub reviewers: i32,
}

impl StandingOpinions {
    /// What they recommend together.
    pub fn recommendation(&self) -> Option<Grade> {
        let grades: Vec<_> = self.opinions.iter().map(|(kind, grade, _)| (*kind, *grade)).collect();
        recommendation(&grades, self.reviewers)
    }

    /// The problems that they found: of the latest reconciled one, else of all.
    pub fn problems(&self) -> Vec<Remark> {
        let reconciled = self.opinions.iter().rev().find(|(kind, ..)| *kind == OpinionKind::Reconciled);
        match reconciled {
            Some((.., problems)) => problems.clone(),
            None => self.opinions.iter().flat_map(|(.., problems)| problems.clone()).collect(),
        }
    }
}
