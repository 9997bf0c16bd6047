//! Forms with something in every field, laid out and read back.

use wenxiao_kernel::{AmountUnit, Decimal, FiscalYear, Money, Operator};

use crate::domain::form::{
    AnnualFunding, DepartmentProfile, DutyTask, Form, Indicator, Level1, Nature, Period, Printed,
    WeightedGoal, WholeLifeFunding,
};
use crate::domain::rules::FrameNode;
use crate::domain::sheet::{self, Asked, Fault, Filed, Head, Layout, Piece, Sheet};
use crate::domain::target::Target;

const FRAMES: &str = "districts/350205000/indicatorFrames";

pub fn money(yuan: &str) -> Money {
    Money::from_yuan(yuan.parse().unwrap()).unwrap()
}

pub fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn node(code: &str, title: &str, level1: Level1) -> FrameNode {
    FrameNode {
        code: code.to_owned(),
        title: title.to_owned(),
        level1,
        top: code.len() == 1,
        cost: code == "14",
        required: false,
    }
}

/// The classic tree, as far as the tests need it.
pub fn frame() -> Vec<FrameNode> {
    vec![
        node("1", "产出指标", Level1::Output),
        node("11", "数量指标", Level1::Output),
        node("12", "质量指标", Level1::Output),
        node("14", "成本指标", Level1::Output),
        node("2", "效益指标", Level1::Benefit),
        node("22", "社会效益指标", Level1::Benefit),
        node("3", "满意度指标", Level1::Satisfaction),
        node("31", "服务对象满意度指标", Level1::Satisfaction),
    ]
}

pub fn head(layout: Layout, amount_unit: AmountUnit) -> Head {
    Head {
        layout,
        fiscal_year: FiscalYear::try_from(2020).unwrap(),
        subject: "35020515T000000000007".to_owned(),
        title: "校舍-修缮".to_owned(),
        department: "602-教育局".to_owned(),
        unit: "602002-实验小学".to_owned(),
        category: "特定目标类".to_owned(),
        frame: format!("{FRAMES}/classic"),
        amount_unit,
    }
}

pub fn sheet_of(pieces: &[Piece]) -> Sheet {
    let mut sheet = Sheet::default();
    for piece in pieces {
        if let Some(cell) = &piece.cell {
            sheet.put(piece.place, cell.clone());
        }
    }
    sheet
}

pub fn read_as(sheet: &Sheet, layout: Layout) -> Result<Filed, Vec<Fault>> {
    sheet::read(sheet, &Asked { layout, fiscal_year: 2020, frame: &frame(), frames: FRAMES })
}

pub fn round_trip(form: &Form, layout: Layout, unit: AmountUnit) -> Filed {
    let pieces = sheet::plan(&head(layout, unit), form, &frame());
    read_as(&sheet_of(&pieces), layout).unwrap()
}

pub fn indicator(id: &str, level1: Level1, level2: &str, title: &str) -> Indicator {
    Indicator {
        id: id.to_owned(),
        level1: Some(level1),
        level2_code: String::new(),
        level2_name: level2.to_owned(),
        title: title.to_owned(),
        library_indicator: String::new(),
        period: Period::Annual,
        operator: Some(Operator::AtLeast),
        target: Some(Target::Number(number("1200"))),
        printed_target: String::new(),
        measure_unit: "平方米".to_owned(),
        weight: Some(number("22.5")),
        goal_number: 0,
        description: String::new(),
        scoring_standard: String::new(),
        data_source: String::new(),
        baseline: String::new(),
        note: String::new(),
    }
}

/// A form with something in every field.
pub fn full() -> Form {
    let mut rows = vec![
        Indicator {
            level2_code: "11".to_owned(),
            library_indicator: "districts/350205000/indicators/q1".to_owned(),
            printed_target: "≥1200平方米".to_owned(),
            goal_number: 1,
            description: "竣工验收面积".to_owned(),
            scoring_standard: "每少1%扣0.5分".to_owned(),
            data_source: "竣工报告".to_owned(),
            baseline: "980".to_owned(),
            note: "含附属设施".to_owned(),
            ..indicator("q1", Level1::Output, "数量指标", "修缮面积")
        },
        indicator("q2", Level1::Output, "数量指标", "学校数"),
        Indicator {
            operator: Some(Operator::AtMost),
            target: Some(Target::Number(number("30.50"))),
            weight: Some(number("22.50")),
            ..indicator("c1", Level1::Output, "成本指标", "单位成本")
        },
        indicator("o1", Level1::Output, "", "其他产出"),
        Indicator {
            operator: Some(Operator::Qualitative),
            target: Some(Target::Text("有效改善".to_owned())),
            measure_unit: String::new(),
            ..indicator("b1", Level1::Benefit, "社会效益指标", "办学条件")
        },
        Indicator {
            operator: Some(Operator::Range),
            target: Some(Target::Range { lower: number("90"), upper: number("95.5") }),
            measure_unit: "%".to_owned(),
            period: Period::WholeLife,
            weight: None,
            ..indicator("s1", Level1::Satisfaction, "服务对象满意度指标", "师生满意度")
        },
    ];
    rows.push(Indicator {
        operator: Some(Operator::Equal),
        target: Some(Target::Number(Decimal::ZERO)),
        measure_unit: "起".to_owned(),
        ..indicator("b2", Level1::Benefit, "社会效益指标", "安全事件")
    });
    rows.push(Indicator {
        operator: None,
        target: None,
        printed_target: "*".to_owned(),
        ..indicator("b3", Level1::Benefit, "社会效益指标", "未定")
    });
    Form {
        nature: Some(Nature::Phased),
        planned_start: chrono::NaiveDate::from_ymd_opt(2020, 1, 7),
        planned_end: chrono::NaiveDate::from_ymd_opt(2022, 12, 31),
        whole_life_funding: Some(WholeLifeFunding {
            total: money("63210000"),
            fiscal: Some(money("60000000.01")),
            other: None,
            printed_total: Some(Printed {
                amount: "0.6亿多".parse().unwrap(), text: "约0.6亿多".to_owned()
            }),
        }),
        annual_funding: Some(AnnualFunding {
            total: money("1828340.55"),
            appropriation: Some(money("1800000")),
            carry_over: Some(money("28340.55")),
            other: Some(money("0")),
            printed_total: Some(Printed { amount: "182.83万元".parse().unwrap(), text: String::new() }),
        }),
        medium_term_goal: "三年内完成全部校舍修缮\n并建立长效机制".to_owned(),
        annual_goal: "完成三所学校".to_owned(),
        weighted_goals: vec![
            WeightedGoal { number: 1, text: "修缮".to_owned(), weight: number("40") },
            WeightedGoal { number: 2, text: "满意".to_owned(), weight: number("50.0") },
        ],
        frame: format!("{FRAMES}/classic"),
        indicators: rows,
        declared_weight_total: Some(number("90")),
        department_profile: None,
        filer_name: "张三".to_owned(),
        leader_name: "李四".to_owned(),
        phone_number: "0592-6051234".to_owned(),
    }
}

pub fn department() -> Form {
    let duty = |title: &str| DutyTask {
        title: title.to_owned(),
        description: "义务教育\n高中教育".to_owned(),
        total: Some(money("500000000")),
        fiscal: Some(money("490000000.10")),
        other: None,
    };
    Form {
        nature: None,
        whole_life_funding: None,
        annual_funding: None,
        department_profile: Some(DepartmentProfile {
            functions: "主管全区教育".to_owned(),
            subordinate_units: 42,
            staff_posts: 3100,
            total_budget: Some(money("1900000000")),
            fiscal: Some(money("1850000000")),
            other: Some(money("50000000")),
            basic_expenditure: Some(money("1200000000")),
            three_public_expenses: Some(money("350000.50")),
            project_expenditure: Some(money("700000000")),
            special_fund: None,
            government_fund: Some(money("0")),
            state_capital: None,
            duty_tasks: vec![duty("学校建设"), duty("师资培训")],
        }),
        ..full()
    }
}
