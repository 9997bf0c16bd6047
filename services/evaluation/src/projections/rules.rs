//! The registry's rule sets as the rule data that the domain takes (规则集).

use std::str::FromStr;

use rust_decimal::Decimal;
use wenxiao_contract::google::r#type::Decimal as WireDecimal;
use wenxiao_contract::wenxiao::registry::v1 as wire;
use wenxiao_platform::convert::{Fields, enum_word, grade_of};
use wenxiao_platform::{Failure, Result};

use crate::domain::rules::{
    Conclusion, ConclusionBand, ConflictRules, Content, Deadline, DeadlineKind, ExAnteDimension, ExAnteRules,
    ExecutionRules, FrameworkItem, GradeBand, GradeScale, HintRule, IndicatorRules, KeyEvaluationRules,
    Level, LevelBand, Purpose, RateBand, RecheckRule, RuleSet, SuspicionRules, Trigger,
};

/// A rule set with the sections that evaluations need.
pub(super) fn rule_set(set: &wire::RuleSet) -> Result<RuleSet> {
    let mut reader = Reader::default();
    let converted = RuleSet {
        name: set.name.clone(),
        of_district: set.layer() == wire::rule_set::Layer::District,
        start_date: reader.fields.date("start_date", set.start_date.as_ref()),
        end_date: reader.fields.optional_date("end_date", set.end_date.as_ref()),
        content: set.content.as_ref().map(|content| reader.content(content)).unwrap_or_default(),
    };
    reader.fields.check().map_err(Failure::internal)?;
    Ok(converted)
}

/// Reads values; what the registry has checked is not refused again one by one, only as a whole.
#[derive(Default)]
struct Reader {
    fields: Fields,
}

impl Reader {
    fn number(&mut self, field: &str, value: Option<&WireDecimal>) -> Decimal {
        self.fields.decimal(field, value)
    }

    fn maybe(&mut self, field: &str, value: Option<&WireDecimal>) -> Option<Decimal> {
        self.fields.optional_decimal(field, value)
    }

    fn content(&mut self, content: &wire::RuleContent) -> Content {
        let weights = content.weights.as_ref();
        let execution_points = weights.and_then(|weights| weights.execution_weight.as_ref());
        let evaluation_points = weights.and_then(|weights| weights.evaluation_total.as_ref());
        let places =
            content.rounding.as_ref().and_then(|rounding| u32::try_from(rounding.decimal_places).ok());
        Content {
            grade_scales: content.grade_scales.iter().filter_map(|scale| self.scale(scale)).collect(),
            execution: content.execution_score.as_ref().and_then(|rules| self.execution(rules)),
            execution_points: self.maybe("weights.execution_weight", execution_points),
            evaluation_points: self.maybe("weights.evaluation_total", evaluation_points),
            indicator: content.indicator_score.as_ref().and_then(|rules| self.indicator(rules)),
            places,
            ex_ante: content.ex_ante.as_ref().map(|rules| self.ex_ante(rules)),
            key_evaluation: content.key_evaluation.as_ref().map(|rules| self.key_evaluation(rules)),
            suspicion: content.suspicion.as_ref().map(|rules| self.suspicion(rules)),
            recheck: content.recheck_rules.iter().map(|rule| self.recheck(rule)).collect(),
            deadlines: content.deadlines.iter().filter_map(deadline).collect(),
            hints: content.hint_rules.iter().filter_map(|rule| self.hint(rule)).collect(),
            conflict: content
                .conflict
                .as_ref()
                .map(|rules| ConflictRules { enforced: rules.enforced, cooling_years: rules.cooling_years }),
        }
    }

    fn scale(&mut self, scale: &wire::GradeScale) -> Option<GradeScale> {
        let purpose = match scale.purpose() {
            wire::ScorePurpose::SelfEvaluation => Purpose::SelfEvaluation,
            wire::ScorePurpose::KeyEvaluation => Purpose::KeyEvaluation,
            wire::ScorePurpose::Default => Purpose::Default,
            wire::ScorePurpose::ObjectiveReview
            | wire::ScorePurpose::ExAnte
            | wire::ScorePurpose::Unspecified => {
                return None;
            }
        };
        let full_score = self.number("grade_scales.full_score", scale.full_score.as_ref());
        let bands = scale.bands.iter().filter_map(|band| {
            Some(GradeBand {
                grade: grade_of(band.grade())?,
                label: band.label.clone(),
                lower_score: self.number("grade_scales.lower_score", band.lower_score.as_ref()),
            })
        });
        Some(GradeScale { purpose, full_score, bands: bands.collect() })
    }

    fn bands(&mut self, bands: &[wire::RateBand]) -> Vec<RateBand> {
        let band = |band: &wire::RateBand| RateBand {
            lower_rate: self.number("bands.lower_rate", band.lower_rate.as_ref()),
            share: self.number("bands.share", band.share.as_ref()),
        };
        bands.iter().map(band).collect()
    }

    fn execution(&mut self, rules: &wire::ExecutionScoreRules) -> Option<ExecutionRules> {
        Some(ExecutionRules {
            method: word(rules.method().as_str_name(), "METHOD_")?,
            denominator: word(rules.denominator().as_str_name(), "DENOMINATOR_")?,
            zero_budget: word(rules.zero_budget().as_str_name(), "ZERO_BUDGET_")?,
            bands: self.bands(&rules.bands),
            explanation_below_rate: self
                .maybe("execution_score.explanation_below_rate", rules.explanation_below_rate.as_ref()),
        })
    }

    fn indicator(&mut self, rules: &wire::IndicatorScoreRules) -> Option<IndicatorRules> {
        use wire::indicator_score_rules::ExcessAchievement;
        let levels = rules.qualitative_bands.iter().filter_map(|band| {
            let level = match band.level() {
                wire::qualitative_band::Level::Reached => Level::Achieved,
                wire::qualitative_band::Level::Partly => Level::PartlyAchieved,
                wire::qualitative_band::Level::Missed => Level::NotAchieved,
                wire::qualitative_band::Level::Unspecified => return None,
            };
            let lower_share = self.number("qualitative_bands.lower_share", band.lower_share.as_ref());
            Some(LevelBand { level, lower_share })
        });
        let levels = levels.collect();
        Some(IndicatorRules {
            lower_is_better: word(rules.lower_is_better().as_str_name(), "LOWER_IS_BETTER_")?,
            equal_target: word(rules.equal_target().as_str_name(), "EQUAL_TARGET_")?,
            zero_target: word(rules.zero_target().as_str_name(), "ZERO_TARGET_")?,
            excess_deducted: rules.excess_achievement() == ExcessAchievement::DeductDeviation,
            excess_from: self.maybe("excess_achievement_rate", rules.excess_achievement_rate.as_ref()),
            levels,
            satisfaction: self.bands(&rules.satisfaction_bands),
            reason_required: rules.deviation_reason_required,
        })
    }

    fn ex_ante(&mut self, rules: &wire::ExAnteRules) -> ExAnteRules {
        let dimensions = rules.dimensions.iter().map(|dimension| ExAnteDimension {
            code: dimension.code.clone(),
            project_title: dimension.project_title.clone(),
            policy_title: dimension.policy_title.clone(),
            points: self.number("ex_ante.points", dimension.points.as_ref()),
        });
        let dimensions = dimensions.collect();
        let conclusions = rules.conclusions.iter().filter_map(|band| {
            let conclusion = match band.conclusion() {
                wire::conclusion_band::Conclusion::Support => Conclusion::Support,
                wire::conclusion_band::Conclusion::SupportAdjusted => Conclusion::Adjust,
                wire::conclusion_band::Conclusion::Reject => Conclusion::Refuse,
                wire::conclusion_band::Conclusion::Unspecified => return None,
            };
            let lower_score = self.number("ex_ante.lower_score", band.lower_score.as_ref());
            Some(ConclusionBand { conclusion, lower_score })
        });
        ExAnteRules { dimensions, conclusions: conclusions.collect() }
    }

    fn key_evaluation(&mut self, rules: &wire::KeyEvaluationRules) -> KeyEvaluationRules {
        let framework = rules.framework.iter().filter_map(|item| {
            Some(FrameworkItem {
                dimension: word(item.dimension().as_str_name(), "DIMENSION_")?,
                group: item.group.clone(),
                title: item.title.clone(),
                points: self.number("framework.points", item.points.as_ref()),
                standard: item.standard.clone(),
            })
        });
        let framework = framework.collect();
        KeyEvaluationRules {
            framework,
            full_score: self.number("key_evaluation.full_score", rules.full_score.as_ref()),
            minimum_result_points: self.maybe("minimum_result_points", rules.minimum_result_points.as_ref()),
        }
    }

    fn suspicion(&mut self, rules: &wire::SuspicionRules) -> SuspicionRules {
        SuspicionRules {
            score_gap_share: self.maybe("suspicion.score_gap_share", rules.score_gap_share.as_ref()),
            unspent_share: self.maybe("suspicion.unspent_share", rules.unspent_share.as_ref()),
            zero_budget: rules.zero_budget_flagged,
            full_score: rules.full_score_flagged,
        }
    }

    fn recheck(&mut self, rule: &wire::RecheckRule) -> RecheckRule {
        let deduction_share = self.maybe("recheck_rules.deduction_share", rule.deduction_share.as_ref());
        RecheckRule { code: rule.code.clone(), deduction_share }
    }

    fn hint(&mut self, rule: &wire::HintRule) -> Option<HintRule> {
        Some(HintRule {
            code: rule.code.clone(),
            trigger: trigger(rule.trigger())?,
            grades: rule.grades().filter_map(grade_of).collect(),
            execution_below_rate: self.maybe("execution_below_rate", rule.execution_below_rate.as_ref()),
            action: word(rule.action().as_str_name(), "ACTION_")?,
            strength: word(rule.strength().as_str_name(), "STRENGTH_")?,
            reduction_share: self.maybe("reduction_share", rule.reduction_share.as_ref()),
            message: rule.message.clone(),
        })
    }
}

/// What sets a hint off, as far as this service knows it.
fn trigger(trigger: wire::hint_rule::Trigger) -> Option<Trigger> {
    use wire::hint_rule::Trigger as Wire;
    match trigger {
        Wire::EvaluationGrade => Some(Trigger::KeyEvaluation),
        Wire::SelfEvaluationGrade => Some(Trigger::SelfEvaluation),
        Wire::RedLight => Some(Trigger::Monitoring),
        Wire::LowExecution => Some(Trigger::LowExecution),
        Wire::OverdueRectification => Some(Trigger::OverdueRectification),
        Wire::PolicyExpiry => Some(Trigger::PolicyExpiry),
        Wire::ExAnteConclusion => Some(Trigger::ExAnte),
        // A department's slow progress bears on more money in the same year: monitoring's own gate, no next budget.
        Wire::SlowDepartmentProgress | Wire::Unspecified => None,
    }
}

fn deadline(rule: &wire::DeadlineRule) -> Option<Deadline> {
    use wire::deadline_rule::Kind;
    let kind = match rule.kind() {
        Kind::ResultNotice => DeadlineKind::ResultNotice,
        Kind::RectificationPlan => DeadlineKind::RectificationPlan,
        Kind::SunsetNotice => DeadlineKind::SunsetNotice,
        _ => return None, // other services' terms
    };
    Some(Deadline { kind, days: u32::try_from(rule.days).ok()? })
}

fn word<T: FromStr>(value: &str, prefix: &str) -> Option<T> {
    enum_word(value, prefix).and_then(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use wenxiao_contract::google::r#type::Date;
    use wenxiao_contract::wenxiao::common::v1 as common;

    use super::*;
    use crate::domain::rules::{Action, ExecutionMethod, Strength, ZeroBudget};

    fn dec(value: &str) -> Option<WireDecimal> {
        Some(WireDecimal { value: value.to_owned() })
    }

    #[test]
    fn the_registrys_rules_arrive_whole() {
        let set = wire::RuleSet {
            name: "districts/350205000/ruleSets/own".to_owned(),
            layer: wire::rule_set::Layer::District.into(),
            start_date: Some(Date { year: 2020, month: 1, day: 1 }),
            content: Some(wire::RuleContent {
                execution_score: Some(wire::ExecutionScoreRules {
                    method: wire::execution_score_rules::Method::Banded.into(),
                    denominator: wire::execution_score_rules::Denominator::AdjustedBudget.into(),
                    zero_budget: wire::execution_score_rules::ZeroBudget::NotScored.into(),
                    bands: vec![wire::RateBand { lower_rate: dec("0.8"), share: dec("0.7") }],
                    explanation_below_rate: None,
                }),
                hint_rules: vec![wire::HintRule {
                    code: "fair".to_owned(),
                    trigger: wire::hint_rule::Trigger::EvaluationGrade.into(),
                    grades: vec![common::Grade::Fair.into()],
                    action: wire::hint_rule::Action::NoIncrease.into(),
                    strength: wire::Strength::SoftBlock.into(),
                    message: "控制新增".to_owned(),
                    ..Default::default()
                }],
                ..Default::default()
            }),
            ..Default::default()
        };
        let converted = rule_set(&set).expect("rules");
        let execution = converted.content.execution.expect("execution rules");
        assert!(converted.of_district);
        assert_eq!(
            (execution.method, execution.zero_budget),
            (ExecutionMethod::Banded, ZeroBudget::NotScored)
        );
        assert_eq!(execution.bands.len(), 1);
        let hint = &converted.content.hints[0];
        assert_eq!(
            (hint.trigger, hint.action, hint.strength),
            (Trigger::KeyEvaluation, Action::NoIncrease, Strength::SoftBlock)
        );
        assert!(rule_set(&wire::RuleSet { start_date: None, ..set }).is_err());
    }
}
