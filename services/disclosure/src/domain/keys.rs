//! The keys of the summary's general figures (数据项目录): each with its place, label, unit, precision and the query that
//! gives it. The figures of the cases are keyed by their case and are not in this list.

use super::figure::{FigureUnit, Precision};

/// A general figure of the annual summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// 报告年度.
    ReportYear,
    /// 依据文件.
    PlanDocument,
    /// 执行计划年数.
    PlanHorizon,
    /// 建成期限.
    PlanTargetDate,
    /// 培训对象.
    TrainingTargets,
    /// 一般公共预算绩效目标金额.
    TargetGpbAmount,
    /// 编制目标的预算单位.
    TargetUnits,
    /// 编制目标的街道.
    TargetStreets,
    /// 一般公共预算目标项目.
    TargetGpbProjects,
    /// 一般公共预算目标资金覆盖率.
    TargetGpbCoverage,
    /// 政府性基金目标项目.
    TargetGovfundProjects,
    /// 政府性基金目标金额.
    TargetGovfundAmount,
    /// 一般公共预算监控覆盖率.
    MonitorGpbCoverage,
    /// 一般公共预算监控金额.
    MonitorGpbAmount,
    /// 政府性基金监控金额.
    MonitorGovfundAmount,
    /// 事前评估项目.
    ExAnteProjects,
    /// 事前评估金额.
    ExAnteAmount,
    /// 自评单位.
    SelfEvalUnits,
    /// 自评街道.
    SelfEvalStreets,
    /// 自评目标年度.
    SelfEvalYear,
    /// 自评金额.
    SelfEvalAmount,
    /// 自评覆盖率.
    SelfEvalCoverage,
    /// 重点评价项目.
    KeyEvalTotal,
    /// 重点评价金额.
    KeyEvalAmount,
    /// 财政评价项目.
    KeyEvalFinance,
    /// 部门评价项目.
    KeyEvalDepartment,
    /// 重点评价年度.
    KeyEvalYear,
    /// 参与的代表和委员.
    KeyEvalDeputies,
    /// 财政评价最低等级.
    KeyEvalMinGrade,
    /// 到期政策安排年度.
    PolicyBudgetYear,
    /// 公开的目标年度.
    DisclosureTargetYear,
    /// 公开的评价年度.
    DisclosureEvalYear,
}

/// What is fixed about a general figure.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Which figure.
    pub key: Key,
    /// Its name; `{year}` stands for the work year.
    name: &'static str,
    /// Section of the summary.
    pub section: i32,
    /// Chinese label.
    pub label: &'static str,
    /// Unit as printed.
    pub unit: FigureUnit,
    /// Printed precision.
    pub precision: Precision,
    /// Name of the query in `store/figures.rs`.
    pub query: &'static str,
}

impl KeySpec {
    /// The figure's key in a work year.
    pub fn name(&self, work_year: i32) -> String {
        self.name.replace("{year}", &work_year.to_string())
    }
}

const fn spec(
    key: Key,
    name: &'static str,
    section: i32,
    label: &'static str,
    unit: FigureUnit,
    precision: Precision,
    query: &'static str,
) -> KeySpec {
    KeySpec { key, name, section, label, unit, precision, query }
}

const WHOLE: Precision = Precision::WHOLE;
const TWO: Precision = Precision::FIXED_TWO;
const PERCENT: Precision = Precision::UP_TO_TWO;

/// Every general figure, in the order of the text.
#[rustfmt::skip]
pub const KEYS: &[KeySpec] = &[
    spec(Key::ReportYear, "report_year", 0, "报告年度", FigureUnit::Year, WHOLE, "work_year"),
    spec(Key::PlanDocument, "plan_document", 0, "落实方案文号", FigureUnit::DocumentNumber, WHOLE, "plan"),
    spec(Key::PlanHorizon, "plan_horizon_years", 0, "执行计划年数", FigureUnit::Years, WHOLE, "plan"),
    spec(Key::PlanTargetDate, "plan_target_date", 0, "体系建成期限", FigureUnit::Date, WHOLE, "plan"),
    spec(Key::TrainingTargets, "training_targets", 0, "培训对象", FigureUnit::List, WHOLE, "trainings"),
    spec(Key::TargetGpbAmount, "target_gpb_amount_fy{year}", 1, "一般公共预算编制绩效目标的项目预算金额", FigureUnit::HundredMillionYuan, TWO, "objective_coverage"),
    spec(Key::TargetUnits, "target_unit_count", 1, "编制绩效目标的预算单位", FigureUnit::Unit, WHOLE, "objective_participants"),
    spec(Key::TargetStreets, "target_street_count", 1, "编制绩效目标的街道办事处", FigureUnit::Item, WHOLE, "objective_participants"),
    spec(Key::TargetGpbProjects, "target_gpb_project_count", 1, "一般公共预算编制绩效目标的项目", FigureUnit::Item, WHOLE, "objective_coverage"),
    spec(Key::TargetGpbCoverage, "target_gpb_coverage", 1, "一般公共预算绩效目标资金覆盖率", FigureUnit::Percent, PERCENT, "objective_coverage"),
    spec(Key::TargetGovfundProjects, "target_govfund_project_count", 1, "政府性基金预算试编绩效目标的项目", FigureUnit::Item, WHOLE, "objective_coverage"),
    spec(Key::TargetGovfundAmount, "target_govfund_amount", 1, "政府性基金预算试编绩效目标的金额", FigureUnit::HundredMillionYuan, TWO, "objective_coverage"),
    spec(Key::MonitorGpbCoverage, "monitor_gpb_coverage", 2, "一般公共预算绩效监控资金覆盖率", FigureUnit::Percent, PERCENT, "monitoring_coverage"),
    spec(Key::MonitorGpbAmount, "monitor_gpb_amount", 2, "一般公共预算绩效监控金额", FigureUnit::HundredMillionYuan, TWO, "monitoring_coverage"),
    spec(Key::MonitorGovfundAmount, "monitor_govfund_amount", 2, "政府性基金预算绩效监控金额", FigureUnit::HundredMillionYuan, TWO, "monitoring_coverage"),
    spec(Key::ExAnteProjects, "exante_project_count", 3, "事前绩效评估项目", FigureUnit::Item, WHOLE, "ex_ante_evaluations"),
    spec(Key::ExAnteAmount, "exante_amount", 3, "事前绩效评估金额", FigureUnit::HundredMillionYuan, TWO, "ex_ante_evaluations"),
    spec(Key::SelfEvalUnits, "selfeval_unit_count", 4, "开展自评的预算单位", FigureUnit::Unit, WHOLE, "self_evaluation_participants"),
    spec(Key::SelfEvalStreets, "selfeval_street_count", 4, "开展自评的街道", FigureUnit::Item, WHOLE, "self_evaluation_participants"),
    spec(Key::SelfEvalYear, "selfeval_target_year", 4, "自评的目标年度", FigureUnit::Year, WHOLE, "self_evaluation_years"),
    spec(Key::SelfEvalAmount, "selfeval_amount", 4, "自评涉及资金", FigureUnit::HundredMillionYuan, TWO, "self_evaluation_coverage"),
    spec(Key::SelfEvalCoverage, "selfeval_coverage", 4, "自评资金覆盖率", FigureUnit::Percent, PERCENT, "self_evaluation_coverage"),
    spec(Key::KeyEvalTotal, "keyeval_total_count", 5, "重点绩效评价项目", FigureUnit::Item, WHOLE, "key_evaluations"),
    spec(Key::KeyEvalAmount, "keyeval_amount", 5, "重点绩效评价金额", FigureUnit::HundredMillionYuan, TWO, "key_evaluations"),
    spec(Key::KeyEvalFinance, "keyeval_finance_count", 5, "财政部门牵头的重点评价项目", FigureUnit::Item, WHOLE, "key_evaluations"),
    spec(Key::KeyEvalDepartment, "keyeval_department_count", 5, "部门（单位）自主开展的重点评价项目", FigureUnit::Item, WHOLE, "key_evaluations"),
    spec(Key::KeyEvalYear, "keyeval_year", 5, "重点评价的支出年度", FigureUnit::Year, WHOLE, "key_evaluation_years"),
    spec(Key::KeyEvalDeputies, "keyeval_deputies_members", 5, "参与重点评价的人大代表和政协委员", FigureUnit::Person, WHOLE, "key_evaluation_deputies"),
    spec(Key::KeyEvalMinGrade, "keyeval_finance_min_grade", 5, "财政部门牵头项目的最低等级", FigureUnit::Grade, WHOLE, "key_evaluations"),
    spec(Key::PolicyBudgetYear, "policy_budget_year", 6, "到期政策再评估后安排预算的年度", FigureUnit::Year, WHOLE, "policy_budget_years"),
    spec(Key::DisclosureTargetYear, "disclosure_target_year", 7, "公开绩效目标表的年度", FigureUnit::Year, WHOLE, "disclosed_years"),
    spec(Key::DisclosureEvalYear, "disclosure_eval_year", 7, "公开评价结果的年度", FigureUnit::Year, WHOLE, "disclosed_years"),
];
