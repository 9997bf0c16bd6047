//! Failures of the domain as published reasons.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_kernel::Grade;
use wenxiao_platform::{Failure, FieldViolation};

use crate::domain::compare::FieldChange;
use crate::domain::conflict::Conflict;
use crate::domain::form::Remark;
use crate::domain::objective::State;
use crate::domain::opinion::TemplateFault;
use crate::domain::session::SessionRefusal;
use crate::domain::window::Filing;
use crate::domain::workflow::Refusal;

/// Why a step of `resource` is not taken.
pub fn refused(refusal: Refusal, resource: &str) -> Failure {
    let failure = match refusal {
        Refusal::State(state) => return state_not_allowed(resource, state),
        Refusal::Office => Failure::new(
            Code::PermissionDenied,
            ErrorReason::PermissionDenied,
            "绩效目标目前不在您的审核环节",
            "the objective does not lie with your office now",
        ),
        Refusal::OwnWork => Failure::new(
            Code::PermissionDenied,
            ErrorReason::OwnWorkReviewed,
            "不能审核、批复本人报送的绩效目标",
            "nobody reviews or ratifies what they submitted themselves",
        ),
        Refusal::Filing(filing) => not_the_time(filing),
        Refusal::Form(remarks) => form_invalid(&remarks),
        Refusal::Locked(changes) => locked(&changes),
        Refusal::RemarksOpen(ids) => Failure::precondition(
            ErrorReason::RemarksOpen,
            format!("还有{}条必须修改的意见没有销号", ids.len()),
            format!("{} remark(s) that must be corrected are still open", ids.len()),
        )
        .with("remarks", ids.join(",")),
        Refusal::NoSuchRemarks(ids) => {
            let violation = |id: &String| {
                let chinese = format!("没有未销号的意见“{id}”，或该意见由其他环节提出");
                FieldViolation::new("remark_ids", chinese, format!("{id} is no open remark of this desk"))
            };
            return Failure::invalid(ids.iter().map(violation).collect());
        }
        Refusal::NothingChanged => Failure::new(
            Code::InvalidArgument,
            ErrorReason::NothingChanged,
            "调整前后的目标和金额没有变化",
            "the adjustment changes neither the form nor the amount",
        ),
        Refusal::ReasonMissing { recommended } => Failure::new(
            Code::InvalidArgument,
            ErrorReason::DecisionReasonMissing,
            "此项决定必须填写理由",
            "this decision needs a reason",
        )
        .with("recommended_grade", recommended.map_or("", Grade::as_str)),
        Refusal::NegativeAmount => {
            return Failure::invalid_field("ratified_amount", "批复金额不能为负数", "must not be negative");
        }
    };
    failure.with("resource", resource)
}

/// The state of an objective does not allow a step.
pub fn state_not_allowed(resource: &str, state: State) -> Failure {
    Failure::precondition(
        ErrorReason::StateNotAllowed,
        format!("绩效目标处于“{}”状态，不能执行此操作", state.chinese()),
        format!("the objective is in state {}, which does not allow this", state.as_str()),
    )
    .with("resource", resource)
    .with("state", state.as_str())
}

fn not_the_time(filing: Filing) -> Failure {
    let closed = |chinese: String, english: String| {
        Failure::precondition(ErrorReason::FilingWindowClosed, chinese, english)
    };
    match filing {
        Filing::From(day) => {
            closed(format!("申报期自{day}开始"), format!("the filing window opens on {day}"))
                .with("open_date", day.to_string())
        }
        Filing::Over(day) => closed(
            format!("申报期已于{day}截止，如需补报请联系财政部门延期"),
            format!("the filing window ended on {day}; the finance bureau can extend it for the unit"),
        )
        .with("due_date", day.to_string()),
        Filing::Unbound | Filing::Until(_) => Failure::internal("a refusal of what is in time"),
    }
}

/// Everything that was changed and not unlocked.
fn locked(changes: &[FieldChange]) -> Failure {
    let violation = |change: &FieldChange| {
        let place = place_of(&change.field, &change.indicator_id);
        FieldViolation::new(place, "退回时未要求修改此处", "the return did not unlock this")
    };
    Failure::precondition(
        ErrorReason::ObjectiveFieldLocked,
        format!("有{}处修改超出了退回时解锁的范围", changes.len()),
        format!("{} change(s) go beyond what the return unlocked", changes.len()),
    )
    .with_violations(changes.iter().map(violation).collect())
}

fn form_invalid(remarks: &[Remark]) -> Failure {
    let violations = remarks.iter().map(|remark| {
        FieldViolation::new(
            place_of(&remark.field, &remark.indicator_id),
            remark.text.clone(),
            broken_rule(&remark.rule),
        )
    });
    Failure::precondition(
        ErrorReason::ObjectiveFormInvalid,
        format!("申报表有{}处必须修改", remarks.len()),
        format!("the form breaks {} rule(s); PrecheckObjective lists all", remarks.len()),
    )
    .with_violations(violations.collect())
}

/// Where something belongs in the objective, rows by their identifier: `objective.content.indicators[q1].weight`.
fn place_of(field: &str, indicator_id: &str) -> String {
    match field.strip_prefix("indicators") {
        Some(below) if !indicator_id.is_empty() => {
            format!("objective.content.indicators[{indicator_id}]{below}")
        }
        _ => format!("objective.content.{field}"),
    }
}

/// What a rule that stops a submission asks for; a person's remark has no rule.
fn broken_rule(rule: &str) -> String {
    let text = match rule {
        "completeness.annual_goal" => "the goal of the year is missing",
        "completeness.indicators" => "there is no indicator",
        "completeness.profile" => "the department's profile is missing",
        "completeness.annual_funding" => "the funding of the year is missing",
        "dates.order" => "the planned end lies before the planned start",
        "money.negative" => "an amount is negative",
        "money.sum" => "the parts do not add up to the total",
        "money.printed" => "the total is not the amount as printed",
        "levels.level1" => "the year's frame has no such level-1 indicator",
        "levels.level2" => "the level-2 indicator does not belong to the level-1 indicator",
        "indicator.id_unique" => "two indicators have this identifier",
        "indicator.title" => "the title is missing",
        "indicator.level1" => "the level-1 indicator is missing",
        "indicator.operator" => "the operator is missing",
        "indicator.unit" => "a quantitative indicator needs a unit",
        "operator.cost_direction" => "a cost that must reach a minimum rewards spending",
        "value.missing" => "the target value is missing",
        "value.needs_number" => "the target value of a quantitative indicator is not a number",
        "value.needs_range" => "a range needs a lower and an upper bound",
        "value.needs_text" => "the target value of a qualitative indicator is not a text",
        "value.range_reversed" => "the lower bound exceeds the upper one",
        "value.satisfaction_range" => "satisfaction lies outside 0 to 100 percent",
        "weights.total" => "the rules do not allow this total of weights",
        "weights.missing" => "the weight is missing",
        "weights.bounds" => "the weight is not above 0 and up to the total",
        "weights.sum" => "the weights do not add up to the total",
        "weights.goal_sum" => "the weights under a goal do not add up to its weight",
        "weights.goal" => "the indicator belongs to no goal of the form",
        rule => return broken_wish(rule),
    };
    text.to_owned()
}

/// The same for rules that stop a submission only where a district made them do so.
fn broken_wish(rule: &str) -> String {
    let text = match rule {
        "completeness.whole_life" => "a project of several years needs its whole goal and money",
        "dates.out_of_year" => "the project's time does not touch the budget year",
        "money.annual_whole" => "the year's money is not below that of the whole life",
        "levels.required" => "an indicator that the frame asks for is missing",
        "levels.cost_missing" => "works and purchases need a cost indicator",
        "levels.satisfaction_recipient" => "it is not said whose satisfaction it is",
        "levels.satisfaction_missing" => "there are recipients and nobody asks whether they are satisfied",
        "levels.quantity_quality" => "quantity or quality is missing",
        "levels.placement" => "the indicator stands under the wrong level-2 indicator",
        "indicator.duplicate" => "the indicator is there twice",
        "operator.negative_direction" => "less would be better, and a minimum is asked for",
        "operator.satisfaction_direction" => "satisfaction has a maximum",
        "value.rate_range" => "a rate is above 100 percent",
        "value.fraction" => "a fraction stands where percent are meant",
        "value.negative" => "the value is negative",
        "value.completion_text" => "something countable is only said to be done",
        "value.date_out_of_year" => "the value names another year",
        "value.annual_whole" => "the year's value is not below that of the whole life",
        "value.false_quantification" => "a number stands for words that cannot be counted",
        "value.no_standard" => "a qualitative indicator needs a standard",
        "value.vague" => "neither value nor standard say what is meant",
        "unit.mismatch" => "the unit does not fit the value or the title",
        "unit.mixed" => "sums stand in 元 and in 万元",
        "volume.no_quantity" => "money is planned and no quantity",
        "volume.unit_cost" => "the cost of one unit is implausible",
        "volume.cost_standard" => "the money is more than the standard times the quantity",
        "goal.other_year" => "the goal is of another year",
        "goal.figure_missing" => "no indicator has a figure of the goal",
        "goal.figure_differs" => "goal and indicator have different figures",
        "goal.vague" => "the goal cannot be measured",
        rule => rule,
    };
    text.to_owned()
}

/// Why a session does not take something about `resource`.
pub fn session_refused(refusal: SessionRefusal, resource: &str) -> Failure {
    let failure = match refusal {
        SessionRefusal::Closed => Failure::precondition(
            ErrorReason::StateNotAllowed,
            "会审已经结束",
            "the review session is closed",
        )
        .with("state", "closed"),
        SessionRefusal::EngagementPurpose => Failure::precondition(
            ErrorReason::InstitutionConflict,
            "该委托不是绩效目标审核委托，不能用于集中会审",
            "the engagement is not one for target review",
        )
        .with("rule", "engagement.purpose"),
        SessionRefusal::FiscalYear => Failure::invalid_field(
            "objectives",
            format!("“{resource}”不属于该会审的预算年度"),
            format!("{resource} is of another budget year than the session"),
        ),
        SessionRefusal::ObjectiveState(state) => return state_not_allowed(resource, state),
        SessionRefusal::VersionStale { submitted } => Failure::precondition(
            ErrorReason::OpinionVersionStale,
            "绩效目标已重新报送，原分配的版本不再审核",
            "the objective has been submitted again since it was assigned",
        )
        .with("version", submitted.to_string()),
        SessionRefusal::Incomplete { missing } => Failure::precondition(
            ErrorReason::ReviewIncomplete,
            format!("还有{missing}个绩效目标缺少审核意见或合议意见"),
            format!("{missing} assignment(s) lack an opinion, or a reconciled one"),
        )
        .with("missing", missing.to_string()),
        SessionRefusal::NothingToReconcile => Failure::precondition(
            ErrorReason::ReviewIncomplete,
            "审核人尚未全部提出个人意见，不能合议",
            "not every reviewer has given an opinion of their own",
        ),
    };
    failure.with("resource", resource)
}

/// An institution does not get a unit's form.
pub fn conflict(conflict: &Conflict, institution: &str, unit: &str) -> Failure {
    let (chinese, english) = match conflict {
        Conflict::Principal => {
            ("该单位是第三方机构的委托方，应当回避", "the unit is the institution's principal")
        }
        Conflict::Assisted => ("该机构辅导过该单位，应当回避", "the institution has assisted the unit"),
    };
    Failure::precondition(ErrorReason::InstitutionConflict, chinese, english)
        .with("institution", institution)
        .with("unit", unit)
        .with("rule", conflict.rule())
}

/// How an opinion does not fit its template, all of it.
pub fn template_mismatch(faults: &[TemplateFault]) -> Failure {
    let violations = faults.iter().map(|fault| {
        let (field, chinese, english) = match fault {
            TemplateFault::Missing(item) => {
                (item, "缺少该项评分".to_owned(), "the item has no score".to_owned())
            }
            TemplateFault::Unknown(item) => (item, "审核表没有该项".to_owned(), "no such item".to_owned()),
            TemplateFault::Twice(item) => (item, "该项重复".to_owned(), "the item is there twice".to_owned()),
            TemplateFault::OutOfBounds { item, points } => {
                (item, format!("得分应在0到{points}之间"), format!("must be from 0 to {points}"))
            }
            TemplateFault::UnknownProblemItem(item) => (
                item,
                "问题所属的审核项不存在".to_owned(),
                "a problem names no item of the template".to_owned(),
            ),
        };
        FieldViolation::new(format!("review_opinion.items.{field}"), chinese, english)
    });
    Failure::invalid(violations.collect())
}
