//! What the domain refuses, as published reasons.

use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_platform::{Failure, FieldViolation};

use crate::domain::refusal::{Missing, Refusal};

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let english = refusal.to_string();
        let because = |reason, chinese: &str| Self::precondition(reason, chinese, english.clone());
        match refusal {
            Refusal::State { state, action } => {
                because(ErrorReason::StateNotAllowed, "当前状态不能执行此操作")
                    .with("state", state)
                    .with("action", action)
            }
            Refusal::RoundNotOpen { state } => {
                because(ErrorReason::RoundNotOpen, "监控任务未下达或已结束").with("state", state)
            }
            Refusal::RoundEmpty => because(ErrorReason::RoundEmpty, "监控范围内没有已批复绩效目标的对象"),
            Refusal::Incomplete(missing) => {
                let chinese = format!("监控表有{}处未填写", missing.len());
                because(ErrorReason::ReportIncomplete, &chinese).with_violations(violations(missing))
            }
            Refusal::Unfit(unfit) => Self::invalid(violations(unfit)),
            Refusal::ReviewerNotAssigned(institution) => {
                because(ErrorReason::ReviewerNotAssigned, "该监控表没有分给此机构审核")
                    .with("institution", institution)
            }
            Refusal::ReviewerOverlap(subject) => {
                because(ErrorReason::ReviewerOverlap, "同一部门不能由两家机构审核").with("resource", subject)
            }
            Refusal::ReductionExceedsBudget { amount, budget } => {
                because(ErrorReason::ReductionExceedsBudget, "调减金额超过调整后预算数")
                    .with("amount", amount.yuan().to_string())
                    .with("budget", budget.yuan().to_string())
            }
            Refusal::MeasureUnfit(subject) => {
                because(ErrorReason::MeasureUnfit, "此项处置只适用于项目").with("subject", subject)
            }
            Refusal::MeasureExists(subject) => {
                because(ErrorReason::MeasureExists, "同一处置已经提出或正在执行").with("resource", subject)
            }
            Refusal::NothingToOverride(subject) => {
                because(ErrorReason::NothingToOverride, "没有需要例外批准的限制").with("subject", subject)
            }
            Refusal::NotOverridable { subject, ground } => {
                because(ErrorReason::BlockNotOverridable, "硬性限制不能例外，只能先解除处置")
                    .with("subject", subject)
                    .with("ground", ground)
            }
            Refusal::RulesMissing(year) => {
                because(ErrorReason::MonitoringRulesMissing, "该年度没有生效的监控规则")
                    .with("fiscal_year", year.to_string())
            }
            Refusal::MilestonesUnordered => Self::new(
                tonic::Code::InvalidArgument,
                ErrorReason::MilestonesUnordered,
                "工程节点须按日期排列，累计比例在0至1之间且不得下降",
                english,
            ),
        }
    }
}

fn violations(missing: Vec<Missing>) -> Vec<FieldViolation> {
    missing.into_iter().map(|one| FieldViolation::new(one.field, one.chinese, one.english)).collect()
}
