//! The rules of the stand-in, as a registry has them in force for a year.

use wenxiao_contract::google::r#type::Decimal;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::registry::v1::{self as registry, review_consequence};

use super::named;
use crate::support::national;

fn number(value: &str) -> Option<Decimal> {
    Some(Decimal { value: value.to_owned() })
}

/// The national rules; from 2030 a district's own: weights need not add up, duplicates stop a submission, and there is
/// a rule that nobody knows.
fn precheck(year: i32) -> registry::PrecheckRules {
    let mut precheck = national::rules(year).content.and_then(|content| content.precheck).expect("rules");
    if year < 2030 {
        return precheck;
    }
    for rule in &mut precheck.rules {
        match rule.code.as_str() {
            "weights.sum" => rule.disabled = true,
            "indicator.duplicate" => rule.severity = registry::precheck_rule::Severity::Error.into(),
            _ => {}
        }
    }
    precheck.rules.push(registry::PrecheckRule { code: "district.own".to_owned(), ..Default::default() });
    precheck
}

const GRADES: [Grade; 4] = [Grade::Excellent, Grade::Good, Grade::Fair, Grade::Poor];

pub fn rules(year: i32) -> registry::EffectiveRuleSet {
    use review_consequence::Action;
    let band = |grade: Grade, from: &str| registry::GradeBand {
        grade: grade.into(),
        label: grade.as_str_name().to_owned(),
        lower_score: number(from),
    };
    let scale = registry::GradeScale {
        purpose: registry::ScorePurpose::ObjectiveReview.into(),
        full_score: number("100"),
        bands: GRADES
            .into_iter()
            .zip(["90", "80", "60", "0"])
            .map(|(grade, from)| band(grade, from))
            .collect(),
    };
    let shares = GRADES.into_iter().zip(["0.9", "0.8", "0.6", "0"]);
    let actions = [Action::Proceed, Action::Consult, Action::Resubmit, Action::Bar];
    let dimensions =
        [("completeness", "20"), ("relevance", "30"), ("appropriateness", "30"), ("feasibility", "20")];
    let dimension = |(code, points): (&str, &str)| registry::ReviewDimension {
        code: code.to_owned(),
        title: code.to_owned(),
        points: number(points),
        items: vec![registry::ScoredItem {
            code: code.to_owned(),
            title: code.to_owned(),
            points: number(points),
            ..Default::default()
        }],
    };
    let content = registry::RuleContent {
        grade_scales: vec![scale],
        review: Some(registry::ReviewRules {
            dimensions: dimensions.into_iter().map(dimension).collect(),
            consequences: GRADES
                .into_iter()
                .zip(actions)
                .map(|(grade, action)| registry::ReviewConsequence {
                    grade: grade.into(),
                    action: action.into(),
                })
                .collect(),
            item_grade_shares: shares
                .map(|(grade, share)| registry::GradeShare {
                    grade: grade.into(),
                    lower_share: number(share),
                })
                .collect(),
            // The heads of units sign from 2023 on.
            head_signature: year >= 2023,
            reviewer_count: 0,
        }),
        weights: Some(registry::WeightRules {
            declaration_total: number("90"),
            execution_weight: number("10"),
            evaluation_total: number("100"),
            positive_weights: true,
            ..Default::default()
        }),
        precheck: Some(precheck(year)),
        conflict: Some(registry::ConflictRules { enforced: year >= 2021, ..Default::default() }),
        ..Default::default()
    };
    let source = |section: &str| registry::SectionSource {
        section: section.to_owned(),
        rule_set: named("ruleSets", "national-2020"),
        version: 1,
    };
    registry::EffectiveRuleSet {
        content: Some(content),
        section_sources: ["weights", "review", "grade_scales", "precheck"].into_iter().map(source).collect(),
        ..Default::default()
    }
}
