//! Projects and the district's own list of project types (项目与地方类型).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Bound, BudgetAccount, FiscalYear, Money, PrintedAmount, Secrecy, vocabulary};

pub use code::ProjectCode;

use super::ownership::{Former, Owner};
use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// National category (项目类别).
    ProjectCategory {
        /// 人员类, code 1.
        Personnel = "personnel",
        /// 运转类, code 2.
        Operating = "operating",
        /// 公用经费, code 21.
        OfficeOperating = "office_operating",
        /// 其他运转类, code 22.
        OtherOperating = "other_operating",
        /// 特定目标类, code 3.
        SpecificPurpose = "specific_purpose",
    }
}

vocabulary! {
    /// Whether a project comes again (项目性质).
    ProjectNature {
        /// 经常性.
        Recurrent = "recurrent",
        /// 一次性.
        OneOff = "one_off",
        /// 阶段性.
        Phased = "phased",
    }
}

/// An entry of the district's own list of project types (地方项目类型).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalProjectType {
    /// Identifier.
    pub id: String,
    /// 名称.
    pub title: String,
    /// Whether it is capital works.
    pub capital_works: bool,
    /// First setup year; none for no bound.
    pub first_setup_year: Option<FiscalYear>,
    /// Last setup year; none for no bound.
    pub last_setup_year: Option<FiscalYear>,
}

impl LocalProjectType {
    /// What a type must be.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        let ordered =
            self.first_setup_year.zip(self.last_setup_year).is_none_or(|(first, last)| first <= last);
        checks.rule(ordered, "last_setup_year", "截止年度早于起始年度", "lies before the first year");
        checks.done()
    }

    /// Whether projects set up in `year` may have it.
    pub fn admits(&self, year: FiscalYear) -> bool {
        self.first_setup_year.is_none_or(|first| first <= year)
            && self.last_setup_year.is_none_or(|last| year <= last)
    }
}

/// A project (项目).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Identifier.
    pub id: String,
    /// 项目代码.
    pub code: Option<ProjectCode>,
    /// 项目名称.
    pub title: String,
    /// 项目类别.
    pub category: ProjectCategory,
    /// Identifier of the local type.
    pub local_project_type: Option<String>,
    /// 四本预算.
    pub budget_account: BudgetAccount,
    /// 项目性质.
    pub nature: Option<ProjectNature>,
    /// 主管部门.
    pub competent_department: AgencyCode,
    /// 实施单位.
    pub implementing_unit: AgencyCode,
    /// 设立年度.
    pub setup_year: FiscalYear,
    /// 密级; none until somebody has said.
    pub secrecy: Option<Secrecy>,
    /// Last day, once it has ended.
    pub end_date: Option<NaiveDate>,
    /// What no rule of SQL looks at.
    pub details: ProjectDetails,
}

/// Facts of a project that are read and written whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectDetails {
    /// 开始年度.
    pub start_year: Option<FiscalYear>,
    /// 期限, years.
    pub term_years: i32,
    /// 项目总金额, cumulative.
    pub total_amount: Option<Money>,
    /// 功能分类.
    pub function_code: String,
    /// 基建.
    pub capital_works: bool,
    /// 政府采购.
    pub government_purchase: bool,
    /// 科研.
    pub scientific: bool,
    /// Identifier of the level-one project.
    pub parent_project: Option<String>,
    /// 资金管理处室.
    pub managing_division: String,
    /// 项目负责人.
    pub leader_name: String,
    /// Telephone of the leader.
    pub leader_phone: String,
    /// 计划开始日期.
    pub planned_start_date: Option<NaiveDate>,
    /// 计划完成日期.
    pub planned_end_date: Option<NaiveDate>,
    /// 项目总金额 as a document prints it.
    pub printed_total: Option<PrintedAmount>,
    /// 分年度计划.
    pub year_plans: BTreeMap<FiscalYear, Money>,
    /// 原归属, the oldest first.
    pub former_owners: Vec<Former<Owner>>,
    /// How it was given up.
    pub cancellation: Option<Cancellation>,
}

/// How a project was given up (项目撤销).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Day from which it is given up.
    pub cancel_date: NaiveDate,
    /// Why.
    pub reason: String,
    /// 文号.
    pub document_number: String,
    /// What becomes of the budget that stays open.
    pub remaining_note: String,
    /// Budget of the year that stays open.
    pub remaining: Money,
}

impl Project {
    /// What a project must be; `local_type` is the type that it names, when there is one.
    pub fn check(&self, local_type: Option<&LocalProjectType>) -> Result<(), Refusal> {
        if let (Some(id), None) = (&self.local_project_type, local_type) {
            return Err(Refusal::Missing(format!("localProjectTypes/{id}")));
        }
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        if let Some(code) = &self.code {
            checks.rule(
                code.setup_year() == Some(self.setup_year.as_i32()),
                "setup_year",
                "设立年度与项目代码不一致",
                "differs from the year in the project code",
            );
            checks.rule(
                code.admits(self.category),
                "category",
                "项目类别与项目代码的字母不一致：R为人员类，T为非人员类",
                "does not go with the letter of the project code: R is personnel, T is not",
            );
        }
        checks.rule(
            local_type.is_none_or(|known| known.admits(self.setup_year)),
            "local_project_type",
            "该类型不适用于此设立年度",
            "is not in force for the setup year",
        );
        checks.rule(
            self.competent_department.parent().is_none(),
            "competent_department",
            "主管部门须为部门或街道",
            "must be a department or street",
        );
        self.check_details(&mut checks);
        checks.done()
    }

    fn check_details(&self, checks: &mut Checks) {
        let details = &self.details;
        checks.rule(
            details.total_amount.is_none_or(|amount| !amount.is_negative()),
            "total_amount",
            "项目总金额为负数",
            "is below zero",
        );
        checks.rule(
            details.printed_total.is_none_or(|said| details.total_amount.is_some_and(|sum| said.admits(sum))),
            "total_amount_printed",
            "原文金额与项目总金额不符",
            "does not go with the whole-life amount",
        );
        self.check_plans(checks);
        let dates = details.planned_start_date.zip(details.planned_end_date);
        checks.rule(
            dates.is_none_or(|(start, end)| start <= end),
            "planned_end_date",
            "计划完成日期早于计划开始日期",
            "lies before the planned start",
        );
        checks.rule(
            details.start_year.is_none_or(|start| self.setup_year <= start),
            "start_year",
            "开始年度早于设立年度",
            "lies before the setup year",
        );
        checks.rule(
            details.parent_project.as_deref() != Some(self.id.as_str()),
            "parent_project",
            "项目不能是自己的一级项目",
            "a project cannot stand above itself",
        );
    }

    /// What the plans of years must be. Only their sum is compared with the whole-life amount, and only when that is known
    /// and not a lower bound.
    fn check_plans(&self, checks: &mut Checks) {
        let details = &self.details;
        let plans = &details.year_plans;
        checks.rule(
            plans.values().all(|amount| !amount.is_negative()),
            "year_plans",
            "年度计划金额为负数",
            "are below zero",
        );
        checks.rule(
            plans.keys().all(|year| self.setup_year <= *year),
            "year_plans",
            "计划年度早于设立年度",
            "lie before the setup year",
        );
        let open = details.printed_total.is_some_and(|said| said.bound == Bound::AtLeast);
        let fits = match (details.total_amount, Money::total(plans.values().copied())) {
            (Some(total), Some(sum)) => open || sum <= total,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        checks.rule(
            fits,
            "year_plans",
            "各年度计划合计超过项目总金额",
            "add up to more than the whole-life amount",
        );
    }

    /// Gives the project up from a day on; `remaining` is the budget of that year that stays open.
    pub fn cancel(&mut self, cancellation: Cancellation) -> Result<(), Refusal> {
        self.close(cancellation.cancel_date)?;
        if !cancellation.remaining.is_zero() && cancellation.remaining_note.trim().is_empty() {
            return Err(Refusal::OpenBudgetUndecided {
                project: self.id.clone(),
                fiscal_year: cancellation.cancel_date.year(),
                remaining_amount: cancellation.remaining.yuan().to_string(),
            });
        }
        self.details.cancellation = Some(cancellation);
        Ok(())
    }

    /// Ends the project.
    pub fn close(&mut self, end_date: NaiveDate) -> Result<(), Refusal> {
        if self.end_date.is_some() {
            return Err(Refusal::State { resource: self.id.clone(), state: "closed".to_owned() });
        }
        self.end_date = Some(end_date);
        Ok(())
    }
}

mod code;
#[cfg(test)]
pub(super) mod tests;
