//! Templates of forms, reviews and reports (模板).

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{FiscalYear, vocabulary};

use super::{Checks, Refusal};

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
