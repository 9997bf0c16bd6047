//! The rules against the cases of the domain: every row that names one, and properties over random inputs.

mod adjustments;
mod comparison;
mod forms;
mod reviews;
mod rounds;
mod sequences;
mod sheets;
mod texts;
mod windows;
mod workflow;

use wenxiao_kernel::{Decimal, Grade, Money, Operator};

use super::form::{AnnualFunding, Form, Indicator, Level1, Period, Severity};
use super::precheck;
use super::precheck::rule::{PrecheckRules, Rule, WordList};
use super::rules::{Band, Consequence, FormRules, FrameNode, Property, ReviewItem, ReviewRules};
use super::target::Target;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Money {
    Money::from_yuan(number(text)).unwrap()
}

/// The rules of 2020: the classic tree, 90 at declaration.
fn form_rules() -> FormRules {
    let node = |code: &str, title: &str, level1, top, cost| FrameNode {
        code: code.to_owned(),
        title: title.to_owned(),
        level1,
        top,
        cost,
        required: top && matches!(level1, Level1::Output | Level1::Benefit),
    };
    FormRules {
        rule_set: "districts/350205000/ruleSets/national-2020".to_owned(),
        fiscal_year: 2020,
        weight_totals: vec![number("90"), number("100")],
        weights_above_zero: true,
        frame: vec![
            node("1", "产出指标", Level1::Output, true, false),
            node("11", "数量指标", Level1::Output, false, false),
            node("14", "成本指标", Level1::Output, false, true),
            node("2", "效益指标", Level1::Benefit, true, false),
            node("22", "社会效益指标", Level1::Benefit, false, false),
            node("3", "满意度指标", Level1::Satisfaction, true, false),
        ],
        precheck: precheck_rules(),
    }
}

/// The rules about the form by itself, without lists but for the vague words. The rules with their lists, and those on
/// volume and other forms, are measured in `tests/precheck`.
fn precheck_rules() -> PrecheckRules {
    const WARNINGS: &[&str] = &["levels.required", "value.false_quantification", "value.no_standard"];
    let rules = precheck::codes()
        .filter(|code| !code.starts_with("text.") && !code.starts_with("volume."))
        .map(|code| Rule {
            code: code.to_owned(),
            title: code.to_owned(),
            severity: if WARNINGS.contains(&code) { Severity::Warning } else { Severity::Error },
            on: true,
            source: String::new(),
            lists: Vec::new(),
            numbers: Vec::new(),
            unit_costs: Vec::new(),
            placements: Vec::new(),
        });
    let vague = ["明显", "显著"].map(ToOwned::to_owned).to_vec();
    PrecheckRules {
        rule_set: "districts/350205000/ruleSets/national-2020".to_owned(),
        rules: rules.collect(),
        lists: vec![WordList { name: "vague".to_owned(), words: vague }],
    }
}

/// The review table in common use (DOMAIN 3.5).
fn review_rules() -> ReviewRules {
    let item = |code: &str, property, title: &str, points: &str| ReviewItem {
        code: code.to_owned(),
        property,
        title: title.to_owned(),
        points: number(points),
        standard: String::new(),
    };
    let bands = |values: [&str; 4]| {
        Grade::ALL
            .iter()
            .zip(values)
            .map(|(grade, from)| Band { grade: *grade, from: number(from) })
            .collect()
    };
    ReviewRules {
        rule_set: "districts/350205000/ruleSets/national-2020".to_owned(),
        grade_rule_set: "districts/350205000/ruleSets/national-2020".to_owned(),
        items: vec![
            item("form", Property::Completeness, "规范完整性", "10"),
            item("clarity", Property::Completeness, "明确清晰性", "10"),
            item("goal", Property::Relevance, "目标相关性", "15"),
            item("indicators", Property::Relevance, "指标科学性", "15"),
            item("performance", Property::Appropriateness, "绩效合理性", "15"),
            item("money", Property::Appropriateness, "资金匹配性", "15"),
            item("attainable", Property::Feasibility, "实现可能性", "10"),
            item("conditions", Property::Feasibility, "条件充分性", "10"),
        ],
        full_score: number("100"),
        bands: bands(["90", "80", "60", "0"]),
        item_bands: bands(["0.9", "0.8", "0.6", "0"]),
        consequences: vec![
            (Grade::Excellent, Consequence::Proceed),
            (Grade::Good, Consequence::Consult),
            (Grade::Fair, Consequence::Resubmit),
            (Grade::Poor, Consequence::Bar),
        ],
        head_signature: false,
        reviewers: 1,
    }
}

fn indicator(id: &str, level1: Level1, weight: &str) -> Indicator {
    Indicator {
        id: id.to_owned(),
        level1: Some(level1),
        level2_code: String::new(),
        level2_name: String::new(),
        title: format!("修缮校舍面积{id}"),
        library_indicator: String::new(),
        period: Period::Annual,
        operator: Some(Operator::AtLeast),
        target: Some(Target::Number(number("1200"))),
        printed_target: String::new(),
        measure_unit: "平方米".to_owned(),
        weight: Some(number(weight)),
        goal_number: 0,
        description: String::new(),
        scoring_standard: String::new(),
        data_source: String::new(),
        baseline: String::new(),
        note: String::new(),
    }
}

/// A form without any fault.
fn sound_form() -> Form {
    Form {
        annual_goal: "完成三所学校的校舍修缮，消除安全隐患".to_owned(),
        annual_funding: Some(AnnualFunding {
            total: yuan("850000"),
            appropriation: Some(yuan("700000")),
            carry_over: Some(yuan("150000")),
            other: None,
            printed_total: None,
        }),
        indicators: vec![
            indicator("i1", Level1::Output, "50"),
            indicator("i2", Level1::Benefit, "30"),
            indicator("i3", Level1::Satisfaction, "10"),
        ],
        ..Form::default()
    }
}
