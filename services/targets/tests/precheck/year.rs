//! A year's forms from the files of the test data (`objectives.csv`, `indicators.csv`, `projects.csv`).

use std::collections::HashMap;
use std::path::Path;

use wenxiao_kernel::{Decimal, Money, Operator};
use wenxiao_targets::domain::form::{AnnualFunding, Form, Indicator, Level1, Period, WholeLifeFunding};
use wenxiao_targets::domain::objective::Subject;
use wenxiao_targets::domain::precheck::{self, Neighbour};
use wenxiao_targets::domain::target::Target;

use super::corpus::Paper;
use super::national;

/// As many forms as a search brings.
const FOUND: usize = 20;

type Row = HashMap<String, String>;

fn table(folder: &Path, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(file)).expect("the file");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

fn money(text: &str) -> Option<Money> {
    Money::from_yuan(decimal(text)?).ok()
}

/// Every form with those of its own and the last budget year that read most alike, as a search would find them.
pub fn read(folder: &Path) -> Vec<Paper> {
    let titles: HashMap<String, String> = table(folder, "projects.csv")
        .into_iter()
        .map(|row| (row["项目代码"].clone(), row["项目名称"].clone()))
        .collect();
    let mut rows: HashMap<(String, String), Vec<Row>> = HashMap::new();
    for row in table(folder, "indicators.csv") {
        rows.entry((row["预算年度"].clone(), row["项目代码"].clone())).or_default().push(row);
    }
    let objectives = table(folder, "objectives.csv");
    let papers = objectives.iter().map(|row| {
        let year: i32 = row["预算年度"].parse().expect("a year");
        let code = &row["项目代码"];
        let below = rows.get(&(row["预算年度"].clone(), code.clone()));
        let frame = national::frame(year);
        let indicators = below.into_iter().flatten().map(|row| indicator(row, &frame)).collect();
        Paper {
            name: format!("{year}-{code}"),
            year,
            title: titles.get(code).cloned().unwrap_or_default(),
            subject: Subject::Project(code.clone()),
            form: form(row, indicators),
            neighbours: neighbours(&objectives, &titles, row),
            expected: Vec::new(),
        }
    });
    papers.collect()
}

fn neighbours(objectives: &[Row], titles: &HashMap<String, String>, own: &Row) -> Vec<Neighbour> {
    let year: i32 = own["预算年度"].parse().expect("a year");
    let near = objectives.iter().filter(|other| {
        let of: i32 = other["预算年度"].parse().expect("a year");
        let same = other["项目代码"] == own["项目代码"];
        of == year - 1 || of == year && !same
    });
    let read = near.map(|other| Neighbour {
        name: format!("{}-{}", other["预算年度"], other["项目代码"]),
        title: titles.get(&other["项目代码"]).cloned().unwrap_or_default(),
        fiscal_year: other["预算年度"].parse().expect("a year"),
        same_subject: other["项目代码"] == own["项目代码"],
        annual_goal: other["年度总体目标"].clone(),
    });
    let all: Vec<Neighbour> = read.collect();
    let nearest = precheck::alike(&own["年度总体目标"], &all).into_iter().take(FOUND);
    let mut found: Vec<Neighbour> = nearest.map(|(_, other)| other.clone()).collect();
    found.extend(all.iter().filter(|other| other.same_subject).cloned());
    found
}

fn form(row: &Row, indicators: Vec<Indicator>) -> Form {
    Form {
        planned_start: row["计划开始日期"].parse().ok(),
        planned_end: row["计划完成日期"].parse().ok(),
        whole_life_funding: money(&row["项目资金总额"]).map(|total| WholeLifeFunding {
            total,
            fiscal: money(&row["项目财政资金"]),
            other: money(&row["项目其他资金"]),
            printed_total: None,
        }),
        annual_funding: money(&row["年度资金申请总额"]).map(|total| AnnualFunding {
            total,
            appropriation: money(&row["当年财政拨款"]),
            carry_over: money(&row["上年结转资金"]),
            other: money(&row["其他资金"]),
            printed_total: None,
        }),
        medium_term_goal: row["项目总目标"].clone(),
        annual_goal: row["年度总体目标"].clone(),
        indicators,
        ..Form::default()
    }
}

fn indicator(row: &Row, frame: &wenxiao_contract::wenxiao::registry::v1::IndicatorFrame) -> Indicator {
    let operator = match row["计算符号"].as_str() {
        "≥" => Operator::AtLeast,
        "＞" => Operator::MoreThan,
        "＝" => Operator::Equal,
        "＜" => Operator::LessThan,
        "≤" => Operator::AtMost,
        _ => Operator::Qualitative,
    };
    let value = &row["指标值"];
    let target = match operator {
        Operator::Qualitative => Some(Target::Text(value.clone())),
        _ => decimal(value).map(Target::Number),
    };
    let node = frame.nodes.iter().find(|node| !node.parent_code.is_empty() && node.title == row["二级指标"]);
    Indicator {
        id: format!("i{}", row["序号"]),
        level1: match row["一级指标"].as_str() {
            "产出指标" => Some(Level1::Output),
            "效益指标" => Some(Level1::Benefit),
            "满意度指标" => Some(Level1::Satisfaction),
            _ => None,
        },
        level2_code: node.map(|node| node.code.clone()).unwrap_or_default(),
        level2_name: row["二级指标"].clone(),
        title: row["三级指标"].clone(),
        library_indicator: String::new(),
        period: Period::Annual,
        operator: Some(operator),
        target,
        printed_target: String::new(),
        measure_unit: row["计量单位"].clone(),
        weight: decimal(&row["权重"]),
        goal_number: 0,
        description: String::new(),
        scoring_standard: row["评分标准"].clone(),
        data_source: String::new(),
        baseline: String::new(),
        note: String::new(),
    }
}
