//! What the rules refuse, as the contract publishes it.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_platform::Failure;
use wenxiao_platform::failure::FieldViolation;

use crate::domain::Failure as Refusal;
use crate::domain::self_evaluation::{Departure, DepartureKind};

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let english = refusal.to_string();
        let say = |reason, chinese: String| Self::precondition(reason, chinese, english.clone());
        let wrong =
            |reason, chinese: String| Self::new(Code::InvalidArgument, reason, chinese, english.clone());
        match refusal {
            Refusal::StateNotAllowed { state } => {
                say(ErrorReason::StateNotAllowed, format!("当前状态（{state}）不允许此操作"))
                    .with("state", state)
            }
            Refusal::Incomplete { missing } => incomplete(&missing, english),
            Refusal::ScoreOutOfBand { indicator, lowest, highest } => {
                say(ErrorReason::ScoreOutOfBand, format!("“{indicator}”的得分应在{lowest}至{highest}之间"))
                    .with("indicator", indicator)
                    .with("lowest", lowest.to_string())
                    .with("highest", highest.to_string())
            }
            Refusal::UnknownPart { code } => {
                wrong(ErrorReason::UnknownPart, format!("没有“{code}”")).with("code", code)
            }
            Refusal::AdviceOnly { participant } => {
                say(ErrorReason::AdviceOnly, "人大代表、政协委员提出建议，不评分".to_owned())
                    .with("participant", participant)
            }
            Refusal::FrameworkPoints { sum, required } => {
                wrong(ErrorReason::FrameworkPoints, format!("分值合计{sum}，应为{required}"))
                    .with("sum", sum.to_string())
                    .with("required", required.to_string())
            }
            Refusal::GoalPoints { goal, sum, required } => wrong(
                ErrorReason::FrameworkPoints,
                format!("年度绩效目标{goal}的指标分值合计{sum}，应为{required}"),
            )
            .with("goal", goal.to_string())
            .with("sum", sum.to_string())
            .with("required", required.to_string()),
            Refusal::ObjectiveDiffers { version, departures } => wrong(
                ErrorReason::ObjectiveVersionDiffers,
                format!("自评表与批复的绩效目标（第{version}版）有{}处不一致", departures.len()),
            )
            .with("version", version.to_string())
            .with_violations(departures.iter().map(violation).collect()),
            Refusal::ObjectiveOutdated { noted, in_force } => say(
                ErrorReason::ObjectiveVersionOutdated,
                format!(
                    "年末执行的绩效目标是第{in_force}版，自评表依据的是第{noted}版，请先更新自评表再提交"
                ),
            )
            .with("version", noted.to_string())
            .with("version_in_force", in_force.to_string()),
            Refusal::ObjectiveCurrent { version } => {
                say(ErrorReason::ObjectiveVersionCurrent, "自评表已是年末执行的绩效目标，无需更新".to_owned())
                    .with("version", version.to_string())
            }
            Refusal::AmountNotAllowed { requested, given } => {
                wrong(ErrorReason::AmountNotAllowed, format!("金额{given}元与申请的{requested}元及结论不符"))
                    .with("requested", requested.to_string())
                    .with("given", given.to_string())
            }
            Refusal::OverrideReasonRequired { hint, strength } => {
                say(ErrorReason::OverrideReasonRequired, "与挂钩建议不一致，须说明理由".to_owned())
                    .with("hint", hint)
                    .with("strength", strength)
            }
            Refusal::HardBlock { hint } => Self::new(
                Code::PermissionDenied,
                ErrorReason::HardBlock,
                "此项建议须由财政局领导决定突破",
                english,
            )
            .with("hint", hint),
            Refusal::NotOverdue { due_date } => {
                say(ErrorReason::NotOverdue, format!("整改期限为{due_date}，尚未逾期"))
                    .with("due_date", due_date)
            }
            Refusal::TaskClosed { task } => {
                say(ErrorReason::EvaluationTaskClosed, "自评任务已结束".to_owned()).with("task", task)
            }
            Refusal::RulesMissing { section } => {
                say(ErrorReason::EvaluationRulesMissing, format!("没有现行规则：{section}"))
                    .with("section", section)
            }
            Refusal::FindingNotDemandable { finding } => {
                say(ErrorReason::FindingNotDemandable, "问题不是待整改状态，或不属于该单位".to_owned())
                    .with("finding", finding)
            }
            Refusal::DeductionReasonRequired { code } => {
                wrong(ErrorReason::DeductionReasonRequired, format!("“{code}”扣分须说明理由和依据"))
                    .with("code", code)
            }
            Refusal::ConflictOfInterest { party, kind } => {
                say(ErrorReason::ConflictOfInterest, "存在利益冲突，应当回避".to_owned())
                    .with("party", party)
                    .with("kind", kind)
            }
            Refusal::Invalid { field, message } => {
                Self::invalid_field(field, format!("内容不正确：{message}"), message)
            }
        }
    }
}

/// The reason with the first of what is missing; a form can miss a hundred values.
fn incomplete(missing: &[String], english: String) -> Failure {
    let shown: Vec<&str> = missing.iter().take(20).map(String::as_str).collect();
    Failure::precondition(
        ErrorReason::EvaluationIncomplete,
        format!("有{}处未填写：{}", missing.len(), shown.join("、")),
        english,
    )
    .with("missing", shown.join(","))
}

/// Where a form departs from the objective, with what was ratified.
fn violation(departure: &Departure) -> FieldViolation {
    let Departure { field, indicator, kind } = departure;
    let (chinese, english) = match kind {
        DepartureKind::Missing => {
            (format!("缺少批复的指标“{indicator}”"), format!("ratified indicator {indicator} is missing"))
        }
        DepartureKind::Unknown => {
            (format!("批复的目标没有指标“{indicator}”"), format!("no indicator {indicator} was ratified"))
        }
        DepartureKind::Repeated => {
            (format!("指标“{indicator}”重复"), format!("indicator {indicator} is there twice"))
        }
        DepartureKind::Method => (
            format!("指标“{indicator}”不能按此方式评分"),
            format!("indicator {indicator} is not scored that way"),
        ),
        DepartureKind::Other { ratified } if indicator.is_empty() || ratified.is_empty() => {
            ("与批复的目标不一致".to_owned(), "not what was ratified".to_owned())
        }
        DepartureKind::Other { ratified } => {
            let ratified: String = ratified.chars().take(60).collect();
            (
                format!("指标“{indicator}”批复为“{ratified}”"),
                format!("{indicator} was ratified as {ratified}"),
            )
        }
    };
    FieldViolation::new(format!("self_evaluation.{field}"), chinese, english)
}
