//! The registry's rule sets and frames as the rule data that the domain takes.

use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::frame_node::Kind;
use wenxiao_contract::wenxiao::registry::v1::precheck_rule;
use wenxiao_contract::wenxiao::registry::v1::review_consequence::Action;
use wenxiao_kernel::Grade;
use wenxiao_platform::convert::{Fields, grade_of};
use wenxiao_platform::{Failure, Result};

use crate::domain::form::{Level1, Severity};
use crate::domain::precheck::rule::{Placement, PrecheckRules, Rule, UnitCost, WordList};
use crate::domain::rules::{Band, ConflictRules, Consequence, FormRules, FrameNode, ReviewItem, ReviewRules};

/// How forms of a year are judged.
pub fn form_rules(
    effective: &registry::EffectiveRuleSet,
    frame: Option<&registry::IndicatorFrame>,
    fiscal_year: i32,
) -> Result<FormRules> {
    let weights = effective.content.as_ref().and_then(|content| content.weights.as_ref());
    let weights = weights.ok_or_else(|| missing("weights"))?;
    let mut fields = Fields::default();
    let declared = fields.decimal("weights.declaration_total", weights.declaration_total.as_ref());
    let evaluated = fields.decimal("weights.evaluation_total", weights.evaluation_total.as_ref());
    fields.check().map_err(Failure::internal)?;
    let weight_totals = if declared == evaluated { vec![declared] } else { vec![declared, evaluated] };
    Ok(FormRules {
        rule_set: source(effective, "weights"),
        weight_totals,
        weights_above_zero: weights.positive_weights,
        fiscal_year,
        frame: frame.map(frame_nodes).unwrap_or_default(),
        precheck: precheck_rules(effective)?,
    })
}

/// What forms of a year are prechecked for.
fn precheck_rules(effective: &registry::EffectiveRuleSet) -> Result<PrecheckRules> {
    let section = effective.content.as_ref().and_then(|content| content.precheck.as_ref());
    let section = section.ok_or_else(|| missing("precheck"))?;
    let mut fields = Fields::default();
    let rules = section.rules.iter().map(|rule| precheck_rule(rule, &mut fields)).collect();
    fields.check().map_err(Failure::internal)?;
    Ok(PrecheckRules {
        rule_set: source(effective, "precheck"),
        rules,
        lists: section.word_lists.iter().map(word_list).collect(),
    })
}

fn precheck_rule(rule: &registry::PrecheckRule, fields: &mut Fields) -> Rule {
    let severity = match rule.severity() {
        precheck_rule::Severity::Unspecified | precheck_rule::Severity::Hint => Severity::Hint,
        precheck_rule::Severity::Warning => Severity::Warning,
        precheck_rule::Severity::Error => Severity::Error,
    };
    let numbers = rule.thresholds.iter();
    let numbers =
        numbers.map(|number| (number.name.clone(), fields.decimal(&number.name, number.value.as_ref())));
    let numbers = numbers.collect();
    let costs = rule.unit_costs.iter().map(|bound| UnitCost {
        words: bound.words.clone(),
        measure_units: bound.measure_units.clone(),
        lower: fields.decimal("unit_costs.lower", bound.lower.as_ref()),
        upper: fields.decimal("unit_costs.upper", bound.upper.as_ref()),
    });
    let unit_costs = costs.collect();
    let placements = rule.placements.iter().map(|placement| Placement {
        words: placement.words.clone(),
        belongs_under: placement.belongs_under.clone(),
        never_under: placement.never_under.clone(),
    });
    Rule {
        code: rule.code.clone(),
        title: rule.title.clone(),
        severity,
        on: !rule.disabled,
        source: rule.source.clone(),
        lists: rule.word_lists.iter().map(word_list).collect(),
        numbers,
        unit_costs,
        placements: placements.collect(),
    }
}

fn word_list(list: &registry::WordList) -> WordList {
    WordList { name: list.name.clone(), words: list.words.clone() }
}

/// How objectives of a year are reviewed.
pub fn review_rules(effective: &registry::EffectiveRuleSet) -> Result<ReviewRules> {
    let content = effective.content.as_ref().ok_or_else(|| missing("review"))?;
    let review = content.review.as_ref().ok_or_else(|| missing("review"))?;
    let scale = |purpose| content.grade_scales.iter().find(|scale| scale.purpose() == purpose);
    let scale = scale(registry::ScorePurpose::ObjectiveReview).or(scale(registry::ScorePurpose::Default));
    let scale = scale.ok_or_else(|| missing("grade_scales"))?;
    let mut fields = Fields::default();
    let bands = scale.bands.iter().filter_map(|band| {
        Some(Band {
            grade: grade_of(band.grade())?,
            from: fields.decimal("lower_score", band.lower_score.as_ref()),
        })
    });
    let bands = bands.collect();
    let shares = review.item_grade_shares.iter().filter_map(|share| {
        Some(Band {
            grade: grade_of(share.grade())?,
            from: fields.decimal("lower_share", share.lower_share.as_ref()),
        })
    });
    let item_bands = shares.collect();
    let rules = ReviewRules {
        rule_set: source(effective, "review"),
        grade_rule_set: source(effective, "grade_scales"),
        items: review_items(review, &mut fields)?,
        full_score: fields.decimal("full_score", scale.full_score.as_ref()),
        bands,
        item_bands,
        consequences: review.consequences.iter().filter_map(consequence).collect(),
        head_signature: review.head_signature,
        reviewers: review.reviewer_count.max(1),
    };
    fields.check().map_err(Failure::internal)?;
    rules.check().map_err(Failure::internal)?;
    Ok(rules)
}

/// When institutions are kept apart from those they helped.
pub fn conflict_rules(effective: &registry::EffectiveRuleSet) -> ConflictRules {
    let rules = effective.content.as_ref().and_then(|content| content.conflict);
    let rules = rules.unwrap_or_default();
    ConflictRules { enforced: rules.enforced, cooling_years: rules.cooling_years }
}

fn review_items(review: &registry::ReviewRules, fields: &mut Fields) -> Result<Vec<ReviewItem>> {
    let mut items = Vec::new();
    for dimension in &review.dimensions {
        let property = dimension
            .code
            .parse()
            .map_err(|_| Failure::internal(format!("{:?} is none of the four properties", dimension.code)))?;
        for item in &dimension.items {
            items.push(ReviewItem {
                code: item.code.clone(),
                property,
                title: item.title.clone(),
                points: fields.decimal("points", item.points.as_ref()),
                standard: item.standard.clone(),
            });
        }
    }
    Ok(items)
}

fn consequence(of: &registry::ReviewConsequence) -> Option<(Grade, Consequence)> {
    let consequence = match of.action() {
        Action::Unspecified => return None,
        Action::Proceed => Consequence::Proceed,
        Action::Consult => Consequence::Consult,
        Action::Resubmit => Consequence::Resubmit,
        Action::Bar => Consequence::Bar,
    };
    Some((grade_of(of.grade())?, consequence))
}

fn frame_nodes(frame: &registry::IndicatorFrame) -> Vec<FrameNode> {
    let parent = |node: &registry::FrameNode| frame.nodes.iter().find(|other| other.code == node.parent_code);
    let nodes = frame.nodes.iter().filter_map(|node| {
        let above = if node.parent_code.is_empty() { None } else { Some(parent(node)?) };
        // Of a deeper tree only levels one and two are fixed.
        if above.is_some_and(|above| !above.parent_code.is_empty()) {
            return None;
        }
        Some(FrameNode {
            code: node.code.clone(),
            title: node.title.clone(),
            level1: level1(above.unwrap_or(node).kind())?,
            top: above.is_none(),
            cost: level1(node.kind()) == Some(Level1::Cost),
            required: node.required,
        })
    });
    nodes.collect()
}

fn level1(kind: Kind) -> Option<Level1> {
    match kind {
        Kind::Unspecified => None,
        Kind::Output | Kind::OutputQuantity | Kind::OutputQuality | Kind::OutputTimeliness => {
            Some(Level1::Output)
        }
        Kind::Cost | Kind::EconomicCost | Kind::SocialCost | Kind::EcologicalCost => Some(Level1::Cost),
        Kind::Outcome
        | Kind::EconomicBenefit
        | Kind::SocialBenefit
        | Kind::EcologicalBenefit
        | Kind::SustainableImpact => Some(Level1::Benefit),
        Kind::Satisfaction | Kind::RecipientSatisfaction => Some(Level1::Satisfaction),
    }
}

/// The rule set that a section of the effective rules comes from.
fn source(effective: &registry::EffectiveRuleSet, section: &str) -> String {
    let found = effective.section_sources.iter().find(|source| source.section == section);
    found.map(|source| source.rule_set.clone()).unwrap_or_default()
}

fn missing(section: &str) -> Failure {
    Failure::reference_not_found(format!("ruleSets/{section}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classic_tree_keeps_cost_below_output() {
        let node = |code: &str, parent: &str, kind: Kind| registry::FrameNode {
            code: code.to_owned(),
            parent_code: parent.to_owned(),
            kind: kind.into(),
            ..Default::default()
        };
        let nodes = vec![
            node("1", "", Kind::Output),
            node("14", "1", Kind::Cost),
            node("141", "14", Kind::EconomicCost),
        ];
        let nodes = frame_nodes(&registry::IndicatorFrame { nodes, ..Default::default() });
        assert_eq!(nodes.len(), 2);
        assert_eq!((nodes[1].level1, nodes[1].top, nodes[1].cost), (Level1::Output, false, true));
    }
}
