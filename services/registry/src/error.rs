//! What the registry's refusals mean on the wire (错误): the one table from rules to published reasons.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_platform::{Failure, FieldViolation};

use crate::domain::Refusal;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let english = refusal.to_string();
        match refusal {
            Refusal::Invalid(violations) => Self::invalid(
                violations.into_iter().map(|v| FieldViolation::new(v.field, v.chinese, v.english)).collect(),
            ),
            Refusal::CodeTaken { field, value } => code_taken(field, value),
            Refusal::Missing(resource) => Self::reference_not_found(resource),
            Refusal::State { resource, state } => {
                let chinese = format!("“{resource}”当前状态不允许此操作");
                Self::precondition(ErrorReason::StateNotAllowed, chinese, english)
                    .with("resource", resource)
                    .with("state", state)
            }
            Refusal::ParentUnitMissing { agency_code, parent_code } => {
                let chinese = format!("单位{agency_code}的上级{parent_code}在其有效期内不存在或不能有此下级");
                Self::precondition(ErrorReason::ParentUnitMissing, chinese, english)
                    .with("agency_code", agency_code)
                    .with("parent_code", parent_code)
            }
            Refusal::UnitHasSubunits { unit } => {
                let chinese = format!("单位{unit}还有有效的下级单位，请先撤销或合并");
                Self::precondition(ErrorReason::UnitHasSubunits, chinese, english).with("unit", unit)
            }
            Refusal::OwnUnitExists { unit } => {
                let chinese = format!("{unit}已有本级单位");
                Self::precondition(ErrorReason::OwnUnitExists, chinese, english).with("unit", unit)
            }
            Refusal::VirementUnbalanced { document_number, sum } => {
                let chinese = format!("调剂文件“{document_number}”的各笔金额合计为{sum}元，应为零");
                Self::new(Code::InvalidArgument, ErrorReason::VirementUnbalanced, chinese, english)
                    .with("document_number", document_number)
                    .with("sum", sum)
            }
            Refusal::ReversalNotAllowed(entry) => {
                let chinese = format!("分录“{entry}”已被冲销，或冲销内容与原分录不一致");
                Self::precondition(ErrorReason::ReversalNotAllowed, chinese, english)
                    .with("budget_entry", entry)
            }
            Refusal::BudgetBelowZero { project, fiscal_year, adjusted_amount } => {
                let chinese =
                    format!("项目“{project}”{fiscal_year}年度调整后预算数将为{adjusted_amount}元，不能为负");
                Self::precondition(ErrorReason::BudgetBelowZero, chinese, english)
                    .with("project", project)
                    .with("fiscal_year", fiscal_year.to_string())
                    .with("adjusted_amount", adjusted_amount)
            }
            Refusal::RulesInForce(resource) => {
                let chinese = format!("“{resource}”为全国默认或已生效，不能修改；请新增一份");
                Self::precondition(ErrorReason::RulesInForce, chinese, english).with("resource", resource)
            }
            Refusal::RulesOverlap(resource) => {
                let chinese = format!("与“{resource}”的适用时间重叠");
                Self::precondition(ErrorReason::RulesOverlap, chinese, english).with("resource", resource)
            }
            Refusal::RulesBackdated { resource, start_date } => {
                let chinese = format!("“{resource}”的生效日期{start_date}早于今天，须说明追溯原因");
                Self::precondition(ErrorReason::RulesBackdated, chinese, english)
                    .with("resource", resource)
                    .with("start_date", start_date.to_string())
            }
            Refusal::NoRulesInForce(time) => {
                let chinese = format!("{time}没有可适用的规则");
                Self::new(Code::NotFound, ErrorReason::NoRulesInForce, chinese, english).with("time", time)
            }
            Refusal::ConflictOfInterest(kinds) => {
                let chinese = "存在利益冲突，不得委托；可先用利益冲突审查查看说明";
                Self::precondition(ErrorReason::ConflictOfInterest, chinese, english).with("conflicts", kinds)
            }
            Refusal::UnitHasProjects { unit, projects } => {
                let chinese = format!("单位{unit}还有未结束的项目无人承接：{projects}；请指定承接单位");
                Self::precondition(ErrorReason::UnitHasProjects, chinese, english)
                    .with("unit", unit)
                    .with("projects", projects)
            }
            Refusal::UnitHasPolicies { unit, policies } => {
                let chinese = format!("单位{unit}还有未到期的政策无人承接：{policies}；请指定承接单位");
                Self::precondition(ErrorReason::UnitHasPolicies, chinese, english)
                    .with("unit", unit)
                    .with("policies", policies)
            }
            Refusal::UnitChangeInForce { unit_change, effective_date } => {
                let chinese = format!("机构变动“{unit_change}”自{effective_date}起已生效，不能撤回");
                Self::precondition(ErrorReason::UnitChangeInForce, chinese, english)
                    .with("unit_change", unit_change)
                    .with("effective_date", effective_date.to_string())
            }
            Refusal::UnitChangeBuiltUpon(unit_changes) => {
                let chinese = format!("这些单位之后还有变动，请先撤回：{unit_changes}");
                Self::precondition(ErrorReason::UnitChangeBuiltUpon, chinese, english)
                    .with("unit_changes", unit_changes)
            }
            Refusal::UnitInUse(resources) => {
                let chinese = format!("撤回后不再设立的单位已被使用，请先改到其他单位：{resources}");
                Self::precondition(ErrorReason::UnitInUse, chinese, english).with("resources", resources)
            }
            Refusal::UnitChangeOutOfOrder { unit, last } => {
                let chinese = format!("单位{unit}最近一次变动于{last}生效，新的变动须晚于该日");
                Self::precondition(ErrorReason::UnitChangeOutOfOrder, chinese, english)
                    .with("unit", unit)
                    .with("effective_date", last.to_string())
            }
            Refusal::UnitNotInForce { unit, day, successor } => {
                let heir = if successor.is_empty() {
                    String::new()
                } else {
                    format!("，其承接单位为{successor}")
                };
                let chinese = format!("单位{unit}在{day}无效或已定停用{heir}，不能承接项目");
                Self::precondition(ErrorReason::UnitNotInForce, chinese, english)
                    .with("unit", unit)
                    .with("day", day.to_string())
                    .with("successor", successor)
            }
            Refusal::CarryOverExceedsRemainder { project, fiscal_year, amount, remainder } => {
                let chinese = format!(
                    "项目“{project}”从{fiscal_year}年度结转合计{amount}元，超过该年度同一预算、同一来源的{remainder}元"
                );
                Self::precondition(ErrorReason::CarryOverExceedsRemainder, chinese, english)
                    .with("project", project)
                    .with("fiscal_year", fiscal_year.to_string())
                    .with("amount", amount)
                    .with("remainder", remainder)
            }
            Refusal::OpenBudgetUndecided { project, fiscal_year, remaining_amount } => {
                let chinese = format!(
                    "项目“{project}”{fiscal_year}年度还有{remaining_amount}元预算，请收回或说明如何处理"
                );
                Self::precondition(ErrorReason::OpenBudgetUndecided, chinese, english)
                    .with("project", project)
                    .with("fiscal_year", fiscal_year.to_string())
                    .with("remaining_amount", remaining_amount)
            }
            Refusal::MilestonesOpen(milestones) => {
                let chinese = format!("里程碑{milestones}尚未完成，结束计划须说明原因");
                Self::precondition(ErrorReason::MilestonesOpen, chinese, english)
                    .with("milestones", milestones)
            }
        }
    }
}

fn code_taken(field: &'static str, value: String) -> Failure {
    let chinese = format!("“{value}”已被其他对象使用");
    let english = format!("{field} {value:?} belongs to another object");
    Failure::new(Code::AlreadyExists, ErrorReason::CodeTaken, chinese, english)
        .with("field", field)
        .with("value", value)
}

/// Unique keys besides the primary ones, and the field that each keeps unique.
const UNIQUE_KEYS: &[(&str, &str)] = &[
    ("projects_code", "project_code"),
    ("local_project_types_title", "title"),
    ("indicators_code", "code"),
    ("institutions_credit_code", "credit_code"),
    ("budget_entries_source", "source_number"),
    ("budget_entries_reversed", "reversed_entry"),
    ("department_budgets_year", "department"),
    ("units_fiscal_division", "fiscal_division"),
    ("units_own", "kind"),
];

/// What the database says to a write: a unique key that is taken names its field.
pub(crate) fn database(error: sqlx::Error) -> Failure {
    let constraint = error.as_database_error().and_then(|said| said.constraint());
    let field = UNIQUE_KEYS.iter().find(|(key, _)| Some(*key) == constraint).map(|(_, field)| *field);
    match field {
        Some(field) => code_taken(field, String::new()),
        None => error.into(),
    }
}
