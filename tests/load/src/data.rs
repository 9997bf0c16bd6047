//! What is in the database: one district with its units, many projects with their budgets, a form for each project.
//! Made up by number, so that every part of the benchmark knows every name.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use wenxiao_contract::google::r#type::{Date, Decimal, Money};
use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
use wenxiao_contract::wenxiao::targets::v1::target_value::Value;
use wenxiao_contract::wenxiao::targets::v1::{
    AnnualFunding, Indicator, IndicatorLevel1, ObjectiveContent, ProjectNature, TargetValue, WholeLifeFunding,
};

use crate::suite::DISTRICT;

/// Budget year of everything that is read.
pub const YEAR: i32 = 2020;

/// The district's projects and the units that carry them out.
pub struct Data {
    /// How many projects there are.
    pub projects: usize,
    /// Agency codes of the units that have projects.
    pub units: Vec<String>,
    /// The file of units, as it is imported.
    pub units_file: Vec<u8>,
}

impl Data {
    /// So many projects, shared among the units of the bureau's file.
    pub fn new(projects: usize, folder: &Path) -> Result<Self> {
        let path = folder.join("units.csv");
        let units_file = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let text = String::from_utf8(units_file.clone())?;
        let units: Vec<String> = text
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>())
            .filter(|cells| cells.get(3) == Some(&"所属预算单位"))
            .filter_map(|cells| cells.first().map(|code| (*code).to_owned()))
            .collect();
        ensure!(!units.is_empty(), "{}: no units", path.display());
        Ok(Self { projects, units, units_file })
    }

    /// Agency code of a project's unit.
    pub fn unit(&self, project: usize) -> &str {
        self.units.get(project % self.units.len()).map_or("", String::as_str)
    }

    /// The file of these projects.
    pub fn projects_file(&self, projects: std::ops::Range<usize>) -> Vec<u8> {
        let heading = "项目代码,项目名称,项目类别,地方类型,预算,项目性质,主管部门代码,实施单位代码,设立年度,开始年度,期限,总金额,密级\n";
        let rows = projects.map(|number| {
            let unit = self.unit(number);
            let department = unit.get(..3).unwrap_or(unit);
            format!(
                "{},示例发展经费（公共服务保障）{number:05},特定目标类,发展经费,一般公共预算,经常性,{department},{unit},\
                 2018,2018,5,{}.00,非涉密\n",
                code(number),
                amount(number) * 5
            )
        });
        (heading.to_owned() + &rows.collect::<String>()).into_bytes()
    }

    /// The file of these projects' budgets.
    pub fn budgets_file(&self, projects: std::ops::Range<usize>) -> Vec<u8> {
        let mut file = "项目代码,年度,资金来源,变动类型,金额,日期,文号,摘要,来源编号\n".to_owned();
        for number in projects {
            file.push_str(&format!(
                "{},{YEAR},本级财政资金,年初预算,{}.00,{YEAR}-01-18,示例文号〔{YEAR}〕1号,,YS{YEAR}-{number:06}\n",
                code(number),
                amount(number)
            ));
        }
        file.into_bytes()
    }
}

/// Code of a project, which is its id.
pub fn code(number: usize) -> String {
    format!("35020518T{number:012}")
}

/// Name of a project.
pub fn project(number: usize) -> String {
    format!("districts/{DISTRICT}/projects/{}", code(number))
}

/// Id of the objective that is read together with a project.
pub fn objective_id(project: &str) -> String {
    format!("{YEAR}-{project}")
}

/// Name of that objective.
pub fn objective(number: usize) -> String {
    format!("districts/{DISTRICT}/objectives/{}", objective_id(&code(number)))
}

/// A project's budget in yuan.
pub fn amount(number: usize) -> i64 {
    100_000 + i64::try_from(number % 977).unwrap_or(0) * 10_000
}

/// Whole yuan.
pub fn money(yuan: i64) -> Option<Money> {
    Some(Money { currency_code: "CNY".to_owned(), units: yuan, nanos: 0 })
}

/// A day of the year.
pub fn date(month: i32, day: i32) -> Option<Date> {
    Some(Date { year: YEAR, month, day })
}

/// A project's form with seven indicators in the words and lengths of real ones.
pub fn form(number: usize) -> ObjectiveContent {
    use IndicatorLevel1::{Benefit, Output, Satisfaction};
    use IndicatorOperator::{AtLeast, AtMost, Equal, Qualitative};
    let rows = [
        (Output, "数量指标", "服务对象发放人次", AtLeast, "人次", 14),
        (Output, "质量指标", "补助对象认定准确率", Equal, "%", 12),
        (Output, "时效指标", "补助资金按时发放率", AtLeast, "%", 12),
        (Output, "成本指标", "人均补助标准", AtMost, "元/人", 12),
        (Benefit, "社会效益指标", "补助对象基本生活保障程度", Qualitative, "", 15),
        (Benefit, "社会效益指标", "错发冒领事件数", Equal, "起", 15),
        (Satisfaction, "服务对象满意度指标", "补助对象满意度", AtLeast, "%", 10),
    ];
    let value = i32::try_from(number % 40).unwrap_or(0) + 60;
    let indicators =
        (1..).zip(rows).map(|(place, (level1, level2, title, operator, unit, weight))| Indicator {
            indicator_id: format!("{place}"),
            level1: level1.into(),
            level2_name: level2.to_owned(),
            title: title.to_owned(),
            operator: operator.into(),
            target_value: Some(TargetValue {
                value: Some(match operator {
                    Qualitative => Value::Text("有效改善".to_owned()),
                    _ => Value::Number(Decimal { value: value.to_string() }),
                }),
                printed: String::new(),
            }),
            measure_unit: unit.to_owned(),
            weight: Some(Decimal { value: i32::to_string(&weight) }),
            scoring_standard: "达到指标值得满分，未达到按完成比例得分".to_owned(),
            ..Indicator::default()
        });
    let goal = format!(
        "按规定标准及时、足额落实公共服务保障经费，切实保障服务对象权益。预期产出：服务对象发放人次≥{value}人次，认定准确、\
         发放及时，服务对象满意度不低于{value}%。"
    );
    let (annual, whole) = (amount(number), amount(number) * 5);
    ObjectiveContent {
        nature: ProjectNature::Recurrent.into(),
        planned_start_date: date(1, 1),
        planned_end_date: date(12, 31),
        whole_life_funding: Some(WholeLifeFunding {
            total_amount: money(whole),
            fiscal_amount: money(whole),
            other_amount: money(0),
            printed_total: None,
        }),
        annual_funding: Some(AnnualFunding {
            total_amount: money(annual),
            appropriation_amount: money(annual),
            carry_over_amount: money(0),
            other_amount: money(0),
            printed_total: None,
        }),
        medium_term_goal: goal.clone(),
        annual_goal: format!("{YEAR}年度：{goal}"),
        indicators: indicators.collect(),
        ..ObjectiveContent::default()
    }
}
