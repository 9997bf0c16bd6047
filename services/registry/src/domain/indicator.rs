//! The indicator library and templates (指标库与模板).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{FiscalYear, Operator, vocabulary};

use super::frame::Frame;
use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// Whether an indicator may be used (状态).
    IndicatorState {
        /// 待确认.
        Draft = "draft",
        /// 已入库.
        Confirmed = "confirmed",
        /// 已停用.
        Retired = "retired",
    }
}

/// A level-three indicator of the library (指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Identifier.
    pub id: String,
    /// 代码.
    pub code: String,
    /// 指标名称.
    pub title: String,
    /// Identifier of the frame.
    pub frame: String,
    /// Code of the level-two node.
    pub node_code: String,
    /// 共性指标.
    pub common: bool,
    /// Department that a specific indicator belongs to.
    pub unit: Option<AgencyCode>,
    /// 计算符号.
    pub operator: Option<Operator>,
    /// 计量单位.
    pub measure_unit: String,
    /// 指标解释.
    pub value_description: String,
    /// 参考值.
    pub suggested_value: String,
    /// 评分标准.
    pub scoring_standard: String,
    /// 数据来源.
    pub data_source: String,
    /// 关键词.
    pub keywords: Vec<String>,
    /// 启用日期.
    pub start_date: Option<NaiveDate>,
    /// 停用日期.
    pub end_date: Option<NaiveDate>,
    /// Whether it may be used.
    pub state: IndicatorState,
}

impl Indicator {
    /// What an indicator must be, hanging in its frame.
    pub fn check(&self, frame: &Frame) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(
            frame.level_two(&self.node_code).is_some(),
            "node_code",
            "框架中没有这个二级指标",
            "is no level-two node of the frame",
        );
        checks.rule(
            self.common == self.unit.is_none(),
            "unit",
            "个性指标须有所属部门，共性指标没有",
            "a specific indicator belongs to a department, a common one to none",
        );
        checks.rule(
            self.start_date.zip(self.end_date).is_none_or(|(start, end)| start <= end),
            "end_date",
            "停用日期早于启用日期",
            "lies before the first day",
        );
        checks.done()
    }

    /// Takes a draft into the library.
    pub fn confirm(&mut self) -> Result<(), Refusal> {
        self.leave(IndicatorState::Draft)?;
        self.state = IndicatorState::Confirmed;
        Ok(())
    }

    /// Takes it out of use.
    pub fn retire(&mut self, end_date: NaiveDate) -> Result<(), Refusal> {
        self.leave(IndicatorState::Confirmed)?;
        self.state = IndicatorState::Retired;
        self.end_date = Some(end_date);
        Ok(())
    }

    /// A retired indicator never changes; a confirmed one keeps its place, so that what uses it still means the same.
    pub fn check_change_from(&self, before: &Self) -> Result<(), Refusal> {
        let kept = (&self.code, &self.frame, &self.node_code, self.operator, self.common, &self.unit)
            == (&before.code, &before.frame, &before.node_code, before.operator, before.common, &before.unit);
        match before.state {
            IndicatorState::Draft => Ok(()),
            IndicatorState::Confirmed if kept => Ok(()),
            state => Err(Refusal::State { resource: self.id.clone(), state: state.as_str().to_owned() }),
        }
    }

    fn leave(&self, state: IndicatorState) -> Result<(), Refusal> {
        if self.state == state {
            Ok(())
        } else {
            Err(Refusal::State { resource: self.id.clone(), state: self.state.as_str().to_owned() })
        }
    }
}

vocabulary! {
    /// What a template is of (模板类型).
    TemplateKind {
        /// 绩效目标申报表.
        ObjectiveForm = "objective_form",
        /// 四性审核表.
        ObjectiveReview = "objective_review",
        /// 绩效监控表.
        MonitoringForm = "monitoring_form",
        /// 事前绩效评估表.
        ExAnteForm = "ex_ante_form",
        /// 自评表.
        SelfEvaluationForm = "self_evaluation_form",
        /// 评价指标体系.
        EvaluationFramework = "evaluation_framework",
        /// 报告提纲.
        ReportOutline = "report_outline",
    }
}

/// A template of a form, a review or a report (模板).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Identifier.
    pub id: String,
    /// 模板名称.
    pub title: String,
    /// 模板类型.
    pub kind: TemplateKind,
    /// First year of use; none for no bound.
    pub first_fiscal_year: Option<FiscalYear>,
    /// Last year of use; none for no bound.
    pub last_fiscal_year: Option<FiscalYear>,
    /// What it asks.
    pub items: Vec<TemplateItem>,
}

/// A line of a template (模板项).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateItem {
    /// Code within the template.
    pub code: String,
    /// Code of the item above; empty at the top.
    pub parent_code: String,
    /// What is asked or scored.
    pub title: String,
    /// Points to look at.
    pub content: String,
    /// 分值; none when it has none.
    pub points: Option<Decimal>,
    /// Whether it must be filled.
    pub required: bool,
}

impl Template {
    /// What a template must be: codes used once, parents before children.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(!self.items.is_empty(), "items", "模板为空", "is empty");
        let years = self.first_fiscal_year.zip(self.last_fiscal_year);
        checks.rule(
            years.is_none_or(|(first, last)| first <= last),
            "last_fiscal_year",
            "截止年度早于起始年度",
            "lies before the first year",
        );
        let mut seen = BTreeSet::new();
        for (place, item) in self.items.iter().enumerate() {
            let parent = item.parent_code.as_str();
            checks.rule(
                parent.is_empty() || seen.contains(parent),
                format!("items[{place}].parent_code"),
                "上级项须在其之前出现",
                "must stand before it",
            );
            let fresh = seen.insert(item.code.as_str());
            checks.rule(fresh, format!("items[{place}].code"), "代码重复", "is used twice");
            checks.rule(
                item.points.is_none_or(|points| !points.is_sign_negative()),
                format!("items[{place}].points"),
                "分值为负数",
                "is below zero",
            );
        }
        checks.done()
    }

    /// A template changes only before its first year.
    pub fn check_changeable(&self, year: FiscalYear) -> Result<(), Refusal> {
        if self.first_fiscal_year.is_some_and(|first| year < first) {
            Ok(())
        } else {
            Err(Refusal::RulesInForce(self.id.clone()))
        }
    }
}
