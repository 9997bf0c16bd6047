//! Failures of the domain as published reasons.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_kernel::Grade;
use wenxiao_platform::{Failure, FieldViolation};

use crate::domain::conflict::Conflict;
use crate::domain::form::Remark;
use crate::domain::objective::State;
use crate::domain::opinion::TemplateFault;
use crate::domain::session::SessionRefusal;
use crate::domain::workflow::Refusal;

/// How many faults of a form the message spells out; PrecheckObjective lists all.
const SPELLED_OUT: usize = 20;

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
        Refusal::Form(remarks) => form_invalid(&remarks),
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

fn form_invalid(remarks: &[Remark]) -> Failure {
    let spelled = remarks.iter().take(SPELLED_OUT).map(|remark| {
        let place = if remark.indicator_id.is_empty() { &remark.field } else { &remark.indicator_id };
        format!("[{place}] {}", remark.text)
    });
    let listed = spelled.collect::<Vec<_>>().join("；");
    let rules =
        remarks.iter().take(SPELLED_OUT).map(|remark| remark.rule.as_str()).collect::<Vec<_>>().join(", ");
    Failure::precondition(
        ErrorReason::ObjectiveFormInvalid,
        format!("申报表有{}处必须修改：{listed}", remarks.len()),
        format!("the form breaks {} rule(s): {rules}; PrecheckObjective lists all", remarks.len()),
    )
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
            format!("还有{missing}个绩效目标没有审核意见"),
            format!("{missing} assignment(s) have no opinion yet"),
        )
        .with("missing", missing.to_string()),
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
