//! The rules of the small district: those of the national default, as far as the tests need them.

use wenxiao_evaluation::domain::rules::*;
use wenxiao_kernel::{Decimal, Grade};

use super::name;

fn d(text: &str) -> Decimal {
    text.parse().expect("a number")
}

pub fn rule_set() -> RuleSet {
    let content = Content {
        grade_scales: vec![grades()],
        execution: Some(ExecutionRules {
            method: ExecutionMethod::Proportional,
            denominator: Denominator::AdjustedBudget,
            zero_budget: ZeroBudget::NotScored,
            bands: Vec::new(),
            explanation_below_rate: Some(d("0.9")),
        }),
        execution_points: Some(d("10")),
        evaluation_points: Some(d("100")),
        indicator: Some(indicators()),
        places: Some(2),
        ex_ante: Some(ex_ante()),
        key_evaluation: Some(key_evaluation()),
        suspicion: Some(SuspicionRules {
            score_gap_share: Some(d("0.05")),
            unspent_share: Some(d("0.2")),
            zero_budget: true,
            full_score: true,
        }),
        recheck: Vec::new(),
        deadlines: vec![
            Deadline { kind: DeadlineKind::ResultNotice, days: 20 },
            Deadline { kind: DeadlineKind::RectificationPlan, days: 30 },
        ],
        hints: vec![
            hint("low", Trigger::LowExecution, Action::Reduce, Some("0.8")),
            hint("expiry", Trigger::PolicyExpiry, Action::ReEvaluate, None),
        ],
        conflict: Some(ConflictRules { enforced: true, cooling_years: 0 }),
    };
    RuleSet {
        name: name("ruleSets/national-2020"),
        of_district: false,
        start_date: "2020-01-01".parse().expect("a day"),
        end_date: None,
        content,
    }
}

fn grades() -> GradeScale {
    let band =
        |grade, label: &str, lower| GradeBand { grade, label: label.to_owned(), lower_score: d(lower) };
    GradeScale {
        purpose: Purpose::Default,
        full_score: d("100"),
        bands: vec![
            band(Grade::Excellent, "优", "90"),
            band(Grade::Good, "良", "80"),
            band(Grade::Fair, "中", "60"),
            band(Grade::Poor, "差", "0"),
        ],
    }
}

fn indicators() -> IndicatorRules {
    let level = |level, share| LevelBand { level, lower_share: d(share) };
    IndicatorRules {
        lower_is_better: LowerIsBetter::Ratio,
        equal_target: EqualTarget::ProportionalBelow,
        zero_target: ZeroTarget::ByOperator,
        excess_deducted: false,
        excess_from: Some(d("1.3")),
        levels: vec![
            level(Level::Achieved, "0.8"),
            level(Level::PartlyAchieved, "0.6"),
            level(Level::NotAchieved, "0"),
        ],
        satisfaction: Vec::new(),
        reason_required: true,
    }
}

fn ex_ante() -> ExAnteRules {
    let dimension = |code: &str| ExAnteDimension {
        code: code.to_owned(),
        project_title: code.to_owned(),
        policy_title: code.to_owned(),
        points: d("20"),
    };
    let band = |conclusion, lower| ConclusionBand { conclusion, lower_score: d(lower) };
    ExAnteRules {
        dimensions: ["need", "economy", "objectives", "feasibility", "funding"].map(dimension).to_vec(),
        conclusions: vec![
            band(Conclusion::Support, "90"),
            band(Conclusion::Adjust, "60"),
            band(Conclusion::Refuse, "0"),
        ],
    }
}

fn key_evaluation() -> KeyEvaluationRules {
    let item = |dimension, title: &str, points| FrameworkItem {
        dimension,
        group: "二级".to_owned(),
        title: title.to_owned(),
        points: d(points),
        standard: String::new(),
    };
    KeyEvaluationRules {
        framework: vec![
            item(Dimension::Decision, "立项", "20"),
            item(Dimension::Process, "管理", "20"),
            item(Dimension::Output, "产出", "30"),
            item(Dimension::Outcome, "效益", "30"),
        ],
        full_score: d("100"),
        minimum_result_points: Some(d("60")),
    }
}

fn hint(code: &str, trigger: Trigger, action: Action, below: Option<&str>) -> HintRule {
    HintRule {
        code: code.to_owned(),
        trigger,
        grades: Vec::new(),
        execution_below_rate: below.map(d),
        action,
        strength: Strength::SoftBlock,
        reduction_share: None,
        message: "建议".to_owned(),
    }
}
