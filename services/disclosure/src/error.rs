//! Failures of the domain as published reasons.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_platform::Failure;

use crate::domain::Refusal;
use crate::domain::words::{Audience, Word};

/// Why a step of `resource` is not taken.
pub fn refused(refusal: Refusal, resource: &str) -> Failure {
    match refusal {
        Refusal::State { state } => Failure::precondition(
            ErrorReason::StateNotAllowed,
            "当前状态不能执行此操作",
            format!("the object is in state {state}, which does not allow this"),
        )
        .with("resource", resource)
        .with("state", state),
        Refusal::Field { field, problem } => Failure::invalid_field(field, chinese_problem(problem), problem),
        Refusal::OwnProposal => Failure::new(
            Code::PermissionDenied,
            ErrorReason::OwnProposal,
            "不能审定本人提出的公开决定",
            "nobody approves a decision that they proposed themselves",
        )
        .with("resource", resource),
        Refusal::Secret { subject, audience } => Failure::precondition(
            ErrorReason::SubjectSecret,
            format!("该事项的密级不允许向{}公开", audience.chinese()),
            format!("the subject is too secret for {}", audience.as_str()),
        )
        .with("resource", subject)
        .with("audience", audience.as_str()),
        Refusal::NotApproved { decision, audience } => not_approved(decision, audience),
        Refusal::AudienceNotAllowed(audience) => Failure::precondition(
            ErrorReason::AudienceNotAllowed,
            format!("此类公开不面向{}", audience.chinese()),
            format!("this kind of publication does not go to {}", audience.as_str()),
        )
        .with("audience", audience.as_str()),
        Refusal::DocumentKindNotAllowed(kind) => Failure::precondition(
            ErrorReason::AudienceNotAllowed,
            format!("此类公开不包含{}", kind.chinese()),
            format!("this kind of publication does not hold {}", kind.as_str()),
        )
        .with("document_kind", kind.as_str()),
        Refusal::Empty => Failure::precondition(
            ErrorReason::PublicationEmpty,
            "没有可公开的文件",
            "a publication without documents cannot be published",
        )
        .with("resource", resource),
        Refusal::NotFinal { subject, state } => Failure::precondition(
            ErrorReason::SubjectNotFinal,
            "该事项尚未定稿，属于过程性信息",
            format!("the subject is in state {state} and not final"),
        )
        .with("resource", subject)
        .with("state", state),
    }
}

fn not_approved(decision: String, audience: Audience) -> Failure {
    Failure::precondition(
        ErrorReason::DisclosureNotApproved,
        format!("没有审定的公开决定允许向{}公开该文件", audience.chinese()),
        format!("no approved decision lets the document go to {}", audience.as_str()),
    )
    .with("resource", decision)
    .with("audience", audience.as_str())
}

fn chinese_problem(problem: &str) -> &'static str {
    match problem {
        "the subject has no such document" => "该事项没有此类文件",
        "withholding needs a reason" => "不公开须填写理由",
        "the subject belongs to no unit" => "该事项没有所属单位，须指定被通知单位",
        "no rule knows this kind" => "规则中没有此类公开",
        _ => "不符合要求",
    }
}
