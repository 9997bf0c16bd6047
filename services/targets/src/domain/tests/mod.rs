//! The rules against the cases of the domain: every row that names one, and properties over random inputs.

mod forms;
mod reviews;
mod sheets;
mod workflow;

use wenxiao_kernel::{Decimal, Grade, Money, Operator};

use super::form::{AnnualFunding, Form, Indicator, Level1, Period};
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
        vague_words: vec!["明显".to_owned(), "显著".to_owned()],
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
    }
}

fn indicator(id: &str, level1: Level1, weight: &str) -> Indicator {
    Indicator {
        id: id.to_owned(),
        level1: Some(level1),
        level2_code: String::new(),
        level2_name: String::new(),
        title: "修缮校舍面积".to_owned(),
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
