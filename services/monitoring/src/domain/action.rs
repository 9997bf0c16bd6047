//! What may be done with a round, a report, an alert or a measure in its state (可办事项). Commands, the list of available
//! actions and the counts of what waits ask the same functions, so that they cannot disagree.

use super::alert::{Alert, AlertState};
use super::measure::{Measure, MeasureState};
use super::refusal::Refusal;
use super::report::{Conclusion, Report, ReportState};
use super::round::{Round, RoundState};

wenxiao_kernel::vocabulary! {
    /// What may be done with a round (任务事项).
    RoundAction {
        /// 修改.
        Update = "update",
        /// 下达.
        Open = "open",
        /// 结束.
        Close = "close",
        /// 会审分工.
        AssignReviewers = "assignReviewers",
        /// 按规则提出处置建议.
        ProposeMeasures = "proposeMeasures",
    }
}

wenxiao_kernel::vocabulary! {
    /// What may be done with a report (监控表事项).
    ReportAction {
        /// 填报.
        Update = "update",
        /// 报送.
        Submit = "submit",
        /// 主管部门审核.
        Endorse = "endorse",
        /// 退回.
        Return = "return",
        /// 终审.
        Accept = "accept",
        /// 记录整改结果.
        ConcludeRectification = "concludeRectification",
        /// 第三方审核.
        CreateOpinion = "createOpinion",
    }
}

wenxiao_kernel::vocabulary! {
    /// What may be done with an alert (预警事项).
    AlertAction {
        /// 接收.
        Acknowledge = "acknowledge",
        /// 答复.
        Answer = "answer",
        /// 办结.
        Close = "close",
    }
}

wenxiao_kernel::vocabulary! {
    /// What may be done with a measure (处置事项).
    MeasureAction {
        /// 决定.
        Decide = "decide",
        /// 解除.
        Lift = "lift",
    }
}

impl ReportAction {
    /// States in which the action is allowed while the round is open.
    pub fn states(self) -> &'static [ReportState] {
        match self {
            Self::Update | Self::Submit => &[ReportState::Draft, ReportState::Returned],
            Self::Endorse => &[ReportState::Submitted],
            Self::Return | Self::Accept | Self::CreateOpinion => {
                &[ReportState::Submitted, ReportState::Endorsed]
            }
            Self::ConcludeRectification => &[ReportState::Accepted],
        }
    }
}

impl AlertAction {
    fn states(self) -> &'static [AlertState] {
        match self {
            Self::Acknowledge => &[AlertState::Open],
            Self::Answer | Self::Close => &[AlertState::Open, AlertState::Acknowledged, AlertState::Answered],
        }
    }
}

impl Round {
    /// Whether the round's state allows it.
    pub fn may(&self, action: RoundAction) -> Result<(), Refusal> {
        let allowed = match action {
            RoundAction::Open => self.state == RoundState::Planned,
            RoundAction::Close => self.state == RoundState::Open,
            RoundAction::Update | RoundAction::AssignReviewers => self.state != RoundState::Closed,
            RoundAction::ProposeMeasures => self.state != RoundState::Planned,
        };
        if allowed { Ok(()) } else { Err(Refusal::RoundNotOpen { state: self.state.as_str() }) }
    }
}

impl Report {
    /// Whether the report's state and its round's allow it.
    pub fn may(&self, action: ReportAction, round: &Round) -> Result<(), Refusal> {
        round.must_be_open()?;
        self.state_allows(action)
    }

    /// Whether the report's own state allows it.
    pub(super) fn state_allows(&self, action: ReportAction) -> Result<(), Refusal> {
        let demanded =
            action != ReportAction::ConcludeRectification || self.conclusion == Some(Conclusion::Rectify);
        if demanded && action.states().contains(&self.state) {
            Ok(())
        } else {
            Err(Refusal::State { state: self.state.as_str(), action: action.as_str() })
        }
    }
}

impl Alert {
    /// Whether the alert's state allows it.
    pub fn may(&self, action: AlertAction) -> Result<(), Refusal> {
        if action.states().contains(&self.state) {
            Ok(())
        } else {
            Err(Refusal::State { state: self.state.as_str(), action: action.as_str() })
        }
    }
}

impl Measure {
    /// Whether the measure's state allows it.
    pub fn may(&self, action: MeasureAction) -> Result<(), Refusal> {
        let state = match action {
            MeasureAction::Decide => MeasureState::Proposed,
            MeasureAction::Lift => MeasureState::InForce,
        };
        if self.state == state {
            Ok(())
        } else {
            Err(Refusal::State { state: self.state.as_str(), action: action.as_str() })
        }
    }
}
