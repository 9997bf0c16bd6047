//! Rule sets for tests: the defaults of the domain description and their variants.

use super::dec;
use crate::domain::rules::*;
use chrono::NaiveDate;
use wenxiao_kernel::Grade;

pub(crate) const NAME: &str = "districts/350205000/ruleSets/national-2020";

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn sourced<T>(rule: &T) -> Sourced<'_, &T> {
    Sourced { rule_set: NAME, rule }
}

pub(crate) fn scale(purpose: Purpose) -> GradeScale {
    let band =
        |grade, label: &str, lower| GradeBand { grade, label: label.to_owned(), lower_score: dec(lower) };
    GradeScale {
        purpose,
        full_score: dec("100"),
        bands: vec![
            band(Grade::Excellent, "优", "90"),
            band(Grade::Good, "良", "80"),
            band(Grade::Fair, "中", "60"),
            band(Grade::Poor, "差", "0"),
        ],
    }
}

pub(crate) fn rate_bands(bands: &[(&str, &str)]) -> Vec<RateBand> {
    bands.iter().map(|(rate, share)| RateBand { lower_rate: dec(rate), share: dec(share) }).collect()
}

pub(crate) fn execution(method: ExecutionMethod) -> ExecutionRules {
    ExecutionRules {
        method,
        denominator: Denominator::AdjustedBudget,
        zero_budget: ZeroBudget::NotScored,
        bands: rate_bands(&[("1", "1"), ("0.8", "0.7"), ("0.6", "0.5"), ("0", "0")]),
        explanation_below_rate: Some(dec("0.9")),
    }
}

pub(crate) fn indicator(lower_is_better: LowerIsBetter) -> IndicatorRules {
    let level = |level, share| LevelBand { level, lower_share: dec(share) };
    IndicatorRules {
        lower_is_better,
        equal_target: EqualTarget::ProportionalBelow,
        zero_target: ZeroTarget::ByOperator,
        excess_deducted: false,
        excess_from: Some(dec("1.3")),
        levels: vec![
            level(Level::Achieved, "0.8"),
            level(Level::PartlyAchieved, "0.6"),
            level(Level::NotAchieved, "0"),
        ],
        satisfaction: Vec::new(),
        reason_required: true,
    }
}

fn framework() -> KeyEvaluationRules {
    let item = |dimension, title: &str, points| FrameworkItem {
        dimension,
        group: "二级指标".to_owned(),
        title: title.to_owned(),
        points: dec(points),
        standard: String::new(),
    };
    KeyEvaluationRules {
        framework: vec![
            item(Dimension::Decision, "立项依据充分性", "20"),
            item(Dimension::Process, "资金使用合规性", "20"),
            item(Dimension::Output, "实际完成率", "30"),
            item(Dimension::Outcome, "实施效益", "30"),
        ],
        full_score: dec("100"),
        minimum_result_points: Some(dec("60")),
    }
}

fn ex_ante() -> ExAnteRules {
    let dimension = |code: &str, project: &str, policy: &str| ExAnteDimension {
        code: code.to_owned(),
        project_title: project.to_owned(),
        policy_title: policy.to_owned(),
        points: dec("20"),
    };
    let band = |conclusion, lower| ConclusionBand { conclusion, lower_score: dec(lower) };
    ExAnteRules {
        dimensions: vec![
            dimension("need", "立项必要性", "政策设立必要性"),
            dimension("economy", "投入经济性", "政策保障充分性"),
            dimension("objectives", "绩效目标合理性", "政策目标合理性"),
            dimension("feasibility", "实施方案可行性", "政策实施可持续性"),
            dimension("funding", "筹资合规性", "政策资金合规性"),
        ],
        conclusions: vec![
            band(Conclusion::Support, "90"),
            band(Conclusion::Adjust, "60"),
            band(Conclusion::Refuse, "0"),
        ],
    }
}

pub(crate) fn content() -> Content {
    Content {
        grade_scales: vec![scale(Purpose::Default)],
        execution: Some(execution(ExecutionMethod::Proportional)),
        execution_points: Some(dec("10")),
        evaluation_points: Some(dec("100")),
        indicator: Some(indicator(LowerIsBetter::Ratio)),
        places: Some(2),
        ex_ante: Some(ex_ante()),
        key_evaluation: Some(framework()),
        suspicion: Some(SuspicionRules {
            score_gap_share: Some(dec("0.05")),
            unspent_share: Some(dec("0.2")),
            zero_budget: true,
            full_score: true,
        }),
        recheck: vec![
            RecheckRule { code: "no_evidence".to_owned(), deduction_share: Some(dec("1")) },
            RecheckRule { code: "partly_late".to_owned(), deduction_share: Some(dec("0.3")) },
        ],
        deadlines: vec![
            Deadline { kind: DeadlineKind::ResultNotice, days: 20 },
            Deadline { kind: DeadlineKind::RectificationPlan, days: 30 },
        ],
        hints: Vec::new(),
        conflict: Some(ConflictRules { enforced: false, cooling_years: 0 }),
    }
}

pub(crate) fn set(
    name: &str,
    of_district: bool,
    start: &str,
    end: Option<&str>,
    content: Content,
) -> RuleSet {
    RuleSet { name: name.to_owned(), of_district, start_date: day(start), end_date: end.map(day), content }
}

pub(crate) fn rules() -> Rules {
    Rules::in_force([set(NAME, false, "2020-01-01", None, content())], day("2020-12-31"))
}

#[test]
fn the_districts_own_section_goes_first_and_time_decides() {
    let own = Content { execution: Some(execution(ExecutionMethod::Banded)), ..Content::default() };
    let sets = [
        set(NAME, false, "2019-01-01", Some("2020-12-31"), content()),
        set("districts/350205000/ruleSets/own", true, "2020-06-01", None, own),
    ];
    let before = Rules::in_force(sets.clone(), day("2020-05-31"));
    assert_eq!(before.execution().unwrap().rule.method, ExecutionMethod::Proportional);
    let after = Rules::in_force(sets.clone(), day("2020-06-01"));
    assert_eq!(after.execution().unwrap().rule.method, ExecutionMethod::Banded);
    assert_eq!(after.execution().unwrap().rule_set, "districts/350205000/ruleSets/own");
    assert_eq!(after.places().unwrap(), 2, "what the district does not say, the default says");
    assert!(
        Rules::in_force(sets, day("2021-01-01")).places().is_err(),
        "a default that has ended says nothing"
    );
}
